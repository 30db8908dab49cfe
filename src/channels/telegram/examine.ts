// Asks Telegram whether it takes our settings. It never asks for updates: that would end the poll of a running program.
// That another process polls with the same token shows in the running program's own health.
import { createTelegramClient, type TelegramClient } from '../../networks/telegram/client.ts';
import { MigratedError } from '../../networks/telegram/errors.ts';
import { clockOf, type Examine, type Finding, finding, refused, whyOf } from '../examine.ts';
import type { TelegramConfig } from './settings.ts';

const NAME = 'telegram';
/** Updates that wait although they are to be posted to us at once. */
const MANY_PENDING = 100;
/** Seconds for which a failed post is news. */
const RECENT = 3_600;
const TIMEOUT = 10_000;
const ROOT = 'https://api.telegram.org';

export const examineTelegram: Examine<TelegramConfig> = async (config, { publicUrl, now }) => {
  const client = createTelegramClient({ ...config, timeout: TIMEOUT });
  try {
    const me = await client.call.getMe();
    const found: Finding[] = [finding(NAME, 'ok', 'telegram.bot', { name: me.username ?? me.first_name })];
    if (config.operatorChatId !== undefined)
      found.push(await examineGroup(client, Number(config.operatorChatId), me.id));
    found.push(...(await examineWebhook(client, config, `${publicUrl ?? ''}/hooks/telegram`, now())));
    if (config.proxyUrl === undefined) found.push(...(await clockOf(NAME, config.apiRoot ?? ROOT, now)));
    return found;
  } catch (error) {
    return [refused(NAME, error)];
  } finally {
    await client.close();
  }
};

async function examineWebhook(
  client: TelegramClient,
  { mode }: TelegramConfig,
  ours: string,
  now: number,
): Promise<readonly Finding[]> {
  const info = await client.call.getWebhookInfo();
  const there = info.url ?? '';
  const pending = info.pending_update_count;
  if (mode === 'poll') {
    if (there !== '')
      return [finding(NAME, 'warning', 'telegram.webhook_while_polling', { host: hostOf(there) })];
    return [finding(NAME, 'ok', 'telegram.polled', { pending })];
  }
  if (there === '') return [finding(NAME, 'warning', 'telegram.webhook_none', { ours })];
  const found: Finding[] = [];
  if (there !== ours)
    found.push(finding(NAME, 'error', 'telegram.webhook_other', { host: hostOf(there), ours }));
  if (pending >= MANY_PENDING) found.push(finding(NAME, 'warning', 'telegram.webhook_pending', { pending }));
  const ago = Math.round(now / 1_000 - (info.last_error_date ?? 0));
  if (info.last_error_date !== undefined && ago < RECENT)
    found.push(
      finding(NAME, 'warning', 'telegram.webhook_failed', { ago, why: info.last_error_message ?? '' }),
    );
  return found.length > 0 ? found : [finding(NAME, 'ok', 'telegram.webhook', { pending })];
}

/** Only the host: somebody else's address may hold a secret. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : '?');

async function examineGroup(client: TelegramClient, chat: number, me: number): Promise<Finding> {
  try {
    const group = await client.call.getChat({ chat_id: chat });
    if (group.type !== 'supergroup' || group.is_forum !== true)
      return finding(NAME, 'error', 'telegram.group_no_topics', { chat });
    const bot = await client.call.getChatMember({ chat_id: chat, user_id: me });
    const may =
      bot.status === 'creator' || (bot.status === 'administrator' && bot.can_manage_topics === true);
    return may
      ? finding(NAME, 'ok', 'telegram.group', { chat })
      : finding(NAME, 'error', 'telegram.group_no_rights', { chat });
  } catch (error) {
    if (error instanceof MigratedError)
      return finding(NAME, 'warning', 'telegram.group_moved', { chat, to: error.to });
    return finding(NAME, 'error', 'telegram.group_unknown', { chat, why: whyOf(error) });
  }
}
