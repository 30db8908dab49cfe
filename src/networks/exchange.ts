// One HTTP exchange with a network's host, directly or through a proxy, with a certificate of the host's own trust. It
// tells whether bytes of the request may have arrived before it failed, and its errors carry neither an address nor a
// header. It knows no network.
import {
  type Agent,
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { getCACertificates } from 'node:tls';

/** The exchange did not end in an answer. */
export class TransportError extends Error {
  readonly code = 'transport';
  /** `timeout`, `aborted`, `too_big`, `bad_answer`, or the system's own code such as `ECONNREFUSED`. */
  readonly what: string;
  /** True once bytes of the request may have left: then nobody knows whether it was carried out. */
  readonly sent: boolean;
  constructor(what: string, sent: boolean) {
    super(`transport: ${what}`);
    this.name = 'TransportError';
    this.what = what;
    this.sent = sent;
  }
}

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for the whole of it. */
  readonly timeout: number;
  /** Bytes of the answer beyond which it is given up. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Connection {
  /** Throws TransportError and nothing else. Follows no redirect. */
  exchange(url: string, exchange: Exchange): Promise<Answer>;
  close(): void;
}

/** Shorter than what servers keep an idle connection for: a call must not be lost to one that is closing. */
const POOL = { keepAlive: true, maxSockets: 32, timeout: 4_000 } as const;

export function createConnection(settings: {
  /** Certificates in PEM, trusted beside the usual ones. */
  readonly ca?: string | undefined;
  /** `http:`, `https:` or `socks…:`. */
  readonly proxyUrl?: string | undefined;
}): Connection {
  const { ca, proxyUrl } = settings;
  const trust = ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
  let made: Promise<Agents> | undefined;
  return {
    async exchange(url, exchange) {
      const mark = { sent: false };
      const timeout = AbortSignal.timeout(exchange.timeout);
      const signal = exchange.signal === undefined ? timeout : AbortSignal.any([timeout, exchange.signal]);
      try {
        signal.throwIfAborted();
        made ??= agentsFor(proxyUrl);
        const secure = url.startsWith('https:');
        const agent = (await made)[secure ? 'https' : 'http'];
        const answer = await open(url, exchange, mark, { signal, agent, ...(secure && trust) });
        return {
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: await read(answer, exchange),
        };
      } catch (error) {
        if (error instanceof TransportError) throw error;
        if (timeout.aborted) throw new TransportError('timeout', mark.sent);
        if (signal.aborted) throw new TransportError('aborted', mark.sent);
        throw new TransportError(codeOf(error), mark.sent);
      }
    },
    close() {
      void made?.then(({ http, https }) => {
        http.destroy();
        https.destroy();
      });
    },
  };
}

interface Agents {
  readonly http: Agent;
  readonly https: Agent;
}

async function agentsFor(proxyUrl: string | undefined): Promise<Agents> {
  if (proxyUrl === undefined) return { http: new HttpAgent(POOL), https: new HttpsAgent(POOL) };
  const { ProxyAgent } = await import('proxy-agent');
  const agent: Agent = new ProxyAgent({ getProxyForUrl: () => proxyUrl, ...POOL });
  return { http: agent, https: agent };
}

function open(
  url: string,
  { method, headers, body }: Exchange,
  mark: { sent: boolean },
  through: { readonly signal: AbortSignal; readonly agent: Agent; readonly ca?: string[] },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.startsWith('https:');
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = { method, headers: { ...headers, ...length }, ...through };
    const request = secure ? httpsRequest(url, options) : httpRequest(url, options);
    request.on('error', reject);
    request.on('response', resolve);
    request.on('socket', (socket) => noteSending(request, socket, secure, mark));
    request.end(body);
  });
}

/** Until the connection stands nothing of the request can have arrived; in doubt it may have. */
function noteSending(
  request: ClientRequest,
  socket: NonNullable<ClientRequest['socket']>,
  secure: boolean,
  mark: { sent: boolean },
): void {
  const sent = () => {
    mark.sent = true;
  };
  if (request.reusedSocket || !socket.connecting) sent();
  else socket.once(secure ? 'secureConnect' : 'connect', sent);
}

async function read(answer: IncomingMessage, { limit }: Exchange): Promise<Buffer> {
  if (Number(answer.headers['content-length'] ?? 0) > limit) {
    answer.destroy();
    throw new TransportError('too_big', true);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limit) {
      answer.destroy();
      throw new TransportError('too_big', true);
    }
    chunks.push(chunk);
  }
  if (!answer.complete) throw new TransportError('ECONNRESET', true);
  return Buffer.concat(chunks, size);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code;
  return error instanceof Error ? error.name : 'unexpected';
}
