// What people see, written down by the stand-in itself: every message as it looks now, with all it went through,
// and every request. Tests judge by this and never by what the program believes it did.
import type { FaultKind } from './faults.ts';
import type { MediaKind } from './media.ts';
import { MEDIA_KINDS } from './media.ts';
import type { Chat, Json, Kept, StoredFile, World } from './world.ts';
import { textOf } from './world.ts';

export interface SeenButton {
  readonly text: string;
  readonly data: string | undefined;
  readonly url: string | undefined;
}

export interface SeenState {
  readonly text: string | undefined;
  readonly buttons: readonly (readonly SeenButton[])[];
}

export interface Seen extends SeenState {
  readonly message_id: number;
  readonly chat_id: number;
  /** The topic it lies in; absent outside topics and in General. */
  readonly thread_id: number | undefined;
  readonly at: number;
  readonly from: { readonly id: number; readonly name: string };
  readonly byBot: boolean;
  readonly entities: readonly Json[];
  readonly media: { readonly kind: MediaKind; readonly file: StoredFile | undefined } | undefined;
  readonly mediaGroup: string | undefined;
  /** Labels of the keyboard under the text field that came with it; empty when it took one away. */
  readonly keyboard: readonly (readonly string[])[] | undefined;
  readonly replyTo: number | undefined;
  readonly copiedFrom: { readonly chat: number; readonly message: number } | undefined;
  /** Earlier states, oldest first, and which request replaced each (none: a person did). */
  readonly history: readonly (SeenState & { readonly at: number; readonly request: number | undefined })[];
  readonly edited: boolean;
  readonly deletedAt: number | undefined;
  readonly pinned: boolean;
  readonly reactions: ReadonlyMap<number, readonly string[]>;
  /** The request that sent it; absent for people's messages. */
  readonly request: number | undefined;
  /** The whole message as Telegram words it. */
  readonly wire: Json;
}

export interface RequestRecord {
  readonly id: number;
  readonly at: number;
  readonly method: string;
  readonly params: Json;
  status: number;
  result: unknown;
  error: string | undefined;
  fault: FaultKind | undefined;
  /** Whether it changed the world, although perhaps nobody was told. */
  effect: boolean;
  answered: boolean;
}

function buttonsOf(markup: unknown): SeenButton[][] {
  const rows = (markup as { inline_keyboard?: Json[][] } | undefined)?.inline_keyboard ?? [];
  return rows.map((row) =>
    row.map((button) => ({
      text: String(button.text),
      data: button.callback_data as string | undefined,
      url: button.url as string | undefined,
    })),
  );
}

function labelsOf(keyboard: Json | undefined): string[][] | undefined {
  if (keyboard === undefined || keyboard.force_reply === true) return undefined;
  const rows = (keyboard.keyboard ?? []) as (Json | string)[][];
  return rows.map((row) => row.map((button) => (typeof button === 'string' ? button : String(button.text))));
}

function mediaOf(world: World, wire: Json): Seen['media'] {
  // An animation carries a document as well, so the narrower kind is looked for first.
  const order = [...MEDIA_KINDS].sort((a, b) => Number(a === 'document') - Number(b === 'document'));
  const kind = order.find((field) => wire[field] !== undefined);
  if (kind === undefined) return undefined;
  const shown = kind === 'photo' ? (wire.photo as Json[]).at(-1) : (wire[kind] as Json);
  return { kind, file: world.files.get(String(shown?.file_id)) };
}

export function seenOf(world: World, chat: Chat, kept: Kept): Seen {
  const from = (kept.wire.sender_chat ?? kept.wire.from) as Json;
  return {
    message_id: kept.id,
    chat_id: chat.id,
    thread_id: kept.thread,
    at: kept.at,
    from: { id: Number(from.id), name: String(from.first_name ?? from.title ?? '') },
    byBot: kept.byBot,
    text: textOf(kept.wire),
    entities: (kept.wire.entities ?? kept.wire.caption_entities ?? []) as Json[],
    buttons: buttonsOf(kept.wire.reply_markup),
    media: mediaOf(world, kept.wire),
    mediaGroup: kept.wire.media_group_id as string | undefined,
    keyboard: labelsOf(kept.replyKeyboard),
    replyTo: kept.replyTo === kept.thread ? undefined : kept.replyTo,
    copiedFrom: kept.copiedFrom,
    history: kept.history.map(({ at, text, markup, request }) => ({
      at,
      text,
      request,
      buttons: buttonsOf(markup),
    })),
    edited: kept.history.length > 0,
    deletedAt: kept.deletedAt,
    pinned: chat.pinned.has(kept.id),
    reactions: new Map(
      [...kept.reactions].map(([id, list]) => [
        id,
        list.map((one) => String(one.emoji ?? one.custom_emoji_id)),
      ]),
    ),
    request: kept.request,
    wire: kept.wire,
  };
}

/** Which part of a chat: a topic, General alone, or (left out) all of it. */
export type ThreadChoice = number | 'general' | undefined;

export interface Ledger {
  /** Messages visible now, in order. */
  seen(chatId: number, thread?: ThreadChoice): readonly Seen[];
  /** Every message there ever was, deleted ones too. */
  everything(chatId: number, thread?: ThreadChoice): readonly Seen[];
  /** The newest visible message of the bot that fits; cheap enough to be asked at every change. */
  lastByBot(chatId: number, thread: ThreadChoice, fits: (message: Seen) => boolean): Seen | undefined;
}

export function createLedger(world: World): Ledger {
  const pick = (chatId: number, thread: ThreadChoice): { chat: Chat; messages: Kept[] } => {
    const chat = world.chats.get(chatId);
    if (chat === undefined) throw new Error(`the stand-in has no chat ${chatId}`);
    const wanted = thread === 'general' ? undefined : thread;
    const messages = [...chat.messages.values()];
    return {
      chat,
      messages: thread === undefined ? messages : messages.filter((kept) => kept.thread === wanted),
    };
  };
  return {
    everything(chatId, thread) {
      const { chat, messages } = pick(chatId, thread);
      return messages.map((kept) => seenOf(world, chat, kept));
    },
    seen(chatId, thread) {
      const { chat, messages } = pick(chatId, thread);
      return messages.flatMap((kept) => (kept.deletedAt === undefined ? [seenOf(world, chat, kept)] : []));
    },
    lastByBot(chatId, thread, fits) {
      const { chat, messages } = pick(chatId, thread);
      for (const kept of messages.reverse()) {
        if (!kept.byBot || kept.deletedAt !== undefined) continue;
        const message = seenOf(world, chat, kept);
        if (fits(message)) return message;
      }
      return undefined;
    },
  };
}
