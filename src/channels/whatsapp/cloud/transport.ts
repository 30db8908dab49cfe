// One HTTP exchange with the Graph API's host, directly or through a proxy. It tells whether bytes of the request may
// have left before it failed, and its errors carry neither an address nor a header.
import {
  type Agent,
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds for the whole of it, the answer's body included. */
  readonly timeout: number;
  /** Bytes of the answer beyond which it is given up. */
  readonly limit: number;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Transport {
  /** Throws TransportError and nothing else. Follows no redirect. */
  exchange(url: string, exchange: Exchange): Promise<Answer>;
  close(): void;
}

/** The exchange did not end in an answer. */
export class TransportError extends Error {
  readonly code = 'transport';
  /** `timeout`, `too_big`, or the system's own code such as `ECONNREFUSED`. */
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

/** A connection lies idle no longer than this, so that we seldom write into one the other side has closed. */
const IDLE = 15_000;
const POOL = { keepAlive: true, maxSockets: 32, timeout: IDLE } as const;

export function createTransport(proxyUrl?: string): Transport {
  let made: { readonly http: Agent; readonly https: Agent } | undefined;
  async function agents(): Promise<{ readonly http: Agent; readonly https: Agent }> {
    if (made) return made;
    if (proxyUrl === undefined) {
      made = { http: new HttpAgent(POOL), https: new HttpsAgent(POOL) };
      return made;
    }
    const { ProxyAgent } = await import('proxy-agent');
    const agent: Agent = new ProxyAgent({ getProxyForUrl: () => proxyUrl, ...POOL });
    made ??= { http: agent, https: agent };
    return made;
  }
  return {
    async exchange(url, exchange) {
      const mark = { sent: false };
      const signal = AbortSignal.timeout(exchange.timeout);
      try {
        const secure = url.startsWith('https:');
        const agent = (await agents())[secure ? 'https' : 'http'];
        const request = (secure ? httpsRequest : httpRequest)(url, {
          method: exchange.method,
          headers: exchange.headers,
          agent,
          signal,
        });
        const answer = await answerTo(request, exchange.body, mark);
        const body = await read(answer, exchange.limit);
        return { status: answer.statusCode ?? 0, body };
      } catch (error) {
        if (error instanceof TransportError) throw error;
        throw new TransportError(signal.aborted ? 'timeout' : codeOf(error), mark.sent);
      }
    },
    close() {
      made?.http.destroy();
      made?.https.destroy();
    },
  };
}

function answerTo(
  request: ClientRequest,
  body: string | Uint8Array | undefined,
  mark: { sent: boolean },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', resolve);
    request.on('socket', (socket: Socket) => {
      const connected = () => {
        mark.sent = true;
      };
      // Until it is connected nothing of the request can have arrived.
      if (socket.connecting) socket.once('connect', connected);
      else connected();
    });
    request.end(body);
  });
}

async function read(answer: IncomingMessage, limit: number): Promise<Buffer> {
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
