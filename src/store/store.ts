// The ports through which everybody else keeps and finds things; mongoose behind them adapts nothing else.
import type { Address, Operator, Person } from '../core/contact.ts';
import type { JoinOutcome, Member } from '../core/customer.ts';
import type { InboundEvent } from '../core/event.ts';
import type { DeliveryState, Message, StoredMessage } from '../core/message.ts';
import type { Response } from '../core/response.ts';
import type { Session } from '../core/session.ts';
import type { Ticket, TicketPlace, TicketSummary } from '../core/ticket.ts';

export interface JournalRow {
  /** Sorts by arrival. */
  readonly id: string;
  readonly line: string;
  readonly event: InboundEvent;
  /** Failed attempts so far. */
  readonly tries: number;
}

export interface Journal {
  /** Durable once resolved. Gives the rows that are new; an event known already is no error and gives none. */
  insert(events: readonly InboundEvent[]): Promise<readonly JournalRow[]>;
  /** Rows not yet applied, oldest first, of one line or of all. */
  pending(line: string | undefined, limit: number): Promise<readonly JournalRow[]>;
  mark(ids: readonly string[]): Promise<void>;
  /** Those of the rows that are not marked as applied. */
  unapplied(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Counts a failure; after the last try the row is parked: it stays, with the reason, and is looked at by a person. */
  fail(id: string, reason: string, park: boolean): Promise<void>;
  parked(): Promise<readonly (JournalRow & { readonly reason: string })[]>;
  /** Brings a parked row back. */
  replay(id: string): Promise<boolean>;
}

export interface Sessions {
  load(contact: string): Promise<Session | undefined>;
  /** Writes it if the stored version is still `session.v`; the stored one becomes v+1. False: somebody else wrote first.
   * `before`: what stands in the store at that version, where it is known; then only what differs is written. */
  commit(session: Session, before?: Session): Promise<boolean>;
  /** Contacts whose `dueAt` is past. */
  due(now: number, limit: number): Promise<readonly string[]>;
}

export interface Contact {
  readonly id: string;
  readonly address: Address;
  readonly person: Person;
  readonly locale: string;
  readonly reachable: boolean;
  readonly muted: boolean;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
}

export interface Link {
  /** `<channel or desk place>`: where the network's message id is unique. */
  readonly place: string;
  /** The network's message id. */
  readonly network: string;
  /** Our message id. */
  readonly message: string;
  readonly ticket?: string;
}

export interface TicketFilter {
  readonly state?: 'open' | 'closed';
  readonly assignee?: string;
  readonly limit: number;
  /** Tickets changed before this moment and id, for paging. */
  readonly before?: { readonly changedAt: number; readonly id: string };
}

export interface Records {
  putResponse(response: Response): Promise<void>;
  responses(filter: { readonly limit: number; readonly before?: number }): Promise<readonly Response[]>;
  response(id: string): Promise<Response | undefined>;

  /** Inserting the same ticket again is no error and changes nothing. */
  openTicket(ticket: Ticket): Promise<void>;
  ticket(id: string): Promise<Ticket | undefined>;
  ticketAt(place: string): Promise<Ticket | undefined>;
  ticketByNumber(number: string): Promise<Ticket | undefined>;
  tickets(filter: TicketFilter): Promise<readonly Ticket[]>;
  /** The contact's tickets, newest first, with those of the contacts joined with it. */
  ticketsOf(contact: string, joined?: readonly Member[]): Promise<readonly TicketSummary[]>;
  /** Applies it once: the same `key` again changes nothing. Gives the ticket after it. */
  changeTicket(
    id: string,
    key: string,
    change: { readonly set: Partial<Ticket>; readonly history: Ticket['history'] },
  ): Promise<Ticket | undefined>;
  setPlaces(id: string, places: readonly TicketPlace[]): Promise<void>;
  /** Every place of the old chat now is one of the new: a group became a supergroup. */
  movePlaces(desk: string, from: string, to: string): Promise<void>;

  /** Inserting the same id again is no error and changes nothing. */
  keepMessage(message: StoredMessage): Promise<void>;
  message(id: string): Promise<StoredMessage | undefined>;
  messageByOrigin(contact: string, origin: string): Promise<StoredMessage | undefined>;
  messagesSince(contact: string, seq: number, limit: number): Promise<readonly StoredMessage[]>;
  /** The last ones, oldest first. */
  lastMessages(contact: string, limit: number): Promise<readonly StoredMessage[]>;
  ticketMessages(ticket: string): Promise<readonly StoredMessage[]>;
  rewordMessage(id: string, text: string, at: number): Promise<void>;
  /** Another text and other choices in its place: a question whose choice is made. */
  redrawMessage(id: string, next: Message): Promise<void>;
  setFate(id: string, state: DeliveryState, reason?: string): Promise<void>;

  putLinks(links: readonly Link[]): Promise<void>;
  linkOf(place: string, network: string): Promise<Link | undefined>;
  linksOf(place: string, message: string): Promise<readonly string[]>;

  putContact(
    contact: Partial<Omit<Contact, 'id' | 'address' | 'firstSeenAt'>> & Pick<Contact, 'id' | 'address'>,
    now: number,
  ): Promise<void>;
  contact(id: string): Promise<Contact | undefined>;

  audit(entry: {
    readonly at: number;
    readonly by?: Operator;
    readonly what: string;
    readonly on?: string;
  }): Promise<void>;
}

/** What became of a code; the members are all contacts of the customer after it. */
export type Joined =
  | { readonly outcome: 'joined'; readonly members: readonly Member[] }
  | { readonly outcome: Exclude<JoinOutcome, 'joined'> };

export interface Customers {
  /** The contacts joined with this one; none where it stands alone. */
  joinedWith(contact: string): Promise<readonly Member[]>;
  /** Keeps a code's hash, in place of an earlier one of the contact. The same again changes nothing. */
  offer(code: Member & { readonly hash: string; readonly until: number }): Promise<void>;
  /** Joins the contact with the one that offered the code, once: the same `key` again changes nothing. */
  join(key: string, hash: string, by: Member, now: number): Promise<Joined>;
  /** Parts it from the others, once; gives those it was joined with, or undefined where it stood alone. */
  part(key: string, contact: string): Promise<readonly Member[] | undefined>;
  /** Takes away whatever is known of the contact here. */
  forget(contact: string): Promise<void>;
}

export interface FlowSource {
  /** Content hash of everything below. */
  readonly hash: string;
  readonly files: Readonly<Record<string, string>>;
  readonly at: number;
}

export interface Releases {
  /** The same hash again is no error. */
  put(source: FlowSource): Promise<void>;
  get(hash: string): Promise<FlowSource | undefined>;
}

/** Small values that are made once: keys, counters, the admin's password hash, cursors of receive loops. */
export interface Settings {
  get(name: string): Promise<string | undefined>;
  /** Keeps `value` unless there is one already; gives the one that stands. */
  once(name: string, value: string): Promise<string>;
  set(name: string, value: string): Promise<void>;
  /** Adds and gives the value after. */
  add(name: string, by: number): Promise<number>;
}

export interface Store {
  readonly journal: Journal;
  readonly sessions: Sessions;
  readonly records: Records;
  readonly customers: Customers;
  readonly releases: Releases;
  readonly settings: Settings;
  /** Round trip to the database; rejects when it cannot be reached. */
  ping(): Promise<void>;
  stop(): Promise<void>;
}
