// A database in memory with MongoDB's promises as far as the store's repositories lean on them: every write of one
// document at once, unique indexes exactly where the schemas declare them, versions compared where the filter asks.
// It knows neither instances nor faults: what reaches it happens.
import type mongoose from 'mongoose';
import { copy, type Doc, matches, updated, valuesAt } from './match.ts';

type Fields = Readonly<Record<string, unknown>>;
export type Sort = Readonly<Record<string, 1 | -1>>;

/** As a schema declares it. */
export interface Index {
  readonly fields: readonly string[];
  readonly name: string;
  readonly unique: boolean;
}

export interface Written {
  readonly table: string;
  readonly before: Doc | undefined;
  readonly after: Doc | undefined;
}

interface Hash extends Index {
  readonly buckets: Map<string, Set<string>>;
}

export class Table {
  readonly docs = new Map<string, Doc>();
  readonly #hashes: Hash[];
  readonly name: string;
  readonly #database: Database;

  constructor(name: string, indexes: readonly Index[], database: Database) {
    this.name = name;
    this.#database = database;
    // Each unique key, and the first field of every index to find by.
    const wanted = new Map<string, Index>();
    for (const index of indexes) {
      const first = index.fields[0]!;
      if (index.unique) wanted.set(`${index.fields.join()}!`, index);
      else if (!wanted.has(first)) wanted.set(first, { fields: [first], name: index.name, unique: false });
    }
    this.#hashes = [...wanted.values()].map((index) => ({ ...index, buckets: new Map() }));
  }

  /** One write: before it or after it, never between. Throws where a unique key is taken. */
  write(before: Doc | undefined, after: Doc | undefined): void {
    const id = (after ?? before)!._id;
    if (!before && this.docs.has(id)) throw this.#database.duplicate(this.name, '_id', id);
    const moves: [Hash, string[], string[]][] = [];
    for (const hash of this.#hashes) {
      const old = before ? keysOf(before, hash.fields) : [];
      const now = after ? keysOf(after, hash.fields) : [];
      if (old.length === now.length && old.every((key, at) => key === now[at])) continue;
      if (hash.unique) {
        for (const key of now) {
          const holder = hash.buckets.get(key);
          if (holder && !holder.has(id)) throw this.#database.duplicate(this.name, hash.name, key);
        }
      }
      moves.push([hash, old, now]);
    }
    for (const [hash, old, now] of moves) {
      for (const key of old) {
        const bucket = hash.buckets.get(key);
        bucket?.delete(id);
        if (bucket?.size === 0) hash.buckets.delete(key);
      }
      for (const key of now) {
        const bucket = hash.buckets.get(key);
        if (bucket) bucket.add(id);
        else hash.buckets.set(key, new Set([id]));
      }
    }
    if (after) this.docs.set(id, after);
    else this.docs.delete(id);
    this.#database.onWrite?.({ table: this.name, before, after });
  }

  *found(filter: Fields): Generator<Doc> {
    const { _id: id } = filter;
    if (typeof id === 'string') {
      const doc = this.docs.get(id);
      if (doc && matches(doc, filter)) yield doc;
      return;
    }
    const listed = (id as { $in?: readonly string[] } | undefined)?.$in;
    const ids = listed ?? this.#candidates(filter);
    if (!ids) {
      for (const doc of this.docs.values()) if (matches(doc, filter)) yield doc;
      return;
    }
    // A list of ids gives documents in the index's order, never in the list's.
    for (const one of listed ? [...listed].sort() : [...ids]) {
      const doc = this.docs.get(one);
      if (doc && matches(doc, filter)) yield doc;
    }
  }

  #candidates(filter: Fields): Iterable<string> | undefined {
    let best: Set<string> | undefined;
    for (const hash of this.#hashes) {
      let key = '';
      let fits = true;
      for (const field of hash.fields) {
        const wanted = filter[field];
        if (typeof wanted !== 'string') {
          fits = false;
          break;
        }
        key = key === '' && hash.fields[0] === field ? wanted : `${key}\0${wanted}`;
      }
      if (!fits) continue;
      const bucket = hash.buckets.get(key) ?? NONE;
      if (!best || bucket.size < best.size) best = bucket;
    }
    return best;
  }

  first(filter: Fields, sort?: Sort): Doc | undefined {
    if (sort) return this.select(filter, sort, 1)[0];
    for (const doc of this.found(filter)) return doc;
    return undefined;
  }

  select(filter: Fields, sort: Sort | undefined, limit: number): Doc[] {
    const all = [...this.found(filter)];
    if (sort) {
      const fields = Object.entries(sort);
      all.sort((one, other) => {
        for (const [field, direction] of fields) {
          const [a, b] = [one[field] as number, other[field] as number];
          if (a !== b) return a === undefined || a < b ? -direction : direction;
        }
        return 0;
      });
    }
    return all.length > limit ? all.slice(0, limit) : all;
  }
}

const NONE: Set<string> = new Set();

/** A document without the field stands in no sparse index; a list stands in it once for each of its own. */
function keysOf(doc: Doc, fields: readonly string[]): string[] {
  const [only] = fields;
  if (fields.length === 1) return valuesAt(doc, only!).flat().map(String);
  const parts: string[] = [];
  for (const field of fields) {
    const value = doc[field] ?? valuesAt(doc, field)[0];
    parts.push(value === undefined ? '' : String(value));
  }
  return [parts.join('\0')];
}

type Mongo = typeof mongoose.mongo;

export class Database {
  readonly tables = new Map<string, Table>();
  onWrite: ((written: Written) => void) | undefined;
  readonly #mongo: Mongo;

  constructor(indexes: ReadonlyMap<string, readonly Index[]>, mongo: Mongo) {
    this.#mongo = mongo;
    for (const [name, own] of indexes) this.tables.set(name, new Table(name, own, this));
  }

  table(name: string): Table {
    return this.tables.get(name)!;
  }

  duplicate(table: string, index: string, key: string): Error {
    return new this.#mongo.MongoServerError({
      message: `E11000 duplicate key error collection: ${table} index: ${index} dup key: ${key}`,
      code: 11_000,
    });
  }

  /** What an unordered insert of several comes to. */
  insertMany(table: Table, docs: readonly Doc[]): { insertedCount: number } {
    const faults: { index: number; code: number }[] = [];
    for (const [index, doc] of docs.entries()) {
      try {
        table.write(undefined, copy(doc));
      } catch (error) {
        if (!(error instanceof this.#mongo.MongoServerError)) throw error;
        faults.push({ index, code: 11_000 });
      }
    }
    const insertedCount = docs.length - faults.length;
    if (faults.length === 0) return { insertedCount };
    const result = { insertedCount, getWriteConcernError: () => undefined };
    const told = { message: 'E11000 duplicate key error', code: 11_000, writeErrors: faults };
    throw new this.#mongo.MongoBulkWriteError(told as never, result as never);
  }

  updateOne(table: Table, filter: Fields, update: Fields, upsert = false): { matchedCount: number } {
    const doc = table.first(filter);
    if (doc) {
      table.write(doc, updated(doc, update));
      return { matchedCount: 1 };
    }
    if (upsert) this.#insertBy(table, filter, (bare) => updated(bare, update, true));
    return { matchedCount: 0 };
  }

  updateMany(table: Table, filter: Fields, update: Fields): { matchedCount: number } {
    const docs = [...table.found(filter)];
    for (const doc of docs) table.write(doc, updated(doc, update));
    return { matchedCount: docs.length };
  }

  replaceOne(table: Table, filter: Fields, doc: Doc, upsert = false): { matchedCount: number } {
    const before = table.first(filter);
    if (before) {
      table.write(before, copy(doc));
      return { matchedCount: 1 };
    }
    if (upsert) table.write(undefined, copy(doc));
    return { matchedCount: 0 };
  }

  findOneAndUpdate(table: Table, filter: Fields, update: Fields, upsert = false): Doc | null {
    const doc = table.first(filter);
    if (doc) {
      const after = updated(doc, update);
      table.write(doc, after);
      return copy(after);
    }
    if (!upsert) return null;
    return copy(this.#insertBy(table, filter, (bare) => updated(bare, update, true)));
  }

  /** The equalities of the filter become fields of the new document. */
  #insertBy(table: Table, filter: Fields, make: (bare: Doc) => Doc): Doc {
    const bare = Object.fromEntries(Object.entries(filter).filter(([, value]) => typeof value !== 'object'));
    const doc = make(bare as Doc);
    table.write(undefined, doc);
    return doc;
  }
}

/** What the schemas declare. */
export function indexesOf(
  schemas: Readonly<Record<string, mongoose.Schema>>,
): ReadonlyMap<string, readonly Index[]> {
  return new Map(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      schema.indexes().map(([fields, options]) => ({
        fields: Object.keys(fields),
        name: String(options?.name ?? ''),
        unique: options?.unique === true,
      })),
    ]),
  );
}
