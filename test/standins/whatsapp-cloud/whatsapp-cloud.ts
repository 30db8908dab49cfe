// A strict stand-in of Meta's WhatsApp Business Cloud API on loopback: messages, files, statuses, the signed webhook,
// the day within which people may be written to. It refuses what Meta refuses, and lists what nobody should ask.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSignal } from '../telegram/signal.ts';
import { createFaults, type Faults } from './faults.ts';
import { createPerson, type Person, type PersonOptions } from './person.ts';
import { serve } from './server.ts';
import { createWebhook, type Delivery } from './webhook.ts';
import type { Json, Limits, RequestRecord, Seen, World } from './world.ts';

export const TEST_TOKEN = 'EAAGtestCANARYtokenOfTheCloudApi0123456789';
export const TEST_APP_SECRET = 'c0ffee00c0ffee00c0ffee00c0ffee00';
export const TEST_VERIFY_TOKEN = 'a-word-of-our-own';
export const TEST_PHONE_ID = '106540352242922';

export interface WhatsAppCloudOptions {
  readonly token?: string;
  readonly seed?: number;
  readonly now?: () => number;
  /** How long a second of Meta's pauses takes here. */
  readonly secondMs?: number;
  /** Approved templates, `name:language`. */
  readonly templates?: readonly string[];
  readonly limits?: Limits;
  readonly lateWindow?: boolean;
}

export interface WhatsAppCloudStandIn {
  /** What WHATSAPP_CLOUD_API_ROOT is given. */
  readonly url: string;
  person(about?: PersonOptions): Person;
  /** Every copy ever shown to them or said by them, oldest first, as it was when it came. */
  everything(person: Person): readonly Seen[];
  readonly requests: readonly RequestRecord[];
  readonly violations: string[];
  readonly faults: Faults;
  readonly deliveries: readonly Delivery[];
  /** Notifications not taken yet. */
  readonly pending: number;
  /** Enters our address at Meta; rejects where it is not verified. */
  connect(url: string, verifyToken?: string): Promise<void>;
  /** Everything said meanwhile comes in one post. */
  gather(act: () => void): void;
  /** A notification of any kind. */
  notify(field: string, value: Json): void;
  /** One post by hand, signed unless the headers say otherwise; gives the status. */
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<number>;
  /** A human of ours writes from the WhatsApp Business app on the same number. */
  sayFromApp(to: Person, text: string): string;
  until<T>(look: () => T | undefined, ms: number, what: string): Promise<T>;
  /** Called after each request, answer or notification. */
  listen(change: () => void): () => void;
  /** The API cannot be reached until `up`; notifications go on. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const NUMBER = '15550783881';
const PAIR = { burst: 45, every: 6_000 } as const;

export async function startWhatsAppCloud(options: WhatsAppCloudOptions = {}): Promise<WhatsAppCloudStandIn> {
  const now = options.now ?? Date.now;
  const changed = createSignal();
  const faults = createFaults(options.seed ?? 1, now);
  const counters = new Map<string, number>();
  const webhook = createWebhook({
    metadata: { display_phone_number: NUMBER, phone_number_id: TEST_PHONE_ID },
    appSecret: TEST_APP_SECRET,
    verifyToken: TEST_VERIFY_TOKEN,
    faults,
    now,
    secondMs: options.secondMs ?? 1_000,
    fire: () => changed.fire(),
  });
  const world: World = {
    token: options.token ?? TEST_TOKEN,
    phoneId: TEST_PHONE_ID,
    number: NUMBER,
    now,
    changed,
    people: new Map(),
    files: new Map(),
    requests: [],
    violations: [],
    templates: new Set(options.templates),
    limits: options.limits ?? {},
    lateWindow: options.lateWindow ?? false,
    notify: (field, value, about) => webhook.notify(field, value, about),
    nextId(kind) {
      const next = (counters.get(kind) ?? 0) + 1;
      counters.set(kind, next);
      return next;
    },
  };
  const spend = createSpending(world.limits.pair ?? PAIR, now);
  const server = createServer((request, response) => {
    serve({ world, faults, url: () => origin, spend }, request, response).catch((error: unknown) => {
      // A mistake of the stand-in itself: nobody may take it for an answer of Meta's.
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
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  return {
    url: `${origin}/v24.0`,
    person: (about) => createPerson(world, about),
    everything: (person) => person.seen(),
    requests: world.requests,
    violations: world.violations,
    faults,
    deliveries: webhook.deliveries,
    get pending() {
      return webhook.pending;
    },
    connect: webhook.connect,
    gather: webhook.gather,
    notify: (field, value) => webhook.notify(field, value, 'other'),
    post: webhook.post,
    sayFromApp(to, text) {
      const id = `wamid.app${world.nextId('message')}`;
      const timestamp = String(Math.floor(now() / 1_000));
      const echo = { from: NUMBER, to: to.phone, id, timestamp, type: 'text', text: { body: text } };
      webhook.notify('smb_message_echoes', { message_echoes: [echo] }, to.phone);
      return id;
    },
    until: changed.until,
    listen: changed.listen,
    down,
    up: () => listen(port),
    async stop() {
      webhook.stop();
      if (server.listening) await down();
    },
  };
}

/** One in so many milliseconds to each person, with some lent from the time that follows. */
function createSpending(
  { burst, every }: { readonly burst: number; readonly every: number },
  now: () => number,
): (phone: string) => boolean {
  const buckets = new Map<string, { left: number; at: number }>();
  return (phone) => {
    const at = now();
    const bucket = buckets.get(phone) ?? { left: burst, at };
    bucket.left = Math.min(burst, bucket.left + (at - bucket.at) / every);
    bucket.at = at;
    buckets.set(phone, bucket);
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  };
}
