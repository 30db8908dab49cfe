// One ticket's topic: made once, furnished with its card, made again when it was deleted, and written into. It keeps
// nothing: places go to whoever keeps tickets. It never decides what is said.
import { DeliveryError } from '../../core/errors.ts';
import type { Attachment, StoredMessage } from '../../core/message.ts';
import type { Ticket, TicketPlace } from '../../core/ticket.ts';
import type { Message } from '../../networks/telegram/api.ts';
import type { TelegramClient } from '../../networks/telegram/client.ts';
import { type Leniency, type PostDeps, post, postWhatCan } from '../../networks/telegram/post.ts';
import type { Once } from '../../networks/telegram/progress.ts';
import { COLOURS, cardTexts, historyText, pieces, type Say, title } from './card.ts';
import { placeKey, readPlace } from './place.ts';

export interface TopicDeps {
  readonly client: TelegramClient;
  readonly open: PostDeps['open'];
  readonly t: Say;
  /** The last title given to each place, so that it is given only when it changed. */
  readonly titles: Map<string, string>;
}

export interface Written {
  readonly text: string;
  readonly attachments?: readonly Attachment[];
  readonly replyTo?: number | undefined;
}

const TEXT_LIMIT = 4_096;
const TOLD_AGAIN = 20;
const TITLES = 5_000;

/** A topic for the ticket, empty yet. */
export async function makeTopic(deps: TopicDeps, ticket: Ticket, chat: number): Promise<TicketPlace> {
  const name = title(ticket);
  const topic = await deps.client.call.createForumTopic({
    chat_id: chat,
    name,
    icon_color: COLOURS[ticket.kind],
  });
  const key = placeKey(chat, topic.message_thread_id);
  remember(deps, key, name);
  return { desk: 'forum', key, live: true };
}

/** Card, evidence, and for a topic that begins again the last lines of the talk. */
export async function furnish(
  deps: TopicDeps,
  ticket: Ticket,
  place: TicketPlace,
  told: readonly StoredMessage[] | undefined,
  once: Once,
): Promise<TicketPlace> {
  const [card = '', ...more] = cardTexts(ticket, deps.t);
  const [first] = await write(deps, place, { text: card }, once, 'card');
  for (const [index, text] of more.entries()) await write(deps, place, { text }, once, `fields.${index}`);
  if (ticket.evidence.length > 0) {
    await writeWhatCan(deps, place, { text: '', attachments: ticket.evidence }, once, 'evidence');
  }
  if (told !== undefined && told.length > 0) {
    const last = told.slice(-TOLD_AGAIN);
    const head = deps.t('desk:notice.topic_again', { number: ticket.number, count: last.length });
    await write(deps, place, { text: `${head}\n\n${historyText(last, deps.t)}` }, once, 'history');
  }
  return first === undefined ? place : { ...place, card: String(first.message_id) };
}

/** Throws DeliveryError `gone_thread` when the topic is no more. */
export async function write(
  deps: TopicDeps,
  place: TicketPlace,
  written: Written,
  once: Once,
  name: string,
): Promise<readonly Message[]> {
  return opening(deps, place, () =>
    post(postDepsOf(deps, place), { ...at(place), ...toPost(written) }, once, name),
  );
}

const FILE_FAULTS: ReadonlySet<string> = new Set(['gone', 'too_big', 'bad_file', 'bad_photo', 'refused']);

/** With its files; those that cannot be shown are named in a line under the words. */
export async function writeWhatCan(
  deps: TopicDeps,
  place: TicketPlace,
  written: Written,
  once: Once,
  name: string,
): Promise<readonly Message[]> {
  const lenient: Leniency = {
    isFileFault: (error) =>
      error instanceof DeliveryError && error.verdict === 'never' && FILE_FAULTS.has(error.reason),
    tell(files) {
      const names = files.map((file) => file.name ?? deps.t(`desk:file.${file.kind}`)).join(', ');
      return `📎 ${deps.t('desk:line.file_missing', { names })}`;
    },
  };
  return opening(deps, place, () =>
    postWhatCan(postDepsOf(deps, place), { ...at(place), ...toPost(written) }, lenient, once, name),
  );
}

const toPost = ({ text, attachments = [], replyTo }: Written) => ({
  texts: pieces(text, TEXT_LIMIT),
  attachments,
  replyTo,
});

function postDepsOf(deps: TopicDeps, place: TicketPlace): PostDeps {
  const { chat, thread } = at(place);
  return {
    client: deps.client,
    open: deps.open,
    check: (messages) => checkThread(deps, messages, chat, thread),
  };
}

/** Opens a topic again that somebody closed. */
async function opening<T>(deps: TopicDeps, place: TicketPlace, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof DeliveryError && error.reason === 'closed_thread')) throw error;
    const { chat, thread } = at(place);
    await deps.client.call.reopenForumTopic({ chat_id: chat, message_thread_id: thread });
    return send();
  }
}

/** The title as the ticket is now; told to Telegram only when it is another one. */
export async function retitle(deps: TopicDeps, ticket: Ticket, place: TicketPlace): Promise<void> {
  const name = title(ticket);
  if (deps.titles.get(place.key) === name) return;
  const { chat, thread } = at(place);
  await deps.client.call.editForumTopic({ chat_id: chat, message_thread_id: thread, name });
  remember(deps, place.key, name);
}

/** False when the card's message is no more. */
export async function rewriteCard(deps: TopicDeps, ticket: Ticket, place: TicketPlace): Promise<boolean> {
  if (place.card === undefined) return false;
  const [card = ''] = cardTexts(ticket, deps.t);
  try {
    await deps.client.call.editMessageText({
      chat_id: at(place).chat,
      message_id: Number(place.card),
      text: card,
      link_preview_options: { is_disabled: true },
    });
    return true;
  } catch (error) {
    if (error instanceof DeliveryError && error.reason === 'not_editable') return false;
    throw error;
  }
}

/** Telegram may put a message meant for a deleted topic into the group itself: there it must not stay. */
async function checkThread(
  deps: TopicDeps,
  messages: readonly Message[],
  chat: number,
  thread: number,
): Promise<void> {
  const astray = messages.filter((message) => message.message_thread_id !== thread);
  if (astray.length === 0) return;
  for (const { message_id } of astray) {
    await deps.client.call.deleteMessage({ chat_id: chat, message_id }).catch(() => undefined);
  }
  throw new DeliveryError('never', 'gone_thread');
}

function at(place: TicketPlace): { chat: number; thread: number } {
  const read = readPlace(place.key);
  if (read === undefined) throw new DeliveryError('never', 'no_place');
  return read;
}

function remember(deps: TopicDeps, key: string, name: string): void {
  deps.titles.set(key, name);
  const [oldest] = deps.titles.keys();
  if (deps.titles.size > TITLES && oldest !== undefined) deps.titles.delete(oldest);
}
