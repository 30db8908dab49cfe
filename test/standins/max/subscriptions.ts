// Posts updates to the addresses the bot subscribed: in order within a dialogue while all goes well; one that is not
// answered with 200 comes again minutes later, behind what came meanwhile, ten times at most. After hours without a
// success the subscription is gone, and nobody is told.
import { wrong } from './refusal.ts';
import type { Numbered, Updates } from './updates.ts';
import type { Json } from './world.ts';

interface Subscription {
  readonly url: string;
  readonly secret: string | undefined;
  readonly types: readonly string[];
  readonly time: number;
  failingSince: number | undefined;
}

export interface Subscriptions {
  list(): Json[];
  add(body: Json, known: readonly string[]): void;
  remove(url: string): void;
  /** As MAX does after hours of failures. */
  drop(): void;
  readonly active: boolean;
  readonly deliveries: readonly { readonly number: number; readonly status: number }[];
  stop(): void;
}

const RETRIES = 10;
const FIRST_PAUSE = 60;
const GIVES_UP = 8 * 3_600;
const ANSWER_WITHIN = 30_000;

export function createSubscriptions(options: {
  updates: Updates;
  now: () => number;
  /** How long a second of MAX's own waiting lasts. */
  secondMs: number;
}): Subscriptions {
  const { updates, now, secondMs } = options;
  const standing = new Map<string, Subscription>();
  const deliveries: { number: number; status: number }[] = [];
  const busy = new Set<string>();
  /** Waiting to be tried again: the number of tries so far. */
  const later = new Map<number, number>();
  const timers = new Set<NodeJS.Timeout>();
  const stopping = new AbortController();

  async function post(to: Subscription, update: Numbered): Promise<number> {
    try {
      const answer = await fetch(to.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(to.secret !== undefined && { 'X-Max-Bot-Api-Secret': to.secret }),
        },
        body: JSON.stringify(update.body),
        redirect: 'manual',
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(ANSWER_WITHIN)]),
      });
      await answer.text();
      return answer.status;
    } catch {
      return 0;
    }
  }

  async function deliver(to: Subscription, update: Numbered): Promise<void> {
    updates.touch(update.number);
    const status = await post(to, update);
    deliveries.push({ number: update.number, status });
    if (status === 200) {
      to.failingSince = undefined;
      updates.remove(update.number);
      later.delete(update.number);
      return;
    }
    to.failingSince ??= now();
    if (now() - to.failingSince > GIVES_UP * secondMs) standing.delete(to.url);
    const tries = (later.get(update.number) ?? 0) + 1;
    later.set(update.number, tries);
    if (tries > RETRIES) {
      updates.remove(update.number);
      return;
    }
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        const target = standing.get(to.url);
        if (target && !stopping.signal.aborted) void deliver(target, update);
      },
      FIRST_PAUSE * 2.5 ** (tries - 1) * secondMs,
    );
    timers.add(timer);
  }

  function pump(): void {
    const [to] = standing.values();
    if (to === undefined || stopping.signal.aborted) return;
    for (const update of updates.pending) {
      if (later.has(update.number) || busy.has(update.line)) continue;
      if (!to.types.includes(String(update.body.update_type))) {
        updates.remove(update.number);
        continue;
      }
      busy.add(update.line);
      void deliver(to, update).finally(() => {
        busy.delete(update.line);
        pump();
      });
    }
  }

  return {
    list: () =>
      [...standing.values()].map(({ url, time, types }) => ({
        url,
        time,
        update_types: types,
        version: null,
      })),
    add(body, known) {
      const { url, secret, update_types: types = known } = body;
      if (typeof url !== 'string' || !URL.canParse(url)) throw wrong('bad subscription url');
      const { protocol, hostname, port } = new URL(url);
      // Loopback is the one place where a test can listen.
      if (hostname !== '127.0.0.1' && (protocol !== 'https:' || port !== ''))
        throw wrong('https on port 443 only');
      if (secret !== undefined && (typeof secret !== 'string' || !/^[\w-]{5,256}$/.test(secret)))
        throw wrong('bad secret');
      if (!Array.isArray(types) || types.some((type) => !known.includes(String(type))))
        throw wrong('bad update_types');
      standing.set(url, { url, secret, types: types as string[], time: now(), failingSince: undefined });
      updates.onPush = pump;
      pump();
    },
    remove: (url) => void standing.delete(url),
    drop: () => standing.clear(),
    get active() {
      return standing.size > 0;
    },
    deliveries,
    stop() {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
