// The port of a place where operators work. It shows; what operators do comes back as events through the journal.
import type { Health, Intake, Rate } from '../channels/channel.ts';
import type { DeskShow } from '../core/effect.ts';
import type { DeskEvent } from '../core/event.ts';
import type { StoredMessage } from '../core/message.ts';
import type { Ticket, TicketPlace } from '../core/ticket.ts';

/** What a desk did, to be kept. */
export interface Shown {
  /** The place as it is now, when it was made, moved or given up. */
  readonly places?: readonly TicketPlace[];
  /** The desk's ids of the messages that show our kept message. */
  readonly links?: readonly string[];
}

/** What a desk may ask the store for. */
export interface DeskRecords {
  /** The ticket's messages, oldest first. */
  messages(ticket: string): Promise<readonly StoredMessage[]>;
  message(id: string): Promise<StoredMessage | undefined>;
  /** The desk's ids of the messages that show our message in this place. */
  links(place: string, message: string): Promise<readonly string[]>;
}

/** A ticket as a desk shows it. */
export type ShownTicket = Ticket & {
  /** Where else the customer is, in the desk's language; absent: nowhere known. */
  readonly alsoOn?: readonly string[];
};

export interface Desk {
  readonly id: string;
  readonly rate?: Rate;
  /** The key sends to this ticket's place are rated by: one per group chat, say. */
  rateKey(ticket: Ticket): string;
  start(intake: Intake): Promise<void>;
  stop(): Promise<void>;
  health(now: number): Health;
  /** May this person still act here? Asked anew for each event, answers may be remembered for a minute. */
  authorise(event: DeskEvent): Promise<boolean>;
  /** The key that a place has now: a group may have moved since something happened there. Absent: none ever changes. */
  placeNow?(place: string): string;
  /** Tells whoever acted in a place that belongs to no ticket that nothing came of it. Best effort. */
  stray?(event: DeskEvent): void;
  /** Throws DeliveryError and nothing else. */
  show(ticket: ShownTicket, show: DeskShow, key: string): Promise<Shown>;
  /** Says something to all operators, in no ticket's place. Throws DeliveryError and nothing else. */
  announce?(text: string): Promise<void>;
}
