// Does the harness see what it is there to see? Bugs planted one at a time, each to be found by its hunter:
// node test/planted/run.ts [part of a name …] [--only sim|kills] [--workers 2]
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BUGS, type Bug, type Killed, type Simulated } from './bugs.ts';
import { type Hunt, kill, simulate } from './hunt.ts';
import { plant } from './plant.ts';

/** Of so many, one may be missed. */
const ONE_IN = 30;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, workers: { type: 'string', default: '1' } },
});
const { only } = values;
if (only !== undefined && only !== 'sim' && only !== 'kills') throw new Error('--only sim, or --only kills');
const chosen = BUGS.filter(
  ({ name, hunter }) =>
    (only === undefined || hunter.by === only) &&
    (positionals.length === 0 || positionals.some((part) => name.includes(part))),
);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

function report(verdict: string, name: string, { caught, seconds }: Hunt): void {
  print(
    `${verdict}  ${name.padEnd(76)} ${(caught?.rule ?? '').padEnd(20)} ${seconds.toFixed(0).padStart(4)} s`,
  );
  if (caught) print(`        ${caught.what.slice(0, 160)}`);
}

/** Seeds at which the program as it is shows something too: there a finding tells nothing. */
const unclean = new Map<string, ReadonlySet<number>>();
const keyOf = ({ events: _, ...hunter }: Simulated | (Killed & { events?: never })): string =>
  JSON.stringify(hunter);

/** The program as it is must pass, or finding something would mean nothing. */
async function control(): Promise<boolean> {
  const folder = plant([]);
  let good = true;
  try {
    const wanted = new Map<string, Simulated | Killed>();
    for (const { hunter } of chosen) {
      const known = wanted.get(keyOf(hunter));
      const isLess = known?.by === 'sim' && hunter.by === 'sim' && known.events >= hunter.events;
      if (!isLess) wanted.set(keyOf(hunter), hunter);
    }
    for (const [key, hunter] of wanted) {
      const hunt = hunter.by === 'sim' ? await simulate(folder, hunter) : await kill(folder, hunter);
      unclean.set(key, hunt.seeds);
      if (hunt.caught) good = false;
      report(hunt.caught ? 'FOUND ' : 'passed', `nothing is planted ${key}`, hunt);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return good;
}

async function huntFor({ name, changes, hunter }: Bug): Promise<boolean> {
  const folder = plant(changes);
  try {
    const seeds = unclean.get(keyOf(hunter));
    const hunt =
      hunter.by === 'sim'
        ? await simulate(folder, hunter, (seed) => !seeds?.has(seed))
        : await kill(folder, hunter);
    report(hunt.caught ? 'caught' : 'MISSED', name, hunt);
    return hunt.caught !== undefined;
  } catch (error) {
    print(`BROKEN  ${name}\n        ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isGood = await control();
let caught = 0;
const queue = [...chosen];
async function work(): Promise<void> {
  for (let bug = queue.shift(); bug; bug = queue.shift()) if (await huntFor(bug)) caught += 1;
}
// Kills are moments of the machine's: two such runs side by side would disturb each other.
const workers = chosen.some(({ hunter }) => hunter.by === 'kills') ? 1 : Number(values.workers);
await Promise.all(Array.from({ length: workers }, work));
if (!isGood) print('the program as it is did not pass');
print(`${caught} of ${chosen.length}`);
process.exitCode = isGood && chosen.length - caught <= Math.floor(chosen.length / ONE_IN) ? 0 : 1;
