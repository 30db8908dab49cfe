// What is said, free of any network. A channel fits it to its own abilities (channels/fit.ts).

export const ATTACHMENT_KINDS = [
  'photo',
  'video',
  'voice',
  'audio',
  'document',
  'sticker',
  'location',
  'contact',
] as const;
export type AttachmentKind = (typeof ATTACHMENT_KINDS)[number];

export interface Attachment {
  readonly kind: AttachmentKind;
  /** Where the bytes are: `media:<id>` in our own store, `<channel>:<opaque>` at a network. Absent for location and contact. */
  readonly ref?: string;
  readonly name?: string;
  readonly mime?: string;
  /** What was written beside it. */
  readonly caption?: string;
  /** Bytes, as far as the network told. */
  readonly size?: number;
  readonly location?: { readonly latitude: number; readonly longitude: number };
  readonly contact?: { readonly name: string; readonly phone: string };
}

export interface Choice {
  /** Opaque, at most 32 ASCII characters: comes back as a press. Empty for a link. */
  readonly id: string;
  readonly label: string;
  /** An https link to open instead of a press. */
  readonly url?: string;
}

export interface Message {
  readonly text: string;
  readonly choices?: readonly Choice[];
  /** How the choices read best: a row of steps, or one below another (the default). */
  readonly layout?: 'scale' | 'list';
  readonly attachments?: readonly Attachment[];
  /** Our id of the message this one answers. */
  readonly replyTo?: string;
}

export type Author =
  | { readonly kind: 'customer'; readonly name?: string }
  | { readonly kind: 'bot' }
  | { readonly kind: 'operator'; readonly id: string; readonly name: string };

/** How far a message of ours got. `unknown`: the answer was lost after it may have arrived. */
export type DeliveryState = 'pending' | 'sent' | 'failed' | 'unknown';

/** A message we keep: all of a ticket's, and all of a channel that has no history of its own. */
export interface StoredMessage extends Message {
  readonly id: string;
  readonly contact: string;
  /** Grows by at least one with each message of the contact; the chat page catches up by it. */
  readonly seq: number;
  readonly author: Author;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The ticket it belongs to. */
  readonly ticket?: string;
  /** True for what operators write among themselves: it never goes to a customer. */
  readonly note?: boolean;
  /** Gathered for operators from what the customer already sees elsewhere in the talk: their page does not show it again. */
  readonly gathered?: boolean;
  /** Ours only. */
  readonly state?: DeliveryState;
  /** Why it failed, in the desk's words. */
  readonly reason?: string;
  /** Earlier wordings, oldest first. */
  readonly revisions?: readonly { readonly text: string; readonly at: number }[];
  /** The sender's own id of it: the network's message id, or the page's client id. */
  readonly origin?: string;
}
