// What the network tells of our messages after they were sent, held against what the calls themselves answered: a call
// whose answer was lost is settled by the tidings, and what is known already is not told again. In memory only.
import type { DeliveryError } from '../../../core/errors.ts';

export interface Tidings {
  readonly id: string;
  /** Present: it was not delivered. */
  readonly failure?: DeliveryError;
}

export interface Fates {
  /** A call with this key begins; gives what is known of an earlier one whose answer was lost. */
  begin(key: string): Tidings | undefined;
  /** The call's answer is known. */
  end(key: string, answered: boolean): void;
  /** The network speaks of the message with this key. */
  hear(key: string, tidings: Tidings): void;
  /** Waits so long for tidings of a call whose answer was lost. */
  await(key: string, ms: number): Promise<Tidings | undefined>;
  /** Resolves when the call with this key is no longer under way; false: there was none. */
  settled(key: string): Promise<boolean>;
  /** Whether a call of this process with this key was answered. */
  isAnswered(key: string): boolean;
  /** Ends all waiting. */
  stop(): void;
}

/** Keys remembered; the oldest is forgotten beyond that. */
const KEPT = 20_000;

export function createFates(): Fates {
  const heard = new Map<string, Tidings>();
  const answered = new Map<string, true>();
  const underWay = new Map<string, PromiseWithResolvers<void>>();
  const waiting = new Map<string, (tidings: Tidings | undefined) => void>();
  return {
    begin(key) {
      underWay.set(key, Promise.withResolvers());
      const known = heard.get(key);
      // What failed may be sent again.
      if (known?.failure) heard.delete(key);
      return known?.failure ? undefined : known;
    },
    end(key, wasAnswered) {
      if (wasAnswered) {
        remember(answered, key, true);
        heard.delete(key);
      }
      underWay.get(key)?.resolve();
      underWay.delete(key);
    },
    hear(key, tidings) {
      if (answered.has(key)) return;
      remember(heard, key, tidings);
      waiting.get(key)?.(tidings);
    },
    await(key, ms) {
      const known = heard.get(key);
      if (known) return Promise.resolve(known);
      return new Promise((resolve) => {
        const end = (tidings: Tidings | undefined): void => {
          clearTimeout(timer);
          waiting.delete(key);
          resolve(tidings);
        };
        const timer = setTimeout(end, ms, undefined);
        waiting.set(key, end);
      });
    },
    async settled(key) {
      const call = underWay.get(key);
      await call?.promise;
      return call !== undefined;
    },
    isAnswered: (key) => answered.has(key),
    stop() {
      for (const end of [...waiting.values()]) end(undefined);
    },
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= KEPT) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
