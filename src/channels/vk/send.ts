// Puts one fitted message into a person's dialogue, so that it is seen exactly once however often it is tried: VK shows
// nothing twice under one random_id. The library of ids is VK's and its scope is not told, so an answer that names an
// older message is looked at: another message of the same random_id must not swallow this one.
import type { Address } from '../../core/contact.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { Message } from '../../core/message.ts';
import type { Outgoing, Sent } from '../channel.ts';
import { shorten, split } from '../split.ts';
import type { Log, VkApi, VkAttachment, VkMessage } from './api.ts';
import { type Attach, isVoice } from './attach.ts';
import { unescaped } from './content.ts';
import { fromRefusal, refusalOf } from './errors.ts';
import { inlineOf, toKeyboard } from './keyboard.ts';
import { OUR_MARK, type OwnMessages } from './own-messages.ts';
import { OLD_CLIENT, type PersonClients } from './person-client.ts';
import { randomIdOf } from './random-id.ts';
import type { StandingKeyboards } from './standing-keyboards.ts';
import { isPerson, VK_ABILITIES } from './wire.ts';
import { beginsWith, literal } from './words.ts';

export interface SendDeps {
  readonly api: Pick<VkApi, 'call'>;
  readonly group: number;
  readonly clients: Pick<PersonClients, 'of'>;
  readonly standing: StandingKeyboards;
  readonly own: OwnMessages;
  readonly attach: Attach;
  readonly clock: () => number;
  readonly log: Log;
}

export interface Sending {
  send(to: Address, out: Outgoing): Promise<Sent>;
  edit(to: Address, message: string, next: Message): Promise<void>;
}

interface Part {
  readonly key: string;
  readonly text: string;
  /** What its text begins with at each try; what is written below depends on the person's app. */
  readonly words: string;
  readonly attachments: readonly string[];
  readonly keyboard?: string;
  readonly replyTo?: number;
}

interface SentItem {
  readonly peer_id: number;
  readonly message_id: number;
  readonly conversation_message_id: number;
  readonly error?: { readonly code: number };
}

/** Characters that VK takes in one message. */
const LONGEST = 4_096;
/** Other ids tried when the first one's message is not this one. */
const SALTS = 3;
/** Nothing is tried again after a day, so an older message of the same id is another. */
const TRIED_WITHIN = 25 * 3_600_000;
/** What VK says of an answered message that is no longer there. */
const NO_SUCH_MESSAGE = new Set([100, 104, 921]);

export function createSending(deps: SendDeps): Sending {
  const { api, own, standing } = deps;

  async function deliver(peer: number, part: Part): Promise<number> {
    for (let salt = 0; salt <= SALTS; salt += 1) {
      const randomId = randomIdOf(part.key, salt);
      own.sending(randomId);
      const newest = own.newest();
      const item = await sendOnce(peer, part, randomId);
      const { message_id: id, conversation_message_id: number } = item;
      const isNew = newest !== undefined && id > newest;
      own.saw(id);
      if (isNew || (await isThis(peer, part, item))) {
        own.sent(peer, number, part.attachments.join(','));
        return number;
      }
      deps.log.warn(
        { key: part.key, salt },
        'VK knows the random_id for another message; it is sent with another',
      );
    }
    throw new DeliveryError('later', 'server', { retryAfter: 60_000 });
  }

  async function sendOnce(peer: number, part: Part, randomId: number): Promise<SentItem> {
    const call = async (replyTo: number | undefined): Promise<SentItem> => {
      const [item] = await api.call<readonly SentItem[]>('messages.send', {
        peer_ids: peer,
        random_id: randomId,
        message: part.text,
        payload: OUR_MARK,
        disable_mentions: 1,
        dont_parse_links: 1,
        ...(part.attachments.length > 0 ? { attachment: part.attachments.join(',') } : {}),
        ...(part.keyboard === undefined ? {} : { keyboard: part.keyboard }),
        ...(replyTo === undefined
          ? {}
          : {
              forward: JSON.stringify({ peer_id: peer, conversation_message_ids: [replyTo], is_reply: true }),
            }),
      });
      if (item === undefined) throw new DeliveryError('unknown', 'network');
      if (item.error) throw fromRefusal('messages.send', item.error.code);
      return item;
    };
    try {
      return await call(part.replyTo);
    } catch (error) {
      if (part.replyTo === undefined || !NO_SUCH_MESSAGE.has(refusalOf(error) ?? 0)) throw error;
      return await call(undefined);
    }
  }

  async function isThis(peer: number, part: Part, item: SentItem): Promise<boolean> {
    const { items } = await api.call<{ readonly items: readonly VkMessage[] }>(
      'messages.getById',
      item.message_id > 0
        ? { message_ids: item.message_id }
        : { peer_id: peer, cmids: item.conversation_message_id },
    );
    const [found] = items;
    // What is gone cannot be shown to be another's, and another copy of ours would be seen.
    if (found === undefined) return true;
    return (
      found.peer_id === peer &&
      found.from_id === -deps.group &&
      deps.clock() - found.date * 1_000 < TRIED_WITHIN &&
      (found.attachments?.length ?? 0) === part.attachments.length &&
      beginsWith(unescaped(found.text), part.words)
    );
  }

  return {
    async send(to, { key, message, replyTo }) {
      const peer = peerOf(to);
      const files = message.attachments ?? [];
      const shown = toKeyboard(message, await deps.clients.of(peer), standing.of(peer));
      const whole = [message.text, ...shown.written].filter(Boolean).map(literal).join('\n\n');
      // What was written under the words may be more than the words left room for.
      const texts = split(whole, LONGEST);
      const text = texts.at(-1) ?? '';
      const voices = files.filter(isVoice);
      const others = files.filter((file) => !isVoice(file));
      const bare = text === '' && others.length === 0;
      const parts: Part[] = [];
      for (const [index, voice] of voices.entries()) {
        const isLast = bare && index === voices.length - 1;
        const attachments = [await deps.attach(voice, { peer })];
        parts.push({ key: isLast ? key : `${key}~${index}`, text: '', words: '', attachments });
      }
      for (const [index, words] of texts.slice(0, -1).entries()) {
        parts.push({ key: `${key}~t${index}`, text: words, words, attachments: [] });
      }
      if (!bare) {
        const attachments: string[] = [];
        for (const file of others) attachments.push(await deps.attach(file, { peer }));
        const words = texts.length > 1 ? text : literal(message.text);
        parts.push({ key, text, words, attachments });
      }
      if (parts.length === 0) throw new DeliveryError('never', 'empty');
      let number = 0;
      for (const [index, part] of parts.entries()) {
        const isLast = index === parts.length - 1;
        number = await deliver(peer, {
          ...part,
          ...(isLast && shown.keyboard !== undefined ? { keyboard: shown.keyboard } : {}),
          ...(index === 0 && replyTo !== undefined && /^\d+$/.test(replyTo)
            ? { replyTo: Number(replyTo) }
            : {}),
        });
      }
      standing.set(peer, shown.regular);
      return { message: String(number) };
    },

    async edit(to, message, next) {
      const peer = peerOf(to);
      const number = Number(message);
      if (!/^\d+$/.test(message)) throw new DeliveryError('never', 'not_editable');
      const client = (await deps.clients.of(peer)) ?? OLD_CLIENT;
      const choices = next.choices ?? [];
      const keyboard = choices.length > 0 ? inlineOf(choices, next.layout, client) : undefined;
      if (choices.length > 0 && keyboard === undefined) throw new DeliveryError('never', 'bad_buttons');
      // Files and buttons that are not given again are taken away by VK.
      const attachment = own.attachmentOf(peer, number) ?? (await attachmentAt(peer, number));
      await api.call('messages.edit', {
        peer_id: peer,
        cmid: number,
        message: shorten(literal(next.text), VK_ABILITIES.textLimit),
        disable_mentions: 1,
        dont_parse_links: 1,
        ...(attachment === '' ? {} : { attachment }),
        ...(keyboard === undefined ? {} : { keyboard }),
      });
    },
  };

  async function attachmentAt(peer: number, number: number): Promise<string> {
    const { items } = await api.call<{ readonly items: readonly VkMessage[] }>(
      'messages.getByConversationMessageId',
      { peer_id: peer, conversation_message_ids: number },
    );
    const attachment = (items[0]?.attachments ?? []).flatMap(nameOf).join(',');
    own.sent(peer, number, attachment);
    return attachment;
  }
}

function peerOf({ peer }: Address): number {
  const number = Number(peer);
  if (!isPerson(number)) throw new DeliveryError('never', 'chat_not_found');
  return number;
}

/** What VK can attach again by its name. */
function nameOf(attachment: VkAttachment): string[] {
  const {
    owner_id: owner,
    id,
    access_key: key,
  } = (attachment[attachment.type] ?? {}) as Record<string, unknown>;
  if (typeof owner !== 'number' || typeof id !== 'number') return [];
  return [`${attachment.type}${owner}_${id}${typeof key === 'string' ? `_${key}` : ''}`];
}
