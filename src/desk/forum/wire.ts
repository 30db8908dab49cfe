// Updates of the operators' group as desk events. Pure. Only a person who writes under their own account inside a
// topic acts; who may act is decided elsewhere. A command never counts as words for the customer.
import type { Operator } from '../../core/contact.ts';
import type { DeskAct, DeskEvent } from '../../core/event.ts';
import type { Attachment } from '../../core/message.ts';
import type { Message, Update } from '../../networks/telegram/api.ts';
import {
  contentOf,
  fullName,
  idIn,
  idOf,
  isService,
  milliseconds,
  wordsOf,
} from '../../networks/telegram/incoming.ts';
import { placeKey } from './place.ts';

export const FORUM = 'forum';

/** The group as it is now, and the bot in it. */
export interface Where {
  readonly account: string;
  readonly chat: number;
  /** The bot's own name in `/command@name`; absent while Telegram has not told it. */
  readonly botName?: string | undefined;
}

export interface Read {
  readonly events: readonly DeskEvent[];
  /** Somebody whose words cannot be taken, since nobody can tell who they are. */
  readonly nameless?: { readonly who: string; readonly thread: number; readonly message: number };
  /** They asked what there is. */
  readonly help?: { readonly thread?: number; readonly message: number };
  readonly movedTo?: number;
  /** The bot's own place in the group changed. */
  readonly botChanged?: true;
}

const NOTHING: Read = { events: [] };
const COMMAND = /^\/([a-z_]+)(?:@(\w+))?(?:\s+([\s\S]*))?$/i;

export function fromUpdate(update: Update, where: Where): Read {
  if (update.my_chat_member) return { events: [], botChanged: true };
  const message = update.message ?? update.edited_message;
  if (message === undefined) return NOTHING;
  const movedTo =
    message.migrate_to_chat_id ?? (message.migrate_from_chat_id === undefined ? undefined : message.chat.id);
  if (movedTo !== undefined) return { events: [], movedTo: Number(idIn(movedTo)) };
  if (isService(message)) return NOTHING;
  const edited = update.edited_message !== undefined;
  const command = commandOf(message);
  const elsewhere = command?.to !== undefined && where.botName !== undefined && command.to !== where.botName;
  if (elsewhere) return NOTHING;
  const { message_id: id, message_thread_id: thread } = message;
  const inTopic = message.is_topic_message === true && thread !== undefined;
  const operator = operatorOf(message);
  if (operator === undefined) {
    const who = message.sender_chat?.id ?? message.from?.id;
    // Other bots are not people to be told anything, and an answer to one might be answered.
    const isBot = message.sender_chat === undefined && !isAnonymous(message);
    if (!inTopic || isBot || edited || who === undefined) return NOTHING;
    return { events: [], nameless: { who: String(who), thread, message: id } };
  }
  if (command?.name === 'help' && !edited) {
    return { events: [], help: { message: id, ...(inTopic && { thread }) } };
  }
  if (!inTopic) return NOTHING;
  return {
    events: [
      {
        kind: 'desk',
        id: String(update.update_id),
        channel: FORUM,
        account: where.account,
        at: milliseconds(edited ? (message.edit_date ?? message.date) : message.date),
        operator,
        place: placeKey(where.chat, Number(idIn(thread))),
        message: idIn(id),
        ...(edited ? editOf(message) : actOf(message, where.account)),
      },
    ],
  };
}

const ANONYMOUS_ADMIN = 1087968824;

function isAnonymous(message: Message): boolean {
  return message.from?.id === ANONYMOUS_ADMIN;
}

/** Absent for a bot, a channel, or an administrator who hides behind the group. */
function operatorOf(message: Message): Operator | undefined {
  const { from } = message;
  if (from === undefined || from.is_bot || message.sender_chat !== undefined) return undefined;
  if (message.is_automatic_forward === true || isAnonymous(message)) return undefined;
  return { id: `tg:${idOf(from)}`, name: fullName(from) || `id ${from.id}` };
}

function commandOf(message: Message): { name: string; to: string | undefined; rest: string } | undefined {
  const found = COMMAND.exec(wordsOf(message).trim());
  if (found === null) return undefined;
  return { name: (found[1] ?? '').toLowerCase(), to: found[2], rest: (found[3] ?? '').trim() };
}

/** The network's id of the message answered; a plain message in a topic answers the topic's own creation. */
function replyOf(message: Message): string | undefined {
  const answered = message.reply_to_message;
  if (answered === undefined || answered.message_id === message.message_thread_id) return undefined;
  if (answered.forum_topic_created !== undefined) return undefined;
  return idIn(answered.message_id);
}

type Files = { readonly attachments?: readonly Attachment[]; readonly group?: string };

function actOf(message: Message, account: string): DeskAct & { readonly message?: string } {
  const { text, attachments } = contentOf(message, account);
  const files: Files = {
    ...(attachments.length > 0 && { attachments }),
    ...(message.media_group_id !== undefined && { group: message.media_group_id }),
  };
  const words = text.trim();
  if (words.startsWith('//')) return note(words.slice(2).trim(), files, words);
  if (!words.startsWith('/')) {
    const replyTo = replyOf(message);
    return { act: 'write', text, ...files, ...(replyTo !== undefined && { replyTo }) };
  }
  const command = commandOf(message);
  // A forwarded command is somebody else's, and a command with files would lose them.
  const isPlain = message.forward_origin === undefined && attachments.length === 0;
  if (command?.name === 'note') return note(command.rest, files, words);
  if (!isPlain || command === undefined) return { act: 'unknown', text: words };
  switch (command.name) {
    case 'claim':
      return { act: 'claim' };
    case 'take':
      return { act: 'claim', force: true };
    case 'close':
      return { act: 'close', ...(command.rest !== '' && { text: command.rest }) };
    case 'resend': {
      const about = replyOf(message);
      return about === undefined ? { act: 'unknown', text: words } : { act: 'resend', message: about };
    }
    default:
      return { act: 'unknown', text: words };
  }
}

function note(text: string, files: Files, words: string): DeskAct {
  if (text === '' && files.attachments === undefined) return { act: 'unknown', text: words };
  return { act: 'note', text, ...files };
}

/** A message changed into a note must not reach the customer as their message's new wording. */
function editOf(message: Message): DeskAct {
  const words = wordsOf(message).trim();
  if (!words.startsWith('/')) return { act: 'edit', text: wordsOf(message) };
  const command = commandOf(message);
  if (words.startsWith('//')) return note(words.slice(2).trim(), {}, words);
  return command?.name === 'note' ? note(command.rest, {}, words) : { act: 'unknown', text: words };
}
