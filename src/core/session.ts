// Where a contact stands, with all that must be committed at once: position, answers, outbox, timers, applied events.
import type { Address } from './contact.ts';
import type { OutboxEntry } from './effect.ts';
import type { Value } from './expect.ts';
import type { Attachment } from './message.ts';

/** A place in one flow. */
export interface Frame {
  readonly flow: string;
  /** The node being asked, or about to be entered. */
  readonly node: string;
  /** In the order given: the last is the one "back" takes away. */
  readonly answers: Readonly<Record<string, Value>>;
  /** Set while one answer is being corrected: the node to return to. */
  readonly back?: string;
  /** How many wrong answers in a row at this node. */
  readonly again?: number;
  /** The run's step when this flow began: buttons of earlier questions are not its own. */
  readonly since: number;
  /** Answers that stand although an earlier one was changed: not asked again where the new way comes by. */
  readonly kept?: Readonly<Record<string, Value>>;
  /** Its response was recorded as complete. */
  readonly recorded?: true;
}

/** A talk with the bot. */
export interface Run {
  /** Short, unique for the contact; part of every button's id. */
  readonly id: string;
  /** The release it began with and ends in. */
  readonly release: string;
  /** How many questions were asked; part of every button's id. */
  readonly step: number;
  /** The innermost last. */
  readonly frames: readonly Frame[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Many-choice ticks so far at this step. */
  readonly ticks?: readonly string[];
  /** Files taken so far at this step. */
  readonly files?: readonly Attachment[];
}

export interface Timer {
  readonly name: 'remind' | 'expire';
  /** Milliseconds since 1970. */
  readonly due: number;
}

export interface OpenTicket {
  readonly id: string;
  readonly number: string;
}

/** Another chat of the same person is being joined. */
export interface Joining {
  /** Until then a bare code is taken for one; milliseconds since 1970. */
  readonly until: number;
  /** When the codes were typed that proved wrong, or of which it is not known yet. */
  readonly tries: readonly number[];
}

export interface Session {
  /** The contact's id. */
  readonly id: string;
  /** Grows by one with every write; compare-and-set guard. 0: never stored. */
  readonly v: number;
  readonly address: Address;
  readonly locale: string;
  /** The name the network gave, for operators. */
  readonly name?: string;
  /** Counter of everything this contact's turns made: outbox entries, messages, runs. */
  readonly n: number;
  /** Counter of the messages kept for this contact. */
  readonly seq: number;
  readonly reachable: boolean;
  /** They said "stop": nothing is sent that they did not ask for. */
  readonly muted: boolean;
  readonly run?: Run;
  /** The ticket whose operator they are talking with: their words go there. */
  readonly talk?: OpenTicket;
  /** Their tickets that are not closed, newest first. */
  readonly open: readonly OpenTicket[];
  /** The button whose press ended the last talk: the same again is a double tap. */
  readonly lastPress?: string;
  /** Present once they asked to join another chat. */
  readonly joining?: Joining;
  /** Ids of the buttons of no question that were offered last, where they are typed by their numbers. */
  readonly offered?: readonly string[];
  readonly timers: readonly Timer[];
  readonly outbox: readonly OutboxEntry[];
  /** Ids of journal rows applied whose mark in the journal is not yet known to be written. */
  readonly applied: readonly string[];
}

export function newSession(id: string, address: Address, locale: string): Session {
  return {
    id,
    v: 0,
    address,
    locale,
    n: 0,
    seq: 0,
    reachable: true,
    muted: false,
    open: [],
    timers: [],
    outbox: [],
    applied: [],
  };
}

/** When the session next wants attention without an event: a timer or a waiting send. Absent: never. */
export function dueAt(session: Session): number | undefined {
  let due: number | undefined;
  for (const timer of session.timers) if (due === undefined || timer.due < due) due = timer.due;
  for (const entry of session.outbox) if (due === undefined || entry.at < due) due = entry.at;
  return due;
}
