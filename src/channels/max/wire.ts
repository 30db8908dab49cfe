// MAX's updates of dialogues as our events, and our message as MAX's words, files and buttons. Pure. What a person wrote
// is data here: nothing is read back from displayed text, and no text is parsed as markup.
import type { Person } from '../../core/contact.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { CustomerAct, CustomerEvent } from '../../core/event.ts';
import type { Attachment as OurAttachment, Message as OurMessage } from '../../core/message.ts';
import type { Abilities } from '../channel.ts';
import { rows } from '../rows.ts';
import { shorten, split } from '../split.ts';
import type { Attachment, AttachmentRequest, Button, Message, Update, User } from './api.ts';
import { contentOf, fullName, idOf, refsOf, wordsOf } from './incoming.ts';

const MB = 1024 * 1024;
const TEXT_LIMIT = 4_000;

export const MAX: Abilities = {
  textLimit: TEXT_LIMIT,
  captionLimit: TEXT_LIMIT,
  buttons: { perRow: 7, rows: 30, label: 128, most: 210, scalePerRow: 6, links: true },
  media: ['photo', 'video', 'voice', 'audio', 'document', 'location', 'contact'],
  together: 10,
  uploadLimit: 50 * MB,
  downloadLimit: 20 * MB,
  edits: true,
  marksChoice: true,
  history: 'network',
  sendsOnce: false,
  rates: {
    account: { count: 30, per: 1_000, burst: 30 },
    peer: { count: 2, per: 1_000, burst: 2 },
  },
};

const START = /^\/start(?:@[\w.-]+)?(?:\s+(\S+))?\s*$/;
const PAYLOAD_LIMIT = 1_024;
const URL_LIMIT = 2_048;
const LINKS_PER_ROW = 3;
const ROWS = 30;

/** Events of one update; none for what is not a person in a dialogue with the bot. Throws where it cannot be understood. */
export function fromUpdate(update: Update, account: string): CustomerEvent[] {
  const at = timeOf(update.timestamp);
  const event = (id: string, user: User, act: CustomerAct): CustomerEvent[] => {
    const peer = idOf(user.user_id);
    if (peer === account || user.is_bot === true) return [];
    return [{ id, channel: 'max', account, at, peer, person: personOf(user, update.user_locale), ...act }];
  };
  const { message, callback, user } = update;
  switch (update.update_type) {
    case 'message_created': {
      if (!message?.sender || message.recipient?.chat_type !== 'dialog') return [];
      const mid = midOf(message);
      // A message of nothing but another one may have no id of its own.
      const key = message.body?.mid ?? `${idOf(message.sender.user_id)}.${at}`;
      return event(`message.${key}`, message.sender, actOf(message, mid, account));
    }
    case 'message_edited': {
      if (!message?.sender || message.recipient?.chat_type !== 'dialog' || !message.body?.mid) return [];
      const { mid } = message.body;
      return event(`edit.${mid}.${at}`, message.sender, {
        kind: 'edit',
        message: mid,
        text: wordsOf(message.body),
      });
    }
    case 'message_callback': {
      if (!callback?.user || typeof callback.payload !== 'string') return [];
      const place = message?.recipient?.chat_type ?? 'dialog';
      if (place !== 'dialog' || typeof callback.callback_id !== 'string') return [];
      const mid = message?.body?.mid;
      // The moment belongs to it: an id that stood for the keyboard would hold a second press for the first.
      return event(`press.${callback.callback_id}.${timeOf(callback.timestamp ?? at)}`, callback.user, {
        kind: 'press',
        button: callback.payload,
        ...(mid !== undefined && { message: mid }),
      });
    }
    case 'bot_started': {
      if (!user) return [];
      const { payload } = update;
      return event(`start.${idOf(user.user_id)}.${at}`, user, {
        kind: 'start',
        ...(typeof payload === 'string' && payload !== '' && { payload }),
      });
    }
    case 'bot_stopped':
    case 'dialog_removed': {
      if (!user) return [];
      return event(`${update.update_type}.${idOf(user.user_id)}.${at}`, user, {
        kind: 'reach',
        reachable: false,
        reason: 'blocked',
      });
    }
    default:
      return [];
  }
}

/** The dialogue an update came from, by the person in it. */
export function dialogueOf(update: Update): { readonly user: string; readonly chat: string } | undefined {
  const user = known((update.message?.sender ?? update.user)?.user_id);
  const chat = known(update.message?.recipient?.chat_id ?? update.chat_id);
  return user && chat ? { user, chat } : undefined;
}

/** What a new message holds, under the refs of its event. */
export function filesOf({ update_type, message }: Update, account: string): [string, Attachment][] {
  if (update_type !== 'message_created' || !message) return [];
  return refsOf(message, midOf(message), account);
}

const midOf = (message: Message): string => message.body?.mid ?? message.link?.message?.mid ?? '';

/** Whose it is: updates of one person are taken one after another. */
export function lineOf({ message, callback, user }: Update): string {
  return known((callback?.user ?? user ?? message?.sender)?.user_id);
}

/** `''` for what is no id: it belongs to nobody. */
const known = (id: unknown): string => (typeof id === 'number' || typeof id === 'string' ? String(id) : '');

function actOf(message: Message, mid: string, account: string): CustomerAct {
  const start = START.exec(wordsOf(message.body));
  if (start) return { kind: 'start', ...(start[1] !== undefined && { payload: start[1] }) };
  const { text, attachments } = contentOf(message, mid, account);
  const answered = message.link?.type === 'reply' ? message.link.message?.mid : undefined;
  return {
    kind: 'message',
    text,
    ...(attachments.length > 0 && { attachments }),
    ...(mid !== '' && { message: mid }),
    ...(answered !== undefined && { replyTo: answered }),
  };
}

function timeOf(time: unknown): number {
  if (typeof time !== 'number' || !Number.isFinite(time)) throw new TypeError('an update without its time');
  return time;
}

function personOf(user: User, locale: string | null | undefined): Person {
  const name = fullName(user);
  return {
    ...(name !== '' && { name }),
    ...(typeof user.username === 'string' && user.username !== '' && { username: user.username }),
    ...(typeof locale === 'string' && locale !== '' && { locale }),
  };
}

/** One message of MAX's. */
export interface Post {
  readonly text: string;
  readonly files: readonly OurAttachment[];
  readonly keyboard?: AttachmentRequest;
}

const PICTURES: ReadonlySet<OurAttachment['kind']> = new Set(['photo', 'video']);
const CAPTIONED: ReadonlySet<OurAttachment['kind']> = new Set([
  'photo',
  'video',
  'voice',
  'audio',
  'document',
]);

/** The messages it takes: pictures go together, anything else travels alone. Throws DeliveryError for buttons MAX cannot carry. */
export function toPosts(message: OurMessage): readonly Post[] {
  const groups: OurAttachment[][] = [];
  for (const file of message.attachments ?? []) {
    const last = groups.at(-1);
    const joins = last?.every((one) => PICTURES.has(one.kind)) && PICTURES.has(file.kind);
    if (last && joins && last.length < MAX.together) last.push(file);
    else groups.push([file]);
  }
  const texts = split(message.text, TEXT_LIMIT);
  const [first] = groups;
  const under = texts.length === 1 && first?.every((file) => CAPTIONED.has(file.kind));
  const posts: Post[] = groups.map((files, index) => ({
    text: index === 0 && under ? (texts[0] ?? '') : '',
    files,
  }));
  if (!under) posts.push(...texts.map((text) => ({ text, files: [] })));
  const last = posts.at(-1);
  if (last === undefined) throw new DeliveryError('never', 'empty');
  const keyboard = toKeyboard(message);
  return keyboard ? [...posts.slice(0, -1), { ...last, keyboard }] : posts;
}

/** Absent: no buttons. Throws DeliveryError for a button that MAX cannot carry. */
export function toKeyboard({ choices, layout }: OurMessage): AttachmentRequest | undefined {
  const lines = rows(choices ?? [], layout, MAX).flatMap((line) =>
    line.some((choice) => choice.url !== undefined) ? chunks(line, LINKS_PER_ROW) : [line],
  );
  if (lines.length === 0) return undefined;
  if (lines.length > ROWS) throw new DeliveryError('never', 'bad_buttons');
  const buttons = lines.map((line) =>
    line.map(({ id, label, url }): Button => {
      const text = shorten(label, MAX.buttons?.label ?? 0);
      if (url !== undefined) {
        if (url.length > URL_LIMIT) throw new DeliveryError('never', 'bad_buttons');
        return { type: 'link', text, url };
      }
      if (id === '' || id.length > PAYLOAD_LIMIT) throw new DeliveryError('never', 'bad_buttons');
      return { type: 'callback', text, payload: id };
    }),
  );
  return { type: 'inline_keyboard', payload: { buttons } };
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let from = 0; from < list.length; from += size) result.push(list.slice(from, from + size));
  return result;
}

/** What a message of ours carries already, so that an edit can leave it there; its buttons apart. */
export function keptFiles(message: Message): AttachmentRequest[] {
  return (message.body?.attachments ?? []).flatMap((one): AttachmentRequest[] => {
    const token = one.payload?.token;
    if (one.type === 'image' || one.type === 'video' || one.type === 'audio' || one.type === 'file')
      return typeof token === 'string' ? [{ type: one.type, payload: { token } }] : [];
    if (one.type === 'location' && one.latitude !== undefined && one.longitude !== undefined)
      return [{ type: 'location', latitude: one.latitude, longitude: one.longitude }];
    const card = one.payload?.vcf_info;
    if (one.type === 'contact' && typeof card === 'string')
      return [{ type: 'contact', payload: { name: '', vcf_info: card } }];
    return [];
  });
}
