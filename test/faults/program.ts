// The real program as a child process: started, killed without warning, started again on the same folder, all its
// words kept. It knows nothing of what the program is asked to do.
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Life {
  readonly bornAt: number;
  readyAt?: number;
  diedAt?: number;
  /** How it ended: killed by us, ended by itself, or asked to stop. */
  end?: 'killed' | 'crashed' | 'stopped';
  code?: number | null;
}

export interface ProgramOptions {
  /** The folder that holds src/. */
  readonly root: string;
  /** What is started there; `src/main.ts` unless told. */
  readonly entry?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where everything it prints is kept. */
  readonly logFile: string;
  readonly speed?: number;
  /** When its faster clock was right; now unless told. */
  readonly origin?: number;
}

export interface Program {
  readonly port: number;
  readonly lives: readonly Life[];
  readonly ready: boolean;
  start(): void;
  /** Resolves once the life that runs is ready; rejects when it ended before. */
  untilReady(ms?: number): Promise<void>;
  /** Sent at once; the process cannot do anything more. */
  kill(): void;
  /** Asks it to stop; gives its exit code and how long it took. */
  stop(ms?: number): Promise<{ readonly code: number | null; readonly ms: number }>;
  readonly output: string;
  /** Of the life that runs. */
  readonly pid: number | undefined;
  /** Resolves with the exit code of the life that runs. */
  ended(): Promise<number | null>;
}

const FASTER = join(import.meta.dirname, 'faster.ts');

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export async function createProgram(options: ProgramOptions): Promise<Program> {
  const port = Number(options.env.PORT ?? (await freePort()));
  const origin = options.origin ?? Date.now();
  const lives: Life[] = [];
  let child: ChildProcess | undefined;
  let over: Promise<number | null> = Promise.resolve(null);
  let output = '';

  const speed = options.speed ?? 1;
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    PORT: String(port),
    FAULTS_SPEED: String(speed),
    FAULTS_ORIGIN: String(origin),
    ...options.env,
  };

  function start(): void {
    const life: Life = { bornAt: Date.now() };
    lives.push(life);
    const preload = speed === 1 ? [] : ['--import', FASTER];
    const born = spawn(process.execPath, [...preload, join(options.root, options.entry ?? 'src/main.ts')], {
      cwd: options.root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = born;
    const hear = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      appendFileSync(options.logFile, chunk);
      if (life.readyAt === undefined && /"msg":"ready"/.test(output.slice(-20_000)))
        life.readyAt = Date.now();
    };
    output = '';
    born.stdout.on('data', hear);
    born.stderr.on('data', hear);
    over = new Promise((resolve) => {
      born.on('close', (code) => {
        life.diedAt ??= Date.now();
        life.end ??= 'crashed';
        life.code = code;
        resolve(code);
      });
    });
  }

  const running = (): Life => {
    const life = lives.at(-1);
    if (life === undefined) throw new Error('the program was never started');
    return life;
  };

  return {
    port,
    lives,
    get ready() {
      const life = lives.at(-1);
      return life?.readyAt !== undefined && life.diedAt === undefined;
    },
    start,
    async untilReady(ms = 120_000) {
      const life = running();
      const until = Date.now() + ms;
      while (life.readyAt === undefined) {
        if (life.diedAt !== undefined)
          throw new Error(`the program ended before it was ready:\n${output.slice(-2_000)}`);
        if (Date.now() > until)
          throw new Error(`the program was not ready in ${ms} ms:\n${output.slice(-2_000)}`);
        await pause(10);
      }
    },
    kill() {
      const life = running();
      if (life.diedAt !== undefined) return;
      life.diedAt = Date.now();
      life.end = 'killed';
      child?.kill('SIGKILL');
    },
    async stop(ms = 30_000) {
      const life = running();
      const asked = Date.now();
      life.end = 'stopped';
      child?.kill('SIGTERM');
      const late = setTimeout(() => child?.kill('SIGKILL'), ms);
      const code = await over;
      clearTimeout(late);
      return { code, ms: Date.now() - asked };
    },
    get output() {
      return output;
    },
    get pid() {
      return child?.pid;
    },
    ended: () => over,
  };
}
