// What the stand-in's Meta knows: people with their chats, files, and what was asked of it. Tests judge by this and
// never by what the program believes it did.
import type { Signal } from '../telegram/signal.ts';
import type { FaultKind } from './faults.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Seen {
  /** wamid */
  readonly id: string;
  readonly at: number;
  readonly byBot: boolean;
  readonly text: string;
  readonly buttons: readonly { readonly id: string; readonly label: string }[];
  readonly files: readonly Uint8Array[];
  /** `text`, `interactive`, `image`, `template`, … */
  readonly type: string;
  readonly replyTo?: string;
  /** What our caller wrote beside it, to know it again. */
  readonly callback?: string;
  /** The request that sent it. */
  readonly request?: number;
  /** The call's own body. */
  readonly body: Json;
}

export interface Someone {
  /** Digits. */
  readonly phone: string;
  /** Meta's id of them for this business. */
  readonly user: string;
  readonly name: string;
  /** They have a username, and their number is not told. */
  hidden: boolean;
  blocked: boolean;
  /** When they last wrote; the window of a day begins there. */
  wroteAt: number | undefined;
  readonly messages: Seen[];
}

export interface StoredFile {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly name?: string;
  /** Uploaded by our side, so that it can be sent by its id. */
  readonly ours: boolean;
}

export interface RequestRecord {
  readonly id: number;
  readonly at: number;
  readonly method: string;
  readonly params: Json;
  status: number;
  /** Code of the refusal. */
  error: number | undefined;
  fault: FaultKind | undefined;
  /** Whether it changed the world, although perhaps nobody was told. */
  effect: boolean;
  answered: boolean;
}

export interface Limits {
  /** Messages to one person: so many at once, then one in so many milliseconds. */
  readonly pair?: { readonly burst: number; readonly every: number };
}

export interface World {
  readonly token: string;
  readonly phoneId: string;
  readonly number: string;
  readonly now: () => number;
  readonly changed: Signal;
  readonly people: Map<string, Someone>;
  readonly files: Map<string, StoredFile>;
  readonly requests: RequestRecord[];
  readonly violations: string[];
  readonly templates: ReadonlySet<string>;
  readonly limits: Limits;
  /** Refused only by a status that comes later, as Meta does now and then. */
  readonly lateWindow: boolean;
  /** Posts a notification to the webhook. */
  readonly notify: (field: string, value: Json, about: string) => void;
  nextId(kind: string): number;
}

/** An answer of the Graph API that says no. */
export class Refusal extends Error {
  readonly code: number;
  readonly status: number;
  /** What the caller should have known; listed as a violation. */
  readonly violation: string | undefined;
  constructor(code: number, violation?: string) {
    super(violation ?? `code ${code}`);
    this.code = code;
    this.status = code === 190 ? 401 : [1, 2, 131000, 131016].includes(code) ? 500 : code === 10 ? 403 : 400;
    this.violation = violation;
  }
}

export const wrong = (violation: string): Refusal => new Refusal(100, violation);

/** As Meta names messages: opaque, starting so. */
export function wamid(world: World, phone: string): string {
  const serial = `${phone}.${world.nextId('message')}`;
  return `wamid.${Buffer.from(serial).toString('base64')}`;
}

export function someoneBy(world: World, id: string): Someone | undefined {
  return world.people.get(id) ?? [...world.people.values()].find((one) => one.user === id);
}
