// What becomes of an outbox entry in its contact's session: marked before its call, unmarked when it surely did not
// arrive, taken out once what came of it is written down. Every write wins by the session's version, or looks again.
import { setTimeout as pause } from 'node:timers/promises';
import type { OutboxEntry } from '../core/effect.ts';
import type { Session } from '../core/session.ts';
import { errorFields } from '../log.ts';
import { isOutside } from './outside.ts';
import type { Shell } from './shell.ts';

/** What throws what nothing should throw is tried this often. */
export const BUG_TRIES = 3;
const LONGEST_PAUSE = 2_000;

/** 100, 200, 400 … 2,000 ms: before the store is asked again. */
export const shortly = (tries: number): Promise<void> => pause(Math.min(LONGEST_PAUSE, 50 * 2 ** tries));

export interface Entries {
  /** Records that a call is about to be made. False: the entry is gone, or somebody else is making it. */
  sending(entry: OutboxEntry, contact: string): Promise<boolean>;
  /** It was surely not delivered, so the next try is a first one. */
  pending(entry: OutboxEntry, contact: string): Promise<void>;
  remove(contact: string, id: string): Promise<void>;
  /**
   * Writes down that the call was made, and takes the entry out; to give up here would be to make it again, and to let go
   * of the lane would let another process make it. `keep`: what else is to be written of it; the same again changes nothing.
   */
  made(contact: string, id: string, keep: () => Promise<void>): Promise<void>;
}

export function createEntries(shell: Shell, isStopped: () => boolean): Entries {
  /** A write of the session alone, until it wins. `anyway`: not even Redis is waited for. */
  async function write(
    contact: string,
    change: (session: Session) => Session | undefined,
    anyway = false,
  ): Promise<boolean> {
    return await shell.locks[anyway ? 'runAnyway' : 'run'](contact, async () => {
      for (;;) {
        const session = await shell.talks.get(contact);
        const next = session && change(session);
        if (!next) return false;
        if (await shell.talks.commit(next)) return true;
      }
    });
  }

  const marked = (session: Session, id: string, state: OutboxEntry['state']): Session => ({
    ...session,
    outbox: session.outbox.map((one) => (one.id === id ? { ...one, state } : one)),
  });

  async function remove(contact: string, id: string, anyway = false): Promise<void> {
    const without = (session: Session): Session => ({
      ...session,
      outbox: session.outbox.filter((one) => one.id !== id),
    });
    await write(contact, without, anyway);
    shell.partsSent.delete(id);
    shell.said.delete(id);
  }

  return {
    sending: ({ id }, contact) =>
      write(contact, (session) =>
        session.outbox.find((one) => one.id === id)?.state === 'pending'
          ? marked(session, id, 'sending')
          : undefined,
      ),
    async pending({ id }, contact) {
      await write(contact, (session) => marked(session, id, 'pending'));
    },
    remove: (contact, id) => remove(contact, id),
    async made(contact, id, keep) {
      for (let tries = 1; ; tries += 1) {
        try {
          await keep();
          return await remove(contact, id, true);
        } catch (error) {
          if (isStopped() || (tries >= BUG_TRIES && !isOutside(error))) throw error;
          if (tries === 1)
            shell.log.warn(
              { contact, entry: id, ...errorFields(error) },
              'a delivery waits to be written down',
            );
          await shortly(tries);
        }
      }
    },
  };
}
