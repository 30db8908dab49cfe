// The whole bench: the engine beside its peers, what it keeps and writes, and the idle program. `--quick` for a look.
// `npm run bench`; one part alone with `--only speed|bytes|idle|path`.
import { parseArgs } from 'node:util';
import { keptTable, writtenTable } from './bytes.ts';
import { idleTable, importsTable } from './idle.ts';
import { calibrate, machine } from './machine.ts';
import { pathTable, roundTripsTable } from './path/path.ts';
import { lengthTable, npsTable } from './speed.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const wants = (part: string): boolean => values.only === undefined || values.only === part;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

print(`${machine()}\nbefore: ${calibrate()}`);
if (wants('bytes')) print(`${await keptTable()}\n${await writtenTable()}`);
if (wants('speed')) {
  const { quick } = values;
  print(await npsTable(quick ? { warm: 1, rounds: 3, turnMs: 60 } : { warm: 3, rounds: 12, turnMs: 150 }));
  print(
    await lengthTable(
      quick ? [4, 40] : [4, 40, 200],
      quick ? { warm: 1, rounds: 2, turnMs: 60 } : { warm: 2, rounds: 8, turnMs: 150 },
    ),
  );
}
// A start takes as long as it takes: too long for a quick look, unless it is asked for.
if (values.only === 'idle' || (wants('idle') && !values.quick)) {
  print(await idleTable(values.quick ? 1_000 : 10_000));
  if (!values.quick) print(importsTable());
}
if (values.only === 'path' || (wants('path') && !values.quick)) {
  const people = values.quick ? 250 : 1_000;
  const [warmMs, measureMs, rounds] = values.quick ? [8_000, 8_000, 1] : [8_000, 15_000, 3];
  print(await roundTripsTable(people, values.quick ? 10_000 : 20_000));
  print(await pathTable({ people, warmMs, measureMs, rounds }));
}
print(`\nafter: ${calibrate()}`);
