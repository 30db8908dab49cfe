// The only reader of the environment. All faults are reported together, each with what would be right.
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { CHANNELS } from './channels/index.ts';
import type { Reading, Setting } from './channels/settings.ts';
import { ConfigError } from './core/errors.ts';
import { readRedisAddress } from './runtime/redis/address.ts';

export type ChannelName = keyof typeof CHANNELS;

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
  /** What each channel that is turned on read of its own settings. */
  readonly channels: Readonly<Partial<Record<ChannelName, object>>>;
}

/** One line each: `.env.example` and the README's table are checked against it. */
export const SETTINGS = {
  PORT: { about: 'Port of the web server', default: '3000' },
  HOST: { about: 'Address it listens on; `0.0.0.0` for all', default: '127.0.0.1' },
  PUBLIC_URL: { about: 'The https address people and messengers open', default: '' },
  DATA_DIR: { about: 'Folder of the embedded store and of files', default: './data' },
  FLOWS_DIR: { about: 'Folder of the flows', default: './flows' },
  MONGODB_URI: { about: 'A MongoDB to use in place of the embedded store', default: '' },
  REDIS_URL: {
    about: 'A Redis for several processes at once: `redis://`, `redis+sentinel://` or `redis+cluster://`',
    default: '',
  },
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
} as const satisfies Record<string, Setting>;

/** With those of every network, in the registry's order. */
export const ALL_SETTINGS: Readonly<Record<string, Setting>> = Object.assign(
  {},
  SETTINGS,
  ...Object.values(CHANNELS).map((entry) => entry.settings),
);

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The process's environment, with `.env` of the working folder where the environment is silent. */
export function environment(): Readonly<Record<string, string | undefined>> {
  if (existsSync('.env')) loadEnvFile('.env');
  return process.env;
}

export function readConfig(values: Readonly<Record<string, string | undefined>>): Config {
  const faults: { setting: string; message: string }[] = [];
  const read = (name: string): string => values[name]?.trim() || (ALL_SETTINGS[name]?.default ?? '');
  const fault = (setting: string, message: string): void => void faults.push({ setting, message });
  const url = (name: string, ...protocols: string[]): string | undefined => {
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
  const redisUrl = read('REDIS_URL');
  if (redisUrl && !readRedisAddress(redisUrl))
    fault(
      'REDIS_URL',
      'must be redis://host:6379, redis+sentinel://host:26379,…/name or redis+cluster://host:6379,… (rediss with TLS)',
    );
  const reading: Reading = { value: read, url, fault, publicUrl };
  const channels: Partial<Record<ChannelName, object>> = {};
  for (const name of Object.keys(CHANNELS) as ChannelName[]) {
    const own = CHANNELS[name].read(reading);
    if (own) channels[name] = own;
  }

  if (faults.length > 0) throw new ConfigError(faults);
  return {
    port,
    host: read('HOST'),
    dataDir: read('DATA_DIR'),
    flowsDir: read('FLOWS_DIR'),
    defaultLocale,
    timeZone,
    logLevel,
    channels,
    ...(publicUrl ? { publicUrl } : {}),
    ...(mongodbUri ? { mongodbUri } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(adminPassword ? { adminPassword } : {}),
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
