// Runs the simulator over many seeds: node test/sim/run.ts --events 10000000 --seed 1 --workers 2
// One line for each finding, exit code 1 where there is any. `--root <folder>` runs the src/ of another folder.

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installGlobals } from './globals.ts';
import { loadProgram } from './program.ts';
import { runSeed } from './sim.ts';
import { PARTS } from './weather.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
  },
});
Error.stackTraceLimit = process.env.SIM_STACK === undefined ? 0 : 20;
const program = await loadProgram(values.root);
const enter = installGlobals();
const started = process.cpuUsage();
let events = 0;
let count = 0;
let found = 0;
const points = new Map<string, number>();
for (
  let seed = Number(values.seed);
  events < Number(values.events) && count < Number(values.seeds ?? Infinity);
  seed += 1
) {
  const outcome = await runSeed(program, enter, {
    seed,
    ...(process.env.SIM_CALM ? { without: new Set(PARTS), fleet: 'one' as const } : {}),
  });
  events += outcome.events;
  count += 1;
  for (const [point, times] of outcome.points) points.set(point, (points.get(point) ?? 0) + times);
  found += outcome.findings.length;
  for (const { rule, what } of outcome.findings) process.stdout.write(`seed ${seed} ${rule}: ${what}\n`);
  if (process.env.SIM_WEATHER) process.stdout.write(`${JSON.stringify(outcome.weather)}\n`);
  if (process.env.SIM_STATS)
    process.stdout.write(
      `seed ${seed} people ${outcome.people} events ${outcome.events} lasted ${(outcome.lasted / 60000).toFixed(1)} min ${outcome.weather.fleet} ${outcome.weather.receives} ${JSON.stringify(outcome.numbers)} ${JSON.stringify(Object.fromEntries(outcome.counts))}\n`,
    );
}
const used = process.cpuUsage(started);
const seconds = (used.user + used.system) / 1e6;
process.stdout.write(
  `${count} seeds, ${events} events, ${found} findings, ${((seconds * 1e6) / events).toFixed(1)} µs an event\n`,
);
process.stdout.write(`${[...points].map(([point, times]) => `${point} ${times}`).join(', ')}\n`);
process.exit(found > 0 ? 1 : 0);
