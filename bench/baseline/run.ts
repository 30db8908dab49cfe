// Otklik and the plain bot under the same faults, one after the other, with one seed: the same people, the same words,
// the same chances of trouble, held against the plan by the same checker.
// node bench/baseline/run.ts --conversations 100 --kills 40 --seed 1
import { parseArgs } from 'node:util';
import { check } from '../../test/faults/check.ts';
import { openKept } from '../../test/faults/kept.ts';
import { runKills } from '../../test/faults/kill.ts';
import { machine } from '../machine.ts';
import { table, whole } from '../table.ts';
import { openBaseline } from './kept.ts';
import { PLAIN } from './plain.ts';
import { type Tally, tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    conversations: { type: 'string', default: '100' },
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    /** Seconds the program may live undisturbed before it is looked for a moment to kill it, at the most. */
    apart: { type: 'string', default: '1' },
    /** Seconds without any progress, once the kills are done, after which whoever still waits, waits in vain. */
    patience: { type: 'string', default: '30' },
    /** `Otklik` or `plain bot` alone. */
    only: { type: 'string' },
    /** Without any faults of the network. */
    calm: { type: 'boolean', default: false },
    /** Tells each finding. */
    findings: { type: 'boolean', default: false },
    /** Leaves store and log where they are. */
    keep: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const CONTENDERS = {
  Otklik: { open: ({ dataDir }: { dataDir: string }) => openKept(dataDir) },
  'plain bot': { subject: PLAIN, open: openBaseline },
} as const;

const columns: { name: string; counts: Tally }[] = [];
for (const [name, contender] of Object.entries(CONTENDERS)) {
  if (values.only !== undefined && values.only !== name) continue;
  const run = await runKills({
    conversations: Number(values.conversations),
    kills: Number(values.kills),
    seed: Number(values.seed),
    channels: ['telegram'],
    instances: 1,
    calm: values.calm,
    patience: Number(values.patience) * 1_000,
    paced: { apart: Number(values.apart) * 1_000 },
    say: (line) => print(`${name}: ${line}`),
    ...('subject' in contender ? { subject: contender.subject } : {}),
  });
  const report = await check(run, contender.open);
  const kept = await contender.open(run);
  columns.push({ name, counts: tally(run, report, kept) });
  await kept.close();
  const troubles = Object.entries(run.faults).map(([what, count]) => `${what} ${count}`);
  print(`${name}: ${whole(run.ms / 1_000)} s, ${troubles.join(', ')}`);
  if (values.findings) for (const { rule, what } of report.findings) print(`  ${rule}: ${what}`);
  if (values.keep) {
    for (const net of run.nets) await net.stop();
    print(`  kept in ${run.folder}`);
  } else await run.close();
}
const rows = Object.keys(columns[0]?.counts ?? {}).map((row) => [
  row,
  ...columns.map(({ counts }) => String(counts[row] ?? '')),
]);
print(`${machine()}, seed ${values.seed}`);
print(table('The same people under the same faults', ['', ...columns.map(({ name }) => name)], rows));
