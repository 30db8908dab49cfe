// The registry: one entry a channel. Each is loaded only when its settings turn it on, so that a network which is not
// set up costs neither start-up time nor memory.
import type { Desk } from '../desk/desk.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../store/store.ts';
import type { Channel, Media } from './channel.ts';
import type { Examine } from './examine.ts';
import { MAX_SETTINGS, readMax } from './max/settings.ts';
import type { Reading, Setting } from './settings.ts';
import { readTelegram, TELEGRAM_SETTINGS } from './telegram/settings.ts';
import { readVk, VK_SETTINGS } from './vk/settings.ts';
import { readWhatsApp, WHATSAPP_SETTINGS } from './whatsapp/settings.ts';

/** What a channel may be made from. */
export interface Parts {
  readonly publicUrl: string | undefined;
  /** The folder for what a network must keep in files of its own. */
  readonly dataDir: string;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly media: Media;
  readonly deskLocale: string;
  readonly t: (locale: string, key: string, vars?: Readonly<Record<string, string | number>>) => string;
  /** What a messenger's menu offers, by language; `''` for everyone else. */
  readonly commands: () => Readonly<Record<string, readonly MenuCommand[]>>;
  readonly clock: () => number;
  readonly log: {
    error(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    info(fields: object, message: string): void;
  };
}

export interface MenuCommand {
  readonly command: string;
  readonly description: string;
}

/** A webhook: it must have journalled what it was given before it answers. Networks ask with GET who is there. */
export type Hook = (request: {
  readonly method: 'GET' | 'POST';
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawBody: Uint8Array;
}) => Promise<{ readonly status: number; readonly body?: string }>;

/** What a network brings. */
export interface Composed {
  /** One as a rule; a network with another place to write, such as a public wall, has two. */
  readonly channels: readonly Channel[];
  /** Where operators work on the same network. */
  readonly desk?: Desk;
  /** Served at `/hooks/<registry name>`. */
  readonly hook?: Hook;
  close?(): Promise<void>;
}

export interface ChannelEntry<Config extends object = object> {
  readonly settings: Readonly<Record<string, Setting>>;
  /** Undefined: not turned on. */
  readonly read: (reading: Reading) => Config | undefined;
  readonly load: () => Promise<(config: Config, parts: Parts) => Promise<Composed>>;
  /** For `doctor`: whether the network takes the settings. */
  readonly examine?: () => Promise<Examine<Config>>;
}

const entry = <Config extends object>(one: ChannelEntry<Config>): ChannelEntry<Config> => one;

export const CHANNELS = {
  telegram: entry({
    settings: TELEGRAM_SETTINGS,
    read: readTelegram,
    load: async () => (await import('../compose-telegram.ts')).composeTelegram,
    examine: async () => (await import('./telegram/examine.ts')).examineTelegram,
  }),
  vk: entry({
    settings: VK_SETTINGS,
    read: readVk,
    load: async () => (await import('./vk/compose.ts')).composeVk,
    examine: async () => (await import('./vk/examine.ts')).examineVk,
  }),
  max: entry({
    settings: MAX_SETTINGS,
    read: readMax,
    load: async () => (await import('./max/compose.ts')).composeMax,
    examine: async () => (await import('./max/examine.ts')).examineMax,
  }),
  whatsapp: entry({
    settings: WHATSAPP_SETTINGS,
    read: readWhatsApp,
    load: async () => (await import('./whatsapp/compose.ts')).composeWhatsApp,
    examine: async () => (await import('./whatsapp/examine.ts')).examineWhatsApp,
  }),
  web: entry({
    settings: {},
    read: () => ({}),
    load: async () => (await import('./web/adapter.ts')).composeWeb,
  }),
} as const;
