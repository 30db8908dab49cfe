// Posts that do not show the secret: told of once a minute, shown for ten, and forgotten once a good one comes.
import { expect, test } from 'vitest';
import { createUnproven } from '../../src/networks/unproven.ts';
import { createLog } from './telegram-set.ts';

test('is told once a minute and shown for ten, until a good post comes', () => {
  const log = createLog();
  let now = 1_000_000;
  const unproven = createUnproven({ setting: 'X_SECRET', clock: () => now, log });
  const reason = 'posts arrive that do not show the secret; check X_SECRET';
  expect(unproven.reason(now)).toEqual({});
  unproven.wrong();
  now += 59_999;
  unproven.wrong();
  expect(log.told.map(({ level, text }) => [level, text])).toEqual([['warn', reason]]);
  now += 1;
  unproven.wrong();
  expect(log.told).toHaveLength(2);
  expect(unproven.reason(now + 599_999)).toEqual({ reason });
  expect(unproven.reason(now + 600_000)).toEqual({});
  unproven.right();
  expect(unproven.reason(now)).toEqual({});
});
