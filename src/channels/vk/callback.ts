// Takes what VK posts to our address: whose it is, whether it knows the secret, whether it is an event at all. It answers
// `ok` only once the event is kept; until then VK tries again.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { VkUpdate } from './api.ts';

export interface CallbackOptions {
  readonly group: number;
  readonly secret: string;
  /** What confirms that the address is ours. */
  readonly confirmation: () => Promise<string>;
  readonly take: (updates: readonly VkUpdate[]) => Promise<void>;
}

export interface CallbackAnswer {
  readonly status: number;
  readonly body: string;
}

const BODY_LIMIT = 1024 * 1024;

export async function receiveCallback(
  request: { readonly method: string; readonly rawBody: Uint8Array },
  options: CallbackOptions,
): Promise<CallbackAnswer> {
  if (request.method !== 'POST') return { status: 405, body: 'VK posts here' };
  if (request.rawBody.byteLength > BODY_LIMIT) return { status: 413, body: 'too large' };
  const update = parse(request.rawBody);
  if (update === undefined) return { status: 400, body: 'not an event' };
  if (update.group_id !== options.group) return { status: 403, body: 'another community' };
  if (update.type === 'confirmation') {
    // VK may ask for it before the secret is set; a wrong one is still no key.
    if (update.secret !== undefined && !isSame(update.secret, options.secret)) return WRONG_SECRET;
    try {
      return { status: 200, body: await options.confirmation() };
    } catch {
      return { status: 503, body: 'the confirmation string cannot be asked for now' };
    }
  }
  if (typeof update.secret !== 'string' || !isSame(update.secret, options.secret)) return WRONG_SECRET;
  try {
    await options.take([update]);
  } catch {
    return { status: 503, body: 'not kept, try again' };
  }
  return { status: 200, body: 'ok' };
}

export const WRONG_SECRET: CallbackAnswer = { status: 403, body: 'wrong secret' };

/** Hashed first, so that neither content nor length shows in the time it takes. */
function isSame(given: unknown, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return typeof given === 'string' && wanted !== '' && timingSafeEqual(digest(given), digest(wanted));
}

function parse(body: Uint8Array): VkUpdate | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    const isUpdate =
      typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
    return isUpdate ? (value as VkUpdate) : undefined;
  } catch {
    return undefined;
  }
}
