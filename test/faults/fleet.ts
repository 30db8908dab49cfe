// Several of the real program at once over one Redis and one store, behind one port as behind a balancer; seen from
// outside it is one program of which a part may die at any moment.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedStore, startEmbedded } from '../../src/store/embedded/start.ts';
import { askRedis, startRedis } from '../runtime/redis-server.ts';
import type { Random } from '../standins/telegram/random.ts';
import { createProgram, type Program, type ProgramOptions } from './program.ts';
import { type FaultProxy, quietPort, startProxy } from './proxy.ts';

/** One of the programs, and its ways to Redis and to the store. */
export interface Member {
  readonly program: Program;
  readonly redis: FaultProxy;
  readonly store: FaultProxy;
}

/** A server of the fleet's: `stop` is a kill, `start` resolves once it answers again. */
export interface Server {
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface Fleet extends Program {
  readonly members: readonly Member[];
  readonly redis: Server;
  readonly store: Server;
  /** Ends the Redis, the store and the balancer, once the programs have ended. */
  close(): Promise<void>;
  /** As `FLUSHALL` of an operator: everything Redis holds is gone. */
  flush(): Promise<void>;
}

export async function createFleet(
  options: ProgramOptions & {
    readonly instances: number;
    readonly random: Random;
    /** They reach Redis and the store only through what may go wrong on the way. */
    readonly proxied?: boolean;
    /** Started by mistake as if each were alone: they share the store and do not know of each other. */
    readonly strangers?: boolean;
  },
): Promise<Fleet> {
  const { env, random } = options;
  const port = Number(env.PORT);
  const folder = env.DATA_DIR ?? '';
  const redis = await startRedis();
  let store: EmbeddedStore = await startEmbedded(folder);
  const socket = decodeURIComponent(/^mongodb:\/\/([^/]+)/.exec(store.uri)?.[1] ?? '');
  const members: Member[] = [];
  for (let index = 0; index < options.instances; index += 1) {
    const toRedis = await startProxy({ port: redis.port, host: '127.0.0.1' });
    const toStore = await startProxy({ path: socket });
    const program = await createProgram({
      ...options,
      env: {
        ...env,
        PORT: String(await quietPort()),
        MONGODB_URI: options.proxied
          ? `mongodb://127.0.0.1:${toStore.port}/?directConnection=true`
          : store.uri,
        ...(options.strangers
          ? {}
          : { REDIS_URL: `redis://127.0.0.1:${options.proxied ? toRedis.port : redis.port}` }),
      },
    });
    members.push({ program, redis: toRedis, store: toStore });
  }
  const programs = members.map(({ program }) => program);
  const alive = (program: Program): boolean =>
    program.lives.length > 0 && program.lives.at(-1)?.diedAt === undefined;
  let next = 0;
  const balancer = createServer((asked, answer) => {
    const ready = programs.filter((program) => program.ready);
    next += 1;
    void forward(asked, answer, [...ready.slice(next % (ready.length || 1)), ...ready]);
  });
  balancer.listen(port, '127.0.0.1');
  await once(balancer, 'listening');
  let struck: Program | undefined;

  return {
    port,
    pid: undefined,
    members,
    redis: { stop: redis.kill, start: redis.start },
    store: {
      stop: () => store.stop(),
      async start() {
        store = await startEmbedded(folder);
      },
    },
    get lives() {
      return programs.flatMap(({ lives }) => lives).sort((a, b) => a.bornAt - b.bornAt);
    },
    get ready() {
      return programs.some((program) => program.ready);
    },
    start() {
      for (const program of programs) if (!alive(program)) program.start();
    },
    async untilReady(ms = 120_000) {
      const until = Date.now() + ms;
      while (!programs.some((program) => program.ready)) {
        if (programs.every((program) => !alive(program)))
          throw new Error(
            `all programs have ended:\n${programs
              .map(({ output }) => output)
              .join('\n')
              .slice(-3_000)}`,
          );
        if (Date.now() > until) throw new Error(`no program was ready in ${ms} ms`);
        await pause(10);
      }
    },
    kill() {
      const living = programs.filter(alive);
      struck = living[Math.floor(random() * living.length)];
      struck?.kill();
    },
    async stop(ms) {
      const ends = await Promise.all(programs.filter(alive).map((program) => program.stop(ms)));
      return {
        code: Math.max(0, ...ends.map(({ code }) => code ?? 1)),
        ms: Math.max(...ends.map((end) => end.ms)),
      };
    },
    get output() {
      return programs.map(({ output }) => output).join('\n');
    },
    ended: async () => (await struck?.ended()) ?? null,
    flush: async () => void (await askRedis(redis.port, (client) => client.flushall())),
    async close() {
      balancer.closeAllConnections();
      balancer.close();
      for (const member of members) await Promise.all([member.redis.stop(), member.store.stop()]);
      await store.stop();
      redis.stop();
    },
  };
}

/** To the first that takes it; who is killed meanwhile leaves the caller without an answer, as a balancer would. */
async function forward(
  asked: IncomingMessage,
  answer: ServerResponse,
  programs: readonly Program[],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of asked) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  for (const { port } of programs) {
    const taken = await new Promise<'done' | 'refused' | 'cut'>((resolve) => {
      const to = request({
        host: '127.0.0.1',
        port,
        method: asked.method,
        path: asked.url,
        headers: asked.headers,
      });
      to.on('response', (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
        got.on('error', () => resolve('cut'));
        got.on('end', () => resolve('done'));
      });
      to.on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'cut'),
      );
      to.end(body);
    });
    if (taken === 'done') return;
    if (taken === 'cut') return void answer.destroy();
  }
  answer.writeHead(503).end();
}
