// Runs one outage: the real program, several at once, people who talk all the time, something that goes wrong, and the
// checker at the end. What is measured is what people saw and when; the program is asked nothing but its health.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../standins/telegram/random.ts';
import { check, type Finding } from '../check.ts';
import { createFleet, type Fleet } from '../fleet.ts';
import { PASSWORD, ROOT, type RunResult } from '../kill.ts';
import { NETS } from '../nets/index.ts';
import { startTelegramNet, type TelegramNet } from '../nets/telegram.ts';
import { freePort } from '../program.ts';
import { createWatch, type Watch } from '../watch.ts';
import { type HealthWatch, watchHealthOf } from './health.ts';
import { type Load, type Step, startLoad } from './load.ts';

export interface Row {
  readonly what: string;
  /** Milliseconds, or whatever `unit` says. Absent: it never came to pass. */
  readonly got: number | string | undefined;
  readonly goal?: number;
  readonly unit?: string;
}

export interface Scene {
  readonly fleet: Fleet;
  readonly desk: TelegramNet;
  readonly load: Load;
  readonly health: HealthWatch;
  readonly scale: number;
  /** A length of the outage's, as this run scales it. */
  lasts(ms: number): Promise<void>;
  row(row: Row): void;
  /** Milliseconds from `from` until the first of those who acted after `since` had what they waited for. */
  firstMet(since: number, from: number, channel?: Step['channel']): Promise<number | undefined>;
  /** Milliseconds from then until everybody who had acted before had what they waited for. */
  drained(end: number): Promise<number | undefined>;
}

export interface Outage {
  readonly name: string;
  readonly about: string;
  /** Programs; two unless told. */
  readonly instances?: number;
  readonly strangers?: boolean;
  readonly relays?: number;
  /** Some of what is sent takes long to be answered, so that something is always under way. */
  readonly slowNetwork?: boolean;
  /** Settings beside those that every run has. */
  readonly env?: (port: number) => Readonly<Record<string, string>>;
  play(scene: Scene): Promise<void>;
}

export interface OutageOptions {
  readonly seed: number;
  /** 1: as long as in life. */
  readonly scale: number;
  /** Milliseconds between people. */
  readonly every: number;
  /** Milliseconds of talk before it begins, and after everybody is served. */
  readonly margin: number;
  readonly keep?: boolean;
  readonly say?: (line: string) => void;
}

export interface Outcome {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly logFile?: string;
}

/** Longer than any goal: what has not come by then is told as never. */
const PATIENCE = 150_000;
const QUIET = 2_500;

export async function runOutage(outage: Outage, options: OutageOptions): Promise<Outcome> {
  const { seed, say = () => {} } = options;
  const began = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'otklik-outage-'));
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const logFile = join(folder, 'program.log');
  const watch = createWatch();
  const port = await freePort();
  const place = { seed, watch, secondMs: 1_000, now: Date.now, port };
  const desk = await startTelegramNet(place);
  const nets = [desk, await NETS.web(place)];
  const fleet = await createFleet({
    root: ROOT,
    logFile,
    instances: outage.instances ?? 2,
    strangers: outage.strangers ?? false,
    proxied: true,
    random: seededRandom(seed),
    env: {
      PORT: String(port),
      DATA_DIR: dataDir,
      FLOWS_DIR: join(ROOT, 'test', 'faults', 'flows'),
      DEFAULT_LOCALE: 'en',
      ADMIN_PASSWORD: PASSWORD,
      LOG_LEVEL: 'debug',
      ...Object.assign({}, ...nets.map(({ env }) => env)),
      ...outage.env?.(port),
    },
  });
  const close = async (): Promise<void> => {
    for (const net of nets) await net.stop();
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  };
  const rows: Row[] = [];
  let load: Load | undefined;
  try {
    fleet.start();
    await Promise.all(fleet.members.map(({ program }) => program.untilReady()));
    const health = watchHealthOf(fleet.members);
    load = startLoad({
      ...{ nets, desk, watch, seed, every: options.every, relays: outage.relays ?? 2 },
      relayEvery: 8_000,
    });
    const { steps } = load;
    if (outage.slowNetwork)
      desk.tg.faults.add({
        do: 'hang',
        effect: true,
        ms: 2_500,
        when: { method: 'sendMessage', chance: 0.15 },
      });
    await pause(options.margin);
    await outage.play({
      fleet,
      desk,
      load,
      health,
      scale: options.scale,
      lasts: (ms) => pause(ms * options.scale),
      row: (row) => void rows.push(row),
      firstMet: (since, from, channel) =>
        within(() => {
          const met = steps
            .filter((step) => step.began > since && (channel === undefined || step.channel === channel))
            .flatMap((step) => step.met ?? []);
          return met.length > 0 ? Math.max(0, Math.min(...met) - from) : undefined;
        }),
      drained: (end) =>
        within(() => {
          const before = steps.filter((step) => step.began < end);
          if (before.some(({ met }) => met === undefined)) return undefined;
          return Math.max(0, ...before.map(({ met }) => (met ?? 0) - end));
        }),
    });
    await pause(options.margin);
    say(`${outage.name}: over after ${Date.now() - began} ms, ${load.takers.length} people`);
    const impatience = setTimeout(() => watch.giveUp(), PATIENCE);
    await load.end();
    clearTimeout(impatience);
    await quiet(desk, watch);
    health.stop();
    const stop = await fleet.stop();
    await fleet.close();
    for (const { face } of load.takers) face.close?.();
    const run: RunResult = {
      options: { conversations: load.takers.length, kills: 0, seed },
      ...{ desk, nets, takers: load.takers, kills: [], lives: fleet.lives, stop },
      ...{ folder, dataDir, logFile, faults: {}, ms: Date.now() - began, close },
    };
    const { findings, numbers } = await check(run);
    return { rows, findings, numbers, ...(options.keep ? { logFile } : {}) };
  } catch (error) {
    watch.giveUp();
    for (const { program } of fleet.members) if (program.pid !== undefined) program.kill();
    await fleet.close().catch(() => undefined);
    throw error;
  } finally {
    await close();
  }
}

async function within<T>(look: () => T | undefined): Promise<T | undefined> {
  for (const until = Date.now() + PATIENCE; Date.now() < until; await pause(20)) {
    const value = look();
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Until nothing was asked of the network for a while. */
async function quiet(desk: TelegramNet, _watch: Watch): Promise<void> {
  let count = -1;
  let since = Date.now();
  for (const until = Date.now() + 60_000; Date.now() - since < QUIET && Date.now() < until; await pause(50)) {
    const asked = desk.requests.filter(({ method }) => method !== 'getUpdates').length;
    if (asked !== count || desk.pending > 0) {
      count = asked;
      since = Date.now();
    }
  }
}
