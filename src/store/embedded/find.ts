// Reads: from a plan through the filter and the sort to raw documents, and the explanation of a plan.
// Documents stay raw wherever nobody has to look inside.
import { StoreFault } from './fault.ts';
import { compileFilter, type Test } from './match.ts';
import { type Plan, planFind } from './plan.ts';
import { compareKeys, type SortField, sortFields, sortKey } from './sort.ts';
import type { Collection, Row, Tables } from './tables.ts';
import { type Doc, isDoc, readDoc } from './value.ts';

export interface Query {
  readonly filter?: unknown;
  readonly sort?: unknown;
  readonly skip?: number;
  readonly limit?: number;
}
export interface Found {
  readonly row: number;
  readonly raw: Uint8Array;
  readonly doc: Doc;
}
interface Prepared {
  readonly plan: Plan;
  readonly test: Test;
  readonly sort: readonly SortField[];
}

const MOST_SORTED_BYTES = 100 * 1024 * 1024;

function prepare(collection: Collection | undefined, { filter = {}, sort = {} }: Query): Prepared {
  const test = compileFilter(filter);
  const fields = sortFields(sort);
  return { plan: planFind(collection?.indexes ?? [], filter as Doc, fields), test, sort: fields };
}

export function find(tables: Tables, collection: Collection | undefined, query: Query): Generator<Found> {
  // The query is judged at once, so that a fault is the answer to the command and not to a later batch.
  const prepared = prepare(collection, query);
  return window(collection ? ordered(tables, collection, prepared) : none(), query);
}

function* none(): Generator<Found> {}

function* window(source: Generator<Found>, { skip = 0, limit = 0 }: Query): Generator<Found> {
  let at = 0;
  for (const found of source) {
    if (at++ < skip) continue;
    yield found;
    if (at - skip === limit) return;
  }
}

function* matching(tables: Tables, collection: Collection, { plan, test }: Prepared): Generator<Found> {
  const seen = plan.index?.multikey ? new Set<number>() : undefined;
  for (const { row, doc: raw } of rows(tables, collection, plan)) {
    if (seen?.has(row)) continue;
    seen?.add(row);
    const doc = readDoc(raw);
    if (test(doc)) yield { row, raw, doc };
  }
}

function* rows(tables: Tables, collection: Collection, { index, ranges, backward }: Plan): Generator<Row> {
  if (!index) yield* tables.scan(collection);
  else for (const range of ranges) yield* tables.scan(collection, index, range, backward);
}

function* ordered(tables: Tables, collection: Collection, prepared: Prepared): Generator<Found> {
  if (prepared.plan.sorted) return yield* matching(tables, collection, prepared);
  const all: { key: Buffer[]; row: number; raw: Uint8Array }[] = [];
  let bytes = 0;
  for (const { row, raw, doc } of matching(tables, collection, prepared)) {
    bytes += raw.length;
    if (bytes > MOST_SORTED_BYTES)
      throw new StoreFault(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        'Sort exceeded memory limit of 104857600 bytes; an index in the order of the sort is needed',
      );
    all.push({ key: sortKey(doc, prepared.sort), row, raw });
  }
  all.sort((a, b) => compareKeys(a.key, b.key, prepared.sort));
  for (const { row, raw } of all) yield { row, raw, doc: readDoc(raw) };
}

export function explain(
  tables: Tables,
  collection: Collection | undefined,
  query: Query,
  verbosity: unknown,
): Doc {
  const { plan, sort } = prepare(collection, query);
  const direction = plan.backward ? 'backward' : 'forward';
  let stage: Doc = { stage: collection ? 'COLLSCAN' : 'EOF', ...(collection ? { direction } : {}) };
  if (plan.index) {
    const { name: indexName, multikey: isMultiKey, spec } = plan.index;
    const scan = { stage: 'IXSCAN', keyPattern: spec.key, indexName, isMultiKey, direction };
    stage = { stage: 'FETCH', inputStage: scan };
  }
  if (!plan.sorted && collection) stage = { stage: 'SORT', sortPattern: query.sort, inputStage: stage };
  if (sort.length === 0 && query.limit)
    stage = { stage: 'LIMIT', limitAmount: query.limit, inputStage: stage };
  const answer: Doc = { explainVersion: '1', queryPlanner: { winningPlan: stage, rejectedPlans: [] } };
  if (verbosity === 'queryPlanner') return answer;
  const examined = new Set<number>();
  if (collection) for (const { row } of rows(tables, collection, plan)) examined.add(row);
  let nReturned = 0;
  for (const _ of find(tables, collection, query)) nReturned++;
  return {
    ...answer,
    executionStats: { executionSuccess: true, nReturned, totalDocsExamined: examined.size },
  };
}

/** The filter's equalities as the beginning of the document that an upsert makes. */
export function equalities(filter: Doc, into: [string, unknown][] = []): [string, unknown][] {
  for (const [name, arg] of Object.entries(filter)) {
    if (name === '$and') for (const part of arg as Doc[]) equalities(part, into);
    if (name === '$or' && (arg as Doc[]).length === 1) equalities((arg as Doc[])[0]!, into);
    if (name.startsWith('$')) continue;
    const operators = isDoc(arg) && Object.keys(arg)[0]?.startsWith('$');
    if (!operators) into.push([name, arg]);
    else if (Object.hasOwn(arg, '$eq')) into.push([name, arg.$eq]);
    else if (Array.isArray(arg.$all) && arg.$all.length === 1) into.push([name, arg.$all[0]]);
    else if (Array.isArray(arg.$in) && arg.$in.length === 1) into.push([name, arg.$in[0]]);
  }
  return into;
}
