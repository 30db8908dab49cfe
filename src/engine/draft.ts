// One turn while it is being decided: the session as it will be, and the effects in their order. Lives only inside advance().

import { placeOf } from '../core/contact.ts';
import type { DeskShow, Effect } from '../core/effect.ts';
import type { CustomerEvent, DeskEvent, InboundEvent } from '../core/event.ts';
import { isCustomerEvent } from '../core/event.ts';
import type { Attachment, Author, Message, StoredMessage } from '../core/message.ts';
import type { Session } from '../core/session.ts';
import type { Ticket, TicketSummary } from '../core/ticket.ts';
import type { Release } from '../flow/flow.ts';
import type { Texts } from '../text/texts.ts';
import type { Words } from './answer/index.ts';
import { isCommon } from './button.ts';

/** What holds for every turn until settings or flows change. */
export interface Rules {
  /** Talks that begin now begin in this release. */
  readonly current: Release;
  /** The release a talk began in. The shell has it loaded before the turn. */
  readonly release: (hash: string) => Release | undefined;
  readonly texts: Texts;
  readonly words: Words;
  /** Languages a customer may choose. */
  readonly locales: readonly string[];
  readonly deskLocale: string;
  /** ISO 3166 country for telephone numbers written without one. */
  readonly country: string;
}

/** What the contact's channel can do, as far as it changes what is said. */
export interface ChannelTraits {
  /** We keep every message, because the channel shows our history. */
  readonly ours: boolean;
  readonly marksChoice: boolean;
  readonly edits: boolean;
  /** Everybody reads it: the machine says nothing there of its own accord but that it was heard. */
  readonly isPublic?: boolean;
  /** True where the channel writes such choices as a numbered list to answer by typing. */
  readonly numbered: (message: Message) => boolean;
}

/** Codes by which two chats of one person are joined. */
export interface Codes {
  /** One that nobody has. */
  fresh(): string;
  /** What is kept in place of a code. */
  hash(code: string): string;
}

/** What holds for this one turn. The engine reads no clock and makes no randomness. */
export interface Moment {
  readonly now: number;
  /** YYYY-MM-DD where the company is. */
  readonly today: string;
  readonly channel: ChannelTraits;
  /** Public ticket numbers nobody else has, used in order for the tickets this turn opens. */
  readonly numbers: readonly string[];
  /** The contact's tickets and those of the contacts joined with it, newest first. */
  readonly tickets: readonly TicketSummary[];
  /** Absent where chats cannot be joined. */
  readonly codes?: Codes;
  /** The ticket the event is about, where it names one. */
  readonly ticket?: Ticket;
  /** The kept message that the event edits, resends or answers. */
  readonly about?: StoredMessage;
}

export interface Act {
  /** Unique for ever: the outbox entry's id, and the id of the message it says or keeps. */
  readonly id: string;
  readonly effect: Effect;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface Draft {
  readonly session: Mutable<Session>;
  readonly acts: Act[];
  readonly event: InboundEvent;
  readonly rules: Rules;
  readonly moment: Moment;
}

export function act(draft: Draft, effect: Effect): string {
  draft.session.n += 1;
  const id = `${draft.session.id}.${draft.session.n.toString(36)}`;
  draft.acts.push({ id, effect });
  return id;
}

/** A text of the machine's own, in the customer's language. */
export function text(draft: Draft, key: string, vars?: Readonly<Record<string, string | number>>): string {
  return draft.rules.texts.t(draft.session.locale, `engine:${key}`, vars);
}

export function deskText(
  draft: Draft,
  key: string,
  vars?: Readonly<Record<string, string | number>>,
): string {
  return draft.rules.texts.t(draft.rules.deskLocale, `desk:${key}`, vars);
}

export interface SayOptions {
  readonly author?: Author;
  readonly ticket?: string;
  readonly origin?: string;
  readonly repeatable?: boolean;
  /** Said by the machine even where everybody reads it. */
  readonly publicly?: true;
}

/** The machine's own words. Where everybody reads them it says only what is meant for everybody. */
export function say(draft: Draft, message: Message, options: SayOptions = {}): void {
  const { publicly, ...rest } = options;
  if (draft.moment.channel.isPublic && !publicly) return;
  offer(draft, message);
  speak(draft, message, rest);
}

/** A number typed next means one of these, where they are shown with numbers and belong to no question. */
function offer({ session, moment }: Draft, message: Message): void {
  const ids = (message.choices ?? []).filter(({ url }) => url === undefined).map(({ id }) => id);
  delete session.offered;
  if (ids.length > 0 && ids.every(isCommon) && moment.channel.numbered(message)) session.offered = ids;
}

/** Somebody's words to the contact; gives our id of them. */
export function speak(draft: Draft, message: Message, options: Omit<SayOptions, 'publicly'> = {}): string {
  draft.session.seq += 1;
  return act(draft, { kind: 'say', message, seq: draft.session.seq, repeatable: true, ...options });
}

export function desk(draft: Draft, ticket: string, show: DeskShow, not?: string): void {
  act(draft, not === undefined ? { kind: 'desk', ticket, show } : { kind: 'desk', ticket, show, not });
}

export function notice(draft: Draft, ticket: string, sentence: string, replyTo?: string): void {
  desk(draft, ticket, { what: 'notice', text: sentence, ...(replyTo === undefined ? {} : { replyTo }) });
}

/** How a kept message is called by its sender; the chat and the desks count theirs apart. */
export function originOf(event: CustomerEvent | DeskEvent): string {
  // A press names the message it was made on, which is not its own.
  const named = event.kind === 'press' || !('message' in event) ? undefined : event.message;
  const own = named ?? event.id;
  return isCustomerEvent(event) ? `in:${own}` : `${event.channel}:${event.place ?? ''}:${own}`;
}

/** Keeps what the customer said: always where the history is ours, else only where it belongs to a ticket. */
export function keepCustomers(
  draft: Draft,
  event: CustomerEvent,
  message: Message,
  ticket?: string,
): string | undefined {
  if (ticket === undefined && !draft.moment.channel.ours) return undefined;
  const { session, moment } = draft;
  session.seq += 1;
  const name = event.person?.name ?? session.name;
  const id = nextId(draft);
  act(draft, {
    kind: 'keep',
    message: {
      ...message,
      id,
      contact: session.id,
      seq: session.seq,
      author: name === undefined ? { kind: 'customer' } : { kind: 'customer', name },
      at: moment.now,
      origin: originOf(event),
      ...(ticket === undefined ? {} : { ticket }),
    },
  });
  if (ticket !== undefined && 'message' in event && event.message !== undefined) {
    act(draft, {
      kind: 'link',
      place: placeOf(session.address),
      network: event.message,
      message: id,
      ticket,
    });
  }
  return id;
}

/** The id that the next act will have. */
export const nextId = ({ session }: Draft): string => `${session.id}.${(session.n + 1).toString(36)}`;

/** Copies files that lie at a network while it still has them. */
export function hold(draft: Draft, attachments: readonly Attachment[] | undefined): void {
  const away = attachments?.filter((file) => file.ref !== undefined && !file.ref.startsWith('media:')) ?? [];
  if (away.length > 0) act(draft, { kind: 'hold', attachments: away });
}
