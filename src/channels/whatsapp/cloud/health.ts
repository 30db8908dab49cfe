// Whether the Cloud API takes our token and number: asked now and then, and learned from every call. That nobody writes
// is no fault.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../../core/errors.ts';
import type { Health } from '../../channel.ts';

export interface Watch {
  start(): void;
  stop(): Promise<void>;
  health(): Health;
  /** Makes a call, and learns from how it ends. */
  noting<T>(work: Promise<T>): Promise<T>;
}

export interface WatchPace {
  /** Milliseconds between two checks while all is well, and while it is not. */
  readonly well: number;
  readonly ill: number;
}

const PACE: WatchPace = { well: 60_000, ill: 10_000 };

const REASONS: Readonly<Record<string, string>> = {
  network:
    'the Graph API cannot be reached; check the network, WHATSAPP_CLOUD_API_ROOT and WHATSAPP_CLOUD_PROXY_URL',
  server: 'the Graph API answers with its own errors; see the status page of the WhatsApp Business Platform',
  auth: 'Meta refuses the token or the number; check WHATSAPP_CLOUD_TOKEN, its rights, and WHATSAPP_CLOUD_PHONE_ID',
  restricted: 'Meta has restricted the business account; see its quality page in WhatsApp Manager',
  payment: 'Meta sends nothing until the account is paid for; see the billing page in WhatsApp Manager',
  spam: 'Meta limits this number because people blocked or reported it; see WhatsApp Manager',
};
/** Told by sends alone: the number's own record looks well meanwhile. */
const HELD = ['restricted', 'payment', 'spam'];

export function createWatch(check: () => Promise<void>, pace: WatchPace = PACE): Watch {
  let state: string | undefined = 'unchecked';
  let held: string | undefined;
  let stop = new AbortController();
  let running: Promise<void> | undefined;

  function learn(error: unknown): void {
    const reason = error instanceof DeliveryError ? error.reason : 'server';
    if (HELD.includes(reason)) held = reason;
    else if (reason === 'network' || reason === 'server' || reason === 'auth') state = reason;
    // Any other no is an answer, so the API is there.
    else state = undefined;
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await check();
        state = undefined;
      } catch (error) {
        const reason = error instanceof DeliveryError ? error.reason : 'server';
        // The number's own record is refused only where token and number do not belong together.
        state = reason in REASONS ? reason : reason === 'flood' ? undefined : 'auth';
      }
      const wait = state === undefined ? pace.well : pace.ill;
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  return {
    start() {
      stop = new AbortController();
      running = run(stop.signal);
    },
    async stop() {
      stop.abort();
      await running;
    },
    health() {
      const ill = state ?? held;
      if (ill === undefined) return { ok: true };
      return { ok: false, reason: REASONS[ill] ?? 'the Cloud API has not been asked yet' };
    },
    async noting(work) {
      try {
        const result = await work;
        state = undefined;
        held = undefined;
        return result;
      } catch (error) {
        learn(error);
        throw error;
      }
    },
  };
}
