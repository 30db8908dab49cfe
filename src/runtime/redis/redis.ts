// The runtime port for many processes: claims, leases, budgets, wake-ups and hints over one Redis. Whatever it holds may
// be gone at any moment and comes back from the store.
import { randomUUID } from 'node:crypto';
import type { Runtime } from '../runtime.ts';
import { createBudgets } from './budgets.ts';
import { createClaims } from './claims.ts';
import { addressOf, checked, connectPatiently, reached } from './connect.ts';
import { createLeases } from './leases.ts';
import { createLive } from './live.ts';
import { createQueues } from './queues.ts';

export interface RedisRuntimeOptions {
  readonly url: string;
  readonly clock: () => number;
  /** Told at most once in ten seconds. */
  readonly onError: (error: unknown) => void;
}

const QUIET = 10_000;

/** Throws ConfigError when there is no fit Redis at the address. */
export async function createRedisRuntime({ url, clock, onError }: RedisRuntimeOptions): Promise<Runtime> {
  const address = addressOf(url);
  const redis = await checked(address);
  const listening = connectPatiently(address);
  const me = randomUUID();
  let told = Number.NEGATIVE_INFINITY;
  const tell = (error: unknown): void => {
    if (performance.now() - told < QUIET) return;
    told = performance.now();
    onError(error);
  };
  const claims = createClaims(redis, me);
  const leases = createLeases(redis, me);
  const budgets = createBudgets(redis, clock);
  const queues = createQueues({
    redis,
    patient: () => connectPatiently(address),
    now: clock,
    onError: tell,
  });
  const live = await createLive(redis, listening);
  return {
    shared: true,
    ...queues,
    ...budgets,
    publish: live.publish,
    subscribe: live.subscribe,
    claim: claims.claim,
    lease: leases.lease,
    ping: async () => void (await reached(redis.ping())),
    async stop() {
      leases.stop();
      await queues.stop();
      await claims.stop();
      live.stop();
      listening.disconnect();
      redis.disconnect();
    },
  };
}
