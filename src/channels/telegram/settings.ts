// Telegram's settings and what is wrong with them.
import { checkCalledAt, type Reading, type Setting } from '../settings.ts';

export interface TelegramConfig {
  readonly token: string;
  readonly apiRoot?: string;
  readonly proxyUrl?: string;
  readonly mode: 'poll' | 'webhook';
  readonly webhookSecret?: string;
  readonly operatorChatId?: string;
  /** In all; what each chat takes is fixed. */
  readonly messagesPerSecond: number;
}

export const TELEGRAM_SETTINGS = {
  TELEGRAM_BOT_TOKEN: { about: 'Turns Telegram on: the token BotFather gave', default: '' },
  TELEGRAM_API_ROOT: { about: 'Another Bot API server', default: 'https://api.telegram.org' },
  TELEGRAM_PROXY_URL: {
    about: 'Proxy for all calls to Telegram: `http://`, `https://` or `socks5://`',
    default: '',
  },
  TELEGRAM_MODE: { about: '`poll` or `webhook`', default: 'poll' },
  TELEGRAM_WEBHOOK_SECRET: { about: 'With `webhook`: 16–256 of `A–Z a–z 0–9 _ -`', default: '' },
  TELEGRAM_MESSAGES_PER_SECOND: {
    about: 'What the bot may send in all; more only where Telegram or your Bot API server allows it',
    default: '30',
  },
  TELEGRAM_OPERATOR_CHAT_ID: {
    about: 'The forum group where operators answer, e.g. `-1001234567890`',
    default: '',
  },
} as const satisfies Record<string, Setting>;

export function readTelegram(reading: Reading): TelegramConfig | undefined {
  const { value, url, fault } = reading;
  const token = value('TELEGRAM_BOT_TOKEN');
  const operatorChatId = value('TELEGRAM_OPERATOR_CHAT_ID');
  const mode = value('TELEGRAM_MODE');
  const webhookSecret = value('TELEGRAM_WEBHOOK_SECRET');
  const apiRoot = url('TELEGRAM_API_ROOT', 'https', 'http');
  const perSecond = Number(value('TELEGRAM_MESSAGES_PER_SECOND'));
  const proxyUrl = url('TELEGRAM_PROXY_URL', 'http', 'https', 'socks', 'socks5', 'socks5h');
  if (token && !/^\d+:[\w-]{6,}$/.test(token)) {
    fault('TELEGRAM_BOT_TOKEN', 'must look like 123456789:AA…, as BotFather gave it');
  }
  if (operatorChatId && !/^-\d+$/.test(operatorChatId)) {
    fault('TELEGRAM_OPERATOR_CHAT_ID', 'must be the number of a group, e.g. -1001234567890');
  }
  if (operatorChatId && !token) fault('TELEGRAM_OPERATOR_CHAT_ID', 'needs TELEGRAM_BOT_TOKEN too');
  if (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > 10_000) {
    fault('TELEGRAM_MESSAGES_PER_SECOND', 'must be a whole number from 1 to 10000');
  }
  if (mode !== 'poll' && mode !== 'webhook') fault('TELEGRAM_MODE', 'must be poll or webhook');
  if (token && mode === 'webhook') {
    if (!/^[\w-]{16,256}$/.test(webhookSecret)) {
      fault('TELEGRAM_WEBHOOK_SECRET', 'must be 16–256 of A–Z a–z 0–9 _ - when TELEGRAM_MODE is webhook');
    }
    checkCalledAt(reading, 'Telegram', 'TELEGRAM_MODE is webhook');
  }
  if (!token) return undefined;
  return {
    token,
    mode: mode === 'webhook' ? 'webhook' : 'poll',
    messagesPerSecond: perSecond,
    ...(apiRoot ? { apiRoot } : {}),
    ...(proxyUrl ? { proxyUrl } : {}),
    ...(webhookSecret ? { webhookSecret } : {}),
    ...(operatorChatId ? { operatorChatId } : {}),
  };
}
