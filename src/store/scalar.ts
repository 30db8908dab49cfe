// The check every value passes before it becomes part of a query: plain text or a plain number, never an object,
// so that nothing from outside can bring an operator along.

/** Longer than any id, short enough that an index takes it. */
const MAX_LENGTH = 1_024;

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be text, not ${kindOf(value)}`);
  if (value.length > MAX_LENGTH) throw new TypeError(`${what} is longer than ${MAX_LENGTH} characters`);
  return value;
}

export function texts(values: unknown, what: string): string[] {
  if (!Array.isArray(values)) throw new TypeError(`${what} must be a list of texts, not ${kindOf(values)}`);
  return values.map((value) => text(value, what));
}

export function number(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new TypeError(`${what} must be a finite number, not ${kindOf(value)}`);
  return value;
}

/** How many documents at most. A limit of 0 would mean all of them to the database. */
export function limit(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw new TypeError('limit must be a whole number from 1');
  return value as number;
}

/** A reason for people to read: never a key, so too long a one is cut and not refused. */
export function reason(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`reason must be text, not ${kindOf(value)}`);
  return value.slice(0, MAX_LENGTH);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value;
}
