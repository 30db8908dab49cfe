// What VK's tests share: the stand-in with the channel set up on it as the program does, over a store and a runtime that
// are small and real.
import type { Channel } from '../../src/channels/channel.ts';
import { composeVk } from '../../src/channels/vk/compose.ts';
import type { Pace } from '../../src/channels/vk/poll.ts';
import type { VkConfig } from '../../src/channels/vk/settings.ts';
import type { CustomerEvent, InboundEvent } from '../../src/core/event.ts';
import { createMedia } from '../../src/media/media.ts';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import type { Settings, Store } from '../../src/store/store.ts';
import { createLog } from '../networks/telegram-set.ts';
import { startVk, type VkOptions, type VkStandIn } from '../standins/vk/vk.ts';

export const FAST: Partial<Pace> = { first: 10, longest: 60 };

export interface VkSet {
  readonly vk: VkStandIn;
  readonly channel: Channel;
  readonly wall: Channel | undefined;
  readonly media: ReturnType<typeof createMedia>;
  readonly settings: Settings & { readonly kept: Map<string, string> };
  readonly log: ReturnType<typeof createLog>;
  readonly hook: (
    body: object | string,
    method?: 'GET' | 'POST',
  ) => Promise<{ status: number; body?: string }>;
  /** Everything taken in, in order, as a journal would keep it: repeats of an id fall away. */
  readonly events: InboundEvent[];
  /** Everything that was given to the journal, repeats too. */
  readonly given: InboundEvent[];
  /** As the program does it, but kept here. */
  start(): Promise<void>;
  address(person: { readonly id: number }): { channel: 'vk'; account: string; peer: string };
  stop(): Promise<void>;
}

export interface VkSetOptions {
  readonly dir: string;
  readonly world?: VkOptions;
  /** One that is there already; it is not stopped at the end. */
  readonly vk?: VkStandIn;
  readonly settings?: VkSet['settings'];
  readonly config?: Partial<VkConfig>;
  readonly pace?: Partial<Pace>;
  /** One that another process shares; it is not stopped at the end. */
  readonly runtime?: ReturnType<typeof createLocalRuntime>;
  /** So often the store refuses what it is given. */
  readonly refusals?: number;
}

export function createSettings(): VkSet['settings'] {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (name) => kept.get(name),
    async once(name, value) {
      const standing = kept.get(name) ?? value;
      kept.set(name, standing);
      return standing;
    },
    set: async (name, value) => void kept.set(name, value),
    async add(name, by) {
      const sum = Number(kept.get(name) ?? 0) + by;
      kept.set(name, String(sum));
      return sum;
    },
  };
}

export async function setUp(options: VkSetOptions): Promise<VkSet> {
  const vk = options.vk ?? (await startVk({ secondMs: 20, ...options.world }));
  const settings = options.settings ?? createSettings();
  const log = createLog();
  const runtime = options.runtime ?? createLocalRuntime(Date.now);
  const channels = new Map<string, Channel>();
  const media = createMedia({ dir: options.dir, fetchers: (name) => channels.get(name), now: Date.now });
  const config: VkConfig = {
    token: vk.token,
    group: vk.groupId,
    apiBaseUrl: vk.url,
    mode: 'poll',
    wall: false,
    ...options.config,
  };
  // The channel is given no more of a store than its settings.
  const store = { settings } as unknown as Store;
  const pace = { ...FAST, ...options.pace };
  const made = await composeVk(config, { store, runtime, media, clock: Date.now, log }, pace);
  for (const channel of made.channels) channels.set(channel.name, channel);
  const channel = channels.get('vk')!;
  const wall = channels.get('vk-wall');
  const events: InboundEvent[] = [];
  const given: InboundEvent[] = [];
  let refusals = options.refusals ?? 0;
  const intake = async (batch: readonly InboundEvent[]) => {
    if (refusals-- > 0) throw new Error('the store is down');
    given.push(...batch);
    for (const event of batch) {
      const same = (one: InboundEvent) => one.channel === event.channel && one.id === event.id;
      if (!events.some(same)) events.push(event);
    }
  };
  return {
    vk,
    channel,
    wall,
    media,
    settings,
    log,
    events,
    given,
    hook: (body, method = 'POST') =>
      made.hook!({
        method,
        query: {},
        headers: {},
        rawBody: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      }),
    async start() {
      for (const one of made.channels) await one.start(intake);
    },
    address: (person) => ({ channel: 'vk', account: String(vk.groupId), peer: String(person.id) }),
    async stop() {
      for (const one of made.channels) await one.stop();
      await made.close?.();
      if (options.runtime === undefined) await runtime.stop();
      if (options.vk === undefined) await vk.stop();
    },
  };
}

export const ofKind = <K extends CustomerEvent['kind']>(
  events: readonly InboundEvent[],
  kind: K,
): (CustomerEvent & { readonly kind: K })[] =>
  events.filter((event): event is CustomerEvent & { readonly kind: K } => event.kind === kind);
