// S4 and S8: the whole durable way of a message, from the webhook's post to the answer on the network, by ours with one,
// two and three processes, beside grammY with its conversations over Redis and the safe floor, all in one run.
import { setTimeout as pause } from 'node:timers/promises';
import { figure, table, whole } from '../table.ts';
import { type Contender, otklik, plain, type Running } from './contenders.ts';
import { cpuOf, peakOf } from './processes.ts';

export interface PathOptions {
  /** Talks at once. */
  readonly people: number;
  readonly warmMs: number;
  readonly measureMs: number;
  readonly rounds: number;
}

interface Measured {
  readonly perSecond: number;
  readonly botUs: number;
  readonly storeUs: number;
  readonly redisUs: number;
  readonly median: number;
  readonly p95: number;
  readonly peak: number;
  readonly refused: number;
}

const FLOOR = 'the safe floor, Redis';
const CONTENDERS: readonly Contender[] = [
  plain(FLOOR, ['bench/path/safe-floor.ts'], '/hook'),
  plain('grammY + conversations, Redis', ['bench/baseline/bot.ts', '--webhook'], '/telegram'),
  otklik('Otklik, store inside, as shipped', { instances: 1, redis: false, apart: false }),
  otklik('Otklik, 1 process, store apart', { instances: 1, redis: false, apart: true }),
  otklik('Otklik, 1 process, Redis', { instances: 1, redis: true, apart: true }),
  otklik('Otklik, 2 processes, Redis', { instances: 2, redis: true, apart: true }),
  otklik('Otklik, 3 processes, Redis', { instances: 3, redis: true, apart: true }),
];

async function measure(contender: Contender, options: PathOptions): Promise<Measured> {
  const running = await contender.start();
  try {
    running.network.begin(options.people, running.hooks);
    await pause(options.warmMs);
    running.network.take();
    const before = usage(running);
    const from = performance.now();
    await pause(options.measureMs);
    const { answered, waits, refused } = running.network.take();
    const after = usage(running);
    const seconds = (performance.now() - from) / 1_000;
    const peak = peakOf(running.bots);
    if (answered === 0) throw new Error(`${contender.name} answered nobody`);
    if (!(await running.network.drain(60_000)))
      throw new Error(`${contender.name} left talks without an end`);
    const sorted = waits.toSorted((a, b) => a - b);
    const each = (name: keyof typeof before): number => ((after[name] - before[name]) * 1_000) / answered;
    return {
      perSecond: answered / seconds,
      botUs: each('bots'),
      storeUs: each('store'),
      redisUs: each('redis'),
      median: sorted[Math.floor(sorted.length / 2)] ?? 0,
      p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
      peak,
      refused,
    };
  } finally {
    await running.stop();
  }
}

const usage = ({ bots, store, redis }: Running) => ({
  bots: cpuOf(bots),
  store: cpuOf(store),
  redis: cpuOf(redis),
});

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

export async function pathTable(options: PathOptions): Promise<string> {
  const all = new Map<string, Measured[]>();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const contender of CONTENDERS)
      all.set(contender.name, [...(all.get(contender.name) ?? []), await measure(contender, options)]);
  }
  const of = (name: string, key: keyof Measured): number =>
    middle((all.get(name) ?? []).map((one) => one[key]));
  const floor = of(FLOOR, 'botUs');
  const rows = CONTENDERS.map(({ name }) => [
    name,
    whole(of(name, 'perSecond')),
    whole(of(name, 'botUs')),
    `${figure(of(name, 'botUs') / floor)} ×`,
    whole(of(name, 'storeUs')),
    whole(of(name, 'redisUs')),
    whole(of(name, 'median')),
    whole(of(name, 'p95')),
    whole(of(name, 'peak')),
    whole(of(name, 'refused')),
  ]);
  return table(
    `S4, S8  A message's whole way by webhook, ${options.people} talks at once, ${options.rounds} × ${options.measureMs / 1000} s each`,
    ['', 'messages/s', 'bot CPU µs', 'to floor', 'store µs', 'Redis µs', 'wait ms', 'p95', 'MB', 'refused'],
    rows,
  );
}

/** Round trips to the store for each message, in a pass of its own. */
export async function roundTripsTable(people: number, ms: number): Promise<string> {
  const rows: string[][] = [];
  for (const redis of [false, true]) {
    const name = redis ? 'with Redis' : 'one process';
    const running = await otklik(name, { instances: 1, redis, apart: true, count: true }).start();
    try {
      running.network.begin(people, running.hooks);
      await pause(ms / 2);
      running.network.take();
      running.counted?.take();
      await pause(ms);
      const { answered } = running.network.take();
      const counts = [...(running.counted?.take() ?? [])].toSorted(([, a], [, b]) => b - a);
      const sum = counts.reduce((all, [, count]) => all + count, 0);
      rows.push([`${name}: all, over ${answered} messages`, figure(sum / answered)]);
      for (const [command, count] of counts.slice(0, 12))
        rows.push([`    ${command}`, figure(count / answered)]);
    } finally {
      await running.stop();
    }
  }
  return table(
    `S4  Round trips to the store for each message, ${people} talks at once`,
    ['', 'per message'],
    rows,
  );
}
