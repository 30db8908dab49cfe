// The plain bot that ours is compared with does its work: where nothing goes wrong every talk comes to its end and the
// checker finds nothing, so that what it loses under kills is not of its own making; and what it would lose is counted.
import { expect, it } from 'vitest';
import { openBaseline } from '../../bench/baseline/kept.ts';
import { PLAIN } from '../../bench/baseline/plain.ts';
import { tally } from '../../bench/baseline/tally.ts';
import { check } from './check.ts';
import { runKills } from './kill.ts';

it('the plain bot brings every talk to its end, and a spoiled outcome would be seen', {
  timeout: 120_000,
}, async () => {
  const run = await runKills({
    conversations: 16,
    kills: 0,
    calm: true,
    seed: 6,
    channels: ['telegram'],
    instances: 1,
    subject: PLAIN,
  });
  try {
    const report = await check(run, openBaseline);
    expect(report.findings).toEqual([]);
    const kept = await openBaseline(run);
    const good = tally(run, report, kept);
    expect(good).toMatchObject({ 'talks begun': 16, 'talks that hung': 0, 'surveys without an outcome': 0 });
    expect(kept.responses.length).toBe(good['NPS surveys begun']);
    expect(kept.tickets.length).toBeGreaterThan(0);
    expect(good["operators' answers"]).toBeGreaterThan(0);

    const [first, second, third, ...more] = kept.responses;
    if (!first || !second || !third) throw new Error('too few surveys to spoil three of them');
    const spoiled = {
      ...kept,
      responses: [second, { ...second, id: 'again' }, { ...third, comment: 'something else' }, ...more],
    };
    expect(tally(run, await check(run, async () => spoiled), spoiled)).toMatchObject({
      'surveys without an outcome': 1,
      'of them, person was thanked': 1,
      'outcomes stored twice': 1,
      'outcomes with other answers': 1,
    });
  } finally {
    await run.close();
  }
});
