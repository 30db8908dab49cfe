// A fault run of the size for every day, as a test: people come by the channels given, the program is killed again and
// again, and the checker must find nothing.
import { expect, it } from 'vitest';
import { check } from './check.ts';
import { runKills } from './kill.ts';
import type { ChannelName } from './net.ts';

export function daily(channels: readonly ChannelName[], conversations: number, kills: number): void {
  it(`loses and doubles nothing over kill -9: ${channels.join(', ')}`, {
    timeout: 240_000,
    retry: 0,
  }, async () => {
    const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
    const run = await runKills({ channels, conversations, kills, seed, patience: 40_000 });
    try {
      const { findings, numbers } = await check(run);
      const told = Object.entries(numbers).map(([name, number]) => `${name} ${number}`);
      console.log(`seed ${seed}: ${told.join(', ')}`);
      expect(findings, `run again with FAULTS_SEED=${seed}`).toEqual([]);
      // A run that hurt nobody would show nothing.
      expect(numbers.kills).toBeGreaterThanOrEqual(kills / 2);
      expect(numbers.tickets).toBeGreaterThan(0);
      expect(numbers.responses).toBeGreaterThan(0);
      expect(numbers.refused).toBeGreaterThan(0);
      expect(numbers.duplicated).toBeGreaterThan(0);
    } finally {
      await run.close();
    }
  });
}
