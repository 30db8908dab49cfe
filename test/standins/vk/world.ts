// The stand-in's own world: the community, people and what they see in their dialogues with it, its wall. It holds what
// is true and tells its listener of every event; how events travel, and what a call may do, is decided elsewhere.
import type { Signal } from '../telegram/signal.ts';
import type { Keyboard } from './keyboard.ts';

export type Json = Record<string, unknown>;

export interface Profile {
  readonly id: number;
  readonly first_name: string;
  readonly last_name: string;
  readonly screen_name: string;
}

/** What the person's client can show, as VK tells the bot with each message. */
export interface ClientInfo {
  readonly button_actions: readonly string[];
  readonly keyboard: boolean;
  readonly inline_keyboard: boolean;
  readonly carousel: boolean;
  readonly lang_id: number;
}

export interface StoredFile {
  readonly id: number;
  readonly kind: 'photo' | 'doc' | 'audio_message' | 'sticker';
  readonly name: string;
  readonly size: number;
  /** Absent for a file of which only the size matters. */
  readonly bytes: Buffer | undefined;
}

export interface Attached {
  readonly type: string;
  readonly file: StoredFile | undefined;
  /** As VK shows it in a message. */
  readonly wire: Json;
}

export interface Revision {
  readonly at: number;
  readonly text: string;
  readonly attachments: readonly Attached[];
  readonly keyboard: Keyboard | undefined;
  /** The request that replaced this state; absent when a person did. */
  readonly request: number | undefined;
}

export interface Kept {
  /** Unique in the community. */
  readonly id: number;
  /** Counted from 1 in each dialogue: conversation_message_id. */
  readonly cmid: number;
  readonly peer: number;
  /** The person, or the community as a negative number. */
  readonly from: number;
  /** The employee who wrote it in the community's own inbox. */
  readonly admin: number | undefined;
  readonly at: number;
  readonly randomId: number;
  readonly request: number | undefined;
  readonly replyTo: Kept | undefined;
  /** Whoever was told that the text mentions them. */
  readonly mentions: readonly number[];
  /** payload, ref, geo and whatever else VK adds to the message. */
  readonly extra: Json;
  text: string;
  attachments: readonly Attached[];
  keyboard: Keyboard | undefined;
  editedAt: number | undefined;
  /** Earlier states, oldest first. */
  readonly history: Revision[];
}

export type DialogueState =
  /** They never wrote, nor allowed messages. */
  | 'never'
  | 'open'
  | 'denied'
  /** The community has put them on its blacklist. */
  | 'blacklisted'
  /** Their own settings forbid it. */
  | 'private'
  | 'deleted';

export interface Dialogue {
  readonly peer: number;
  readonly person: Profile;
  client: ClientInfo;
  state: DialogueState;
  readonly messages: Kept[];
  /** The message whose keyboard stands under the text field. */
  keyboardOf: Kept | undefined;
  /** Up to which cmid the community has read, and the person. */
  inRead: number;
  outRead: number;
  readonly activities: { readonly type: string; readonly at: number }[];
}

export interface Comment {
  readonly id: number;
  readonly post: number;
  readonly from: number;
  readonly at: number;
  readonly replyTo: Comment | undefined;
  readonly parents: readonly number[];
  readonly guid: string | undefined;
  readonly request: number | undefined;
  text: string;
  readonly attachments: readonly Attached[];
  readonly history: { readonly text: string; readonly at: number }[];
  deleted: boolean;
}

export interface Post {
  readonly id: number;
  readonly text: string;
  readonly at: number;
  commentsClosed: boolean;
}

export interface World {
  readonly group: { readonly id: number; readonly name: string; readonly screen_name: string };
  readonly now: () => number;
  /** Where files are fetched from, with no slash at its end. */
  readonly root: () => string;
  readonly dialogues: Map<number, Dialogue>;
  readonly admins: Map<number, Profile>;
  readonly messages: Map<number, Kept>;
  readonly files: Map<number, StoredFile>;
  /** What uploads became, by `<type><owner>_<id>`. */
  readonly attachable: Map<string, Attached>;
  readonly posts: Map<number, Post>;
  readonly comments: Map<number, Comment>;
  readonly changed: Signal;
  readonly emit: (type: string, object: Json) => void;
  readonly nextId: (what: string, first?: number) => number;
}

export function createWorld(options: Pick<World, 'group' | 'now' | 'root' | 'changed' | 'emit'>): World {
  const counters = new Map<string, number>();
  return {
    ...options,
    dialogues: new Map(),
    admins: new Map(),
    messages: new Map(),
    files: new Map(),
    attachable: new Map(),
    posts: new Map(),
    comments: new Map(),
    nextId(what, first = 1) {
      const id = counters.get(what) ?? first;
      counters.set(what, id + 1);
      return id;
    },
  };
}

export const isOut = (kept: Kept): boolean => kept.from < 0;

export interface Draft {
  readonly from: number;
  readonly text: string;
  readonly attachments?: readonly Attached[];
  readonly keyboard?: Keyboard | undefined;
  readonly replyTo?: Kept | undefined;
  readonly randomId?: number;
  readonly admin?: number;
  readonly request?: number;
  readonly mentions?: readonly number[];
  readonly extra?: Json;
}

/** Puts a message into a dialogue and tells of it as VK would. */
export function addMessage(world: World, dialogue: Dialogue, draft: Draft): Kept {
  const kept: Kept = {
    id: world.nextId('message', 1001),
    cmid: dialogue.messages.length + 1,
    peer: dialogue.peer,
    from: draft.from,
    admin: draft.admin,
    at: world.now(),
    randomId: draft.randomId ?? 0,
    request: draft.request,
    replyTo: draft.replyTo,
    mentions: draft.mentions ?? [],
    extra: draft.extra ?? {},
    text: draft.text,
    attachments: draft.attachments ?? [],
    keyboard: draft.keyboard,
    editedAt: undefined,
    history: [],
  };
  dialogue.messages.push(kept);
  world.messages.set(kept.id, kept);
  if (isOut(kept)) {
    dialogue.inRead = kept.cmid;
    if (kept.keyboard !== undefined && !kept.keyboard.inline) {
      dialogue.keyboardOf = kept.keyboard.rows.length > 0 && dialogue.client.keyboard ? kept : undefined;
    }
    world.emit('message_reply', messageWire(kept));
  } else {
    dialogue.outRead = kept.cmid;
    world.emit('message_new', { message: messageWire(kept), client_info: { ...dialogue.client } });
  }
  world.changed.fire();
  return kept;
}

/** Keeps the state that is about to be replaced, shows the new one and tells of it. */
export function reviseMessage(
  world: World,
  kept: Kept,
  next: Pick<Kept, 'text' | 'attachments' | 'keyboard'>,
  request: number | undefined,
): void {
  const { text, attachments, keyboard } = kept;
  kept.history.push({ at: world.now(), text, attachments, keyboard, request });
  Object.assign(kept, next);
  kept.editedAt = world.now();
  world.emit('message_edit', messageWire(kept));
  world.changed.fire();
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** VK tells bots of a message's words as if they were to stand in a page. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (one) => ESCAPES[one] ?? one);

export function messageWire(kept: Kept): Json {
  const { replyTo, extra } = kept;
  return {
    date: seconds(kept.at),
    from_id: kept.from,
    id: kept.id,
    version: 10_000_000 + kept.id + kept.history.length,
    out: isOut(kept) ? 1 : 0,
    fwd_messages: [],
    important: false,
    is_hidden: false,
    attachments: kept.attachments.map((one) => one.wire),
    conversation_message_id: kept.cmid,
    text: escaped(kept.text),
    peer_id: kept.peer,
    random_id: kept.randomId,
    ...extra,
    ...(kept.admin !== undefined && { admin_author_id: kept.admin }),
    ...(kept.editedAt !== undefined && { update_time: seconds(kept.editedAt) }),
    ...(kept.keyboard !== undefined && { keyboard: kept.keyboard.wire }),
    ...(replyTo !== undefined && {
      reply_message: {
        date: seconds(replyTo.at),
        from_id: replyTo.from,
        text: escaped(replyTo.text),
        attachments: replyTo.attachments.map((one) => one.wire),
        conversation_message_id: replyTo.cmid,
        id: replyTo.id,
        peer_id: replyTo.peer,
      },
    }),
  };
}

export function commentWire(world: World, comment: Comment): Json {
  const owner = -world.group.id;
  return {
    id: comment.id,
    from_id: comment.from,
    date: seconds(comment.at),
    text: comment.text,
    post_id: comment.post,
    owner_id: owner,
    parents_stack: comment.parents,
    attachments: comment.attachments.map((one) => one.wire),
    ...(comment.replyTo !== undefined && {
      reply_to_user: comment.replyTo.from,
      reply_to_comment: comment.replyTo.id,
    }),
  };
}
