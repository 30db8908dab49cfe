// Telegram's updates of private chats as our events, and our message as Telegram's keyboard and texts. Pure. What a
// person wrote is data here: nothing is read back from displayed text, and no text is parsed as markup.
import type { Person } from '../../core/contact.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { CustomerAct, CustomerEvent } from '../../core/event.ts';
import type { Message as OurMessage } from '../../core/message.ts';
import type {
  CallbackQuery,
  InlineKeyboardMarkup,
  Message,
  Update,
  User,
} from '../../networks/telegram/api.ts';
import { DOWNLOAD_LIMIT } from '../../networks/telegram/client.ts';
import {
  contentOf,
  fullName,
  idIn,
  idOf,
  isService,
  milliseconds,
  wordsOf,
} from '../../networks/telegram/incoming.ts';
import { type Post, UPLOAD_LIMIT } from '../../networks/telegram/post.ts';
import { CAPTION_LIMIT, TEXT_LIMIT } from '../../networks/telegram/steps.ts';
import type { Abilities, Outgoing } from '../channel.ts';
import { rows } from '../rows.ts';
import { split } from '../split.ts';

export const TELEGRAM: Abilities = {
  textLimit: TEXT_LIMIT,
  captionLimit: CAPTION_LIMIT,
  buttons: { perRow: 8, rows: 12, label: 40, scalePerRow: 6, links: true },
  media: ['photo', 'video', 'voice', 'audio', 'document', 'sticker', 'location', 'contact'],
  together: 10,
  uploadLimit: UPLOAD_LIMIT,
  downloadLimit: DOWNLOAD_LIMIT,
  edits: true,
  marksChoice: true,
  history: 'network',
  sendsOnce: false,
  rates: {
    account: { count: 30, per: 1_000, burst: 30 },
    peer: { count: 1, per: 1_000, burst: 3 },
  },
};

/** Telegram's limit of a button's data, in bytes. */
const DATA_LIMIT = 64;
const START = /^\/start(?:@\w+)?(?:\s+(\S+))?\s*$/;

/** Events of one update; none for what is not a person in a private chat. `now` stands in where Telegram tells no time. */
export function fromUpdate(update: Update, account: string, now: number): CustomerEvent[] {
  const { message, edited_message: edited, callback_query: press, my_chat_member: member } = update;
  const event = (user: User, at: number, act: CustomerAct): CustomerEvent[] => [
    {
      id: String(update.update_id),
      channel: 'telegram',
      account,
      at,
      peer: idOf(user),
      person: personOf(user),
      ...act,
    },
  ];
  if (message) {
    const { from } = message;
    if (!isFromPerson(message) || from === undefined || isService(message)) return [];
    return event(from, milliseconds(message.date), actOf(message, account));
  }
  if (edited) {
    const { from } = edited;
    // A live location moves on by edits; where the person went is not asked.
    if (!isFromPerson(edited) || from === undefined || edited.location !== undefined) return [];
    return event(from, milliseconds(edited.edit_date ?? edited.date), {
      kind: 'edit',
      message: idIn(edited.message_id),
      text: wordsOf(edited),
    });
  }
  if (press) {
    if (!isOwnPress(press) || press.data === undefined) return [];
    return event(press.from, now, {
      kind: 'press',
      button: press.data,
      ...(press.message && { message: idIn(press.message.message_id) }),
    });
  }
  if (member && member.chat.type === 'private') {
    const { status } = member.new_chat_member;
    const reachable = status !== 'kicked' && status !== 'left';
    return event(member.from, milliseconds(member.date), {
      kind: 'reach',
      reachable,
      ...(!reachable && { reason: 'blocked' }),
    });
  }
  return [];
}

function isFromPerson(message: Message): boolean {
  return message.chat.type === 'private' && message.from !== undefined && !message.from.is_bot;
}

/** A press counts only in the presser's own chat with the bot. */
function isOwnPress(press: CallbackQuery): boolean {
  return press.message?.chat.type === 'private' && press.message.chat.id === press.from.id;
}

function actOf(message: Message, account: string): CustomerAct {
  const start = START.exec(message.text ?? '');
  if (start) return { kind: 'start', ...(start[1] !== undefined && { payload: start[1] }) };
  const { text, attachments } = contentOf(message, account);
  const { reply_to_message: answered, media_group_id: group } = message;
  return {
    kind: 'message',
    text,
    ...(attachments.length > 0 && { attachments }),
    message: idIn(message.message_id),
    ...(answered && { replyTo: idIn(answered.message_id) }),
    ...(group !== undefined && { group }),
  };
}

function personOf(user: User): Person {
  const name = fullName(user);
  return {
    ...(name !== '' && { name }),
    ...(user.username !== undefined && { username: user.username }),
    ...(user.language_code !== undefined && { locale: user.language_code }),
  };
}

/** Throws DeliveryError for a button that Telegram cannot carry. */
export function toPost(peer: string, out: Outgoing): Post {
  const { message, replyTo } = out;
  return {
    chat: Number(peer),
    texts: split(message.text, TEXT_LIMIT),
    attachments: message.attachments ?? [],
    markup: toKeyboard(message),
    // An id of another kind, such as a page's, is nothing that Telegram could point at.
    replyTo: replyTo !== undefined && /^\d+$/.test(replyTo) ? Number(replyTo) : undefined,
  };
}

/** Absent: no buttons. Throws DeliveryError for a button that Telegram cannot carry. */
export function toKeyboard({ choices, layout }: OurMessage): InlineKeyboardMarkup | undefined {
  const lines = rows(choices ?? [], layout, TELEGRAM);
  if (lines.length === 0) return undefined;
  return {
    inline_keyboard: lines.map((line) =>
      line.map(({ id, label, url }) => {
        if (url !== undefined) return { text: label, url };
        if (id === '' || Buffer.byteLength(id) > DATA_LIMIT) throw new DeliveryError('never', 'bad_buttons');
        return { text: label, callback_data: id };
      }),
    ),
  };
}
