// The account's own world: people, chats, messages, votes, linked devices. It holds what is true and what people were
// shown, and tells its listener of every event; how events travel is decided elsewhere.
import { randomBytes } from 'node:crypto';
import type { Signal } from '../telegram/signal.ts';
import type { WireAccount, WireChat, WireEvent, WireKey, WireMessage, WireVote } from './wire-format.ts';

export interface PersonState {
  /** Ids as the network words them: `15551110001@c.us`, `…@lid`. */
  readonly pn: string;
  readonly lid: string;
  readonly name: string;
  /** Which of the two their messages come from. */
  readonly addressing: 'pn' | 'lid';
  /** Whether the page is told which number belongs to the lid without asking. */
  readonly paired: boolean;
  online: boolean;
  /** They have blocked the account. */
  blocked: boolean;
  /** All that was ever shown to them or said by them, oldest first. */
  readonly shown: Shown[];
}

export interface Kept {
  message: WireMessage;
  readonly by: 'person' | 'bot' | 'phone' | 'network';
  readonly at: number;
  /** The page's request that sent it. */
  readonly request: number | undefined;
  readonly reactions: Map<string, string>;
  edited: boolean;
}

/** A copy as it was when it came. */
export interface Shown {
  readonly kept: Kept;
  readonly first: WireMessage;
}

export interface Chat {
  readonly id: string;
  readonly kind: WireChat['kind'];
  readonly name: string;
  readonly person: PersonState | undefined;
  readonly members: readonly string[] | undefined;
  /** By the message's own part of its key. */
  readonly kept: Map<string, Kept>;
  unread: number;
  /** Of its newest message; seconds since 1970. */
  t: number;
}

export interface StoredMedia {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly hash: string;
  /** The network has thrown it away. */
  gone: boolean;
}

export interface World {
  readonly me: WireAccount;
  readonly now: () => number;
  readonly people: PersonState[];
  readonly chats: Map<string, Chat>;
  readonly votes: WireVote[];
  /** By path on the media host. */
  readonly media: Map<string, StoredMedia>;
  /** What the phone sends once more when a device could not read it, by message id. */
  readonly resends: Map<string, () => void>;
  readonly log: WireEvent[];
  readonly changed: Signal;
  readonly emit: (event: WireEvent) => void;
  /** How far the bot's messages get: to people, only to the server, or there without any answer. */
  acks: 'all' | 'server' | 'never';
}

export function createWorld(options: {
  readonly me: WireAccount;
  readonly now: () => number;
  readonly changed: Signal;
  readonly emit: (event: WireEvent, seq: number) => void;
}): World {
  const log: WireEvent[] = [];
  return {
    me: options.me,
    now: options.now,
    changed: options.changed,
    people: [],
    chats: new Map(),
    votes: [],
    media: new Map(),
    resends: new Map(),
    log,
    acks: 'all',
    emit(event) {
      log.push(event);
      options.emit(event, log.length);
      options.changed.fire();
    },
  };
}

export const newId = (start: string): string => `${start}${randomBytes(14).toString('hex').toUpperCase()}`;

export const findPerson = (world: World, wid: string): PersonState | undefined =>
  world.people.find((one) => one.pn === wid || one.lid === wid);

export const widOf = (person: PersonState): string => (person.addressing === 'lid' ? person.lid : person.pn);

/** The account's own id in a chat addressed that way. */
export const meIn = (world: World, chat: string): string =>
  chat.endsWith('@lid') ? world.me.lid : world.me.pn;

export function chatWith(world: World, person: PersonState): Chat {
  const id = widOf(person);
  return putChat(world, { id, kind: 'user', name: person.name, person, members: undefined });
}

export function putChat(world: World, about: Omit<Chat, 'kept' | 'unread' | 't'>): Chat {
  const known = world.chats.get(about.id);
  if (known !== undefined) return known;
  const chat: Chat = { ...about, kept: new Map(), unread: 0, t: 0 };
  world.chats.set(chat.id, chat);
  return chat;
}

/** A chat by any of the ids its person goes by. */
export function findChat(world: World, wid: string): Chat | undefined {
  const person = findPerson(world, wid);
  return world.chats.get(wid) ?? (person && world.chats.get(widOf(person)));
}

export function findKept(world: World, key: WireKey): { chat: Chat; kept: Kept } | undefined {
  const chat = findChat(world, key.remote);
  const kept = chat?.kept.get(key.id);
  return chat === undefined || kept === undefined ? undefined : { chat, kept };
}

export function toWireChat(chat: Chat, messages: readonly WireMessage[] = []): WireChat {
  return {
    id: chat.id,
    kind: chat.kind,
    name: chat.name,
    unread: chat.unread,
    t: chat.t,
    ...(chat.members !== undefined && { members: chat.members }),
    messages,
  };
}

/** Takes a message into its chat, and tells every linked device of it that did not send it itself. */
export function keep(
  world: World,
  chat: Chat,
  message: WireMessage,
  from: Pick<Kept, 'by' | 'request'>,
): Kept {
  const kept: Kept = { message, ...from, at: world.now(), reactions: new Map(), edited: false };
  chat.kept.set(message.key.id, kept);
  chat.t = message.t;
  if (!message.key.fromMe && kept.by === 'person') chat.unread += 1;
  if (kept.by === 'person' && chat.person !== undefined) chat.person.shown.push({ kept, first: message });
  world.emit({ kind: 'message', chat: toWireChat(chat), message });
  return kept;
}

export function change(world: World, kept: Kept, set: Readonly<Record<string, unknown>>): void {
  kept.message = { ...kept.message, ...set };
  world.emit({ kind: 'change', key: kept.message.key, set });
}

/** Brings one of our messages to the person, if it can; their phone tells the server so. */
export function deliver(world: World, kept: Kept, person: PersonState): void {
  if (person.blocked || !person.online || world.acks !== 'all') return;
  show(kept, person);
  if (kept.message.ack < 2) change(world, kept, { ack: 2 });
}

export function show(kept: Kept, person: PersonState): void {
  if (!person.shown.some((one) => one.kept === kept)) person.shown.push({ kept, first: kept.message });
}
