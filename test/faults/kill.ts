// One run: the real program, the stand-in of Telegram, people and operators who use it, faults all the while, and a
// SIGKILL again and again. It only makes things happen and keeps what was seen; what it means is the checker's to say.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Forum } from '../standins/telegram/forum.ts';
import { seededRandom } from '../standins/telegram/random.ts';
import { startTelegram, type TelegramStandIn } from '../standins/telegram/telegram.ts';
import type { Face } from './face.ts';
import { createTelegramFace, type TelegramFace } from './face-telegram.ts';
import { createWebFace, type WebFace } from './face-web.ts';
import { type Kill, killAgainAndAgain } from './kills.ts';
import { createOperators, type DeskWork } from './operators.ts';
import { type Plan, plansOf } from './plan.ts';
import { createProgram, type Life, type Program } from './program.ts';
import { play } from './talk.ts';
import { createWatch, type Watch } from './watch.ts';

export interface RunOptions {
  readonly conversations: number;
  readonly kills: number;
  readonly seed: number;
  /** The folder that holds the src/ to run; absent: this one. */
  readonly root?: string;
  /** Milliseconds without any progress, once the kills are done, after which whoever still waits, waits in vain. */
  readonly patience?: number;
  readonly say?: (line: string) => void;
}

export interface Taker {
  readonly plan: Plan;
  readonly face: TelegramFace | WebFace;
  /** The ticket's number they were told. */
  told?: string;
  finished: boolean;
  work?: DeskWork;
  /** What they waited for in vain. */
  stuck?: string;
}

export interface RunResult {
  readonly options: RunOptions;
  readonly tg: TelegramStandIn;
  readonly forum: Forum;
  readonly takers: readonly Taker[];
  readonly kills: readonly Kill[];
  readonly lives: readonly Life[];
  readonly stop: { readonly code: number | null; readonly ms: number };
  readonly folder: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly faults: Readonly<Record<string, number>>;
  readonly ms: number;
  close(): Promise<void>;
}

export const ROOT = join(import.meta.dirname, '..', '..');
export const BOT_TOKEN = '765432:SECRETcanaryTokenAAAAAAAAAAAAAAAAAAAA';
export const PASSWORD = 'secret-canary-password';
const SPEED = 20;
const AT_ONCE = 24;
const QUIET = 2_500;

export async function runKills(options: RunOptions): Promise<RunResult> {
  const { seed, say = () => {} } = options;
  const began = Date.now();
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'otklik-faults-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const logFile = join(folder, 'program.log');
  const tg = await startTelegram({ token: BOT_TOKEN, seed, secondMs: 1_000 / SPEED });
  const forum = tg.forum({ title: 'Operators' });
  const watch = createWatch();
  tg.listen(watch.look);
  const program = await createProgram({
    root: options.root ?? ROOT,
    logFile,
    speed: SPEED,
    env: {
      DATA_DIR: dataDir,
      FLOWS_DIR: join(import.meta.dirname, 'flows'),
      DEFAULT_LOCALE: 'en',
      ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: 'trace',
      TELEGRAM_BOT_TOKEN: BOT_TOKEN,
      TELEGRAM_API_ROOT: tg.url,
      TELEGRAM_OPERATOR_CHAT_ID: String(forum.id),
    },
  });
  const listeners = new Set<() => void>();
  const taken = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const operators = createOperators(tg, forum, watch);
  const takers: Taker[] = plansOf(options.conversations, seed).map((plan) => ({
    plan,
    face:
      plan.face === 'telegram'
        ? createTelegramFace(tg, watch, { name: plan.name, locale: 'en' })
        : createWebFace({
            port: program.port,
            who: { name: plan.name, locale: 'en' },
            watch,
            random: seededRandom(seed + plan.id),
            taken,
          }),
    finished: false,
  }));

  const storms = disturb(tg, random);
  program.start();
  await program.untilReady();
  let over = false;
  const killing = killAgainAndAgain({
    program,
    tg,
    random,
    count: options.kills,
    over: () => over,
    onTaken(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const killed = killing.then((kills) => {
    say(`${kills.length} kills done after ${Date.now() - began} ms`);
    return kills;
  });
  const impatience = endStandstill(watch, program, killed, options.patience ?? 20_000);
  await takePart(takers, operators.work, options.kills, killed);
  over = true;
  say(`everybody is done after ${Date.now() - began} ms`);
  const kills = await killed;
  clearInterval(impatience);
  await program.untilReady();
  const faults = storms.end();
  await quiet(tg, say);
  const stop = await program.stop();
  say(`stopped after ${Date.now() - began} ms`);
  for (const { face } of takers) if ('close' in face) face.close();
  return {
    options,
    tg,
    forum,
    takers,
    kills,
    lives: program.lives,
    stop,
    folder,
    dataDir,
    logFile,
    faults,
    ms: Date.now() - began,
    async close() {
      await tg.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A slow machine is no fault: only when nobody gets on any more is it over. */
function endStandstill(
  watch: Watch,
  program: Program,
  killed: Promise<unknown>,
  patience: number,
): NodeJS.Timeout {
  let met = -1;
  let since = Date.now();
  let killing = true;
  void killed.then(() => {
    killing = false;
  });
  return setInterval(() => {
    if (killing || !program.ready || watch.met !== met) {
      met = watch.met;
      since = Date.now();
    } else if (Date.now() - since > patience) watch.giveUp();
  }, 500);
}

/** So many at once; spread over the kills, so that each of them meets people at work. */
async function takePart(
  takers: readonly Taker[],
  work: (plan: Plan, number: string, face: Face) => Promise<DeskWork | undefined>,
  kills: number,
  killed: Promise<unknown>,
): Promise<void> {
  let last = false;
  void killed.then(() => {
    last = true;
  });
  const queue = [...takers];
  const lane = async (): Promise<void> => {
    for (let taker = queue.shift(); taker; taker = queue.shift()) {
      await one(taker, work);
      // The faster ones leave some people for the later kills.
      for (let waited = 0; kills > 0 && !last && waited < 20 && queue.length < takers.length / 2; waited += 1)
        await pause(50);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, takers.length) }, lane));
}

async function one(
  taker: Taker,
  work: (plan: Plan, number: string, face: Face) => Promise<DeskWork | undefined>,
): Promise<void> {
  try {
    const told = await play(taker.face, taker.plan);
    taker.finished = true;
    if (told === undefined) return;
    taker.told = told;
    const done = await work(taker.plan, told, taker.face);
    if (done !== undefined) taker.work = done;
  } catch (error) {
    taker.stuck = error instanceof Error ? error.message : String(error);
  }
}

/** The faults of the network: all the time, and storms of refusals now and then. */
function disturb(tg: TelegramStandIn, random: () => number) {
  tg.faults.inbound({ duplicate: 0.05, reorder: 0.02 });
  const rules = [
    tg.faults.add({ do: '500', when: { chance: 0.03 } }),
    tg.faults.add({ do: 'effect-then-drop', when: { chance: 0.01 } }),
  ];
  let storms = 0;
  const timer = setInterval(() => {
    if (random() > 0.5) return;
    storms += 1;
    tg.faults.storm(200 + random() * 500, 1 + Math.floor(random() * 5));
  }, 2_000);
  return {
    end(): Readonly<Record<string, number>> {
      clearInterval(timer);
      const { duplicated, reordered } = tg.faults.inboundFired;
      const [refused, lost] = rules.map((rule) => rule.fired);
      const flooded = tg.requests.filter((one) => one.fault === 'refuse429').length;
      tg.faults.clear();
      return { duplicated, reordered, refused: refused ?? 0, lost: lost ?? 0, storms, flooded };
    },
  };
}

/** Until nothing was asked of the network for a while. */
async function quiet(tg: TelegramStandIn, say: (line: string) => void): Promise<void> {
  const until = Date.now() + 30_000;
  let count = -1;
  let since = Date.now();
  while (Date.now() - since < QUIET) {
    if (tg.requests.length !== count || tg.pending > 0) {
      count = tg.requests.length;
      since = Date.now();
    }
    if (Date.now() > until) return say('it did not become quiet');
    await pause(50);
  }
}
