// A stand-in of the MAX Bot API on loopback: the server a bot talks to, the people who talk to the bot, the faults on the
// way, and a ledger of what everybody saw. It is stricter than MAX is known to be, and knows nothing of the program.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Faults } from '../telegram/faults.ts';
import { createSignal } from '../telegram/signal.ts';
import { createPerson, type Person, type PersonOptions } from './person.ts';
import { type Machine, type RequestRecord, serve } from './server.ts';
import { createSubscriptions, type Subscriptions } from './subscriptions.ts';
import { createUpdates } from './updates.ts';
import { createWorld, type Json, type Seen, seenOf, type World } from './world.ts';

export interface MaxOptions {
  readonly token?: string;
  readonly port?: number;
  /** Milliseconds. */
  readonly now?: () => number;
  /** How long a second of MAX's own waiting lasts. */
  readonly secondMs?: number;
  readonly seed?: number;
  /** Whether 30 calls a second, and 2 a dialogue, are the limit. */
  readonly limited?: boolean;
}

export interface MaxStandIn {
  /** The API root to give to a client. */
  readonly url: string;
  readonly token: string;
  /** The bot's own id. */
  readonly bot: number;
  readonly world: World;
  person(about?: PersonOptions): Person;
  /** What is in their dialogue now. */
  seen(person: Pick<Person, 'chat'>): readonly Seen[];
  /** Every message ever shown to them, oldest first, as it was when it came. */
  everything(person: Pick<Person, 'chat'>): readonly Seen[];
  readonly requests: readonly RequestRecord[];
  /** Calls that only a mistake of the caller can make; a test may demand that there are none. */
  readonly violations: readonly string[];
  readonly faults: Faults;
  readonly subscriptions: Subscriptions;
  /** How many updates wait to be fetched or delivered. */
  readonly pending: number;
  /** Any other update, of a known kind or not. */
  push(update: Json): void;
  /** Each file uploaded from now on is refused so often before it is ready. */
  preparing(times: number): void;
  until<T>(look: () => T | undefined, ms: number, what: string): Promise<T>;
  listen(change: () => void): () => void;
  /** The server cannot be reached until `up`; its world goes on. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export const TEST_TOKEN = 'f9LHodD0cOL-CANARY-token-of-the-stand-in';

export async function startMax(options: MaxOptions = {}): Promise<MaxStandIn> {
  const { token = TEST_TOKEN, secondMs = 1_000, now = Date.now } = options;
  const changed = createSignal();
  const faults = createFaults(options.seed ?? 1, now);
  let preparing = 0;
  const bot = {
    user_id: 4_200_042,
    first_name: 'Otklik',
    last_name: null,
    username: 'otklik_test_bot',
    is_bot: true,
    last_activity_time: 0,
  };
  const world = createWorld(bot, changed, now, () => preparing);
  const updates = createUpdates(faults, changed);
  const subscriptions = createSubscriptions({ updates, now, secondMs });
  const machine: Machine = {
    token,
    world,
    updates,
    subscriptions,
    faults,
    secondMs,
    limited: options.limited ?? false,
    requests: [],
    violations: [],
    spent: new Map(),
  };
  const server = createServer((request, response) => {
    serve(machine, request, response).catch((error: unknown) => {
      // A mistake of the stand-in itself: nobody may take it for an answer of MAX's.
      console.error('the stand-in failed', error);
      response.destroy();
    });
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  world.root = `http://127.0.0.1:${port}`;
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  const messages = (chat: number) => [...(world.dialogues.get(chat)?.messages.values() ?? [])];

  return {
    url: world.root,
    token,
    bot: bot.user_id,
    world,
    person: (about = {}) => createPerson(world, updates, about),
    seen: ({ chat }) => messages(chat).map((kept) => seenOf(world, kept, kept)),
    everything: ({ chat }) => messages(chat).map((kept) => seenOf(world, kept, kept.first)),
    requests: machine.requests,
    violations: machine.violations,
    faults,
    subscriptions,
    get pending() {
      return updates.pending.length;
    },
    push: (update) => updates.push({ timestamp: world.now(), ...update }),
    preparing(times) {
      preparing = times;
    },
    until: changed.until,
    listen: changed.listen,
    down,
    up: () => listen(port),
    async stop() {
      subscriptions.stop();
      if (server.listening) await down();
    },
  };
}
