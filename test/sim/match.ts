// The part of MongoDB's filters and updates that the store's repositories use, on plain documents. What it does not know
// it refuses: a silent wrong answer would prove nothing.

export type Doc = { readonly _id: string; readonly [field: string]: unknown };
type Fields = Readonly<Record<string, unknown>>;

/** A deep copy; what is undefined is left out, as the driver does. */
export function copy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = new Array(value.length);
    for (let at = 0; at < value.length; at += 1) list[at] = copy(value[at]);
    return list as T;
  }
  if (value instanceof Date) return new Date(value.getTime()) as T;
  const made: Record<string, unknown> = {};
  for (const name in value) {
    const field = (value as Fields)[name];
    if (field !== undefined) made[name] = typeof field === 'object' ? copy(field) : field;
  }
  return made as T;
}

/** All values a path leads to: lists are looked into. */
export function valuesAt(value: unknown, path: string): unknown[] {
  if (!path.includes('.')) {
    const own = (value as Fields)[path];
    return own === undefined ? [] : [own];
  }
  let found: unknown[] = [value];
  for (const step of path.split('.')) {
    const next: unknown[] = [];
    for (const one of found) {
      if (typeof one !== 'object' || one === null) continue;
      const list = Array.isArray(one) ? one : [one];
      for (const each of list) {
        const own = (each as Fields | null)?.[step];
        if (own !== undefined) next.push(own);
      }
    }
    found = next;
  }
  return found;
}

const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

export function matches(doc: Doc, filter: Fields): boolean {
  for (const name in filter) {
    const wanted = filter[name];
    if (name === '$or') {
      if (!(wanted as Fields[]).some((one) => matches(doc, one))) return false;
    } else if (name.startsWith('$')) throw new Error(`the simulated database does not know ${name}`);
    else if (typeof wanted !== 'object' || wanted === null) {
      const own = name === '_id' ? doc._id : undefined;
      if (own !== undefined ? own !== wanted : !hasEqual(valuesAt(doc, name), wanted)) return false;
    } else if (!fits(valuesAt(doc, name), wanted as Fields)) return false;
  }
  return true;
}

function hasEqual(values: readonly unknown[], wanted: unknown): boolean {
  for (const one of values) if (one === wanted || (Array.isArray(one) && one.includes(wanted))) return true;
  return false;
}

const spread = (values: readonly unknown[]): readonly unknown[] =>
  values.length === 1 && !Array.isArray(values[0]) ? values : values.flat();

function fits(values: readonly unknown[], wanted: Fields): boolean {
  for (const operator in wanted) {
    const than = wanted[operator];
    switch (operator) {
      case '$in':
        if (!spread(values).some((one) => (than as unknown[]).includes(one))) return false;
        break;
      case '$ne':
        if (hasEqual(values, than)) return false;
        break;
      case '$exists':
        if (values.length > 0 !== than) return false;
        break;
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        if (!spread(values).some((one) => compares(one, operator, than))) return false;
        break;
      default:
        throw new Error(`the simulated database does not know ${operator}`);
    }
  }
  return true;
}

function compares(one: unknown, operator: string, than: unknown): boolean {
  if (typeof one !== typeof than) return false;
  const [a, b] = [one as number, than as number];
  if (operator === '$gt') return a > b;
  if (operator === '$gte') return a >= b;
  return operator === '$lt' ? a < b : a <= b;
}

type Mutable = Record<string, unknown>;

/** The place a path names, made on the way when `make`. */
function holder(doc: Mutable, path: string, make: boolean): [Mutable, string] | undefined {
  const steps = path.split('.');
  let at: Mutable = doc;
  for (let index = 0; index < steps.length - 1; index += 1) {
    const step = steps[index]!;
    let next = at[step];
    if (next === undefined) {
      if (!make) return undefined;
      next = {};
      at[step] = next;
    }
    if (typeof next !== 'object' || next === null) throw new Error(`nothing can be put into ${path}`);
    at = next as Mutable;
  }
  return [at, steps.at(-1)!];
}

/** The document after the update; the one given is not changed. */
export function updated(doc: Doc, update: Fields, isNew = false): Doc {
  const next = copy(doc) as unknown as Mutable;
  for (const operator in update) {
    const changes = update[operator] as Fields;
    for (const path in changes) {
      const given = changes[path];
      if (given === undefined && operator !== '$unset') continue;
      const place = holder(next, path, operator !== '$unset');
      if (!place) continue;
      const [at, name] = place;
      switch (operator) {
        case '$setOnInsert':
          if (isNew) at[name] = copy(given);
          break;
        case '$set':
          at[name] = copy(given);
          break;
        case '$unset':
          delete at[name];
          break;
        case '$inc':
          at[name] = ((at[name] as number | undefined) ?? 0) + (given as number);
          break;
        case '$max':
          if (at[name] === undefined || (at[name] as number) < (given as number)) at[name] = given;
          break;
        case '$push':
          at[name] = pushed((at[name] ?? []) as unknown[], given);
          break;
        case '$pull':
          if (at[name] !== undefined)
            at[name] = (at[name] as Doc[]).filter((one) => !matches(one, given as Fields));
          break;
        default:
          throw new Error(`the simulated database does not know ${operator}`);
      }
    }
  }
  return next as unknown as Doc;
}

function pushed(list: readonly unknown[], given: unknown): unknown[] {
  if (!isPlain(given) || !('$each' in given)) return [...list, copy(given)];
  const all = [...list, ...copy(given.$each as unknown[])];
  const { $slice: slice } = given;
  if (slice === undefined) return all;
  if ((slice as number) >= 0) throw new Error('the simulated database slices from the end only');
  return all.slice(slice as number);
}
