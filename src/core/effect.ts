// What a turn decided to do. Plain data: kept in the session's outbox by the same write that commits the turn,
// performed afterwards by app/perform.ts, each under its own id.
import type { Operator, Person } from './contact.ts';
import type { Attachment, Author, DeliveryState, Message, StoredMessage } from './message.ts';
import type { Response } from './response.ts';
import type { Ticket, TicketChange, TicketStatus } from './ticket.ts';

export type Effect =
  /** Say something to the contact. */
  | {
      readonly kind: 'say';
      readonly message: Message;
      /** Its place in the contact's talk. */
      readonly seq: number;
      /** Absent: the bot. */
      readonly author?: Author;
      /** The ticket it speaks of: then the message is kept, and its fate shown at the desk. */
      readonly ticket?: string;
      /** The desk's id of the operator's message it came from. */
      readonly origin?: string;
      /** True when a second copy does no harm: sent again when the fate of the first is unknown. */
      readonly repeatable: boolean;
    }
  /** Show a message of ours anew: what was chosen, with other buttons or none. Never retried when refused. */
  | {
      readonly kind: 'redraw';
      /** The network's id. */
      readonly message: string;
      readonly next: Message;
    }
  /** Change the wording of a message we sent. */
  | { readonly kind: 'revise' /** Our id. */; readonly message: string; readonly text: string }
  /** Keep a message of the customer's or a note. */
  | { readonly kind: 'keep'; readonly message: StoredMessage }
  /** Keep another wording of a kept message, the old one beside it. */
  | { readonly kind: 'reword'; readonly message: string; readonly text: string; readonly at: number }
  /** Our message and a network's id of it are one: replies and edits find their twin only through this. */
  | {
      readonly kind: 'link';
      readonly place: string;
      readonly network: string;
      readonly message: string;
      readonly ticket: string;
    }
  /** Set how far a kept message got. */
  | {
      readonly kind: 'fate';
      readonly message: string;
      readonly state: DeliveryState;
      readonly reason?: string;
    }
  | { readonly kind: 'record'; readonly response: Response }
  | { readonly kind: 'open'; readonly ticket: Ticket }
  | {
      readonly kind: 'change';
      readonly ticket: string;
      readonly set: {
        readonly status?: TicketStatus;
        readonly assignee?: Operator;
        readonly reachable?: boolean;
        readonly closedAt?: number;
      };
      readonly history: readonly TicketChange[];
    }
  /** What we know of the person changed. */
  | {
      readonly kind: 'profile';
      readonly person?: Person;
      readonly locale?: string;
      readonly reachable?: boolean;
      readonly muted?: boolean;
    }
  /** Keep the code that the contact may show in another chat: its hash, never the code. */
  | {
      readonly kind: 'offer';
      readonly hash: string;
      /** Milliseconds since 1970. */
      readonly until: number;
    }
  /** Join this contact with the one that offered the code. What became of it comes back as an event. */
  | { readonly kind: 'join'; readonly hash: string }
  /** Part this contact from those it is joined with. */
  | { readonly kind: 'part' }
  /** Hand words over to the joined contact whose ticket they are for. */
  | {
      readonly kind: 'pass';
      readonly contact: string;
      readonly ticket: string;
      readonly text: string;
      readonly attachments?: readonly Attachment[];
    }
  /** Copy files that lie at a network into our own store, while the network still has them. */
  | { readonly kind: 'hold'; readonly attachments: readonly Attachment[] }
  /** Show it at every desk, or at all but the one it came from. */
  | { readonly kind: 'desk'; readonly ticket: string; readonly show: DeskShow; readonly not?: string };

export type DeskShow =
  /** A place of its own for the ticket, with its card. */
  | { readonly what: 'open' }
  /** A kept message, copied in. */
  | { readonly what: 'line'; readonly message: string }
  /** The card and the title anew. */
  | { readonly what: 'card' }
  /** Another wording of a line; `message` is our id of it. */
  | { readonly what: 'reworded'; readonly message: string; readonly before: string; readonly after: string }
  /** A sentence of the machine's, in the desk's language; `replyTo` is the desk's id of the message it answers. */
  | { readonly what: 'notice'; readonly text: string; readonly replyTo?: string };

/** Effects that only touch the store: performed in order before the contact's next event is looked at. */
export const STORE_EFFECTS = [
  'keep',
  'reword',
  'link',
  'fate',
  'record',
  'open',
  'change',
  'profile',
  'offer',
] as const satisfies readonly Effect['kind'][];

/** Effects that concern other contacts too: what comes of them is an event for each. */
export const JOIN_EFFECTS = ['join', 'part', 'pass'] as const satisfies readonly Effect['kind'][];

/** Where an entry waits: the store, the contact's channel, other contacts, or a desk. Order is kept within a lane. */
export type Lane = 'store' | 'contact' | 'media' | 'join' | `desk:${string}`;

export interface OutboxEntry {
  /** Unique for ever: `<contact>.<n>`. */
  readonly id: string;
  readonly lane: Lane;
  readonly effect: Effect;
  /** `sending`: a call may have been made whose result was not recorded. */
  readonly state: 'pending' | 'sending';
  readonly tries: number;
  /** Not before; milliseconds since 1970. */
  readonly at: number;
}
