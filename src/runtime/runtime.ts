// The port to whatever coordinates workers: wake-ups, leases, rate budgets, live updates.
// It never holds truth: all of it can be lost at any moment and comes back from the store.
import type { Rate } from '../channels/channel.ts';

export interface Lease {
  /** Grows with every new holder: a late write of an earlier holder is recognised by it. */
  readonly token: number;
  /** Resolves when the lease is lost; then its work must end. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/** A name held by this process for a piece of work. */
export interface Claim {
  /** Another process may have held it since we last did: copies made before are not to be trusted. */
  readonly stale: boolean;
  release(): Promise<void>;
}

export interface Runtime {
  /** Other processes share the work: a wake may come from them, and what lies in our memory may be done by them. */
  readonly shared: boolean;
  /** Asks that the line's waiting events be handled soon, somewhere. */
  wake(line: string): void;
  /** Called for each line to be handled here. */
  onWake(handle: (line: string) => void | Promise<void>): void;
  /** Asks for a wake of the contact at this time; an earlier one wins. Milliseconds since 1970. */
  alarm(contact: string, at: number): void;
  onAlarm(handle: (contact: string) => void): void;
  /** Waits until this process alone holds the name. Aborted: rejects. */
  lease(name: string, signal: AbortSignal): Promise<Lease>;
  /** Takes the name for a piece of work; at once, or not at all: another process has it. Holders that die lose it within seconds. */
  claim(name: string): Promise<Claim | undefined>;
  /** Takes one unit; gives the milliseconds to wait when there is none (then nothing was taken). */
  budget(key: string, rate: Rate): Promise<number>;
  /** No unit before this time: a network asked for a pause. */
  pause(key: string, until: number): Promise<void>;
  publish(topic: string, data: LiveUpdate): void;
  /** Gives the function that ends it. */
  subscribe(topic: string, handle: (data: LiveUpdate) => void): () => void;
  /** Round trip to what coordinates; rejects when it cannot be reached. Absent where nothing does. */
  ping?(): Promise<void>;
  stop(): Promise<void>;
}

/** A hint that something is newer; who hears it reads the store. */
export interface LiveUpdate {
  readonly kind: 'message' | 'typing' | 'ticket' | 'response' | 'flows';
  readonly id?: string;
  readonly seq?: number;
}
