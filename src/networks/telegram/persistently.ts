// A call that is worth repeating until the network can be reached: what is set once at the start, such as a bot's menu.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';

const FIRST = 2_000;
const LONGEST = 60_000;
const TRIES = 30;

/** Ends when the call succeeds, is refused for good, or nobody wants it any more. Throws its last error. */
export async function persistently(call: () => Promise<void>, unwanted: () => boolean): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      const passing =
        error instanceof DeliveryError && (error.verdict === 'later' || error.verdict === 'unknown');
      if (!passing || error.reason === 'auth' || tries >= TRIES || unwanted()) throw error;
      await pause(error.retryAfter ?? Math.min(LONGEST, FIRST * 2 ** (tries - 1)), undefined, { ref: false });
      if (unwanted()) return;
    }
  }
}
