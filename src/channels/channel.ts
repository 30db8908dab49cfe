// The port every network is brought to. What a network can do is data; nothing else asks which network it is.
import type { Address } from '../core/contact.ts';
import type { InboundEvent } from '../core/event.ts';
import type { Attachment, AttachmentKind, Message } from '../core/message.ts';

/** At most `count` in `per` milliseconds, with `burst` at once. */
export interface Rate {
  readonly count: number;
  readonly per: number;
  readonly burst: number;
}

export interface Abilities {
  /** Characters in one message. */
  readonly textLimit: number;
  /** Characters under a file. */
  readonly captionLimit: number;
  /** Absent: choices are written as a numbered list and answered by typing. */
  readonly buttons?: {
    readonly perRow: number;
    readonly rows: number;
    readonly label: number;
    /** How many steps of a scale fit one row and stay readable on a phone. */
    readonly scalePerRow: number;
    readonly links: boolean;
  };
  /** Kinds of file it can show; the rest are sent as `document`. */
  readonly media: readonly AttachmentKind[];
  /** Bytes. */
  readonly uploadLimit: number;
  readonly downloadLimit: number;
  /** It can change a message already sent. */
  readonly edits: boolean;
  /** A press leaves no words in the chat, so the choice is marked on the question. */
  readonly marksChoice: boolean;
  /** `ours`: the channel shows what we keep, so every message is kept. */
  readonly history: 'network' | 'ours';
  /** It takes our own id with each send and drops a repeat. */
  readonly sendsOnce: boolean;
  readonly rates: { readonly account?: Rate; readonly peer?: Rate };
}

/** A message as fitted to the channel: what one send carries. */
export interface Outgoing {
  /** The outbox entry's id with the part's number: the send's own key where the network takes one. */
  readonly key: string;
  readonly message: Message;
  /** The network's id of the message it answers. */
  readonly replyTo?: string;
}

export interface Sent {
  /** The network's id. */
  readonly message: string;
}

/** Takes what came in, durably; resolves only once every event is in the journal. */
export type Intake = (events: readonly InboundEvent[]) => Promise<void>;

/** Whether it works, for /readyz and the desk. */
export interface Health {
  readonly ok: boolean;
  /** In words for a person, when not ok. */
  readonly reason?: string;
}

export interface Channel {
  readonly name: string;
  readonly abilities: Abilities;
  /** Begins to receive; resolves once it tries to. A network that is down does not make it fail. */
  start(intake: Intake): Promise<void>;
  /** Stops receiving and lets calls under way end. */
  stop(): Promise<void>;
  health(now: number): Health;
  /** Throws DeliveryError and nothing else. */
  send(to: Address, out: Outgoing): Promise<Sent>;
  /** Shows a message of ours anew, with other buttons or none. Throws DeliveryError. */
  redraw?(to: Address, message: string, next: Message): Promise<void>;
  /** Changes the wording of a message of ours. Throws DeliveryError. */
  revise?(to: Address, message: string, text: string): Promise<void>;
  /** Shows that an answer is being written; failure is of no account. */
  typing?(to: Address): Promise<void>;
  /** Bytes of a file this network holds; throws DeliveryError (`too_big`, `gone`, …). */
  fetch?(attachment: Attachment): Promise<FileBytes>;
}

export interface FileBytes {
  readonly bytes: Uint8Array;
  readonly name?: string;
  readonly mime?: string;
}

/** Our own copies of files, by the id in a `media:` ref. */
export interface Media {
  /** Keeps bytes and gives the attachment that refers to them; kind and type are settled by the bytes. */
  keep(file: FileBytes, wanted: AttachmentKind): Promise<Attachment>;
  /** Bytes of any attachment: our copy, or fetched from its network and kept. Throws DeliveryError. */
  open(attachment: Attachment): Promise<FileBytes>;
}
