// Kill -9 at any moment, under duplicated and swapped updates, storms of 429, lost answers: nothing lost, nothing
// doubled. The size for every day; the full one is node test/faults/run.ts.
import { expect, it } from 'vitest';
import { check } from './check.ts';
import { runKills } from './kill.ts';

const CONVERSATIONS = 32;
const KILLS = 7;

it('loses and doubles nothing over kill -9', { timeout: 240_000 }, async () => {
  const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
  const run = await runKills({ conversations: CONVERSATIONS, kills: KILLS, seed, patience: 20_000 });
  try {
    const { findings, numbers } = await check(run);
    console.log(
      `seed ${seed}: ${Object.entries(numbers)
        .map(([name, number]) => `${name} ${number}`)
        .join(', ')}`,
    );
    expect(findings, `run again with FAULTS_SEED=${seed}`).toEqual([]);
    // A run that hurt nobody would show nothing.
    expect(numbers.kills).toBeGreaterThanOrEqual(KILLS / 2);
    expect(numbers.tickets).toBeGreaterThan(0);
    expect(numbers.responses).toBeGreaterThan(0);
    expect(numbers.refused).toBeGreaterThan(0);
    expect(numbers.duplicated).toBeGreaterThan(0);
  } finally {
    await run.close();
  }
});
