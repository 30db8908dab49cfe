// What a network told, written down whatever it is: to be put aside for a person to see, or to stand in the log. Nothing
// here throws, and nothing of a person comes into the log by it.

/** No network's own updates go so deep; walking much deeper would exhaust the stack. */
const DEEPEST = 64;
const CUT = '…';

/** Its JSON, cut where it is deeper than anything a network means. */
export function written(value: unknown): string {
  return JSON.stringify(cut(value, DEEPEST)) ?? 'null';
}

function cut(value: unknown, left: number): unknown {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  if (left === 0) return CUT;
  if (Array.isArray(value)) return value.map((one) => cut(one, left - 1));
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, one] of Object.entries(value)) copy[key] = cut(one, left - 1);
  return copy;
}

/** A kind as networks name them; anything else may be a person's words. */
export const kindIn = (value: unknown): string =>
  typeof value === 'string' && /^[a-z][a-z_]{0,39}$/.test(value) ? value : 'unknown';
