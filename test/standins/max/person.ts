// A person in a dialogue with the bot: what hands do, and what eyes saw. It never calls the bot.
import { fileAttachment } from './calls.ts';
import type { Updates } from './updates.ts';
import {
  type Dialogue,
  type Json,
  type Kept,
  type Press,
  type Seen,
  type StoredFile,
  seenOf,
  type World,
} from './world.ts';

export interface PersonOptions {
  readonly first_name?: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly locale?: string;
  /** They started the bot long ago. */
  readonly started?: true;
}

/** A message: by what it says, or by anything else about it. */
export type Look = string | RegExp | ((seen: Seen) => boolean);

export interface Person {
  readonly id: number;
  readonly chat: number;
  /** Presses "Start", or opens a deep link. */
  start(payload?: string): void;
  say(text: string, more?: { readonly replyTo?: string }): Seen;
  edit(id: string, text: string): void;
  forward(text: string, photo?: Uint8Array): void;
  press(button: string | { readonly messageId: string; readonly payload: string }): Press;
  sendPhoto(bytes: Uint8Array, more?: { readonly caption?: string }): Seen;
  sendAlbum(files: readonly Uint8Array[], more?: { readonly caption?: string }): Seen;
  sendDocument(bytes: Uint8Array, more?: { readonly name?: string }): Seen;
  sendVoice(bytes: Uint8Array): Seen;
  sendVideo(bytes: Uint8Array): Seen;
  sendSticker(): Seen;
  sendLocation(latitude: number, longitude: number): Seen;
  sendContact(name: string, phone: string): Seen;
  share(url: string, title: string): Seen;
  /** Stops the bot, as people block one here. */
  block(): void;
  unblock(): void;
  /** Deletes the dialogue, which stops the bot too. */
  remove(): void;
  /** What is in the dialogue now. */
  seen(): readonly Seen[];
  /** The bot's newest message. */
  last(): Seen | undefined;
  /** The bot's newest message that fits, now or as soon as there is one. */
  waitFor(look: Look, ms?: number): Promise<Seen>;
}

export function createPerson(world: World, updates: Updates, about: PersonOptions): Person {
  const number = world.next('person');
  const user = {
    user_id: 7_000_000 + number,
    first_name: about.first_name ?? `Person ${number}`,
    last_name: about.last_name ?? null,
    username: about.username ?? null,
    is_bot: false,
    last_activity_time: 0,
  };
  const dialogue: Dialogue = {
    chat: 90_000_000 + number,
    user,
    locale: about.locale ?? 'ru',
    state: about.started ? 'open' : 'new',
    messages: new Map(),
  };
  world.dialogues.set(dialogue.chat, dialogue);
  const line = String(user.user_id);
  const push = (update: Json): void =>
    updates.push({ timestamp: world.now(), ...update, user_locale: dialogue.locale }, line);
  const fitting = (look: Look) => (seen: Seen) =>
    typeof look === 'function'
      ? look(seen)
      : typeof look === 'string'
        ? seen.text.includes(look)
        : look.test(seen.text);
  const view = (kept: Kept): Seen => seenOf(world, kept, kept);

  function start(payload?: string): void {
    if (payload !== undefined && payload.length > 128)
      throw new Error('MAX gives no payload as long as that');
    dialogue.state = 'open';
    push({
      update_type: 'bot_started',
      chat_id: dialogue.chat,
      user,
      ...(payload !== undefined && { payload }),
    });
  }

  /** Nobody can write before the bot is started: the app shows the one button then. */
  function write(message: Partial<Pick<Kept, 'text' | 'attachments' | 'replyTo' | 'forwarded'>>): Seen {
    if (dialogue.state !== 'open') start();
    const kept = world.keep(dialogue, {
      text: null,
      attachments: [],
      replyTo: undefined,
      forwarded: undefined,
      ...message,
      byBot: false,
      request: undefined,
    });
    updates.push(
      {
        update_type: 'message_created',
        timestamp: kept.at,
        message: world.wire(kept),
        user_locale: dialogue.locale,
      },
      line,
    );
    return view(kept);
  }

  const stored = (type: StoredFile['type'], name: string, bytes: Uint8Array): Json => {
    const file = world.store(type, name, bytes);
    file.pending = 0;
    return fileAttachment(world, file);
  };
  const byBot = (): Kept[] => [...dialogue.messages.values()].filter((kept) => kept.byBot);

  function stop(kinds: readonly string[]): void {
    if (dialogue.state === 'stopped') return;
    dialogue.state = 'stopped';
    const timestamp = world.now();
    for (const update_type of kinds) push({ update_type, timestamp, chat_id: dialogue.chat, user });
  }

  return {
    id: user.user_id,
    chat: dialogue.chat,
    start,
    say: (text, more) => write({ text, replyTo: more?.replyTo }),
    edit(id, text) {
      const kept = dialogue.messages.get(id);
      if (!kept || kept.byBot) throw new Error('only their own message can be edited');
      kept.text = text;
      kept.edited = true;
      push({ update_type: 'message_edited', message: world.wire(kept) });
    },
    forward(text, photo) {
      const attachments = photo ? [stored('image', 'photo.jpg', photo)] : [];
      write({ forwarded: { mid: 'mid.ffff', seq: 1, text, attachments } });
    },
    press(button) {
      if (dialogue.state !== 'open') throw new Error('there are no buttons to press: the bot is stopped');
      const message =
        typeof button === 'string'
          ? byBot().findLast((kept) => view(kept).buttons.some((one) => one.label === button))
          : dialogue.messages.get(button.messageId);
      const found =
        message &&
        view(message).buttons.find((one) =>
          typeof button === 'string' ? one.label === button : one.payload === button.payload,
        );
      if (!message || found?.payload === undefined)
        throw new Error(`no button ${typeof button === 'string' ? `"${button}"` : button.payload}`);
      const press: Press = {
        id: `cb${world.next('callback').toString(36)}_${dialogue.chat}`,
        mid: message.mid,
        payload: found.payload,
        answers: [],
      };
      world.presses.set(press.id, press);
      const wire = world.wire(message);
      const timestamp = world.now();
      push({
        update_type: 'message_callback',
        timestamp,
        callback: { timestamp, callback_id: press.id, payload: press.payload, user },
        // In dialogues MAX leaves the chat's id out here.
        message: { ...wire, recipient: { chat_type: 'dialog', user_id: user.user_id } },
      });
      return press;
    },
    sendPhoto: (bytes, more) =>
      write({ text: more?.caption ?? null, attachments: [stored('image', 'photo.jpg', bytes)] }),
    sendAlbum: (files, more) =>
      write({
        text: more?.caption ?? null,
        attachments: files.map((bytes) => stored('image', 'photo.jpg', bytes)),
      }),
    sendDocument: (bytes, more) => write({ attachments: [stored('file', more?.name ?? 'file.bin', bytes)] }),
    sendVoice: (bytes) => write({ attachments: [stored('audio', 'voice.ogg', bytes)] }),
    sendVideo: (bytes) => write({ attachments: [stored('video', 'video.mp4', bytes)] }),
    sendSticker: () =>
      write({
        attachments: [
          { type: 'sticker', payload: { code: 'abc', url: `${world.root}/files/none` }, width: 1, height: 1 },
        ],
      }),
    sendLocation: (latitude, longitude) =>
      write({ attachments: [{ type: 'location', latitude, longitude }] }),
    sendContact: (name, phone) =>
      write({
        attachments: [
          {
            type: 'contact',
            payload: {
              vcf_info: `BEGIN:VCARD\r\nVERSION:3.0\r\nTEL;TYPE=cell:${phone}\r\nFN:${name}\r\nEND:VCARD\r\n`,
            },
          },
        ],
      }),
    share: (url, title) => write({ attachments: [{ type: 'share', payload: { url, token: 't' }, title }] }),
    block: () => stop(['bot_stopped']),
    unblock: () => start(),
    remove: () => stop(['bot_stopped', 'dialog_removed']),
    seen: () => [...dialogue.messages.values()].map(view),
    last: () => byBot().map(view).at(-1),
    waitFor: (look, ms = 5_000) =>
      world.changed.until(
        () => byBot().map(view).findLast(fitting(look)),
        ms,
        `a message to ${user.first_name}: ${look}`,
      ),
  };
}
