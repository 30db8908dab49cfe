// From the journal to a committed turn. Events of one line are handled one after another; nothing is acknowledged before
// it is in the journal, nothing is applied twice, and what cannot be applied is parked for a person to see.

import { isNumbered } from '../channels/fit.ts';
import { contactIdOf, placeOf } from '../core/contact.ts';
import type { Lane, OutboxEntry } from '../core/effect.ts';
import { STORE_EFFECTS } from '../core/effect.ts';
import { addressOf, type DeskEvent, type InboundEvent, isCustomerEvent, lineOf } from '../core/event.ts';
import type { Attachment, StoredMessage } from '../core/message.ts';
import { newSession, type Session } from '../core/session.ts';
import type { Ticket, TicketSummary } from '../core/ticket.ts';
import { advance, type Turn } from '../engine/advance.ts';
import { type ChannelTraits, type Draft, type Moment, originOf, say, text } from '../engine/draft.ts';
import { errorFields } from '../log.ts';
import type { JournalRow } from '../store/store.ts';
import type { Marks } from './marks.ts';
import { type Numbers, PER_TURN } from './numbers.ts';
import { isUnsettled, settle } from './settle.ts';
import type { Shell } from './shell.ts';

/** An album has no end marker: it is whole when nothing came for this long. */
const ALBUM_PAUSE = 1_000;
const RACES = 8;
const RETRY_PAUSE = 2_000;
/** Rows taken from the store at once. */
const SWEEP = 1_000;

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
}

export function createInbox(
  shell: Shell,
  parts: { readonly numbers: Numbers; readonly marks: Marks; readonly committed: (session: Session) => void },
): Inbox {
  const lines = new Map<string, Waiting[]>();
  const known = new Set<string>();
  const working = new Map<string, Promise<void>>();
  /** Lines that wait for the store or a network to come back. */
  const paused = new Set<string>();
  /** From then on a row that is neither here nor waits for its mark is known to be marked. */
  let sweptAll = false;
  let stopped = false;

  async function intake(events: readonly InboundEvent[]): Promise<void> {
    enqueue(await shell.store.journal.insert(events));
  }

  function enqueue(rows: readonly JournalRow[]): void {
    for (const row of rows) {
      if (known.has(row.id) || parts.marks.knows(row.id)) continue;
      known.add(row.id);
      const line = lines.get(row.line) ?? [];
      if (line.length === 0) lines.set(row.line, line);
      line.push({ row, since: shell.clock() });
      shell.runtime.wake(row.line);
    }
  }

  shell.runtime.onWake((line) => {
    if (stopped || working.has(line) || paused.has(line) || !lines.has(line)) return;
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
      const taken = await whole(queue);
      try {
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
    for (;;) {
      const parts = queue.filter(
        ({ row }, index) =>
          groupOf(row.event) === group &&
          queue.slice(0, index).every((one) => groupOf(one.row.event) === group),
      );
      const settled = Math.max(...parts.map((part) => part.since)) + ALBUM_PAUSE - shell.clock();
      if (settled <= 0 || stopped || parts.length < queue.length) return parts;
      await new Promise((resolve) => setTimeout(resolve, settled));
    }
  }

  async function handle(taken: readonly Waiting[]): Promise<void> {
    const rows = taken.map(({ row }) => row);
    const event = joined(rows.map((row) => row.event));
    const found = await resolve(event);
    if (!found) return applied(rows);
    const { contact, ticket } = found;
    await shell.locks.run(contact, async () => {
      for (let race = 0; race < RACES; race += 1) {
        if (await turn(contact, found.event, rows, ticket && (() => freshTicket(ticket.id)))) return;
      }
      throw new Error(`contact ${contact} was written by others ${RACES} times in a row`);
    });
    applied(rows);
  }

  function applied(rows: readonly JournalRow[]): void {
    for (const row of rows) parts.marks.add(row.id);
  }

  async function freshTicket(id: string): Promise<Ticket | undefined> {
    return await shell.store.records.ticket(id);
  }

  /** Whose turn it is. A desk's event belongs to its ticket's contact. */
  async function resolve(
    event: InboundEvent,
  ): Promise<{ contact: string; ticket?: Ticket; event: InboundEvent } | undefined> {
    if (isCustomerEvent(event)) return { contact: contactIdOf(addressOf(event)), event };
    if (event.kind !== 'desk') return { contact: event.contact, event };
    const { records } = shell.store;
    const ticket =
      event.ticket !== undefined
        ? await records.ticket(event.ticket)
        : event.place !== undefined
          ? await records.ticketAt(event.place)
          : undefined;
    if (!ticket) {
      shell.log.info({ event: event.id, channel: event.channel }, 'a desk event belongs to no ticket');
      return undefined;
    }
    const desk = shell.desks.find((one) => one.id === event.channel);
    const allowed = desk ? await desk.authorise(event) : true;
    await records.audit({
      at: shell.clock(),
      by: event.operator,
      what: allowed ? `desk:${event.act}` : `desk_refused:${event.act}`,
      on: ticket.id,
    });
    return { contact: ticket.contact, ticket, event: allowed ? event : refused(event) };
  }

  /** One try at the turn; false when somebody else wrote the session meanwhile. */
  async function turn(
    contact: string,
    event: InboundEvent,
    rows: readonly JournalRow[],
    ticketNow: (() => Promise<Ticket | undefined>) | undefined,
  ): Promise<boolean> {
    const stored = await shell.talks.get(contact);
    const session =
      stored ??
      (isCustomerEvent(event)
        ? newSession(contact, addressOf(event), shell.rules().texts.localeFor(undefined))
        : undefined);
    if (!session) throw new Error(`contact ${contact} is not known`);
    // What an earlier turn decided for the store must stand before anybody looks again.
    if (isUnsettled(session)) return (await settle(shell, session)) && false;
    if (rows.every((row) => session.applied.includes(row.id))) return true;
    if (session.run) await shell.ensureRelease(session.run.release);
    const [about, ticket] = await Promise.all([aboutOf(event, session), ticketNow?.()]);
    const decided = await decide(session, event, {
      ...(about ? { about } : {}),
      ...(ticket ? { ticket } : {}),
    });
    return await commit(session, decided, rows);
  }

  async function decide(
    session: Session,
    event: InboundEvent,
    given: Pick<Moment, 'about' | 'ticket'>,
  ): Promise<Turn> {
    const moment = (tickets: () => readonly TicketSummary[]): Moment => ({
      ...given,
      now: shell.clock(),
      today: dayIn(shell.timeZone, shell.clock()),
      channel: traitsOf(session),
      numbers: parts.numbers.peek(),
      get tickets() {
        return tickets();
      },
    });
    const rules = shell.rules();
    // Few turns look at the contact's tickets, and the engine is pure: the one that does is decided a second time with them.
    const needed = new TicketsNeeded();
    // Looked at again after each wait, and never a wait between the last look and the turn: others take from them too.
    while (parts.numbers.peek().length < PER_TURN) await parts.numbers.ready();
    try {
      return taking(
        advance(
          session,
          event,
          rules,
          moment(() => {
            throw needed;
          }),
        ),
      );
    } catch (thrown) {
      if (thrown !== needed) throw thrown;
      const tickets = await shell.store.records.ticketsOf(session.id);
      while (parts.numbers.peek().length < PER_TURN) await parts.numbers.ready();
      return taking(
        advance(
          session,
          event,
          rules,
          moment(() => tickets),
        ),
      );
    }
  }

  /** In the same breath as the turn was decided: another contact's turn must not be shown the same numbers. */
  function taking(decided: Turn): Turn {
    const opened = decided.acts.filter(({ effect }) => effect.kind === 'open').length;
    parts.numbers.take(Math.min(PER_TURN, opened));
    return decided;
  }

  async function commit(before: Session, decided: Turn, rows: readonly JournalRow[]): Promise<boolean> {
    const entries = decided.acts.flatMap(({ id, effect }) => entriesOf(id, effect));
    const unmarked = before.applied.filter((id) => !sweptAll || known.has(id) || parts.marks.waits(id));
    const next: Session = {
      ...decided.session,
      outbox: [...decided.session.outbox, ...entries],
      applied: [...unmarked, ...rows.map((row) => row.id)],
    };
    const committed = await shell.talks.commit(next);
    if (!committed) return false;
    const settled = isUnsettled(committed) ? await settle(shell, committed) : committed;
    parts.committed(settled);
    return true;
  }

  function entriesOf(id: string, effect: Turn['acts'][number]['effect']): OutboxEntry[] {
    const entry = (lane: Lane, suffix = ''): OutboxEntry => ({
      id: `${id}${suffix}`,
      lane,
      effect,
      state: 'pending',
      tries: 0,
      at: shell.clock(),
    });
    if ((STORE_EFFECTS as readonly string[]).includes(effect.kind)) return [entry('store')];
    if (effect.kind === 'hold') return [entry('media')];
    if (effect.kind !== 'desk') return [entry('contact')];
    return shell.desks
      .filter((desk) => desk.id !== effect.not)
      .map((desk) => entry(`desk:${desk.id}`, `@${desk.id}`));
  }

  async function aboutOf(event: InboundEvent, session: Session): Promise<StoredMessage | undefined> {
    const { records } = shell.store;
    if (event.kind === 'undelivered') return await records.message(event.message);
    if (event.kind === 'desk') {
      if (event.act === 'resend')
        return (await linked(event.place ?? '', event.message)) ?? (await records.message(event.message));
      if (event.act === 'edit') return await records.messageByOrigin(session.id, originOf(event));
      if (event.act === 'write' && event.replyTo !== undefined && event.place !== undefined)
        return await linked(event.place, event.replyTo);
      return undefined;
    }
    if (event.kind === 'edit') return await records.messageByOrigin(session.id, originOf(event));
    if (event.kind !== 'message' || event.replyTo === undefined) return undefined;
    return await linked(placeOf(session.address), event.replyTo);
  }

  async function linked(place: string, network: string): Promise<StoredMessage | undefined> {
    const link = await shell.store.records.linkOf(place, network);
    return link && (await shell.store.records.message(link.message));
  }

  function traitsOf(session: Session): ChannelTraits {
    const abilities = shell.channels.get(session.address.channel)?.abilities;
    return {
      ours: abilities?.history === 'ours',
      marksChoice: abilities?.marksChoice ?? false,
      edits: abilities?.edits ?? false,
      numbered: (message) => abilities !== undefined && isNumbered(message, abilities),
    };
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
      if (contact !== undefined) await apologise(contact, rows[0]!);
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

  /** The contact is told once that something went wrong on our side. */
  async function apologise(contact: string, row: JournalRow): Promise<void> {
    await shell.locks.run(contact, async () => {
      const session = await shell.talks.get(contact);
      if (!session || !isCustomerEvent(row.event)) return;
      const draft: Draft = {
        session: { ...session },
        acts: [],
        event: row.event,
        rules: shell.rules(),
        moment: { now: shell.clock(), today: '', channel: traitsOf(session), numbers: [], tickets: [] },
      };
      say(draft, { text: text(draft, 'sorry') });
      // The row is parked and not applied: when it is brought back it counts.
      await commit(session, { session: draft.session, acts: draft.acts }, []);
    });
  }

  return {
    intake,
    async sweep(all = false) {
      for (let most = SWEEP; ; most *= 4) {
        const rows = await shell.store.journal.pending(undefined, most);
        enqueue(rows);
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

/** Thrown by the engine's look at tickets that were not loaded. */
class TicketsNeeded extends Error {}

const groupOf = (event: InboundEvent): string | undefined => {
  const group = 'group' in event ? event.group : undefined;
  return group === undefined ? undefined : `${lineOf(event)} ${group}`;
};

/** The parts of an album as one event: all files, and the one caption. */
function joined(events: readonly InboundEvent[]): InboundEvent {
  const [first] = events;
  if (!first || events.length === 1 || !('text' in first)) return first!;
  const attachments = events.flatMap((event): readonly Attachment[] =>
    'attachments' in event ? (event.attachments ?? []) : [],
  );
  const words = events.map((event) => ('text' in event ? (event.text ?? '') : '')).filter(Boolean);
  // One part marked as a note makes the album a note: it must not reach the customer by its other parts.
  const base = events.find((event) => event.kind === 'desk' && event.act === 'note') ?? first;
  return { ...base, text: words.join('\n'), attachments } as InboundEvent;
}

/** Who may not act here is told so; their words go nowhere. */
function refused(event: DeskEvent): DeskEvent {
  const { id, channel, account, at, operator, ticket, place, message } = event;
  const where = {
    ...(ticket === undefined ? {} : { ticket }),
    ...(place === undefined ? {} : { place }),
    ...(message === undefined ? {} : { message }),
  };
  return { id, channel, account, at, kind: 'desk', operator, act: 'refused', ...where };
}

/** The store or a network is away: nothing is wrong with the event. */
function isOutside(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^Mongo.*(Network|Selection|Timeout|Pool|NotConnected|Topology)|MongooseError|StoreUnreachable|DeliveryError/.test(
    error.name,
  );
}

/** YYYY-MM-DD. */
function dayIn(timeZone: string, now: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(now);
}
