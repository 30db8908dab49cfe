// What people see, written down by the stand-in itself: every message as it looks now, with all it went through, and
// every request. Tests judge by this and never by what the program believes it did.
import type { FaultKind } from './faults.ts';
import type { Button, Keyboard } from './keyboard.ts';
import { unshown } from './keyboard.ts';
import { showText } from './mentions.ts';
import type { Attached, Comment, Dialogue, Json, Kept, World } from './world.ts';
import { isOut, messageWire } from './world.ts';

export interface SeenState {
  readonly text: string;
  readonly buttons: readonly Button[];
  /** What could be saved, in order. */
  readonly files: readonly Uint8Array[];
}

export interface Seen extends SeenState {
  /** Message id, unique in the community. */
  readonly id: number;
  /** conversation_message_id, counted in this dialogue. */
  readonly cmid: number;
  readonly peer: number;
  readonly at: number;
  readonly from: number;
  /** By our program: neither by the person nor by an employee in the community's inbox. */
  readonly byBot: boolean;
  /** The employee who wrote it in the community's inbox. */
  readonly admin: number | undefined;
  /** The text as it was sent, before VK showed its mentions. */
  readonly raw: string;
  /** The rows of its keyboard, as far as it can be pressed now. */
  readonly rows: readonly (readonly Button[])[];
  /** Whether its keyboard is inside the message; absent: it came with none. */
  readonly inline: boolean | undefined;
  readonly attachments: readonly { readonly type: string; readonly name: string | undefined }[];
  /** Message id of the one it answers. */
  readonly replyTo: number | undefined;
  /** Whoever was told that they are mentioned. */
  readonly mentions: readonly number[];
  readonly randomId: number;
  /** Earlier states, oldest first, and which request replaced each (none: a person did). */
  readonly history: readonly (SeenState & { readonly at: number; readonly request: number | undefined })[];
  readonly edited: boolean;
  /** The request that sent it. */
  readonly request: number | undefined;
  /** The whole message as VK words it. */
  readonly wire: Json;
}

export interface SeenComment {
  readonly id: number;
  readonly post: number;
  readonly from: number;
  readonly byBot: boolean;
  readonly text: string;
  readonly files: readonly Uint8Array[];
  readonly replyTo: number | undefined;
  readonly parents: readonly number[];
  readonly deleted: boolean;
  readonly guid: string | undefined;
  readonly request: number | undefined;
}

export interface RequestRecord {
  readonly id: number;
  readonly at: number;
  readonly method: string;
  /** As they came, without the token. */
  readonly params: Json;
  /** The HTTP status; absent: nobody was told anything. */
  answered: number | undefined;
  result: unknown;
  /** VK's code, when it was refused. */
  error: number | undefined;
  message: string | undefined;
  fault: FaultKind | undefined;
  /** Whether it changed the world, although perhaps nobody was told. */
  effect: boolean;
}

const filesOf = (attachments: readonly Attached[]): Uint8Array[] =>
  attachments.flatMap((one) => (one.file?.bytes === undefined ? [] : [one.file.bytes]));

const rowsOf = (keyboard: Keyboard | undefined, dialogue: Dialogue) =>
  keyboard === undefined || unshown(keyboard, dialogue.client) !== undefined ? [] : keyboard.rows;

/** A keyboard under the text field belongs to the message that brought it, until another takes its place. */
function rowsNow(kept: Kept, dialogue: Dialogue): readonly (readonly Button[])[] {
  if (kept.keyboard?.inline !== true && dialogue.keyboardOf !== kept) return [];
  return rowsOf(kept.keyboard, dialogue);
}

/** One message in one of its states. Its wire is made only when it is looked at: runs look at the rest all the time. */
function view(dialogue: Dialogue, kept: Kept, state: SeenState): Seen {
  return {
    ...state,
    id: kept.id,
    cmid: kept.cmid,
    peer: kept.peer,
    at: kept.at,
    from: kept.from,
    byBot: isOut(kept) && kept.admin === undefined,
    admin: kept.admin,
    raw: kept.text,
    rows: rowsNow(kept, dialogue),
    inline: kept.keyboard?.inline,
    attachments: kept.attachments.map(({ type, file }) => ({ type, name: file?.name })),
    replyTo: kept.replyTo?.id,
    mentions: kept.mentions,
    randomId: kept.randomId,
    history: kept.history.map((past) => ({ ...stateOf(dialogue, past), at: past.at, request: past.request })),
    edited: kept.history.length > 0,
    request: kept.request,
    get wire() {
      return messageWire(kept);
    },
  };
}

/** With its keyboard as it came. */
const stateOf = (dialogue: Dialogue, one: Pick<Kept, 'text' | 'attachments' | 'keyboard'>): SeenState => ({
  text: showText(one.text).text,
  buttons: rowsOf(one.keyboard, dialogue).flat(),
  files: filesOf(one.attachments),
});

export function seenOf(dialogue: Dialogue, kept: Kept): Seen {
  const buttons = rowsNow(kept, dialogue).flat();
  return view(dialogue, kept, { ...stateOf(dialogue, kept), buttons });
}

/** As it was when it came. */
export function firstSeenOf(dialogue: Dialogue, kept: Kept): Seen {
  return view(dialogue, kept, stateOf(dialogue, kept.history[0] ?? kept));
}

export function seenComment(world: World, comment: Comment): SeenComment {
  return {
    id: comment.id,
    post: comment.post,
    from: comment.from,
    byBot: comment.from === -world.group.id,
    text: showText(comment.text).text,
    files: filesOf(comment.attachments),
    replyTo: comment.replyTo?.id,
    parents: comment.parents,
    deleted: comment.deleted,
    guid: comment.guid,
    request: comment.request,
  };
}
