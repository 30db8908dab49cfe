// The same runtime over a Redis Cluster, and over a set whose first server dies and is replaced by its copy.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRedisRuntime } from '../../src/runtime/redis/redis.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { runtimeConformance } from './conformance.ts';
import { startCluster, startSentinel } from './redis-server.ts';

const made: Runtime[] = [];
const open = async (url: string): Promise<Runtime> => {
  const runtime = await createRedisRuntime({ url, clock: Date.now, onError: () => undefined });
  made.push(runtime);
  return runtime;
};
const end = async (): Promise<void> => {
  await Promise.all(made.splice(0).map((runtime) => runtime.stop()));
};

describe('a Redis Cluster', () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 30_000);
  afterAll(() => cluster?.stop());

  runtimeConformance('the runtime over a Cluster', async () => ({
    runtime: await open(cluster.url),
    other: await open(cluster.url),
    async stop() {
      await end();
      await cluster.flush();
    },
  }));
});

describe('a set watched by a Sentinel', () => {
  let set: Awaited<ReturnType<typeof startSentinel>>;
  beforeAll(async () => {
    set = await startSentinel();
  }, 30_000);
  afterAll(() => set?.stop());

  it('goes on with the copy when the first server dies', { timeout: 40_000 }, async () => {
    const one = await open(set.url);
    const other = await open(set.url);
    try {
      const woken: string[] = [];
      for (const runtime of [one, other]) runtime.onWake((line) => void woken.push(line));
      one.wake('before');
      await expect.poll(() => woken, { timeout: 5_000 }).toContain('before');
      await set.first.kill();
      await vi.waitFor(() => other.ping?.(), { timeout: 20_000, interval: 100 });
      await expect
        .poll(
          () => {
            one.wake('after');
            return woken;
          },
          { timeout: 15_000, interval: 500 },
        )
        .toContain('after');
      const claim = await vi.waitFor(() => one.claim('a name'), { timeout: 10_000 });
      expect(claim).toBeDefined();
      expect(await other.claim('a name')).toBeUndefined();
    } finally {
      await end();
    }
  });
});
