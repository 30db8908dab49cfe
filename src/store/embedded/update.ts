// Update documents as changes of one document, after MongoDB's operators. Pure: the time comes in.
import { BSONRegExp, Double, Int32, Long } from 'bson';
import { notServed, StoreFault } from './fault.ts';
import { compileElement, isOperators } from './match.ts';
import { offsetOf, type Parts } from './path.ts';
import { orderBy } from './sort.ts';
import { compare, type Doc, equal, isDoc, isNumber, numberKind, own, toNumber, typeName } from './value.ts';

export interface Turn {
  readonly inserting: boolean;
  readonly now: Date;
}
/** Changes the document in place, or returns the one that replaces it. */
export type Update = (doc: Doc, turn: Turn) => Doc;

const ABSENT = Symbol('absent');
/** What becomes of the value at a path; `undefined` comes in for a missing one, ABSENT goes out for none. */
type Change = (old: unknown, turn: Turn) => unknown;
interface Step {
  readonly path: string;
  readonly parts: Parts;
  readonly change: Change;
  /** 'make' creates what is missing on the way, 'look' changes only what is there, 'unset' bears any way. */
  readonly mode: 'make' | 'look' | 'unset';
  readonly from?: Parts;
  /** Done only where the document is new. */
  readonly inserting?: boolean;
}

const bad = (message: string): StoreFault => new StoreFault('BadValue', message);

export function compileUpdate(update: unknown): { apply: Update; replacement: boolean } {
  if (Array.isArray(update)) throw notServed('updates written as a pipeline');
  if (!isDoc(update)) throw new StoreFault('FailedToParse', 'The update must be an object');
  if (!isOperators(update)) return { apply: replacing(update), replacement: true };
  const steps = Object.entries(update).flatMap(([op, fields]) => {
    if (!Object.hasOwn(OPERATORS, op))
      throw new StoreFault('FailedToParse', `Unknown modifier: ${op}. Expected a valid update modifier`);
    if (!isDoc(fields))
      throw new StoreFault('FailedToParse', `Modifiers operate on fields but ${op} got none`);
    return Object.entries(fields).map(([path, arg]) => makeStep(op, path, arg));
  });
  refuseConflicts(steps);
  // MongoDB applies the changes in the order of the paths, which decides where new fields come to stand.
  steps.sort((a, b) => comparePaths(a.parts, b.parts));
  const apply: Update = (doc, turn) => {
    for (const step of steps) if (turn.inserting || !step.inserting) applyStep(doc, step, turn);
    return doc;
  };
  return { apply, replacement: false };
}

function replacing(update: Doc): Update {
  const dollar = Object.keys(update).find((name) => name.startsWith('$'));
  if (dollar !== undefined)
    throw new StoreFault(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${dollar}' is not allowed`,
    );
  return (doc) => ('_id' in doc ? { _id: doc._id, ...update } : update);
}

function makeStep(op: string, path: string, arg: unknown): Step {
  const parts = splitPath(path);
  if (op === '$rename') {
    if (typeof arg !== 'string') throw bad(`The 'to' field for $rename must be a string: ${path}`);
    return { path: arg, parts: splitPath(arg), from: parts, change: (old) => old, mode: 'make' };
  }
  const mode =
    op === '$unset' ? 'unset' : op === '$pull' || op === '$pullAll' || op === '$pop' ? 'look' : 'make';
  return { path, parts, change: OPERATORS[op]!(arg, path), mode, inserting: op === '$setOnInsert' };
}

export function splitPath(path: string): Parts {
  const parts = path.split('.');
  for (const part of parts) {
    if (part === '')
      throw new StoreFault('EmptyFieldName', `The update path '${path}' contains an empty field name`);
    if (part === '__proto__') throw bad(`the field name '__proto__' is not served`);
    if (part === '$' || part.startsWith('$[')) throw notServed(`positional updates ('${path}')`);
    if (part.startsWith('$'))
      throw new StoreFault(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${part}' is not allowed`,
      );
  }
  return parts;
}

function comparePaths(a: Parts, b: Parts): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue;
    const [x, y] = [offsetOf(a[i]!), offsetOf(b[i]!)];
    return x >= 0 && y >= 0 ? x - y : Buffer.compare(Buffer.from(a[i]!), Buffer.from(b[i]!));
  }
  return a.length - b.length;
}

function refuseConflicts(steps: readonly Step[]): void {
  const paths = steps.flatMap(({ parts, from }) => (from ? [parts, from] : [parts])).sort(comparePaths);
  for (let i = 1; i < paths.length; i++) {
    const [before, path] = [paths[i - 1]!, paths[i]!];
    if (before.every((part, at) => part === path[at]))
      throw new StoreFault(
        'ConflictingUpdateOperators',
        `Updating the path '${path.join('.')}' would create a conflict at '${before.join('.')}'`,
      );
  }
}

function applyStep(doc: Doc, step: Step, turn: Turn): void {
  if (step.from) {
    rename(doc, step.from, step, turn);
    return;
  }
  const parent = parentOf(doc, step.parts, step.mode, false);
  const name = step.parts.at(-1)!;
  const old = parent && (Array.isArray(parent) ? parent[offsetOf(name)] : own(parent, name));
  if (old === undefined && step.mode !== 'make') return;
  const value = step.change(old, turn);
  if (value === old) return;
  if (value !== ABSENT) place(parentOf(doc, step.parts, 'make', true)!, name, value, step);
  else if (Array.isArray(parent)) parent[offsetOf(name)] = null;
  else if (parent) delete parent[name];
}

function rename(doc: Doc, from: Parts, step: Step, turn: Turn): void {
  const source = parentOf(doc, from, 'unset', false);
  if (Array.isArray(source)) throw bad(`The source field cannot be an array element: '${from.join('.')}'`);
  const value = source && own(source, from.at(-1)!);
  if (source === undefined || value === undefined) return;
  delete source[from.at(-1)!];
  const target = parentOf(doc, step.parts, 'make', true);
  if (Array.isArray(target)) throw bad(`The destination field cannot be an array element: '${step.path}'`);
  place(target!, step.parts.at(-1)!, step.change(value, turn), step);
}

/** The document or array that holds the path's last part; undefined where it is missing and not to be made. */
function parentOf(doc: Doc, parts: Parts, mode: Step['mode'], make: boolean): Doc | unknown[] | undefined {
  let parent: Doc | unknown[] = doc;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (Array.isArray(parent) && offsetOf(part) < 0) {
      if (mode === 'unset') return undefined;
      throw notViable(part, parts[i - 1]!, parent);
    }
    if (i === parts.length - 1) break;
    let next: unknown = Array.isArray(parent) ? parent[offsetOf(part)] : own(parent, part);
    if (next === undefined) {
      if (!make) return undefined;
      next = {};
      place(parent, part, next, { path: parts.join('.') });
    }
    if (!isDoc(next) && !Array.isArray(next)) {
      if (mode === 'unset') return undefined;
      throw notViable(parts[i + 1]!, part, next);
    }
    parent = next;
  }
  return parent;
}

const notViable = (part: string, at: string, value: unknown): StoreFault =>
  new StoreFault('PathNotViable', `Cannot create field '${part}' in element {${at}: <${typeName(value)}>}`);

function place(parent: Doc | unknown[], name: string, value: unknown, { path }: Pick<Step, 'path'>): void {
  if (!Array.isArray(parent)) {
    parent[name] = value;
    return;
  }
  const offset = offsetOf(name);
  if (offset - parent.length > 1_500_000) throw bad(`cannot backfill the array to reach '${path}'`);
  while (parent.length < offset) parent.push(null);
  parent[offset] = value;
}

function arithmetic(op: '$inc' | '$mul'): (arg: unknown, path: string) => Change {
  return (arg, path) => {
    const verb = op === '$inc' ? 'increment' : 'multiply';
    if (!isNumber(arg))
      throw new StoreFault('TypeMismatch', `Cannot ${verb} with non-numeric argument: {${path}}`);
    return (old) => {
      if (old === undefined) return op === '$inc' ? arg : product(op, new Int32(0), arg);
      if (isNumber(old)) return product(op, old, arg);
      throw new StoreFault(
        'TypeMismatch',
        `Cannot apply ${op} to a value of non-numeric type. The field '${path}' is of type ${typeName(old)}`,
      );
    };
  };
}

type Num = number | bigint | Int32 | Double | Long;

function product(op: '$inc' | '$mul', a: Num, b: Num): Int32 | Double | Long {
  const [x, y] = [numberKind(a), numberKind(b)];
  if (x === 'double' || y === 'double') {
    return new Double(op === '$inc' ? toNumber(a) + toNumber(b) : toNumber(a) * toNumber(b));
  }
  const [m, n] = [a, b].map((value) => (value instanceof Long ? value.toBigInt() : BigInt(toNumber(value))));
  const result = op === '$inc' ? m! + n! : m! * n!;
  if (x === 'int' && y === 'int' && BigInt.asIntN(32, result) === result) return new Int32(Number(result));
  if (BigInt.asIntN(64, result) !== result)
    throw bad(`Failed to apply ${op} operations to current value: overflow`);
  return Long.fromBigInt(result);
}

const extreme =
  (sign: number) =>
  (arg: unknown): Change =>
  (old) =>
    old === undefined || Math.sign(compare(arg, old)) === sign ? arg : old;

function asArray(old: unknown, path: string): unknown[] {
  if (Array.isArray(old)) return old;
  throw bad(`The field '${path}' must be an array but is of type ${typeName(old)}`);
}

/** The values of a $push or $addToSet: one, or those of its $each with the modifiers that may stand beside it. */
function each(arg: unknown, allowed: readonly string[]): { values: unknown[]; modifiers: Doc } {
  if (!isOperators(arg)) return { values: [arg], modifiers: {} };
  for (const name of Object.keys(arg)) if (!allowed.includes(name)) throw bad(`Unrecognized clause: ${name}`);
  if (!Array.isArray(arg.$each)) throw bad('The argument to $each must be an array');
  return { values: arg.$each, modifiers: arg };
}

function push(arg: unknown, path: string): Change {
  const { values, modifiers } = each(arg, ['$each', '$slice', '$position', '$sort']);
  const whole = (name: string): number | undefined => {
    if (modifiers[name] === undefined) return undefined;
    if (Number.isInteger(toNumber(modifiers[name]))) return toNumber(modifiers[name]);
    throw bad(`The value for ${name} must be an integer value`);
  };
  const [slice, position] = [whole('$slice'), whole('$position')];
  const order = modifiers.$sort === undefined ? undefined : orderBy(modifiers.$sort);
  return (old) => {
    let array = old === undefined ? [] : [...asArray(old, path)];
    array.splice(position ?? array.length, 0, ...values);
    if (order) array.sort(order);
    if (slice !== undefined) array = slice < 0 ? array.slice(slice) : array.slice(0, slice);
    return array;
  };
}

function addToSet(arg: unknown, path: string): Change {
  const { values } = each(arg, ['$each']);
  return (old) => {
    const array = old === undefined ? [] : [...asArray(old, path)];
    for (const value of values) if (!array.some((element) => equal(element, value))) array.push(value);
    return array;
  };
}

function pull(arg: unknown, path: string): Change {
  const byCondition = isDoc(arg) || arg instanceof BSONRegExp;
  const matches = byCondition ? compileElement(arg) : (element: unknown) => equal(element, arg);
  const docsOnly = isDoc(arg) && !isOperators(arg);
  return (old) =>
    asArray(old, path).filter((element) => !((isDoc(element) || !docsOnly) && matches(element)));
}

function pullAll(arg: unknown, path: string): Change {
  if (!Array.isArray(arg)) throw bad('$pullAll requires an array argument');
  return (old) => asArray(old, path).filter((element) => !arg.some((value) => equal(element, value)));
}

function pop(arg: unknown, path: string): Change {
  const end = toNumber(arg);
  if (end !== 1 && end !== -1) throw new StoreFault('FailedToParse', '$pop expects 1 or -1');
  return (old) => {
    if (!Array.isArray(old))
      throw new StoreFault('TypeMismatch', `Path '${path}' contains an element of non-array type`);
    return end === 1 ? old.slice(0, -1) : old.slice(1);
  };
}

function currentDate(arg: unknown): Change {
  if (arg !== true && !(isDoc(arg) && arg.$type === 'date'))
    throw notServed('$currentDate other than of a date');
  return (_, { now }) => now;
}

const OPERATORS: Record<string, (arg: unknown, path: string) => Change> = {
  $set: (arg) => () => arg,
  $setOnInsert: (arg) => () => arg,
  $unset: () => () => ABSENT,
  $inc: arithmetic('$inc'),
  $mul: arithmetic('$mul'),
  $min: extreme(-1),
  $max: extreme(1),
  $push: push,
  $addToSet: addToSet,
  $pull: pull,
  $pullAll: pullAll,
  $pop: pop,
  $currentDate: currentDate,
  $rename: () => (old) => old,
};
