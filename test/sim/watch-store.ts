// Looks at every write as it reaches the database, and holds it against what must be true of the next state given the
// last. It sees documents only, never the program.
import type { Doc } from './match.ts';
import type { World } from './world.ts';

interface Entry {
  readonly i: string;
  readonly l: string;
}

/** So long after it did not tell what it took, rows may be found only by a look at all that waits. */
const TROUBLED = 60_000;

export interface StoreWatch {
  /** Journal rows applied, by whom it was seen that they were. */
  readonly applied: ReadonlyMap<string, string>;
  /** When an entry went into a session's outbox, and when it left. */
  readonly removed: ReadonlyMap<string, number>;
  /** Largest lists seen. */
  readonly most: Record<string, number>;
  /** Nothing waits to be handled, written or sent; `timers`: nor for its time. */
  isSettled(timers: boolean): boolean;
}

export function watchStore(world: World): StoreWatch {
  const { database, scheduler } = world;
  const applied = new Map<string, string>();
  const removed = new Map<string, number>();
  const most: Record<string, number> = { outbox: 0, applied: 0 };
  const sessions = database.table('sessions');
  const journal = database.table('journal');

  /** Of each line the customer's rows not applied yet, with the order in which they came in. */
  const waiting = new Map<string, Map<string, number>>();
  let came = 0;

  /** What came into the journal earlier is applied earlier, unless it was not known to be there. */
  function checkOrder(row: Doc): void {
    const line = waiting.get(String(row.line));
    const at = line?.get(row._id);
    if (!line || at === undefined) return;
    line.delete(row._id);
    if (world.weather.fleet === 'two by mistake') return;
    if (world.journalTroubles.some((trouble) => scheduler.now - trouble < TROUBLED)) return;
    for (const [id, earlier] of line)
      if (earlier < at && id < row._id)
        world.find(
          'I5 order',
          `row ${row._id} (${row.eventId}) was applied before ${id}, which came earlier`,
        );
  }

  function onSession(before: Doc | undefined, after: Doc): void {
    const old = new Set((before?.j as readonly string[] | undefined) ?? []);
    const now = (after.j as readonly string[] | undefined) ?? [];
    if (before && after.v !== (before.v as number) + 1)
      world.find('I2 effect', `session ${after._id} went from version ${before.v} to ${after.v}`);
    if (new Set(now).size < now.length) world.find('I2 effect', `a row was applied twice to ${after._id}`);
    for (const id of now) {
      if (old.has(id)) continue;
      const row = journal.docs.get(id);
      if (applied.has(id)) world.find('I2 effect', `row ${id} (${row?.eventId}) was applied twice`);
      applied.set(id, after._id);
      if (row) checkOrder(row);
      if (!row) world.find('I1 loss', `row ${id} was applied but stands in no journal`);
      else if (row.state === 'applied')
        world.find('I2 effect', `row ${id} (${row.eventId}) was applied when it was marked already`);
    }
    const outbox = (after.x as readonly Entry[] | undefined) ?? [];
    const had = (before?.x as readonly Entry[] | undefined) ?? [];
    if (had.length > 0) {
      const stays = new Set(outbox.map(({ i }) => i));
      for (const { i } of had) if (!stays.has(i)) removed.set(idOf(after._id, i), scheduler.now);
    }
    most.outbox = Math.max(most.outbox ?? 0, outbox.length);
    most.applied = Math.max(most.applied ?? 0, now.length);
  }

  function onJournal(before: Doc | undefined, after: Doc): void {
    if (!before) {
      if (after.channel === 'telegram' || after.channel === 'vk') {
        const line = waiting.get(String(after.line)) ?? new Map<string, number>();
        came += 1;
        waiting.set(String(after.line), line.set(after._id, came));
      }
      if (after.channel !== 'clock') return;
      const { due } = after.event as { readonly due: number };
      const late = Date.now() - due;
      const off = world.lives.some(({ clockOff }) => clockOff !== 0) || world.weather.clockJumps.length > 0;
      if (late < 0 && !off) world.find('I8 timer', `a timer of ${after.line} fired ${-late} ms early`);
      return;
    }
    if (before.state !== 'applied' && after.state === 'applied' && !applied.has(after._id)) {
      // Events that change nothing are marked without a turn; a person's always makes one.
      const { kind } = after.event as { readonly kind: string };
      if (kind !== 'desk' && kind !== 'joining')
        world.find('I1 loss', `row ${after._id} (${kind}) was marked as applied, but no session took it`);
    }
    if (after.state === 'parked')
      world.find('I1 loss', `row ${after._id} was parked: ${String(after.reason)}`);
  }

  database.onWrite = ({ table, before, after }) => {
    if (!after) return;
    if (table === 'sessions') onSession(before, after);
    else if (table === 'journal') onJournal(before, after);
  };

  return {
    applied,
    removed,
    most,
    isSettled(timers) {
      for (const row of journal.docs.values()) if (row.state === 'pending') return false;
      for (const session of sessions.docs.values())
        if (
          timers
            ? session.x !== undefined || session.d !== undefined
            : session.x !== undefined && isDue(session)
        )
          return false;
      return true;
    },
  };
}

/** What was decided while the clock was ahead is found again only once the time is reached. */
const isDue = (session: Doc): boolean => (session.due as number) < Date.now() + 3_600_000;

const idOf = (contact: string, short: string): string =>
  short.startsWith('!') ? short.slice(1) : `${contact}.${short}`;
