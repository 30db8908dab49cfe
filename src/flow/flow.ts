// A checked flow, ready to be played: what the engine knows of a dialogue. Made only by parse.ts; holds no state.
import type { Expect, ExpectFiles, Value } from '../core/expect.ts';
import type { Message } from '../core/message.ts';
import type { Metric } from '../core/response.ts';
import type { TicketKind, TicketSummary } from '../core/ticket.ts';
import type { Vars } from '../text/texts.ts';

/** A text in a language, answers put in as data. */
export type Say = (locale: string, vars?: Vars) => string;

/** What a node may know while it is played. */
export interface At {
  readonly locale: string;
  readonly answers: Readonly<Record<string, Value>>;
  /** An answer as a person reads it, by node id, and `name`; for texts. */
  readonly vars: (name: string) => string | number | undefined;
  /** The contact's tickets, newest first; filled only where the release `needsTickets`. */
  readonly tickets: () => readonly TicketSummary[];
  /** YYYY-MM-DD in the company's zone. */
  readonly today: string;
  /** A status in words. */
  readonly status: (ticket: TicketSummary) => string;
}

export interface QuestionOption {
  readonly id: string;
  readonly label: string;
}

/** What the customer is asked. */
export interface Question {
  readonly text: string;
  /** In the order shown. */
  readonly options?: readonly QuestionOption[];
  readonly layout?: 'scale' | 'list';
  readonly expect: Expect | ExpectFiles;
  /** Text that is none of the options is an answer of its own. */
  readonly free?: { readonly max: number };
  /** May be left out: "skip" is offered. */
  readonly optional?: boolean;
  /** Said in place of the general sentence when the answer was not understood. */
  readonly again?: string;
}

/** Where to go after an answer. `next` follows the file. */
export type Go =
  | {
      readonly to: string /** Come back to the asking node once that one is answered. */;
      readonly andBack?: boolean;
    }
  | 'next';

/** What a node does that does not wait. */
export type Step =
  | { readonly do: 'say'; readonly message: Message }
  | { readonly do: 'go'; readonly to: string }
  | { readonly do: 'record'; readonly state: 'partial' | 'complete' }
  | { readonly do: 'open'; readonly ticket: OpenSpec; readonly handoff: boolean }
  | { readonly do: 'add'; readonly ticket: string; readonly text?: string; readonly files?: Value }
  | { readonly do: 'call'; readonly flow: string }
  | { readonly do: 'end'; readonly message?: Message };

export interface OpenSpec {
  readonly kind: TicketKind;
  /** Node ids, from the root of the tree down; those not answered are left out. */
  readonly category: readonly string[];
  /** The node whose answer is the subject. */
  readonly subject?: string;
  /** The nodes whose answers the operator is shown, in order. */
  readonly fields: readonly string[];
  /** The nodes whose files are evidence. */
  readonly evidence: readonly string[];
}

export interface Node {
  readonly id: string;
  /** Its place in the file, from 0; part of its buttons' ids. */
  readonly index: number;
  readonly kind: string;
  /** The node that follows in the file, or the one named by `go`; absent: the flow ends. */
  readonly next?: string;
  /** Every node it names. */
  readonly targets: readonly string[];
  /** It can go on to `next`. */
  readonly falls: boolean;
  /** It waits for the customer. */
  readonly waits: boolean;
  /** How the answer is called in summaries and on cards. */
  readonly title?: Say;
  readonly ask?: (at: At) => Question;
  /** There is nothing to ask at present: the node to go to in its place. */
  readonly skip?: (at: At) => string | undefined;
  /** Where the answer leads. Absent: `next`. */
  readonly after?: (value: Value | undefined, at: At) => Go;
  /** An answer as a person reads it. Absent: files are counted, text and numbers stand as they are. */
  readonly show?: (value: Value, locale: string, tickets?: readonly TicketSummary[]) => string;
  readonly pass?: (at: At) => Step;
}

/** How answers become a response. Node ids. */
export interface ResponseSpec {
  readonly metric: Metric;
  readonly touchpoint: string;
  readonly score: string;
  readonly reasons: readonly string[];
  readonly comment?: string;
  readonly contact?: string;
}

export interface Flow {
  readonly name: string;
  /** Content hash of its source and its texts. */
  readonly hash: string;
  /** Its name in the menu of commands. */
  readonly title?: Say;
  /** Commands without the slash, `[a-z0-9_]`. */
  readonly commands: readonly string[];
  readonly first: string;
  readonly nodes: ReadonlyMap<string, Node>;
  /** The same nodes in the order of the file. */
  readonly order: readonly Node[];
  readonly response?: ResponseSpec;
  /** One reminder for a question left without an answer. */
  readonly remind?: { /** Milliseconds. */ readonly after: number; readonly text: Say };
  /** Milliseconds of silence after which the talk ends and what was answered is kept as partial. */
  readonly expire: number;
}

/** All flows as they stood together at one moment. A talk ends in the release it began with. */
export interface Release {
  /** Content hash over all flows and their texts. */
  readonly hash: string;
  readonly flows: ReadonlyMap<string, Flow>;
  /** Command → flow. */
  readonly commands: ReadonlyMap<string, string>;
  readonly needsTickets: boolean;
  readonly locales: readonly string[];
}
