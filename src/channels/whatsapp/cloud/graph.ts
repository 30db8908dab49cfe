// The calls of the Graph API that we make. Every failed one throws DeliveryError and nothing else; the token never
// leaves this file.

import { DeliveryError } from '../../../core/errors.ts';
import { type Answer, createConnection, type Exchange, TransportError } from '../../../networks/exchange.ts';
import { fileFault } from '../../../networks/file-fault.ts';
import type { FileBytes } from '../../channel.ts';
import { fromRefusal, fromStranger, fromTransport } from './errors.ts';
import type { WhatsAppCloudConfig } from './settings.ts';

export interface Graph {
  /** The number's own record: shows that token and number are good. */
  check(): Promise<void>;
  /** Sends one message; gives its id. */
  send(body: object): Promise<string>;
  /** A mark or a sign that leaves no message. */
  signal(body: object): Promise<void>;
  /** Gives the id to send the file by. */
  upload(file: Upload): Promise<string>;
  /** Throws `gone` and `too_big`. */
  download(mediaId: string, limit: number): Promise<FileBytes>;
  close(): void;
}

export interface Upload {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly name: string;
}

type Json = Readonly<Record<string, unknown>>;

const CALL_TIMEOUT = 30_000;
/** Up to 100 MB on a slow line. */
const FILE_TIMEOUT = 120_000;
const ANSWER_LIMIT = 1024 * 1024;
/** Hosts of Meta's that hold people's files; none else is shown the token. */
const FILE_HOSTS = /(?:^|\.)(?:fbsbx\.com|facebook\.com|fbcdn\.net|whatsapp\.net)$/;

export function createGraph(
  config: Pick<WhatsAppCloudConfig, 'token' | 'phoneId' | 'apiRoot' | 'proxyUrl'>,
  timeout = CALL_TIMEOUT,
): Graph {
  const { token, phoneId } = config;
  const root = config.apiRoot.replace(/\/+$/, '');
  const transport = createConnection({ proxyUrl: config.proxyUrl });
  const authorization = `Bearer ${token}`;

  async function exchange(url: string, how: Omit<Exchange, 'limit' | 'timeout'> & Partial<Exchange>) {
    try {
      return await transport.exchange(url, {
        timeout,
        limit: ANSWER_LIMIT,
        ...how,
        headers: { ...how.headers, authorization },
      });
    } catch (error) {
      if (error instanceof TransportError) throw fromTransport(error);
      throw fromTransport(new TransportError('unexpected', true));
    }
  }

  const get = async (path: string): Promise<Json> =>
    again(async () => result(await exchange(`${root}/${path}`, { method: 'GET', headers: {} })));

  const post = async (path: string, body: object): Promise<Json> =>
    result(
      await exchange(`${root}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );

  return {
    async check() {
      await get(`${phoneId}?fields=id`);
    },

    async send(body) {
      const answer = await post(`${phoneId}/messages`, body);
      const [message] = Array.isArray(answer.messages) ? (answer.messages as Json[]) : [];
      // It was taken, but we were not told what it is called.
      if (typeof message?.id !== 'string') throw new DeliveryError('unknown', 'network');
      return message.id;
    },

    async signal(body) {
      await post(`${phoneId}/messages`, body);
    },

    async upload({ bytes, mime, name }) {
      const form = new FormData();
      form.set('messaging_product', 'whatsapp');
      form.set('type', mime);
      form.set('file', new Blob([new Uint8Array(bytes)], { type: mime }), name);
      // What a browser would send: Node writes the parts and their borders.
      const written = new Response(form);
      const body = new Uint8Array(await written.arrayBuffer());
      const headers = { 'content-type': written.headers.get('content-type') ?? '' };
      const call = { method: 'POST', headers, body, timeout: Math.max(timeout, FILE_TIMEOUT) } as const;
      // Nobody sees an upload, so a second one does no harm.
      const answer = await again(async () => result(await exchange(`${root}/${phoneId}/media`, call))).catch(
        (error: unknown) => {
          if (error instanceof DeliveryError && error.reason === 'refused') {
            throw new DeliveryError('never', 'bad_file', { cause: error });
          }
          throw error;
        },
      );
      if (typeof answer.id !== 'string') throw new DeliveryError('later', 'server');
      return answer.id;
    },

    async download(mediaId, limit) {
      const about = await get(encodeURIComponent(mediaId)).catch((error: unknown) => {
        // The API knows no such file (any more), or not for us.
        if (error instanceof DeliveryError && (error.reason === 'refused' || error.reason === 'bad_file')) {
          throw new DeliveryError('never', 'gone', { cause: error });
        }
        throw error;
      });
      if (Number(about.file_size ?? 0) > limit) throw new DeliveryError('never', 'too_big');
      if (typeof about.url !== 'string' || !mayHold(about.url, root)) {
        throw new DeliveryError('never', 'gone');
      }
      const { url } = about;
      const file = await again(() =>
        exchange(url, { method: 'GET', headers: {}, limit, timeout: Math.max(timeout, FILE_TIMEOUT) }),
      ).catch((error: unknown) => {
        throw fileFault(error);
      });
      if (file.status === 404 || file.status === 410) throw new DeliveryError('never', 'gone');
      if (file.status !== 200) throw new DeliveryError('later', 'server');
      return {
        bytes: file.body,
        ...(typeof about.mime_type === 'string' && { mime: about.mime_type }),
      };
    },

    close: () => transport.close(),
  };
}

/** For what may be asked twice without harm: a lost answer is no more than a delay. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DeliveryError && error.verdict === 'unknown') {
      throw new DeliveryError('later', error.reason, { cause: error.cause });
    }
    throw error;
  }
}

/** Throws DeliveryError for a refusal, and for an answer that is not the API's. */
function result({ status, body }: Answer): Json {
  const value = parse(body);
  if (value === undefined) throw fromStranger(status);
  const { error } = value;
  if (typeof error === 'object' && error !== null) {
    const { code, error_subcode: subcode } = error as Json;
    throw fromRefusal(status, Number(code ?? -1), typeof subcode === 'number' ? subcode : undefined);
  }
  if (status >= 400) throw fromStranger(status);
  return value;
}

function parse(body: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** The token goes only to where the API itself is, or to Meta's own stores of files. */
function mayHold(url: string, root: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, hostname } = new URL(url);
  if (new URL(root).host === host && new URL(root).protocol === protocol) return true;
  return protocol === 'https:' && FILE_HOSTS.test(hostname);
}
