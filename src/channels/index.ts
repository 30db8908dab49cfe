// The registry: every channel we can be brought to, a line each. Loaded when used, so that a network that is not
// set up costs neither start-up time nor memory.
import type { Channel } from './channel.ts';

/** Makes the channel from what that network needs. */
export type ChannelFactory<Deps> = (deps: Deps) => Channel;

export interface ChannelEntry {
  readonly name: string;
  /** The setting whose presence turns it on; absent: it needs none. */
  readonly enabledBy: string | undefined;
  readonly load: () => Promise<ChannelFactory<never>>;
}

export const CHANNELS = {
  telegram: {
    name: 'telegram',
    enabledBy: 'TELEGRAM_BOT_TOKEN',
    load: async () => (await import('./telegram/adapter.ts')).createTelegramChannel,
  },
  web: {
    name: 'web',
    enabledBy: undefined,
    load: async () => (await import('./web/adapter.ts')).createWebChannel,
  },
  terminal: {
    name: 'terminal',
    enabledBy: undefined,
    load: async () => (await import('./terminal/adapter.ts')).createTerminal,
  },
} as const satisfies Record<string, ChannelEntry>;
