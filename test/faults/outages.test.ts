// Redis is away and comes back empty, the store is away, a process is killed: nothing is lost, nothing is doubled,
// and everybody is served in the end. The lengths of life, with times: node test/faults/recovery.ts.
import { expect, it } from 'vitest';
import { ALL_IN_ONE } from './outages/list.ts';
import { runOutage } from './outages/scene.ts';

it('loses and doubles nothing over outages of Redis, of the store and of a process', {
  timeout: 240_000,
  retry: 0,
}, async () => {
  const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
  const { rows, findings, numbers } = await runOutage(ALL_IN_ONE, {
    seed,
    scale: 0.05,
    every: 2_500,
    margin: 1_500,
  });
  console.log(`seed ${seed}: ${rows.map(({ what, got }) => `${what} ${got}`).join(', ')}`);
  expect(findings, `run again with FAULTS_SEED=${seed}`).toEqual([]);
  expect(rows).toHaveLength(3);
  for (const { what, got } of rows) expect(got, what).toBeDefined();
  expect(numbers.responses).toBeGreaterThan(0);
  expect(numbers.tickets).toBeGreaterThan(0);
  expect(numbers.finished).toBe(numbers.conversations);
});
