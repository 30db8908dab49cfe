// The store as a set-up: reached, how fast, with the indexes the models declare, safe against a lost server, its clock.
import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../backup/database.ts';
import { UNFINISHED } from '../backup/restore.ts';
import { clockFinding, type Finding, finding } from '../channels/examine.ts';
import { type DeclaredIndex, declaredIndexes } from '../store/indexes.ts';

const PART = 'store';
/** Milliseconds of a round trip beyond which every turn is felt. */
const SLOW = 100;
const ROUNDS = 5;

export async function examineStore(
  database: Database,
  kind: 'embedded' | 'mongodb',
  now: () => number,
): Promise<readonly Finding[]> {
  const { db } = database;
  const found: Finding[] = [];
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = performance.now();
    await db.command({ ping: 1 });
    times.push(performance.now() - from);
  }
  const ms = Math.round(times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0);
  found.push(
    finding(PART, ms > SLOW ? 'warning' : 'ok', ms > SLOW ? 'store.slow' : 'store.reached', { ms, kind }),
  );
  if (kind === 'mongodb') found.push(...(await examineServer(database, now)));
  const unfinished = await db.collection<{ _id: string }>('settings').findOne({ _id: UNFINISHED });
  if (unfinished) found.push(finding(PART, 'error', 'store.unfinished'));
  return [...found, ...(await examineIndexes(database))];
}

async function examineServer({ db }: Database, now: () => number): Promise<readonly Finding[]> {
  const from = now();
  const hello = await db.command({ hello: 1 });
  const found = [clockFinding('MongoDB', (hello.localTime as Date).getTime(), from, now(), 1)];
  if (hello.isWritablePrimary !== true) found.push(finding(PART, 'error', 'store.no_primary'));
  if (hello.setName === undefined && hello.msg !== 'isdbgrid')
    found.push(finding(PART, 'warning', 'store.standalone'));
  else found.push(finding(PART, 'ok', 'store.replicated', { name: String(hello.setName ?? 'mongos') }));
  return found;
}

/** What is not there, or not as declared. A collection that was never written to has none yet. */
export async function examineIndexes({ db, models }: Database): Promise<readonly Finding[]> {
  const there = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  if (there.size === 0) return [finding(PART, 'ok', 'store.empty')];
  const found: Finding[] = [];
  for (const declared of declaredIndexes(models)) {
    const { collection, name } = declared;
    const all = there.has(collection) ? await db.collection(collection).listIndexes().toArray() : [];
    const index = all.find((one) => one.name === name);
    if (index && isAsDeclared(index, declared)) continue;
    const unique = declared.options.unique === true;
    const code = unique ? 'store.index_unique' : 'store.index';
    found.push(finding(PART, unique ? 'error' : 'warning', code, { index: `${collection}.${name}` }));
  }
  const count = declaredIndexes(models).length;
  return found.length > 0 ? found : [finding(PART, 'ok', 'store.indexes', { count })];
}

function isAsDeclared(there: Record<string, unknown>, { keys, options }: DeclaredIndex): boolean {
  return (
    isDeepStrictEqual(Object.entries(there.key as object), Object.entries(keys)) &&
    (there.unique === true) === (options.unique === true) &&
    (there.sparse === true) === (options.sparse === true)
  );
}
