// Who an update is for: one token is one stream, and what comes from the operators' group goes to the desk, never
// to the channel. Also the group's id itself, which changes once when the group becomes a supergroup.
import type { Chat, Message, Update } from './api.ts';

export type Part = 'channel' | 'desk';

export interface OperatorChat {
  current(): number;
  /** True of the current id and of every id it had. */
  has(chat: number): boolean;
  /** The group has another id now; kept before it is used. */
  move(to: number): Promise<void>;
}

/** `former`: ids it had before, such as the one still standing in the settings. */
export function createOperatorChat(options: {
  readonly id: number;
  readonly former?: readonly number[];
  readonly onMoved: (from: string, to: string) => Promise<void>;
}): OperatorChat {
  let current = options.id;
  const known = new Set([options.id, ...(options.former ?? [])]);
  return {
    current: () => current,
    has: (chat) => known.has(chat),
    async move(to) {
      if (to === current) return;
      await options.onMoved(String(current), String(to));
      known.add(to);
      current = to;
    },
  };
}

/** What an update is about, whatever its kind. */
export function kindOf(update: Update): string {
  return Object.keys(update).find((key) => key !== 'update_id') ?? 'empty';
}

export function messageOf(update: Update): Message | undefined {
  return update.message ?? update.edited_message;
}

function chatOf(update: Update): Chat | undefined {
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
