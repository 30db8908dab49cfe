// The runtime port for one process: everything in memory, nothing kept. It must never be the only place that
// knows of work: a restart forgets it all, and the sweep over the store brings it back.

import type { Rate } from '../channels/channel.ts';
import { createAlarms } from './alarms.ts';
import type { Lease, Runtime } from './runtime.ts';
import { createTopics } from './topics.ts';

/** Buckets are looked through for full ones once there are this many, then at each doubling. */
const FIRST_SWEEP = 1024;

/** `now`: milliseconds since 1970. `monotonic`: milliseconds that never jump. */
export function createLocalRuntime(
  now: () => number,
  monotonic: () => number = () => performance.now(),
): Runtime {
  const wakes = createWakes();
  const alarms = createAlarms(now);
  const leases = createLeases(now);
  const budgets = createBudgets(now, monotonic);
  const topics = createTopics();
  return {
    shared: false,
    ...wakes,
    ...alarms,
    ...budgets,
    publish: topics.tell,
    subscribe: topics.subscribe,
    lease: leases.lease,
    // Within one process the callers' own locks keep them apart.
    claim: async () => ({ stale: false, release: async () => {} }),
    async stop() {
      wakes.stop();
      alarms.stop();
      leases.stop();
      topics.clear();
    },
  };
}

function createWakes(): Pick<Runtime, 'wake' | 'onWake'> & { stop(): void } {
  const waiting = new Set<string>();
  const handlers: ((line: string) => void | Promise<void>)[] = [];
  let turn: NodeJS.Immediate | undefined;
  const schedule = () => {
    if (waiting.size > 0 && handlers.length > 0) turn ??= setImmediate(deliver);
  };
  function deliver() {
    turn = undefined;
    try {
      for (const line of [...waiting]) {
        // Taken away first: a wake that comes while it is handled asks for another round.
        waiting.delete(line);
        for (const handle of handlers) void handle(line);
      }
    } finally {
      schedule();
    }
  }
  return {
    wake(line) {
      waiting.add(line);
      schedule();
    },
    onWake(handle) {
      handlers.push(handle);
      schedule();
    },
    stop() {
      if (turn) clearImmediate(turn);
      waiting.clear();
      handlers.length = 0;
    },
  };
}

function createLeases(now: () => number): Pick<Runtime, 'lease'> & { stop(): void } {
  /** The holder's release first, then those who wait. */
  const queues = new Map<string, { grant(): void; end(): void }[]>();
  let lastToken = 0;
  return {
    lease(name, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<Lease>();
      const lost = Promise.withResolvers<void>();
      const leave = () => {
        signal.removeEventListener('abort', abort);
        const queue = queues.get(name) ?? [];
        const index = queue.indexOf(place);
        if (index < 0) return;
        queue.splice(index, 1);
        if (queue.length === 0) queues.delete(name);
        else if (index === 0) queue[0]?.grant();
      };
      const abort = () => {
        leave();
        reject(signal.reason);
      };
      const place = {
        grant() {
          signal.removeEventListener('abort', abort);
          // The time is part of it so that it grows over a restart too.
          lastToken = Math.max(lastToken + 1, now());
          resolve({ token: lastToken, lost: lost.promise, release: async () => leave() });
        },
        end() {
          signal.removeEventListener('abort', abort);
          lost.resolve();
          reject(new Error('the runtime has stopped'));
        },
      };
      if (signal.aborted) {
        reject(signal.reason);
        return promise;
      }
      signal.addEventListener('abort', abort);
      const queue = queues.get(name);
      if (queue) queue.push(place);
      else {
        queues.set(name, [place]);
        place.grant();
      }
      return promise;
    },
    stop() {
      const all = [...queues.values()].flat();
      queues.clear();
      for (const place of all) place.end();
    },
  };
}

interface Bucket {
  units: number;
  /** Monotonic: when `units` was right. */
  at: number;
  /** Monotonic: nothing before it. */
  pausedUntil: number;
  /** Monotonic: full again by itself, so that it need not be remembered. */
  fullAt: number;
}

function createBudgets(now: () => number, monotonic: () => number): Pick<Runtime, 'budget' | 'pause'> {
  const buckets = new Map<string, Bucket>();
  let sweepAt = FIRST_SWEEP;
  const bucketOf = (key: string): Bucket => {
    const known = buckets.get(key);
    if (known) return known;
    const time = monotonic();
    if (buckets.size >= sweepAt) {
      for (const [name, { fullAt, pausedUntil }] of buckets) {
        if (fullAt <= time && pausedUntil <= time) buckets.delete(name);
      }
      sweepAt = Math.max(FIRST_SWEEP, buckets.size * 2);
    }
    const fresh = { units: Number.POSITIVE_INFINITY, at: time, pausedUntil: 0, fullAt: time };
    buckets.set(key, fresh);
    return fresh;
  };
  return {
    async budget(key: string, rate: Rate) {
      const bucket = bucketOf(key);
      const time = monotonic();
      const perUnit = rate.per / rate.count;
      bucket.units = Math.min(rate.burst, bucket.units + (time - bucket.at) / perUnit);
      bucket.at = time;
      if (bucket.pausedUntil > time) return Math.ceil(bucket.pausedUntil - time);
      // Fractions are added up many times over, so a unit that lacks a billionth is whole.
      if (bucket.units < 1 - 1e-9) return Math.max(1, Math.ceil((1 - bucket.units) * perUnit));
      bucket.units -= 1;
      bucket.fullAt = time + (rate.burst - bucket.units) * perUnit;
      return 0;
    },
    async pause(key, until) {
      const bucket = bucketOf(key);
      bucket.pausedUntil = Math.max(bucket.pausedUntil, monotonic() + (until - now()));
    },
  };
}
