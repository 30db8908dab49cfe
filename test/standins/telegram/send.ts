// The calls that put a message into a chat: text, media, albums, copies, forwards. They check what only the content
// can tell; parameters were checked before, the chat's rules live in call.ts.
import {
  type Call,
  enterToWrite,
  findChat,
  findReply,
  findThread,
  findVisible,
  type Handler,
  number,
  text,
} from './call.ts';
import { MEDIA_KINDS, type MediaKind, showMedia, takeFile } from './media.ts';
import { type Entity, parseText } from './parse-text.ts';
import { bad } from './refusal.ts';
import type { Params } from './validate.ts';
import { addMessage, type Chat, chatWire, type Json, type Kept, messageWire } from './world.ts';

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

export function readText(params: Params): Json {
  const formatted = parseText(
    text(params, 'text') ?? '',
    text(params, 'parse_mode'),
    params.entities as readonly Entity[] | undefined,
  );
  if (formatted.text === '') throw bad('message text is empty');
  if ([...formatted.text].length > MAX_TEXT) throw bad('message is too long', 'too-long');
  return { text: formatted.text, ...(formatted.entities.length > 0 && { entities: formatted.entities }) };
}

export function readCaption(params: Params): Json {
  const given = text(params, 'caption');
  if (given === undefined) return {};
  const formatted = parseText(
    given,
    text(params, 'parse_mode'),
    params.caption_entities as readonly Entity[] | undefined,
  );
  if ([...formatted.text].length > MAX_CAPTION) throw bad('message caption is too long', 'too-long');
  if (formatted.text === '') return {};
  return {
    caption: formatted.text,
    ...(formatted.entities.length > 0 && { caption_entities: formatted.entities }),
  };
}

/** Only inline buttons are part of a message; the other markups change what is under the text field. */
function splitMarkup(params: Params): { shown: Json; keyboard: Json | undefined } {
  const markup = params.reply_markup as Json | undefined;
  if (markup === undefined) return { shown: {}, keyboard: undefined };
  if (!('inline_keyboard' in markup)) return { shown: {}, keyboard: markup };
  const rows = (markup.inline_keyboard as unknown[][]).filter((row) => row.length > 0);
  return { shown: rows.length === 0 ? {} : { reply_markup: { inline_keyboard: rows } }, keyboard: undefined };
}

interface Place {
  readonly chat: Chat;
  readonly thread: number | undefined;
  readonly replyTo: number | undefined;
}

function findPlace(call: Call): Place {
  const chat = enterToWrite(call);
  const thread = findThread(call, chat);
  const reply = findReply(call, chat);
  // A reply goes to the topic of the message it answers.
  return { chat, thread: thread ?? reply?.thread, replyTo: reply?.id };
}

function put(call: Call, place: Place, content: Json, more: { copiedFrom?: Kept['copiedFrom'] } = {}): Kept {
  const { shown, keyboard } = splitMarkup(call.params);
  return addMessage(call.world, place.chat, {
    from: call.world.me,
    byBot: true,
    thread: place.thread,
    replyTo: place.replyTo,
    request: call.request,
    replyKeyboard: keyboard,
    copiedFrom: more.copiedFrom,
    content: {
      ...content,
      ...(call.params.protect_content === true && { has_protected_content: true }),
      ...shown,
    },
  });
}

function send(read: (call: Call) => Json): Handler {
  return (call) => {
    const place = findPlace(call);
    return messageWire(place.chat, put(call, place, read(call)));
  };
}

const sendMedia = (kind: MediaKind): Handler =>
  send((call) => {
    const file = takeFile(call, kind, text(call.params, kind) ?? '');
    const caption = readCaption(call.params);
    return {
      ...showMedia(call.world, kind, file, call.params),
      ...caption,
      ...(call.params.has_spoiler === true && { has_media_spoiler: true }),
    };
  });

const sendLocation = send(({ params }) => {
  const latitude = number(params, 'latitude') ?? 0;
  const longitude = number(params, 'longitude') ?? 0;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) throw bad('wrong location coordinates specified');
  return { location: { latitude, longitude } };
});

const sendContact = send(({ params }) => {
  const { phone_number, first_name, last_name, vcard } = params;
  if (phone_number === '') throw bad('phone number is empty');
  if (first_name === '') throw bad('contact first name is empty');
  return {
    contact: {
      phone_number,
      first_name,
      ...(last_name !== undefined && { last_name }),
      ...(vcard !== undefined && { vcard }),
    },
  };
});

const sendMediaGroup: Handler = (call) => {
  const items = call.params.media as (Params & { type: MediaKind; media: string })[];
  if (items.length < 2) throw bad('too few messages to send as an album', 'too-long');
  if (items.length > 10) throw bad('too many messages to send as an album', 'too-long');
  const kinds = new Set(items.map((item) => item.type));
  const strict = kinds.has('audio') || kinds.has('document');
  if (strict && kinds.size > 1) throw bad("can't use the media of the specified type in the album");
  const place = findPlace(call);
  const contents = items.map((item) => ({
    ...showMedia(call.world, item.type, takeFile(call, item.type, item.media), item),
    ...readCaption(item),
  }));
  const group = String(call.world.nextId('album', 13_000_000_000));
  return contents
    .map((content) => put(call, place, { ...content, media_group_id: group }))
    .map((kept) => messageWire(place.chat, kept));
};

const COPIED = ['text', 'entities', 'caption', 'caption_entities', 'location', 'contact', ...MEDIA_KINDS];

export function contentOf(kept: Kept): Json | undefined {
  const found = COPIED.filter((field) => kept.wire[field] !== undefined);
  return found.length === 0 ? undefined : Object.fromEntries(found.map((field) => [field, kept.wire[field]]));
}

const copyMessage: Handler = (call) => {
  const { params, world } = call;
  const place = findPlace(call);
  const source = findChat(world, params.from_chat_id);
  const kept = findVisible(source, number(params, 'message_id'));
  if (kept === undefined) throw bad('message to copy not found');
  const content = contentOf(kept);
  if (content === undefined) throw bad("message can't be copied");
  if (params.caption !== undefined && content.text === undefined) {
    delete content.caption;
    delete content.caption_entities;
    Object.assign(content, readCaption(params));
  }
  const copy = put(call, place, content, { copiedFrom: { chat: source.id, message: kept.id } });
  return { message_id: copy.id };
};

const copyMessages: Handler = (call) => {
  const { params, world } = call;
  const ids = params.message_ids as number[];
  if (ids.length === 0) throw bad('message identifiers are not specified', 'missing-parameter');
  if (ids.length > 100) throw bad('too many messages to copy', 'too-long');
  if (ids.some((id, index) => index > 0 && id <= (ids[index - 1] ?? 0))) {
    throw bad('message identifiers must be in a strictly increasing order');
  }
  const place = findPlace(call);
  const source = findChat(world, params.from_chat_id);
  const groups = new Map<unknown, string>();
  const copies = ids.flatMap((id) => {
    const kept = findVisible(source, id);
    const content = kept === undefined ? undefined : contentOf(kept);
    if (kept === undefined || content === undefined) return [];
    if (params.remove_caption === true) {
      delete content.caption;
      delete content.caption_entities;
    }
    const album = kept.wire.media_group_id;
    if (album !== undefined) {
      const group = groups.get(album) ?? String(world.nextId('album', 13_000_000_000));
      groups.set(album, group);
      content.media_group_id = group;
    }
    return [{ message_id: put(call, place, content, { copiedFrom: { chat: source.id, message: id } }).id }];
  });
  if (copies.length === 0) throw bad('there are no messages to copy');
  return copies;
};

const forwardMessage: Handler = (call) => {
  const { params, world } = call;
  const place = findPlace(call);
  const source = findChat(world, params.from_chat_id);
  const kept = findVisible(source, number(params, 'message_id'));
  if (kept === undefined) throw bad('message to forward not found');
  const content = contentOf(kept);
  if (content === undefined || kept.wire.has_protected_content === true)
    throw bad("message can't be forwarded");
  const origin =
    kept.wire.sender_chat === undefined
      ? { type: 'user', date: kept.wire.date, sender_user: kept.wire.from }
      : { type: 'chat', date: kept.wire.date, sender_chat: chatWire(source) };
  return messageWire(
    place.chat,
    put(call, place, { ...content, forward_origin: kept.wire.forward_origin ?? origin }),
  );
};

export const SENDS = {
  sendMessage: send(({ params }) => readText(params)),
  sendPhoto: sendMedia('photo'),
  sendVoice: sendMedia('voice'),
  sendAudio: sendMedia('audio'),
  sendVideo: sendMedia('video'),
  sendVideoNote: sendMedia('video_note'),
  sendAnimation: sendMedia('animation'),
  sendDocument: sendMedia('document'),
  sendSticker: sendMedia('sticker'),
  sendLocation,
  sendContact,
  sendMediaGroup,
  copyMessage,
  copyMessages,
  forwardMessage,
} as const satisfies Record<string, Handler>;
