// The plain bot as the harness of the fault runs starts it.
import type { Subject } from '../../test/faults/kill.ts';

export const PLAIN: Subject = {
  entry: 'bench/baseline/bot.ts',
  // BullMQ's half minute, as Redis counts it while the bot's own clock runs twenty times as fast.
  env: { LOCK_MS: '1500' },
  plainDesk: true,
};
