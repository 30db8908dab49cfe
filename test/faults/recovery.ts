// The outages at full length, by hand: node test/faults/recovery.ts [--only redis-outage,kill] prints for each what was
// measured beside its goal, and what the checker found.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ALL_IN_ONE, OUTAGES as APART } from './outages/list.ts';
import { type Row, runOutage } from './outages/scene.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    scale: { type: 'string', default: '1' },
    /** Milliseconds between one person's beginning and the next one's. */
    every: { type: 'string', default: '2000' },
    keep: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const OUTAGES = [...APART, ALL_IN_ONE];
const wanted = values.only?.split(',') ?? APART.map(({ name }) => name);
for (const name of wanted)
  if (!OUTAGES.some((outage) => outage.name === name))
    throw new Error(`--only ${name}: known are ${OUTAGES.map((outage) => outage.name).join(', ')}`);

const value = ({ got, unit }: Row): string =>
  got === undefined
    ? 'never'
    : typeof got === 'string'
      ? got
      : unit === undefined
        ? `${(got / 1_000).toFixed(1)} s`
        : `${got}${unit}`;
const isMet = ({ got, goal }: Row): boolean => typeof got === 'number' && got <= (goal ?? 0);

for (const outage of OUTAGES.filter(({ name }) => wanted.includes(name))) {
  const load = loadavg()[0]?.toFixed(1);
  print(`\n${outage.name}: ${outage.about} (seed ${values.seed}, load ${load})`);
  const outcome = await runOutage(outage, {
    seed: Number(values.seed),
    scale: Number(values.scale),
    every: Number(values.every),
    margin: 8_000,
    keep: values.keep,
  }).catch(
    (error: unknown) => void print(`  failed: ${error instanceof Error ? error.stack : String(error)}`),
  );
  if (outcome === undefined) {
    process.exitCode = 1;
    continue;
  }
  const { rows, findings, numbers, logFile } = outcome;
  for (const row of rows) {
    const goal = row.goal === undefined ? '' : `goal ${row.goal / 1_000} s ${isMet(row) ? 'met' : 'MISSED'}`;
    print(`  ${row.what.padEnd(28)} ${value(row).padEnd(12)} ${goal}`);
  }
  print(
    `  ${numbers.conversations} people, ${numbers.finished} done, ${numbers.events} events, load after ${loadavg()[0]?.toFixed(1)}`,
  );
  print(findings.length === 0 ? '  nothing lost, nothing doubled' : '  found:');
  for (const { rule, what } of findings) print(`    ${rule}: ${what}`);
  if (findings.length > 0) process.exitCode = 1;
  if (logFile) print(`  kept: ${logFile}`);
}
