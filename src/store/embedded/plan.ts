// Chooses the index for a filter and a sort. A plan may give too many documents, never too few: the filter is put to
// every one again. Pure: looks at descriptions of indexes only.
import { BSONRegExp } from 'bson';
import { compileFilter, type Predicate, predicatesOf } from './match.ts';
import type { SortField } from './sort.ts';
import { type Index, type Range, turned } from './tables.ts';
import { type Doc, isDoc, keyOf, type RANK, rankOf } from './value.ts';

export interface Plan {
  /** Absent: a scan of all documents. */
  readonly index?: Index;
  readonly ranges: readonly Range[];
  /** The documents come in the order asked for. */
  readonly sorted: boolean;
  readonly backward: boolean;
}
interface Edge {
  readonly key: Uint8Array;
  readonly inclusive: boolean;
}
interface Bounds {
  /** Keys of the only values possible, ascending and distinct. */
  readonly points?: readonly Buffer[];
  readonly lo?: Edge;
  readonly hi?: Edge;
}

const MOST_RANGES = 10_000;
const ABOVE = Buffer.from([255]);

export function planFind(indexes: readonly Index[], filter: Doc, sort: readonly SortField[]): Plan {
  const predicates = conjuncts(filter);
  let best: Plan = { ranges: [], sorted: sort.length === 0, backward: false };
  let bestScore = 0;
  for (const index of indexes) {
    const { plan, score } = weigh(index, predicates, sort);
    if (score > bestScore) [best, bestScore] = [plan, score];
  }
  return best;
}

/** What must hold of every match, taken apart by field. */
function conjuncts(filter: Doc): Predicate[] {
  return Object.entries(filter).flatMap(([name, arg]) => {
    if (name === '$and') return (arg as Doc[]).flatMap(conjuncts);
    return name.startsWith('$') ? [] : predicatesOf(name, arg);
  });
}

function weigh(
  index: Index,
  predicates: readonly Predicate[],
  sort: readonly SortField[],
): { plan: Plan; score: number } {
  const none = { plan: { ranges: [], sorted: false, backward: false }, score: 0 };
  if (!implied(index, predicates)) return none;
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let ranges: Range[] | undefined;
  let [pinned, points] = [0, 0];
  const fixed = new Set<string>();
  for (const { path, direction } of index.fields) {
    const bounds = boundsOf(
      predicates.filter((predicate) => predicate.path === path),
      index.multikey,
    );
    if (bounds.points && prefixes.length * bounds.points.length <= MOST_RANGES) {
      const keys = bounds.points;
      prefixes = prefixes.flatMap((prefix) =>
        keys.map((key) => Buffer.concat([prefix, turned(key, direction)])),
      );
      if (keys.length === 1 && !index.multikey) fixed.add(path);
      points++;
      if (keys.length === 1) pinned++;
      continue;
    }
    if (bounds.lo && bounds.hi)
      ranges = prefixes.map((prefix) => rangeOf(prefix, bounds.lo!, bounds.hi!, direction));
    break;
  }
  const ranged = ranges !== undefined;
  const order = orderServed(index, sort, fixed, prefixes.length === 1);
  if (!ranged && points === 0 && (order === 0 || sort.length === 0)) return none;
  ranges ??= prefixes.map((prefix) => ({ lo: prefix, hi: Buffer.concat([prefix, ABOVE]) }));
  const unique = index.unique && points === index.fields.length ? 100 : 0;
  const score = unique + points * 8 + pinned * 2 + (ranged ? 4 : 0) + (order !== 0 ? 1 : 0);
  return { plan: { index, ranges, sorted: order !== 0, backward: order === -1 }, score };
}

/** 1 or -1 where the index gives the sort's order forwards or backwards, 0 where it does not. */
function orderServed(
  index: Index,
  sort: readonly SortField[],
  fixed: ReadonlySet<string>,
  onePrefix: boolean,
): 1 | -1 | 0 {
  const asked = sort.filter(({ path }) => !fixed.has(path));
  if (asked.length === 0) return 1;
  if (index.multikey || !onePrefix) return 0;
  const given = index.fields.filter(({ path }) => !fixed.has(path));
  const turn = asked[0]!.direction * (given[0]?.direction ?? 0);
  const same = asked.every(
    ({ path, direction }, i) => given[i]?.path === path && given[i].direction * turn === direction,
  );
  return same ? (turn as 1 | -1) : 0;
}

function pointsOf({ op, arg }: Predicate): Buffer[] | undefined {
  const values = op === '$eq' ? [arg] : op === '$in' && Array.isArray(arg) ? arg : undefined;
  if (!values || values.some((value) => Array.isArray(value) || value instanceof BSONRegExp))
    return undefined;
  const keys = values.map(keyOf).sort(Buffer.compare);
  return keys.filter((key, i) => i === 0 || !key.equals(keys[i - 1]!));
}

const RANGED: readonly string[] = ['number', 'string', 'date', 'objectId', 'bool'];

function boundsOf(predicates: readonly Predicate[], multikey: boolean): Bounds {
  for (const predicate of predicates) {
    const points = pointsOf(predicate);
    if (points) return { points };
  }
  let lo: Edge | undefined;
  let hi: Edge | undefined;
  for (const { op, arg } of predicates) {
    if (!/^\$[gl]te?$/.test(op) || !RANGED.includes(rankOf(arg))) continue;
    const edge = { key: keyOf(arg), inclusive: op.endsWith('e') };
    // One element may pass one bound and another the other, so an array's bounds are not joined.
    if (multikey && (lo || hi)) break;
    if (op.startsWith('$g')) lo ??= edge;
    else hi ??= edge;
  }
  const rank = (lo ?? hi)?.key[0];
  if (rank === undefined) return {};
  return {
    lo: lo ?? { key: Buffer.from([rank - 1]), inclusive: false },
    hi: hi ?? { key: Buffer.from([rank + 1]), inclusive: false },
  };
}

function rangeOf(prefix: Buffer, lo: Edge, hi: Edge, direction: 1 | -1): Range {
  const [low, high] = direction === 1 ? [lo, hi] : [hi, lo];
  const at = ({ key }: Edge, above: boolean): Buffer =>
    Buffer.concat([prefix, turned(key, direction), ...(above ? [ABOVE] : [])]);
  return { lo: at(low, !low.inclusive), hi: at(high, high.inclusive) };
}

/** Whether every document that can match is in the index. */
function implied(index: Index, predicates: readonly Predicate[]): boolean {
  if (index.sparse) {
    const present = predicates.some(
      (p) => index.fields.some(({ path }) => path === p.path) && excludesMissing(p),
    );
    if (!present) return false;
  }
  const partial = index.spec.partialFilterExpression;
  if (!isDoc(partial)) return true;
  return conjuncts(partial).every(({ path, op, arg }) =>
    predicates.some((predicate) => {
      if (predicate.path !== path) return false;
      if (op === '$exists') return excludesMissing(predicate);
      const values =
        predicate.op === '$eq'
          ? [predicate.arg]
          : predicate.op === '$in'
            ? (predicate.arg as unknown[])
            : undefined;
      const test = compileFilter({ v: { [op]: arg } });
      return values?.every((v) => v !== null && rankOf(v) in SCALAR && test({ v })) ?? false;
    }),
  );
}

const SCALAR: Partial<Record<keyof typeof RANK, true>> = {
  number: true,
  string: true,
  bool: true,
  date: true,
  objectId: true,
};

function excludesMissing({ op, arg }: Predicate): boolean {
  if (op === '$exists') return arg === true;
  if (op === '$in') return Array.isArray(arg) && arg.every((value) => value !== null);
  return ['$eq', '$gt', '$gte', '$lt', '$lte'].includes(op) && arg !== null;
}
