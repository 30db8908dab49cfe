// Updates on their way to the bot: numbered, kept until a newer marker commits them, held back for a call that waits.
// While an address is subscribed they go there instead.
import type { FaultSource } from '../telegram/faults.ts';
import type { Signal } from '../telegram/signal.ts';
import type { Json } from './world.ts';

export interface Numbered {
  readonly number: number;
  /** The dialogue it is of. */
  readonly line: string;
  readonly body: Json;
}

export interface Updates {
  push(body: Json, line?: string): void;
  /** Drops what the marker commits, and gives what stands from there on. */
  take(
    marker: number | undefined,
    limit: number,
    types: readonly string[] | undefined,
  ): { updates: Json[]; marker: number };
  /** Resolves once there is something new, or the time is over, or the caller is gone. */
  wait(marker: number | undefined, ms: number, gone: AbortSignal): Promise<void>;
  readonly pending: readonly Numbered[];
  /** It is on its way to the bot: from now on it cannot be overtaken. */
  touch(number: number): void;
  remove(number: number): void;
  /** Called with each new one. */
  onPush: (() => void) | undefined;
}

export function createUpdates(faults: FaultSource, changed: Signal): Updates {
  let pending: Numbered[] = [];
  let next = 1;
  let committed = 1;
  /** On their way already. */
  const touched = new Set<number>();
  const from = (marker: number | undefined): number => marker ?? committed;
  const updates: Updates = {
    onPush: undefined,
    push(body, line = '') {
      const { duplicate, reorder } = faults.drawInbound();
      for (let copies = duplicate ? 2 : 1; copies > 0; copies--) pending.push({ number: next++, line, body });
      const [before, last] = pending.slice(-2);
      if (reorder && before && last && !touched.has(before.number)) {
        pending.splice(-2, 2, { ...last, number: before.number }, { ...before, number: last.number });
      }
      changed.fire();
      updates.onPush?.();
    },
    take(marker, limit, types) {
      if (marker !== undefined) {
        committed = marker;
        pending = pending.filter((one) => one.number >= marker);
      }
      const given = pending.filter((one) => one.number >= from(marker)).slice(0, limit);
      for (const one of given) touched.add(one.number);
      const last = given.at(-1);
      return {
        updates: given
          .map((one) => one.body)
          .filter((body) => types?.includes(String(body.update_type)) ?? true),
        marker: last === undefined ? from(marker) : last.number + 1,
      };
    },
    wait(marker, ms, gone) {
      const isNew = () => pending.some((one) => one.number >= from(marker));
      return new Promise((resolve) => {
        if (isNew() || ms === 0 || gone.aborted) return resolve();
        const end = () => {
          clearTimeout(timer);
          unlisten();
          gone.removeEventListener('abort', end);
          resolve();
        };
        const unlisten = changed.listen(() => {
          if (isNew()) end();
        });
        const timer = setTimeout(end, ms);
        gone.addEventListener('abort', end);
      });
    },
    get pending() {
      return pending;
    },
    touch: (number) => void touched.add(number),
    remove(number) {
      pending = pending.filter((one) => one.number !== number);
    },
  };
  return updates;
}
