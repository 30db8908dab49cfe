// What the tests of MAX share: the stand-in with the channel set up on it, its store parts small and real, and a log that
// keeps everything it was told so that nothing secret can slip through it.
import { createAccount } from '../../src/channels/max/account.ts';
import { createMaxChannel } from '../../src/channels/max/adapter.ts';
import { createMaxClient } from '../../src/channels/max/client.ts';
import { createReceive, type Pace } from '../../src/channels/max/receive.ts';
import { createMedia } from '../../src/media/media.ts';
import { type MaxOptions, type MaxStandIn, startMax } from '../standins/max/max.ts';
import { type Hooked, serveHook } from './max-hooked.ts';

export const SECRET = 'a-secret-of-the-webhook-0001';

/** A second of the stand-in's world is 200 ms: two polls in it are allowed. */
const FAST: Pace = { first: 20, longest: 60, gap: 120, watch: 60, patience: 3_000 };
const SECOND = 200;

export interface MaxSetOptions {
  readonly mode: 'poll' | 'webhook';
  readonly dir: string;
  readonly standIn?: MaxOptions;
  readonly memory?: Map<string, string>;
  readonly pace?: Partial<Pace>;
  /** On a world that stands already. */
  readonly world?: MaxStandIn;
}

export type MaxSet = Awaited<ReturnType<typeof setUp>>;

export async function setUp(options: MaxSetOptions) {
  const world = options.world ?? (await startMax({ secondMs: SECOND, ...options.standIn }));
  const told: { level: string; fields: object; text: string }[] = [];
  const at = (level: string) => (fields: object, text: string) => void told.push({ level, fields, text });
  const memory = options.memory ?? new Map<string, string>();
  const store = {
    get: async (name: string) => memory.get(name),
    set: async (name: string, value: string) => void memory.set(name, value),
  };
  const client = createMaxClient({ token: world.token, apiRoot: world.url });
  const account = createAccount(world.token, client, store);
  const leases: { lose(): void }[] = [];
  let hooked: Hooked | undefined;
  if (options.mode === 'webhook') hooked = await serveHook((request) => receive.hook(request));
  const receive = createReceive({
    client,
    account,
    webhook: hooked && { url: hooked.url, secret: SECRET },
    ownUrl: hooked?.url,
    memory: store,
    async lease(_name, signal) {
      signal.throwIfAborted();
      const lost = Promise.withResolvers<void>();
      leases.push({ lose: lost.resolve });
      return { lost: lost.promise, release: async () => undefined };
    },
    clock: Date.now,
    log: { info: at('info'), warn: at('warn'), error: at('error') },
    pace: { ...FAST, ...options.pace },
  });
  const media = createMedia({ dir: options.dir, fetchers: () => channel, now: Date.now });
  const channel = createMaxChannel({ client, receive, account, media });
  return {
    world,
    channel,
    client,
    receive,
    media,
    memory,
    store,
    told,
    leases,
    url: hooked?.url,
    /** Ends the program's side only. */
    async leave() {
      await channel.stop();
      client.close();
      await hooked?.stop();
    },
    async stop() {
      await channel.stop();
      client.close();
      await hooked?.stop();
      await world.stop();
    },
  };
}
