// The channel of a linked phone over the stand-in: the real library, a real browser, a folder and settings that outlive
// a restart. Times that take a day in the field are given by the test.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { composeWhatsAppWeb } from '../../src/channels/whatsapp/web/compose.ts';
import { PACE, type Pace } from '../../src/channels/whatsapp/web/deliver.ts';
import type { WhatsAppWebConfig } from '../../src/channels/whatsapp/web/settings.ts';
import { type SupervisorTimes, TIMES } from '../../src/channels/whatsapp/web/times.ts';
import { type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import { createMedia } from '../../src/media/media.ts';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import type { Settings, Store } from '../../src/store/store.ts';
import { CHROMIUM_ARGS, chromiumPath } from '../standins/whatsapp-web/chromium.ts';
import type { Person } from '../standins/whatsapp-web/person.ts';
import { startWhatsAppWeb, type WhatsAppWebStandIn } from '../standins/whatsapp-web/whatsapp-web.ts';

export const soon = { timeout: 20_000, interval: 20 };

/** What must outlive the program: the folder, the settings, who is known. */
export interface Ground {
  readonly wa: WhatsAppWebStandIn;
  readonly dir: string;
  readonly settings: Map<string, string>;
  /** What was logged, without its fields. */
  readonly logged: string[];
  end(): Promise<void>;
}

export async function createGround(options: Parameters<typeof startWhatsAppWeb>[0] = {}): Promise<Ground> {
  const wa = await startWhatsAppWeb(options);
  const dir = mkdtempSync(join(tmpdir(), 'otklik-whatsapp-'));
  return {
    wa,
    dir,
    settings: new Map(),
    logged: [],
    async end() {
      await wa.stop();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface WhatsAppWebSet {
  readonly channel: Channel;
  readonly media: ReturnType<typeof createMedia>;
  readonly events: InboundEvent[];
  /** Begins with an inbox of its own. */
  start(): Promise<void>;
  /** Waits until the account can be used, linking it where it must be. */
  ready(): Promise<void>;
  /** The text came in. */
  heard(text: string): Promise<InboundEvent>;
  stop(): Promise<void>;
}

export async function createSet(
  ground: Ground,
  times: Partial<SupervisorTimes> = {},
  pace: Partial<Pace> = {},
  config: Partial<WhatsAppWebConfig> = {},
): Promise<WhatsAppWebSet> {
  const { wa, dir, logged } = ground;
  const events: InboundEvent[] = [];
  const log = (_: object, words: string): void => void logged.push(words);
  const runtime = createLocalRuntime(Date.now);
  const media = createMedia({ dir: join(dir, 'media'), fetchers: () => channel, now: Date.now });
  const { channels } = await composeWhatsAppWeb(
    {
      memory: 2_000,
      chromiumPath: chromiumPath(),
      chromiumArgs: [...CHROMIUM_ARGS, ...wa.chromiumArgs],
      ...config,
    },
    {
      dataDir: dir,
      store: {
        settings: settingsOf(ground.settings),
        records: { contact: async () => undefined },
      } as unknown as Store,
      runtime,
      media,
      clock: Date.now,
      log: { error: log, warn: log, info: log },
    },
    { ...TIMES, ...times },
    { ...PACE, jitter: 0, acked: 2_000, ...pace },
  );
  const [channel] = channels as [Channel];
  return {
    channel,
    media,
    events,
    start: () => channel.start(async (given) => void events.push(...given)),
    ready: () => ready(channel, wa),
    heard: (text) =>
      vi.waitFor(() => {
        const found = events.find(
          (event) => isCustomerEvent(event) && event.kind === 'message' && event.text === text,
        );
        if (!found) throw new Error(`"${text}" has not come in`);
        return found;
      }, soon),
    async stop() {
      await channel.stop();
      await runtime.stop();
    },
  };
}

export async function ready(channel: Channel, wa: WhatsAppWebStandIn): Promise<void> {
  const scanned = new Set<string>();
  await vi.waitFor(async () => {
    const state = channel.linking?.state();
    if (state?.qr && !scanned.has(state.qr)) {
      scanned.add(state.qr);
      await wa.scanQr(state.qr).catch(() => undefined);
    }
    if (state?.is !== 'ready') throw new Error(`the account is ${state?.is}: ${state?.reason ?? ''}`);
  }, soon);
}

/** They write first, and that is in the journal: nobody else may be written to. */
export async function acquaint(person: Person, set: WhatsAppWebSet): Promise<string> {
  const words = `hello from ${person.phone}`;
  person.say(words);
  const event = await set.heard(words);
  return isCustomerEvent(event) ? event.peer : '';
}

/** Processes that hold the folder's account: the browser, and what drives it. */
export function holdersOf(dir: string): readonly number[] {
  const marks = [`--user-data-dir=${join(dir, 'whatsapp', 'session')}`, `{"dir":"${join(dir, 'whatsapp')}"`];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return marks.some((mark) => command.includes(mark));
      } catch {
        // It ended while we looked.
        return false;
      }
    })
    .map(Number);
}

export function settingsOf(kept: Map<string, string>): Settings {
  return {
    get: async (name) => kept.get(name),
    async once(name, value) {
      if (!kept.has(name)) kept.set(name, value);
      return kept.get(name) ?? value;
    },
    set: async (name, value) => void kept.set(name, value),
    async add(name, by) {
      const next = Number(kept.get(name) ?? 0) + by;
      kept.set(name, String(next));
      return next;
    },
  };
}
