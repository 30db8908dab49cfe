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

/** The server gave no answer: what was asked may be done or not, and nothing is wrong with it. */
export class StoreUnreachable extends Error {
  constructor(cause: unknown) {
    super('the store did not answer', { cause });
    this.name = 'StoreUnreachable';
  }
}

/** Which of an unordered insert's documents stood already; anything else that went wrong is thrown. */
export function duplicatesOf(error: unknown, size: number): ReadonlySet<number> {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  // The driver calls it a failed bulk write even where no server was reached; a server's refusal has a code.
  if (error.code === undefined) throw new StoreUnreachable(error);
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
