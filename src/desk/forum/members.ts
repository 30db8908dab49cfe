// Whether a person is in the operators' group now, as Telegram says, by their numeric id alone. When Telegram does
// not say, nobody is let in: the error goes on and the event is looked at again later.
import { DeliveryError } from '../../core/errors.ts';
import type { ChatMember } from '../../networks/telegram/api.ts';
import type { TelegramClient } from '../../networks/telegram/client.ts';

export interface Members {
  isMember(chat: number, user: number, now: number): Promise<boolean>;
  /** They left: the next look asks Telegram. */
  forget(user: number): void;
}

const REMEMBERED_FOR = 60_000;
const REMEMBERED = 1_000;

/** Only a yes is remembered: who is let in anew should not wait. */
export function createMembers(client: TelegramClient): Members {
  const seen = new Map<string, number>();
  const isMember = async (chat: number, user: number, now: number): Promise<boolean> => {
    const key = `${chat}.${user}`;
    const at = seen.get(key);
    if (at !== undefined && now >= at && now - at < REMEMBERED_FOR) return true;
    seen.delete(key);
    const member = await client.call
      .getChatMember({ chat_id: chat, user_id: user })
      .catch((error: unknown) => {
        if (error instanceof DeliveryError && error.reason === 'no_such_user') return undefined;
        throw error;
      });
    if (member === undefined || !isInside(member)) return false;
    seen.set(key, now);
    const [oldest] = seen.keys();
    if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
    return true;
  };
  return {
    isMember,
    forget(user) {
      for (const key of [...seen.keys()]) if (key.endsWith(`.${user}`)) seen.delete(key);
    },
  };
}

function isInside(member: ChatMember): boolean {
  switch (member.status) {
    case 'creator':
    case 'administrator':
    case 'member':
      return true;
    case 'restricted':
      return member.is_member;
    default:
      return false;
  }
}
