// The simulated database as the repositories of src/store see it: the calls of mongoose's models and of the driver's
// collections that they make. Each goes over the wire it is given, where it may be late, lost, or answered by nobody.
import type { Models } from '../../src/store/models.ts';
import type { Database, Sort, Table } from './database.ts';
import { copy, type Doc } from './match.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Carries one call: `effect` is what it does at the database. */
export type Wire = <T>(name: string, effect: () => T) => Promise<T>;

/** A search that is still being put together. */
class Search<T> implements PromiseLike<T> {
  sorting: Sort | undefined;
  most = Number.POSITIVE_INFINITY;
  readonly #run: (search: Search<T>) => Promise<T>;
  constructor(run: (search: Search<T>) => Promise<T>) {
    this.#run = run;
  }
  sort(by: Sort): this {
    this.sorting = by;
    return this;
  }
  limit(most: number): this {
    this.most = most;
    return this;
  }
  select(): this {
    return this;
  }
  lean(): this {
    return this;
  }
  toArray(): Promise<T> {
    return this.#run(this);
  }
  // biome-ignore lint/suspicious/noThenProperty: mongoose's queries are awaited like this.
  then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#run(this).then(done, failed);
  }
}

interface Options {
  readonly upsert?: boolean;
  readonly sort?: Sort;
  readonly projection?: Readonly<Record<string, 0 | 1>>;
}

/** One of many in a command. */
interface Write {
  readonly updateOne?: { readonly filter: Fields; readonly update: Fields };
  readonly replaceOne?: { readonly filter: Fields; readonly replacement: Doc };
}

function projected(doc: Doc, projection: Options['projection']): Doc {
  if (!projection) return copy(doc);
  const wanted = Object.keys(projection).filter((name) => projection[name] === 1);
  if (wanted.length === 0) {
    const { _id, ...rest } = copy(doc);
    return rest as Doc;
  }
  const made: Record<string, unknown> = { _id: doc._id };
  for (const name of wanted) if (doc[name] !== undefined) made[name] = copy(doc[name]);
  return made as Doc;
}

function collection(database: Database, table: Table, wire: Wire) {
  const name = (operation: string): string => `${table.name}.${operation}`;
  return {
    insertOne: (doc: Doc) => {
      const given = copy(doc);
      return wire(name('insert'), () => table.write(undefined, given));
    },
    insertMany: (docs: readonly Doc[]) => {
      const given = copy(docs);
      return wire(name('insertMany'), () => database.insertMany(table, given));
    },
    findOne: (filter: Fields, options: Options = {}) =>
      wire(name('find'), () => {
        const found = table.first(filter, options.sort);
        return found ? projected(found, options.projection) : null;
      }),
    find: (filter: Fields, options: Options = {}) =>
      new Search<Doc[]>(({ sorting, most }) =>
        wire(name('find'), () =>
          table.select(filter, sorting, most).map((doc) => projected(doc, options.projection)),
        ),
      ),
    updateOne: (filter: Fields, update: Fields, options: Options = {}) => {
      const given = copy(update);
      return wire(name('update'), () => database.updateOne(table, filter, given, options.upsert));
    },
    updateMany: (filter: Fields, update: Fields) =>
      wire(name('updateMany'), () => database.updateMany(table, filter, update)),
    replaceOne: (filter: Fields, doc: Doc, options: Options = {}) => {
      const given = copy(doc);
      return wire(name('replace'), () => database.replaceOne(table, filter, given, options.upsert));
    },
    bulkWrite: (writes: readonly Write[]) => {
      const given = copy(writes);
      return wire(name('bulkWrite'), () => {
        let matchedCount = 0;
        for (const { updateOne, replaceOne } of given) {
          if (updateOne)
            matchedCount += database.updateOne(table, updateOne.filter, updateOne.update).matchedCount;
          if (replaceOne)
            matchedCount += database.replaceOne(
              table,
              replaceOne.filter,
              replaceOne.replacement,
            ).matchedCount;
        }
        return { matchedCount };
      });
    },
    deleteMany: (filter: Fields) =>
      wire(name('delete'), () => {
        for (const doc of [...table.found(filter)]) table.write(doc, undefined);
      }),
  };
}

/** What stands in for one mongoose model. */
function model(database: Database, table: Table, wire: Wire): object {
  const calls = collection(database, table, wire);
  // The schemas' own checks are the store suite's to prove: here every document passes.
  class Document {
    async validate(): Promise<void> {}
  }
  const one = (filter: Fields): Search<Doc | null> => new Search(() => calls.findOne(filter));
  return Object.assign(Document, calls, {
    findOne: one,
    findById: (id: string) => one({ _id: id }),
    exists: (filter: Fields) => calls.findOne(filter, { projection: { _id: 1 } }),
    find: (filter: Fields = {}) => calls.find(filter),
    findOneAndUpdate: (filter: Fields, update: Fields, options: Options = {}) =>
      new Search(() =>
        wire(`${table.name}.findAndUpdate`, () =>
          database.findOneAndUpdate(table, filter, update, options.upsert),
        ),
      ),
    collection: { collectionName: table.name },
    db: { name: 'sim', getClient: () => ({ db: () => ({ collection: () => calls }) }) },
  });
}

export function connectTo(database: Database, wire: Wire): Models {
  const made = [...database.tables.values()].map((table) => [table.name, model(database, table, wire)]);
  return Object.fromEntries(made) as Models;
}
