// One HTTP exchange with the Bot API's host, directly or through a proxy. It tells whether bytes of the request may
// have left before it failed, and its errors never carry an address: a Bot API address holds the token.
import type { Agent as SocksAgent } from 'node:http';
import type { Readable } from 'node:stream';
import { Agent, type Dispatcher, ProxyAgent as UndiciProxyAgent, request as undiciRequest } from 'undici';
import { TransportError } from './errors.ts';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** Milliseconds for the whole of it, the answer's body included. */
  readonly timeout: number;
  /** Bytes of the answer beyond which it is given up. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Transport {
  /** Throws TransportError and nothing else. */
  exchange(url: string, exchange: Exchange): Promise<Answer>;
  close(): Promise<void>;
}

interface Opened {
  readonly status: number;
  readonly length: number | undefined;
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
}

interface Mark {
  sent: boolean;
}

type Open = (url: string, exchange: Exchange, mark: Mark, signal: AbortSignal) => Promise<Opened>;

const CONNECT_TIMEOUT = 10_000;
/** One request on a connection at a time: then it is plain which of them a broken connection took along. */
const POOL = { connections: 32, allowH2: false } as const;

export function createTransport(proxyUrl?: string): Transport {
  const socks = proxyUrl !== undefined && !/^https?:/i.test(proxyUrl);
  const dispatcher = socks
    ? undefined
    : proxyUrl === undefined
      ? new Agent({ ...POOL, connect: { timeout: CONNECT_TIMEOUT } })
      : new UndiciProxyAgent({ uri: proxyUrl, ...POOL });
  const open = dispatcher === undefined ? overNode(proxyUrl ?? '') : overUndici(dispatcher);
  return {
    exchange: (url, exchange) => run(open, url, exchange),
    close: async () => {
      await dispatcher?.destroy();
    },
  };
}

async function run(open: Open, url: string, exchange: Exchange): Promise<Answer> {
  const mark: Mark = { sent: false };
  const timeout = AbortSignal.timeout(exchange.timeout);
  const signal = exchange.signal === undefined ? timeout : AbortSignal.any([timeout, exchange.signal]);
  let opened: Opened | undefined;
  try {
    signal.throwIfAborted();
    opened = await open(url, exchange, mark, signal);
    const body = await read(opened, exchange.limit);
    return { status: opened.status, body };
  } catch (error) {
    opened?.body.destroy();
    if (error instanceof TransportError) throw error;
    if (timeout.aborted) throw new TransportError('timeout', mark.sent);
    if (signal.aborted) throw new TransportError('aborted', mark.sent);
    throw new TransportError(codeOf(error), mark.sent);
  }
}

async function read(opened: Opened, limit: number): Promise<Buffer> {
  if (opened.length !== undefined && opened.length > limit) throw new TransportError('too_big', true);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of opened.body) {
    size += chunk.byteLength;
    if (size > limit) throw new TransportError('too_big', true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code;
  return error instanceof Error ? error.name : 'unexpected';
}

function overUndici(dispatcher: Dispatcher): Open {
  return async (url, exchange, mark, signal) => {
    const answer = await undiciRequest(url, {
      dispatcher: dispatcher.compose(noting(mark)),
      method: exchange.method,
      headers: { ...exchange.headers },
      body: exchange.body ?? null,
      signal,
      // The one deadline is the signal's.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return {
      status: answer.statusCode,
      length: lengthOf(answer.headers['content-length']),
      body: answer.body,
    };
  };
}

/** Notes when the request is given to a connected socket: until then nothing of it can have arrived. */
function noting(mark: Mark): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        mark.sent = true;
        handler.onRequestStart?.(controller, context);
      },
      onResponseStart: (controller, status, headers, message) =>
        handler.onResponseStart?.(controller, status, headers, message),
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
    });
}

/** For socks proxies, which take an agent of Node's own client. */
function overNode(proxyUrl: string): Open {
  let agent: Promise<SocksAgent> | undefined;
  const agentOf = async (): Promise<SocksAgent> => {
    const { ProxyAgent } = await import('proxy-agent');
    return new ProxyAgent({ getProxyForUrl: () => proxyUrl, keepAlive: true });
  };
  return async (url, exchange, mark, signal) => {
    agent ??= agentOf();
    const through = await agent;
    // Imported beforehand, node:http would bring Node's own undici along for every program that has no such proxy.
    const client = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
    return new Promise<Opened>((resolve, reject) => {
      const request = client.request(url, {
        method: exchange.method,
        headers: { ...exchange.headers },
        agent: through,
        signal,
      });
      request.on('error', reject);
      // The agent hands the socket over once the proxy has connected it.
      request.on('socket', () => {
        mark.sent = true;
      });
      request.on('response', (answer) =>
        resolve({
          status: answer.statusCode ?? 0,
          length: lengthOf(answer.headers['content-length']),
          body: answer,
        }),
      );
      if (exchange.body === undefined || typeof exchange.body === 'string') request.end(exchange.body);
      else exchange.body.on('error', reject).pipe(request);
    });
  };
}

function lengthOf(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d+$/.test(header) ? Number(header) : undefined;
}
