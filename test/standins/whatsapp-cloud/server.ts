// Carries one HTTP request through the stand-in of the Graph API: token, fault, effect, answer, and the record of it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultRule, FaultSource } from './faults.ts';
import { accept } from './messages.ts';
import { type Json, Refusal, type RequestRecord, type StoredFile, type World, wrong } from './world.ts';

export interface Machine {
  readonly world: World;
  readonly faults: FaultSource;
  readonly url: () => string;
  readonly spend: (phone: string) => boolean;
}

const MB = 1024 * 1024;
/** What the upload takes, and how large; a type beyond the list is refused as Meta does. */
const UPLOADS: readonly (readonly [RegExp, number])[] = [
  [/^image\/(jpeg|png)$/, 5 * MB],
  [/^image\/webp$/, MB / 2],
  [/^video\/(mp4|3gpp)$/, 16 * MB],
  [/^audio\/(aac|mp4|mpeg|amr|ogg|opus)$/, 16 * MB],
  [
    /^(text\/plain|application\/(pdf|msword|vnd\.ms-(excel|powerpoint)|vnd\.openxmlformats-officedocument\..+))$/,
    100 * MB,
  ],
];

interface Route {
  readonly method: string;
  readonly peer?: string;
  readonly params: Json;
  run(record: RequestRecord): { readonly answer: Json | Uint8Array; readonly tell?: () => void };
}

export async function serve(
  machine: Machine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults } = machine;
  const body = await read(request);
  let route: Route;
  try {
    authorise(world, request);
    route = await routeOf(machine, request, body);
  } catch (error) {
    const refusal = asRefusal(error);
    note(world, open(world, 'unknown', {}), refusal);
    return refuse(response, refusal);
  }
  const record = open(world, route.method, route.params);
  response.on('finish', () => {
    record.answered = true;
    world.changed.fire();
  });
  const rule = faults.pick(route.method, route.peer);
  record.fault = rule?.do;
  try {
    if (rule?.do === 'drop-before') return void response.destroy();
    if (rule?.do === '500') return send(response, 500, '<html>500</html>');
    if (rule?.do === 'refuse') throw new Refusal(rule.code ?? 131056);
    const { answer, tell } = route.run(record);
    record.effect = true;
    record.status = 200;
    await give(response, rule, answer);
    if (rule?.do !== 'effect-then-silence') tell?.();
  } catch (error) {
    const refusal = asRefusal(error);
    note(world, record, refusal);
    refuse(response, refusal);
  } finally {
    world.changed.fire();
  }
}

async function give(
  response: ServerResponse,
  rule: FaultRule | undefined,
  answer: Json | Uint8Array,
): Promise<void> {
  if (rule?.do === 'effect-then-drop' || rule?.do === 'effect-then-silence') return void response.destroy();
  if (rule?.do === 'hang') await pause(rule.ms ?? 1_000);
  if (rule?.do === 'garbage') return send(response, 200, '<html><body>502 Bad Gate');
  send(response, 200, answer);
}

function authorise(world: World, request: IncomingMessage): void {
  if (request.headers.authorization !== `Bearer ${world.token}`) throw new Refusal(190);
  if (request.url?.includes(world.token)) world.violations.push('the token stands in an address');
}

async function routeOf(machine: Machine, request: IncomingMessage, body: Buffer): Promise<Route> {
  const { world } = machine;
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [, version, first = '', second = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (version === 'files' && request.method === 'GET') return fileRoute(world, first);
  if (!/^v\d+\.\d$/.test(version ?? '')) throw wrong(`no version of the API in ${url.pathname}`);
  if (request.method === 'GET' && second === '') {
    if (first === world.phoneId) {
      return {
        method: 'phone',
        params: {},
        run: () => ({ answer: { id: first, display_phone_number: world.number } }),
      };
    }
    return mediaRoute(machine, first);
  }
  if (request.method !== 'POST' || first !== world.phoneId) throw wrong(`${request.method} ${url.pathname}`);
  if (second === 'media') return await uploadRoute(world, request, body);
  if (second !== 'messages') throw wrong(`POST ${url.pathname}`);
  if (!/^application\/json/.test(request.headers['content-type'] ?? '')) throw wrong('messages take JSON');
  const params = JSON.parse(body.toString('utf8')) as Json;
  const peer = String(params.to ?? params.recipient ?? '');
  return {
    method: 'messages',
    peer,
    params,
    run(record) {
      const { id, someone, tell } = accept(world, params, record.id, machine.spend);
      const contact = {
        input: peer,
        ...(someone.hidden ? {} : { wa_id: someone.phone }),
        user_id: someone.user,
      };
      return { answer: { messaging_product: 'whatsapp', contacts: [contact], messages: [{ id }] }, tell };
    },
  };
}

async function uploadRoute(world: World, request: IncomingMessage, body: Buffer): Promise<Route> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  const file = form.get('file');
  if (form.get('messaging_product') !== 'whatsapp') throw wrong('messaging_product must be whatsapp');
  if (!(file instanceof File)) throw wrong('no file');
  const mime = file.type.split(';')[0] ?? '';
  const bytes = new Uint8Array(await file.arrayBuffer());
  return {
    method: 'media',
    params: { type: mime, size: bytes.length, name: file.name },
    run() {
      const kind = UPLOADS.find(([type]) => type.test(mime));
      if (!kind) throw new Refusal(100, `a file of the type ${mime} cannot be uploaded`);
      if (bytes.length > kind[1]) throw new Refusal(131053, `${mime} of ${bytes.length} bytes is too large`);
      const id = String(world.nextId('file'));
      world.files.set(id, { id, bytes, mime, name: file.name, ours: true });
      return { answer: { id } };
    },
  };
}

function mediaRoute({ world, url }: Machine, id: string): Route {
  return {
    method: 'media-url',
    params: { id },
    run() {
      const file = world.files.get(id);
      if (!file) throw new Refusal(100);
      const size = file.bytes.length;
      const answer = {
        messaging_product: 'whatsapp',
        url: `${url()}/files/${id}`,
        mime_type: file.mime,
        file_size: size,
        id,
      };
      return { answer };
    },
  };
}

function fileRoute(world: World, id: string): Route {
  return {
    method: 'media-file',
    params: { id },
    run() {
      const file: StoredFile | undefined = world.files.get(id);
      if (!file) throw new Refusal(100);
      return { answer: file.bytes };
    },
  };
}

function open(world: World, method: string, params: Json): RequestRecord {
  const record: RequestRecord = {
    id: world.nextId('request'),
    at: world.now(),
    method,
    params,
    status: 0,
    error: undefined,
    fault: undefined,
    effect: false,
    answered: false,
  };
  world.requests.push(record);
  world.changed.fire();
  return record;
}

function note(world: World, record: RequestRecord, refusal: Refusal): void {
  record.status = refusal.status;
  record.error = refusal.code;
  if (refusal.violation !== undefined) world.violations.push(`${record.method}: ${refusal.violation}`);
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function refuse(response: ServerResponse, { code, status, message }: Refusal): void {
  send(response, status, {
    error: {
      message: `(#${code}) ${message}`,
      type: 'OAuthException',
      code,
      error_data: { messaging_product: 'whatsapp', details: message },
      fbtrace_id: 'standin',
    },
  });
}

function send(response: ServerResponse, status: number, body: string | Json | Uint8Array): void {
  if (response.destroyed) return;
  const bytes = body instanceof Uint8Array;
  response.writeHead(status, { 'content-type': bytes ? 'application/octet-stream' : 'application/json' });
  response.end(bytes || typeof body === 'string' ? body : JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
