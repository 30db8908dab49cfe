// Which applied rows a session must remember, and when the journal must be asked because it may have forgotten some: the
// two halves of one rule. An id leaves a session only once its mark is written.
import { decodeTime } from 'ulid';
import type { Session } from '../core/session.ts';
import type { JournalRow } from '../store/store.ts';
import type { Marks } from './marks.ts';
import type { Shell } from './shell.ts';

/** So long at least a process alone remembers: a second one started by mistake may hold the row too. */
const FRESH = 60_000;
/** By far less than is remembered, since clocks differ. */
const OLD = 30_000;
/** Of several processes, one that remembers as many is rid of those that others have marked. */
const MANY = 16;

export interface Remembered {
  /**
   * Which of the session's rows and these are not marked as applied; undefined where nobody needs to ask. `readAt`: the
   * moment of `talks` before which the rows were not read.
   */
  stillOpen(
    session: Session,
    rows: readonly JournalRow[],
    readAt: number,
  ): Promise<ReadonlySet<string> | undefined>;
  /** What the session remembers of its applied rows, `open` having been asked. */
  kept(session: Session, open?: ReadonlySet<string>): readonly string[];
}

/** `isHere`: the row waits in this process, or may. */
export function createRemembered(
  shell: Pick<Shell, 'runtime' | 'store' | 'talks' | 'clock'>,
  marks: Pick<Marks, 'waits' | 'isWritten'>,
  isHere: (row: string) => boolean,
): Remembered {
  const { shared } = shell.runtime;
  /** Of whichever clock wrote it. */
  const isWithin = (row: string, ms: number): boolean => Math.abs(shell.clock() - decodeTime(row)) < ms;

  return {
    async stillOpen(session, rows, readAt) {
      const ids = rows.map(({ id }) => id);
      if (!shared)
        return ids.every((id) => isWithin(id, OLD)) ? undefined : await shell.store.journal.unapplied(ids);
      // A session read before the rows knows all that were applied by then; one read later may have forgotten some.
      if (shell.talks.isSince(session.id, readAt) && session.applied.length < MANY) return undefined;
      return await shell.store.journal.unapplied([...ids, ...session.applied]);
    },
    kept({ applied }, open) {
      if (!shared) return applied.filter((row) => isHere(row) || marks.waits(row) || isWithin(row, FRESH));
      return applied.filter((row) => (open ? open.has(row) : !marks.isWritten(row)));
    },
  };
}
