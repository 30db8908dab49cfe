// What the web part is given by main. It names ports only; nothing here opens a connection.
import type { Health, Intake, Linking, Media } from '../channels/channel.ts';
import type { Fault } from '../core/errors.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Records, Settings } from '../store/store.ts';

/** A flow as the console shows it. */
export interface FlowStatus {
  readonly name: string;
  readonly title?: string;
  /** Content hash of the version now in use; absent while no version ever checked clean. */
  readonly hash?: string;
  readonly nodes: number;
  /** Of the newest edit: while there are errors, the last good version goes on serving. */
  readonly faults: readonly Fault[];
  readonly changedAt?: number;
}

/** An event that could not be handled: what an admin may know of it, never what it says. */
export interface ParkedEvent {
  readonly id: string;
  readonly kind: string;
  readonly line: string;
  readonly at?: number;
  readonly reason: string;
}

export interface HealthReport {
  readonly ok: boolean;
  /** `off`: turned off by a person, which is no fault, though it does not work either. */
  readonly parts: readonly ({ readonly name: string; readonly off?: true } & Health)[];
}

/** A network's own webhook; it must have journalled what it was given before it answers. Networks ask with GET who is there. */
export type Hook = (request: {
  readonly method: 'GET' | 'POST';
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawBody: Uint8Array;
}) => Promise<{ readonly status: number; readonly body?: string }>;

/** The few calls made of the log; pino fits. */
export interface WebLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export interface WebDeps {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The address people open, e.g. `https://otklik.example.org`; https makes the cookies secure. */
  readonly publicUrl?: string;
  readonly intake: Intake;
  readonly records: Pick<
    Records,
    | 'responses'
    | 'ticket'
    | 'ticketByNumber'
    | 'tickets'
    | 'contact'
    | 'message'
    | 'messagesSince'
    | 'lastMessages'
    | 'ticketMessages'
    | 'audit'
  >;
  /** The channels where the same customer may be met, by their own proof; the contact's own is not among them. */
  readonly alsoOn?: (contact: string) => Promise<readonly string[]>;
  readonly media: Media;
  readonly runtime: Pick<Runtime, 'subscribe'>;
  /** Keys and console sessions. */
  readonly settings: Pick<Settings, 'get' | 'once' | 'set'>;
  readonly verifyPassword: (text: string) => Promise<boolean>;
  readonly flows: { status(): readonly FlowStatus[] };
  readonly health: (now: number) => HealthReport;
  readonly parked: () => Promise<readonly ParkedEvent[]>;
  /** Handles a parked event again; false where it is parked no longer. */
  readonly replay: (id: string) => Promise<boolean>;
  readonly hooks: Readonly<Record<string, Hook>>;
  /** Accounts a person must link, by their channel's name. */
  readonly linkings?: Readonly<Record<string, Linking>>;
  /** The console's language until its user chooses another. */
  readonly deskDefaultLocale: string;
  /** A category's or a reason's id in words; absent or undefined: the id is shown as it is. */
  readonly label?: (locale: string, kind: 'category' | 'reason', id: string) => string | undefined;
  /** Why a message did not arrive, in words, by the network's code; absent or undefined: the code is shown as it is. */
  readonly why?: (locale: string, code: string) => string | undefined;
  readonly clock: () => number;
  readonly log: WebLog;
  /** False: no console, only the chat page and the hooks. */
  readonly console?: boolean;
  /** Folder of the built pages; `dist/web` beside package.json where absent. */
  readonly pages?: string;
}
