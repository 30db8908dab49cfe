// One turn: the session loaded, decided by the engine, committed in one write, and what it owes the store written.
// Callers hold the contact's lock.
import { isNumbered } from '../channels/fit.ts';
import type { Lane, OutboxEntry } from '../core/effect.ts';
import { JOIN_EFFECTS, STORE_EFFECTS } from '../core/effect.ts';
import { addressOf, type InboundEvent, isCustomerEvent } from '../core/event.ts';
import { newSession, type Session } from '../core/session.ts';
import type { TicketSummary } from '../core/ticket.ts';
import { advance, type Turn } from '../engine/advance.ts';
import { type ChannelTraits, type Codes, type Draft, type Moment, say, text } from '../engine/draft.ts';
import type { JournalRow } from '../store/store.ts';
import { aboutOf } from './lookup.ts';
import { type Numbers, PER_TURN } from './numbers.ts';
import { StoreMoved } from './outside.ts';
import { keepSaid } from './perform.ts';
import type { Remembered } from './remembered.ts';
import { isUnsettled, settle } from './settle.ts';
import type { Shell } from './shell.ts';

export interface Turns {
  /**
   * One try; false when somebody else wrote the session meanwhile. `readAt`: the moment of `talks` before which the rows
   * were not read.
   */
  take(
    contact: string,
    event: InboundEvent,
    rows: readonly JournalRow[],
    ticket: string | undefined,
    readAt: number,
  ): Promise<boolean>;
  /** The contact is told once that something went wrong on our side. */
  apologise(contact: string, event: InboundEvent): Promise<void>;
}

export function createTurns(
  shell: Shell,
  parts: {
    readonly numbers: Numbers;
    readonly codes: Codes;
    readonly remembered: Remembered;
    readonly committed: (session: Session) => void;
  },
): Turns {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: shell.timeZone });

  async function take(
    contact: string,
    event: InboundEvent,
    rows: readonly JournalRow[],
    ticketId: string | undefined,
    readAt: number,
  ): Promise<boolean> {
    const stored = await shell.talks.get(contact);
    const session =
      stored ??
      (isCustomerEvent(event)
        ? newSession(contact, addressOf(event), shell.rules().texts.localeFor(undefined))
        : undefined);
    // Whom it would be told is not kept any more.
    if (!session && event.kind === 'joining') return true;
    if (!session) throw new Error(`contact ${contact} is not known`);
    // What an earlier turn decided for the store must stand before anybody looks again.
    if (isUnsettled(session)) return (await settle(shell, session)) && false;
    const ids = rows.map((row) => row.id);
    const before = ids.filter((id) => session.applied.includes(id));
    if (before.length === ids.length) return true;
    if (before.length > 0) throw new PartApplied(before);
    const open = await parts.remembered.stillOpen(session, rows, readAt);
    if (open && !ids.some((id) => open.has(id))) return true;
    if (open && !ids.every((id) => open.has(id)))
      throw new StoreMoved('part of an album was taken elsewhere');
    if (session.run) await shell.ensureRelease(session.run.release);
    const [about, ticket] = await Promise.all([
      aboutOf(shell, event, session),
      ticketId === undefined ? undefined : shell.store.records.ticket(ticketId),
    ]);
    const decided = await decide(session, event, {
      ...(about ? { about } : {}),
      ...(ticket ? { ticket } : {}),
    });
    return await commit(decided, rows, parts.remembered.kept(session, open));
  }

  async function decide(
    session: Session,
    event: InboundEvent,
    given: Pick<Moment, 'about' | 'ticket'>,
  ): Promise<Turn> {
    const moment = (tickets: () => readonly TicketSummary[]): Moment => ({
      ...given,
      now: shell.clock(),
      today: day.format(shell.clock()),
      channel: traitsOf(session),
      numbers: parts.numbers.peek(),
      codes: parts.codes,
      get tickets() {
        return tickets();
      },
    });
    const rules = shell.rules();
    // Looked at again after each wait, and never a wait between the last look and the turn: others take from them too.
    while (parts.numbers.peek().length < PER_TURN) await parts.numbers.ready();
    // Few turns look at the contact's tickets, and the engine is pure: the one that does is decided a second time with them.
    try {
      return taking(
        advance(
          session,
          event,
          rules,
          moment(() => {
            throw NEEDED;
          }),
        ),
      );
    } catch (thrown) {
      if (thrown !== NEEDED) throw thrown;
      const joined = await shell.store.customers.joinedWith(session.id);
      const tickets = await shell.store.records.ticketsOf(session.id, joined);
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

  async function commit(
    decided: Turn,
    rows: readonly JournalRow[],
    remembered: readonly string[],
  ): Promise<boolean> {
    const entries = decided.acts.flatMap(({ id, effect }) => entriesOf(id, effect));
    const next: Session = {
      ...decided.session,
      outbox: [...decided.session.outbox, ...entries],
      applied: [...remembered, ...rows.map((row) => row.id)],
    };
    const committed = await shell.talks.commit(next);
    if (!committed) return false;
    const settled = isUnsettled(committed) ? await settle(shell, committed) : committed;
    try {
      for (const entry of entries) await keepSaid(shell, settled, entry);
    } finally {
      parts.committed(settled);
    }
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
    if ((JOIN_EFFECTS as readonly string[]).includes(effect.kind)) return [entry('join')];
    if (effect.kind === 'hold') return [entry('media')];
    if (effect.kind !== 'desk') return [entry('contact')];
    return shell.desks
      .filter((desk) => desk.id !== effect.not)
      .map((desk) => entry(`desk:${desk.id}`, `@${desk.id}`));
  }

  function traitsOf(session: Session): ChannelTraits {
    const abilities = shell.channels.get(session.address.channel)?.abilities;
    return {
      ours: abilities?.history === 'ours',
      marksChoice: abilities?.marksChoice ?? false,
      edits: abilities?.edits ?? false,
      isPublic: abilities?.isPublic ?? false,
      numbered: (message) => abilities !== undefined && isNumbered(message, abilities),
    };
  }

  async function apologise(contact: string, event: InboundEvent): Promise<void> {
    const session = await shell.talks.get(contact);
    if (!session || !isCustomerEvent(event)) return;
    const draft: Draft = {
      session: { ...session },
      acts: [],
      event,
      rules: shell.rules(),
      moment: { now: shell.clock(), today: '', channel: traitsOf(session), numbers: [], tickets: [] },
    };
    say(draft, { text: text(draft, 'sorry') });
    // The row is parked and not applied: when it is brought back it counts.
    await commit({ session: draft.session, acts: draft.acts }, [], parts.remembered.kept(session));
  }

  return { take, apologise };
}

/** Some parts of an album were taken by an earlier turn, before the others had come: only the rest is new. */
export class PartApplied extends Error {
  readonly rows: readonly string[];
  constructor(rows: readonly string[]) {
    super('part of an album was applied before');
    this.name = 'PartApplied';
    this.rows = rows;
  }
}

/** Thrown by the engine's look at tickets that were not loaded; it is no fault, so it needs no stack of its own. */
const NEEDED = new Error('the tickets are needed');
