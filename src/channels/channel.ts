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
    /** All together, where the network allows fewer than its rows hold. */
    readonly most?: number;
    /** How many steps of a scale fit one row and stay readable on a phone. */
    readonly scalePerRow: number;
    readonly links: boolean;
  };
  /** Without buttons: a list of two and up to `most` choices can be a poll. Its numbers are typed all the same. */
  readonly polls?: {
    readonly most: number;
    /** Characters of an option, and of the question. */
    readonly label: number;
    readonly text: number;
  };
  /** Kinds of file it can show; the rest are sent as `document`. */
  readonly media: readonly AttachmentKind[];
  /** Files that one message can carry. */
  readonly together: number;
  /** Bytes. */
  readonly uploadLimit: number;
  readonly downloadLimit: number;
  /** It can change a message already sent. */
  readonly edits: boolean;
  /** A press leaves no words in the chat, so the choice is marked on the question. */
  readonly marksChoice: boolean;
  /** `ours`: the channel shows what we keep, so every message is kept. */
  readonly history: 'network' | 'ours';
  /** It takes our own id with each send and drops a repeat: what may have arrived is sent again without harm. */
  readonly sendsOnce: boolean;
  /** Everybody reads it: no dialogue is held there, the words become a ticket and the answer is public. */
  readonly isPublic?: true;
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
  /** Another process does this part's work: how it fares, that one tells. */
  readonly elsewhere?: true;
}

/** How an account of ours is tied to a network that wants a person for it: a phone that scans a picture. */
export interface Linking {
  state(): LinkState;
  /** Asks for a code to type on the phone with this number, instead of the picture. Rejects with a sentence for a person. */
  requestCode(phone: string): Promise<string>;
  /** Lets go of the account, and asks for a new one. */
  unlink(): Promise<void>;
  /** Begins again from what is kept, as after a fault. */
  restart(): Promise<void>;
  /** The kill switch: false ends all sending and receiving until it is turned on again, over restarts too. */
  turn(on: boolean): Promise<void>;
}

export interface LinkState {
  /** `deaf`: linked, yet nothing comes through; `broken`: it cannot be started; `off`: turned off by a person. */
  readonly is: 'starting' | 'linking' | 'ready' | 'deaf' | 'logged_out' | 'broken' | 'off';
  /** Milliseconds since 1970. */
  readonly since: number;
  /** What the picture to scan says; a secret. */
  readonly qr?: string;
  /** The code to type on the phone; a secret. */
  readonly code?: string;
  /** Our own number or id there. */
  readonly account?: string;
  /** In words for a person. */
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
  /** Present where a person must link the account. */
  readonly linking?: Linking;
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
