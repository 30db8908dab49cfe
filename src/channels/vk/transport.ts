// Fetches addresses that VK gave, directly or through a proxy, and gives the library the same connections. Its errors
// never carry an address: one with a key in it lets anybody receive.
import * as http from 'node:http';
import * as https from 'node:https';
import { DeliveryError } from '../../core/errors.ts';
import type { GetOptions } from './api.ts';
import { toDeliveryError } from './errors.ts';

export interface Transport {
  /** For one address; the library asks it for each. */
  agentFor(url: URL): http.Agent;
  get(url: string, options: GetOptions): Promise<{ readonly status: number; readonly body: Buffer }>;
  close(): void;
}

/** A file is handed on from host to host this often at the most. */
const HOPS = 5;

export async function createTransport(proxyUrl?: string): Promise<Transport> {
  const agents = proxyUrl === undefined ? direct() : await through(proxyUrl);
  const agentFor = (url: URL): http.Agent => (url.protocol === 'https:' ? agents.https : agents.http);

  async function once(url: URL, options: GetOptions): Promise<Got> {
    const timeout = AbortSignal.timeout(options.timeout);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    const client = url.protocol === 'https:' ? https : http;
    return new Promise<Got>((resolve, reject) => {
      const request = client.get(url, { agent: agentFor(url), signal }, (answer) => {
        read(answer, options.limit).then(
          (body) => resolve({ status: answer.statusCode ?? 0, body, location: answer.headers.location }),
          reject,
        );
      });
      request.on('error', reject);
    });
  }

  return {
    agentFor,
    async get(address, options) {
      try {
        let url = new URL(address);
        for (let hop = 0; hop <= HOPS; hop += 1) {
          if (options.allows && !options.allows(url)) throw new DeliveryError('never', 'gone');
          const { status, body, location } = await once(url, options);
          if (location === undefined || status < 300 || status > 399 || !options.allows)
            return { status, body };
          url = new URL(location, url);
        }
        throw new DeliveryError('never', 'gone');
      } catch (error) {
        throw toDeliveryError('GET', error);
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

interface Got {
  readonly status: number;
  readonly body: Buffer;
  readonly location: string | undefined;
}

async function read(answer: http.IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(answer.headers['content-length'] ?? 0) > limit) {
    answer.destroy();
    throw new DeliveryError('never', 'too_big');
  }
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > limit) {
      answer.destroy();
      throw new DeliveryError('never', 'too_big');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

interface Agents {
  readonly http: http.Agent;
  readonly https: http.Agent;
}

const direct = (): Agents => ({
  http: new http.Agent({ keepAlive: true }),
  https: new https.Agent({ keepAlive: true }),
});

async function through(proxyUrl: string): Promise<Agents> {
  const { ProxyAgent } = await import('proxy-agent');
  const agent = new ProxyAgent({ getProxyForUrl: () => proxyUrl, keepAlive: true });
  return { http: agent, https: agent };
}
