// Connections to the Redis that processes share. Everything kept there can be rebuilt from the store at any moment.
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { settingFault } from '../../core/errors.ts';
import { type RedisAddress, readRedisAddress } from './address.ts';

/** All keys stand in one slot, so that a Redis Cluster takes scripts over several of them. */
export const PREFIX = '{otklik}';
export const key = (kind: string, name: string): string => `${PREFIX}:${kind}:${name}`;

/** One server, the one that the Sentinels name, or a Cluster: all take the same commands. */
export type Client = Redis | Cluster;

/** Redis cannot be asked now: nothing is wrong with what was to be done, it is done later. */
export class RuntimeUnreachable extends Error {
  constructor(cause: unknown) {
    super('Redis cannot be reached', { cause });
    this.name = 'RuntimeUnreachable';
  }
}

type Options = Omit<RedisOptions, 'replyMapping' | 'himportFieldsets'>;

const CONNECT = 3_000;
const ANSWER = 5_000;
/** Longer than a worker waits in Redis for work. */
const PATIENT_ANSWER = 12_000;
/** Shorter than the others wait for whoever held a name before. */
const LONGEST_PAUSE = 500;

const retryStrategy = (tries: number): number => Math.min(LONGEST_PAUSE, 50 * 2 ** Math.min(tries, 10));

/** Commands fail fast while Redis is away; the connection comes back by itself. */
export function connect(address: RedisAddress): Client {
  return made(address, {
    lazyConnect: true,
    connectTimeout: CONNECT,
    commandTimeout: ANSWER,
    // A connection on which nothing comes any more is not waited for: another one may work.
    socketTimeout: ANSWER,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    // What is asked in one turn of the event loop goes in one write.
    enableAutoPipelining: true,
    retryStrategy,
  });
}

/** A connection for what waits in Redis itself: commands are kept until it is back. */
export function connectPatiently(address: RedisAddress): Client {
  return made(address, {
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT,
    socketTimeout: PATIENT_ANSWER,
    retryStrategy,
  });
}

/** As long as it lasts: nothing is tried again. */
export function connectOnce(address: RedisAddress): Client {
  return made(address, {
    lazyConnect: true,
    connectTimeout: CONNECT,
    commandTimeout: CONNECT,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
}

function made(address: RedisAddress, options: Options): Client {
  const client = create(address, options);
  // Told by health and by every command that fails; an unheard event would end the process.
  client.on('error', () => undefined);
  return client;
}

function create(address: RedisAddress, options: Options): Client {
  if (address.kind === 'single') return new Redis(address.url, options);
  const { username, password, tls, hosts } = address;
  const access: Options = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  };
  if (address.kind === 'sentinel') {
    return new Redis({
      ...options,
      ...access,
      sentinels: [...hosts],
      name: address.name,
      db: address.db,
      sentinelRetryStrategy: (tries) => options.retryStrategy?.(tries) ?? undefined,
      ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    });
  }
  const { retryStrategy: again, lazyConnect, enableOfflineQueue, ...each } = options;
  return new Cluster([...hosts], {
    redisOptions: { ...each, ...access },
    clusterRetryStrategy: again ?? (() => null),
    slotsRefreshTimeout: CONNECT,
    ...(lazyConnect !== undefined && { lazyConnect }),
    ...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
  });
}

/** Throws ConfigError: the settings were read by the same rule, so this is a caller's fault. */
export function addressOf(url: string): RedisAddress {
  const address = readRedisAddress(url);
  if (!address) throw settingFault('REDIS_URL', 'is no address of a Redis', undefined);
  return address;
}

/** What every server that keeps keys says of itself. */
export async function infoOf(client: Client, section?: string): Promise<readonly string[]> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  return await Promise.all(nodes.map((node) => (section === undefined ? node.info() : node.info(section))));
}

/** Throws ConfigError when there is no Redis, or when it may forget what it was given. */
export async function checked(address: RedisAddress): Promise<Client> {
  const client = connect(address);
  try {
    await client.connect();
    for (const memory of await infoOf(client, 'memory')) {
      const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
      if (policy === undefined || policy === 'noeviction') continue;
      const message = `names a Redis whose maxmemory-policy is ${policy}: it would drop work when memory is short; set it to noeviction`;
      throw settingFault('REDIS_URL', message, undefined);
    }
    return client;
  } catch (cause) {
    client.disconnect();
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
