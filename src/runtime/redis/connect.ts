// Connections to the Redis that processes share. Everything kept there can be rebuilt from the store at any moment.
import { Redis } from 'ioredis';
import { settingFault } from '../../core/errors.ts';

/** All keys stand in one slot, so that a Redis Cluster takes scripts over several of them. */
export const PREFIX = '{otklik}';
export const key = (kind: string, name: string): string => `${PREFIX}:${kind}:${name}`;

/** Redis cannot be asked now: nothing is wrong with what was to be done, it is done later. */
export class RuntimeUnreachable extends Error {
  constructor(cause: unknown) {
    super('Redis cannot be reached', { cause });
    this.name = 'RuntimeUnreachable';
  }
}

const CONNECT = 3_000;
const ANSWER = 5_000;
const LONGEST_PAUSE = 2_000;

/** Commands fail fast while Redis is away; the connection comes back by itself. */
export function connect(url: string): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT,
    commandTimeout: ANSWER,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (tries) => Math.min(LONGEST_PAUSE, 50 * 2 ** Math.min(tries, 10)),
  });
  // Told by health and by every command that fails; an unheard event would end the process.
  redis.on('error', () => undefined);
  return redis;
}

/** A connection for what waits in Redis itself: it has no bound on how long an answer takes. */
export function connectPatiently(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT,
    retryStrategy: (tries) => Math.min(LONGEST_PAUSE, 50 * 2 ** Math.min(tries, 10)),
  });
  redis.on('error', () => undefined);
  return redis;
}

/** Throws ConfigError when there is no Redis, or when it may forget what it was given. */
export async function checked(url: string): Promise<Redis> {
  const redis = connect(url);
  try {
    await redis.connect();
    const memory = await redis.info('memory');
    const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      const message = `names a Redis whose maxmemory-policy is ${policy}: it would drop work when memory is short; set it to noeviction`;
      throw settingFault('REDIS_URL', message, undefined);
    }
    return redis;
  } catch (cause) {
    redis.disconnect();
    if (cause instanceof Error && cause.name === 'ConfigError') throw cause;
    const message =
      'is set, but no Redis answers there; start it, mend the address, or leave REDIS_URL empty';
    throw settingFault('REDIS_URL', message, cause);
  }
}

export async function reached<T>(ask: Promise<T>): Promise<T> {
  try {
    return await ask;
  } catch (cause) {
    throw new RuntimeUnreachable(cause);
  }
}
