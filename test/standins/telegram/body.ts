// Reads the parameters of one call: query string, JSON, urlencoded or multipart. It only takes apart; what a
// parameter may be is decided in validate.ts.
import type { IncomingMessage } from 'node:http';
import { bad, Refusal } from './refusal.ts';

export interface Upload {
  readonly name: string;
  readonly fileName: string;
  readonly bytes: Buffer;
}

export interface CallBody {
  readonly params: Record<string, unknown>;
  readonly uploads: ReadonlyMap<string, Upload>;
  /** JSON carries types; the other forms carry text that has to be read by the parameter's type. */
  readonly typed: boolean;
}

const MAX_BODY = 52 * 1024 * 1024;

async function collect(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    const chunk = part as Buffer;
    size += chunk.length;
    if (size > MAX_BODY) throw new Refusal(413, 'Request Entity Too Large');
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

function parameter(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\r\\n]*))`, 'i').exec(header);
  return found?.[1] ?? found?.[2];
}

function readMultipart(body: Buffer, boundary: string): Omit<CallBody, 'typed'> {
  const params: Record<string, unknown> = {};
  const uploads = new Map<string, Upload>();
  const mark = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  let from = whole.indexOf(mark);
  if (from < 0) throw bad("can't parse multipart body: no boundary found");
  for (;;) {
    from += mark.length;
    if (whole.subarray(from, from + 2).toString('latin1') === '--') return { params, uploads };
    const next = whole.indexOf(mark, from);
    const head = whole.indexOf('\r\n\r\n', from);
    if (next < 0 || head < 0 || head > next) throw bad("can't parse multipart body: unexpected end");
    const headers = whole.subarray(from, head).toString('utf8');
    const bytes = whole.subarray(head + 4, next);
    const disposition = /^content-disposition:(.*)$/im.exec(headers)?.[1] ?? '';
    const name = parameter(disposition, 'name');
    const fileName = parameter(disposition, 'filename');
    if (name === undefined) throw bad("can't parse multipart body: a part has no name");
    if (fileName === undefined) params[name] = bytes.toString('utf8');
    else uploads.set(name, { name, fileName, bytes: Buffer.from(bytes) });
    from = next;
  }
}

export async function readBody(request: IncomingMessage, query: URLSearchParams): Promise<CallBody> {
  const params: Record<string, unknown> = Object.fromEntries(query);
  const raw = await collect(request);
  const type = request.headers['content-type'] ?? '';
  if (raw.length === 0) return { params, uploads: new Map(), typed: false };
  if (type.startsWith('application/json')) {
    let value: unknown;
    try {
      value = JSON.parse(raw.toString('utf8'));
    } catch {
      throw bad("can't parse JSON object", 'wrong-type');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw bad('object expected', 'wrong-type');
    }
    return { params: { ...params, ...value }, uploads: new Map(), typed: true };
  }
  if (type.startsWith('application/x-www-form-urlencoded')) {
    Object.assign(params, Object.fromEntries(new URLSearchParams(raw.toString('utf8'))));
    return { params, uploads: new Map(), typed: false };
  }
  const boundary = parameter(`;${type.split(';').slice(1).join(';')}`, 'boundary');
  if (type.startsWith('multipart/form-data') && boundary !== undefined) {
    const parts = readMultipart(raw, boundary);
    return { params: { ...params, ...parts.params }, uploads: parts.uploads, typed: false };
  }
  throw bad(`unsupported content type "${type}"`, 'wrong-type');
}
