// The calls that change or remove what is already in a chat: edits, deletions, pins, reactions, "typing".
import { isDeepStrictEqual } from 'node:util';
import {
  type Call,
  enterChat,
  findThread,
  findVisible,
  type Handler,
  hasRight,
  number,
  text,
} from './call.ts';
import { bad } from './refusal.ts';
import { readCaption, readText } from './send.ts';
import { addMessage, type Chat, type Json, type Kept, messageWire, reviseMessage } from './world.ts';

const DELETABLE_MS = 48 * 3600 * 1000;

function findOwn(call: Call): { chat: Chat; kept: Kept } {
  const { params } = call;
  if (params.inline_message_id !== undefined) throw bad('MESSAGE_ID_INVALID');
  if (params.chat_id === undefined) throw bad('chat_id is empty', 'missing-parameter');
  if (params.message_id === undefined) throw bad('message identifier is not specified', 'missing-parameter');
  const chat = enterChat(call);
  const kept = findVisible(chat, number(params, 'message_id'));
  if (kept === undefined) throw bad('message to edit not found');
  const isContent = ['forum_topic_created', 'pinned_message'].every(
    (field) => kept.wire[field] === undefined,
  );
  if (!kept.byBot || !isContent || kept.wire.forward_origin !== undefined)
    throw bad("message can't be edited");
  if (kept.replyKeyboard !== undefined) throw bad("message can't be edited");
  return { chat, kept };
}

function edit(read: (call: Call, kept: Kept) => Json): Handler {
  return (call) => {
    const { chat, kept } = findOwn(call);
    const markup = call.params.reply_markup as { inline_keyboard: unknown[][] } | undefined;
    const rows = markup?.inline_keyboard.filter((row) => row.length > 0) ?? [];
    // An edit without buttons takes the buttons away, as on the real server.
    const change: Json = {
      ...read(call, kept),
      reply_markup: rows.length === 0 ? undefined : { inline_keyboard: rows },
    };
    const same = Object.keys(change).every((field) => isDeepStrictEqual(kept.wire[field], change[field]));
    if (same) {
      throw bad(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      );
    }
    const date = Math.floor(call.world.now() / 1000);
    reviseMessage(call.world, kept, { ...change, edit_date: date }, call.request);
    return messageWire(chat, kept);
  };
}

const editMessageText = edit((call, kept) => {
  if (kept.wire.text === undefined) throw bad('there is no text in the message to edit');
  return { entities: undefined, ...readText(call.params) };
});

const editMessageCaption = edit((call, kept) => {
  const media = ['photo', 'video', 'audio', 'voice', 'document', 'animation'];
  if (media.every((field) => kept.wire[field] === undefined)) {
    throw bad('there is no caption in the message to edit');
  }
  return { caption: undefined, caption_entities: undefined, ...readCaption(call.params) };
});

function mayDelete(call: Call, chat: Chat, kept: Kept): boolean {
  if (call.world.now() - kept.at > DELETABLE_MS) return false;
  if (kept.wire.forum_topic_created !== undefined) return false;
  return kept.byBot || chat.type === 'private' || hasRight(call.world, chat, 'can_delete_messages');
}

function erase(call: Call, kept: Kept): void {
  kept.deletedAt = call.world.now();
  call.world.changed.fire();
}

const deleteMessage: Handler = (call) => {
  const chat = enterChat(call);
  const kept = findVisible(chat, number(call.params, 'message_id'));
  if (kept === undefined) throw bad('message to delete not found');
  if (!mayDelete(call, chat, kept)) throw bad("message can't be deleted");
  erase(call, kept);
  return true;
};

const deleteMessages: Handler = (call) => {
  const chat = enterChat(call);
  const ids = call.params.message_ids as number[];
  if (ids.length === 0) throw bad('message identifiers are not specified', 'missing-parameter');
  if (ids.length > 100) throw bad('too many message identifiers specified', 'too-long');
  const found = ids.flatMap((id) => findVisible(chat, id) ?? []);
  if (!found.every((kept) => mayDelete(call, chat, kept))) throw bad("message can't be deleted");
  for (const kept of found) erase(call, kept);
  return true;
};

function mayPin(call: Call, chat: Chat): void {
  if (chat.type !== 'private' && !hasRight(call.world, chat, 'can_pin_messages')) {
    throw bad('not enough rights to manage pinned messages in the chat');
  }
}

const pinChatMessage: Handler = (call) => {
  const chat = enterChat(call);
  mayPin(call, chat);
  const kept = findVisible(chat, number(call.params, 'message_id'));
  if (kept === undefined) throw bad('message to pin not found');
  if (chat.pinned.has(kept.id)) return true;
  chat.pinned.add(kept.id);
  addMessage(call.world, chat, {
    from: call.world.me,
    byBot: true,
    service: true,
    thread: kept.thread,
    request: call.request,
    content: { pinned_message: { ...kept.wire } },
  });
  return true;
};

const unpinChatMessage: Handler = (call) => {
  const chat = enterChat(call);
  mayPin(call, chat);
  const id = number(call.params, 'message_id') ?? [...chat.pinned].at(-1);
  if (id === undefined || !chat.pinned.delete(id)) throw bad('message to unpin not found');
  call.world.changed.fire();
  return true;
};

const REACTIONS = new Set(
  '❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'.split(
    ' ',
  ),
);

const setMessageReaction: Handler = (call) => {
  const chat = enterChat(call);
  const kept = findVisible(chat, number(call.params, 'message_id'));
  if (kept === undefined) throw bad('message to react not found');
  const reaction = (call.params.reaction as Json[] | undefined) ?? [];
  if (reaction.length > 1) throw bad('REACTIONS_TOO_MANY');
  for (const one of reaction) {
    const known = one.type === 'emoji' && REACTIONS.has(String(one.emoji));
    if (!known) throw bad('REACTION_INVALID', 'bad-markup');
  }
  kept.reactions.set(call.world.me.id, reaction);
  call.world.changed.fire();
  return true;
};

const CHAT_ACTIONS = new Set(
  'typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker find_location record_video_note upload_video_note'.split(
    ' ',
  ),
);

const sendChatAction: Handler = (call) => {
  const action = text(call.params, 'action') ?? '';
  if (!CHAT_ACTIONS.has(action)) throw bad('wrong parameter action in request', 'wrong-type');
  const chat = enterChat(call);
  const thread = findThread(call, chat, true);
  chat.actions.push({ action, thread, at: call.world.now() });
  call.world.changed.fire();
  return true;
};

export const EDITS = {
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup: edit(() => ({})),
  deleteMessage,
  deleteMessages,
  pinChatMessage,
  unpinChatMessage,
  setMessageReaction,
  sendChatAction,
} as const satisfies Record<string, Handler>;
