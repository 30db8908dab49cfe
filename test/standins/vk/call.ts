// What every call has at hand while it is carried out, and the questions many of them ask.
import type { LongPoll } from './long-poll.ts';
import type { TokenKind } from './methods.ts';
import { Refusal, wrong } from './refusal.ts';
import type { Params } from './validate.ts';
import type { Dialogue, World } from './world.ts';

/** What the community's settings say of its API. */
export interface Settings {
  longPoll: { enabled: boolean; version: string; readonly events: Set<string> };
  confirmation: string;
  /** Whether a random_id is unique for each person, or for the community as a whole. */
  readonly randomIdScope: 'peer' | 'sender';
}

export interface Press {
  readonly eventId: string;
  readonly peer: number;
  readonly payload: unknown;
  readonly at: number;
  /** What the bot answered; absent until then. */
  answer: { readonly data: unknown } | undefined;
}

export interface Call {
  readonly world: World;
  readonly settings: Settings;
  readonly longPoll: LongPoll;
  readonly presses: Map<string, Press>;
  readonly params: Params;
  readonly token: TokenKind;
  /** Number of the request, kept with everything it changes. */
  readonly request: number;
  /** How long a second of the server's own waiting lasts. */
  readonly secondMs: number;
  readonly note: (violation: string) => void;
}

export type Handler = (call: Call) => unknown;

export const text = (call: Call, name: string): string | undefined => call.params[name] as string | undefined;
export const number = (call: Call, name: string): number | undefined =>
  call.params[name] as number | undefined;

/** A community's token acts for that community alone. */
export function checkGroup(call: Call): void {
  const group = number(call, 'group_id');
  if (group !== undefined && group !== call.world.group.id)
    throw new Refusal(15, 'Access denied: no access to this group', true);
}

export const FIRST_CHAT = 2_000_000_000;

export function findDialogue(call: Call, peer: number): Dialogue {
  if (peer > FIRST_CHAT) throw new Refusal(917);
  if (peer <= 0) throw wrong('peer_id is invalid');
  const dialogue = call.world.dialogues.get(peer);
  if (dialogue === undefined) throw new Refusal(901);
  return dialogue;
}

/** The dialogue, if the community may write there. */
export function enterToWrite(call: Call, peer: number): Dialogue {
  const dialogue = findDialogue(call, peer);
  const codes = { never: 901, denied: 901, blacklisted: 900, private: 902, deleted: 18, open: 0 } as const;
  const code = codes[dialogue.state];
  if (code !== 0) throw new Refusal(code);
  return dialogue;
}
