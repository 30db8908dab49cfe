// Sort patterns as comparisons, and the keys that an index and a sort share.
import { StoreFault } from './fault.ts';
import { indexedValues, type Parts } from './path.ts';
import { compare, type Doc, isDoc, isNumber, keyOf, toNumber } from './value.ts';

export interface SortField {
  readonly path: string;
  readonly parts: Parts;
  readonly direction: 1 | -1;
}

export function sortFields(pattern: unknown): SortField[] {
  if (!isDoc(pattern)) throw new StoreFault('TypeMismatch', 'a sort pattern must be an object');
  return Object.entries(pattern).map(([path, value]) => {
    const direction = toNumber(value);
    if (!isNumber(value) || (direction !== 1 && direction !== -1) || path === '' || path.startsWith('$'))
      throw new StoreFault(
        'BadValue',
        `$sort key ordering must be 1 (for ascending) or -1 (for descending): ${path}`,
      );
    return { path, parts: path.split('.'), direction };
  });
}

/** The key of each field: of an array's elements the least when ascending, the greatest when descending. */
export function sortKey(doc: Doc, fields: readonly SortField[]): Buffer[] {
  return fields.map(({ parts, direction }) => {
    const keys = indexedValues(doc, parts).values.map(keyOf);
    return keys.reduce((best, key) => (Buffer.compare(key, best) * direction < 0 ? key : best));
  });
}

export function compareKeys(
  a: readonly Buffer[],
  b: readonly Buffer[],
  fields: readonly SortField[],
): number {
  for (let i = 0; i < fields.length; i++) {
    const order = Buffer.compare(a[i]!, b[i]!);
    if (order !== 0) return order * fields[i]!.direction;
  }
  return 0;
}

/** The order of a $push's $sort: of whole elements, or of their fields. */
export function orderBy(pattern: unknown): (a: unknown, b: unknown) => number {
  if (!isDoc(pattern)) {
    const direction = toNumber(pattern);
    if (direction !== 1 && direction !== -1)
      throw new StoreFault('BadValue', 'The $sort element value must be 1 or -1');
    return (a, b) => compare(a, b) * direction;
  }
  const fields = sortFields(pattern);
  const key = (value: unknown) => sortKey(isDoc(value) ? value : {}, fields);
  return (a, b) => compareKeys(key(a), key(b), fields);
}
