// S5: the real program, started as a host starts it, with the web, Telegram (its stand-in on loopback) and the embedded
// store: how long until it is ready, and how much memory it holds while nothing happens. Then where that memory goes.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../test/e2e/program.ts';
import { startTelegram } from '../test/standins/telegram/telegram.ts';
import { cpuOf, ended } from './path/processes.ts';
import { against, figure, table } from './table.ts';

const ROOT = join(import.meta.dirname, '..');
const READY_WITHIN = 30_000;

interface Memory {
  /** Megabytes (10⁶ bytes) resident, and those of them that are the process's own rather than pages of files. */
  readonly resident: number;
  readonly own: number | undefined;
}

function memoryOf(pid: number): Memory {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) {
    const kilobytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
    return { resident: (kilobytes * 1024) / 1e6, own: undefined };
  }
  const text = readFileSync(status, 'utf8');
  const read = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024) / 1e6;
  return { resident: read('VmRSS'), own: read('RssAnon') };
}

interface Start {
  readonly readyMs: number;
  /** Of the program's CPU until it was ready. */
  readonly cpuMs: number | undefined;
  readonly after5: Memory;
  readonly later: Memory;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function startOnce(env: Readonly<Record<string, string>>, quietMs: number): Promise<Start> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, ['--max-semi-space-size=2', join(ROOT, 'src/start.js')], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  try {
    while (!(await isReady(`http://127.0.0.1:${port}`))) {
      if (child.exitCode !== null) throw new Error(`the program ended at once: ${said}`);
      if (performance.now() - begun > READY_WITHIN)
        throw new Error(`the program does not become ready: ${said}`);
      await pause(10);
    }
    const readyMs = performance.now() - begun;
    const cpuMs = existsSync('/proc/self/stat') ? cpuOf([child.pid!]) : undefined;
    await pause(5_000);
    const after5 = memoryOf(child.pid!);
    await pause(quietMs);
    return { readyMs, cpuMs, after5, later: memoryOf(child.pid!) };
  } finally {
    await ended(child);
  }
}

export async function idleTable(quietMs: number): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'otklik-bench-'));
  const standIn = await startTelegram();
  try {
    const operator = standIn.person({ first_name: 'Operator' });
    const forum = standIn.forum({ title: 'Operators', members: [operator] });
    const env = {
      DATA_DIR: dataDir,
      ADMIN_PASSWORD: 'only-for-the-bench',
      LOG_LEVEL: 'warn',
      TELEGRAM_BOT_TOKEN: standIn.token,
      TELEGRAM_API_ROOT: standIn.url,
      TELEGRAM_OPERATOR_CHAT_ID: String(forum.id),
    };
    const starts: [string, Start][] = [
      ['cold: no data yet', await startOnce(env, quietMs)],
      ['warm: the second start', await startOnce(env, quietMs)],
    ];
    const rows = starts.map(([name, { readyMs, cpuMs, after5, later }]) => [
      name,
      `${Math.round(readyMs)}`,
      cpuMs === undefined ? '—' : `${Math.round(cpuMs)}`,
      against(readyMs, 1500),
      told(after5),
      told(later),
      against(later.resident, 150),
    ]);
    return table(
      `S5  The idle program: web + Telegram + embedded store (goals: ready ≤ 1,500 ms, ≤ 150 MB)`,
      ['start', 'ready, ms', 'CPU, ms', '', 'MB after 5 s (own)', `MB ${quietMs / 1000} s later (own)`, ''],
      rows,
    );
  } finally {
    await standIn.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const told = ({ resident, own }: Memory): string =>
  own === undefined ? figure(resident, 0) : `${figure(resident, 0)} (${figure(own, 0)})`;

/** What each costs alone in a fresh process, over the bare one. Most of them share what they import. */
const PARTS: Readonly<Record<string, string>> = {
  'a bare node': '',
  mongoose: "import('mongoose')",
  mingo: "import('mingo')",
  bson: "import('bson')",
  grammy: "import('grammy')",
  undici: "import('undici')",
  'proxy-agent': "import('proxy-agent')",
  fastify: "import('fastify')",
  '@fastify/multipart, static, cookie, rate-limit':
    "Promise.all([import('@fastify/multipart'), import('@fastify/static'), import('@fastify/cookie'), import('@fastify/rate-limit')])",
  i18next: "import('i18next')",
  yaml: "import('yaml')",
  zod: "import('zod')",
  '@marcbachmann/cel-js': "import('@marcbachmann/cel-js')",
  'chrono-node': "import('chrono-node')",
  'libphonenumber-js': "import('libphonenumber-js')",
  'file-type': "import('file-type')",
  pino: "import('pino')",
  'src/flow/parse.ts (zod, yaml, CEL, i18next)': "import('./src/flow/parse.ts')",
  'src/engine/advance.ts': "import('./src/engine/advance.ts')",
  'src/store/open.ts (mongoose)': "import('./src/store/open.ts')",
  'src/store/embedded/start.ts': "import('./src/store/embedded/start.ts')",
  'src/networks/telegram/client.ts (grammy, undici)': "import('./src/networks/telegram/client.ts')",
  'src/web/server.ts (fastify)': "import('./src/web/server.ts')",
  'src/main.ts, all it imports at once': "import('./src/main.ts')",
};

interface Cost {
  readonly name: string;
  readonly ms: number;
  readonly rss: number;
  readonly heap: number;
}

function costOf(name: string, load: string): Cost {
  const script = `const begun = performance.now();
${load ? `await ${load};` : ''}
const ms = performance.now() - begun;
const { rss, heapUsed } = process.memoryUsage();
console.log(JSON.stringify({ ms, rss: rss / 1e6, heap: heapUsed / 1e6 }));
process.exit(0);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { name, ...(JSON.parse(said) as Omit<Cost, 'name'>) };
}

export function importsTable(): string {
  const [bare, ...parts] = Object.entries(PARTS).map(([name, load]) => costOf(name, load));
  const rows = [...parts]
    .sort((a, b) => b.rss - a.rss)
    .map(({ name, ms, rss, heap }) => [
      name,
      figure(ms, 0),
      figure(rss - bare!.rss, 1),
      figure(heap - bare!.heap, 1),
    ]);
  return table(
    `S5  Where it goes: each loaded alone in a fresh process, over a bare one (${figure(bare!.rss, 0)} MB)`,
    ['import', 'ms', '+ MB resident', '+ MB heap'],
    rows,
  );
}
