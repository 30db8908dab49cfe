// Dotted paths through documents and arrays, as MongoDB's matcher walks them. Reading only; update.ts writes.
import { type Doc, EMPTY, isDoc, own } from './value.ts';

export type Parts = readonly string[];
type Visit = (value: unknown) => boolean;

export const offsetOf = (part: string): number => (/^(0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1);

/**
 * Whether any value at the path passes; a missing field is visited as undefined. With `expand`, an array at the end
 * is visited element by element and then whole.
 */
export function someAt(doc: Doc, parts: Parts, expand: boolean, visit: Visit, from = 0): boolean {
  let current: unknown = doc;
  for (let at = from; at < parts.length; at++) {
    if (Array.isArray(current)) return someInArray(current, parts, expand, visit, at);
    if (!isDoc(current)) return visit(undefined);
    current = own(current, parts[at]!);
  }
  return (expand && Array.isArray(current) && current.some(visit)) || visit(current);
}

function someInArray(array: unknown[], parts: Parts, expand: boolean, visit: Visit, at: number): boolean {
  const offset = offsetOf(parts[at]!);
  const last = at + 1 === parts.length;
  return array.some((element, i) => {
    if (isDoc(element) && someAt(element, parts, expand, visit, at)) return true;
    if (i !== offset) return false;
    if (last) return visit(element);
    if (isDoc(element)) return someAt(element, parts, expand, visit, at + 1);
    return Array.isArray(element) && someInArray(element, parts, expand, visit, at + 1);
  });
}

/**
 * The values an index or a sort sees at a path: an array gives its elements, an empty one EMPTY, an element that is
 * no document gives a missing value. `array` tells whether any array was met.
 */
export function indexedValues(doc: Doc, parts: Parts): { values: unknown[]; array: boolean } {
  const found = { values: [] as unknown[], array: false };
  gather(doc, parts, 0, found);
  if (found.values.length === 0) found.values.push(undefined);
  return found;
}

function gather(
  value: unknown,
  parts: Parts,
  at: number,
  found: { values: unknown[]; array: boolean },
): void {
  if (Array.isArray(value)) {
    found.array = true;
    if (at === parts.length) found.values.push(...(value.length === 0 ? [EMPTY] : value));
    else {
      const offset = offsetOf(parts[at]!);
      value.forEach((element, i) => {
        if (i === offset) {
          if (at + 1 === parts.length) found.values.push(element);
          else gather(element, parts, at + 1, found);
        }
        gather(isDoc(element) ? element : undefined, parts, at, found);
      });
    }
  } else if (at === parts.length) found.values.push(value);
  else gather(isDoc(value) ? own(value, parts[at]!) : undefined, parts, at + 1, found);
}
