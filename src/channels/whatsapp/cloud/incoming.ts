// What Meta posts to us as our events. Pure. What a person wrote is data here: nothing is read back from displayed text.
import type { Person } from '../../../core/contact.ts';
import type { CustomerAct, CustomerEvent } from '../../../core/event.ts';
import type { Attachment, AttachmentKind } from '../../../core/message.ts';
import type { Body, Change, Contact, MediaFile, Message, Status } from './api.ts';

/** How a person is named in one message; either may be absent. Both: nobody knows whose it is, and it is put aside. */
export interface Named {
  /** Their number, digits. */
  readonly phone?: string;
  /** Meta's id of them for this business. */
  readonly user?: string;
}

/** One thing that happened to one person. */
export type Happening =
  | { readonly is: 'message'; readonly who: Named; readonly message: Message; readonly person: Person }
  | { readonly is: 'echo'; readonly who: Named; readonly message: Message }
  | { readonly is: 'status'; readonly who: Named; readonly status: Status };

const REF = /^whatsapp:cloud\.([\w-]+)$/;
const BUTTON = /^[\x21-\x7e]{1,32}$/;

/** The happenings of our own number, oldest first; the times are whole seconds, so what came first stays first. */
export function happenings(body: Body, phoneId: string): Happening[] {
  const found = (body.entry ?? [])
    .flatMap(({ changes }) => changes ?? [])
    .filter(({ value }) => value?.metadata?.phone_number_id === phoneId)
    .flatMap(happeningsOf);
  return found
    .map((one) => ({ one, at: Number(stampOf(one)) || 0 }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function happeningsOf({ field, value }: Change): Happening[] {
  const { metadata, contacts = [], messages = [], statuses = [], message_echoes: echoes = [] } = value ?? {};
  if (field === 'smb_message_echoes') {
    return echoes.flatMap((message): Happening[] => {
      return [{ is: 'echo', who: named(message.to, message.to_user_id), message }];
    });
  }
  if (field !== 'messages') return [];
  const ours = digits(metadata?.display_phone_number);
  return [
    ...messages.flatMap((message): Happening[] => {
      const who = named(message.from, message.from_user_id);
      // Groups are no talks of ours, and what our own number says is no news.
      if (message.group_id !== undefined || (who.phone !== undefined && who.phone === ours)) return [];
      return [{ is: 'message', who, message, person: personOf(contacts, who) }];
    }),
    ...statuses.flatMap((status): Happening[] => {
      const who = named(status.recipient_id, status.recipient_user_id);
      return who.phone || who.user ? [{ is: 'status', who, status }] : [];
    }),
  ];
}

function named(phone: string | undefined, user: string | undefined): Named {
  const number = digits(phone);
  const known = word(user);
  return { ...(number !== undefined && { phone: number }), ...(known !== undefined && { user: known }) };
}

/** Absent for what is no text, or an empty one. */
const word = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const digits = (phone: unknown): string | undefined => word(word(phone)?.replace(/\D/g, ''));

function personOf(contacts: readonly (Contact | null)[], who: Named): Person {
  const all = Array.isArray(contacts) ? contacts : [];
  const found =
    all.find((one) =>
      who.phone === undefined ? one?.user_id === who.user : digits(one?.wa_id) === who.phone,
    ) ?? (all.length === 1 ? all[0] : undefined);
  const name = word(found?.profile?.name);
  const username = word(found?.profile?.username);
  return { ...(name !== undefined && { name }), ...(username !== undefined && { username }) };
}

const stampOf = (one: Happening): string => (one.is === 'status' ? one.status : one.message).timestamp;

/** Milliseconds since 1970. Throws for what is no time. */
export function timeOf(one: Happening): number {
  const at = Number(stampOf(one)) * 1_000;
  if (!Number.isSafeInteger(at) || at <= 0) throw new TypeError('a time that is no time');
  return at;
}

/** None for what is not meant for a talk. Throws for what cannot be understood. */
export function fromMessage(
  { message, person }: Extract<Happening, { is: 'message' }>,
  peer: string,
  at: number,
): CustomerEvent[] {
  const acts = actsOf(message);
  return acts.map((act) => ({
    id: idOf(message),
    channel: 'whatsapp',
    account: '',
    at,
    peer,
    person,
    ...act,
  }));
}

function idOf({ id }: Message): string {
  if (typeof id !== 'string' || id === '') throw new TypeError('a message without an id');
  return id;
}

function actsOf(message: Message): CustomerAct[] {
  const { type, context, interactive, button, edit } = message;
  if (type === 'reaction' || type === 'revoke' || type === 'system') return [];
  if (type === 'request_welcome') return [{ kind: 'start' }];
  if (type === 'edit') {
    const original = word(edit?.original_message_id);
    if (original === undefined) throw new TypeError('an edit of nothing');
    return [{ kind: 'edit', message: original, text: edit?.message ? wordsOf(edit.message) : '' }];
  }
  // The press leaves words in the chat, but the channel changes no message, so telling which one was pressed does no
  // harm, and the network's own links need it.
  const pressed = word(interactive?.button_reply?.id ?? interactive?.list_reply?.id ?? button?.payload);
  const about = word(context?.id);
  if (pressed !== undefined && BUTTON.test(pressed) && pressed !== button?.text) {
    return [{ kind: 'press', button: pressed, ...(about !== undefined && { message: about }) }];
  }
  const attachments = attachmentsOf(message);
  return [
    {
      kind: 'message',
      text: wordsOf(message),
      ...(attachments.length > 0 && { attachments }),
      message: idOf(message),
      ...(about !== undefined && { replyTo: about }),
    },
  ];
}

/** Empty for what we have no words for, such as a poll or an order: then the person is asked again. */
function wordsOf(message: Message): string {
  const { text, button, interactive, location } = message;
  const words: unknown =
    text?.body ??
    fileOf(message)?.file.caption ??
    button?.text ??
    interactive?.button_reply?.title ??
    interactive?.list_reply?.title ??
    [location?.name, location?.address].filter(Boolean).join('\n');
  if (typeof words !== 'string') throw new TypeError('words that are no text');
  return words;
}

function fileOf(message: Message): { readonly kind: AttachmentKind; readonly file: MediaFile } | undefined {
  const { image, video, audio, document, sticker } = message;
  if (image) return { kind: 'photo', file: image };
  if (video) return { kind: 'video', file: video };
  if (audio) return { kind: audio.voice ? 'voice' : 'audio', file: audio };
  if (document) return { kind: 'document', file: document };
  return sticker && { kind: 'sticker', file: sticker };
}

function attachmentsOf(message: Message): Attachment[] {
  const found = fileOf(message);
  if (found) {
    const { kind, file } = found;
    const id = word(file.id);
    if (id === undefined) throw new TypeError('a file without an id');
    const name = word(file.filename);
    const mime = word(file.mime_type);
    return [
      {
        kind,
        ref: `whatsapp:cloud.${id}`,
        ...(name !== undefined && { name }),
        ...(mime !== undefined && { mime }),
      },
    ];
  }
  const { location, contacts = [] } = message;
  if (location) {
    const point = { latitude: Number(location.latitude), longitude: Number(location.longitude) };
    if (!Number.isFinite(point.latitude + point.longitude)) throw new TypeError('a place that is none');
    return [{ kind: 'location', location: point }];
  }
  return contacts.map(({ name, phones }) => ({
    kind: 'contact',
    contact: {
      name: word(name?.formatted_name) ?? '',
      phone: word(phones?.[0]?.phone) ?? word(phones?.[0]?.wa_id) ?? '',
    },
  }));
}

/** Meta's id of the file, where it is one of ours to fetch. */
export const mediaIdOf = (ref: string | undefined): string | undefined => REF.exec(ref ?? '')?.[1];

/** Words of a human of ours, from the app on the same number. */
export function fromEcho(
  { message }: Extract<Happening, { is: 'echo' }>,
  peer: string,
  at: number,
): CustomerEvent[] {
  if (['reaction', 'revoke', 'edit', 'system'].includes(message.type)) return [];
  const attachments = attachmentsOf(message);
  return [
    {
      id: idOf(message),
      channel: 'whatsapp',
      account: '',
      at,
      peer,
      kind: 'outside',
      by: { id: 'whatsapp:app', name: 'WhatsApp Business' },
      text: wordsOf(message),
      ...(attachments.length > 0 && { attachments }),
      message: message.id,
    },
  ];
}
