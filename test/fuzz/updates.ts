// Hostile updates through the adapters: each is posted as its network would post it, again while it is told to, and after
// each a good one must still be heard. What breaks a promise is found, cut down, and given with the command that shows it.

import { type Base, corpusOf, type Network } from './corpus.ts';
import { applied, type Change, changesFor } from './mutate.ts';
import { createRandom } from './random.ts';
import { createMaxRig } from './rigs/max.ts';
import { createEnds, type Ends, type Kept, type Rig } from './rigs/rig.ts';
import { createTelegramRig } from './rigs/telegram.ts';
import { createVkRig } from './rigs/vk.ts';
import { createWhatsAppCloudRig } from './rigs/whatsapp-cloud.ts';
import { createWhatsAppWebRig } from './rigs/whatsapp-web.ts';
import { type Strays, strays } from './strays.ts';

const RIGS: Readonly<Record<Network, (ends: Ends) => Promise<Rig>>> = {
  telegram: createTelegramRig,
  vk: createVkRig,
  max: createMaxRig,
  'whatsapp-cloud': createWhatsAppCloudRig,
  'whatsapp-web': createWhatsAppWebRig,
};

/** Answers that end an update: taken, or refused for good. */
const FINAL: ReadonlySet<number> = new Set([200, 400, 401, 403, 413]);
/** As often as a network surely tries again. */
const TRIES = 8;
/** So many hostile ones for a good one. */
const EVERY = 5;

export interface Case {
  readonly nth: number;
  readonly base: Base;
  readonly changes: readonly Change[];
}

export interface Found {
  readonly network: string;
  readonly what: string;
  readonly command: string;
  /** The changes that matter, and what is posted. */
  readonly shown: string;
}

export interface Ran {
  readonly network: Network;
  readonly count: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly kept: Kept;
  /** Microseconds for one answer. */
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly found: readonly Found[];
}

export function caseOf(network: Network, seed: number, nth: number, bases = corpusOf(network)): Case {
  const random = createRandom(seed, nth);
  const base = random.pick(bases);
  return { nth, base, changes: changesFor(random, base.paths) };
}

interface Bench {
  readonly rig: Rig;
  readonly ends: Ends;
}

async function open(network: Network): Promise<Bench> {
  const ends = createEnds();
  return { ends, rig: await RIGS[network](ends) };
}

/** The faults of one case, and the answers' statuses and times. */
async function tried({ rig, ends }: Bench, own: Strays, body: Buffer, nth: number, goodAfter = true) {
  const faults: string[] = [];
  const statuses: number[] = [];
  const times: number[] = [];
  for (let tries = 0; tries < TRIES && !FINAL.has(statuses.at(-1) ?? 0); tries++) {
    const began = performance.now();
    try {
      statuses.push(await inTime(rig.post(body)));
    } catch (error) {
      faults.push(`the answer is a throw: ${String(error).slice(0, 200)}`);
      break;
    } finally {
      times.push((performance.now() - began) * 1_000);
    }
  }
  const last = statuses.at(-1);
  if (last !== undefined && !FINAL.has(last)) faults.push(`still ${last} after ${TRIES} posts`);
  // Whatever was done to the rig stays done: a good one after a few tells of each of them.
  if (!goodAfter) return { faults: [...faults, ...ends.faults(), ...own.taken()], statuses, times };
  try {
    const after = await inTime(rig.post(rig.good(nth)));
    if (after !== 200) faults.push(`a good update after it is answered ${after}`);
    else if (!ends.has(`good ${nth}`)) faults.push('a good update after it is not heard');
  } catch (error) {
    faults.push(`a good update after it throws: ${String(error).slice(0, 200)}`);
  }
  return { faults: [...faults, ...ends.faults(), ...own.taken()], statuses, times };
}

/** A network waits no longer either. */
const PATIENCE = 8_000;

async function inTime(answer: Promise<number>): Promise<number> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), PATIENCE);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A rig in which something never ends is left behind. */
const ended = (rig: Rig): Promise<unknown> => inTime(rig.end().then(() => 0)).catch(() => undefined);

const kindOf = (fault: string): string => fault.replace(/".*|\d+/gs, '').slice(0, 60);

/** Drops changes while the same kind of fault remains. */
async function cutDown(network: Network, own: Strays, found: Case, kind: string): Promise<readonly Change[]> {
  let changes = found.changes;
  for (let index = 0; index < changes.length; ) {
    const fewer = changes.filter((_, at) => at !== index);
    const bench = await open(network);
    const { faults } = await tried(bench, own, applied(found.base.update, fewer), found.nth);
    await ended(bench.rig);
    if (faults.some((fault) => kindOf(fault) === kind)) changes = fewer;
    else index += 1;
  }
  return changes;
}

export async function runUpdates(options: {
  readonly network: Network;
  readonly count: number;
  readonly seed: number;
  /** Only this one. */
  readonly only?: number;
  /** Kinds of fault after which it is enough. */
  readonly most?: number;
}): Promise<Ran> {
  const { network, seed, only, most = 20 } = options;
  const bases = corpusOf(network);
  const own = strays();
  const statuses: Record<string, number> = {};
  const times: number[] = [];
  const found = new Map<string, Found>();
  const bench = await open(network);
  const last = only === undefined ? options.count : only + 1;
  for (let nth = only ?? 0; nth < last && found.size < most; nth++) {
    const one = caseOf(network, seed, nth, bases);
    const result = await tried(
      bench,
      own,
      applied(one.base.update, one.changes),
      nth,
      nth % EVERY === 0 || only !== undefined,
    );
    for (const status of result.statuses) statuses[status] = (statuses[status] ?? 0) + 1;
    times.push(...result.times);
    for (const fault of result.faults) {
      const kind = kindOf(fault);
      if (found.has(kind)) continue;
      const changes = await cutDown(network, own, one, kind);
      found.set(kind, {
        network,
        what: fault,
        command: `node test/fuzz/run.ts --network ${network} --seed ${seed} --only ${nth}`,
        shown: `${JSON.stringify(changes).slice(0, 300)}\n    ${applied(one.base.update, changes).toString('utf8').slice(0, 500)}`,
      });
    }
  }
  const kept = bench.ends.kept();
  await ended(bench.rig);
  own.stop();
  times.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0);
  return {
    network,
    count: last - (only ?? 0),
    statuses,
    kept,
    p50: at(0.5),
    p99: at(0.99),
    most: Math.round(times.at(-1) ?? 0),
    found: [...found.values()],
  };
}
