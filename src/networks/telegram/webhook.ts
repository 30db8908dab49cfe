// Takes what Telegram posts to our webhook: who it is from, how much, whether it is an update at all. It answers 200
// only once the update is kept; until then Telegram tries again.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Update } from './api.ts';

export interface HookRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawBody: Uint8Array | string;
}

export interface HookAnswer {
  readonly status: number;
  readonly body: string;
}

const SECRET_HEADER = 'x-telegram-bot-api-secret-token';
const BODY_LIMIT = 1024 * 1024;

export async function receiveHook(
  request: HookRequest,
  secret: string,
  take: (updates: readonly Update[]) => Promise<void>,
): Promise<HookAnswer> {
  const given = request.headers[SECRET_HEADER];
  if (secret === '' || typeof given !== 'string' || !isSame(given, secret)) {
    return { status: 401, body: 'wrong secret' };
  }
  const { rawBody } = request;
  if (Buffer.byteLength(rawBody) > BODY_LIMIT) return { status: 413, body: 'too large' };
  const update = parse(typeof rawBody === 'string' ? rawBody : Buffer.from(rawBody).toString('utf8'));
  if (update === undefined) return { status: 400, body: 'not an update' };
  try {
    await take([update]);
  } catch {
    return { status: 503, body: 'not kept, try again' };
  }
  return { status: 200, body: 'ok' };
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function parse(body: string): Update | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isUpdate =
      typeof value === 'object' &&
      value !== null &&
      'update_id' in value &&
      Number.isSafeInteger(value.update_id);
    return isUpdate ? (value as Update) : undefined;
  } catch {
    return undefined;
  }
}
