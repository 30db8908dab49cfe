// What the program asks of the page, done one by one. It judges how a failed send failed, since only here it is seen.
import library, {
  type Chat,
  type Message,
  type MessageContent,
  type MessageMedia,
  type MessageSendOptions,
} from 'whatsapp-web.js';
import { DeliveryError } from '../../../core/errors.ts';
import type { Page } from './client.ts';
import { changedChats, findMessage, loadMedia } from './page.ts';
import type { Ask, Asked, Content, RawMessage, SendResult, Vote } from './protocol.ts';
import { isPerson, rawOf, voteOf } from './raw.ts';

type Tasks = { readonly [A in Ask]: (give: Asked[A]['give']) => Promise<Asked[A]['take']> };

/** Files on their way in at once: each lies in memory several times over. */
const DOWNLOADS = 2;
/** Messages of a chat looked through at most. */
const DEEPEST = 1_600;
const FIRST_LOOK = 50;
/** The server refused it and told no cause: it may pass. Any lower word concerns the message itself. */
const FAILED = -1;
/** Stages of a file that no further try changes; others, such as being asked for from the phone, pass. */
const GONE = /MISSING|TOO_LARGE|UNSUPPORTED/;

export function createTasks(page: Page): Tasks {
  const { client } = page;
  const acks = new Map<string, number>();
  const ackWaits = new Map<string, (ack: number) => void>();
  page.onAck((id, ack) => {
    // What the server once had it has, whatever became of a later try of the page's.
    if (ack < 1 && (acks.get(id) ?? 0) >= 1) return;
    acks.set(id, ack);
    ackWaits.get(id)?.(ack);
  });
  let sends: Promise<unknown> = Promise.resolve();
  let free = DOWNLOADS;
  const queue: (() => void)[] = [];

  const evaluate = <A extends unknown[], R>(task: (...args: A) => R, ...args: A): Promise<Awaited<R>> => {
    if (!client.pupPage) throw new DeliveryError('later', 'server');
    return client.pupPage.evaluate(task as (...args: unknown[]) => R, ...args) as Promise<Awaited<R>>;
  };

  /** The server's word on a message: true once it has it, false after `within` without a word. */
  async function acked(id: string, known: number, within: number): Promise<boolean> {
    const judge = (ack: number): boolean => {
      if (ack < 0) throw new DeliveryError(ack === FAILED ? 'later' : 'never', 'refused');
      return ack >= 1;
    };
    if (judge(acks.get(id) ?? known)) return true;
    const ack = await new Promise<number>((resolve) => {
      const late = setTimeout(resolve, within, 0);
      ackWaits.set(id, (word) => {
        if (word === 0) return;
        clearTimeout(late);
        resolve(word);
      });
    });
    ackWaits.delete(id);
    return judge(ack);
  }

  /** The page has it from here on, whether it told an id or not. */
  async function handOver(give: Asked['send']['give']): Promise<{ id: string | undefined; ack: number }> {
    const { chat, content, earlier, quote } = give;
    if (earlier !== undefined) {
      const found = await evaluate(findMessage, chat, earlier, [true]);
      // One that failed stays so: the page tries it no more by itself.
      if (found && found.ack >= 0) return { id: earlier, ack: found.ack };
    }
    // The page takes messages while it is offline and sends them some day; a repeat would then be a second copy.
    if ((await client.getState()) !== 'CONNECTED') throw new DeliveryError('later', 'network');
    const quoted = quote === undefined ? null : await evaluate(findMessage, chat, quote, [false, true]);
    const done = page.sending();
    let sent: Message | undefined;
    let id: string | undefined;
    try {
      sent = await client.sendMessage(chat, contentOf(content), {
        ...optionsOf(content),
        ...(quoted ? { quotedMessageId: quoted.key } : {}),
      });
    } catch (error) {
      throw refusalOf(error);
    } finally {
      id = done(idOf(sent));
    }
    return { id, ack: Number(sent?.ack ?? 0) };
  }

  async function send(give: Asked['send']['give']): Promise<SendResult> {
    const { id, ack } = await inTurn(() => handOver(give));
    if (id === undefined) return { arrived: false };
    return { id, arrived: await acked(id, ack, give.within) };
  }

  /** One at a time, so that what shows up as ours can be told from what was typed on the telephone. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = sends.then(work, work);
    sends = next.catch(() => undefined);
    return next;
  }

  async function fetchFile({ chat, id, limit }: Asked['fetch']['give']): Promise<Asked['fetch']['take']> {
    const found = await evaluate(findMessage, chat, id, [false, true]);
    const message = found && (await client.getMessageById(found.key));
    const size = Number((message?.rawData as { size?: unknown } | undefined)?.size ?? 0);
    if (!found || !message?.hasMedia) throw new DeliveryError('never', 'gone');
    if (size > limit) throw new DeliveryError('never', 'too_big');
    const media = (await message.downloadMedia()) ?? (await loadedAgain(message, found.key));
    const bytes = Buffer.from(media.data, 'base64');
    if (bytes.length > limit) throw new DeliveryError('never', 'too_big');
    const { mimetype, filename } = media;
    return { bytes, ...(mimetype ? { mime: mimetype } : {}), ...(filename ? { name: filename } : {}) };
  }

  /** The library tells of any failure alike; how the page fares with the file tells what it means. */
  async function loadedAgain(message: Message, key: string): Promise<MessageMedia> {
    const stage = await evaluate(loadMedia, key);
    const media = stage === 'RESOLVED' ? await message.downloadMedia() : undefined;
    if (media) return media;
    // WhatsApp's servers keep files for some weeks only.
    if (stage === 'RESOLVED' || GONE.test(stage)) throw new DeliveryError('never', 'gone');
    throw new DeliveryError('later', 'network');
  }

  async function withPlace<T>(work: () => Promise<T>): Promise<T> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else free++;
    }
  }

  async function history({ chat, since, unread }: Asked['history']['give']): Promise<readonly RawMessage[]> {
    const talk = await client.getChatById(chat);
    for (let limit = FIRST_LOOK + unread; ; limit *= 4) {
      const found = await loaded(talk, limit);
      const oldest = found[0]?.timestamp ?? 0;
      const all = found.length < limit || oldest * 1_000 < since || limit >= DEEPEST;
      if (!all) continue;
      const unreadFrom = found.filter((message) => !message.fromMe).at(-unread)?.timestamp;
      const from = unread > 0 ? Math.min(since, (unreadFrom ?? 0) * 1_000) : since;
      const read = found
        .filter((message) => message.timestamp * 1_000 >= from)
        .map((message) => rawOf(message.rawData, page.own()))
        .filter((message) => message !== undefined);
      const { pn } = (await phoneOf(chat)) ?? {};
      return pn === undefined ? read : read.map((message) => ({ ...message, phone: pn }));
    }
  }

  async function loaded(talk: Chat, limit: number): Promise<readonly Message[]> {
    // Where older ones cannot be loaded, those in memory are better than none.
    const found = await talk.fetchMessages({ limit }).catch(() => talk.fetchMessages({}));
    return found.sort((one, other) => one.timestamp - other.timestamp);
  }

  const phoneOf = async (chat: string): Promise<{ pn?: string } | undefined> =>
    chat.endsWith('@lid')
      ? await client.getContactLidAndPhone([chat]).then(
          ([one]) => one,
          () => undefined,
        )
      : undefined;

  return {
    send,
    fetch: (give) => withPlace(() => fetchFile(give)),
    async seen({ chat }) {
      await client.sendSeen(chat);
      return null;
    },
    async typing({ chat }) {
      await (await client.getChatById(chat)).sendStateTyping();
      return null;
    },
    code: ({ phone }) => client.requestPairingCode(phone, true),
    async unlink() {
      await client.logout().catch(() => undefined);
      await page.close(true);
      return null;
    },
    beat: async () => String((await client.getState()) ?? 'NONE'),
    async echo({ within }) {
      const [me] = page.own();
      // Nowhere to send it: then nothing is told against the connection.
      if (me === undefined) return true;
      return (await send({ chat: me, content: { as: 'text', text: '·' }, within })).arrived;
    },
    chats: async ({ since }) =>
      (await evaluate(changedChats, Math.floor(since / 1_000))).filter(({ chat }) => isPerson(chat)),
    history,
    async votes({ polls }) {
      const found: Vote[] = [];
      for (const { chat, id } of polls) {
        // A page without this table is no reason to lose the rest.
        const key = (await evaluate(findMessage, chat, id, [true]))?.key;
        const votes = key === undefined ? [] : await client.getPollVotes(key).catch(() => []);
        found.push(...votes.map((vote) => voteOf(vote, id)).filter((vote) => vote !== undefined));
      }
      return found;
    },
  };
}

function idOf(message: Message | undefined): string | undefined {
  const id: unknown = message?.id?.id;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function contentOf(content: Content): MessageContent {
  switch (content.as) {
    case 'text':
      return content.text;
    case 'poll':
      return new library.Poll(content.text, [...content.options], {
        allowMultipleAnswers: false,
        messageSecret: undefined,
      });
    case 'location':
      return new library.Location(content.latitude, content.longitude);
    case 'card':
      return content.card;
    default: {
      const { mime, bytes, name } = content;
      return new library.MessageMedia(mime, Buffer.from(bytes).toString('base64'), name, bytes.length);
    }
  }
}

function optionsOf(content: Content): MessageSendOptions {
  return {
    linkPreview: false,
    // Marking as read waits until what came is kept.
    sendSeen: false,
    parseVCards: content.as === 'card',
    ...('bytes' in content && content.text !== '' ? { caption: content.text } : {}),
    ...(content.as === 'voice' ? { sendAudioAsVoice: true } : {}),
    ...(content.as === 'document' ? { sendMediaAsDocument: true } : {}),
  };
}

/** What the page throws before it has taken the message is a refusal; anything else may come after. */
function refusalOf(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const words = error instanceof Error ? error.message : String(error);
  if (/No LID for user|invalid wid|wid error/i.test(words)) return new DeliveryError('never', 'no_such_user');
  if (/media-fault|upload failed|Invalid media type/i.test(words))
    return new DeliveryError('never', 'bad_file');
  return new DeliveryError('unknown', 'network');
}
