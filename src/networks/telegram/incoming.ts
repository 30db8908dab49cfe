// What a message of Telegram's holds, in our words: text, files, place. Pure; shared by the channel and the desk.
import type { Attachment } from '../../core/message.ts';
import type { Message, User } from './api.ts';
import { type FileType, toRef } from './file-ref.ts';

export interface Content {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

/** Messages that Telegram itself writes into a chat when something happens there. */
const SERVICE = [
  'new_chat_members',
  'left_chat_member',
  'new_chat_title',
  'new_chat_photo',
  'delete_chat_photo',
  'group_chat_created',
  'supergroup_chat_created',
  'channel_chat_created',
  'message_auto_delete_timer_changed',
  'migrate_to_chat_id',
  'migrate_from_chat_id',
  'pinned_message',
  'write_access_allowed',
  'proximity_alert_triggered',
  'boost_added',
  'chat_background_set',
  'forum_topic_created',
  'forum_topic_edited',
  'forum_topic_closed',
  'forum_topic_reopened',
  'general_forum_topic_hidden',
  'general_forum_topic_unhidden',
  'video_chat_scheduled',
  'video_chat_started',
  'video_chat_ended',
  'video_chat_participants_invited',
  'giveaway_created',
  'giveaway_completed',
] as const;

export function isService(message: Message): boolean {
  return SERVICE.some((key) => key in message);
}

/** Throws TypeError where there is no text but something else in its place. */
export function wordsOf(message: Message): string {
  const words: unknown = message.text ?? message.caption ?? '';
  if (typeof words !== 'string') throw new TypeError('words that are no text');
  return words;
}

/** Empty text and no files for what we have no word for, such as a poll: then the person is asked again. */
export function contentOf(message: Message, account: string): Content {
  const words = wordsOf(message);
  const { venue } = message;
  const text = words === '' && venue ? `${venue.title}\n${venue.address}` : words;
  return { text, attachments: attachmentsOf(message, account) };
}

interface GivenFile {
  readonly file_id: string;
  readonly file_size?: number;
  readonly mime_type?: string;
  readonly file_name?: string;
}

function attachmentsOf(message: Message, account: string): Attachment[] {
  const file = (kind: Attachment['kind'], type: FileType, given: GivenFile): Attachment => ({
    kind,
    ref: toRef({ account, type, fileId: given.file_id }),
    ...(given.file_name !== undefined && { name: given.file_name }),
    ...(given.mime_type !== undefined && { mime: given.mime_type }),
    ...(given.file_size !== undefined && { size: given.file_size }),
  });
  const { photo, location, contact } = message;
  if (photo) {
    const largest = photo.reduce((best, one) =>
      one.width * one.height > best.width * best.height ? one : best,
    );
    return [{ ...file('photo', 'photo', largest), mime: 'image/jpeg' }];
  }
  // An animation comes with a document of the same file beside it.
  if (message.animation) return [file('video', 'animation', message.animation)];
  if (message.video) return [file('video', 'video', message.video)];
  if (message.video_note) return [{ ...file('video', 'video_note', message.video_note), mime: 'video/mp4' }];
  if (message.voice) return [file('voice', 'voice', message.voice)];
  if (message.audio) return [file('audio', 'audio', message.audio)];
  if (message.document) return [file('document', 'document', message.document)];
  if (message.sticker) return [file('sticker', 'sticker', message.sticker)];
  if (location) {
    return [{ kind: 'location', location: { latitude: location.latitude, longitude: location.longitude } }];
  }
  if (contact) {
    const name = [contact.first_name, contact.last_name].filter(Boolean).join(' ');
    return [{ kind: 'contact', contact: { name, phone: contact.phone_number } }];
  }
  return [];
}

/** Throws TypeError where there is no number: an id goes into keys. */
export const idOf = (user: User): string => idIn(user.id);

export function idIn(id: unknown): string {
  if (!Number.isSafeInteger(id)) throw new TypeError('an id that is no number');
  return String(id);
}

export function fullName(user: User): string {
  return [user.first_name, user.last_name].filter(Boolean).join(' ').trim();
}

/** Throws TypeError where there is no number. */
export function milliseconds(seconds: unknown): number {
  if (typeof seconds !== 'number') throw new TypeError('a time that is no time');
  return seconds * 1_000;
}
