// Makes the indexes the models declare and then looks whether they are really there: on the unique ones
// rests that nothing is handled twice, so without them the program must not run.
import { isDeepStrictEqual } from 'node:util';
import type { IndexDefinition, IndexOptions } from 'mongoose';
import { isDuplicate } from './failure.ts';
import { COLLECTIONS, type CollectionName, type Models, plain } from './models.ts';

export interface MissingIndex {
  readonly collection: string;
  readonly index: string;
  readonly keys: Readonly<Record<string, unknown>>;
  readonly why: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

export class StoreSetupError extends Error {
  readonly code = 'store_setup';
  readonly missing: readonly MissingIndex[];
  constructor(missing: readonly MissingIndex[]) {
    const lines = missing.map(
      ({ collection, index, keys, why, remedy }) =>
        `  ${collection}.${index} ${JSON.stringify(keys)}: ${why}. ${remedy}.`,
    );
    super(`the database lacks indexes this program cannot run without:\n${lines.join('\n')}`, {
      cause: missing.find(({ cause }) => cause !== undefined)?.cause,
    });
    this.name = 'StoreSetupError';
    this.missing = missing;
  }
}

export interface DeclaredIndex {
  readonly collection: CollectionName;
  readonly name: string;
  readonly keys: IndexDefinition;
  readonly options: IndexOptions;
}

export function declaredIndexes(models: Models): readonly DeclaredIndex[] {
  return COLLECTIONS.flatMap((collection) =>
    models[collection].schema.indexes().map(([keys, { background: _background, ...options }]) => ({
      collection,
      keys,
      options,
      name: options.name ?? '',
    })),
  );
}

export async function ensureIndexes(models: Models): Promise<void> {
  const missing: MissingIndex[] = [];
  for (const declared of declaredIndexes(models)) {
    const fault = await ensure(models, declared);
    if (fault) missing.push(fault);
  }
  if (missing.length > 0) throw new StoreSetupError(missing);
}

async function ensure(models: Models, declared: DeclaredIndex): Promise<MissingIndex | undefined> {
  const { collection, name } = declared;
  const documents = plain<object>(models[collection] as never);
  const keys = declared.keys as Record<string, 1 | -1>;
  const missing = (why: string, remedy: string, cause?: unknown): MissingIndex => ({
    collection,
    index: name,
    keys,
    why,
    remedy,
    ...(cause !== undefined && { cause }),
  });
  try {
    await documents.createIndex(keys, declared.options as object);
  } catch (error) {
    if (isDuplicate(error))
      return missing(
        'it must be unique, but documents with the same values of these fields are there',
        `Look for them in the collection ${collection}, keep one of each, and start again`,
        error,
      );
    if (!CONFLICTS.includes(codeOf(error))) throw error;
    return missing(
      'an index with this name or these keys is there, but it is not the one declared',
      `Drop it from the collection ${collection} (nothing else is lost by that) and start again: it is made anew`,
      error,
    );
  }
  const there = (await documents.listIndexes().toArray()).find((index) => index.name === name);
  if (there && isAsDeclared(there, declared)) return undefined;
  return missing(
    there
      ? 'it is there, but not as declared'
      : 'the database took the order to make it, but does not list it',
    `Drop it from the collection ${collection} if it is there, and start again`,
  );
}

/** IndexOptionsConflict, IndexKeySpecsConflict, and the answer to a key that exists with other options. */
const CONFLICTS: readonly unknown[] = [85, 86];

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isAsDeclared(there: Record<string, unknown>, { keys, options }: DeclaredIndex): boolean {
  return (
    isDeepStrictEqual(Object.entries(there.key as object), Object.entries(keys)) &&
    (there.unique === true) === (options.unique === true) &&
    (there.sparse === true) === (options.sparse === true) &&
    isDeepStrictEqual(there.expireAfterSeconds, options.expireAfterSeconds) &&
    isDeepStrictEqual(
      { ...(there.partialFilterExpression ?? {}) },
      { ...(options.partialFilterExpression ?? {}) },
    )
  );
}
