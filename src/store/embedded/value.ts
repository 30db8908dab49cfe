// BSON values and their order. One memcmp-comparable encoding serves comparison, sorting and the indexes, so that
// an index scan and a full scan can never disagree. Values keep their exact BSON type from disk to wire.
import {
  Binary,
  BSONRegExp,
  Double,
  deserialize,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
} from 'bson';
import { notServed } from './fault.ts';

export type Doc = Record<string, unknown>;

/** Stands for the key of an empty array, which sorts below null. */
export const EMPTY = Symbol('empty array');

// Gaps between the ranks leave room for the edges of a type's range.
export const RANK = {
  minKey: 10,
  undefined: 20,
  null: 30,
  number: 40,
  string: 60,
  object: 70,
  array: 80,
  binData: 90,
  objectId: 100,
  bool: 110,
  date: 120,
  timestamp: 130,
  regex: 140,
  maxKey: 240,
} as const;

export const readDoc = (raw: Uint8Array): Doc =>
  deserialize(raw, { promoteValues: false, promoteLongs: false, bsonRegExp: true });
export const writeDoc = (doc: Doc): Buffer => Buffer.from(serialize(doc, { ignoreUndefined: false }));
export const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
/** A field named like something of Object.prototype must not be found where it is missing. */
export const own = (doc: Doc, name: string): unknown => (Object.hasOwn(doc, name) ? doc[name] : undefined);

export function isNumber(value: unknown): value is number | bigint | Int32 | Double | Long {
  return (
    typeof value === 'number' ||
    value instanceof Int32 ||
    value instanceof Double ||
    value instanceof Long ||
    typeof value === 'bigint'
  );
}
export const toNumber = (value: unknown): number =>
  typeof value === 'number'
    ? value
    : value instanceof Int32 || value instanceof Double
      ? value.value
      : isNumber(value)
        ? Number(value instanceof Long ? value.toBigInt() : value)
        : Number.NaN;

export function numberKind(value: number | bigint | Int32 | Double | Long): 'int' | 'long' | 'double' {
  if (value instanceof Long || typeof value === 'bigint') return 'long';
  if (typeof value === 'number') return Number.isInteger(value) && (value | 0) === value ? 'int' : 'double';
  return value instanceof Int32 ? 'int' : 'double';
}

export function rankOf(value: unknown): keyof typeof RANK {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (isNumber(value)) return 'number';
  if (value === EMPTY) return 'undefined';
  if (Array.isArray(value)) return 'array';
  if (isDoc(value)) return 'object';
  if (value instanceof Date) return 'date';
  if (value instanceof ObjectId) return 'objectId';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Binary) return 'binData';
  if (value instanceof BSONRegExp) return 'regex';
  if (value instanceof MinKey) return 'minKey';
  if (value instanceof MaxKey) return 'maxKey';
  throw notServed(`comparing values of the BSON type ${Object(value).constructor?.name}`);
}

/** The name $type and the error messages use. */
export const typeName = (value: unknown): string =>
  isNumber(value) && !(value instanceof Timestamp) ? numberKind(value) : rankOf(value);

export function keyOf(value: unknown): Buffer {
  const parts: Buffer[] = [];
  put(parts, value);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

const END = Buffer.from([0]);

function put(parts: Buffer[], value: unknown): void {
  const kind = rankOf(value);
  if (kind === 'number') {
    parts.push(numberKey(value));
    return;
  }
  parts.push(Buffer.from([RANK[kind]]));
  if (kind === 'string') parts.push(text(value as string));
  else if (kind === 'date') parts.push(int64(BigInt((value as Date).getTime())));
  else if (kind === 'bool') parts.push(Buffer.from([value === true ? 1 : 0]));
  else if (kind === 'objectId') parts.push(Buffer.from((value as ObjectId).id));
  else if (kind === 'array') {
    for (const element of value as unknown[]) put(parts, element);
    parts.push(END);
  } else if (kind === 'object') {
    for (const [name, field] of Object.entries(value as Doc)) {
      parts.push(Buffer.from([RANK[rankOf(field)]]), text(name));
      put(parts, field);
    }
    parts.push(END);
  } else if (kind === 'binData') {
    const { sub_type, position, buffer } = value as Binary;
    const head = Buffer.alloc(5);
    head.writeUInt32BE(position);
    head[4] = sub_type;
    parts.push(head, Buffer.from(buffer.subarray(0, position)));
  } else if (kind === 'timestamp') {
    const out = Buffer.alloc(8);
    out.writeBigUInt64BE((value as Timestamp).toBigInt() & 0xffffffffffffffffn);
    parts.push(out);
  } else if (kind === 'regex') {
    parts.push(text((value as BSONRegExp).pattern), text((value as BSONRegExp).options));
  }
}

/** UTF-8 as MongoDB compares it; a NUL inside is escaped so that no string is a prefix of another's key. */
function text(value: string): Buffer {
  const escaped = value.includes('\0') ? Buffer.from(value.replaceAll('\0', '\0\u0001')) : Buffer.from(value);
  return Buffer.concat([escaped, END, END]);
}

function int64(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt.asUintN(64, value) ^ 0x8000000000000000n);
  return out;
}

/** The nearest double, then what a long differs from it by: exact for every int, long and double together. */
function numberKey(value: unknown): Buffer {
  const out = Buffer.alloc(11);
  out[0] = RANK.number;
  const exact = value instanceof Long ? value.toBigInt() : typeof value === 'bigint' ? value : undefined;
  const double = exact === undefined ? toNumber(value) : Number(exact);
  if (Number.isNaN(double)) return out;
  out.writeDoubleBE(double === 0 ? 0 : double, 1);
  if (out[1]! & 0x80) for (let i = 1; i < 9; i++) out[i] = ~out[i]! & 0xff;
  else out[1]! |= 0x80;
  out.writeUInt16BE(0x8000 + (exact === undefined ? 0 : Number(exact - BigInt(double))), 9);
  return out;
}

export function compare(a: unknown, b: unknown): number {
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Int32 && b instanceof Int32) return a.value - b.value;
  return Buffer.compare(keyOf(a), keyOf(b));
}

export function equal(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return compare(a, b) === 0;
}
