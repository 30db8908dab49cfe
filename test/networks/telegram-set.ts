// What the Telegram tests share: the stand-in with one bot set up on it, its store parts small and real, and a log
// that keeps everything it was told so that nothing secret can slip through it.
import { createTelegramClient, type TelegramSettings } from '../../src/networks/telegram/client.ts';
import { createReceive, type ReceiveOptions } from '../../src/networks/telegram/receive.ts';
import { createOperatorChat } from '../../src/networks/telegram/route.ts';
import { startTelegram, type TelegramOptions as WorldOptions } from '../standins/telegram/telegram.ts';

/** Long enough to be a real token, and nothing else in the tests looks like it. */
export const TOKEN = '123456:CANARY-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

/** As main puts the parts together. */
export interface TelegramOptions
  extends TelegramSettings,
    Pick<ReceiveOptions, 'webhook' | 'lease' | 'onBad' | 'clock' | 'pace' | 'log'> {
  /** The operators' group; absent: no desk there. */
  readonly operators?: {
    readonly chat: number;
    readonly onMoved: (from: string, to: string) => Promise<void>;
  };
}

export type Telegram = ReturnType<typeof compose>;

export function compose(options: TelegramOptions) {
  const { operators } = options;
  const client = createTelegramClient(options);
  const operatorChat = operators && createOperatorChat({ id: operators.chat, onMoved: operators.onMoved });
  const receive = createReceive({
    ...options,
    client,
    parts: operatorChat === undefined ? ['channel'] : ['channel', 'desk'],
    operatorChat,
  });
  return { client, receive, operatorChat, close: () => client.close() };
}

export const FAST = { first: 10, longest: 60, patience: 300 } as const;

export interface Told {
  readonly level: string;
  readonly fields: object;
  readonly text: string;
}

export function createLog() {
  const told: Told[] = [];
  const at = (level: string) => (fields: object, text: string) => void told.push({ level, fields, text });
  return { told, info: at('info'), warn: at('warn'), error: at('error') };
}

/** One process, no rival: a lease that is given at once, and can be taken away. */
export function createLeases() {
  const holders: { lose: () => void; released: boolean }[] = [];
  return {
    holders,
    async lease(_name: string, signal: AbortSignal) {
      signal.throwIfAborted();
      const lost = Promise.withResolvers<void>();
      const holder = { lose: lost.resolve, released: false };
      holders.push(holder);
      return {
        lost: lost.promise,
        async release() {
          holder.released = true;
        },
      };
    },
  };
}

export type World = Awaited<ReturnType<typeof startTelegram>>;
export type Person = ReturnType<World['person']>;
export type Forum = ReturnType<World['forum']>;

export interface TelegramSet {
  readonly world: World;
  readonly telegram: Telegram;
  readonly log: ReturnType<typeof createLog>;
  readonly leases: ReturnType<typeof createLeases>;
  readonly bad: { id: number; raw: string; reason: string }[];
  stop(): Promise<void>;
}

export async function setUp(
  more: Partial<TelegramOptions> = {},
  worldOptions: WorldOptions = {},
): Promise<TelegramSet> {
  const world = await startTelegram({ token: TOKEN, ...worldOptions });
  const log = createLog();
  const leases = createLeases();
  const bad: TelegramSet['bad'] = [];
  const telegram = compose({
    token: TOKEN,
    apiRoot: world.url,
    lease: leases.lease,
    onBad: async (id, raw, reason) => void bad.push({ id, raw, reason }),
    clock: Date.now,
    pace: FAST,
    log,
    ...more,
  });
  return {
    world,
    telegram,
    log,
    leases,
    bad,
    async stop() {
      await telegram.receive.leave('channel');
      await telegram.close();
      await world.stop();
    },
  };
}
