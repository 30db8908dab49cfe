// One run: a world made from its seed, played to its end, and held against its invariants.
import { check, isHurried } from './check.ts';
import { Database } from './database.ts';
import { Face, type Hands } from './face.ts';
import type { installGlobals } from './globals.ts';
import { type Instance, type Surroundings, startInstance } from './instance.ts';
import { Operators } from './operators.ts';
import { live, type Person, tokenOf } from './people.ts';
import type { Program } from './program.ts';
import { createRandom, type Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { createSharing } from './sharing.ts';
import { ACCOUNT, type Seen, Telegram } from './telegram.ts';
import { GROUP, Vk, type VkSeen } from './vk.ts';
import { watchStore } from './watch-store.ts';
import { type Fleet, type Part, type Point, type Weather, weatherOf } from './weather.ts';
import type { Finding, Life, World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  readonly people?: number;
  readonly without?: ReadonlySet<Part>;
  readonly fleet?: Fleet;
  /** Crashes beyond the first so many do not happen. */
  readonly crashes?: number;
}

export interface Outcome {
  readonly seed: number;
  readonly events: number;
  readonly trace: number;
  readonly findings: readonly Finding[];
  readonly points: ReadonlyMap<Point, number>;
  readonly counts: ReadonlyMap<string, number>;
  readonly people: number;
  readonly numbers: Readonly<Record<string, number>>;
  readonly weather: Weather;
  /** Virtual milliseconds. */
  readonly lasted: number;
}

/** Calls after which something is true that was not before. */
const CRITICAL = [
  'journal.insertMany',
  'journal.updateMany',
  'sessions.insert',
  'sessions.update',
  'sendMessage',
  'messages.send',
  'createForumTopic',
  'tickets.insert',
  'tickets.update',
  'tickets.findAndUpdate',
  'messages.insert',
  'links.insertMany',
  'responses.replace',
] as const;

const MINUTE = 60_000;
/** After the weather has calmed everything must be done within this; silence ends a talk after two hours. */
const LONGEST = 5 * 60 * MINUTE;
const LOOK = 30_000;
/** What is left lying is found by a sweep; so long must all have been at rest. */
const REST = 60_000;
const LONG_REST = 20 * MINUTE;

export async function runSeed(
  program: Program,
  enter: ReturnType<typeof installGlobals>,
  options: RunOptions,
): Promise<Outcome> {
  const { seed } = options;
  const random = createRandom(seed);
  const scheduler = new Scheduler();
  enter(scheduler, seed ^ 0x5bd1e995);
  const drawn = weatherOf(random.fork('weather'), options);
  const weather = { ...drawn, crashes: Math.min(drawn.crashes, options.crashes ?? drawn.crashes) };
  const points = new Map<Point, number>();
  const findings: Finding[] = [];
  const lives: Life[] = [];
  const database = new Database(program.indexes, program.mongo);
  const world: World = {
    seed,
    program,
    scheduler,
    weather,
    database,
    journalTroubles: [],
    findings,
    lives,
    refusals: [],
    luck: random.fork('luck'),
    hit: (point) => void points.set(point, (points.get(point) ?? 0) + 1),
    find(rule, what) {
      if (findings.length < 100) findings.push({ rule, what });
    },
    crash: (life) => slots.crash(life),
  };
  const telegram = new Telegram(world);
  const store = watchStore(world);
  const operators = new Operators(scheduler, telegram, random.fork('operators'));
  const vk = new Vk(world);
  const people = createPeople(world, telegram, vk, random.fork('people'));
  let current = program.releases[0];
  const size = { one: 1, 'two by mistake': 2, two: 2, three: 3 }[weather.fleet];
  const isShared = weather.fleet === 'two' || weather.fleet === 'three';
  const sharing = isShared ? createSharing(world) : undefined;
  const around: Surroundings = {
    world,
    telegram,
    vk,
    current: () => current,
    shared: sharing?.runtime,
    files: new Map(),
  };
  const slots = createSlots(around, size, random.fork('slots'));
  vk.hooks = () => slots.vkHooks();
  if (weather.receives === 'webhook') telegram.hooks = () => slots.hooks();
  const at = (when: number | undefined, label: string, act: () => void): void => {
    if (when !== undefined) scheduler.after(when, label, act, scheduler.world);
  };
  at(weather.migratesAt, 'migrate', () => telegram.migrate());
  at(weather.republishedAt, 'republish', () => {
    world.hit('republished');
    current = program.releases[1];
    slots.reload();
  });
  for (const jump of weather.clockJumps) {
    at(jump.at, 'clock', () => {
      world.hit(jump.by < 0 ? 'clock back' : 'clock ahead');
      for (const life of lives) life.clockOff = jump.by;
    });
    // Set right again before the end, as an administrator would.
    at(weather.calmFrom, 'clock', () => {
      for (const life of lives) life.clockOff = 0;
    });
  }
  const hurried = isHurried(world);
  for (const frozen of weather.freezes) {
    at(frozen.from, 'freeze', () => {
      const alive = lives.filter((life) => !life.dead);
      const life = alive[Math.floor(random() * alive.length)];
      if (!life) return;
      world.hit('frozen');
      life.frozenUntil = frozen.to;
      life.frozen.push(frozen);
    });
  }
  slots.startAll();
  const end = { reached: false, quietSince: -1 };
  const look = (): void => {
    const isDone =
      scheduler.now > weather.calmFrom &&
      (hurried || people.every((person) => person.finished)) &&
      telegram.backlog === 0 &&
      vk.backlog === 0 &&
      (hurried || operators.isFinished()) &&
      store.isSettled(!hurried);
    if (!isDone) end.quietSince = -1;
    else if (end.quietSince < 0) end.quietSince = scheduler.now;
    if (isDone && scheduler.now - end.quietSince >= (hurried ? LONG_REST : REST)) end.reached = true;
    else scheduler.after(LOOK, 'look', look, scheduler.world);
  };
  scheduler.after(LOOK, 'look', look, scheduler.world);
  for (const person of people) void live(person, random.fork(`person ${person.id}`));
  try {
    await scheduler.run(weather.calmFrom + LONGEST, () => end.reached || findings.length >= 20);
  } catch (error) {
    world.find(
      'fault in the program',
      `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  const numbers = check({ world, telegram, vk, operators, people, store, ended: end.reached });
  return {
    seed,
    events: scheduler.events,
    trace: scheduler.trace,
    findings,
    points,
    counts: scheduler.counts,
    people: people.length,
    numbers,
    weather,
    lasted: scheduler.now,
  };
}

function createPeople(world: World, telegram: Telegram, vk: Vk, random: Random): Person[] {
  return Array.from({ length: world.weather.people }, (_, index) => {
    const id = index + 1;
    const token = tokenOf(id);
    const onVk = id % 3 === 0;
    const chat = (onVk ? 200_000 : 100_000) + id;
    const seen: VkSeen[] = [];
    if (onVk) vk.seen.set(chat, seen);
    else telegram.chats.set(chat, seen as Seen[]);
    const face = new Face(world.scheduler, token, seen, () =>
      onVk ? vkHandsOf(vk, chat, token) : handsOf(telegram, chat, token),
    );
    (onVk ? vk : telegram).watchers.set(chat, face);
    const address = onVk
      ? { channel: 'vk', account: String(GROUP), peer: String(chat) }
      : { channel: 'telegram', account: ACCOUNT, peer: String(chat) };
    const draw = random();
    return {
      id,
      face,
      token,
      address,
      hasty: world.weather.crowd,
      does: draw < 0.5 ? ('rating' as const) : draw < 0.75 ? ('trouble' as const) : ('operator' as const),
      finished: false,
      response: undefined,
      ticket: undefined,
      told: undefined,
      replies: [],
      silent: false,
      closed: false,
    };
  });
}

function handsOf(telegram: Telegram, chat: number, token: string): Hands {
  const from = { id: chat, is_bot: false, first_name: `P ${token}`, language_code: 'en' };
  const base = () => ({
    message_id: telegram.messageId(),
    date: telegram.seconds,
    chat: { id: chat, type: 'private', first_name: from.first_name },
    from,
  });
  let albums = 0;
  let presses = 0;
  return {
    say: (text) => telegram.push({ message: { ...base(), text } }),
    press(on, button) {
      presses += 1;
      telegram.push({
        callback_query: {
          id: `${chat}.${presses}`,
          from,
          chat_instance: '1',
          data: button,
          message: { message_id: on.id, date: 0, chat: base().chat },
        },
      });
    },
    send(count) {
      albums += 1;
      for (let index = 0; index < count; index += 1) {
        const photo = [
          { file_id: `${token}-${albums}-${index}`, file_unique_id: 'x', width: 9, height: 9, file_size: 99 },
        ];
        telegram.push({
          message: { ...base(), photo, ...(count > 1 ? { media_group_id: `${chat}${albums}` } : {}) },
        });
      }
    },
  };
}

function vkHandsOf(vk: Vk, peer: number, token: string): Hands {
  let files = 0;
  return {
    say: (text) => vk.write(peer, { text }),
    press(on, payload) {
      const shown = on as VkSeen;
      if (!shown.standing) return vk.press(peer, shown, payload);
      const label = shown.buttons.find(({ id }) => id === payload)?.label ?? '';
      vk.write(peer, { text: label, payload });
    },
    send(count) {
      const attachments = Array.from({ length: count }, () => {
        files += 1;
        const url = `https://sun9.userapi.com/${token}-${files}.jpg`;
        return { type: 'photo', photo: { owner_id: peer, id: files, sizes: [{ url, width: 9, height: 9 }] } };
      });
      vk.write(peer, { text: '', attachments });
    },
  };
}

/** The instances that are meant to live, each started again when it died. */
function createSlots(around: Surroundings, size: number, random: Random) {
  const { world } = around;
  const { scheduler, weather, lives } = world;
  const running = new Map<number, Instance>();
  let deaths = 0;

  function begin(slot: number): void {
    const off = lives.find((life) => !life.dead)?.clockOff ?? 0;
    const life: Life = {
      name: `${slot}.${lives.length}`,
      slot,
      dead: false,
      bornAt: scheduler.now,
      diedAt: undefined,
      calls: 0,
      crashAt: undefined,
      clockOff: off,
      frozen: [],
      delivering: new Map(),
    };
    if (deaths < weather.crashes && scheduler.now < weather.calmFrom) {
      // Some die while they begin, some anywhere, most where something has just become true and is not yet known.
      const label = random.chance(0.6) ? random.pick(CRITICAL) : undefined;
      const early = random.chance(0.2);
      const call =
        label !== undefined ? 1 + random.below(40) : early ? 1 + random.below(40) : 40 + random.below(1_500);
      life.crashAt = { call, label, when: random.pick(['before', 'after', 'between']) };
    }
    lives.push(life);
    scheduler.after(
      0,
      'start',
      () => {
        startInstance(around, life).then(
          (instance) => void running.set(slot, instance),
          // It cannot start, as when the store is away: it ends, and is started again.
          () => die(life, 3_000),
        );
      },
      life,
    );
  }

  function die(life: Life, pause: number): void {
    if (life.dead) return;
    life.dead = true;
    life.diedAt = scheduler.now;
    running.delete(life.slot);
    scheduler.after(pause, 'start again', () => begin(life.slot), scheduler.world);
  }

  return {
    startAll() {
      for (let slot = 0; slot < size; slot += 1) begin(slot);
    },
    crash(life: Life): void {
      if (life.dead) return;
      deaths += 1;
      die(life, 200 + random() * 4_000);
    },
    /** Each reads it when it hears of it; what the store does not take is tried again. */
    reload(): void {
      const again = (instance: Instance): void => {
        const { life } = instance;
        scheduler.after(
          200 + random() * 3_000,
          'reload',
          () => void instance.reload().catch(() => again(instance)),
          life,
        );
      };
      for (const instance of running.values()) again(instance);
    },
    vkHooks: () => [...running.values()].flatMap((instance) => instance.vkHooks),
    hooks: () => [...running.values()].flatMap(({ hooks }) => hooks),
  };
}
