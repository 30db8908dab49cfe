// A stand-in of the Telegram Bot API on loopback: the server a bot talks to, the people who talk to the bot, the
// faults on the way, and a ledger of what everybody saw. It knows nothing of the program under test.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stage } from './actor.ts';
import type { BotProfile } from './call.ts';
import { createFaults, type Faults } from './faults.ts';
import { createForum, type Forum, type ForumOptions } from './forum.ts';
import { createLedger, type Ledger, type RequestRecord } from './ledger.ts';
import { createLimits, type Limits } from './limits.ts';
import { createPerson, type Person, type PersonOptions } from './person.ts';
import type { Press } from './press.ts';
import type { Violation } from './refusal.ts';
import { type Machine, serve } from './server.ts';
import { createSignal } from './signal.ts';
import { createUpdates, type Updates } from './updates.ts';
import { createWebhook, type WebhookDelivery } from './webhook.ts';
import { type Chat, createWorld, type Json, type StoredFile, type User } from './world.ts';

export interface TelegramOptions {
  readonly token?: string;
  readonly port?: number;
  /** Milliseconds; the world's clock. */
  readonly now?: () => number;
  /** How long a second of the server's own waiting lasts: long polls, pauses of the webhook. */
  readonly secondMs?: number;
  readonly seed?: number;
  readonly firstUpdateId?: number;
  /** Limits of speed; absent: none. */
  readonly limits?: Limits;
  readonly bot?: Partial<User>;
  /** How long the webhook may take to answer. */
  readonly webhookTimeoutSeconds?: number;
  /** What a send into a deleted topic is told; the other wording is TOPIC_DELETED. */
  readonly deletedTopicText?: string;
}

export interface TelegramStandIn extends Ledger {
  /** The API root to give to a client. */
  readonly url: string;
  readonly token: string;
  readonly me: User;
  readonly chats: ReadonlyMap<number, Chat>;
  readonly files: ReadonlyMap<string, StoredFile>;
  readonly requests: readonly RequestRecord[];
  readonly polls: readonly RequestRecord[];
  /** Calls only a mistake of the caller can make; a test may demand that there are none. */
  readonly violations: readonly Violation[];
  readonly faults: Faults;
  readonly presses: ReadonlyMap<string, Press>;
  /** Every update that got an id, as the bot was told it. */
  readonly updates: readonly Json[];
  /** How many updates wait to be fetched or delivered. */
  readonly pending: number;
  readonly webhookDeliveries: readonly WebhookDelivery[];
  readonly profile: Readonly<BotProfile>;
  person(options?: PersonOptions): Person;
  forum(options?: ForumOptions): Forum;
  /** Any other update, of a known kind or not. */
  push(kind: string, payload: Json): void;
  /** Looks again at every change until there is a value; rejects after `ms`. */
  until<T>(look: () => T | undefined, ms: number, what: string): Promise<T>;
  /** Called after every change of the world; gives back the way to stop listening. */
  listen(listener: () => void): () => void;
  /** The server cannot be reached until `up`; its world goes on. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export const TEST_TOKEN = '123456:TEST-token';

export async function startTelegram(options: TelegramOptions = {}): Promise<TelegramStandIn> {
  const token = options.token ?? TEST_TOKEN;
  const now = options.now ?? Date.now;
  const secondMs = options.secondMs ?? 1000;
  const me: User = {
    id: Number.parseInt(token, 10),
    is_bot: true,
    first_name: 'Otklik',
    username: 'otklik_test_bot',
    ...options.bot,
  };
  const changed = createSignal();
  const faults = createFaults(options.seed ?? 1, now);
  const updates: Updates = createUpdates({
    changed,
    now,
    firstId: options.firstUpdateId ?? 700_000_001,
    secondMs,
    faults,
  });
  const world = createWorld({
    me,
    now,
    changed,
    emit: updates.push,
    deletedTopicText: options.deletedTopicText ?? 'message thread not found',
  });
  const violations: Violation[] = [];
  const webhook = createWebhook({
    updates,
    now,
    secondMs,
    requestTimeoutSeconds: options.webhookTimeoutSeconds ?? 60,
    note: (violation) => violations.push(violation),
  });
  const presses = new Map<string, Press>();
  const profile: BotProfile = {
    commands: [],
    description: new Map(),
    shortDescription: new Map(),
    menuButton: undefined,
    loggedOut: false,
  };
  const machine: Machine = {
    token,
    world,
    updates,
    webhook,
    presses,
    profile,
    faults,
    spend: createLimits(options.limits, now),
    requests: [],
    polls: [],
    violations,
  };
  const server = createServer((request, response) => {
    serve(machine, request, response).catch((error: unknown) => {
      // A mistake of the stand-in itself: nobody may take it for an answer of Telegram's.
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
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const ledger = createLedger(world);
  const stage: Stage = { world, ledger, presses };

  return {
    ...ledger,
    url: `http://127.0.0.1:${port}`,
    token,
    me,
    chats: world.chats,
    files: world.files,
    requests: machine.requests,
    polls: machine.polls,
    violations,
    faults,
    presses,
    updates: updates.made,
    get pending() {
      return updates.pending().length;
    },
    webhookDeliveries: webhook.deliveries,
    profile,
    person: (about = {}) => createPerson(stage, about),
    forum: (about = {}) => createForum(stage, about),
    push: (kind, payload) => updates.push(kind, payload, { queue: 'other' }),
    until: changed.until,
    listen: changed.listen,
    down,
    up: () => listen(port),
    async stop() {
      webhook.stop();
      // Connections first, so that a poll still waiting ends as it does when a server dies.
      if (server.listening) await down();
      updates.stop();
    },
  };
}
