// Takes what MAX posts to our webhook: who it is from, how much, whether it is an update at all. It answers 200 only
// once the update is kept; until then MAX tries again, minutes later and behind what came meanwhile, so it is tried
// here first.
import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Update } from './api.ts';
import { readJson } from './read-json.ts';
import { lineOf } from './wire.ts';

export interface HookRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawBody: Uint8Array;
}

export interface HookAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HookOptions {
  readonly secret: string;
  readonly take: (update: Update) => Promise<void>;
  /** Milliseconds that an update may be tried before MAX is told no; it waits for 30 seconds. */
  readonly patience: number;
  /** Milliseconds to the second try; doubles. */
  readonly first: number;
  readonly clock: () => number;
}

const SECRET_HEADER = 'x-max-bot-api-secret';
const BODY_LIMIT = 1024 * 1024;

export function createHook(
  options: HookOptions,
): (request: HookRequest, stopping?: AbortSignal) => Promise<HookAnswer> {
  const { clock } = options;
  /** The last update of each person that is under way. */
  const lines = new Map<string, Promise<boolean>>();

  async function insist(update: Update, until: number, stopping?: AbortSignal): Promise<boolean> {
    for (let wait = options.first; ; wait *= 2) {
      try {
        await options.take(update);
        return true;
      } catch {
        if (clock() + wait >= until || stopping?.aborted) return false;
        await pause(wait, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  async function inLine(update: Update, stopping?: AbortSignal): Promise<boolean> {
    const line = lineOf(update);
    const until = clock() + options.patience;
    const before = lines.get(line);
    const work = (before ?? Promise.resolve(true)).then(() => insist(update, until, stopping));
    lines.set(line, work);
    try {
      return await work;
    } finally {
      if (lines.get(line) === work) lines.delete(line);
    }
  }

  return async ({ method, headers, rawBody }, stopping) => {
    if (method !== 'POST') return { status: 405, body: 'MAX posts here' };
    const given = headers[SECRET_HEADER];
    if (typeof given !== 'string' || !isSame(given, options.secret))
      return { status: 401, body: 'wrong secret' };
    if (rawBody.byteLength > BODY_LIMIT) return { status: 413, body: 'too large' };
    const update = readJson(rawBody);
    if (typeof update?.update_type !== 'string') return { status: 400, body: 'not an update' };
    return (await inLine(update as unknown as Update, stopping))
      ? { status: 200, body: 'ok' }
      : { status: 503, body: 'not kept, try again' };
  };
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
