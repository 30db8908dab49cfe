// The plain bot as the harness of the fault runs starts it.
import type { Subject } from '../../test/faults/kill.ts';

export const PLAIN: Subject = {
  entry: 'bench/baseline/bot.ts',
  // Redis counts the lock of a job in its own time, the bot's clock runs twenty times as fast: more than BullMQ's half
  // minute of the bot's, so that a slow machine is not taken for a dead worker.
  env: { LOCK_MS: '3000' },
  plainDesk: true,
};
