// Callback API: every event is posted to the address that an admin has set and confirmed, and again until the answer is
// `ok`. It delivers; what happened is decided elsewhere.
import type { Signal } from '../telegram/signal.ts';
import type { Json } from './world.ts';

export interface CallbackDelivery {
  readonly eventId: string;
  readonly type: string;
  readonly at: number;
  /** How often it was tried before. */
  readonly retry: number;
  /** Zero when there was no answer. */
  readonly status: number;
  readonly body: string;
}

export interface CallbackServer {
  readonly url: string;
  readonly secret?: string;
  /** Kinds of event; absent: all. */
  readonly events?: readonly string[];
}

export interface Callback {
  /** As an admin does in the community's settings: resolves with whether the address was confirmed. */
  set(server: CallbackServer | undefined): Promise<boolean>;
  push(event: Json): void;
  readonly deliveries: readonly CallbackDelivery[];
  /** Events not yet answered with `ok`. */
  readonly pending: number;
  stop(): void;
}

export interface CallbackOptions {
  readonly group: number;
  readonly confirmation: () => string;
  readonly changed: Signal;
  readonly now: () => number;
  readonly secondMs: number;
}

const TIMEOUT_SECONDS = 10;
const LONGEST_PAUSE_SECONDS = 60;
const MOST_TRIES = 50;
const LONGEST_RETRY_AFTER = 3 * 3600;

export function createCallback(options: CallbackOptions): Callback {
  const { changed, now, secondMs } = options;
  let server: CallbackServer | undefined;
  let stopped = new AbortController();
  const deliveries: CallbackDelivery[] = [];
  let pending = 0;

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
    });

  async function post(url: string, event: Json, retry: number, signal: AbortSignal) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(retry > 0 && { 'X-Retry-Counter': String(retry) }),
        },
        body: JSON.stringify(event),
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_SECONDS * secondMs)]),
      });
      const asked = Number(response.headers.get('retry-after') ?? 0);
      return { status: response.status, body: await response.text(), asked };
    } catch {
      return { status: 0, body: '', asked: 0 };
    }
  }

  async function deliver(to: CallbackServer, event: Json, signal: AbortSignal): Promise<void> {
    const body = to.secret === undefined ? event : { ...event, secret: to.secret };
    pending += 1;
    for (let retry = 0; retry < MOST_TRIES && !signal.aborted; retry += 1) {
      const at = now();
      const { status, body: answer, asked } = await post(to.url, body, retry, signal);
      if (signal.aborted) break;
      const { event_id: eventId, type } = event as { event_id: string; type: string };
      deliveries.push({ eventId, type, at, retry, status, body: answer.slice(0, 200) });
      changed.fire();
      if (status === 200 && answer === 'ok') break;
      const told = [410, 429, 503].includes(status) && asked > 0;
      const seconds = told
        ? Math.min(asked, LONGEST_RETRY_AFTER)
        : Math.min(2 ** retry, LONGEST_PAUSE_SECONDS);
      await pause(seconds * secondMs, signal);
    }
    pending -= 1;
    changed.fire();
  }

  return {
    async set(next) {
      stopped.abort();
      stopped = new AbortController();
      server = undefined;
      if (next === undefined) return true;
      // VK asks for the confirmation without the secret.
      const asked = await post(
        next.url,
        { type: 'confirmation', group_id: options.group, event_id: 'confirmation', v: '5.199' },
        0,
        stopped.signal,
      );
      const confirmed = asked.status === 200 && asked.body === options.confirmation();
      if (confirmed) server = next;
      return confirmed;
    },
    push(event) {
      if (server === undefined) return;
      if (server.events !== undefined && !server.events.includes(String(event.type))) return;
      void deliver(server, event, stopped.signal);
    },
    deliveries,
    get pending() {
      return pending;
    },
    stop: () => stopped.abort(),
  };
}
