// From the journal to a committed turn. Events of one line are handled one after another; nothing is acknowledged before
// it is in the journal, nothing is applied twice, and what cannot be applied is parked for a person to see.

import { decodeTime } from 'ulid';
import { type InboundEvent, isCustomerEvent } from '../core/event.ts';
import type { Session } from '../core/session.ts';
import type { Codes } from '../engine/draft.ts';
import { errorFields } from '../log.ts';
import type { JournalRow } from '../store/store.ts';
import { groupOf, joined } from './album.ts';
import { ownerOf } from './lookup.ts';
import type { Marks } from './marks.ts';
import type { Numbers } from './numbers.ts';
import { isOutside } from './outside.ts';
import { createRemembered } from './remembered.ts';
import type { Shell } from './shell.ts';
import { createTurns, PartApplied } from './turn.ts';

/** An album has no end marker: it is whole when nothing came for this long. */
const ALBUM_PAUSE = 1_000;
const RACES = 8;
const RETRY_PAUSE = 2_000;
/** Rows taken from the store at once. */
const SWEEP = 1_000;
/** Of one line. */
const LINE_SWEEP = 100;
/** Lines that a process takes up by itself; what comes beyond is for whoever has time. */
const OWN = 16;
/** How long after another process was found at a line it is looked at again. */
const CLAIM_PAUSE = 50;

export interface Inbox {
  /** Resolves once every event is durable. */
  intake(events: readonly InboundEvent[]): Promise<void>;
  /**
   * Brings in what the journal holds and nobody works on. `all`: the whole of it, as at a start, before anything new
   * may come: a contact's newer event must not overtake an older one that is not loaded yet.
   */
  sweep(all?: boolean): Promise<void>;
  /** Resolves when every line is empty. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly row: JournalRow;
  readonly since: number;
  /** The moment of `talks` before it was read from the store; 0: it was not, but came straight from intake. */
  readonly readAt: number;
}

export function createInbox(
  shell: Shell,
  parts: {
    readonly numbers: Numbers;
    readonly codes: Codes;
    readonly marks: Marks;
    readonly committed: (session: Session) => void;
  },
): Inbox {
  const { shared } = shell.runtime;
  const lines = new Map<string, Waiting[]>();
  const known = new Set<string>();
  const working = new Map<string, Promise<void>>();
  /** Lines woken once more while they were worked on, perhaps after the last look at the store. */
  const missed = new Set<string>();
  /** Lines that wait for the store or a network to come back. */
  const paused = new Set<string>();
  /** From then on a row that is neither here nor waits for its mark is known to be marked. */
  let sweptAll = false;
  let stopped = false;
  const turns = createTurns(shell, {
    numbers: parts.numbers,
    codes: parts.codes,
    remembered: createRemembered(shell, parts.marks, (row) => !sweptAll || known.has(row)),
    committed: parts.committed,
  });

  async function intake(events: readonly InboundEvent[]): Promise<void> {
    const rows = await shell.store.journal.insert(events);
    if (!shared) return enqueue(rows);
    for (const line of new Set(rows.map((row) => row.line))) {
      if (working.size < OWN || working.has(line)) begin(line);
      else shell.runtime.wake(line);
    }
  }

  function enqueue(rows: readonly JournalRow[]): void {
    for (const row of rows) {
      if (known.has(row.id) || parts.marks.knows(row.id)) continue;
      known.add(row.id);
      const line = lines.get(row.line) ?? [];
      if (line.length === 0) lines.set(row.line, line);
      line.push({ row, since: shell.clock(), readAt: 0 });
      shell.runtime.wake(row.line);
    }
  }

  /** The rows of a line that several processes may hear of: read from the store by the one that holds the line. */
  async function drainShared(line: string): Promise<void> {
    const claim = await shell.runtime.claim(`line:${line}`).catch(() => 'away' as const);
    // The store still has it: the sweep asks again once names can be claimed.
    if (claim === 'away') return pause(line);
    if (!claim) return again(line);
    try {
      do {
        missed.delete(line);
        if (!(await refill(line))) break;
        await drain(line);
      } while (missed.has(line) && !stopped && !paused.has(line));
    } catch (error) {
      shell.log.warn({ line, ...errorFields(error) }, 'a line could not be read; it is tried again');
      pause(line);
    } finally {
      // Another process may take these up from now on; what we remember of them would only be in the way.
      for (const { row } of lines.get(line) ?? []) known.delete(row.id);
      lines.delete(line);
      await parts.marks.flush();
      await claim.release().catch(() => undefined);
    }
  }

  /** Who has the line may have looked already and be about to let go. */
  function again(line: string): void {
    setTimeout(() => {
      if (!stopped) shell.runtime.wake(line);
    }, CLAIM_PAUSE).unref();
  }

  /** Brings in what the store holds of the line. True: there is something to do. */
  async function refill(line: string): Promise<boolean> {
    const readAt = shell.talks.moment();
    const rows = await shell.store.journal.pending(line, LINE_SWEEP);
    const queue = lines.get(line) ?? [];
    for (const row of rows) {
      if (known.has(row.id) || parts.marks.knows(row.id)) continue;
      known.add(row.id);
      queue.push({ row, since: decodeTime(row.id), readAt });
    }
    if (queue.length > 0) lines.set(line, queue);
    return queue.length > 0;
  }

  /** Takes the line up, or sees to it that whoever works on it here looks once more. */
  function begin(line: string): Promise<void> | undefined {
    if (stopped || paused.has(line)) return undefined;
    if (working.has(line)) return void missed.add(line);
    const work = drainShared(line).finally(() => {
      working.delete(line);
      if (missed.delete(line) && !paused.has(line)) begin(line);
    });
    working.set(line, work);
    return work;
  }

  shell.runtime.onWake((line) => {
    if (shared) return begin(line);
    if (stopped || working.has(line) || paused.has(line)) return;
    if (!lines.has(line)) return;
    const work = drain(line).finally(() => {
      working.delete(line);
      if (lines.get(line)?.length === 0) lines.delete(line);
      if (lines.has(line) && !stopped && !paused.has(line)) shell.runtime.wake(line);
    });
    working.set(line, work);
  });

  async function drain(line: string): Promise<void> {
    const queue = lines.get(line);
    while (queue?.length && !stopped) {
      let taken: readonly Waiting[] = queue.slice(0, 1);
      try {
        taken = await whole(queue);
        await handle(taken);
      } catch (error) {
        if (!(await failed(taken, error))) return;
      }
      for (const { row } of queue.splice(0, taken.length)) known.delete(row.id);
    }
  }

  /** The first event with all the parts of its album; waits until the album has settled. */
  async function whole(queue: readonly Waiting[]): Promise<readonly Waiting[]> {
    const group = groupOf(queue[0]!.row.event);
    if (group === undefined) return queue.slice(0, 1);
    for (let counted = 0; ; ) {
      const parts = queue.filter(
        ({ row }, index) =>
          groupOf(row.event) === group &&
          queue.slice(0, index).every((one) => groupOf(one.row.event) === group),
      );
      const settled = Math.max(...parts.map((part) => part.since)) + ALBUM_PAUSE - shell.clock();
      // A clock that was set back, or another's that is ahead, must not hold up the line: then a pause without news is enough.
      const isStill = settled > ALBUM_PAUSE && parts.length === counted;
      if (settled <= 0 || isStill || stopped || parts.length < queue.length) return parts;
      counted = parts.length;
      await new Promise((resolve) => setTimeout(resolve, Math.min(settled, ALBUM_PAUSE)));
      if (shared) await refill(queue[0]!.row.line);
    }
  }

  async function handle(taken: readonly Waiting[]): Promise<void> {
    let rows = taken.map(({ row }) => row);
    const readAt = Math.min(...taken.map((one) => one.readAt));
    for (;;) {
      try {
        return await turn(rows, readAt);
      } catch (error) {
        if (!(error instanceof PartApplied)) throw error;
        applied(rows.filter(({ id }) => error.rows.includes(id)));
        rows = rows.filter(({ id }) => !error.rows.includes(id));
      }
    }
  }

  async function turn(rows: readonly JournalRow[], readAt: number): Promise<void> {
    const event = joined(rows.map((row) => row.event));
    const found = await ownerOf(shell, event);
    if (!found) return applied(rows);
    const { contact, ticket } = found;
    await shell.locks.run(contact, async () => {
      for (let race = 0; race < RACES; race += 1) {
        if (await turns.take(contact, found.event, rows, ticket, readAt)) return;
      }
      throw new Error(`contact ${contact} was written by others ${RACES} times in a row`);
    });
    applied(rows);
  }

  function applied(rows: readonly JournalRow[]): void {
    for (const row of rows) parts.marks.add(row.id);
  }

  /** True when the rows are done with: parked. False: they stay first in their line and are tried again. */
  async function failed(taken: readonly Waiting[], error: unknown): Promise<boolean> {
    const rows = taken.map(({ row }) => row);
    const line = rows[0]!.line;
    const outside = isOutside(error);
    shell.log[outside ? 'warn' : 'error'](
      { event: rows[0]!.event.id, kind: rows[0]!.event.kind, line, ...errorFields(error) },
      outside ? 'an event waits for the store or a network' : 'an event could not be handled and is parked',
    );
    const contact = isCustomerEvent(rows[0]!.event) ? line : undefined;
    if (contact !== undefined) shell.talks.drop(contact);
    if (outside) {
      pause(line);
      return false;
    }
    try {
      for (const row of rows)
        await shell.store.journal.fail(row.id, error instanceof Error ? error.name : 'unknown', true);
      if (contact !== undefined) {
        await shell.locks.run(contact, () => turns.apologise(contact, rows[0]!.event));
      }
      return true;
    } catch (second) {
      shell.log.error({ line, ...errorFields(second) }, 'an event could not be parked; it is tried again');
      pause(line);
      return false;
    }
  }

  function pause(line: string): void {
    paused.add(line);
    setTimeout(() => {
      paused.delete(line);
      if (!stopped) shell.runtime.wake(line);
    }, RETRY_PAUSE).unref();
  }

  return {
    intake,
    async sweep(all = false) {
      for (let most = SWEEP; ; most *= 4) {
        const rows = await shell.store.journal.pending(undefined, most);
        if (shared) for (const line of new Set(rows.map((row) => row.line))) shell.runtime.wake(line);
        else enqueue(rows);
        if (rows.length < most) sweptAll = true;
        if (!all || sweptAll) return;
      }
    },
    async idle() {
      while (working.size > 0 || lines.size > 0) {
        await Promise.all(working.values());
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async stop() {
      stopped = true;
      await Promise.allSettled(working.values());
    },
  };
}
