// The outages and what is measured of each: what happens to Redis, to the store, to a process, to a topic; how soon the
// first person is served again, and how soon everybody is.
import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from '../fleet.ts';
import { BURST } from './burst.ts';
import type { Outage, Scene } from './scene.ts';

const MINUTE = 60_000;

const each = (scene: Scene, act: (member: Member) => unknown): Promise<unknown> =>
  Promise.all(scene.fleet.members.map(act));

/** What is told of any outage: first served, all served, and what health said. */
async function measure(
  scene: Scene,
  began: number,
  ended: number,
  goals: { readonly first?: number; readonly drained?: number },
): Promise<void> {
  const first = await scene.firstMet(began, ended);
  scene.row({ what: 'first person served', got: first, ...(goals.first && { goal: goals.first }) });
  const drained = await scene.drained(ended);
  scene.row({ what: 'all served', got: drained, ...(goals.drained && { goal: goals.drained }) });
  scene.row({ what: 'health ill after', got: scene.health.illAfter(began) ?? 'never' });
  scene.row({ what: 'health well after its end', got: scene.health.wellAfter(ended) });
  scene.row({ what: 'said to be ill', got: scene.health.ills(began, ended).join('; ') || 'nothing' });
}

/** Between these two acts something is gone. */
function between(
  name: string,
  about: string,
  length: number,
  goals: { readonly first?: number; readonly drained?: number },
  begin: (scene: Scene) => Promise<unknown>,
  end: (scene: Scene) => Promise<unknown>,
): Outage {
  return {
    name,
    about,
    slowNetwork: true,
    async play(scene) {
      const began = Date.now();
      await begin(scene);
      await scene.lasts(length);
      await end(scene);
      await measure(scene, began, Date.now(), goals);
    },
  };
}

const cutRedis = async (scene: Scene): Promise<void> => {
  await each(scene, ({ redis }) => redis.down());
  await scene.fleet.redis.stop();
};
const giveRedis = async (scene: Scene): Promise<void> => {
  await scene.fleet.redis.start();
  await each(scene, ({ redis }) => redis.up());
};
const cutStore = async (scene: Scene): Promise<void> => {
  await each(scene, ({ store }) => store.down());
  await scene.fleet.store.stop();
};
const giveStore = async (scene: Scene): Promise<void> => {
  await scene.fleet.store.start();
  await each(scene, ({ store }) => store.up());
};

/** Posts an event again and again until told to end; gives how these posts were answered. */
function askToTake({ fleet }: Scene): () => Promise<readonly string[]> {
  const answers = new Set<string>();
  let over = false;
  const asking = (async () => {
    const root = `http://127.0.0.1:${fleet.port}`;
    const page = await fetch(`${root}/`).catch(() => undefined);
    const cookie = /otklik_visitor=[^;]+/.exec(page?.headers.get('set-cookie') ?? '')?.[0] ?? '';
    for (let count = 1; !over; count += 1) {
      const asked = Date.now();
      const answer = await fetch(`${root}/chat/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie },
        body: JSON.stringify({ id: `asked${count}`, kind: 'message', text: '5', locale: 'en' }),
      }).catch(() => undefined);
      const within = Math.ceil((Date.now() - asked) / 1_000);
      if (!over) answers.add(`${answer?.status ?? 'broken off'} within ${within} s`);
      await pause(1_000);
    }
  })();
  return async () => {
    over = true;
    await asking;
    return [...answers];
  };
}

const passAll = (scene: Scene): Promise<unknown> =>
  each(scene, ({ redis, store }) => {
    redis.pass();
    store.pass();
  });

export const OUTAGES: readonly Outage[] = [
  between(
    'redis-restart',
    'Redis is killed and started again, empty',
    0,
    { first: 3_000 },
    cutRedis,
    giveRedis,
  ),
  between(
    'redis-outage',
    'Redis is away for 60 s and comes back empty',
    MINUTE,
    { drained: 30_000 },
    cutRedis,
    giveRedis,
  ),
  between(
    'flushall',
    'FLUSHALL',
    0,
    { drained: 15_000 },
    (scene) => scene.fleet.flush(),
    async () => undefined,
  ),
  {
    name: 'flushes',
    about: 'FLUSHALL every 700 ms for 20 s',
    slowNetwork: true,
    async play(scene) {
      const began = Date.now();
      let over = false;
      const flushing = (async () => {
        for (; !over; await pause(700)) await scene.fleet.flush();
      })();
      await scene.lasts(20_000);
      over = true;
      await flushing;
      await measure(scene, began, Date.now(), { drained: 15_000 });
    },
  },
  {
    name: 'store-outage',
    about: 'the store is away for 60 s',
    slowNetwork: true,
    async play(scene) {
      const began = Date.now();
      await cutStore(scene);
      const asked = askToTake(scene);
      await scene.lasts(MINUTE);
      await giveStore(scene);
      scene.row({ what: 'a post is answered', got: (await asked()).join(' ') });
      await measure(scene, began, Date.now(), { drained: 60_000 });
    },
  },
  {
    name: 'kill',
    about: 'SIGKILL of the process that receives, the others go on; it is started again after 20 s',
    async play(scene) {
      await kill(scene, 20_000);
    },
  },
  {
    name: 'kill-alone',
    about: 'SIGKILL of the only process, started again at once',
    instances: 1,
    async play(scene) {
      await kill(scene, 0);
    },
  },
  {
    name: 'topic-deleted',
    about: "a ticket's topic is deleted; the customer writes on",
    relays: 1,
    async play(scene) {
      const { forum } = scene.desk;
      const work = scene.load.takers.find((taker) => taker.work)?.work;
      if (work === undefined) throw new Error('no ticket was taken yet');
      const began = Date.now();
      forum.deleteTopic(work.thread);
      const next = await scene.firstMet(began, 0, 'desk');
      const step = scene.load.steps.find(({ channel, began: at }) => channel === 'desk' && at > began);
      scene.row({ what: 'next message at the desk', got: next && step && next - step.began, goal: 5_000 });
    },
  },
  {
    name: 'strangers',
    about: 'two processes on one token and one store without Redis, each as if alone, for 100 s',
    strangers: true,
    async play(scene) {
      const began = Date.now();
      await scene.lasts(100_000);
      const ill = scene.health.illAfter(began);
      scene.row({ what: 'told that another receives', got: ill, goal: 90_000 });
      scene.row({
        what: 'said to be ill',
        got: scene.health.ills(began, Date.now()).join('; ') || 'nothing',
      });
      scene.row({ what: 'all served', got: await scene.drained(Date.now()) });
    },
  },
  between(
    'redis-silent',
    'Redis takes connections and never answers for 60 s; what was connected then stays silent for ever',
    MINUTE,
    { drained: 30_000 },
    (scene) => each(scene, ({ redis }) => redis.blackhole()),
    passAll,
  ),
  between(
    'redis-cut-one',
    'one process of two cannot reach Redis for 60 s',
    MINUTE,
    { drained: 30_000 },
    async ({ fleet }) => fleet.members[0]?.redis.down(),
    async ({ fleet }) => fleet.members[0]?.redis.up(),
  ),
  between(
    'redis-slow',
    'Redis answers 1 s late for 30 s, in pieces of 7 bytes',
    30_000,
    { drained: 30_000 },
    (scene) =>
      each(scene, ({ redis }) => {
        redis.latency(500);
        redis.slices(7);
      }),
    passAll,
  ),
  between(
    'store-slow',
    'the store answers 5 s late for 60 s',
    MINUTE,
    { drained: 60_000 },
    (scene) => each(scene, ({ store }) => store.latency(2_500)),
    passAll,
  ),
  between(
    'store-silent',
    'the store takes connections and never answers for 60 s; what was connected then stays silent for ever',
    MINUTE,
    { drained: 60_000 },
    (scene) => each(scene, ({ store }) => store.blackhole()),
    passAll,
  ),
  {
    name: 'store-answers-lost',
    about: 'every fourth write is done and its answer lost, for 30 s',
    async play(scene) {
      const began = Date.now();
      const writes = /update|insert|findAndModify/;
      await each(scene, ({ store }) => {
        let count = 0;
        store.loseAnswers({
          times: Number.POSITIVE_INFINITY,
          fits: (asked) => writes.test(asked.subarray(0, 400).toString('latin1')) && ++count % 4 === 0,
        });
      });
      await scene.lasts(30_000);
      const lost = scene.fleet.members.reduce((sum, { store }) => sum + store.lost, 0);
      await passAll(scene);
      scene.row({ what: 'answers lost', got: lost, unit: '' });
      await measure(scene, began, Date.now(), { drained: 60_000 });
    },
  },
  BURST,
];

/** One after another, for a test of every day: only whether everybody is served in the end. */
export const ALL_IN_ONE: Outage = {
  name: 'all',
  about: 'Redis away and back empty, the store away, a process killed',
  relays: 1,
  slowNetwork: true,
  async play(scene) {
    const { fleet } = scene;
    const served = async (after: string): Promise<void> =>
      scene.row({ what: `served after ${after}`, got: await scene.drained(Date.now()) });
    await cutRedis(scene);
    await scene.lasts(MINUTE);
    await giveRedis(scene);
    await served('Redis was away');
    await cutStore(scene);
    await scene.lasts(MINUTE);
    await giveStore(scene);
    await served('the store was away');
    const [member] = fleet.members;
    member?.program.kill();
    await member?.program.ended();
    await served('a kill');
    member?.program.start();
    await member?.program.untilReady();
  },
};

/** The one that was started first has most likely the lease to receive. */
async function kill(scene: Scene, away: number): Promise<void> {
  const [member] = scene.fleet.members;
  if (member === undefined) throw new Error('nobody to kill');
  const began = Date.now();
  member.program.kill();
  await member.program.ended();
  const started = (async () => {
    await scene.lasts(away);
    const born = Date.now();
    member.program.start();
    await member.program.untilReady();
    return Date.now() - born;
  })();
  for (const channel of ['web', 'telegram'] as const)
    scene.row({ what: `first by ${channel}`, got: await scene.firstMet(began, began, channel), goal: 5_000 });
  scene.row({ what: 'all of that moment served', got: await scene.drained(began) });
  scene.row({ what: 'started again in', got: await started });
  scene.row({ what: 'all since then served', got: await scene.drained(Date.now()) });
}
