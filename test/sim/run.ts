// Runs the simulator over many seeds, each a world of its own:
//   node test/sim/run.ts --events 10000000 --seed 1 --workers 2
// One line for each finding, and exit code 1 where there is any; a fault point that never fired is one.
//   --root <folder>    runs the src/ of another folder
//   --seeds <n>        at most so many seeds; then no fault point need have fired
//   --people, --without, --crashes    one run made smaller, as shrinking does
//   --twice <n>        every nth seed is run again and must leave the same trace
//   --stop             ends at the first seed that shows a fault

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Task, Told } from './play.ts';
import { SEEDS } from './seeds.ts';
import { shrink } from './shrink.ts';
import type { RunOptions } from './sim.ts';
import { PARTS, type Part, POINTS } from './weather.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    workers: { type: 'string', default: '1' },
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    people: { type: 'string' },
    without: { type: 'string' },
    crashes: { type: 'string' },
    twice: { type: 'string', default: '40' },
    known: { type: 'boolean', default: false },
    stop: { type: 'boolean', default: false },
    stats: { type: 'boolean', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const wanted = Number(values.events ?? (values.seeds === undefined ? 200_000 : Number.POSITIVE_INFINITY));
const most = Number(values.seeds ?? Number.POSITIVE_INFINITY);
const twice = Number(values.twice);
const without = new Set(
  (values.without ?? '').split(',').filter((one): one is Part => PARTS.includes(one as Part)),
);
const smaller: Omit<RunOptions, 'seed'> = {
  ...(values.people === undefined ? {} : { people: Number(values.people) }),
  ...(values.crashes === undefined ? {} : { crashes: Number(values.crashes) }),
  ...(without.size > 0 ? { without } : {}),
};

interface Hand {
  readonly worker: Worker;
  ask(task: Task): Promise<Told>;
}

async function hire(): Promise<Hand> {
  const worker = new Worker(new URL('./play.ts', import.meta.url), { workerData: { root: values.root } });
  let settle: { resolve(told: Told): void; reject(error: unknown): void } | undefined;
  const ready = Promise.withResolvers<void>();
  worker.on('message', (message: Told | 'ready') => {
    if (message === 'ready') ready.resolve();
    else settle?.resolve(message);
  });
  worker.on('error', (error) => {
    ready.reject(error);
    settle?.reject(error);
  });
  await ready.promise;
  return {
    worker,
    ask: (task) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        worker.postMessage(task);
      }),
  };
}

const totals = { seeds: 0, events: 0, took: 0, people: 0, again: 0 };
const points = new Map<string, number>();
const numbers = new Map<string, number>();
const failed: Told[] = [];
let findings = 0;
let peak = 0;
const known = values.known ? SEEDS.map(({ seed }) => seed) : [];
let next = Number(values.seed);

/** The next seed; none once there is enough. */
function draw(): number | undefined {
  const first = known.shift();
  if (first !== undefined) return first;
  if (values.stop && findings > 0) return undefined;
  if (totals.events >= wanted || next - Number(values.seed) >= most) return undefined;
  return next++;
}

function count(told: Told): void {
  totals.seeds += 1;
  totals.events += told.events;
  totals.took += told.took;
  totals.people += told.people;
  for (const [point, times] of told.points) points.set(point, (points.get(point) ?? 0) + times);
  for (const [name, value] of Object.entries(told.numbers))
    numbers.set(
      name,
      name === 'copies' || name === 'orphans'
        ? (numbers.get(name) ?? 0) + value
        : Math.max(numbers.get(name) ?? 0, value),
    );
  peak = Math.max(peak, process.memoryUsage.rss());
  for (const { rule, what } of told.findings)
    print(`seed ${told.seed} ${rule}: ${what.replaceAll('\n', ' ')}`);
  findings += told.findings.length;
  if (told.findings.length > 0) failed.push(told);
  if (values.stats) {
    const { fleet, receives } = told.weather;
    print(
      `seed ${told.seed}: ${told.people} people, ${fleet}, ${receives}, ${told.events} events, ${Math.round(told.lasted / 60_000)} min`,
    );
    print(`  ${JSON.stringify(told.weather)}`);
    print(
      `  ${told.counts
        .toSorted((one, other) => other[1] - one[1])
        .slice(0, 25)
        .map(([label, times]) => `${label} ${times}`)
        .join(', ')}`,
    );
  }
}

async function work(hand: Hand): Promise<void> {
  for (let seed = draw(); seed !== undefined; seed = draw()) {
    const told = await hand.ask({ seed, ...smaller });
    count(told);
    if (totals.seeds % twice !== 0) continue;
    const again = await hand.ask({ seed, ...smaller });
    totals.again += 1;
    totals.took += again.took;
    if (again.trace === told.trace && again.events === told.events) continue;
    findings += 1;
    print(`seed ${seed} I9 determinism: a second run left another trace`);
  }
}

const started = process.hrtime.bigint();
const hands = await Promise.all(Array.from({ length: Number(values.workers) }, hire));
await Promise.all(hands.map(work));
const seconds = Number(process.hrtime.bigint() - started) / 1e9;

const isWhole = values.seeds === undefined && without.size === 0 && values.people === undefined;
for (const point of isWhole ? POINTS : []) {
  if ((points.get(point) ?? 0) > 0) continue;
  findings += 1;
  print(`fault point "${point}" never fired`);
}
const [hand] = hands;
const [smallest] = failed.toSorted((one, other) => one.events - other.events);
if (smallest && hand && isWhole) print(await shrink(smallest, (task) => hand.ask(task)));
print(
  `${totals.seeds} seeds from ${values.seed}, ${totals.people} people, ${totals.events} events, ${findings} findings, ${totals.again} runs repeated alike`,
);
print(
  `${seconds.toFixed(0)} s, ${((totals.took * 1_000) / totals.events).toFixed(1)} µs of processor an event, ${Math.round(totals.events / seconds)} events/s, peak ${Math.round(peak / 2 ** 20)} MB`,
);
print([...points].map(([point, times]) => `${point} ${times}`).join(', '));
print([...numbers].map(([name, value]) => `${name} ${value}`).join(', '));
for (const { worker } of hands) await worker.terminate();
process.exitCode = findings > 0 ? 1 : 0;
