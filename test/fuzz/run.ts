// Hostile input at any size: node test/fuzz/run.ts --updates 500000 --flows 100000 --whole 4000 --seed 1. A case found is
// given with the command that shows it alone: --network telegram --seed 1 --only 4711.
import { parseArgs } from 'node:util';
import { NETWORKS, type Network } from './corpus.ts';
import { type Found, runUpdates } from './updates.ts';

const { values } = parseArgs({
  options: {
    updates: { type: 'string', default: '500000' },
    seed: { type: 'string', default: '1' },
    /** Of NETWORKS; absent: all of them. */
    network: { type: 'string' },
    /** The one case of this number. */
    only: { type: 'string' },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed);
const networks = NETWORKS.filter((one) => values.network === undefined || one === values.network);
const found: Found[] = [];
async function updates(): Promise<void> {
  for (const network of networks as readonly Network[]) {
    const began = performance.now();
    const ran = await runUpdates({
      network,
      seed,
      count: Math.ceil(Number(values.updates) / networks.length),
      ...(values.only === undefined ? {} : { only: Number(values.only) }),
    });
    found.push(...ran.found);
    const seconds = (performance.now() - began) / 1_000;
    const statuses = Object.entries(ran.statuses).map(([status, count]) => `${status}: ${count}`);
    print(
      `${network.padEnd(15)} ${ran.count} updates in ${seconds.toFixed(1)} s, ${Math.round(ran.count / seconds)}/s; p50 ${ran.p50} µs, p99 ${ran.p99} µs, most ${ran.most} µs; ${statuses.join(', ')}; events ${ran.kept.events}, aside ${ran.kept.aside}, log lines ${ran.kept.lines}`,
    );
  }
}

try {
  await updates();
} catch (error) {
  // A mistake of the fuzzer itself: nobody may take it for a finding, nor for none.
  process.stderr.write(`the fuzzer failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(2);
}
for (const one of found) print(`\n${one.network}: ${one.what}\n  ${one.command}\n    ${one.shown}`);
process.exitCode = found.length === 0 ? 0 : 1;
