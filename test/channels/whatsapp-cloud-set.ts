// What the tests of the Business Cloud API share: the stand-in with the channel set up on it, its hook behind a real
// port, store parts small and real, and a log that keeps everything it was told.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createWhatsAppCloudChannel,
  type WhatsAppCloudDeps,
} from '../../src/channels/whatsapp/cloud/adapter.ts';
import { createGraph } from '../../src/channels/whatsapp/cloud/graph.ts';
import { createWindow } from '../../src/channels/whatsapp/cloud/window.ts';
import type { Address } from '../../src/core/contact.ts';
import { createMedia } from '../../src/media/media.ts';
import type { Contact } from '../../src/store/store.ts';
import {
  startWhatsAppCloud,
  TEST_APP_SECRET,
  TEST_PHONE_ID,
  TEST_TOKEN,
  TEST_VERIFY_TOKEN,
  type WhatsAppCloudOptions,
} from '../standins/whatsapp-cloud/whatsapp-cloud.ts';

export const FAST = {
  watch: { well: 50, ill: 20 },
  retries: [10, 20, 40],
  doubt: 300,
} as const;

export type WhatsAppCloudSet = Awaited<ReturnType<typeof setUp>>;

export async function setUp(options: {
  readonly dir: string;
  readonly world?: WhatsAppCloudOptions;
  readonly template?: { readonly name: string; readonly language: string };
  readonly pace?: WhatsAppCloudDeps['pace'];
  readonly timeout?: number;
}) {
  const clock = options.world?.now ?? Date.now;
  const world = await startWhatsAppCloud({ secondMs: 20, ...options.world });
  const kept = createKept(clock);
  const told: string[] = [];
  const tell = (fields: object, text: string): void => void told.push(`${text} ${JSON.stringify(fields)}`);
  const bad: { id: string; raw: string; reason: string }[] = [];
  const config = {
    token: TEST_TOKEN,
    phoneId: TEST_PHONE_ID,
    appSecret: TEST_APP_SECRET,
    verifyToken: TEST_VERIFY_TOKEN,
    apiRoot: world.url,
    ...(options.template && { template: options.template }),
  };
  const graph = createGraph(config, options.timeout);
  const media = createMedia({ dir: options.dir, fetchers: () => channel, now: clock });
  const { channel, hook } = createWhatsAppCloudChannel({
    config,
    graph,
    window: createWindow(kept.records, clock),
    settings: kept.settings,
    media,
    openList: async () => 'Choose',
    onBad: async (id, raw, reason) => void bad.push({ id, raw, reason }),
    clock,
    log: { error: tell, warn: tell, info: tell },
    pace: options.pace ?? FAST,
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const answer = await hook({
        method: request.method === 'GET' ? 'GET' : 'POST',
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        rawBody: Buffer.concat(chunks),
      });
      response.writeHead(answer.status).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/whatsapp`;
  await world.connect(hookUrl);
  const addressOf = (peer: string): Address => ({ channel: 'whatsapp', account: '', peer });
  return {
    world,
    channel,
    media,
    kept,
    bad,
    told,
    hookUrl,
    addressOf,
    async stop() {
      await channel.stop();
      await world.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      graph.close();
    },
  };
}

/** The few things kept for this channel, as the store keeps them. */
function createKept(clock: () => number) {
  const contacts = new Map<string, Contact>();
  const values = new Map<string, string>();
  return {
    contacts,
    values,
    records: {
      contact: async (id: string) => contacts.get(id),
      async putContact(
        given: Partial<Omit<Contact, 'id' | 'address' | 'firstSeenAt'>> & Pick<Contact, 'id' | 'address'>,
        now: number,
      ) {
        const before = contacts.get(given.id);
        contacts.set(given.id, {
          person: {},
          locale: 'und',
          reachable: true,
          muted: false,
          firstSeenAt: now,
          ...before,
          ...given,
          lastSeenAt: Math.max(before?.lastSeenAt ?? 0, given.lastSeenAt ?? (before ? 0 : clock())),
        });
      },
    },
    settings: {
      async once(name: string, value: string) {
        const standing = values.get(name) ?? value;
        values.set(name, standing);
        return standing;
      },
    },
  };
}
