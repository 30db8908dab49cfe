// Whether the group can be a desk: a forum in which the bot may make topics. It tells the remedy, not only the fault.
import type { TelegramClient } from '../../networks/telegram/client.ts';

export type Unfit = 'no_forum' | 'no_rights' | 'not_member';

export interface Fitness {
  /** Absent: all is well. */
  readonly unfit?: Unfit;
  readonly botName?: string;
}

/** Throws DeliveryError when Telegram does not say. */
export async function fitnessOf(client: TelegramClient, chat: number): Promise<Fitness> {
  const me = await client.call.getMe();
  const botName = me.username;
  const group = await client.call.getChat({ chat_id: chat });
  if (group.type !== 'supergroup' || group.is_forum !== true) return { unfit: 'no_forum', botName };
  const bot = await client.call.getChatMember({ chat_id: chat, user_id: me.id });
  if (bot.status === 'left' || bot.status === 'kicked') return { unfit: 'not_member', botName };
  const may = bot.status === 'creator' || (bot.status === 'administrator' && bot.can_manage_topics === true);
  return may ? { botName } : { unfit: 'no_rights', botName };
}
