// Calls of the Bot API through grammY, over our own connections. Every failed call throws DeliveryError and nothing
// else; the token never leaves this file.
import { Api } from 'grammy';
import { DeliveryError } from '../../core/errors.ts';
import type { RawApi } from './api.ts';
import { fromRefusal, fromTransport, isAsGoodAsDone, TransportError, toDeliveryError } from './errors.ts';
import { createTransport, type Transport } from './transport.ts';

export interface TelegramSettings {
  readonly token: string;
  /** Where the Bot API is; absent: Telegram's own. */
  readonly apiRoot?: string | undefined;
  /** `http:`, `https:` or `socks5:` address to go through. */
  readonly proxyUrl?: string | undefined;
  /** Milliseconds for an ordinary call; absent: 30,000. */
  readonly timeout?: number | undefined;
}

export interface TelegramFile {
  readonly bytes: Uint8Array;
  /** The last part of the path it lies under. */
  readonly name: string;
}

export interface TelegramClient {
  /** The bot's own numeric id. */
  readonly account: string;
  /** The calls, by their names at Telegram. */
  readonly call: RawApi;
  /** Bytes of a file that people sent; throws DeliveryError (`too_big`, `gone`). */
  download(fileId: string): Promise<TelegramFile>;
  close(): Promise<void>;
}

/** Bytes the Bot API lets a bot fetch. */
export const DOWNLOAD_LIMIT = 20 * 1024 * 1024;
/** Seconds a getUpdates call waits at Telegram. */
export const POLL_SECONDS = 30;

const ROOT = 'https://api.telegram.org';
const CALL_TIMEOUT = 30_000;
/** Up to 50 MB on a slow line. */
const UPLOAD_TIMEOUT = 120_000;
const ANSWER_LIMIT = 32 * 1024 * 1024;

export function createTelegramClient(settings: TelegramSettings): TelegramClient {
  const { token } = settings;
  const root = (settings.apiRoot ?? ROOT).replace(/\/+$/, '');
  const timeout = settings.timeout ?? CALL_TIMEOUT;
  const transport = createTransport(settings.proxyUrl);
  const api = new Api(token, {
    apiRoot: root,
    // Ours ends sooner; grammY's own would hold a call for minutes.
    timeoutSeconds: 600,
    fetch: fetchOver(transport, timeout),
  });
  api.config.use(async (previous, method, payload, signal) => {
    const answer = await previous(method, payload, signal).catch((thrown: unknown) => {
      throw toDeliveryError(thrown);
    });
    if (answer.ok) return answer;
    // The result of these calls is never read.
    if (isAsGoodAsDone(answer)) return { ok: true, result: true as never };
    throw fromRefusal(method, answer);
  });
  return {
    account: token.split(':', 1)[0] ?? '',
    call: api.raw,
    download: (fileId) => download(api.raw, transport, `${root}/file/bot${token}`, fileId),
    close: () => transport.close(),
  };
}

interface FetchInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | import('node:stream').Readable;
  readonly signal: AbortSignal;
}

function fetchOver(transport: Transport, timeout: number) {
  return async (url: string, init: FetchInit): Promise<{ json(): Promise<unknown> }> => {
    const polls = url.endsWith('/getUpdates');
    const streamed = typeof init.body !== 'string';
    // grammY's signal is not Node's own kind.
    const controller = new AbortController();
    const abort = () => controller.abort();
    if (init.signal.aborted) abort();
    init.signal.addEventListener('abort', abort);
    try {
      const answer = await transport.exchange(url, {
        method: 'POST',
        headers: { 'content-type': init.headers['content-type'] ?? 'application/json' },
        body: init.body,
        timeout: polls
          ? timeout + POLL_SECONDS * 1_000
          : streamed
            ? Math.max(timeout, UPLOAD_TIMEOUT)
            : timeout,
        limit: ANSWER_LIMIT,
        signal: controller.signal,
      });
      const parsed = parse(answer.body);
      if (parsed === undefined) throw new TransportError('bad_answer', true, answer.status);
      return { json: async () => parsed };
    } finally {
      init.signal.removeEventListener('abort', abort);
    }
  };
}

/** Absent: no answer of the Bot API. */
function parse(body: Buffer): object | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isAnswer =
      typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
    if (!isAnswer || (value.ok === false && !isRefusal(value))) return undefined;
    return value;
  } catch {
    return undefined;
  }
}

function isRefusal(value: object): boolean {
  return (
    'error_code' in value &&
    typeof value.error_code === 'number' &&
    'description' in value &&
    typeof value.description === 'string'
  );
}

async function download(
  call: RawApi,
  transport: Transport,
  root: string,
  fileId: string,
): Promise<TelegramFile> {
  const file = await call.getFile({ file_id: fileId }).catch((error: unknown) => {
    // Telegram no longer knows the file, or knows it for another bot.
    if (error instanceof DeliveryError && (error.reason === 'bad_file' || error.reason === 'refused')) {
      throw new DeliveryError('never', 'gone', { cause: error });
    }
    throw error;
  });
  if (file.file_path === undefined) throw new DeliveryError('never', 'gone');
  if ((file.file_size ?? 0) > DOWNLOAD_LIMIT) throw new DeliveryError('never', 'too_big');
  const path = file.file_path.split('/').map(encodeURIComponent).join('/');
  try {
    const answer = await transport.exchange(`${root}/${path}`, {
      method: 'GET',
      timeout: UPLOAD_TIMEOUT,
      limit: DOWNLOAD_LIMIT,
    });
    if (answer.status === 404) throw new DeliveryError('never', 'gone');
    if (answer.status !== 200) {
      throw new DeliveryError('later', 'server', {
        cause: new TransportError('bad_answer', true, answer.status),
      });
    }
    return { bytes: answer.body, name: file.file_path.split('/').at(-1) ?? '' };
  } catch (error) {
    // Fetching twice does no harm: a lost answer is no more than a delay here.
    if (error instanceof TransportError && error.what !== 'too_big') {
      throw new DeliveryError('later', 'network', { cause: error });
    }
    throw error instanceof TransportError ? fromTransport(error) : error;
  }
}
