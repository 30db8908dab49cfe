// One run: the real program, the stand-in of Telegram, people and operators who use it, faults all the while, and a
// SIGKILL again and again. It only makes things happen and keeps what was seen; what it means is the checker's to say.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../standins/telegram/random.ts';
import { createFleet } from './fleet.ts';
import { type Kill, killAgainAndAgain } from './kills.ts';
import type { ChannelName, Net, RunFace } from './net.ts';
import { NETS, SPEEDS } from './nets/index.ts';
import { startTelegramNet, type TelegramNet } from './nets/telegram.ts';
import { createOperators, type DeskWork, type Operators } from './operators.ts';
import { type Plan, plansOf } from './plan.ts';
import { createProgram, freePort, type Life, type Program } from './program.ts';
import { play } from './talk.ts';
import { createWatch, type Watch } from './watch.ts';

export interface RunOptions {
  readonly conversations: number;
  readonly kills: number;
  readonly seed: number;
  /** Programs that share the work over one Redis; absent: one without any. */
  readonly instances?: number;
  /** Where people come from, in turn; by Telegram and the chat page unless told. */
  readonly channels?: readonly ChannelName[];
  /** The folder that holds the src/ to run; absent: this one. */
  readonly root?: string;
  /** Another program than ours, to be compared with it. */
  readonly subject?: Subject;
  /** Nothing goes wrong on the way: no faults of the networks. */
  readonly calm?: boolean;
  /** People begin evenly between the kills, whatever becomes of those before them, and the program lives a while. */
  readonly paced?: { readonly apart: number };
  /** Milliseconds without any progress, once the kills are done, after which whoever still waits, waits in vain. */
  readonly patience?: number;
  readonly say?: (line: string) => void;
}

/** A program that can be put in the place of ours: told of Telegram, the store and Redis by the same settings. */
export interface Subject {
  /** The file that is started. */
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  /** Operators claim no tickets and close none there. */
  readonly plainDesk: boolean;
}

export interface Taker {
  readonly plan: Plan;
  readonly net: Net;
  readonly face: RunFace;
  /** The ticket's number they were told. */
  told?: string;
  finished: boolean;
  work?: DeskWork;
  /** What they waited for in vain. */
  stuck?: string;
}

export interface RunResult {
  readonly options: RunOptions;
  /** Where the operators are, whether people come by it or not. */
  readonly desk: TelegramNet;
  readonly nets: readonly Net[];
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
export const PASSWORD = 'secret-canary-password';
const SPEED = 20;
const AT_ONCE = 24;
const QUIET = 2_500;
const PATIENCE = 1_200;

export async function runKills(options: RunOptions): Promise<RunResult> {
  const { seed, subject, say = () => {} } = options;
  const began = Date.now();
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'otklik-faults-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const logFile = join(folder, 'program.log');
  const watch = createWatch();
  const port = await freePort();
  const channels = options.channels ?? ['telegram', 'web'];
  const speed = Math.min(...channels.map((name) => SPEEDS[name] ?? SPEED));
  const now = (): number => began + (Date.now() - began) * speed;
  const place = { seed, watch, secondMs: 1_000 / speed, now, port };
  const desk = await startTelegramNet(place);
  const nets: Net[] = [desk];
  for (const name of channels) if (name !== 'telegram') nets.push(await NETS[name](place));
  const close = async (): Promise<void> => {
    for (const net of nets) await net.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const settings = {
    root: options.root ?? ROOT,
    ...(subject === undefined ? {} : { entry: subject.entry }),
    logFile,
    speed,
    origin: began,
    env: {
      PORT: String(port),
      DATA_DIR: dataDir,
      FLOWS_DIR: join(import.meta.dirname, 'flows'),
      DEFAULT_LOCALE: 'en',
      ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: 'trace',
      ...Object.assign({}, ...nets.map(({ env }) => env)),
      ...subject?.env,
    },
  };
  const fleet =
    options.instances === undefined
      ? undefined
      : await createFleet({ ...settings, instances: options.instances, random: seededRandom(seed + 1) });
  const program = fleet ?? (await createProgram(settings));
  const operators = createOperators(desk.tg, desk.forum, watch, subject?.plainDesk);
  const takers: Taker[] = plansOf(options.conversations, seed, channels).map((plan) => {
    const net = nets.find(({ name }) => name === plan.channel) ?? desk;
    const who = { name: plan.name, locale: 'en' };
    return { plan, net, face: net.face(who, seededRandom(seed + plan.id)), finished: false };
  });

  const storms = disturb(options.calm ? [] : nets, random);
  program.start();
  try {
    await program.untilReady();
    if (channels.includes('web')) await mustServePages(program, options.root ?? ROOT);
    for (const net of nets) await net.connect?.();
  } catch (error) {
    storms.end();
    program.kill();
    await close();
    throw error;
  }
  let over = false;
  let struck = 0;
  const killing = killAgainAndAgain({
    program,
    nets,
    random,
    count: options.kills,
    // Where the program's clock is slower, what is waited for takes longer.
    patience: (PATIENCE * SPEED) / speed,
    ...(options.paced && { apart: options.paced.apart }),
    struck: () => {
      struck += 1;
    },
    over: () => over,
  });
  const killed = killing.then((kills) => {
    say(`${kills.length} kills done after ${Date.now() - began} ms`);
    return kills;
  });
  const impatience = endStandstill(watch, program, killed, options.patience ?? 20_000);
  await (options.paced
    ? takePartPaced(takers, operators.work, () => (struck + 1) / (options.kills + 1))
    : takePart(takers, operators.work, options.kills, killed));
  over = true;
  say(`everybody is done after ${Date.now() - began} ms`);
  const kills = await killed;
  clearInterval(impatience);
  await program.untilReady();
  const faults = storms.end();
  await quiet(nets, say);
  const stop = await program.stop();
  await fleet?.close();
  say(`stopped after ${Date.now() - began} ms`);
  for (const { face } of takers) face.close?.();
  return {
    options,
    desk,
    nets,
    takers,
    kills,
    lives: program.lives,
    stop,
    folder,
    dataDir,
    logFile,
    faults,
    ms: Date.now() - began,
    close,
  };
}

/** People at the chat page would wait for it until nobody gets on any more. */
async function mustServePages({ port }: Program, root: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  const said = await answer.text();
  if (answer.ok) return;
  throw new Error(
    `the program in ${root} serves no chat page (${answer.status} ${said.slice(0, 200)}): run "npm run build" there first`,
  );
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
  work: Operators['work'],
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

/** `share`: of all, how many may have begun by now. */
async function takePartPaced(
  takers: readonly Taker[],
  work: Operators['work'],
  share: () => number,
): Promise<void> {
  const playing: Promise<void>[] = [];
  for (const taker of takers) {
    while (playing.length >= takers.length * share()) await pause(20);
    playing.push(one(taker, work));
  }
  await Promise.all(playing);
}

async function one(taker: Taker, work: Operators['work']): Promise<void> {
  try {
    const told = await play(taker.face, taker.plan);
    taker.finished = true;
    if (told === undefined) return;
    taker.told = told;
    await work(taker.plan, told, taker.face, (begun) => {
      taker.work = begun;
    });
  } catch (error) {
    taker.stuck = error instanceof Error ? error.message : String(error);
  }
}

/** The faults of each network: all the time, and storms of refusals now and then. */
function disturb(nets: readonly Net[], random: () => number) {
  const plans = nets.flatMap(({ faults }) => (faults === undefined ? [] : [faults]));
  const rules = plans.map((faults) => {
    faults.inbound({ duplicate: 0.05, reorder: 0.02 });
    return {
      refused: faults.add({ do: '500', when: { chance: 0.03 } }),
      lost: faults.add({ do: 'effect-then-drop', when: { chance: 0.01 } }),
    };
  });
  let storms = 0;
  const timer = setInterval(() => {
    for (const faults of plans) {
      if (random() > 0.5) continue;
      storms += 1;
      faults.storm(200 + random() * 500, 1 + Math.floor(random() * 5));
    }
  }, 2_000);
  const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);
  return {
    end(): Readonly<Record<string, number>> {
      clearInterval(timer);
      const counts = {
        duplicated: sum(plans.map(({ inboundFired }) => inboundFired.duplicated)),
        reordered: sum(plans.map(({ inboundFired }) => inboundFired.reordered)),
        refused: sum(rules.map(({ refused }) => refused.fired)),
        lost: sum(rules.map(({ lost }) => lost.fired)),
        storms,
      };
      for (const faults of plans) faults.clear();
      return counts;
    },
  };
}

/** Until nothing was asked of any network for a while. */
async function quiet(nets: readonly Net[], say: (line: string) => void): Promise<void> {
  const until = Date.now() + 30_000;
  let count = -1;
  let since = Date.now();
  while (Date.now() - since < QUIET) {
    const asked = nets.reduce(
      (all, { requests, receives }) => all + requests.filter(({ method }) => method !== receives).length,
      0,
    );
    if (asked !== count || nets.some(({ pending }) => pending > 0)) {
      count = asked;
      since = Date.now();
    }
    if (Date.now() > until) return say('it did not become quiet');
    await pause(50);
  }
}
