// A few public ticket numbers in hand, so that opening a ticket asks the store for nothing. Those in hand when the
// process ends are never used: gaps are of no account, a number given twice would be.
import { randomBytes } from 'node:crypto';
import type { Settings } from '../store/store.ts';
import { ticketNumber } from '../tickets/number.ts';

const IN_HAND = 16;
/** One turn may open this many. */
export const PER_TURN = 3;

export interface Numbers {
  /** The next ones, without taking them; waits when there are too few in hand. */
  ready(): Promise<void>;
  peek(): readonly string[];
  take(count: number): void;
}

export async function createNumbers(settings: Settings): Promise<Numbers> {
  const key = await settings.once('ticket_number_key', randomBytes(24).toString('base64url'));
  let inHand: string[] = [];
  let refill: Promise<void> | undefined;
  async function more(): Promise<void> {
    const end = await settings.add('ticket_counter', IN_HAND);
    for (let counter = end - IN_HAND; counter < end; counter += 1) inHand.push(ticketNumber(counter, key));
  }
  return {
    async ready() {
      while (inHand.length < PER_TURN) {
        refill ??= more().finally(() => {
          refill = undefined;
        });
        await refill;
      }
    },
    peek: () => inHand.slice(0, PER_TURN),
    take(count) {
      inHand = inHand.slice(count);
    },
  };
}
