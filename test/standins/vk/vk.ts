// A stand-in of the VK API on loopback: the community a bot answers for, the people who write to it, the faults on the
// way, and a ledger of what everybody saw. It knows nothing of the program under test.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSignal } from '../telegram/signal.ts';
import { type Admin, createAdmin } from './admin.ts';
import type { Press, Settings } from './call.ts';
import { type Callback, createCallback } from './callback.ts';
import { createFaults, type Faults } from './faults.ts';
import { createUploads } from './files.ts';
import { createInbound } from './inbound.ts';
import { createLongPoll, type LongPoll } from './long-poll.ts';
import { EVENT_KINDS, type TokenKind } from './methods.ts';
import { createPerson, type Person, type PersonOptions } from './person.ts';
import type { Stage } from './press.ts';
import { Refusal } from './refusal.ts';
import { type RequestRecord, type Seen, type SeenComment, seenComment } from './seen.ts';
import { type Machine, serve } from './server.ts';
import { addPost } from './wall.ts';
import { createWorld, type Json, type Post } from './world.ts';

export interface VkOptions {
  /** The community's. */
  readonly token?: string;
  /** For what VK lets no community token ask; absent: nobody may ask it. */
  readonly serviceToken?: string;
  readonly groupId?: number;
  readonly port?: number;
  /** Milliseconds; the world's clock. */
  readonly now?: () => number;
  /** How long a second of the server's own waiting lasts: long polls, repeats, the life of keys and presses. */
  readonly secondMs?: number;
  readonly seed?: number;
  /** Calls a second; absent: as many as come. */
  readonly limits?: { readonly perSecond?: number };
  /** False until an admin or the bot turns it on. */
  readonly longPoll?: boolean;
  /** Kinds of event turned on for the long poll; absent: all of them. */
  readonly events?: readonly string[];
  readonly keySeconds?: number;
  readonly firstTs?: number;
  /** VK's own words leave it open; `sender`: a random_id used for one person is used up for all. */
  readonly randomIdScope?: 'peer' | 'sender';
  readonly confirmation?: string;
  /** VK tells bots of big messages cut short (`is_cropped`): those with more attachments than this. */
  readonly cropAbove?: number;
}

export interface VkStandIn {
  /** The API base URL to give to a client. */
  readonly url: string;
  readonly token: string;
  readonly groupId: number;
  readonly requests: readonly RequestRecord[];
  readonly polls: readonly RequestRecord[];
  /** Calls only a mistake of the caller can make; a test may demand that there are none. */
  readonly violations: readonly string[];
  readonly faults: Faults;
  readonly longPoll: LongPoll;
  readonly callback: Callback;
  readonly settings: Settings;
  readonly presses: ReadonlyMap<string, Press>;
  /** Every event, as the bot was told it, in the order it happened. */
  readonly events: readonly Json[];
  /** How many events wait to be fetched or delivered. */
  readonly pending: number;
  person(options?: PersonOptions): Person;
  admin(about?: { first_name?: string; last_name?: string }): Admin;
  post(text: string): Post;
  /** What is written under a post now, oldest first. */
  wall(post: number): readonly SeenComment[];
  /** Every message that was ever shown to a person, oldest first, as it was when it came. */
  everything(person: Person): readonly Seen[];
  /** Signs of life shown in a dialogue. */
  activities(person: Person): readonly { readonly type: string; readonly at: number }[];
  /** Any other event, of a known kind or not. */
  push(type: string, object: Json): void;
  until<T>(look: () => T | undefined, ms: number, what: string): Promise<T>;
  /** Called after every change of the world; gives back the way to stop listening. */
  listen(listener: () => void): () => void;
  /** The server cannot be reached until `up`; its world goes on. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

export const TEST_TOKEN = 'vk1.a.TEST-token-of-a-community';

function createSpending(perSecond: number | undefined, now: () => number): () => void {
  const calls: number[] = [];
  return () => {
    if (perSecond === undefined) return;
    while (calls.length > 0 && (calls[0] ?? 0) <= now() - 1000) calls.shift();
    if (calls.length >= perSecond) throw new Refusal(6);
    calls.push(now());
  };
}

export async function startVk(options: VkOptions = {}): Promise<VkStandIn> {
  const token = options.token ?? TEST_TOKEN;
  const now = options.now ?? Date.now;
  const secondMs = options.secondMs ?? 1000;
  const groupId = options.groupId ?? 212_345;
  const changed = createSignal();
  const faults = createFaults(options.seed ?? 1, now);
  const violations: string[] = [];
  const note = (violation: string): void => void violations.push(violation);
  const settings: Settings = {
    longPoll: {
      enabled: options.longPoll ?? true,
      version: '5.199',
      events: new Set(options.events ?? EVENT_KINDS),
    },
    confirmation: options.confirmation ?? 'c0nf1rm',
    randomIdScope: options.randomIdScope ?? 'peer',
  };
  const longPoll = createLongPoll({
    changed,
    now,
    secondMs,
    keySeconds: options.keySeconds ?? 24 * 3600,
    firstTs: options.firstTs ?? 1,
    note,
  });
  const callback = createCallback({
    group: groupId,
    confirmation: () => settings.confirmation,
    changed,
    now,
    secondMs,
  });
  const inbound = createInbound({
    group: groupId,
    version: () => settings.longPoll.version,
    faults,
    secondMs,
    cropAbove: options.cropAbove,
    deliver(event) {
      // A kind nobody has heard of cannot be turned off either.
      const kind = String(event.type);
      if (settings.longPoll.enabled && (settings.longPoll.events.has(kind) || !EVENT_KINDS.includes(kind)))
        longPoll.push(event);
      callback.push(event);
    },
  });
  let root = '';
  const world = createWorld({
    group: { id: groupId, name: 'Otklik', screen_name: `club${groupId}` },
    now,
    root: () => root,
    changed,
    emit: inbound.push,
  });
  const presses = new Map<string, Press>();
  const tokens = new Map<string, TokenKind>([[token, 'group']]);
  if (options.serviceToken !== undefined) tokens.set(options.serviceToken, 'service');
  const machine: Machine = {
    tokens,
    world,
    settings,
    longPoll,
    uploads: createUploads(world, note),
    presses,
    faults,
    spend: createSpending(options.limits?.perSecond, now),
    secondMs,
    requests: [],
    polls: [],
    violations,
  };
  const server = createServer((request, response) => {
    serve(machine, request, response).catch((error: unknown) => {
      // A mistake of the stand-in itself: nobody may take it for an answer of VK's.
      console.error('the stand-in failed', error);
      note(`the stand-in failed: ${String(error)}`);
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
  root = `http://127.0.0.1:${port}`;
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const stage: Stage = { world, presses };

  return {
    url: `${root}/method`,
    token,
    groupId,
    requests: machine.requests,
    polls: machine.polls,
    violations,
    faults,
    longPoll,
    callback,
    settings,
    presses,
    events: inbound.made,
    get pending() {
      return longPoll.pending + callback.pending;
    },
    person: (about = {}) => createPerson(stage, about),
    admin: (about) => createAdmin(world, about),
    post: (text) => addPost(world, text),
    wall: (post) =>
      [...world.comments.values()]
        .filter((one) => one.post === post && !one.deleted)
        .map((one) => seenComment(world, one)),
    everything: (person) => person.everything(),
    activities: (person) => world.dialogues.get(person.id)?.activities ?? [],
    push: inbound.push,
    until: changed.until,
    listen: changed.listen,
    down,
    up: () => listen(port),
    async stop() {
      callback.stop();
      inbound.stop();
      if (server.listening) await down();
    },
  };
}
