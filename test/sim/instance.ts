// One life of the program: the real shell, channels and desk, put together as main does, over wires that the world holds
// the other ends of. It ends with its owner: whatever it still asks for then is never answered.
import type { App } from '../../src/app/app.ts';
import type { Channel, Media } from '../../src/channels/channel.ts';
import type { Desk } from '../../src/desk/desk.ts';
import type { Rules } from '../../src/engine/draft.ts';
import type { Log } from '../../src/log.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import type { Store } from '../../src/store/store.ts';
import { connectTo, type Wire } from './connection.ts';
import { BEGINNING } from './globals.ts';
import type { Compiled } from './program.ts';
import { FIRST_GROUP, type Hook, type Telegram, WEBHOOK } from './telegram.ts';
import { GROUP, VK_SECRET, type Vk, type VkHook } from './vk.ts';
import { carry, isIn, isStormy, type Life, type World } from './world.ts';

export interface Instance {
  readonly life: Life;
  /** Reads the folder of flows anew; rejects where the store does not take the release: then the old one stays. */
  reload(): Promise<void>;
  readonly app: App;
  readonly hooks: readonly Hook[];
  readonly vkHooks: readonly VkHook[];
}

export interface Surroundings {
  readonly world: World;
  readonly telegram: Telegram;
  readonly vk: Vk;
  /** What lies in the folder of flows now. */
  readonly current: () => Compiled;
  /** How the instances share their work; absent: each by itself. */
  readonly shared: ((life: Life, clock: () => number) => Runtime) | undefined;
  /** Files that were copied into our own store. */
  readonly files: Map<string, Uint8Array>;
}

/** Sentences of the log that tell of a fault of the program's own. */
const FAULTS =
  /could not be handled and is parked|failed unexpectedly|cannot be played|could not be understood/;

function logOf(world: World, life: Life): Log {
  const note = (level: string) => (fields: unknown, sentence?: unknown) => {
    if (process.env.SIM_LOG !== undefined)
      process.stdout.write(
        `${world.scheduler.now.toFixed(0)} ${life.name} ${level} ${String(sentence)} ${JSON.stringify(fields)}\n`,
      );
    if (FAULTS.test(String(sentence)))
      world.find('fault in the program', `${String(sentence)}: ${JSON.stringify(fields)}`);
  };
  const silent = (): void => {};
  const talks = process.env.SIM_LOG !== undefined;
  return {
    error: note('error'),
    warn: note('warn'),
    info: talks ? note('info') : silent,
    debug: silent,
  } as unknown as Log;
}

const INTAKE = 6;

/** The database's own troubles, as the driver tells of them. */
function wireOf(world: World, life: Life): Wire {
  const { scheduler, weather, luck, program } = world;
  const { MongoNetworkError, MongoServerSelectionError } = program.mongo;
  const broken = (): Error => new MongoNetworkError('connection 7 closed');
  return (name, effect) => {
    const trouble = (): void => {
      if (name === 'journal.insertMany') world.journalTroubles.push(scheduler.now);
    };
    // Under a crowd the store is slower, and what comes meanwhile is read and written together.
    const latency = (0.4 + luck() * 6) * (weather.crowd ? 8 : 1);
    const call = { kind: 'store', label: name, latency, effect } as const;
    if (!isStormy(world)) return carry(world, life, call);
    if (isIn(weather.storeAway, scheduler.now)) {
      world.hit('store away');
      trouble();
      const error = () => new MongoServerSelectionError('no server', { type: 'Unknown' } as never);
      return carry(world, life, { ...call, latency: 5_000, fault: { before: true, error } });
    }
    const draw = luck();
    // What comes in and is refused must come again: few calls are as telling.
    const often = name === 'journal.insertMany' ? INTAKE : 1;
    const [storeSlow, storeRefuses, storeLosesAnswer] = [
      weather.storeSlow,
      weather.storeRefuses * often,
      weather.storeLosesAnswer * often,
    ];
    if (draw < storeSlow) {
      world.hit('store slow');
      trouble();
      return carry(world, life, { ...call, latency: 5_000 });
    }
    if (draw < storeSlow + storeRefuses) {
      world.hit('store refuses');
      trouble();
      return carry(world, life, { ...call, fault: { before: true, error: broken } });
    }
    if (draw < storeSlow + storeRefuses + storeLosesAnswer) {
      world.hit('store answer lost');
      trouble();
      return carry(world, life, { ...call, fault: { before: false, error: broken } });
    }
    return carry(world, life, call);
  };
}

/** Every file has the bytes its ref tells of; ours are kept over restarts. */
function mediaOf(files: Map<string, Uint8Array>, channels: ReadonlyMap<string, Channel>): Media {
  return {
    keep: async () => {
      throw new Error('nothing is uploaded here');
    },
    async open(attachment) {
      const ref = attachment.ref ?? '';
      // A name of its own, so that the ledgers can tell one file from another.
      const name = `${ref.slice(-12).replace(/\W/g, '_')}.jpg`;
      const kept = files.get(ref);
      if (kept) return { bytes: kept, name };
      const fetched = await channels.get(ref.split(':', 1)[0] ?? '')?.fetch?.(attachment);
      if (!fetched) throw new Error(`nobody has ${ref}`);
      files.set(ref, fetched.bytes);
      return { ...fetched, name };
    },
  };
}

/** Notes which entry is being delivered where, for the ledgers; the calls go on as they are. */
function watched(channel: Channel, life: Life, placeOf: (peer: string) => string): Channel {
  const send: Channel['send'] = async (to, out) => {
    const place = placeOf(to.peer);
    life.delivering.set(place, out.key);
    try {
      return await channel.send(to, out);
    } finally {
      life.delivering.delete(place);
    }
  };
  return Object.assign(Object.create(channel) as Channel, { send });
}

function watchedDesk(desk: Desk, life: Life): Desk {
  const show: Desk['show'] = async (ticket, shown, key) => {
    life.delivering.set(ticket.number, key);
    try {
      return await desk.show(ticket, shown, key);
    } finally {
      life.delivering.delete(ticket.number);
    }
  };
  return Object.assign(Object.create(desk) as Desk, { show });
}

export async function startInstance(around: Surroundings, life: Life): Promise<Instance> {
  const { world, telegram } = around;
  const { src, rules: fixed, releases } = world.program;
  const { scheduler, weather } = world;
  const clock = (): number => BEGINNING + Math.floor(scheduler.now) + life.clockOff;
  const log = logOf(world, life);
  const wire = wireOf(world, life);
  const ports = src.portsOver(connectTo(world.database, wire), clock);
  const store: Store = { ...ports, ping: async () => {}, stop: async () => {} };
  const runtime = around.shared?.(life, clock) ?? src.createLocalRuntime(clock, () => scheduler.now);

  // As the library does: what is played is kept first, for talks that outlive it.
  let current = around.current();
  const known = new Map([[current.release.hash, current.release]]);
  const reload = async (): Promise<void> => {
    const { release, files } = around.current();
    await store.releases.put({ hash: release.hash, files, at: clock() });
    known.set(release.hash, release);
    current = around.current();
  };
  await reload();
  const rules = (): Rules => ({
    ...fixed,
    current: current.release,
    release: (hash) => known.get(hash),
    locales: current.release.locales,
  });
  const ensureRelease = async (hash: string): Promise<void> => {
    if (known.has(hash)) return;
    const stored = await store.releases.get(hash);
    const compiled = stored && releases.find(({ release }) => release.hash === hash);
    if (compiled) known.set(hash, compiled.release);
    else log.error({ release: hash }, 'a talk began in a release that cannot be played any more');
  };

  const channels = new Map<string, Channel>();
  const media = mediaOf(around.files, channels);
  const onBad = async (update: number, raw: string, reason: string): Promise<void> => {
    await store.settings.set(`telegram.bad.${update}`, JSON.stringify({ reason, raw, at: clock() }));
  };
  const client = telegram.client(life);
  const moved = await store.settings.get(`telegram.chat.${FIRST_GROUP}`);
  const operatorChat = src.telegram.createOperatorChat({
    id: Number(moved ?? FIRST_GROUP),
    former: moved === undefined ? [] : [FIRST_GROUP],
    ask: (chat) => src.telegram.movedTo(client, chat),
    async onMoved(from, to) {
      await store.records.movePlaces('forum', from, to);
      await store.settings.set(`telegram.chat.${FIRST_GROUP}`, to);
    },
  });
  const receive = src.telegram.createReceive({
    client,
    parts: ['channel', 'desk'],
    operatorChat,
    ...(weather.receives === 'webhook' ? { webhook: WEBHOOK } : {}),
    lease: (name, signal) => runtime.lease(name, signal),
    onBad,
    clock,
    log,
  });
  const channel = src.telegram.createTelegramChannel({ client, receive, media, onBad, clock, log });
  const desk = src.telegram.createForumDesk({
    client,
    receive,
    operatorChat,
    records: {
      messages: (ticket) => store.records.ticketMessages(ticket),
      message: (id) => store.records.message(id),
      links: (place, message) => store.records.linksOf(place, message),
    },
    media,
    t: (key, vars) => fixed.texts.t('en', key, vars),
    keepPlaces: (ticket, places) => store.records.setPlaces(ticket, places),
    onBad,
    clock,
    log,
  });
  channels.set(
    'telegram',
    watched(channel, life, (peer) => peer),
  );
  const desks = [watchedDesk(desk, life)];
  const vk = composeVk();
  channels.set(
    'vk',
    watched(vk.channel, life, (peer) => `vk:${peer}`),
  );
  function composeVk() {
    const made = src.vk;
    const api = around.vk.api(life);
    const clients = made.createPersonClients(store.settings, GROUP);
    const standing = made.createStandingKeyboards();
    const own = made.createOwnMessages();
    const names = made.createNames(api, clock);
    const parts = { api, group: GROUP, clients, standing, own, clock, log };
    const stream = made.createReceive({
      api,
      group: GROUP,
      parts: ['dialogues'],
      understanding: made.createUnderstanding({ ...parts, names }),
      settings: store.settings,
      callback: { secret: VK_SECRET, confirmation: 'sim' },
      lease: (name, signal) => runtime.lease(name, signal),
      onBad: (id, raw, reason) => store.settings.set(`vk.bad.${id}`, JSON.stringify({ reason, raw })),
      clock,
      log,
    });
    const apiBaseUrl = 'https://api.vk.ru/method';
    return {
      receive: stream,
      channel: made.createVkChannel({ ...parts, apiBaseUrl, receive: stream, media }),
    };
  }

  const app = await src.createApp({
    store,
    runtime,
    media,
    channels,
    desks,
    rules,
    ensureRelease,
    fitWords: (locale) => ({
      choose: fixed.texts.t(locale, 'channels:choose'),
      scale: (from, to) => fixed.texts.t(locale, 'channels:scale', { from, to }),
    }),
    timeZone: 'Europe/Moscow',
    clock,
    log,
  });
  await app.start();
  await Promise.all([...channels.values(), ...desks].map((part) => part.start(app.intake)));
  return {
    life,
    app,
    reload,
    hooks: [{ life, hook: (request) => receive.hook(request) }],
    vkHooks: [{ life, hook: (request) => vk.receive.hook(request) }],
  };
}
