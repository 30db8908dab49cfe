// The hands of somebody in a chat: what they do becomes the updates Telegram would send. It never calls the bot.
import { type Ledger, type Seen, seenOf, type ThreadChoice } from './ledger.ts';
import { type FileSource, type MediaKind, showMedia, storeFile } from './media.ts';
import { findCommands } from './parse-text.ts';
import { createPress, type Press } from './press.ts';
import {
  addMessage,
  type Chat,
  type Json,
  type Kept,
  messageWire,
  reviseMessage,
  tellUpdate,
  type User,
  type World,
} from './world.ts';

export interface Where {
  /** Topic of a forum; left out: General, or the plain chat. */
  readonly thread?: number;
  readonly reply_to?: number;
}

export interface CaptionWhere extends Where {
  readonly caption?: string;
  readonly name?: string;
  readonly mime?: string;
  readonly seconds?: number;
}

export interface AlbumItem {
  readonly kind: 'photo' | 'video' | 'document' | 'audio';
  readonly file: Uint8Array | FileSource;
  readonly caption?: string;
}

export type ButtonChoice = string | { readonly messageId: number; readonly data: string };

export type Look = string | RegExp | ((message: Seen) => boolean);

/** One person (or channel, or other bot) inside one chat. */
export interface Actor {
  readonly user: User;
  say(text: string, where?: Where): Seen;
  sendPhoto(bytes: Uint8Array | FileSource, caption?: string | CaptionWhere): Seen;
  sendAlbum(items: readonly AlbumItem[], where?: Where): readonly Seen[];
  sendVoice(bytes: Uint8Array | FileSource, where?: CaptionWhere): Seen;
  sendVideo(bytes: Uint8Array | FileSource, where?: CaptionWhere): Seen;
  sendAudio(bytes: Uint8Array | FileSource, where?: CaptionWhere): Seen;
  sendDocument(bytes: Uint8Array | FileSource, where?: CaptionWhere): Seen;
  sendSticker(emoji?: string, where?: Where): Seen;
  sendLocation(latitude: number, longitude: number, where?: Where): Seen;
  sendContact(phone: string, where?: Where): Seen;
  /** Presses the newest visible inline button with this label, or the button of a given message. */
  press(button: ButtonChoice, where?: { readonly thread?: ThreadChoice }): Press;
  edit(messageId: number, text: string): Seen;
  react(messageId: number, emoji: string | undefined): void;
}

export interface Stage {
  readonly world: World;
  readonly ledger: Ledger;
  readonly presses: Map<string, Press>;
}

export function fits(look: Look): (message: Seen) => boolean {
  if (typeof look === 'function') return look;
  if (typeof look === 'string') return (message) => message.text?.includes(look) ?? false;
  return (message) => look.test(message.text ?? '');
}

export function waitForMessage(
  stage: Stage,
  chatId: number,
  thread: ThreadChoice,
  look: Look,
  ms: number,
): Promise<Seen> {
  const wanted = fits(look);
  return stage.world.changed.until(
    () => stage.ledger.lastByBot(chatId, thread, wanted),
    ms,
    `a message like ${String(look)} in chat ${chatId}`,
  );
}

const toSource = (file: Uint8Array | FileSource): FileSource =>
  file instanceof Uint8Array ? { bytes: file } : file;

const textContent = (text: string): Json => {
  const entities = findCommands(text);
  return { text, ...(entities.length > 0 && { entities }) };
};

export function createActor(
  stage: Stage,
  getChat: () => Chat,
  who: { user: User; senderChat?: Json; extra?: Json },
): Actor {
  const { world, ledger } = stage;
  const { user } = who;

  const post = (content: Json, where: Where = {}): Seen => {
    const chat = getChat();
    const replied = where.reply_to === undefined ? undefined : chat.messages.get(where.reply_to);
    if (where.reply_to !== undefined && replied === undefined)
      throw new Error(`no message ${where.reply_to}`);
    const thread = where.thread ?? replied?.thread;
    if (thread !== undefined) {
      const topic = chat.topics.get(thread);
      if (topic === undefined || topic.deleted) throw new Error(`chat ${chat.id} has no topic ${thread}`);
    }
    const kept = addMessage(world, chat, {
      from: user,
      ...(who.senderChat !== undefined && { senderChat: who.senderChat }),
      thread,
      replyTo: where.reply_to,
      content: { ...content, ...who.extra },
    });
    return seenOf(world, chat, kept);
  };

  const media = (kind: MediaKind, file: Uint8Array | FileSource, where: CaptionWhere = {}): Seen => {
    const { name, mime } = where;
    const source = {
      ...toSource(file),
      ...(name !== undefined && { name }),
      ...(mime !== undefined && { mime }),
    };
    const shown = showMedia(world, kind, storeFile(world, kind, source), {
      ...(where.seconds !== undefined && { duration: where.seconds }),
    });
    return post({ ...shown, ...(where.caption !== undefined && { caption: where.caption }) }, where);
  };

  const find = (messageId: number): Kept => {
    const kept = getChat().messages.get(messageId);
    if (kept === undefined || kept.deletedAt !== undefined)
      throw new Error(`no visible message ${messageId}`);
    return kept;
  };

  function findButton(button: ButtonChoice, thread: ThreadChoice): { messageId: number; data: string } {
    const visible = ledger.seen(getChat().id, thread);
    if (typeof button !== 'string') {
      // What cannot be seen cannot be pressed, but a client that has not heard of an edit still sends the old data.
      const message = visible.find((one) => one.message_id === button.messageId);
      const states = message === undefined ? [] : [message, ...message.history];
      const known = states.some((one) => one.buttons.flat().some((each) => each.data === button.data));
      if (!known) throw new Error(`message ${button.messageId} never had a button with "${button.data}"`);
      return button;
    }
    for (const message of [...visible].reverse()) {
      const found = message.buttons.flat().find((one) => one.text === button);
      if (found?.data !== undefined) return { messageId: message.message_id, data: found.data };
      if (found !== undefined) throw new Error(`"${button}" is a link to ${found.url}`);
    }
    const labels = visible.flatMap((one) => one.buttons.flat().map((each) => each.text));
    throw new Error(
      `no button "${button}" in chat ${getChat().id}; visible: ${labels.join(' | ') || 'none'}`,
    );
  }

  return {
    user,
    say: (text, where) => post(textContent(text), where),
    sendPhoto: (file, caption) => media('photo', file, typeof caption === 'string' ? { caption } : caption),
    sendVoice: (file, where) => media('voice', file, where),
    sendVideo: (file, where) => media('video', file, where),
    sendAudio: (file, where) => media('audio', file, where),
    sendDocument: (file, where) => media('document', file, where),
    sendSticker: (emoji = '👍', where = {}) =>
      post(showMedia(world, 'sticker', storeFile(world, 'sticker', { size: 20_000 }), { emoji }), where),
    sendLocation: (latitude, longitude, where) => post({ location: { latitude, longitude } }, where),
    sendContact: (phone_number, where) =>
      post({ contact: { phone_number, first_name: user.first_name, user_id: user.id } }, where),
    sendAlbum(items, where) {
      const media_group_id = String(world.nextId('album', 13_000_000_000));
      return items.map(({ kind, file, caption }) =>
        post(
          {
            media_group_id,
            ...showMedia(world, kind, storeFile(world, kind, toSource(file))),
            ...(caption !== undefined && { caption }),
          },
          where,
        ),
      );
    },
    press(button, where = {}) {
      const { messageId, data } = findButton(button, where.thread);
      const chat = getChat();
      const id = String(world.nextId('press', 4_382_910_000_001));
      const press = createPress(
        { id, chatId: chat.id, messageId, userId: user.id, data, at: world.now() },
        world.changed,
      );
      stage.presses.set(id, press);
      world.emit(
        'callback_query',
        { id, from: user, message: messageWire(chat, find(messageId)), chat_instance: `ci${chat.id}`, data },
        { queue: `press:${user.id}` },
      );
      return press;
    },
    edit(messageId, text) {
      const kept = find(messageId);
      const chat = getChat();
      if ((kept.wire.from as User).id !== user.id) throw new Error('people can edit their own messages only');
      const field =
        kept.wire.text === undefined ? { caption: text } : { entities: undefined, ...textContent(text) };
      reviseMessage(world, kept, { ...field, edit_date: Math.floor(world.now() / 1000) }, undefined);
      tellUpdate(world, chat, 'edited_message', kept);
      return seenOf(world, chat, kept);
    },
    react(messageId, emoji) {
      const kept = find(messageId);
      const chat = getChat();
      const before = kept.reactions.get(user.id) ?? [];
      const next = emoji === undefined ? [] : [{ type: 'emoji', emoji }];
      kept.reactions.set(user.id, next);
      world.changed.fire();
      // In groups only an administrator is told of reactions.
      const status = chat.members.get(world.me.id)?.status;
      if (chat.type !== 'private' && status !== 'administrator' && status !== 'creator') return;
      world.emit(
        'message_reaction',
        {
          chat: messageWire(chat, kept).chat,
          message_id: messageId,
          user,
          date: Math.floor(world.now() / 1000),
          old_reaction: before,
          new_reaction: next,
        },
        { queue: `chat:${chat.id}` },
      );
    },
  };
}
