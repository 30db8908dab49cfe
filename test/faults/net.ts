// A network of a run, whichever it is: its stand-in with what the program must be told to find it, the people who come
// by it, the calls the program made, and its faults. Each is a file in nets/; nothing else asks which one it is.
import type { Face, Shown, Who } from './face.ts';
import type { Watch } from './watch.ts';

export const CHANNELS = ['telegram', 'web', 'vk', 'max', 'whatsapp-cloud', 'whatsapp-web'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** One call of the program's, as the stand-in wrote it down. */
export interface Call {
  /** What `Shown.request` names. */
  readonly id: number;
  readonly at: number;
  readonly method: string;
  readonly params: unknown;
  /** The program was given an answer; the HTTP status, where the stand-in tells it. */
  readonly answered: boolean | number | undefined;
  readonly fault: string | undefined;
  /** It changed the world, although perhaps nobody was told. */
  readonly effect: boolean;
}

/** The part of every stand-in's plan of faults that a run uses. */
export interface NetFaults {
  add(plan: { readonly do: '500' | 'effect-then-drop'; readonly when: { readonly chance: number } }): {
    readonly fired: number;
  };
  storm(ms: number, retryAfter: number): unknown;
  inbound(plan: { readonly duplicate: number; readonly reorder: number }): void;
  readonly inboundFired: { readonly duplicated: number; readonly reordered: number };
  clear(): void;
}

export type RunFace = Face & { close?(): void };

export interface Net {
  readonly name: ChannelName;
  /** As contacts and tickets name it. */
  readonly channel: string;
  readonly env: Readonly<Record<string, string>>;
  /** What no log may hold. */
  readonly secrets: readonly string[];
  /** Done once by a person when the program is up for the first time, such as entering its address at the network. */
  connect?(): Promise<void>;
  face(who: Who, random: () => number): RunFace;
  /** Oldest first; grows. */
  readonly requests: readonly Call[];
  /** The calls, or the deliveries to the program, by which it receives; named `receives`. */
  readonly receptions: readonly Call[];
  /** Absent: what comes in cannot be seen from outside. */
  readonly receives?: string;
  /** Which of them changed what this person sees, in order: the outbox makes one after another. Absent: nothing may come twice. */
  lane?(face: Face): readonly Call[];
  /** Whether the program can be reached by it now, where that takes a while after the program is ready. */
  up?(): Promise<boolean>;
  /** Methods worth a kill while they are under way; one that stands here twice is worth twice as much. */
  readonly methods: readonly string[];
  /** Called after each call, answer or event. */
  listen(change: () => void): () => void;
  readonly faults?: NetFaults;
  /** Calls that the network would have refused, or that no correct program makes. */
  readonly violations: readonly unknown[];
  /** Events not yet taken by the program. */
  readonly pending: number;
  stop(): Promise<void>;
}

export interface NetOptions {
  readonly seed: number;
  readonly watch: Watch;
  /** How long a second of the network's lasts, in milliseconds of the wall. */
  readonly secondMs: number;
  /** The program's clock, which may be faster than the wall's; milliseconds since 1970. */
  readonly now: () => number;
  /** Where the program will listen. */
  readonly port: number;
}

/** An operator's words as networks show them, under their name. */
export const byOperator = ({ from, text }: Pick<Shown, 'from' | 'text'>): boolean =>
  from === 'operator' || /^Desk\w+:\n/.test(text);
