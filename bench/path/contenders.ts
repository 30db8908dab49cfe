// The bots that are compared, each as its own processes over the same network: ours alone and over Redis, the plain bot
// of grammY and its conversations over Redis, and the safe floor.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/e2e/program.ts';
import { type Counted, startCounted } from './counted.ts';
import { type Network, SECRET, startNetwork, TOKEN } from './network.ts';
import { type Process, readyLine, startProcess } from './processes.ts';

export interface Contender {
  readonly name: string;
  start(): Promise<Running>;
}
export interface Running {
  readonly network: Network;
  readonly hooks: readonly string[];
  /** Process ids by what they are. */
  readonly bots: readonly number[];
  readonly store: readonly number[];
  readonly redis: readonly number[];
  readonly counted?: Counted;
  stop(): Promise<void>;
}

const FLOWS = join(import.meta.dirname, '..', '..', 'test', 'faults', 'flows');
const SERVERS = 'ready to accept connections';

async function startRedis(folder: string): Promise<{ readonly process: Process; readonly url: string }> {
  const port = await freePort();
  const command = [
    'redis-server',
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    folder,
  ];
  const process = await startProcess(command, {}, (line) =>
    line.toLowerCase().includes(SERVERS) ? {} : undefined,
  );
  return { process, url: `redis://127.0.0.1:${port}` };
}

interface Ground {
  readonly folder: string;
  readonly network: Network;
  own<T extends { stop(): Promise<void> }>(part: T): T;
  stop(): Promise<void>;
}

async function layGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'otklik-path-'));
  const parts: { stop(): Promise<void> }[] = [];
  const network = await startNetwork();
  return {
    folder,
    network,
    own(part) {
      parts.push(part);
      return part;
    },
    async stop() {
      for (const part of parts.reverse()) await part.stop();
      await network.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const telegram = (network: Network): Readonly<Record<string, string>> => ({
  TELEGRAM_BOT_TOKEN: TOKEN,
  TELEGRAM_API_ROOT: network.url,
  TELEGRAM_WEBHOOK_SECRET: SECRET,
});

export interface OtklikOptions {
  readonly instances: number;
  readonly redis: boolean;
  /** A store in a process of its own, as a MongoDB is; otherwise the embedded one in the bot's own process. */
  readonly apart: boolean;
  readonly count?: boolean;
}

export function otklik(name: string, options: OtklikOptions): Contender {
  return {
    name,
    async start() {
      const ground = await layGround();
      try {
        const { folder, network } = ground;
        const redis = options.redis ? await startRedis(folder) : undefined;
        if (redis) ground.own(redis.process);
        const store = options.apart
          ? ground.own(await startProcess([process.execPath, 'bench/path/store.ts', folder], {}, readyLine))
          : undefined;
        const uri = store === undefined ? undefined : String(store.said.uri);
        const counted =
          options.count && uri !== undefined
            ? ground.own(await startCounted(uri, join(folder, 'counted.sock')))
            : undefined;
        const bots: Process[] = [];
        const hooks: string[] = [];
        for (let index = 0; index < options.instances; index += 1) {
          const port = await freePort();
          const env = {
            ...telegram(network),
            PORT: String(port),
            PUBLIC_URL: `http://127.0.0.1:${port}`,
            TELEGRAM_MODE: 'webhook',
            TELEGRAM_MESSAGES_PER_SECOND: '10000',
            DATA_DIR: folder,
            FLOWS_DIR: FLOWS,
            DEFAULT_LOCALE: 'en',
            ADMIN_PASSWORD: 'only-for-the-bench',
            LOG_LEVEL: 'info',
            ...((counted?.uri ?? uri) ? { MONGODB_URI: counted?.uri ?? uri ?? '' } : {}),
            ...(redis ? { REDIS_URL: redis.url } : {}),
          };
          const command = [process.execPath, '--max-semi-space-size=2', 'src/start.js'];
          const isReady = (line: string) => (line.includes('"msg":"ready"') ? {} : undefined);
          bots.push(ground.own(await startProcess(command, env, isReady)));
          hooks.push(`http://127.0.0.1:${port}/hooks/telegram`);
        }
        return {
          network,
          hooks,
          bots: bots.map(({ pid }) => pid),
          store: store ? [store.pid] : [],
          redis: redis ? [redis.process.pid] : [],
          ...(counted && { counted }),
          stop: ground.stop,
        };
      } catch (error) {
        await ground.stop();
        throw error;
      }
    },
  };
}

/** A bot of this bench's own, over Redis. */
export function plain(name: string, command: readonly string[], path: string): Contender {
  return {
    name,
    async start() {
      const ground = await layGround();
      try {
        const redis = await startRedis(ground.folder);
        ground.own(redis.process);
        const port = await freePort();
        const env = { ...telegram(ground.network), PORT: String(port), REDIS_URL: redis.url };
        const bot = ground.own(await startProcess([process.execPath, ...command], env, readyLine));
        return {
          network: ground.network,
          hooks: [`http://127.0.0.1:${port}${path}`],
          bots: [bot.pid],
          store: [],
          redis: [redis.process.pid],
          stop: ground.stop,
        };
      } catch (error) {
        await ground.stop();
        throw error;
      }
    },
  };
}
