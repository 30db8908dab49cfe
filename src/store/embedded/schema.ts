// Collections and indexes as commands see them: made, listed, dropped, and the purge of what has expired.
import { notServed, StoreFault } from './fault.ts';
import { compileFilter, predicatesOf } from './match.ts';
import { sortFields } from './sort.ts';
import { type Collection, makeIndex, type Tables } from './tables.ts';
import { type Doc, isDoc, isNumber, toNumber, writeDoc } from './value.ts';
import { remove } from './write.ts';

const KEPT = ['key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds'];
const PARTIAL = ['$eq', '$exists', '$gt', '$gte', '$lt', '$lte', '$type', '$in'];

export function createIndexes(tables: Tables, db: string, name: string, specs: readonly Doc[]): Doc {
  const there = tables.find(db, name);
  const collection = there ?? tables.create(db, name);
  const before = collection.indexes.length;
  for (const given of specs) {
    const spec = checkSpec(given);
    const same = (a: unknown, b: unknown) => writeDoc({ v: a }).equals(writeDoc({ v: b }));
    const twin = collection.indexes.find(
      (index) => index.name === spec.name || same(index.spec.key, spec.key),
    );
    if (!twin) tables.createIndex(collection, spec);
    else if (twin.name === '_id_' ? !same(twin.spec.key, spec.key) : !same(twin.spec, spec))
      throw new StoreFault(
        twin.name === spec.name ? 'IndexKeySpecsConflict' : 'IndexOptionsConflict',
        `An equivalent index already exists with a different name or options: ${twin.name}, asked: ${spec.name}`,
      );
  }
  const [numIndexesBefore, numIndexesAfter] = [before, collection.indexes.length];
  return { numIndexesBefore, numIndexesAfter, createdCollectionAutomatically: !there, ok: 1 };
}

function checkSpec(given: Doc): Doc {
  const refuse = (why: string) => new StoreFault('CannotCreateIndex', why);
  for (const option of Object.keys(given))
    if (!KEPT.includes(option) && !['v', 'background', 'ns'].includes(option))
      throw notServed(`the index option '${option}'`);
  if (!isDoc(given.key) || Object.keys(given.key).length === 0) throw refuse('Index keys cannot be empty.');
  for (const [path, kind] of Object.entries(given.key))
    if (!isNumber(kind)) throw notServed(`the index type '${String(kind)}' of '${path}'`);
  if (typeof given.name !== 'string' || given.name === '') throw refuse('an index needs a name');
  const spec: Doc = { v: 2 };
  for (const option of KEPT)
    if (given[option] !== undefined && given[option] !== false) spec[option] = given[option];
  const fields = sortFields(spec.key);
  spec.key = Object.fromEntries(fields.map(({ path, direction }) => [path, direction]));
  if (isDoc(spec.partialFilterExpression)) checkPartial(spec.partialFilterExpression);
  else if (spec.partialFilterExpression !== undefined)
    throw refuse('partialFilterExpression must be an object');
  if (spec.expireAfterSeconds !== undefined) {
    const seconds = toNumber(spec.expireAfterSeconds);
    if (fields.length !== 1 || fields[0]!.path === '_id')
      throw refuse('TTL indexes are single-field indexes, not on _id');
    if (!(seconds >= 0 && seconds <= 2 ** 31 - 1)) throw refuse('expireAfterSeconds is out of range');
  }
  makeIndex(1, spec, false);
  return spec;
}

function checkPartial(filter: Doc): void {
  compileFilter(filter);
  for (const [name, arg] of Object.entries(filter)) {
    if (name === '$and') for (const part of arg as Doc[]) checkPartial(part);
    else if (name.startsWith('$')) throw notServed(`${name} in a partialFilterExpression`);
    else
      for (const { op, arg: value } of predicatesOf(name, arg))
        if (!PARTIAL.includes(op) || (op === '$exists' && value !== true))
          throw new StoreFault('CannotCreateIndex', `Expression not supported in partial index: ${op}`);
  }
}

export function dropIndexes(tables: Tables, collection: Collection, which: unknown): Doc {
  const nIndexesWas = collection.indexes.length;
  const wanted = Array.isArray(which) ? which : [which];
  for (const one of wanted) {
    const fits = collection.indexes.filter(({ name, spec }) =>
      one === '*' ? name !== '_id_' : isDoc(one) ? sameKey(one, spec.key as Doc) : name === one,
    );
    if (fits.length === 0 && one !== '*')
      throw new StoreFault('IndexNotFound', `index not found: ${JSON.stringify(one)}`);
    for (const index of fits) {
      if (index.name === '_id_') throw new StoreFault('InvalidOptions', 'cannot drop _id index');
      tables.dropIndex(collection, index);
    }
  }
  return { nIndexesWas, ok: 1 };
}

function sameKey(a: Doc, b: Doc): boolean {
  const text = (key: Doc) => JSON.stringify(Object.entries(key).map(([path, way]) => [path, toNumber(way)]));
  return text(a) === text(b);
}

/** Removes what the indexes with expireAfterSeconds say has expired by `now`; says how many. */
export function purgeExpired(tables: Tables, now: Date): number {
  let purged = 0;
  for (const collection of tables.list())
    for (const { spec, fields } of collection.indexes) {
      if (spec.expireAfterSeconds === undefined) continue;
      const $lte = new Date(now.getTime() - toNumber(spec.expireAfterSeconds) * 1000);
      const expired = { [fields[0]!.path]: { $lte } };
      const filter = isDoc(spec.partialFilterExpression)
        ? { $and: [expired, spec.partialFilterExpression] }
        : expired;
      // Portions keep the memory small and let other requests in between.
      purged += remove(tables, collection, filter, 1000).length;
    }
  return purged;
}
