// Everything that happens enters as one of these, by one door: the journal. Plain data, JSON and BSON alike.
import { type Address, contactIdOf, type Operator, type Person } from './contact.ts';
import type { JoinOutcome, PartOutcome } from './customer.ts';
import type { Attachment } from './message.ts';

interface Envelope {
  /** Unique within (channel, account): the same happening always gets the same id. */
  readonly id: string;
  readonly channel: string;
  readonly account: string;
  /** When it happened, by the network's clock where it tells; milliseconds since 1970. */
  readonly at: number;
}

/** What a customer did. */
export type CustomerAct =
  | {
      readonly kind: 'message';
      readonly text: string;
      readonly attachments?: readonly Attachment[];
      /** The network's id of this message. */
      readonly message?: string;
      /** The network's id of the message it answers. */
      readonly replyTo?: string;
      /** Parts of one album share it; they are joined before the engine sees them. */
      readonly group?: string;
      /** A link to where it was written, for operators; a public place has one. */
      readonly source?: string;
    }
  | {
      readonly kind: 'press';
      readonly button: string /** The network's id of the message pressed, where it tells and it can be shown anew. */;
      readonly message?: string;
    }
  | { readonly kind: 'start' /** The payload of a deep link. */; readonly payload?: string }
  | { readonly kind: 'edit'; readonly message: string; readonly text: string }
  | {
      readonly kind: 'reach' /** False once they blocked us or left. */;
      readonly reachable: boolean;
      readonly reason?: string;
    }
  | { readonly kind: 'locale'; readonly locale: string }
  /** A human of ours answered from the network's own inbox, past the desk: the customer has these words already. */
  | {
      readonly kind: 'outside';
      readonly by: Operator;
      readonly text: string;
      readonly attachments?: readonly Attachment[];
      /** The network's id of this message. */
      readonly message: string;
      readonly group?: string;
    }
  /** The network tells, after the send, what became of a message of ours. */
  | {
      readonly kind: 'receipt';
      /** The `key` it was sent with. */
      readonly key: string;
      readonly state: 'sent' | 'failed';
      /** A stable word, as in DeliveryError; only with `failed`. */
      readonly reason?: string;
    };

export type CustomerEvent = Envelope & { readonly peer: string; readonly person?: Person } & CustomerAct;

/** What an operator did at a desk. Who they are has been told by the desk; whether they may is checked after the journal. */
export type DeskAct =
  /** Plain words in the ticket's place: the assignee's go to the customer, everyone else's are notes. */
  | {
      readonly act: 'write';
      readonly text: string;
      readonly attachments?: readonly Attachment[];
      readonly replyTo?: string;
      readonly group?: string;
    }
  | {
      readonly act: 'note';
      readonly text: string;
      readonly attachments?: readonly Attachment[];
      readonly group?: string;
    }
  | { readonly act: 'edit'; readonly text: string }
  | { readonly act: 'claim' /** Take it over from whoever has it. */; readonly force?: boolean }
  | { readonly act: 'close' /** What the customer is told, if anything. */; readonly text?: string }
  | {
      readonly act: 'resend' /** Our id of the message whose fate is unknown or failed. */;
      readonly message: string;
    }
  /** Put in place of the act of somebody who may not act here. */
  | { readonly act: 'refused' }
  /** A command that the desk does not know: the operator is told what there is. */
  | { readonly act: 'unknown'; readonly text: string };

export type DeskEvent = Envelope & {
  readonly kind: 'desk';
  readonly operator: Operator;
  /** The ticket's id, where the desk knows it; else `place` leads to it. */
  readonly ticket?: string;
  /** The desk's own key of the ticket's place, e.g. `<chat>:<thread>`. */
  readonly place?: string;
  /** The desk's id of the message. */
  readonly message?: string;
} & DeskAct;

/** A timer of the session came due. */
export interface TimerEvent extends Envelope {
  readonly kind: 'timer';
  readonly contact: string;
  readonly timer: string;
  /** When it was due: a timer set anew since then has another. */
  readonly due: number;
}

/** A message of ours for which the network gave a final no, or whose fate is unknown. */
export interface UndeliveredEvent extends Envelope {
  readonly kind: 'undelivered';
  readonly contact: string;
  /** Our id of the message. */
  readonly message: string;
  readonly ticket: string;
  readonly state: 'failed' | 'unknown';
  readonly reason: string;
}

/** What became of a contact's wish to be joined with another or parted from it: told to each contact concerned. */
export interface JoiningEvent extends Envelope {
  readonly kind: 'joining';
  readonly contact: string;
  readonly outcome: JoinOutcome | PartOutcome;
  /** Channels of the contacts it is joined with now; with `left`, of the one that went. */
  readonly others: readonly string[];
}

/** Words for a ticket of this contact, written in another one that is joined with it. */
export interface AdditionEvent extends Envelope {
  readonly kind: 'addition';
  readonly contact: string;
  readonly ticket: string;
  /** The channel they were written in. */
  readonly from: string;
  readonly text: string;
  readonly attachments?: readonly Attachment[];
}

export type InboundEvent =
  | CustomerEvent
  | DeskEvent
  | TimerEvent
  | UndeliveredEvent
  | JoiningEvent
  | AdditionEvent;

export function isCustomerEvent(event: InboundEvent): event is CustomerEvent {
  return 'peer' in event;
}

export function addressOf(event: CustomerEvent): Address {
  return { channel: event.channel, account: event.account, peer: event.peer };
}

/** Events with the same line are handled one after another, in the order they came. */
export function lineOf(event: InboundEvent): string {
  if (isCustomerEvent(event)) return contactIdOf(addressOf(event));
  if (event.kind === 'desk') return `desk:${event.channel}:${event.ticket ?? event.place ?? ''}`;
  return event.contact;
}
