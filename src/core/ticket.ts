// One complaint or request. It outlives the chat it came from; its public number alone opens nothing.
import type { Operator } from './contact.ts';
import type { Member } from './customer.ts';
import type { Attachment } from './message.ts';

/** After ISO 10002; the allowed changes stand in tickets/lifecycle.ts. */
export const TICKET_STATUSES = [
  'received',
  'acknowledged',
  'assessed',
  'in_progress',
  'waiting',
  'resolved',
  'communicated',
  'closed',
  'rejected',
  'reopened',
] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

export const TICKET_KINDS = ['complaint', 'request', 'contact'] as const;
/** `contact`: a yes to "may we contact you?". */
export type TicketKind = (typeof TICKET_KINDS)[number];

/** One answer of the intake as an operator reads it. */
export interface TicketField {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}

export interface TicketChange {
  readonly at: number;
  /** Absent: the customer or the machine. */
  readonly by?: Operator;
  readonly what: 'opened' | 'status' | 'assigned' | 'note' | 'field';
  readonly from?: string;
  readonly to?: string;
}

/** A ticket's thread at a desk. */
export interface TicketPlace {
  /** The desk's id. */
  readonly desk: string;
  /** Unique over all tickets: `<desk>:<chat>:<thread>`. */
  readonly key: string;
  /** False once it was deleted and another took its place. */
  readonly live: boolean;
  /** The desk's id of the card's message. */
  readonly card?: string;
}

export interface Ticket {
  readonly id: string;
  /** Compare-and-set guard. */
  readonly v: number;
  /** Public, e.g. `K7-48213`. */
  readonly number: string;
  readonly kind: TicketKind;
  readonly status: TicketStatus;
  readonly contact: string;
  readonly channel: string;
  readonly account: string;
  readonly locale: string;
  /** As the customer is shown to operators. */
  readonly customer: string;
  /** Category ids from the root of the tree down. */
  readonly category: readonly string[];
  /** First words of the complaint, for lists and titles. */
  readonly subject: string;
  readonly fields: readonly TicketField[];
  readonly evidence: readonly Attachment[];
  readonly assignee?: Operator;
  /** False while the customer has blocked us or left. */
  readonly reachable: boolean;
  readonly history: readonly TicketChange[];
  readonly places: readonly TicketPlace[];
  /** The response it followed from. */
  readonly response?: string;
  readonly openedAt: number;
  readonly changedAt: number;
  readonly closedAt?: number;
}

/** What a customer is shown of their ticket. */
export type TicketSummary = Pick<Ticket, 'id' | 'number' | 'status' | 'subject' | 'openedAt' | 'kind'> & {
  /** The joined contact that opened it; absent where it is their own. */
  readonly elsewhere?: Member;
};
