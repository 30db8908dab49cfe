// What may go wrong in a run, drawn from its seed, and a count of what did. A fault is named where it happens; one that
// never happened in a whole run of many seeds proves nothing, and fails it.
import type { Random } from './random.ts';

/** How several instances come to be side by side. */
export type Fleet = 'one' | 'two by mistake' | 'two' | 'three';

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** One seed's share of fault model F. Milliseconds of virtual time; shares are of all calls or updates. */
export interface Weather {
  readonly fleet: Fleet;
  readonly receives: 'poll' | 'webhook';
  readonly people: number;
  /** All come at one moment and answer at once, as after a wave of invitations. */
  readonly crowd: boolean;
  /** From then on nothing goes wrong any more. */
  readonly calmFrom: number;
  readonly twice: number;
  readonly late: number;
  readonly storms: readonly Window[];
  readonly serverFault: number;
  readonly lostAnswer: number;
  readonly refused: number;
  readonly forbidden: number;
  readonly topicGone: number;
  readonly migratesAt: number | undefined;
  readonly storeSlow: number;
  readonly storeRefuses: number;
  readonly storeLosesAnswer: number;
  readonly storeAway: readonly Window[];
  /** Calls after which, or before which, an instance dies: counted over all its calls from its start. */
  readonly crashes: number;
  readonly clockJumps: readonly { readonly at: number; readonly by: number }[];
  readonly republishedAt: number | undefined;
  /** Of what several instances share. */
  readonly flushes: readonly number[];
  readonly sharedAway: readonly Window[];
  /** An instance stands still. */
  readonly freezes: readonly Window[];
}

const MINUTE = 60_000;

/** What shrinking may turn off, one after another. */
export const PARTS = [
  'crashes',
  'storms',
  'answers',
  'updates',
  'topics',
  'store',
  'clock',
  'republish',
  'shared',
  'forbidden',
  'freezes',
] as const;
export type Part = (typeof PARTS)[number];

export function weatherOf(
  random: Random,
  given: { readonly people?: number; readonly without?: ReadonlySet<Part>; readonly fleet?: Fleet },
): Weather {
  const has = (part: Part): boolean => !given.without?.has(part);
  const sometimes = (share: number): boolean => random() < share;
  // Drawn in full whatever is left out, so that leaving one part out does not change the others.
  const fleets: readonly Fleet[] = ['one', 'one', 'one', 'two', 'two', 'three', 'two by mistake'];
  const drawn = random.pick(fleets);
  const fleet = given.fleet ?? drawn;
  const calmFrom = 20 * MINUTE + random() * 20 * MINUTE;
  const windows = (count: number, length: () => number): Window[] =>
    Array.from({ length: count }, () => {
      const from = random() * calmFrom;
      return { from, to: Math.min(calmFrom, from + length()) };
    });
  const harsh = random();
  const share = (of: number): number => of * (harsh < 0.15 ? 0 : harsh < 0.8 ? 1 : 2);
  const people = 6 + random.below(14);
  // Two who poll by mistake take the stream from each other all the time, and little else happens.
  const receives = sometimes(fleet === 'two by mistake' ? 0.04 : 0.5) ? 'poll' : 'webhook';
  const storms = windows(random.below(4), () => 30_000);
  const migratesAt = sometimes(0.2) ? random() * calmFrom : undefined;
  const away = windows(sometimes(0.25) ? 1 : 0, () => 1_000 + random() * 59_000);
  const crashes = sometimes(0.6) ? 1 + random.below(6) : 0;
  const jumps = Array.from({ length: sometimes(0.2) ? 1 + random.below(2) : 0 }, () => ({
    at: random() * calmFrom,
    by: sometimes(0.75) ? -60 * MINUTE : 24 * 60 * MINUTE,
  }));
  const republishedAt = sometimes(0.4) ? random() * calmFrom : undefined;
  const flushes = Array.from({ length: random.below(4) }, () => random() * calmFrom);
  const sharedAway = windows(sometimes(0.4) ? 1 + random.below(2) : 0, () => 500 + random() * 59_500);
  const freezes = windows(sometimes(0.3) ? 1 + random.below(2) : 0, () => 2_000 + random() * 28_000);
  return {
    fleet,
    receives,
    people: given.people ?? people,
    crowd: random.fork('crowd').chance(0.25),
    calmFrom,
    twice: has('updates') ? share(0.05) : 0,
    late: has('updates') ? share(0.02) : 0,
    storms: has('storms') ? storms : [],
    serverFault: has('answers') ? share(0.03) : 0,
    lostAnswer: has('answers') ? share(0.01) : 0,
    refused: has('answers') ? share(0.005) : 0,
    forbidden: has('forbidden') ? share(0.005) : 0,
    topicGone: has('topics') ? share(0.005) : 0,
    migratesAt: has('topics') ? migratesAt : undefined,
    storeSlow: has('store') ? share(0.002) : 0,
    storeRefuses: has('store') ? share(0.002) : 0,
    storeLosesAnswer: has('store') ? share(0.002) : 0,
    storeAway: has('store') ? away : [],
    crashes: has('crashes') ? crashes : 0,
    clockJumps: has('clock') ? jumps : [],
    republishedAt: has('republish') ? republishedAt : undefined,
    flushes: has('shared') ? flushes : [],
    sharedAway: has('shared') ? sharedAway : [],
    freezes: has('freezes') ? freezes : [],
  };
}

/** Nothing goes wrong. */
export function calm(people: number, random: Random): Weather {
  const all = weatherOf(random, { people, without: new Set(PARTS), fleet: 'one' });
  return { ...all, calmFrom: 0 };
}

export const POINTS = [
  'update twice',
  'update late',
  'update posted again',
  'flood',
  'server fault',
  'answer lost',
  'connection refused',
  'forbidden',
  'topic deleted',
  'group migrated',
  'another poller',
  'store slow',
  'store refuses',
  'store answer lost',
  'store away',
  'crash before a store call',
  'crash after a store call',
  'crash before a network call',
  'crash after a network call',
  'crash in the middle',
  'call of the dead arrives',
  'clock back',
  'clock ahead',
  'republished',
  'shared flushed',
  'shared away',
  'frozen',
  'known random_id',
] as const;
export type Point = (typeof POINTS)[number];
