// Kill -9 at any moment, under duplicated and swapped updates, storms of 429, lost answers: nothing lost, nothing
// doubled. The size for every day; the full one is node test/faults/run.ts.
import { expect, it } from 'vitest';
import { check } from './check.ts';
import { runKills } from './kill.ts';

const CONVERSATIONS = 32;
const KILLS = 7;

type Checked = Awaited<ReturnType<typeof check>>;

async function played(seed: number): Promise<Checked> {
  const run = await runKills({ conversations: CONVERSATIONS, kills: KILLS, seed, patience: 40_000 });
  try {
    const checked = await check(run);
    const { numbers } = checked;
    console.log(
      `seed ${seed}: ${Object.entries(numbers)
        .map(([name, number]) => `${name} ${number}`)
        .join(', ')}`,
    );
    return checked;
  } finally {
    await run.close();
  }
}

it('loses and doubles nothing over kill -9', { timeout: 240_000 }, async () => {
  const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
  const { findings, numbers } = await played(seed);
  expect(findings, `run again with FAULTS_SEED=${seed}`).toEqual([]);
  // A run that hurt nobody would show nothing.
  expect(numbers.kills).toBeGreaterThanOrEqual(KILLS / 2);
  expect(numbers.tickets).toBeGreaterThan(0);
  expect(numbers.responses).toBeGreaterThan(0);
  expect(numbers.refused).toBeGreaterThan(0);
  expect(numbers.duplicated).toBeGreaterThan(0);
});
