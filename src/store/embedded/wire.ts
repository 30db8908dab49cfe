// MongoDB's wire protocol: frames from bytes and bytes from answers. Knows nothing of what a command means.
// OP_MSG for everything; OP_QUERY only for the greeting that a driver sends before it knows better.
import type { Long } from 'bson';
import { type Doc, readDoc, writeDoc } from './value.ts';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
export const MOST_FRAME_BYTES = 48_000_000 + 16_384;

export interface Request {
  readonly id: number;
  readonly legacy: boolean;
  /** False where the sender waits for no reply. */
  readonly answered: boolean;
  readonly body: Doc;
}

/** The complete frames at the head of the bytes, and how many bytes they take. */
export function framesOf(bytes: Buffer): { frames: Buffer[]; used: number } {
  const frames: Buffer[] = [];
  let used = 0;
  while (bytes.length - used >= HEADER) {
    const length = bytes.readInt32LE(used);
    if (length < HEADER || length > MOST_FRAME_BYTES)
      throw new Error(`a frame of ${length} bytes is not acceptable`);
    if (bytes.length - used < length) break;
    frames.push(bytes.subarray(used, used + length));
    used += length;
  }
  return { frames, used };
}

export function readRequest(frame: Buffer): Request {
  const id = frame.readInt32LE(4);
  const code = frame.readInt32LE(12);
  if (code === OP_QUERY) {
    const name = frame.indexOf(0, HEADER + 4);
    const db = frame.toString('utf8', HEADER + 4, name).split('.')[0];
    return { id, legacy: true, answered: true, body: { ...readDoc(frame.subarray(name + 9)), $db: db } };
  }
  if (code !== OP_MSG) throw new Error(`the operation ${code} is not served`);
  const flags = frame.readUInt32LE(HEADER);
  if (flags & 0xfffc & ~0x10000) throw new Error(`the message flags ${flags} are not served`);
  const end = frame.length - (flags & 1 ? 4 : 0);
  let body: Doc = {};
  const sequences: Doc = {};
  for (let at = HEADER + 4; at < end; ) {
    const kind = frame[at]!;
    const size = frame.readInt32LE(at + 1);
    const section = frame.subarray(at + 1, at + 1 + size);
    if (kind === 0) body = readDoc(section);
    else if (kind === 1) {
      const name = section.indexOf(0, 4);
      sequences[section.toString('utf8', 4, name)] = documentsOf(section.subarray(name + 1));
    } else throw new Error(`the section kind ${kind} is not served`);
    at += 1 + size;
  }
  return { id, legacy: false, answered: (flags & 2) === 0, body: { ...body, ...sequences } };
}

function documentsOf(bytes: Buffer): Doc[] {
  const docs: Doc[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readInt32LE(at);
    docs.push(readDoc(bytes.subarray(at, at + size)));
    at += size;
  }
  return docs;
}

export function writeReply(request: Request, answer: Doc | Buffer): Buffer {
  const body = Buffer.isBuffer(answer) ? answer : writeDoc(answer);
  const head = Buffer.alloc(HEADER + (request.legacy ? 20 : 5));
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(request.id, 8);
  head.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    head.writeInt32LE(8, HEADER);
    head.writeInt32LE(1, HEADER + 16);
  }
  return Buffer.concat([head, body]);
}

/** A cursor's answer around documents that stay raw. */
export function batchReply(
  name: 'firstBatch' | 'nextBatch',
  docs: readonly Uint8Array[],
  id: Long,
  ns: string,
): Buffer {
  const text = Buffer.from(`${ns}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32LE(text.length);
  const batch = frame(docs.flatMap((doc, i) => [Buffer.from(`\u0003${i}\0`), doc]));
  const cursor = frame([
    ...[Buffer.from(`\u0004${name}\0`), batch],
    ...[Buffer.from('\u0012id\0'), Buffer.from(id.toBytesLE())],
    ...[Buffer.from('\u0002ns\0'), length, text],
  ]);
  const ok = Buffer.alloc(8);
  ok.writeDoubleLE(1);
  return frame([Buffer.from('\u0003cursor\0'), cursor, Buffer.from('\u0001ok\0'), ok]);
}

function frame(elements: readonly Uint8Array[]): Buffer {
  const size = elements.reduce((sum, { length }) => sum + length, 5);
  const head = Buffer.alloc(4);
  head.writeInt32LE(size);
  return Buffer.concat([head, ...elements, Buffer.from([0])], size);
}
