// Sets a hunter on a program in a folder and gives what it finds first. It knows no bug.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { check } from '../faults/check.ts';
import { runKills } from '../faults/kill.ts';
import type { Killed, Simulated } from './bugs.ts';
import { ROOT } from './plant.ts';

export interface Catch {
  readonly rule: string;
  readonly what: string;
}

export interface Hunt {
  /** The first of them; absent: nothing was found. */
  readonly caught?: Catch;
  /** Seeds with a finding, where all of the hunt was run. */
  readonly seeds: ReadonlySet<number>;
  readonly seconds: number;
}

/** The seed of the kills; which moments they meet is the machine's to say. */
const KILLS_SEED = 4;
const PATIENCE = 12_000;
/** Far beyond what a run of this size takes: a program that never comes to rest is no good program. */
const SIM_MS_PER_EVENT = 3;
const FINDING = /^seed (\d+) ([^:]+): (.*)$/;

/** `counts`: the seeds that tell something; absent: all do, and the hunt goes on to its end. */
export async function simulate(
  root: string,
  { events, seed = 1 }: Simulated,
  counts?: (seed: number) => boolean,
): Promise<Hunt> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    // Not a whole run: nothing need have fired, and what is found need not be shrunk.
    [`${ROOT}/test/sim/run.ts`, `--root=${root}`, `--events=${events}`, `--seed=${seed}`, '--seeds=1000000'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let caught: Catch | undefined;
  let last = '';
  const seeds = new Set<number>();
  const late = setTimeout(() => {
    caught ??= {
      rule: 'endless',
      what: `it did not come to its end in ${(events * SIM_MS_PER_EVENT) / 1000} s`,
    };
    child.kill('SIGKILL');
  }, events * SIM_MS_PER_EVENT);
  createInterface(child.stdout).on('line', (line) => {
    const [, where, rule = '', what = ''] = FINDING.exec(line) ?? [];
    if (where === undefined || (counts && !counts(Number(where)))) return;
    seeds.add(Number(where));
    caught ??= { rule, what: `seed ${where}: ${what}` };
    if (counts) child.kill('SIGKILL');
  });
  createInterface(child.stderr).on('line', (line) => {
    if (line.trim() !== '') last = /^\w*Error/.test(line) || last === '' ? line : last;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(late);
  // What does not even begin is nothing that a hunter sees.
  if (!caught && code !== 0 && code !== 1) throw new Error(`the simulator ended with ${code}: ${last}`);
  if (!caught && last !== '') throw new Error(`the simulator broke down: ${last}`);
  return { seeds, seconds: (performance.now() - began) / 1000, ...(caught && { caught }) };
}

export async function kill(root: string, hunter: Killed): Promise<Hunt> {
  const began = performance.now();
  const { channels, conversations, kills, instances } = hunter;
  let caught: Catch | undefined;
  try {
    const run = await runKills({
      ...{ channels, conversations, kills, root, seed: KILLS_SEED, patience: PATIENCE },
      ...(instances === undefined ? {} : { instances }),
    });
    const { findings } = await check(run);
    await run.close();
    caught = findings[0];
  } catch (error) {
    // It did not even start again after a kill.
    caught = { rule: 'crashed', what: error instanceof Error ? error.message : String(error) };
  }
  return { seeds: new Set(), seconds: (performance.now() - began) / 1000, ...(caught && { caught }) };
}
