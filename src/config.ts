// The only reader of the environment. All faults are reported together, each with what would be right.
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { ConfigError } from './core/errors.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  /** The address people open; absent: `http://<host>:<port>`. */
  readonly publicUrl?: string;
  readonly dataDir: string;
  readonly flowsDir: string;
  readonly mongodbUri?: string;
  readonly redisUrl?: string;
  readonly defaultLocale: string;
  /** IANA name. */
  readonly timeZone: string;
  /** Absent: one is made at the first start. */
  readonly adminPassword?: string;
  readonly logLevel: string;
  readonly telegram?: TelegramConfig;
}

export interface TelegramConfig {
  readonly token: string;
  readonly apiRoot?: string;
  readonly proxyUrl?: string;
  readonly mode: 'poll' | 'webhook';
  readonly webhookSecret?: string;
  readonly operatorChatId?: string;
}

/** One line each: `.env.example` and the README's table are checked against it. */
export const SETTINGS = {
  PORT: { about: 'Port of the web server', default: '3000' },
  HOST: { about: 'Address it listens on; `0.0.0.0` for all', default: '127.0.0.1' },
  PUBLIC_URL: { about: 'The https address people and messengers open', default: '' },
  DATA_DIR: { about: 'Folder of the embedded store and of files', default: './data' },
  FLOWS_DIR: { about: 'Folder of the flows', default: './flows' },
  MONGODB_URI: { about: 'A MongoDB to use in place of the embedded store', default: '' },
  REDIS_URL: { about: 'A Redis for several processes at once; must be reachable when set', default: '' },
  DEFAULT_LOCALE: {
    about: 'Language of the desk and of customers whose own is unknown: `ru` or `en`',
    default: 'ru',
  },
  TIME_ZONE: { about: 'IANA name of the zone the company works in', default: 'Europe/Moscow' },
  ADMIN_PASSWORD: {
    about: "The console's password, 8 characters or more; made and printed once when absent",
    default: '',
  },
  LOG_LEVEL: { about: '`trace`, `debug`, `info`, `warn`, `error` or `silent`', default: 'info' },
  TELEGRAM_BOT_TOKEN: { about: 'Turns Telegram on: the token BotFather gave', default: '' },
  TELEGRAM_API_ROOT: { about: 'Another Bot API server', default: 'https://api.telegram.org' },
  TELEGRAM_PROXY_URL: {
    about: 'Proxy for all calls to Telegram: `http://`, `https://` or `socks5://`',
    default: '',
  },
  TELEGRAM_MODE: { about: '`poll` or `webhook`', default: 'poll' },
  TELEGRAM_WEBHOOK_SECRET: { about: 'With `webhook`: 16–256 of `A–Z a–z 0–9 _ -`', default: '' },
  TELEGRAM_OPERATOR_CHAT_ID: {
    about: 'The forum group where operators answer, e.g. `-1001234567890`',
    default: '',
  },
} as const satisfies Record<string, { about: string; default: string }>;
export type SettingName = keyof typeof SETTINGS;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The process's environment, with `.env` of the working folder where the environment is silent. */
export function environment(): Readonly<Record<string, string | undefined>> {
  if (existsSync('.env')) loadEnvFile('.env');
  return process.env;
}

export function readConfig(values: Readonly<Record<string, string | undefined>>): Config {
  const faults: { setting: string; message: string }[] = [];
  const read = (name: SettingName): string => values[name]?.trim() || SETTINGS[name].default;
  const fault = (setting: SettingName, message: string): void => void faults.push({ setting, message });
  const url = (name: SettingName, ...protocols: string[]): string | undefined => {
    const value = read(name);
    if (!value) return undefined;
    if (protocols.some((protocol) => value.startsWith(`${protocol}://`)) && URL.canParse(value))
      return value.replace(/\/+$/, '');
    fault(name, `must be an address beginning with ${protocols.map((one) => `${one}://`).join(' or ')}`);
    return undefined;
  };

  const port = Number(read('PORT'));
  if (!/^\d+$/.test(read('PORT')) || port > 65_535) fault('PORT', 'must be a whole number from 0 to 65535');
  const timeZone = read('TIME_ZONE');
  if (!isTimeZone(timeZone)) fault('TIME_ZONE', 'must be an IANA name such as Europe/Moscow');
  const logLevel = read('LOG_LEVEL');
  if (!LEVELS.includes(logLevel)) fault('LOG_LEVEL', `must be one of ${LEVELS.join(', ')}`);
  const defaultLocale = read('DEFAULT_LOCALE');
  if (!/^[a-z]{2}$/.test(defaultLocale)) fault('DEFAULT_LOCALE', 'must be a two-letter language such as ru');
  const adminPassword = read('ADMIN_PASSWORD');
  if (adminPassword && adminPassword.length < 8) fault('ADMIN_PASSWORD', 'must have 8 characters or more');
  const publicUrl = url('PUBLIC_URL', 'https', 'http');
  const mongodbUri = url('MONGODB_URI', 'mongodb', 'mongodb+srv');
  const redisUrl = url('REDIS_URL', 'redis', 'rediss');
  const telegram = readTelegram(read, fault, url, publicUrl);

  if (faults.length > 0) throw new ConfigError(faults);
  return {
    port,
    host: read('HOST'),
    dataDir: read('DATA_DIR'),
    flowsDir: read('FLOWS_DIR'),
    defaultLocale,
    timeZone,
    logLevel,
    ...(publicUrl ? { publicUrl } : {}),
    ...(mongodbUri ? { mongodbUri } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(adminPassword ? { adminPassword } : {}),
    ...(telegram ? { telegram } : {}),
  };
}

function readTelegram(
  read: (name: SettingName) => string,
  fault: (name: SettingName, message: string) => void,
  url: (name: SettingName, ...protocols: string[]) => string | undefined,
  publicUrl: string | undefined,
): TelegramConfig | undefined {
  const token = read('TELEGRAM_BOT_TOKEN');
  const operatorChatId = read('TELEGRAM_OPERATOR_CHAT_ID');
  const mode = read('TELEGRAM_MODE');
  const webhookSecret = read('TELEGRAM_WEBHOOK_SECRET');
  const apiRoot = url('TELEGRAM_API_ROOT', 'https', 'http');
  const proxyUrl = url('TELEGRAM_PROXY_URL', 'http', 'https', 'socks', 'socks5', 'socks5h');
  if (token && !/^\d+:[\w-]{6,}$/.test(token))
    fault('TELEGRAM_BOT_TOKEN', 'must look like 123456789:AA…, as BotFather gave it');
  if (operatorChatId && !/^-?\d+$/.test(operatorChatId)) {
    fault('TELEGRAM_OPERATOR_CHAT_ID', 'must be the number of a group, e.g. -1001234567890');
  }
  if (operatorChatId && !token) fault('TELEGRAM_OPERATOR_CHAT_ID', 'needs TELEGRAM_BOT_TOKEN too');
  if (mode !== 'poll' && mode !== 'webhook') fault('TELEGRAM_MODE', 'must be poll or webhook');
  if (token && mode === 'webhook') {
    if (!/^[\w-]{16,256}$/.test(webhookSecret)) {
      fault('TELEGRAM_WEBHOOK_SECRET', 'must be 16–256 of A–Z a–z 0–9 _ - when TELEGRAM_MODE is webhook');
    }
    if (!publicUrl) fault('PUBLIC_URL', 'must be set when TELEGRAM_MODE is webhook: Telegram calls it');
  }
  if (!token) return undefined;
  return {
    token,
    mode: mode === 'webhook' ? 'webhook' : 'poll',
    ...(apiRoot ? { apiRoot } : {}),
    ...(proxyUrl ? { proxyUrl } : {}),
    ...(webhookSecret ? { webhookSecret } : {}),
    ...(operatorChatId ? { operatorChatId } : {}),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
