// What every call has at hand while it is carried out, and the questions all of them ask: which chat, may the bot
// write there, which topic, which message is answered.
import type { Upload } from './body.ts';
import type { Press } from './press.ts';
import { bad, forbidden, migrated, Refusal } from './refusal.ts';
import type { Updates } from './updates.ts';
import type { Params } from './validate.ts';
import type { Webhook } from './webhook.ts';
import type { Chat, Kept, World } from './world.ts';

export interface BotProfile {
  commands: { scope: string; language: string; commands: unknown }[];
  description: Map<string, string>;
  shortDescription: Map<string, string>;
  menuButton: unknown;
  loggedOut: boolean;
}

export interface Call {
  readonly world: World;
  readonly updates: Updates;
  readonly webhook: Webhook;
  readonly presses: Map<string, Press>;
  readonly profile: BotProfile;
  readonly params: Params;
  readonly uploads: ReadonlyMap<string, Upload>;
  /** Number of the request, kept with everything it changes. */
  readonly request: number;
  /** Aborted when the caller hung up. */
  readonly gone: AbortSignal;
}

export type Handler = (call: Call) => unknown;

export const text = (params: Params, name: string): string | undefined => params[name] as string | undefined;
export const number = (params: Params, name: string): number | undefined =>
  params[name] as number | undefined;

export function findChat(world: World, id: unknown): Chat {
  const chat =
    typeof id === 'string'
      ? [...world.chats.values()].find((one) => id.startsWith('@') && one.username === id.slice(1))
      : world.chats.get(id as number);
  if (chat === undefined) {
    if (typeof id === 'number' && world.users.get(id)?.is_bot === false) {
      throw forbidden("bot can't initiate conversation with a user");
    }
    throw bad('chat not found');
  }
  if (chat.migratedTo !== undefined) throw migrated(chat.migratedTo);
  return chat;
}

/** The chat, if the bot is inside it. */
export function enterChat(call: Call): Chat {
  const { world, params } = call;
  const chat = findChat(world, params.chat_id);
  if (chat.type === 'private') {
    if (chat.state === 'never-started') throw forbidden("bot can't initiate conversation with a user");
    if (chat.state === 'blocked') throw forbidden('bot was blocked by the user');
    if (chat.state === 'deactivated') throw forbidden('user is deactivated');
    return chat;
  }
  const mine = chat.members.get(world.me.id);
  if (mine?.status === 'kicked') throw forbidden(`bot was kicked from the ${chat.type} chat`);
  if (mine === undefined || mine.status === 'left') {
    throw forbidden(`bot is not a member of the ${chat.type} chat`);
  }
  return chat;
}

export function hasRight(world: World, chat: Chat, right: string): boolean {
  const mine = chat.members.get(world.me.id);
  return mine?.status === 'creator' || (mine?.status === 'administrator' && mine.rights[right] === true);
}

export function enterToWrite(call: Call): Chat {
  const chat = enterChat(call);
  const mine = chat.members.get(call.world.me.id);
  if (mine?.status === 'restricted' && mine.rights.can_send_messages !== true) {
    throw bad('not enough rights to send text messages to the chat');
  }
  return chat;
}

/** The topic a message is to go to. General is addressed by leaving the thread out. */
export function findThread(call: Call, chat: Chat, allowGeneral = false): number | undefined {
  const thread = number(call.params, 'message_thread_id');
  if (thread === undefined || (allowGeneral && chat.isForum && thread === 1)) return undefined;
  const topic = chat.isForum ? chat.topics.get(thread) : undefined;
  if (topic === undefined) throw bad('message thread not found');
  if (topic.deleted) throw bad(call.world.deletedTopicText);
  if (topic.closed && !topic.byBot && !hasRight(call.world, chat, 'can_manage_topics'))
    throw bad('TOPIC_CLOSED');
  return thread;
}

export function findVisible(chat: Chat, id: number | undefined): Kept | undefined {
  const kept = id === undefined ? undefined : chat.messages.get(id);
  return kept === undefined || kept.deletedAt !== undefined ? undefined : kept;
}

export function findReply(call: Call, chat: Chat): Kept | undefined {
  const reply = call.params.reply_parameters as
    | { message_id: number; chat_id?: number; allow_sending_without_reply?: boolean; quote?: string }
    | undefined;
  if (reply === undefined) return undefined;
  const source = reply.chat_id === undefined ? chat : findChat(call.world, reply.chat_id);
  const kept = findVisible(source, reply.message_id);
  if (kept === undefined) {
    if (reply.allow_sending_without_reply === true) return undefined;
    throw bad('message to be replied not found');
  }
  if (reply.quote !== undefined && !String(kept.wire.text ?? kept.wire.caption ?? '').includes(reply.quote)) {
    throw bad('QUOTE_TEXT_INVALID');
  }
  return source === chat ? kept : undefined;
}

export function refuseLoggedOut(call: Call): void {
  if (call.profile.loggedOut) throw new Refusal(400, 'Logged out');
}
