// One life of the process that holds the browser: its birth, what it is asked, and an end that leaves nothing behind.
import { fork } from 'node:child_process';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeliveryError } from '../../../core/errors.ts';
import { end, endAll, memoryOf, treeOf } from './processes.ts';
import type { Answer, Ask, Asked, ChildSettings, Said } from './protocol.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** MiB; a file on its way through is held several times over. */
const HEAP = 384;
/** What the browser may know of our environment: nothing secret. */
const ENVIRONMENT = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'TZ',
  'XDG_RUNTIME_DIR',
  'NODE_EXTRA_CA_CERTS',
];

export interface Life {
  readonly pid: number;
  /** Rejects with a DeliveryError; `unknown` when it ended or was silent before the answer. */
  ask<A extends Ask>(ask: A, give: Asked[A]['give'], within: number): Promise<Asked[A]['take']>;
  /** Bytes, with the browser. */
  memory(): Promise<number>;
  /** Asks it to close the browser; after `within` milliseconds nothing is asked any more. */
  end(within: number): Promise<void>;
  /** Resolves once it and its browser are gone. */
  readonly over: Promise<void>;
}

export async function beginLife(
  settings: ChildSettings,
  hear: (said: Said) => void,
  complain: (words: string) => void,
): Promise<Life> {
  await makeFolder(settings.dir);
  await reap(settings.dir);
  const child = fork(CHILD, [JSON.stringify(settings)], {
    execArgv: [`--max-old-space-size=${HEAP}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: Object.fromEntries(
      ENVIRONMENT.flatMap((name) => {
        const value = process.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  });
  const waits = new Map<number, (answer: Answer | undefined) => void>();
  let asked = 0;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const over = exited.then(async () => {
    for (const answer of waits.values()) answer(undefined);
    waits.clear();
    // What it started may outlive it, when it was killed.
    await reap(settings.dir);
  });
  child.on('message', (message) => {
    if (typeof message !== 'object' || message === null) return;
    const told = message as Said | Answer;
    if ('on' in told) return hear(told);
    waits.get(told.re)?.(told);
    waits.delete(told.re);
  });
  // Only what is known to hold nothing personal is passed on.
  child.stderr?.on('data', (chunk: Buffer) => {
    const known = /^(?:the process of the browser|a happening) .*$|\bERR_[A-Z_]+\b/m.exec(chunk.toString());
    if (known) complain(known[0]);
  });

  async function kill(): Promise<void> {
    for (const pid of await treeOf(child.pid ?? 0)) if (pid > 0) end(pid);
  }

  return {
    pid: child.pid ?? 0,
    over,
    async ask<A extends Ask>(ask: A, give: Asked[A]['give'], within: number) {
      const n = ++asked;
      const answer = await new Promise<Answer | undefined>((resolve) => {
        if (!child.connected) return resolve(undefined);
        const late = setTimeout(resolve, within, undefined);
        waits.set(n, (found) => {
          clearTimeout(late);
          resolve(found);
        });
        child.send({ n, ask, give }, (error) => error && resolve(undefined));
      });
      waits.delete(n);
      if (answer === undefined) throw new DeliveryError('unknown', 'network');
      if ('take' in answer) return answer.take as Asked[A]['take'];
      const { verdict, reason } = answer;
      throw new DeliveryError(verdict, reason, verdict === 'later' ? { retryAfter: 5_000 } : {});
    },
    memory: () => memoryOf(child.pid ?? 0),
    async end(within) {
      child.kill('SIGTERM');
      const late = setTimeout(() => void kill(), within);
      await over;
      clearTimeout(late);
    },
  };
}

/** The folder is a key to the account: nobody else may look into it. */
async function makeFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
}

/** Ends what an earlier life left running on this folder, and takes away its locks. */
async function reap(dir: string): Promise<void> {
  const profile = `--user-data-dir=${join(dir, 'session')}`;
  const start = JSON.stringify({ dir }).slice(0, -1);
  await endAll(
    (command) =>
      command.split('\0').includes(profile) ||
      command.endsWith(profile) ||
      command.includes(`${profile} `) ||
      (command.includes(CHILD) && command.includes(`${start},`)),
  );
  for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket'])
    await rm(join(dir, 'session', name), { force: true });
}

/** Lets go of the linked account: the next life asks to be linked anew. */
export const forget = (dir: string): Promise<void> =>
  rm(join(dir, 'session'), { recursive: true, force: true, maxRetries: 5 });
