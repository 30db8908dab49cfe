// How the stored data is walked: one moment where the database can show one, batches and never the whole, offenders
// counted and only the first of them named.
import type { ClientSession, Db, Document, Filter, FindOptions } from '../../backup/database.ts';
import { type Finding, finding } from '../../channels/examine.ts';
import type { CollectionName } from '../../store/models.ts';

export interface Look {
  /** Batches of documents, in the order asked for. */
  batches<D>(
    collection: CollectionName,
    filter: object,
    fields: readonly string[] | undefined,
    sort?: Readonly<Record<string, 1 | -1>>,
  ): AsyncGenerator<readonly D[]>;
  /** Those of these values, by the field. */
  among<D>(
    collection: CollectionName,
    field: string,
    values: readonly string[],
    fields: readonly string[],
  ): Promise<readonly D[]>;
}

const BATCH = 1_000;

type Stored = Document & { _id: string };
const projectionOf = (fields: readonly string[] | undefined): object =>
  fields ? { projection: Object.fromEntries(fields.map((field) => [field, 1])) } : {};

export function createLook(db: Db, session: ClientSession | undefined): Look {
  const common: FindOptions = { ...(session ? { session } : {}), batchSize: BATCH };
  return {
    async *batches<D>(
      collection: CollectionName,
      filter: object,
      fields: readonly string[] | undefined,
      sort?: Readonly<Record<string, 1 | -1>>,
    ) {
      const found = db.collection<Stored>(collection).find(filter as Filter<Stored>, {
        ...common,
        ...projectionOf(fields),
        ...(sort ? { sort, allowDiskUse: true } : {}),
      });
      let batch: D[] = [];
      for await (const document of found) {
        batch.push(document as unknown as D);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
    async among<D>(
      collection: CollectionName,
      field: string,
      values: readonly string[],
      fields: readonly string[],
    ) {
      if (values.length === 0) return [];
      const filter = { [field]: { $in: [...new Set(values)] } } as Filter<Stored>;
      const options = { ...common, ...projectionOf(fields) };
      return (await db.collection<Stored>(collection).find(filter, options).toArray()) as unknown as D[];
    },
  };
}

export interface Offenders {
  add(id: string): void;
  /** Nothing where there are none. */
  findings(level: 'warning' | 'error', code: string, vars?: Finding['vars']): readonly Finding[];
}

const NAMED = 10;

export function createOffenders(part: string): Offenders {
  let count = 0;
  const ids: string[] = [];
  return {
    add(id) {
      count += 1;
      if (ids.length < NAMED) ids.push(id);
    },
    findings(level, code, vars) {
      if (count === 0) return [];
      const more = count > ids.length ? ', …' : '';
      return [finding(part, level, code, { ...vars, count, ids: `${ids.join(', ')}${more}` })];
    },
  };
}

export const byId = <D extends { readonly _id: string }>(found: readonly D[]): ReadonlyMap<string, D> =>
  new Map(found.map((one) => [one._id, one]));
