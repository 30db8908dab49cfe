// Aggregation: $match, $sort, $limit, $skip, $count and $facet by this store's own rules, the computing stages by
// mingo over the matched documents. Every operator served is named here; all others are refused.
import { createRequire } from 'node:module';
import { Double, Int32, Long } from 'bson';
import { notServed, StoreFault } from './fault.ts';
import { type Found, find, type Query } from './find.ts';
import { compileFilter } from './match.ts';
import { compareKeys, sortFields, sortKey } from './sort.ts';
import type { Collection, Tables } from './tables.ts';
import { compare, type Doc, isDoc, isNumber, toNumber, writeDoc } from './value.ts';

/** Loaded by the first stage that computes: most programs never send one, and mingo is large. */
const loadExpressions = () =>
  createRequire(import.meta.url)('./expressions.ts') as typeof import('./expressions.ts');

const BY_MINGO = [
  '$project',
  '$group',
  '$unwind',
  '$addFields',
  '$set',
  '$bucket',
  '$sortByCount',
  '$replaceRoot',
];
const OWN = ['$match', '$sort', '$limit', '$skip', '$count', '$facet'];
// biome-ignore format: a list of names
const EXPRESSIONS = new Set(['$sum', '$avg', '$min', '$max', '$first', '$last', '$push', '$addToSet', '$count',
  '$add', '$subtract', '$multiply', '$divide', '$mod', '$abs', '$floor', '$ceil', '$sqrt', '$pow', '$trunc',
  '$cond', '$ifNull', '$switch', '$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$and', '$or', '$not', '$in',
  '$size', '$arrayElemAt', '$concatArrays', '$slice', '$isArray', '$map', '$filter', '$reduce', '$concat',
  '$toLower', '$toUpper', '$literal', '$let', '$mergeObjects', '$objectToArray', '$arrayToObject',
  '$year', '$month', '$dayOfMonth', '$dayOfWeek', '$hour', '$minute', '$dateToString', '$dateTrunc']);

interface Stage {
  readonly name: string;
  readonly spec: unknown;
}

export function* aggregate(
  tables: Tables,
  collection: Collection | undefined,
  pipeline: unknown,
): Generator<Uint8Array> {
  const stages = parse(pipeline);
  const { query, rest } = split(stages);
  const source = find(tables, collection, query);
  // Only here may the documents be passed on unread.
  if (rest.length === 0) for (const { raw } of source) yield raw;
  else for (const doc of run(plain(source), rest)) yield writeDoc(doc);
}

function parse(pipeline: unknown): Stage[] {
  if (!Array.isArray(pipeline)) throw new StoreFault('TypeMismatch', "'pipeline' must be an array");
  return pipeline.map((stage) => {
    const [name, ...others] = isDoc(stage) ? Object.keys(stage) : [];
    if (name === undefined || others.length > 0 || !isDoc(stage))
      throw new StoreFault(
        'Location40323',
        'A pipeline stage specification object must contain exactly one field.',
      );
    const spec = stage[name];
    if (BY_MINGO.includes(name)) checkExpressions(spec, name);
    else if (!OWN.includes(name)) throw notServed(`the aggregation stage ${name}`);
    if (name === '$match') compileFilter(spec);
    if (name === '$sort') sortFields(spec);
    if (name === '$limit' || name === '$skip') amount(name, spec);
    if (name === '$count' && (typeof spec !== 'string' || spec === '' || /[.$]/.test(spec)))
      throw new StoreFault('BadValue', 'the count field must be a non-empty string without . or $');
    if (name === '$facet') for (const inner of Object.values(isDoc(spec) ? spec : {})) parse(inner);
    return { name, spec };
  });
}

function checkExpressions(spec: unknown, where: string): void {
  if (Array.isArray(spec)) for (const part of spec) checkExpressions(part, where);
  if (typeof spec === 'string' && spec.startsWith('$$') && !/^\$\$(ROOT|CURRENT|[a-z])/.test(spec))
    throw notServed(`the variable ${spec} in ${where}`);
  if (!isDoc(spec)) return;
  for (const [name, value] of Object.entries(spec)) {
    if (name.startsWith('$') && !EXPRESSIONS.has(name)) throw notServed(`the operator ${name} in ${where}`);
    if (name !== '$literal') checkExpressions(value, where);
  }
}

function amount(name: string, spec: unknown): number {
  const value = toNumber(spec);
  if (!isNumber(spec) || !Number.isInteger(value) || value < (name === '$limit' ? 1 : 0))
    throw new StoreFault('BadValue', `invalid argument to ${name} stage: ${value}`);
  return value;
}

/** The first stages as one query, in the order $match, $sort, $skip, $limit, each at most once: it uses indexes. */
function split(stages: readonly Stage[]): { query: Query; rest: readonly Stage[] } {
  let query: Query = {};
  let at = 0;
  for (const wanted of ['$match', '$sort', '$skip', '$limit']) {
    const stage = stages[at];
    if (stage?.name !== wanted) continue;
    at++;
    if (wanted === '$match') query = { ...query, filter: stage.spec };
    else if (wanted === '$sort') query = { ...query, sort: stage.spec };
    else query = { ...query, [wanted.slice(1)]: amount(wanted, stage.spec) };
  }
  return { query, rest: stages.slice(at) };
}

function* plain(source: Generator<Found>): Generator<Doc> {
  for (const { doc } of source) yield promote(doc) as Doc;
}

/** Numbers as JavaScript has them, since mingo knows no others; a long that would lose digits is refused. */
function promote(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) {
    if (Number.isSafeInteger(value.toNumber())) return value.toNumber();
    throw notServed('computing with integers beyond 2^53');
  }
  if (Array.isArray(value)) return value.map(promote);
  if (!isDoc(value)) return value;
  const out: Doc = {};
  for (const [name, field] of Object.entries(value)) out[name] = promote(field);
  return out;
}

function run(source: Iterable<Doc>, stages: readonly Stage[]): Iterable<Doc> {
  return stages.reduce((docs, stage) => runStage(docs, stage), source);
}

function* runStage(docs: Iterable<Doc>, { name, spec }: Stage): Iterable<Doc> {
  if (name === '$match') {
    const test = compileFilter(spec);
    for (const doc of docs) if (test(doc)) yield doc;
  } else if (name === '$sort') {
    const fields = sortFields(spec);
    const keyed = [...docs].map((doc) => ({ doc, key: sortKey(doc, fields) }));
    keyed.sort((a, b) => compareKeys(a.key, b.key, fields));
    for (const { doc } of keyed) yield doc;
  } else if (name === '$limit' || name === '$skip') {
    let at = 0;
    for (const doc of docs) {
      if (name === '$limit' || at >= amount(name, spec)) yield doc;
      if (++at === toNumber(spec) && name === '$limit') return;
    }
  } else if (name === '$count') {
    let count = 0;
    for (const _ of docs) count++;
    if (count > 0) yield { [spec as string]: count };
  } else if (name === '$facet') {
    const all = [...docs];
    const inner = Object.entries(spec as Doc);
    yield Object.fromEntries(
      inner.map(([key, pipeline]) => [key, [...run(structured(all), parse(pipeline))]]),
    );
  } else if (name === '$sortByCount') {
    const counted = { name: '$group', spec: { _id: spec, count: { $sum: 1 } } };
    yield* run(docs, [counted, { name: '$sort', spec: { count: -1 } }]);
  } else if (name === '$bucket') {
    yield* runBucket(docs, docOfBucket(spec));
  } else {
    for (const doc of loadExpressions().compute({ [name]: promote(spec) }, docs)) yield doc;
  }
}

interface Bucket {
  readonly groupBy: unknown;
  readonly boundaries: readonly unknown[];
  readonly default?: unknown;
  readonly output?: Doc;
}

function docOfBucket(spec: unknown): Bucket {
  const { groupBy, boundaries, default: other, output } = isDoc(spec) ? spec : {};
  if (groupBy === undefined || !Array.isArray(boundaries) || boundaries.length < 2)
    throw new StoreFault('BadValue', '$bucket needs a groupBy and at least two boundaries');
  if (boundaries.some((edge, i) => i > 0 && compare(boundaries[i - 1], edge) >= 0))
    throw new StoreFault('BadValue', 'the boundaries of $bucket must ascend');
  return { groupBy, boundaries, default: other, output: isDoc(output) ? output : { count: { $sum: 1 } } };
}

/** mingo counts a value at a boundary to the bucket below, MongoDB to the one above; so it is told as a $switch. */
function* runBucket(
  docs: Iterable<Doc>,
  { groupBy, boundaries, default: other, output }: Bucket,
): Iterable<Doc> {
  const branches = boundaries.slice(0, -1).map((edge, i) => ({
    case: { $and: [{ $gte: [groupBy, edge] }, { $lt: [groupBy, boundaries[i + 1]] }] },
    // biome-ignore lint/suspicious/noThenProperty: the name is MongoDB's.
    then: edge,
  }));
  const outside = other ?? 'outside every bucket';
  const grouped = { name: '$group', spec: { _id: { $switch: { branches, default: outside } }, ...output } };
  for (const bucket of run(docs, [grouped, { name: '$sort', spec: { _id: 1 } }])) {
    if (other === undefined && bucket._id === outside)
      throw new StoreFault(
        'Location40066',
        '$bucket met a value outside of its boundaries and has no default',
      );
    yield bucket;
  }
}

/** Each branch of a $facet gets documents of its own, as a stage may write into what it is given. */
const structured = (docs: readonly Doc[]): Doc[] => docs.map((doc) => promote(doc) as Doc);
