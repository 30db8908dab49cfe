// How far two folded spellings are apart, and how far they may be: a guess must be near, and alone in being near.
// Never compares long texts: what differs in length by more than the bound is refused before any distance.
import { distance } from 'fastest-levenshtein';

/** Edits forgiven for a word or phrase of this length. */
export function forgiven(length: number): number {
  if (length < 4) return 0;
  if (length < 6) return 1;
  return length < 10 ? 2 : 3;
}

/** Edits between two spellings, two neighbours swapped being one; Infinity beyond the bound. */
export function edits(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return Number.POSITIVE_INFINITY;
  const plain = distance(a, b);
  if (plain < 2) return plain <= bound ? plain : Number.POSITIVE_INFINITY;
  // A swap is two plain edits, so what is more than twice the bound away cannot come within it.
  if (plain > bound * 2) return Number.POSITIVE_INFINITY;
  const apart = withSwaps(a, b);
  return apart <= bound ? apart : Number.POSITIVE_INFINITY;
}

/** Optimal string alignment, three rows at a time. */
function withSwaps(a: string, b: string): number {
  let older: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const change = (above[j - 1] ?? 0) + (same ? 0 : 1);
      let least = Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swap) least = Math.min(least, (older[j - 2] ?? 0) + 1);
      row.push(least);
    }
    older = above;
    above = row;
  }
  return above[b.length] ?? 0;
}

/** Whether one letter more, less, other, or one swap of neighbours makes them equal; allocates nothing. */
export function oneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start++;
  let end = 0;
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end))
    end++;
  const left = a.length - start - end;
  const right = b.length - start - end;
  if (left <= 1 && right <= 1) return true;
  const swap = left === 2 && right === 2;
  return swap && a[start] === b[start + 1] && a[start + 1] === b[start];
}

const digitsOf = (key: string): string => key.replace(/\D+/gu, ' ').trim();

/**
 * Whether a near spelling says the opposite or another quantity: «недоволен» is two edits from «доволен»,
 * "6 days" is one from "5 days", and neither may pass for a typo.
 */
export function contradicts(
  a: string,
  b: string,
  not: ReadonlySet<string>,
  notPrefixes: readonly string[],
): boolean {
  if (digitsOf(a) !== digitsOf(b)) return true;
  if (negations(a, not) !== negations(b, not)) return true;
  const apart = distance(a, b);
  return notPrefixes.some(
    (prefix) => flips(a, b, prefix, apart) || flips(b, a, prefix, apart) || flipsWord(a, b, prefix),
  );
}

const negations = (key: string, not: ReadonlySet<string>): number =>
  key.split(' ').filter((word) => not.has(word)).length;

const flips = (a: string, b: string, prefix: string, apart: number): boolean =>
  a.startsWith(prefix) && distance(a.slice(prefix.length).trimStart(), b) < apart;

/** The same inside a phrase: word by word, one side carries the prefix and the other does not. */
function flipsWord(a: string, b: string, prefix: string): boolean {
  const left = a.split(' ');
  const right = b.split(' ');
  if (left.length !== right.length || left.length === 1) return false;
  return left.some((word, at) => {
    const other = right[at] ?? '';
    if (word === other) return false;
    const apart = distance(word, other);
    return flips(word, other, prefix, apart) || flips(other, word, prefix, apart);
  });
}
