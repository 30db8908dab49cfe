// What travels between the page and the server of the stand-in, as plain data. Both sides read it; neither adds to it.

export interface WireKey {
  readonly fromMe: boolean;
  /** The chat, as an id such as `15551110001@c.us`. */
  readonly remote: string;
  readonly id: string;
  readonly participant?: string;
}

/** A message with all its attributes, ids as text. */
export interface WireMessage {
  readonly key: WireKey;
  readonly from: string;
  readonly to: string;
  readonly author?: string;
  readonly type: string;
  /** Seconds since 1970. */
  readonly t: number;
  readonly ack: number;
  readonly body?: string;
  readonly caption?: string;
  readonly [attribute: string]: unknown;
}

export interface WirePollOption {
  readonly name: string;
  readonly localId: number;
}

export interface WireContact {
  readonly pn: string;
  readonly lid: string;
  readonly name: string;
  /** Whether the page is told which number belongs to the lid without asking. */
  readonly paired: boolean;
}

export interface WireChat {
  readonly id: string;
  readonly kind: 'user' | 'group' | 'status';
  readonly name: string;
  readonly unread: number;
  readonly t: number;
  readonly members?: readonly string[];
  /** The newest ones, oldest first. */
  readonly messages: readonly WireMessage[];
}

export interface WireVote {
  readonly key: WireKey;
  readonly poll: WireKey;
  readonly voter: string;
  /** Local ids of all options chosen now; empty when the vote was taken back. */
  readonly chosen: readonly number[];
  readonly tMs: number;
}

export interface WireReaction {
  readonly key: WireKey;
  readonly to: WireKey;
  readonly from: string;
  readonly text: string;
  readonly tMs: number;
}

/** What happened in the account; kept in a log, so that a page that was away is told in order. */
export type WireEvent =
  | { readonly kind: 'message'; readonly chat: WireChat; readonly message: WireMessage }
  | { readonly kind: 'change'; readonly key: WireKey; readonly set: Readonly<Record<string, unknown>> }
  | { readonly kind: 'vote'; readonly vote: WireVote }
  | { readonly kind: 'reaction'; readonly reaction: WireReaction }
  | { readonly kind: 'unread'; readonly chat: string; readonly unread: number }
  | { readonly kind: 'contact'; readonly contact: WireContact };

export interface WireAccount {
  readonly pn: string;
  readonly lid: string;
  readonly name: string;
}

export interface Snapshot {
  readonly me: WireAccount;
  /** Number of the newest event it contains. */
  readonly seq: number;
  readonly chats: readonly WireChat[];
  readonly contacts: readonly WireContact[];
  readonly votes: readonly WireVote[];
}

/** What the server says without being asked. */
export type Push =
  | { readonly push: 'ref'; readonly ref: string }
  | { readonly push: 'linked'; readonly device: string; readonly snapshot: Snapshot }
  | { readonly push: 'resumed' }
  | { readonly push: 'event'; readonly seq: number; readonly event: WireEvent }
  | { readonly push: 'unlinked' }
  | { readonly push: 'state'; readonly state: string }
  | { readonly push: 'resync' | 'reload' | 'freeze' };

export interface Ask {
  readonly ask: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export type Answer =
  | { readonly answer: number; readonly result: unknown }
  | { readonly answer: number; readonly error: number; readonly text: string };

export interface PageConfig {
  /** What message keys call their text. */
  readonly keyField: '_serialized' | '$1';
  readonly version: string;
  /** Whether the page has synced before anybody can listen. */
  readonly syncEarly: boolean;
}
