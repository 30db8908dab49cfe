// Puts virtual time and seeded randomness in the place of the machine's, for the whole process: the program runs as it
// is. Nothing else may run beside it.
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { createRandom, type Random } from './random.ts';
import type { Entry, Scheduler } from './scheduler.ts';

/** Milliseconds since 1970 at the virtual zero: a Thursday, ten in the morning in Moscow. */
export const BEGINNING = Date.UTC(2026, 2, 12, 7);

interface Current {
  scheduler: Scheduler;
  random: Random;
}

class VirtualTimer {
  entry: Entry | undefined;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  close(): this {
    stop(this);
    return this;
  }
  [Symbol.dispose](): void {
    stop(this);
  }
}

function stop(timer: VirtualTimer | undefined): void {
  if (timer?.entry) timer.entry.act = undefined;
}

/** Gives the function by which each run names its own scheduler and seed. */
export function installGlobals(): (scheduler: Scheduler, seed: number) => void {
  const current: { is: Current | undefined } = { is: undefined };
  const now = (): Current => {
    if (!current.is) throw new Error('virtual time was asked for outside a run');
    return current.is;
  };
  const timeout = (act: (...args: unknown[]) => void, after = 0, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    // As Node does: less than a millisecond is one.
    timer.entry = now().scheduler.after(Math.max(1, after), 'timer', () => act(...args));
    return timer;
  };
  const interval = (act: (...args: unknown[]) => void, every = 1, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    const { scheduler } = now();
    const again = (): void => {
      timer.entry = scheduler.after(every, 'interval', () => {
        again();
        act(...args);
      });
    };
    again();
    return timer;
  };
  const immediate = (act: (...args: unknown[]) => void, ...args: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.entry = now().scheduler.after(0, 'immediate', () => act(...args));
    return timer;
  };
  const pause = <T>(after = 1, value?: T, options: { signal?: AbortSignal } = {}): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      const { signal } = options;
      const aborted = (): Error =>
        Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
          name: 'AbortError',
          code: 'ABORT_ERR',
        });
      if (signal?.aborted) return reject(aborted());
      const abort = (): void => {
        stop(timer);
        reject(aborted());
      };
      const timer = timeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      }, after);
      signal?.addEventListener('abort', abort, { once: true });
    });

  Object.assign(globalThis, {
    setTimeout: timeout,
    clearTimeout: stop,
    setInterval: interval,
    clearInterval: stop,
    setImmediate: immediate,
    clearImmediate: stop,
  });
  Object.assign(timersPromises, { setTimeout: pause });
  Date.now = () => BEGINNING + Math.floor(now().scheduler.now);
  performance.now = () => now().scheduler.now;
  Math.random = () => now().random();
  const randomBytes = (size: number): Buffer => {
    const bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size; at += 1) bytes[at] = now().random.below(256);
    return bytes;
  };
  const randomUUID = (): string => {
    const hex = randomBytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  const randomInt = (low: number, high?: number): number =>
    high === undefined ? now().random.below(low) : low + now().random.below(high - low);
  Object.assign(crypto, { randomBytes, randomUUID, randomInt });
  syncBuiltinESMExports();
  globalThis.crypto.getRandomValues = ((array: Uint8Array) => {
    for (let at = 0; at < array.length; at += 1) array[at] = now().random.below(256);
    return array;
  }) as typeof globalThis.crypto.getRandomValues;
  globalThis.crypto.randomUUID = randomUUID as typeof globalThis.crypto.randomUUID;

  return (scheduler, seed) => {
    current.is = { scheduler, random: createRandom(seed) };
  };
}
