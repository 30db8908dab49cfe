// How a ticket reads in the group: the topic's title, its card, and each line of the talk. Pure; the words come from
// the desk's texts, and nothing shown here is ever read back.
import type { StoredMessage } from '../../core/message.ts';
import type { Ticket, TicketKind, TicketStatus } from '../../core/ticket.ts';
import type { ShownTicket } from '../desk.ts';

export type Say = (key: string, vars?: Readonly<Record<string, string | number>>) => string;

const STATES = {
  received: '🆕',
  acknowledged: '👀',
  assessed: '🔎',
  in_progress: '🟡',
  waiting: '⏳',
  resolved: '✅',
  communicated: '📨',
  closed: '☑️',
  rejected: '🚫',
  reopened: '🔁',
} as const satisfies Record<TicketStatus, string>;

/** Telegram's six colours are fixed, and settled when the topic is made. */
export const COLOURS = {
  complaint: 0xfb6f5f,
  request: 0x6fb9f0,
  contact: 0xffd67e,
} as const satisfies Record<TicketKind, number>;

const UNREACHABLE = '🔇';
const TITLE_LIMIT = 128;
const CARD_LIMIT = 4_096;
/** Characters of one line when the talk is told again. */
const BRIEF = 200;

export function title(ticket: Ticket): string {
  const mark = ticket.reachable ? STATES[ticket.status] : `${STATES[ticket.status]}${UNREACHABLE}`;
  return cut(`${mark} ${ticket.number} ${ticket.subject.replace(/\s+/g, ' ')}`.trim(), TITLE_LIMIT);
}

/** The first is the card, changed as the ticket changes; fields that find no room in it follow on their own. */
export function cardTexts(ticket: ShownTicket, t: Say): readonly string[] {
  const head = [
    `${STATES[ticket.status]} ${t(`desk:kind.${ticket.kind}`)} ${ticket.number}`,
    `${t('desk:card.status')}: ${t(`desk:status.${ticket.status}`)}`,
    `${t('desk:card.assignee')}: ${ticket.assignee?.name ?? t('desk:card.nobody')}`,
    `${t('desk:card.customer')}: ${ticket.customer} (${channelName(ticket.channel, t)})`,
    ...(ticket.alsoOn?.length ? [`${t('desk:card.also_on')}: ${ticket.alsoOn.join(', ')}`] : []),
    ...(ticket.reachable ? [] : [`${UNREACHABLE} ${t('desk:card.unreachable')}`]),
  ].join('\n');
  const fields = ticket.fields.map(({ label, value }) => `${label}: ${value}`).join('\n');
  if (fields === '') return [head];
  const whole = `${head}\n\n${fields}`;
  return whole.length <= CARD_LIMIT ? [whole] : [head, ...pieces(fields, CARD_LIMIT)];
}

/** The word for it; its registry name where there is none: an unknown key comes back as it is, whole or in part. */
function channelName(channel: string, t: Say): string {
  const key = `channels:name.${channel}`;
  const word = t(key);
  return word === '' || key.endsWith(word) ? channel : word;
}

/** Who speaks is told by a sign; names stand where it is not the customer. */
export function lineText(message: StoredMessage): string {
  const { author, text } = message;
  if (author.kind === 'customer') return text === '' ? '' : `👤 ${text}`;
  const sign = author.kind === 'bot' ? '🤖' : `${message.note === true ? '📝' : '💬'} ${author.name}:`;
  return `${sign} ${text}`.trim();
}

/** The last lines of the talk, short, for a topic that begins again. */
export function historyText(messages: readonly StoredMessage[], t: Say): string {
  return messages
    .map((message) => {
      const files = message.attachments?.length ?? 0;
      const line = lineText({ ...message, text: message.text.replace(/\s+/g, ' ') }) || '👤';
      return cut(line, BRIEF) + (files > 0 ? ` 📎 ${t('desk:line.files', { count: files })}` : '');
    })
    .join('\n');
}

/** Parts of at most `limit` characters, cut at a line or a word where there is one. */
export function pieces(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const window = rest.slice(0, limit);
    const pause = Math.max(window.lastIndexOf('\n'), window.lastIndexOf(' '));
    const at = pause > limit / 2 ? pause : wholeBefore(rest, limit);
    parts.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  if (rest.trim() !== '') parts.push(rest);
  return parts;
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, wholeBefore(text, limit - 1)).trimEnd()}…`;
}

/** Never between the halves of one character. */
function wholeBefore(text: string, at: number): number {
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff ? at - 1 : at;
}
