// Who an update is for: one token is one stream, and what comes from the operators' group goes to the desk, never
// to the channel. Also the group's id itself, which changes once when the group becomes a supergroup.
import type { Chat, Message, Update } from './api.ts';
import type { TelegramClient } from './client.ts';
import { MigratedError } from './errors.ts';

/** Groups that are none of ours, remembered. */
const STRANGERS = 1_000;

export type Part = 'channel' | 'desk';

export interface OperatorChat {
  current(): number;
  /** True of the current id and of every id it had. */
  has(chat: number): boolean;
  /** The same; of an unknown id Telegram is asked, once, whether the group moved: another process may have heard of it. */
  knows(chat: number): Promise<boolean>;
  /** The group has another id now; kept before it is used. */
  move(to: number): Promise<void>;
}

/** `former`: ids it had before, such as the one still standing in the settings. */
export function createOperatorChat(options: {
  readonly id: number;
  readonly former?: readonly number[];
  readonly onMoved: (from: string, to: string) => Promise<void>;
  /** Asks Telegram where the group of this id is now; absent: where it was. */
  readonly ask?: (chat: number) => Promise<number | undefined>;
}): OperatorChat {
  let current = options.id;
  const known = new Set([options.id, ...(options.former ?? [])]);
  const strangers = new Set<number>();
  const move = async (to: number): Promise<void> => {
    if (to === current) return;
    await options.onMoved(String(current), String(to));
    known.add(to);
    current = to;
  };
  return {
    current: () => current,
    has: (chat) => known.has(chat),
    async knows(chat) {
      if (known.has(chat) || strangers.has(chat)) return known.has(chat);
      const to = await options.ask?.(current);
      if (to !== undefined) await move(to);
      if (known.has(chat)) return true;
      strangers.add(chat);
      const [oldest] = strangers;
      if (strangers.size > STRANGERS && oldest !== undefined) strangers.delete(oldest);
      return false;
    },
    move,
  };
}

/** Where Telegram says that the group is now; absent: where it was. Throws DeliveryError. */
export async function movedTo(client: TelegramClient, chat: number): Promise<number | undefined> {
  try {
    await client.call.getChat({ chat_id: chat });
    return undefined;
  } catch (error) {
    if (error instanceof MigratedError) return error.to;
    throw error;
  }
}

/** What an update is about, whatever its kind. */
export function kindOf(update: Update): string {
  return Object.keys(update).find((key) => key !== 'update_id') ?? 'empty';
}

export function messageOf(update: Update): Message | undefined {
  return update.message ?? update.edited_message;
}

export function chatOf(update: Update): Chat | undefined {
  return messageOf(update)?.chat ?? update.callback_query?.message?.chat ?? update.my_chat_member?.chat;
}

export interface Routed {
  readonly update: Update;
  readonly part: Part;
}

/** In order, since a batch may hold the group's move and what was said after it under the new id. */
export function route(updates: readonly Update[], operatorChat: OperatorChat | undefined): Routed[] {
  const movedTo = new Set<number>();
  return updates.map((update) => {
    const chat = chatOf(update);
    const isDesk = (id: number | undefined) =>
      id !== undefined && operatorChat !== undefined && (operatorChat.has(id) || movedTo.has(id));
    const message = messageOf(update);
    const atDesk = isDesk(chat?.id) || isDesk(message?.migrate_from_chat_id);
    if (atDesk && chat !== undefined) movedTo.add(chat.id);
    if (atDesk && message?.migrate_to_chat_id !== undefined) movedTo.add(message.migrate_to_chat_id);
    return { update, part: atDesk ? 'desk' : 'channel' };
  });
}
