// What the program and the process that holds the browser say to each other. Plain data; nothing of the library's own.
import type { Verdict } from '../../../core/errors.ts';

/** A message as WhatsApp Web holds it, read into plain facts. */
export interface RawMessage {
  /** The same whichever id the chat goes by. */
  readonly id: string;
  /** The other one's id there: `…@c.us` or `…@lid`. */
  readonly chat: string;
  /** Their number's id, where the chat goes by a hidden one and the number is known. */
  readonly phone?: string;
  readonly fromMe: boolean;
  /** Sent by a device that is no telephone, as ours is. */
  readonly byWeb: boolean;
  readonly type: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** As they call themselves. */
  readonly name?: string;
  readonly replyTo?: string;
  /** Milliseconds since 1970; absent: never changed. */
  readonly editedAt?: number;
  readonly file?: { readonly size?: number; readonly mime?: string; readonly name?: string };
  readonly location?: { readonly latitude: number; readonly longitude: number; readonly title?: string };
  readonly cards?: readonly string[];
}

export interface Vote {
  /** The id of the message that is the poll. */
  readonly poll: string;
  readonly chat: string;
  readonly phone?: string;
  /** The places of the options chosen now, from 0. */
  readonly chosen: readonly number[];
  /** Their words, where the page tells them. */
  readonly words: readonly (string | undefined)[];
  readonly at: number;
}

export type Said =
  | { readonly on: 'qr'; readonly qr: string }
  | { readonly on: 'code'; readonly code: string }
  | { readonly on: 'authenticated' }
  /** May come several times in one life. */
  | { readonly on: 'ready'; readonly account: string; readonly name: string; readonly version: string }
  | { readonly on: 'state'; readonly state: string }
  /** The account let go of us, or another window took over. */
  | { readonly on: 'gone'; readonly why: string }
  /** The browser or the page is no more; this process ends by itself. */
  | { readonly on: 'broken'; readonly why: string }
  | { readonly on: 'message' | 'own' | 'edit' | 'sealed' | 'lost'; readonly message: RawMessage }
  | { readonly on: 'vote'; readonly vote: Vote }
  | { readonly on: 'ack'; readonly id: string; readonly ack: number };

export type Content =
  | { readonly as: 'text'; readonly text: string }
  | { readonly as: 'poll'; readonly text: string; readonly options: readonly string[] }
  | {
      readonly as: 'photo' | 'video' | 'voice' | 'audio' | 'document';
      readonly text: string;
      readonly bytes: Uint8Array;
      readonly mime: string;
      readonly name: string;
    }
  | { readonly as: 'location'; readonly latitude: number; readonly longitude: number }
  | { readonly as: 'card'; readonly card: string };

/** How a send ended, as far as it can be told. */
export interface SendResult {
  /** Absent: the page took it and told no id. */
  readonly id?: string;
  /** WhatsApp's server has it. */
  readonly arrived: boolean;
}

/** What may be asked, and what is answered. */
export interface Asked {
  send: {
    readonly give: {
      readonly chat: string;
      readonly content: Content;
      /** The id of the message it answers. */
      readonly quote?: string;
      /** The id that an earlier try of this very send got: it is looked for first. */
      readonly earlier?: string;
      /** Milliseconds to wait for the server's word. */
      readonly within: number;
    };
    readonly take: SendResult;
  };
  fetch: {
    readonly give: { readonly chat: string; readonly id: string; readonly limit: number };
    readonly take: { readonly bytes: Uint8Array; readonly mime?: string; readonly name?: string };
  };
  /** Marks a chat as read. */
  seen: { readonly give: { readonly chat: string }; readonly take: null };
  typing: { readonly give: { readonly chat: string }; readonly take: null };
  code: { readonly give: { readonly phone: string }; readonly take: string };
  unlink: { readonly give: object; readonly take: null };
  /** The connection's state as the page tells it. */
  beat: { readonly give: object; readonly take: string };
  /** A note to ourselves: whether the server took it. */
  echo: { readonly give: { readonly within: number }; readonly take: boolean };
  /** The one-to-one chats in which something came since, or is not read. */
  chats: {
    readonly give: { readonly since: number };
    /** `at`: when something last happened in it. */
    readonly take: readonly { readonly chat: string; readonly unread: number; readonly at: number }[];
  };
  /** A chat's messages since, and all that are not read; oldest first. */
  history: {
    readonly give: { readonly chat: string; readonly since: number; readonly unread: number };
    readonly take: readonly RawMessage[];
  };
  /** How the votes on polls of ours stand now. */
  votes: { readonly give: { readonly polls: readonly PollPlace[] }; readonly take: readonly Vote[] };
}

export interface PollPlace {
  readonly chat: string;
  readonly id: string;
}

export type Ask = keyof Asked;

export interface Question {
  readonly n: number;
  readonly ask: Ask;
  readonly give: object;
}

export type Answer =
  | { readonly re: number; readonly take: unknown }
  | { readonly re: number; readonly verdict: Verdict; readonly reason: string };

/** What the process is started with, as its one argument in JSON. */
export interface ChildSettings {
  /** The folder of the linked account. */
  readonly dir: string;
  readonly chromiumPath: string;
  readonly chromiumArgs: readonly string[];
  readonly proxyUrl?: string;
}
