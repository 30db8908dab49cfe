// The stand-in's own world: people, chats, topics, messages, files. It holds what is true and what was seen, and
// tells its listener of every update; how updates travel, and what a call may do, is decided elsewhere.
import type { Signal } from './signal.ts';

export type Json = Record<string, unknown>;

export interface User {
  readonly id: number;
  readonly is_bot: boolean;
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly language_code?: string;
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked';

export interface Member {
  readonly user: User;
  status: MemberStatus;
  /** Administrator rights, or what a restricted member may still do. */
  rights: Readonly<Record<string, boolean>>;
}

export interface Topic {
  readonly id: number;
  name: string;
  readonly icon_color: number;
  icon_custom_emoji_id: string | undefined;
  closed: boolean;
  deleted: boolean;
  readonly byBot: boolean;
}

export interface Revision {
  readonly at: number;
  readonly text: string | undefined;
  readonly markup: unknown;
  /** The request that made the change; absent when a person did. */
  readonly request: number | undefined;
}

export interface Kept {
  readonly id: number;
  readonly byBot: boolean;
  readonly at: number;
  /** The topic it lies in; absent outside topics and in General. */
  readonly thread: number | undefined;
  readonly replyTo: number | undefined;
  readonly request: number | undefined;
  /** The Message as Telegram would show it, without reply_to_message. */
  wire: Json;
  /** Earlier states, oldest first. */
  readonly history: Revision[];
  deletedAt: number | undefined;
  readonly reactions: Map<number, readonly Json[]>;
  /** Buttons under the text field that came with it, or their removal. */
  readonly replyKeyboard: Json | undefined;
  readonly copiedFrom: { readonly chat: number; readonly message: number } | undefined;
}

export interface Chat {
  readonly id: number;
  /** Chats of one space draw their message ids from one run of numbers. */
  readonly idSpace: string;
  readonly type: 'private' | 'group' | 'supergroup' | 'channel';
  readonly title: string | undefined;
  readonly username: string | undefined;
  readonly user: User | undefined;
  readonly isForum: boolean;
  readonly members: Map<number, Member>;
  readonly topics: Map<number, Topic>;
  readonly messages: Map<number, Kept>;
  readonly pinned: Set<number>;
  migratedTo: number | undefined;
  /** Private chats: what stands between the bot and the person. */
  state: 'never-started' | 'open' | 'blocked' | 'deactivated';
  readonly actions: { readonly action: string; readonly thread: number | undefined; readonly at: number }[];
}

export interface StoredFile {
  readonly id: string;
  readonly unique: string;
  readonly kind: string;
  readonly path: string;
  readonly name: string;
  readonly mime: string;
  readonly size: number;
  /** Absent for a file of which only the size matters. */
  readonly bytes: Buffer | undefined;
}

export interface EmitScope {
  /** Updates of one queue keep their order on the way to a webhook. */
  readonly queue: string;
}

export interface World {
  readonly me: User;
  readonly now: () => number;
  readonly users: Map<number, User>;
  readonly chats: Map<number, Chat>;
  readonly files: Map<string, StoredFile>;
  readonly changed: Signal;
  readonly emit: (kind: string, payload: Json, scope: EmitScope) => void;
  readonly nextId: (what: string, first?: number) => number;
  /** The words for a topic that was deleted; Telegram has used both. */
  readonly deletedTopicText: string;
}

export const ANONYMOUS_ADMIN: User = {
  id: 1087968824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};

export const LINKED_CHANNEL: User = { id: 777000, is_bot: false, first_name: 'Telegram' };

export function createWorld(options: {
  me: User;
  now: () => number;
  changed: Signal;
  emit: World['emit'];
  deletedTopicText: string;
}): World {
  const counters = new Map<string, number>();
  const world: World = {
    ...options,
    users: new Map(),
    chats: new Map(),
    files: new Map(),
    nextId(what, first = 1) {
      const id = counters.get(what) ?? first;
      counters.set(what, id + 1);
      return id;
    },
  };
  for (const user of [options.me, ANONYMOUS_ADMIN, LINKED_CHANNEL]) world.users.set(user.id, user);
  return world;
}

type NewChat = Pick<Chat, 'id' | 'type'> & {
  readonly [K in 'title' | 'username' | 'user' | 'isForum']?: Chat[K];
};

export function createChat(world: World, about: NewChat): Chat {
  if (world.chats.has(about.id)) throw new Error(`chat ${about.id} exists already`);
  const chat: Chat = {
    id: about.id,
    // Private chats and basic groups share the bot's own run, every supergroup has one of its own.
    idSpace: about.type === 'private' || about.type === 'group' ? 'message:own' : `message:${about.id}`,
    type: about.type,
    title: about.title,
    username: about.username,
    user: about.user,
    isForum: about.isForum ?? false,
    members: new Map(),
    topics: new Map(),
    messages: new Map(),
    pinned: new Set(),
    migratedTo: undefined,
    state: about.type === 'private' ? 'never-started' : 'open',
    actions: [],
  };
  world.chats.set(chat.id, chat);
  return chat;
}

export function chatWire(chat: Chat): Json {
  if (chat.user !== undefined) {
    const { id, first_name, last_name, username } = chat.user;
    return {
      id,
      first_name,
      ...(last_name !== undefined && { last_name }),
      ...(username !== undefined && { username }),
      type: 'private',
    };
  }
  return {
    id: chat.id,
    title: chat.title ?? '',
    ...(chat.username !== undefined && { username: chat.username }),
    type: chat.type,
    ...(chat.isForum && { is_forum: true }),
  };
}

/** In a supergroup the first number belongs to the General topic. */
export function nextMessageId(world: World, chat: Chat): number {
  return world.nextId(chat.idSpace, chat.type === 'supergroup' ? 2 : 1);
}

export interface Draft {
  /** Given where the id was needed before the message. */
  readonly id?: number;
  readonly from: User;
  readonly senderChat?: Json;
  readonly byBot?: boolean;
  readonly thread?: number | undefined;
  readonly replyTo?: number | undefined;
  readonly content: Json;
  readonly request?: number | undefined;
  readonly replyKeyboard?: Json | undefined;
  readonly copiedFrom?: Kept['copiedFrom'];
  /** The bot is told of its own service messages, but never of its own plain ones. */
  readonly service?: boolean;
}

/** In General a reply carries the id of the message at its root, which is not a topic. */
function threadFields(chat: Chat, draft: Draft): Json {
  if (draft.thread !== undefined) return { message_thread_id: draft.thread, is_topic_message: true };
  const replied = draft.replyTo === undefined ? undefined : chat.messages.get(draft.replyTo);
  if (chat.type !== 'supergroup' || replied === undefined) return {};
  return { message_thread_id: replied.wire.message_thread_id ?? replied.id };
}

export function addMessage(world: World, chat: Chat, draft: Draft): Kept {
  const id = draft.id ?? nextMessageId(world, chat);
  const byBot = draft.byBot ?? false;
  const topicRoot = draft.thread !== undefined && draft.service !== true ? draft.thread : undefined;
  const kept: Kept = {
    id,
    byBot,
    at: world.now(),
    thread: draft.thread,
    replyTo: draft.replyTo ?? topicRoot,
    request: draft.request,
    wire: {
      message_id: id,
      from: draft.from,
      ...(draft.senderChat !== undefined && { sender_chat: draft.senderChat }),
      chat: chatWire(chat),
      date: Math.floor(world.now() / 1000),
      ...threadFields(chat, draft),
      ...draft.content,
    },
    history: [],
    deletedAt: undefined,
    reactions: new Map(),
    replyKeyboard: draft.replyKeyboard,
    copiedFrom: draft.copiedFrom,
  };
  chat.messages.set(id, kept);
  if (!byBot || draft.service === true) tellUpdate(world, chat, 'message', kept);
  world.changed.fire();
  return kept;
}

export function messageWire(chat: Chat, kept: Kept): Json {
  const replied = kept.replyTo === undefined ? undefined : chat.messages.get(kept.replyTo);
  return {
    ...kept.wire,
    // A group that went on under another id shows that id on its old messages too.
    chat: chatWire(chat),
    ...(replied !== undefined &&
      replied.deletedAt === undefined && { reply_to_message: { ...replied.wire } }),
  };
}

/** Updates reach a bot only where it is present and not blocked. */
export function hearsChat(world: World, chat: Chat): boolean {
  if (chat.type === 'private') return chat.state === 'open';
  const mine = chat.members.get(world.me.id);
  return mine !== undefined && mine.status !== 'left' && mine.status !== 'kicked';
}

export function tellUpdate(world: World, chat: Chat, kind: string, kept: Kept): void {
  if (hearsChat(world, chat)) world.emit(kind, messageWire(chat, kept), { queue: `chat:${chat.id}` });
}

/** Keeps the state that is about to be replaced, then shows the new one. */
export function reviseMessage(world: World, kept: Kept, change: Json, request: number | undefined): void {
  kept.history.push({
    at: world.now(),
    text: textOf(kept.wire),
    markup: kept.wire.reply_markup,
    request,
  });
  const next: Json = { ...kept.wire, ...change };
  for (const [field, value] of Object.entries(change)) if (value === undefined) delete next[field];
  kept.wire = next;
  world.changed.fire();
}

export function textOf(wire: Json): string | undefined {
  const text = wire.text ?? wire.caption;
  return typeof text === 'string' ? text : undefined;
}
