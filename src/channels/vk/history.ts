// What people wrote while nobody listened, read back from the dialogues themselves. It only reads: who already has a
// message knows it by its id.
import { DeliveryError } from '../../core/errors.ts';
import type { VkApi, VkMessage } from './api.ts';
import { isPerson } from './wire.ts';

interface Conversation {
  readonly conversation: { readonly peer: { readonly id: number } };
  readonly last_message?: VkMessage;
}

interface Page<T> {
  readonly items: readonly T[];
}

const PAGE = 200;

/** Gives the messages of one dialogue after another, oldest first, none older than `since`; milliseconds. */
export async function readBack(
  api: Pick<VkApi, 'call'>,
  since: number,
  take: (messages: readonly VkMessage[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (const peer of await peersSince(api, since, signal)) {
    signal.throwIfAborted();
    const messages = await messagesSince(api, peer, since, signal).catch((error: unknown) => {
      // One dialogue that VK does not show, such as a deleted person's, hides none of the others.
      if (error instanceof DeliveryError && (error.verdict === 'never' || error.verdict === 'blocked'))
        return [];
      throw error;
    });
    if (messages.length > 0) await take(messages);
  }
}

/** The last message of each of the newest dialogues. */
export async function lastMessages(api: Pick<VkApi, 'call'>, count: number): Promise<readonly VkMessage[]> {
  const { items } = await conversations(api, 0, count);
  return items.flatMap(({ last_message: last }) => (last ? [last] : []));
}

async function peersSince(
  api: Pick<VkApi, 'call'>,
  since: number,
  signal: AbortSignal,
): Promise<Set<number>> {
  const peers = new Set<number>();
  for (let offset = 0; ; offset += PAGE) {
    signal.throwIfAborted();
    const { items } = await conversations(api, offset, PAGE);
    for (const { conversation, last_message: last } of items) {
      if (last === undefined || last.date * 1_000 < since) return peers;
      if (isPerson(conversation.peer.id)) peers.add(conversation.peer.id);
    }
    if (items.length < PAGE) return peers;
  }
}

async function messagesSince(
  api: Pick<VkApi, 'call'>,
  peer: number,
  since: number,
  signal: AbortSignal,
): Promise<readonly VkMessage[]> {
  const found: VkMessage[] = [];
  for (let offset = 0; ; offset += PAGE) {
    signal.throwIfAborted();
    const { items } = await api.call<Page<VkMessage>>('messages.getHistory', {
      peer_id: peer,
      count: PAGE,
      offset,
    });
    for (const message of items) {
      if (message.date * 1_000 < since) return found.reverse();
      found.push(message);
    }
    if (items.length < PAGE) return found.reverse();
  }
}

const conversations = (
  api: Pick<VkApi, 'call'>,
  offset: number,
  count: number,
): Promise<Page<Conversation>> => api.call('messages.getConversations', { offset, count });
