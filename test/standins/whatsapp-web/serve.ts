// The HTTPS side: the page with its scripts, what the page reports of itself, and the media host. Types are stripped
// from the page's scripts as they are served, so that they are checked like everything else.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import type { RequestRecord } from './connections.ts';
import { type FaultSource, REFUSALS } from './faults.ts';
import type { PageConfig } from './wire-format.ts';
import type { World } from './world.ts';

export const PAGE_HOST = 'web.whatsapp.com';
export const MEDIA_HOST = 'mmg.whatsapp.net';
const PAGE = join(import.meta.dirname, 'page');
const UPLOAD_LIMIT = 100 * 1024 * 1024;

interface Parts {
  readonly world: World;
  readonly faults: FaultSource;
  readonly config: () => PageConfig;
  readonly reported: (what: 'missing' | 'error', text: string) => void;
  readonly record: (method: string, params: Readonly<Record<string, unknown>>) => RequestRecord;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createServe(parts: Parts): Serve {
  const html = readFileSync(join(PAGE, 'index.html'), 'utf8');
  const scripts = new Map(
    readdirSync(PAGE)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [`/page/${name}`, stripTypeScriptTypes(readFileSync(join(PAGE, name), 'utf8'))]),
  );
  const media = createMediaHost(parts);

  return async (request, response) => {
    const url = new URL(request.url ?? '/', `https://${request.headers.host}`);
    const answer = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (url.hostname === MEDIA_HOST) return media(request, response, url);
    const script = scripts.get(url.pathname);
    if (script !== undefined) return answer(200, 'text/javascript', script);
    if (url.pathname === '/') {
      const config = JSON.stringify(parts.config());
      return answer(
        200,
        'text/html',
        html.replace('id="config">{}', () => `id="config">${config}`),
      );
    }
    if (url.pathname === '/report' && request.method === 'POST') {
      const { what, text } = JSON.parse(String(await bodyOf(request))) as {
        what: 'missing' | 'error';
        text: string;
      };
      parts.reported(what, text);
      return answer(204, 'text/plain', '');
    }
    answer(404, 'text/plain', 'not found');
  };
}

function createMediaHost({ world, faults, record }: Parts) {
  const open = { 'access-control-allow-origin': `https://${PAGE_HOST}` };

  async function upload(
    request: IncomingMessage,
    url: URL,
  ): Promise<{ status: number; body: string | Uint8Array }> {
    const bytes = await bodyOf(request);
    const hash = createHash('sha256').update(bytes).digest('base64');
    if (
      bytes.byteLength === 0 ||
      bytes.byteLength > UPLOAD_LIMIT ||
      hash !== url.searchParams.get('filehash')
    ) {
      return { status: 400, body: 'bad upload' };
    }
    const directPath = `/v/${randomBytes(12).toString('hex')}`;
    const mime = request.headers['content-type'] ?? '';
    world.media.set(directPath, { bytes, mime, hash, gone: false });
    return { status: 200, body: JSON.stringify({ directPath }) };
  }

  function download(url: URL): { status: number; body: string | Uint8Array } {
    const file = world.media.get(url.pathname);
    if (file === undefined || file.gone) return { status: 404, body: 'gone' };
    return { status: 200, body: file.bytes };
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method === 'OPTIONS') {
      const headers = { ...open, 'access-control-allow-headers': 'content-type' };
      response.writeHead(204, headers).end();
      return;
    }
    const method = request.method === 'POST' ? 'upload' : 'download';
    const size = Number(request.headers['content-length'] ?? 0);
    const made = record(method, method === 'upload' ? { size } : { path: url.pathname });
    const fault = faults.pick(method);
    if (fault !== undefined) made.fault = fault.do;
    try {
      if (fault?.do === 'drop-before') return void response.destroy();
      if (fault?.do === 'hang') return;
      const refused = REFUSALS[fault?.do ?? ''];
      const { status, body } =
        refused !== undefined
          ? { status: refused, body: 'refused' }
          : method === 'upload'
            ? await upload(request, url)
            : download(url);
      made.effect = status === 200;
      if (fault?.do === 'effect-then-drop') return void response.destroy();
      made.answered = true;
      if (status !== 200) made.error = String(status);
      response.writeHead(status, { ...open, 'cache-control': 'no-store' }).end(body);
    } finally {
      world.changed.fire();
    }
  };
}
