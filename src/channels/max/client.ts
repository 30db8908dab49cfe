// Calls of the MAX Bot API by their own names. Every failed call throws DeliveryError and nothing else; the token goes
// to the API's own host alone and never leaves this file otherwise.
import { DeliveryError } from '../../core/errors.ts';
import { type Answer, createConnection, type Exchange, TransportError } from '../../networks/exchange.ts';
import { fileFault } from '../../networks/file-fault.ts';
import type { Attachment, Message, NewMessage, Update } from './api.ts';
import { fromRefusal, fromStranger, fromTransport } from './errors.ts';
import { idOf } from './incoming.ts';
import { readJson } from './read-json.ts';

export interface MaxSettings {
  readonly token: string;
  readonly apiRoot?: string | undefined;
  /** PEM, trusted besides the usual certificates. */
  readonly ca?: string | undefined;
  readonly proxyUrl?: string | undefined;
  /** Milliseconds for an ordinary call; absent: 30,000. */
  readonly timeout?: number | undefined;
}

export interface Poll {
  readonly marker?: string | undefined;
  /** Seconds that MAX may hold the call. */
  readonly timeout: number;
  readonly types: readonly string[];
}

export interface Upload {
  readonly type: UploadType;
  readonly bytes: Uint8Array;
  readonly name: string;
}
export type UploadType = 'image' | 'video' | 'audio' | 'file';

export interface Posted {
  readonly mid: string;
  /** The dialogue's id, where the answer tells it. */
  readonly chat?: string;
}

export interface MaxClient {
  /** The bot's own id. */
  me(): Promise<string>;
  updates(
    poll: Poll,
    signal: AbortSignal,
  ): Promise<{ readonly updates: readonly Update[]; readonly marker?: string }>;
  /** The addresses that MAX posts to. */
  subscriptions(): Promise<readonly string[]>;
  subscribe(url: string, secret: string, types: readonly string[]): Promise<void>;
  unsubscribe(url: string): Promise<void>;
  send(user: string, message: NewMessage): Promise<Posted>;
  edit(mid: string, message: NewMessage): Promise<void>;
  message(mid: string): Promise<Message>;
  /** Ends the waiting sign on a pressed button. */
  answer(callback: string): Promise<void>;
  typing(chat: string): Promise<void>;
  /** The token by which a message can carry the file. */
  upload(file: Upload): Promise<string>;
  /** Where a file that people sent can be fetched. */
  addressOf(attachment: Attachment): Promise<string | undefined>;
  /** Throws `too_big` beyond the limit. */
  download(url: string, limit: number): Promise<Uint8Array>;
  close(): void;
}

const ROOT = 'https://platform-api2.max.ru';
const CALL_TIMEOUT = 30_000;
const FILE_TIMEOUT = 120_000;
const ANSWER_LIMIT = 32 * 1024 * 1024;
/** MAX asks for a notice where the message itself is not changed by the answer. */
const SEEN = '✓';
const REDIRECTS = 3;

type Query = Readonly<Record<string, string | number | undefined>>;

export function createMaxClient(settings: MaxSettings): MaxClient {
  const root = (settings.apiRoot ?? ROOT).replace(/\/+$/, '');
  const timeout = settings.timeout ?? CALL_TIMEOUT;
  const connection = createConnection(settings);

  async function exchange(url: string, how: Exchange): Promise<Answer> {
    try {
      return await connection.exchange(url, how);
    } catch (error) {
      throw fromTransport(error instanceof TransportError ? error : new TransportError('unexpected', true));
    }
  }

  async function call(
    method: Exchange['method'],
    path: string,
    query: Query = {},
    body?: object,
    more: Partial<Exchange> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    const answer = await exchange(`${root}${path}${search.size > 0 ? `?${search}` : ''}`, {
      method,
      headers: {
        authorization: settings.token,
        ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
      },
      ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
      timeout,
      limit: ANSWER_LIMIT,
      ...more,
    });
    return take(`${method} ${path.replace(/\/[^/]*\d[^/]*/g, '/…')}`, answer);
  }

  async function fetchFile(url: string, limit: number, left: number): Promise<Uint8Array> {
    const answer = await exchange(url, { method: 'GET', timeout: FILE_TIMEOUT, limit }).catch((error) => {
      throw fileFault(error);
    });
    const { location } = answer.headers;
    if (answer.status >= 300 && answer.status < 400 && location !== undefined && left > 0)
      return await fetchFile(new URL(location, url).href, limit, left - 1);
    if (answer.status === 200) return answer.body;
    if (answer.status >= 400 && answer.status < 500) throw new DeliveryError('never', 'gone');
    throw new DeliveryError('later', 'server');
  }

  return {
    async me() {
      const { user_id } = await call('GET', '/me');
      return idOf(user_id);
    },

    async updates({ marker, timeout: hold, types }, signal) {
      const query = { marker, timeout: hold, limit: BATCH, types: types.join(',') };
      const page = await call('GET', '/updates', query, undefined, {
        timeout: timeout + hold * 1_000,
        signal,
      });
      if (!Array.isArray(page.updates)) throw fromStranger('GET /updates', 500);
      const next = page.marker;
      return {
        updates: page.updates as readonly Update[],
        ...((typeof next === 'number' || typeof next === 'string') && { marker: String(next) }),
      };
    },

    async subscriptions() {
      const { subscriptions } = await call('GET', '/subscriptions');
      return Array.isArray(subscriptions) ? subscriptions.map(({ url }) => String(url)) : [];
    },
    async subscribe(url, secret, types) {
      await call('POST', '/subscriptions', {}, { url, secret, update_types: types });
    },
    async unsubscribe(url) {
      await call('DELETE', '/subscriptions', { url });
    },

    async send(user, message) {
      const sent = await call('POST', '/messages', { user_id: user, disable_link_preview: 'true' }, message);
      const { body, recipient } = (sent.message ?? {}) as Message;
      if (typeof body?.mid !== 'string') throw fromStranger('POST /messages', 200);
      const chat = recipient?.chat_id;
      return { mid: body.mid, ...(chat !== undefined && chat !== null && { chat: String(chat) }) };
    },
    async edit(mid, message) {
      await call('PUT', '/messages', { message_id: mid }, message);
    },
    async message(mid) {
      return (await call('GET', `/messages/${encodeURIComponent(mid)}`)) as unknown as Message;
    },
    async answer(callback) {
      await call('POST', '/answers', { callback_id: callback }, { notification: SEEN });
    },
    async typing(chat) {
      await call('POST', `/chats/${encodeURIComponent(chat)}/actions`, {}, { action: 'typing_on' });
    },

    async upload({ type, bytes, name }) {
      const given = await call('POST', '/uploads', { type });
      if (typeof given.url !== 'string') throw fromStranger('POST /uploads', 500);
      const { body, contentType } = await multipart(bytes, name);
      const answer = await exchange(given.url, {
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
        timeout: FILE_TIMEOUT,
        limit: ANSWER_LIMIT,
      }).catch((error: unknown) => {
        // Nobody has seen the file yet: it may be uploaded again.
        if (error instanceof DeliveryError && error.verdict === 'unknown')
          throw new DeliveryError('later', 'network', { cause: error });
        throw error;
      });
      if (answer.status === 413) throw new DeliveryError('never', 'too_big');
      if (answer.status >= 400 && answer.status < 500) throw new DeliveryError('never', 'bad_file');
      if (answer.status !== 200) throw new DeliveryError('later', 'server');
      const token = tokenIn(readJson(answer.body)) ?? given.token;
      if (typeof token !== 'string') throw new DeliveryError('never', 'bad_file');
      return token;
    },

    async addressOf({ type, payload }) {
      if (type !== 'video') return payload?.url ?? undefined;
      const { urls } = await call('GET', `/videos/${encodeURIComponent(payload?.token ?? '')}`);
      const known = (urls ?? {}) as Readonly<Record<string, string | null>>;
      return QUALITIES.map((name) => known[name]).find((url) => typeof url === 'string') ?? undefined;
    },
    async download(url, limit) {
      // Whatever MAX is told to keep stays at addresses of its own kind.
      if (!URL.canParse(url) || new URL(url).protocol !== new URL(root).protocol)
        throw new DeliveryError('never', 'gone');
      return await fetchFile(url, limit, REDIRECTS);
    },
    close: () => connection.close(),
  };
}

/** As many as MAX gives at once. */
const BATCH = 100;
/** The best that is likely to be small enough comes first. */
const QUALITIES = ['mp4_480', 'mp4_360', 'mp4_720', 'mp4_240', 'mp4_1080', 'mp4_144'] as const;

/** The answer's object, or the refusal it is. */
function take(method: string, answer: Answer): Readonly<Record<string, unknown>> {
  const value = readJson(answer.body);
  if (value === undefined) throw fromStranger(method, answer.status);
  const { code, message, success } = value;
  if (answer.status === 200 && success !== false) return value;
  if (answer.status < 400 && success !== false) throw fromStranger(method, answer.status);
  if (success !== false && typeof code !== 'string') throw fromStranger(method, answer.status);
  const seconds = Number(answer.headers['retry-after']);
  throw fromRefusal(method, {
    status: answer.status === 200 ? 400 : answer.status,
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
    ...(seconds > 0 && { retryAfter: seconds }),
  });
}

async function multipart(
  bytes: Uint8Array,
  name: string,
): Promise<{ body: Uint8Array; contentType: string }> {
  const form = new FormData();
  form.set('data', new Blob([new Uint8Array(bytes)]), name);
  const encoded = new Response(form);
  return { contentType: encoded.headers.get('content-type') ?? '', body: await encoded.bytes() };
}

/** An image's answer names tokens by size, a file's has one, a video's none: its token came with the address. */
function tokenIn(value: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (typeof value?.token === 'string') return value.token;
  const photos = value?.photos;
  if (typeof photos !== 'object' || photos === null) return undefined;
  const [first] = Object.values(photos) as { readonly token?: unknown }[];
  return typeof first?.token === 'string' ? first.token : undefined;
}
