// Puts a text with its files into a chat as the calls Telegram has for them: one message, an album, or several.
// It knows neither who the people are nor why; text is never parsed as markup.
import { InputFile } from 'grammy';
import { DeliveryError } from '../../core/errors.ts';
import type { Attachment } from '../../core/message.ts';
import type { InlineKeyboardMarkup, Message, RawApi } from './api.ts';
import type { TelegramClient } from './client.ts';
import { type FileType, fromRef } from './file-ref.ts';
import type { Once } from './progress.ts';
import { CAPTION_LIMIT, type Step, stepsOf, TEXT_LIMIT } from './steps.ts';

export interface Post {
  readonly chat: number | string;
  /** The topic; absent: the chat itself. */
  readonly thread?: number | undefined;
  /** Parts of at most 4,096 characters; empty for files alone. */
  readonly texts: readonly string[];
  readonly attachments: readonly Attachment[];
  readonly markup?: InlineKeyboardMarkup | undefined;
  readonly replyTo?: number | undefined;
  readonly preview?: boolean;
}

export interface PostDeps {
  readonly client: TelegramClient;
  /** Bytes of any attachment; throws DeliveryError. */
  readonly open: (
    attachment: Attachment,
  ) => Promise<{ readonly bytes: Uint8Array; readonly name?: string; readonly mime?: string }>;
  /** Looks at what a call put into the chat; throws when it is not where it was meant to be. */
  readonly check?: (messages: readonly Message[]) => Promise<void>;
}

/** What a post does with files that cannot be shown, where it need not fail for them. */
export interface Leniency {
  /** Whether it is the file that is at fault. */
  readonly isFileFault: (error: unknown) => boolean;
  /** The line that stands for those left out. */
  readonly tell: (leftOut: readonly Attachment[]) => string;
}

export const UPLOAD_LIMIT = 50 * 1024 * 1024;
const PHOTO_LIMIT = 10 * 1024 * 1024;

/** Throws DeliveryError; trying again with the same `once` goes on where it stopped. */
export async function post(deps: PostDeps, wanted: Post, once: Once, name = 'post'): Promise<Message[]> {
  const sent: Message[] = [];
  for (const [index, step] of stepsOf(wanted).entries()) {
    const first = index === 0;
    const messages = await once(`${name}.${index}`, async () => {
      const made = await perform(deps, wanted, step, first);
      await deps.check?.(made);
      return made;
    });
    sent.push(...messages);
  }
  return sent;
}

/** Each file stands for itself: the others are shown, and a line under the words names those that could not be. */
export async function postWhatCan(
  deps: PostDeps,
  wanted: Omit<Post, 'markup'>,
  lenient: Leniency,
  once: Once,
  name = 'post',
): Promise<Message[]> {
  const sent: Message[] = [];
  const leftOut: Attachment[] = [];
  const texts: string[] = [];

  /** False when the file is at fault; remembered, so that trying again after another refusal shows nothing twice. */
  async function put(step: Step, stepName: string): Promise<boolean> {
    const first = sent.length === 0;
    const made = await once(stepName, async () => {
      try {
        const messages = await perform(deps, wanted, step, first);
        await deps.check?.(messages);
        return messages;
      } catch (error) {
        if (step.as === 'text' || !lenient.isFileFault(error)) throw error;
        return undefined;
      }
    });
    sent.push(...(made ?? []));
    return made !== undefined;
  }

  for (const [index, step] of stepsOf(wanted).entries()) {
    if (step.as === 'text') {
      texts.push(step.text);
      continue;
    }
    if (await put(step, `${name}.${index}`)) continue;
    if (step.as === 'file') leftOut.push(step.file);
    for (const [at, file] of (step.as === 'album' ? step.files : []).entries()) {
      const alone = await put({ as: 'file', file, markup: false }, `${name}.${index}.${at}`);
      if (!alone) leftOut.push(file);
    }
    if (step.caption !== undefined) texts.push(step.caption);
  }
  if (leftOut.length > 0) {
    const told = lenient.tell(leftOut);
    const whole = [texts.at(-1), told].filter(Boolean).join('\n');
    if (whole.length <= TEXT_LIMIT) texts.splice(-1, 1, whole);
    else texts.push(told);
  }
  for (const [index, text] of texts.entries()) {
    await put({ as: 'text', text: text.slice(0, TEXT_LIMIT), markup: false }, `${name}.text.${index}`);
  }
  return sent;
}

interface Common {
  readonly chat_id: number | string;
  readonly message_thread_id?: number;
  readonly reply_parameters?: { readonly message_id: number; readonly allow_sending_without_reply: true };
}

async function perform(deps: PostDeps, wanted: Post, step: Step, first: boolean): Promise<Message[]> {
  const { call } = deps.client;
  const common: Common = {
    chat_id: wanted.chat,
    ...(wanted.thread !== undefined && { message_thread_id: wanted.thread }),
    ...(first &&
      wanted.replyTo !== undefined && {
        reply_parameters: { message_id: wanted.replyTo, allow_sending_without_reply: true as const },
      }),
  };
  if (step.as === 'album') return sendAlbum(deps, common, step);
  const markup = step.markup && wanted.markup !== undefined ? { reply_markup: wanted.markup } : {};
  if (step.as === 'text') {
    const preview = wanted.preview === true ? {} : { link_preview_options: { is_disabled: true } };
    return [await call.sendMessage({ ...common, text: step.text, ...preview, ...markup })];
  }
  const { file } = step;
  if (file.location) return [await call.sendLocation({ ...common, ...file.location, ...markup })];
  if (file.contact) {
    const { phone, name } = file.contact;
    return [await call.sendContact({ ...common, phone_number: phone, first_name: name || phone, ...markup })];
  }
  const caption = captionOf(step.caption ?? file.caption);
  const more = { ...common, ...caption, ...markup };
  return [await withFile(deps, file, (type, given) => sendFile(deps.client, type, given, more))];
}

function captionOf(text: string | undefined): { readonly caption?: string } {
  return text === undefined || text === '' ? {} : { caption: text.slice(0, CAPTION_LIMIT) };
}

type Given = string | InputFile;

/** By Telegram's own id where this bot has one; else, or when that is refused, by the bytes. */
async function withFile<T>(
  deps: PostDeps,
  file: Attachment,
  act: (type: FileType, given: Given) => Promise<T>,
): Promise<T> {
  const known = fromRef(file.ref);
  if (known?.account === deps.client.account) {
    try {
      return await act(known.type, known.fileId);
    } catch (error) {
      if (!(error instanceof DeliveryError && error.reason === 'bad_file')) throw error;
    }
  }
  const { type, given } = await uploadOf(deps, file);
  try {
    return await act(type, given);
  } catch (error) {
    if (!(error instanceof DeliveryError && error.reason === 'bad_photo')) throw error;
    return act('document', given);
  }
}

async function uploadOf(deps: PostDeps, file: Attachment): Promise<{ type: FileType; given: InputFile }> {
  const { bytes, name, mime } = await deps.open(file);
  if (bytes.byteLength > UPLOAD_LIMIT) throw new DeliveryError('never', 'too_big');
  const type = typeFor(file.kind, mime ?? file.mime, bytes.byteLength);
  return { type, given: new InputFile(bytes, fileName(file.name ?? name, type)) };
}

function typeFor(kind: Attachment['kind'], mime: string | undefined, size: number): FileType {
  if (kind === 'photo') return size > PHOTO_LIMIT || mime === 'image/gif' ? 'document' : 'photo';
  // Only these play as a voice message; anything else would arrive as a nameless file.
  if (kind === 'voice') {
    return mime === undefined || /ogg|opus|mpeg|mp4|m4a/.test(mime) ? 'voice' : 'document';
  }
  return kind === 'video' || kind === 'audio' || kind === 'sticker' ? kind : 'document';
}

const EXTENSIONS: Partial<Record<FileType, string>> = {
  photo: 'jpg',
  video: 'mp4',
  voice: 'ogg',
  audio: 'mp3',
  sticker: 'webp',
};

/** grammY writes the name into a header as it is. */
function fileName(given: string | undefined, type: FileType): string {
  const safe = (given ?? '')
    .replace(/[\p{Cc}"\\/;]+/gu, '_')
    .trim()
    .slice(0, 120);
  return safe === '' ? `file.${EXTENSIONS[type] ?? 'dat'}` : safe;
}

function sendFile(
  client: TelegramClient,
  type: FileType,
  given: Given,
  more: Common & { readonly caption?: string; readonly reply_markup?: InlineKeyboardMarkup },
): Promise<Message> {
  const { call } = client;
  const { caption: _, ...bare } = more;
  switch (type) {
    case 'photo':
      return call.sendPhoto({ ...more, photo: given });
    case 'video':
      return call.sendVideo({ ...more, video: given });
    case 'video_note':
      return call.sendVideoNote({ ...bare, video_note: given });
    case 'animation':
      return call.sendAnimation({ ...more, animation: given });
    case 'voice':
      return call.sendVoice({ ...more, voice: given });
    case 'audio':
      return call.sendAudio({ ...more, audio: given });
    case 'sticker':
      return call.sendSticker({ ...bare, sticker: given });
    case 'document':
      return call.sendDocument({ ...more, document: given });
  }
}

/** Telegram's own types allow only lists of one kind, which no loop can build. */
type AlbumMedia = Parameters<RawApi['sendMediaGroup']>[0]['media'];

async function sendAlbum(
  deps: PostDeps,
  common: Common,
  album: Extract<Step, { as: 'album' }>,
): Promise<Message[]> {
  const attempt = async (byId: boolean): Promise<Message[]> => {
    const media = [];
    for (const [index, file] of album.files.entries()) {
      const known = fromRef(file.ref);
      const { type, given } =
        byId && known?.account === deps.client.account
          ? { type: known.type, given: known.fileId }
          : await uploadOf(deps, file);
      const caption = captionOf((index === 0 ? album.caption : undefined) ?? file.caption);
      media.push({ type, media: given, ...caption });
    }
    const kinds = new Set(media.map((item) => item.type));
    // A photo too large for a photo went over to the documents, which share no album with photos.
    const mixed = kinds.has('document') && kinds.size > 1;
    const items = media.map(({ type, ...item }) => ({
      ...item,
      type: mixed || (type !== 'photo' && type !== 'video' && type !== 'audio') ? 'document' : type,
    }));
    return deps.client.call.sendMediaGroup({ ...common, media: items as AlbumMedia });
  };
  try {
    return await attempt(true);
  } catch (error) {
    if (!(error instanceof DeliveryError && error.reason === 'bad_file')) throw error;
    return attempt(false);
  }
}
