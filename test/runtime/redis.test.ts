// The runtime over a real Redis, started by the test on a free port of the loopback; each test has a database of its own.
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRedisRuntime } from '../../src/runtime/redis/redis.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { startProxy } from '../faults/proxy.ts';
import { runtimeConformance } from './conformance.ts';
import { askRedis, type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
let port: number;

beforeAll(async () => {
  server = await startRedis();
  port = server.port;
}, 20_000);
afterAll(() => server?.stop());

const made: Runtime[] = [];
const errors: unknown[] = [];
const open = async (): Promise<Runtime> => {
  const runtime = await createRedisRuntime({
    url: `redis://127.0.0.1:${port}`,
    clock: Date.now,
    onError: (error) => errors.push(error),
  });
  made.push(runtime);
  return runtime;
};
const asked = <T>(ask: (redis: Redis) => Promise<T>): Promise<T> => askRedis(port, ask);
const end = async (): Promise<void> => {
  await Promise.all(made.splice(0).map((runtime) => runtime.stop()));
  await asked((redis) => redis.flushall());
};

runtimeConformance('the runtime over Redis', async () => ({
  runtime: await open(),
  other: await open(),
  stop: end,
}));

describe('many processes over one Redis', () => {
  it('claims a name once, tells when another had it, and gives it back', async () => {
    const [one, two] = [await open(), await open()];
    const first = await one.claim('c1');
    expect(first?.stale).toBe(true);
    expect(await two.claim('c1')).toBeUndefined();
    expect(await one.claim('c1')).toBeUndefined();
    await first?.release();
    const again = await one.claim('c1');
    expect(again?.stale).toBe(false);
    await again?.release();
    const theirs = await vi.waitFor(async () => (await two.claim('c1')) ?? Promise.reject(new Error('held')));
    expect(theirs.stale).toBe(true);
    await theirs.release();
    const back = await vi.waitFor(async () => (await one.claim('c1')) ?? Promise.reject(new Error('held')));
    expect(back.stale).toBe(true);
    await end();
  });

  it('wakes a line in one of them, and again for what came while it was handled', async () => {
    const [one, two] = [await open(), await open()];
    const woken: string[] = [];
    const gate = Promise.withResolvers<void>();
    const handle = (name: string) => async (line: string) => {
      woken.push(`${name} ${line}`);
      if (woken.length === 1) await gate.promise;
    };
    one.onWake(handle('one'));
    two.onWake(handle('two'));
    one.wake('c1');
    await vi.waitFor(() => expect(woken).toHaveLength(1), { timeout: 5_000 });
    two.wake('c1');
    two.wake('c1');
    gate.resolve();
    await vi.waitFor(() => expect(woken).toHaveLength(2), { timeout: 5_000 });
    await pause(300);
    expect(woken).toHaveLength(2);
    await end();
  });

  it('rings what is further off in one process, whichever that is', async () => {
    const [one, two] = [await open(), await open()];
    const rung: string[] = [];
    for (const runtime of [one, two]) runtime.onAlarm((contact) => rung.push(contact));
    const at = Date.now() + 2_400;
    one.alarm('far', at);
    two.alarm('far', at);
    await vi.waitFor(() => expect(rung).toEqual(['far']), { timeout: 10_000 });
    expect(Date.now()).toBeGreaterThanOrEqual(at);
    await pause(300);
    expect(rung).toEqual(['far']);
    await end();
  });

  it('carries hints to every process', async () => {
    const [one, two] = [await open(), await open()];
    const heard: unknown[] = [];
    two.subscribe('tickets', (data) => heard.push(data));
    one.publish('tickets', { kind: 'ticket', id: 't1' });
    await vi.waitFor(() => expect(heard).toEqual([{ kind: 'ticket', id: 't1' }]), { timeout: 5_000 });
    await end();
  });

  it('goes on after FLUSHALL and after a restart of Redis', { timeout: 30_000 }, async () => {
    const [one, two] = [await open(), await open()];
    const woken: string[] = [];
    two.onWake((line) => void woken.push(line));
    const lost: string[] = [];
    const lease = await one.lease('poll', new AbortController().signal);
    void lease.lost.then(() => lost.push('poll'));
    const mine = await one.claim('mine');
    await asked((redis) => redis.flushall());
    // What was forgotten is given to nobody before its holder has taken it back.
    const giveUp = new AbortController();
    const taken: string[] = [];
    two.lease('poll', giveUp.signal).then(
      () => taken.push('poll'),
      () => undefined,
    );
    for (const until = Date.now() + 3_000; Date.now() < until; await pause(20))
      if (await two.claim('mine')) taken.push('mine');
    expect([...taken, ...lost]).toEqual([]);
    giveUp.abort();
    await mine?.release();
    await vi.waitFor(async () => expect(await two.claim('mine')).toBeDefined(), { timeout: 5_000 });
    one.wake('after the flush');
    await vi.waitFor(() => expect(woken).toContain('after the flush'), { timeout: 10_000 });
    await server.kill();
    await expect(one.claim('c1')).rejects.toMatchObject({ name: 'RuntimeUnreachable' });
    expect(await one.budget('chat', { count: 1, per: 1_000, burst: 1 })).toBeGreaterThan(0);
    await server.start();
    await vi.waitFor(async () => expect(await one.claim('c1')).toBeDefined(), { timeout: 10_000 });
    await vi.waitFor(
      () => {
        one.wake('after the restart');
        expect(woken).toContain('after the restart');
      },
      { timeout: 15_000, interval: 300 },
    );
    await end();
  });

  it('goes on over new connections when nothing comes any more on the old ones', {
    timeout: 60_000,
  }, async () => {
    const way = await startProxy({ port: server.port, host: '127.0.0.1' });
    const runtime = await createRedisRuntime({
      url: `redis://127.0.0.1:${way.port}`,
      clock: Date.now,
      onError: (error) => errors.push(error),
    });
    const woken: string[] = [];
    const heard: unknown[] = [];
    runtime.onWake((line) => void woken.push(line));
    runtime.subscribe('tickets', (data) => heard.push(data));
    const other = await open();
    runtime.wake('before');
    await vi.waitFor(() => expect(woken).toEqual(['before']), { timeout: 5_000 });
    way.blackhole();
    await expect(runtime.ping?.()).rejects.toMatchObject({ name: 'RuntimeUnreachable' });
    way.pass();
    const long = { timeout: 30_000, interval: 300 };
    await vi.waitFor(() => runtime.ping?.(), long);
    await vi.waitFor(() => {
      other.wake('after');
      expect(woken).toContain('after');
    }, long);
    await vi.waitFor(() => {
      other.publish('tickets', { kind: 'ticket', id: 't1' });
      expect(heard).toContainEqual({ kind: 'ticket', id: 't1' });
    }, long);
    await runtime.stop();
    await way.stop();
    await end();
  });

  it('refuses a Redis that would drop work, with the remedy', async () => {
    await asked((redis) => redis.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    await expect(open()).rejects.toThrow(/maxmemory-policy is allkeys-lru.*noeviction/);
    await asked((redis) => redis.config('SET', 'maxmemory-policy', 'noeviction'));
    await expect(
      createRedisRuntime({ url: 'redis://127.0.0.1:1', clock: Date.now, onError: () => undefined }),
    ).rejects.toThrow(/no Redis answers/);
  });
});
