// Hostile input at any size: node test/fuzz/run.ts --updates 500000 --flows 100000 --whole 4000 --seed 1. What is found is
// given with the command that shows it alone: --network telegram --seed 1 --only 4711, or --flow 17.
import { parseArgs } from 'node:util';
import { NETWORKS } from './corpus.ts';
import { runFlows } from './flows.ts';
import { type Found, runUpdates } from './updates.ts';
import { runWhole } from './whole.ts';

const { values } = parseArgs({
  options: {
    updates: { type: 'string', default: '500000' },
    flows: { type: 'string', default: '100000' },
    /** Through the whole program, beside the updates. */
    whole: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '1' },
    /** Of NETWORKS; absent: all of them. */
    network: { type: 'string' },
    /** The one update of this number. */
    only: { type: 'string' },
    /** The one flow of this number. */
    flow: { type: 'string' },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed);
const found: Found[] = [];

async function updates(count: number): Promise<void> {
  const networks = NETWORKS.filter((one) => values.network === undefined || one === values.network);
  for (const network of networks) {
    const began = performance.now();
    const ran = await runUpdates({
      network,
      seed,
      count: Math.ceil(count / networks.length),
      ...(values.only === undefined ? {} : { only: Number(values.only) }),
    });
    found.push(...ran.found);
    const seconds = (performance.now() - began) / 1_000;
    const statuses = Object.entries(ran.statuses).map(([status, times]) => `${status}: ${times}`);
    const { events, aside } = ran.kept;
    print(
      `${network.padEnd(15)} ${ran.count} updates in ${seconds.toFixed(1)} s; µs p50 ${ran.p50}, p99 ${ran.p99}, most ${ran.most}; answers ${statuses.join(', ')}; ${events} events, ${aside} put aside`,
    );
  }
}

function flows(count: number): void {
  const began = performance.now();
  const only = values.flow === undefined ? {} : { only: Number(values.flow) };
  const ran = runFlows({ seed, count, ...only });
  found.push(...ran.found);
  const seconds = (performance.now() - began) / 1_000;
  const sorts = Object.entries(ran.counts).map(
    ([sort, times]) =>
      `${sort} ${times} (µs p99 ${ran.p99[sort as keyof typeof ran.p99]}, most ${ran.most[sort as keyof typeof ran.most]})`,
  );
  print(
    `${'flows'.padEnd(15)} ${count} in ${seconds.toFixed(1)} s: ${sorts.join(', ')}; ${ran.played} could be played`,
  );
}

async function whole(count: number): Promise<void> {
  const began = performance.now();
  const network = NETWORKS.find((one) => one === values.network);
  const ran = await runWhole({ seed, count, ...(network === undefined ? {} : { network }) });
  found.push(...ran.found);
  const seconds = (performance.now() - began) / 1_000;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, times]) => `${name}: ${times}`)
      .join(', ');
  print(
    `${'whole'.padEnd(15)} ${count} updates in ${seconds.toFixed(1)} s; ms p50 ${ran.p50}, p99 ${ran.p99}, most ${ran.most}; answers ${list(ran.statuses)}; ${ran.aside} put aside, parked ${list(ran.parked) || 'none'}; ${ran.good} good people answered`,
  );
}

try {
  if (Number(values.updates) > 0 && values.flow === undefined) await updates(Number(values.updates));
  const alone = values.only !== undefined || values.flow !== undefined;
  if (Number(values.whole) > 0 && !alone) await whole(Number(values.whole));
  if (Number(values.flows) > 0 && values.only === undefined) flows(Number(values.flows));
} catch (error) {
  // A mistake of the fuzzer itself: nobody may take it for a finding, nor for none.
  process.stderr.write(`the fuzzer failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(2);
}
for (const one of found) print(`\n${one.network}: ${one.what}\n  ${one.command}\n    ${one.shown}`);
process.exitCode = found.length === 0 ? 0 : 1;
