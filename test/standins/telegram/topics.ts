// Topics of a forum: creating, naming, closing, deleting, as the bot does it by a call and a person by hand.
import { type Call, enterChat, type Handler, hasRight, number, text } from './call.ts';
import { bad } from './refusal.ts';
import {
  addMessage,
  type Chat,
  type Json,
  nextMessageId,
  type Topic,
  type User,
  type World,
} from './world.ts';

const ICON_COLORS = [7322096, 16766590, 13338331, 9367192, 16749490, 16478047] as const;

/** The only custom emoji the server takes as a topic's icon. */
export const ICON_STICKERS: readonly { id: string; emoji: string }[] = [
  ['5434144690511290129', '📰'],
  ['5312536423851630001', '💡'],
  ['5312016608254762256', '⚡️'],
  ['5377544228505134960', '🎙'],
  ['5418085807791545980', '🔝'],
  ['5379748062124056162', '❗️'],
  ['5237699328843200968', '✅'],
  ['5408906741125490282', '🏁'],
  ['5417915203100613993', '💬'],
  ['5357121491508928442', '👀'],
  ['5377438129928020693', '⭐️'],
  ['5309832892262654231', '🤖'],
].map(([id = '', emoji = '']) => ({ id, emoji }));

interface Actor {
  readonly from: User;
  readonly senderChat?: Json;
  readonly byBot: boolean;
  readonly request?: number;
}

function tell(world: World, chat: Chat, topic: Topic, actor: Actor, content: Json): void {
  addMessage(world, chat, { ...actor, thread: topic.id, service: true, content });
}

export function createTopic(
  world: World,
  chat: Chat,
  actor: Actor,
  about: { name: string; color?: number | undefined; icon?: string | undefined },
): Topic {
  const color = about.color ?? ICON_COLORS[0];
  const icon = about.icon;
  const shown = {
    name: about.name,
    icon_color: color,
    ...(icon !== undefined && { icon_custom_emoji_id: icon }),
  };
  // The creation message is the topic: its id is the thread's.
  const id = nextMessageId(world, chat);
  const topic: Topic = {
    id,
    name: about.name,
    icon_color: color,
    icon_custom_emoji_id: icon,
    closed: false,
    deleted: false,
    byBot: actor.byBot,
  };
  chat.topics.set(id, topic);
  addMessage(world, chat, {
    ...actor,
    id,
    thread: id,
    service: true,
    content: { forum_topic_created: shown },
  });
  return topic;
}

export function changeTopic(
  world: World,
  chat: Chat,
  topic: Topic,
  actor: Actor,
  change: { name?: string | undefined; icon?: string | undefined },
): boolean {
  const name = change.name !== undefined && change.name !== topic.name ? change.name : undefined;
  const before = topic.icon_custom_emoji_id ?? '';
  const icon = change.icon !== undefined && change.icon !== before ? change.icon : undefined;
  if (name === undefined && icon === undefined) return false;
  if (name !== undefined) topic.name = name;
  if (icon !== undefined) topic.icon_custom_emoji_id = icon === '' ? undefined : icon;
  tell(world, chat, topic, actor, {
    forum_topic_edited: {
      ...(name !== undefined && { name }),
      ...(icon !== undefined && { icon_custom_emoji_id: icon }),
    },
  });
  return true;
}

export function setTopicClosed(
  world: World,
  chat: Chat,
  topic: Topic,
  actor: Actor,
  closed: boolean,
): boolean {
  if (topic.closed === closed) return false;
  topic.closed = closed;
  tell(world, chat, topic, actor, closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} });
  return true;
}

/** A deleted topic takes its messages with it, and nobody is told. */
export function deleteTopic(world: World, chat: Chat, topic: Topic): void {
  topic.deleted = true;
  for (const kept of chat.messages.values()) {
    if (kept.thread === topic.id) kept.deletedAt ??= world.now();
  }
  world.changed.fire();
}

function enterForum(call: Call): Chat {
  const chat = enterChat(call);
  if (!chat.isForum) throw bad('the chat is not a forum');
  return chat;
}

function findTopic(call: Call, chat: Chat, right: string, refusal: string): Topic {
  const topic = chat.topics.get(number(call.params, 'message_thread_id') ?? 0);
  if (topic === undefined || topic.deleted) throw bad('TOPIC_ID_INVALID');
  const own = topic.byBot && right === 'can_manage_topics';
  if (!own && !hasRight(call.world, chat, right)) throw bad(refusal);
  return topic;
}

function readName(call: Call): string | undefined {
  const given = text(call.params, 'name');
  if (given === undefined) return undefined;
  if ([...given].length > 128) throw bad('TOPIC_TITLE_TOO_LONG', 'too-long');
  return given.trim();
}

function readIcon(call: Call): string | undefined {
  const icon = text(call.params, 'icon_custom_emoji_id');
  if (icon !== undefined && icon !== '' && !ICON_STICKERS.some((sticker) => sticker.id === icon)) {
    throw bad('DOCUMENT_INVALID', 'bad-markup');
  }
  return icon;
}

const asBot = (call: Call): Actor => ({ from: call.world.me, byBot: true, request: call.request });

const createForumTopic: Handler = (call) => {
  const chat = enterForum(call);
  if (!hasRight(call.world, chat, 'can_manage_topics')) throw bad('not enough rights to create a topic');
  const name = readName(call);
  if (name === undefined || name === '') throw bad('TOPIC_TITLE_EMPTY', 'missing-parameter');
  const color = number(call.params, 'icon_color');
  if (color !== undefined && !ICON_COLORS.some((known) => known === color)) {
    throw bad('invalid icon color specified', 'bad-markup');
  }
  const icon = readIcon(call);
  const topic = createTopic(call.world, chat, asBot(call), {
    name,
    color,
    icon: icon === '' ? undefined : icon,
  });
  return {
    message_thread_id: topic.id,
    name,
    icon_color: topic.icon_color,
    ...(topic.icon_custom_emoji_id !== undefined && { icon_custom_emoji_id: topic.icon_custom_emoji_id }),
  };
};

const editForumTopic: Handler = (call) => {
  const chat = enterForum(call);
  const topic = findTopic(call, chat, 'can_manage_topics', 'not enough rights to edit the topic');
  const name = readName(call);
  const icon = readIcon(call);
  // An empty name keeps the old one.
  const change = { name: name === '' ? undefined : name, icon };
  if (!changeTopic(call.world, chat, topic, asBot(call), change)) throw bad('TOPIC_NOT_MODIFIED');
  return true;
};

const setClosed =
  (closed: boolean): Handler =>
  (call) => {
    const chat = enterForum(call);
    const topic = findTopic(
      call,
      chat,
      'can_manage_topics',
      'not enough rights to close or reopen the topic',
    );
    if (!setTopicClosed(call.world, chat, topic, asBot(call), closed)) throw bad('TOPIC_NOT_MODIFIED');
    return true;
  };

const deleteForumTopic: Handler = (call) => {
  const chat = enterForum(call);
  const topic = findTopic(call, chat, 'can_delete_messages', 'not enough rights to delete the topic');
  deleteTopic(call.world, chat, topic);
  return true;
};

const getForumTopicIconStickers: Handler = () =>
  ICON_STICKERS.map(({ id, emoji }, index) => ({
    file_id: `CAACAgIAAxIcon${index}`,
    file_unique_id: `AgADIcon${index}`,
    type: 'custom_emoji',
    width: 512,
    height: 512,
    is_animated: true,
    is_video: false,
    emoji,
    set_name: 'Topics',
    custom_emoji_id: id,
  }));

export const TOPICS = {
  createForumTopic,
  editForumTopic,
  closeForumTopic: setClosed(true),
  reopenForumTopic: setClosed(false),
  deleteForumTopic,
  getForumTopicIconStickers,
} as const satisfies Record<string, Handler>;
