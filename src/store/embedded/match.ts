// Filters as tests of one document, after MongoDB's matcher. Pure: knows nothing of indexes, disk or time.
import { BSONRegExp, MaxKey, MinKey } from 'bson';
import { notServed, StoreFault } from './fault.ts';
import { type Parts, someAt } from './path.ts';
import { compileRegex } from './regex.ts';
import { compare, type Doc, equal, isDoc, isNumber, RANK, rankOf, toNumber, typeName } from './value.ts';

export type Test = (doc: Doc) => boolean;
export interface Predicate {
  readonly path: string;
  readonly op: string;
  readonly arg: unknown;
}
/** Whether any value in reach passes; with `expand`, an array at the end of a path is also tried by element. */
type Reach = (expand: boolean, one: (value: unknown) => boolean) => boolean;
type Condition = (reach: Reach) => boolean;

const bad = (message: string): StoreFault => new StoreFault('BadValue', message);

export function compileFilter(filter: unknown): Test {
  if (!isDoc(filter)) throw new StoreFault('TypeMismatch', 'the filter must be an object');
  const tests = Object.entries(filter).map(([name, arg]) => {
    if (name === '$comment') return () => true;
    if (name.startsWith('$')) return logic(name, arg);
    const all = predicatesOf(name, arg).map(compilePredicate);
    return all.length === 1 ? all[0]! : (doc: Doc) => all.every((test) => test(doc));
  });
  return tests.length === 1 ? tests[0]! : (doc) => tests.every((test) => test(doc));
}

function logic(name: string, arg: unknown): Test {
  if (name !== '$and' && name !== '$or' && name !== '$nor') throw bad(`unknown top level operator: ${name}`);
  if (!Array.isArray(arg) || arg.length === 0) throw bad(`${name} must be a nonempty array`);
  const tests = arg.map((part) => {
    if (!isDoc(part)) throw bad(`${name} argument's entries must be objects`);
    return compileFilter(part);
  });
  if (name === '$and') return (doc) => tests.every((test) => test(doc));
  if (name === '$or') return (doc) => tests.some((test) => test(doc));
  return (doc) => !tests.some((test) => test(doc));
}

export const isOperators = (value: unknown): value is Doc =>
  isDoc(value) && (Object.keys(value)[0]?.startsWith('$') ?? false);

/** A field's condition, taken apart; an implicit equality becomes $eq, $options joins its $regex. */
export function predicatesOf(path: string, condition: unknown): Predicate[] {
  if (condition instanceof BSONRegExp) return [{ path, op: '$regex', arg: condition }];
  if (!isOperators(condition)) return [{ path, op: '$eq', arg: condition }];
  return Object.entries(condition).flatMap(([op, arg]) => {
    if (op === '$options') {
      if (!Object.hasOwn(condition, '$regex')) throw bad('$options needs a $regex');
      return [];
    }
    if (op === '$regex') return [{ path, op, arg: regexOf(arg, condition.$options) }];
    if (!Object.hasOwn(OPERATORS, op)) throw bad(`unknown operator: ${op}`);
    return [{ path, op, arg }];
  });
}

function regexOf(arg: unknown, options: unknown): BSONRegExp {
  if (options !== undefined && typeof options !== 'string') throw bad('$options has to be a string');
  if (arg instanceof BSONRegExp) return options === undefined ? arg : new BSONRegExp(arg.pattern, options);
  if (typeof arg !== 'string') throw bad('$regex has to be a string');
  return new BSONRegExp(arg, options ?? '');
}

function compilePredicate({ path, op, arg }: Predicate): Test {
  const condition = OPERATORS[op]!(arg);
  const parts: Parts = path.split('.');
  return (doc) => condition((expand, one) => someAt(doc, parts, expand, one));
}

/** The whole condition put to one value that is no field: an element of an array. */
export function compileElement(condition: unknown): (value: unknown) => boolean {
  const key = isDoc(condition) ? Object.keys(condition)[0] : undefined;
  if (isDoc(condition) && (!key?.startsWith('$') || ['$and', '$or', '$nor'].includes(key))) {
    const test = compileFilter(condition);
    return (value) => (isDoc(value) ? test(value) : Array.isArray(value) && test({ ...value }));
  }
  const all = predicatesOf('', condition).map(({ op, arg }) => OPERATORS[op]!(arg));
  return (value) => all.every((test) => test((_, one) => one(value)));
}

const reaching =
  (one: (value: unknown) => boolean, expand = true): Condition =>
  (reach) =>
    reach(expand, one);
const not =
  (condition: Condition): Condition =>
  (reach) =>
    !condition(reach);

function equality(arg: unknown): (value: unknown) => boolean {
  if (arg === null || arg === undefined) return (value) => value === null || value === undefined;
  rankOf(arg);
  return (value) => value !== undefined && equal(value, arg);
}

function ordering(op: string, holds: (order: number) => boolean): (arg: unknown) => Condition {
  return (arg) => {
    if (arg instanceof BSONRegExp) throw bad(`Can't have RegEx as arg to predicate over field with ${op}`);
    if (arg instanceof MinKey || arg instanceof MaxKey) throw notServed(`${op} with MinKey or MaxKey`);
    if (arg === null) return holds(0) ? reaching(equality(null)) : () => false;
    const rank = RANK[rankOf(arg)];
    const nan = isNumber(arg) && Number.isNaN(toNumber(arg));
    const one = (value: unknown): boolean => {
      if (value === undefined || value === null || RANK[rankOf(value)] !== rank) return false;
      // NaN is ordered below every number in an index, but no range of numbers holds it.
      if (isNumber(value) && Number.isNaN(toNumber(value)) !== nan) return false;
      return holds(compare(value, arg));
    };
    return reaching(one);
  };
}

function membership(arg: unknown): Condition {
  if (!Array.isArray(arg)) throw bad('$in needs an array');
  const texts = new Set(arg.filter((value) => typeof value === 'string'));
  const others = arg
    .filter((value) => typeof value !== 'string')
    .map((value) => {
      if (isOperators(value)) throw bad('cannot nest $ under $in');
      return value instanceof BSONRegExp ? pattern(value) : equality(value);
    });
  return reaching((value) => texts.has(value as string) || others.some((test) => test(value)));
}

function pattern(arg: BSONRegExp): (value: unknown) => boolean {
  const regex = compileRegex(arg);
  return (value) =>
    typeof value === 'string' ? regex.test(value) : value instanceof BSONRegExp && equal(value, arg);
}

const TYPES: Record<string, string> = {
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  '-1': 'minKey',
  127: 'maxKey',
};

function typing(arg: unknown): Condition {
  const wanted = (Array.isArray(arg) ? arg : [arg]).map((type) => {
    const name = isNumber(type) ? TYPES[toNumber(type)] : type;
    if (name !== 'number' && !Object.values(TYPES).includes(name as string))
      throw bad(`Unknown type name alias: ${String(name ?? type)}`);
    return name as string;
  });
  if (wanted.length === 0) throw new StoreFault('FailedToParse', '$type must match at least one type');
  const one = (value: unknown): boolean =>
    value !== undefined &&
    (wanted.includes(typeName(value)) || (isNumber(value) && wanted.includes('number')));
  return reaching(one);
}

function whole(op: string, arg: unknown): number {
  const value = toNumber(arg);
  if (!isNumber(arg) || !Number.isInteger(value)) throw bad(`Failed to parse ${op}. Expected an integer`);
  return value;
}

function size(arg: unknown): Condition {
  const length = whole('$size', arg);
  if (length < 0) throw bad(`Failed to parse $size. Expected a non-negative number in: $size: ${length}`);
  return reaching((value) => Array.isArray(value) && value.length === length, false);
}

function modulo(arg: unknown): Condition {
  if (!Array.isArray(arg) || arg.length !== 2)
    throw bad('malformed mod, needs to be an array of two elements');
  const [divisor, rest] = arg.map((value) => {
    if (!isNumber(value) || !Number.isFinite(toNumber(value)))
      throw bad('malformed mod, not a finite number');
    return Math.trunc(toNumber(value));
  }) as [number, number];
  if (divisor === 0) throw bad('divisor cannot be 0');
  return reaching((value) => {
    if (!isNumber(value) || !Number.isFinite(toNumber(value))) return false;
    return Math.trunc(toNumber(value)) % divisor === rest;
  });
}

function elementMatch(arg: unknown): Condition {
  if (!isDoc(arg)) throw bad('$elemMatch needs an Object');
  const test = compileElement(arg);
  return reaching((value) => Array.isArray(value) && value.some(test), false);
}

function every(arg: unknown): Condition {
  if (!Array.isArray(arg)) throw bad('$all needs an array');
  const all = arg.map((entry) => {
    if (isDoc(entry) && Object.keys(entry)[0] === '$elemMatch') return elementMatch(entry.$elemMatch);
    if (isOperators(entry)) throw bad('no $ expressions in $all');
    return reaching(entry instanceof BSONRegExp ? pattern(entry) : equality(entry));
  });
  return (reach) => all.length > 0 && all.every((test) => test(reach));
}

function negation(arg: unknown): Condition {
  if (!isOperators(arg) && !(arg instanceof BSONRegExp)) throw bad('$not needs a regex or a document');
  const all = predicatesOf('', arg).map((inner) => OPERATORS[inner.op]!(inner.arg));
  return (reach) => !all.every((test) => test(reach));
}

const OPERATORS: Record<string, (arg: unknown) => Condition> = {
  $eq: (arg) => reaching(equality(arg)),
  $ne: (arg) => {
    if (arg instanceof BSONRegExp) throw bad("Can't have regex as arg to $ne.");
    return not(reaching(equality(arg)));
  },
  $gt: ordering('$gt', (order) => order > 0),
  $gte: ordering('$gte', (order) => order >= 0),
  $lt: ordering('$lt', (order) => order < 0),
  $lte: ordering('$lte', (order) => order <= 0),
  $in: membership,
  $nin: (arg) => not(membership(arg)),
  $exists: (arg) => {
    const there = reaching((value) => value !== undefined, false);
    return arg === false || arg === null || (isNumber(arg) && toNumber(arg) === 0) ? not(there) : there;
  },
  $type: typing,
  $size: size,
  $mod: modulo,
  $regex: (arg) => reaching(pattern(arg as BSONRegExp)),
  $elemMatch: elementMatch,
  $all: every,
  $not: negation,
};
