// Redis servers of a test's own, on free ports of the loopback, in a folder that goes with them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { quietPort } from '../faults/proxy.ts';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** As a crash of the machine; resolves when it is gone. */
  kill(): Promise<void>;
  /** The same server on the same port, empty. */
  start(): Promise<void>;
  stop(): void;
}

const HOST = '127.0.0.1';

export async function askRedis<T>(port: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, HOST, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

export async function startRedis(...more: string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'otklik-redis-'));
  const port = await quietPort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const options = ['--port', String(port), '--bind', HOST, '--save', '', '--dir', folder, ...more];
    child = spawn('redis-server', options, { stdio: 'ignore' });
    await askRedis(port, (redis) => redis.ping());
  };
  await start();
  return {
    url: `redis://${HOST}:${port}`,
    port,
    async kill() {
      if (!child) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    start,
    stop() {
      child?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Three servers that share the slots. */
export async function startCluster(): Promise<{
  readonly url: string;
  flush(): Promise<void>;
  stop(): void;
}> {
  const servers: RedisServer[] = [];
  for (let index = 0; index < 3; index += 1) servers.push(await startRedis('--cluster-enabled', 'yes'));
  const [first] = servers as [RedisServer];
  const slots = 16_384;
  await Promise.all(
    servers.map(({ port }, index) =>
      askRedis(port, (redis) =>
        redis.call(
          'CLUSTER',
          'ADDSLOTSRANGE',
          Math.floor((slots * index) / 3),
          Math.floor((slots * (index + 1)) / 3) - 1,
        ),
      ),
    ),
  );
  for (const { port } of servers.slice(1))
    await askRedis(first.port, (redis) => redis.call('CLUSTER', 'MEET', HOST, port));
  await Promise.all(
    servers.map(({ port }) =>
      until(async () =>
        /cluster_state:ok[\s\S]*cluster_known_nodes:3/.test(
          String(await askRedis(port, (redis) => redis.call('CLUSTER', 'INFO'))),
        ),
      ),
    ),
  );
  return {
    url: `redis+cluster://${servers.map(({ port }) => `${HOST}:${port}`).join(',')}`,
    async flush() {
      for (const { port } of servers) await askRedis(port, (redis) => redis.flushall());
    },
    stop() {
      for (const server of servers) server.stop();
    },
  };
}

/** A server, its copy, and a Sentinel that makes the copy the first when the server dies. */
export async function startSentinel(): Promise<{
  readonly url: string;
  readonly first: RedisServer;
  readonly second: RedisServer;
  stop(): void;
}> {
  const first = await startRedis();
  const second = await startRedis('--replicaof', HOST, String(first.port));
  await until(async () =>
    /master_link_status:up/.test(await askRedis(second.port, (redis) => redis.info('replication'))),
  );
  const folder = mkdtempSync(join(tmpdir(), 'otklik-sentinel-'));
  const port = await quietPort();
  const settings = join(folder, 'sentinel.conf');
  writeFileSync(
    settings,
    [
      `port ${port}`,
      `bind ${HOST}`,
      `dir ${folder}`,
      `sentinel monitor otklik ${HOST} ${first.port} 1`,
      'sentinel down-after-milliseconds otklik 500',
      'sentinel failover-timeout otklik 3000',
      '',
    ].join('\n'),
  );
  const sentinel = spawn('redis-server', [settings, '--sentinel'], { stdio: 'ignore' });
  await until(async () => {
    const seen = await askRedis(port, (redis) => redis.call('SENTINEL', 'REPLICAS', 'otklik'));
    return Array.isArray(seen) && seen.length === 1;
  });
  return {
    url: `redis+sentinel://${HOST}:${port}/otklik`,
    first,
    second,
    stop() {
      sentinel.kill('SIGKILL');
      first.stop();
      second.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function until(is: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end; await pause(50)) if (await is()) return;
  throw new Error('Redis was not as wanted within 15 seconds');
}
