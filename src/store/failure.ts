// Reads the driver's errors for the repositories: what failed, not what to do about it.
import mongoose from 'mongoose';

const { BSON, MongoServerError, MongoBulkWriteError, MongoInvalidArgumentError } = mongoose.mongo;

const DUPLICATE_KEY = 11_000;
const TOO_LARGE = 10_334;

export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Runs it; false when a document with the same unique key stands already. */
export async function isNew(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Which of an unordered insert's documents stood already; anything else that went wrong is thrown. */
export function duplicatesOf(error: unknown, size: number): ReadonlySet<number> {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const faults = [error.writeErrors].flat();
  const accounted = error.insertedCount + faults.length === size;
  if (
    !accounted ||
    error.result.getWriteConcernError() ||
    faults.some((fault) => fault.code !== DUPLICATE_KEY)
  )
    throw error;
  return new Set(faults.map((fault) => fault.index));
}

/** What was asked to be written cannot be: too large, or not to be put in BSON. Nothing of it was sent. */
export function isUnfit(error: unknown): boolean {
  return (
    error instanceof BSON.BSONError ||
    error instanceof MongoInvalidArgumentError ||
    error instanceof RangeError ||
    (error instanceof MongoServerError && error.code === TOO_LARGE)
  );
}
