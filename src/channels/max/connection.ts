// One HTTP exchange with the hosts of MAX, directly or through a proxy, with a certificate of the host's own trust. It
// tells whether bytes of the request may have arrived before it failed. It knows neither the API nor the token.
import {
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
  readonly body?: Uint8Array;
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
  /** Throws TransportError and nothing else. */
  exchange(url: string, exchange: Exchange): Promise<Answer>;
  close(): void;
}

/** Shorter than what servers keep an idle connection for: a call must not be lost to one that is closing. */
const IDLE = 4_000;

export function createConnection(settings: {
  ca?: string | undefined;
  proxyUrl?: string | undefined;
}): Connection {
  const { ca, proxyUrl } = settings;
  const options = {
    keepAlive: true,
    timeout: IDLE,
    maxSockets: 32,
    ...(proxyUrl !== undefined && { proxyEnv: { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl } }),
  };
  const plain = new HttpAgent(options);
  const secure = new HttpsAgent({
    ...options,
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
  });
  return {
    async exchange(url, exchange) {
      const mark = { sent: false };
      const timeout = AbortSignal.timeout(exchange.timeout);
      const signal = exchange.signal === undefined ? timeout : AbortSignal.any([timeout, exchange.signal]);
      try {
        signal.throwIfAborted();
        const answer = await open(url, exchange, mark, signal, url.startsWith('https:') ? secure : plain);
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
      plain.destroy();
      secure.destroy();
    },
  };
}

function open(
  url: string,
  { method, headers, body }: Exchange,
  mark: { sent: boolean },
  signal: AbortSignal,
  agent: HttpAgent | HttpsAgent,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = agent instanceof HttpsAgent;
    const length = body === undefined ? {} : { 'content-length': String(body.byteLength) };
    const options = { method, headers: { ...headers, ...length }, agent, signal };
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
  return Buffer.concat(chunks, size);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code;
  return error instanceof Error ? error.name : 'unexpected';
}
