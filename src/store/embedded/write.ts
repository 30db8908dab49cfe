// Writes of documents: each one is checked whole before anything of it is stored, so a refused write leaves no trace.
import { BSONRegExp, ObjectId } from 'bson';
import { StoreFault } from './fault.ts';
import { equalities, type Found, find } from './find.ts';
import type { Collection, Tables } from './tables.ts';
import { compileUpdate, splitPath, type Turn, type Update } from './update.ts';
import { type Doc, equal, isDoc, readDoc, writeDoc } from './value.ts';

export const MOST_DOC_BYTES = 16 * 1024 * 1024;

function checkId(id: unknown): void {
  if (Array.isArray(id) || id instanceof BSONRegExp || id === undefined)
    throw new StoreFault('InvalidIdField', "The '_id' value cannot be an array, a regex or undefined");
  const dollar = isDoc(id) && Object.keys(id).find((name) => name.startsWith('$'));
  if (dollar) throw new StoreFault('DollarPrefixedFieldName', `_id fields may not contain '${dollar}'`);
}

/** The document as it will lie on disk: _id first, not too large. */
function settle(doc: Doc): { doc: Doc; raw: Buffer } {
  const { _id = new ObjectId(), ...rest } = doc;
  checkId(_id);
  const settled = Object.keys(doc)[0] === '_id' ? doc : { _id, ...rest };
  const raw = writeDoc(settled);
  if (raw.length > MOST_DOC_BYTES)
    throw new StoreFault('BSONObjectTooLarge', `object to insert too large. size in bytes: ${raw.length}`);
  return { doc: settled, raw };
}

export function insertOne(tables: Tables, collection: Collection, document: Doc): Doc {
  const dollar = Object.keys(document).find((name) => name.startsWith('$'));
  if (dollar) throw new StoreFault('DollarPrefixedFieldName', `the field name '${dollar}' is not served`);
  const { doc, raw } = settle(document);
  tables.insert(collection, doc, raw);
  return doc;
}

export interface Changed {
  readonly before: Doc;
  readonly after: Doc;
  readonly modified: boolean;
}

function changeOne(
  tables: Tables,
  collection: Collection,
  found: Pick<Found, 'row' | 'raw'>,
  update: Update,
  now: Date,
): Changed {
  const before = readDoc(found.raw);
  const { doc: after, raw } = settle(update(readDoc(found.raw), { inserting: false, now }));
  if (!equal(before._id, after._id))
    throw new StoreFault(
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    );
  const modified = !raw.equals(found.raw);
  if (modified) tables.replace(collection, found.row, before, after, raw);
  return { before, after, modified };
}

function upsertOne(
  tables: Tables,
  collection: Collection,
  filter: Doc,
  update: Update,
  replacement: boolean,
  turn: Turn,
): Doc {
  const base: Doc = {};
  for (const [path, value] of equalities(filter)) {
    if (replacement && path !== '_id') continue;
    const parts = splitPath(path);
    let at = base;
    for (const part of parts.slice(0, -1)) {
      if (!Object.hasOwn(at, part)) at[part] = {};
      if (!isDoc(at[part])) throw matchedTwice(path);
      at = at[part];
    }
    if (Object.hasOwn(at, parts.at(-1)!)) throw matchedTwice(path);
    at[parts.at(-1)!] = value;
  }
  const doc = update(base, turn);
  if (
    Object.hasOwn(base, '_id') &&
    !replacement &&
    !equal(doc._id, equalities(filter).find(([p]) => p === '_id')?.[1] ?? doc._id)
  )
    throw new StoreFault('ImmutableField', "the (immutable) field '_id' was found to have been altered");
  return insertOne(tables, collection, doc);
}

const matchedTwice = (path: string): StoreFault =>
  new StoreFault('NotSingleValueField', `cannot infer query fields to set, path '${path}' is matched twice`);

export interface Change {
  readonly filter: Doc;
  readonly update: unknown;
  readonly upsert: boolean;
  readonly multi: boolean;
  readonly sort?: unknown;
}

export function change(
  tables: Tables,
  collection: Collection,
  { filter, update, upsert, multi, sort }: Change,
  now: Date,
) {
  const { apply, replacement } = compileUpdate(update);
  if (multi && replacement)
    throw new StoreFault('FailedToParse', 'multi update is not supported for replacement-style update');
  const targets: Pick<Found, 'row' | 'raw'>[] = [];
  // All targets are known before the first write, so that no document is met twice on its way through an index.
  for (const { row, raw } of find(tables, collection, { filter, sort, limit: multi ? 0 : 1 }))
    targets.push({ row, raw });
  const changed = targets.map((target) => changeOne(tables, collection, target, apply, now));
  if (targets.length > 0 || !upsert) return { changed };
  return {
    changed,
    upserted: upsertOne(tables, collection, filter, apply, replacement, { inserting: true, now }),
  };
}

export function remove(
  tables: Tables,
  collection: Collection,
  filter: Doc,
  limit: number,
  sort?: unknown,
): Doc[] {
  const targets = [...find(tables, collection, { filter, sort, limit })];
  for (const { row, doc } of targets) tables.remove(collection, row, doc);
  return targets.map(({ doc }) => doc);
}
