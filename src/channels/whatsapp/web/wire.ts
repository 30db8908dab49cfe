// What came from WhatsApp Web as our events, and a message of ours as what WhatsApp Web is given. Pure.
import type { Operator } from '../../../core/contact.ts';
import { DeliveryError } from '../../../core/errors.ts';
import type { CustomerAct, CustomerEvent } from '../../../core/event.ts';
import type { Attachment, AttachmentKind, Message } from '../../../core/message.ts';
import type { Abilities, FileBytes } from '../../channel.ts';
import type { Content, RawMessage, Vote } from './protocol.ts';

const MiB = 1_048_576;

export const WHATSAPP: Abilities = {
  textLimit: 4_096,
  captionLimit: 1_024,
  polls: { most: 12, label: 100, text: 255 },
  media: ['photo', 'video', 'voice', 'audio', 'document', 'location', 'contact'],
  together: 1,
  uploadLimit: 16 * MiB,
  downloadLimit: 16 * MiB,
  edits: false,
  marksChoice: false,
  history: 'network',
  sendsOnce: false,
  rates: {
    account: { count: 1, per: 3_000, burst: 1 },
    peer: { count: 1, per: 3_000, burst: 2 },
  },
};

const KINDS: Readonly<Record<string, AttachmentKind>> = {
  image: 'photo',
  video: 'video',
  ptt: 'voice',
  audio: 'audio',
  document: 'document',
  sticker: 'sticker',
};

/** Words of a person, whatever they were written into. */
const WORDS: ReadonlySet<string> = new Set([
  'chat',
  'list_response',
  'buttons_response',
  'template_button_reply',
  'poll_creation',
]);

const REF = 'whatsapp:';

/** A message of theirs; undefined for what is no talk: notices, calls, reactions. */
export function fromMessage(raw: RawMessage, peer: string): CustomerEvent | undefined {
  const content = contentOf(raw);
  if (!content) return undefined;
  return event(raw, peer, `m:${raw.id}`, {
    kind: 'message',
    ...content,
    message: raw.id,
    ...(raw.replyTo === undefined ? {} : { replyTo: raw.replyTo }),
  });
}

/** Something came that could not be opened: they are asked for words, as after a sticker. */
export const fromLost = (raw: RawMessage, peer: string): CustomerEvent =>
  event(raw, peer, `l:${raw.id}`, { kind: 'message', text: '', message: raw.id });

export function fromEdit(raw: RawMessage, peer: string): CustomerEvent | undefined {
  if (!contentOf(raw)) return undefined;
  const { id, text, editedAt } = raw;
  return event(raw, peer, `e:${id}:${Number.isFinite(editedAt) ? editedAt : text.length}`, {
    kind: 'edit',
    message: id,
    text,
  });
}

/** The owner typed it on the phone. */
export function fromOwn(raw: RawMessage, peer: string, by: Operator): CustomerEvent | undefined {
  const content = contentOf(raw);
  return content && event(raw, peer, `o:${raw.id}`, { kind: 'outside', by, ...content, message: raw.id });
}

/** A vote taken back chooses nothing. */
export function fromVote(
  vote: Vote,
  peer: string,
  choices: readonly string[],
  now: number,
): CustomerEvent | undefined {
  const button = choices[vote.chosen[0] ?? -1];
  if (button === undefined) return undefined;
  const at = vote.at > 0 ? vote.at : now;
  return {
    ...{ id: `v:${vote.poll}:${vote.at}:${vote.chosen.join('.')}:${peer}`, channel: 'whatsapp' },
    ...{ account: '', at, peer, kind: 'press', button },
  };
}

function event(raw: RawMessage, peer: string, id: string, act: CustomerAct): CustomerEvent {
  const { at, name } = raw;
  const person = name === undefined ? {} : { person: { name } };
  return { id: `${id}:${peer}`, channel: 'whatsapp', account: '', at, peer, ...person, ...act };
}

function contentOf(raw: RawMessage): { text: string; attachments?: readonly Attachment[] } | undefined {
  const { type, text, file, location, cards, chat, id } = raw;
  const kind = KINDS[type];
  if (kind && file) return { text, attachments: [{ kind, ref: `${REF}${chat}/${id}`, ...file }] };
  if (location) {
    const { title, ...point } = location;
    return { text: title ?? '', attachments: [{ kind: 'location', location: point }] };
  }
  if (cards?.length) {
    const contacts = cards.map(toContact);
    return { text: '', attachments: contacts.map((contact) => ({ kind: 'contact', contact })) };
  }
  return WORDS.has(type) && text !== '' ? { text } : undefined;
}

/** Where the bytes of an attachment are found in WhatsApp Web. */
export function fromRef(ref: string | undefined): { chat: string; id: string } | undefined {
  const [, chat, id] = /^whatsapp:([^/]+)\/(.+)$/.exec(ref ?? '') ?? [];
  return chat === undefined || id === undefined ? undefined : { chat, id };
}

function toContact(card: string): { name: string; phone: string } {
  const line = (name: string): string =>
    new RegExp(`^${name}(?:;[^:\\r\\n]*)?:(.*)$`, 'm').exec(card)?.[1]?.trim() ?? '';
  return { name: line('FN').replaceAll('\\,', ','), phone: line('(?:item\\d+\\.)?TEL') };
}

/** Throws DeliveryError for what WhatsApp does not carry. `file`: the bytes of the message's attachment. */
export function toContent(message: Message, file: FileBytes | undefined): Content {
  const { text, choices, attachments } = message;
  const [attachment] = attachments ?? [];
  if (attachment?.location) return { as: 'location', ...attachment.location };
  if (attachment?.contact) return { as: 'card', card: toCard(attachment.contact) };
  if (attachment && file) return toFile(attachment, file, text);
  if (text.trim() === '') throw new DeliveryError('never', 'empty');
  const options = choices?.filter((choice) => choice.url === undefined) ?? [];
  return options.length > 0
    ? { as: 'poll', text, options: options.map((choice) => choice.label) }
    : { as: 'text', text };
}

const PHOTOS = /^image\/(?:jpeg|png|webp)$/;
const VIDEOS = /^video\/(?:mp4|3gpp)$/;

function toFile(attachment: Attachment, file: FileBytes, text: string): Content {
  const { bytes, name = attachment.name ?? attachment.kind } = file;
  if (bytes.length > WHATSAPP.uploadLimit) throw new DeliveryError('never', 'too_big');
  const mime = file.mime ?? attachment.mime ?? 'application/octet-stream';
  const one = { text, bytes, name };
  if (attachment.kind === 'photo' && PHOTOS.test(mime)) return { ...one, as: 'photo', mime };
  if (attachment.kind === 'video' && VIDEOS.test(mime)) return { ...one, as: 'video', mime };
  // Only this sounds when it is pressed; other sound is a file to play.
  if (attachment.kind === 'voice' && /ogg/.test(mime))
    return { ...one, as: 'voice', mime: 'audio/ogg; codecs=opus' };
  if (mime.startsWith('audio/')) return { ...one, as: 'audio', mime };
  return { ...one, as: 'document', mime };
}

function toCard({ name, phone }: { readonly name: string; readonly phone: string }): string {
  const plain = (words: string): string => words.replace(/[\r\n]+/g, ' ').replace(/([,;\\])/g, '\\$1');
  const digits = phone.replace(/\D/g, '');
  const waid = digits === '' ? '' : `;waid=${digits}`;
  return [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${plain(name)}`,
    `TEL;type=CELL${waid}:${plain(phone)}`,
    'END:VCARD',
  ].join('\n');
}
