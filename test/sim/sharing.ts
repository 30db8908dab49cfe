// What several instances share, as the runtime over Redis gives it: claims and leases that run out when nobody renews
// them, wakes and alarms that reach any of them, budgets for all. All of it may be flushed or be away at any moment.
import type { Rate } from '../../src/channels/channel.ts';
import type { Claim, Lease, Runtime } from '../../src/runtime/runtime.ts';
import { carry, isIn, type Life, type World } from './world.ts';

const CLAIM_LASTS = 8_000;
const LEASE_LASTS = 15_000;
/** A holder gives a lease up after so long without a renewal, and finds it taken away after so long. */
const TRUSTED = 11_000;
const RENEW = 1_000;
const LOOK = 5_000;
const SELDOM = 60_000;
const ASKED = 10_000;
const AWAY = 1_000;

interface Held {
  readonly life: Life;
  readonly at: number;
  /** It could not be given back: nobody renews it from then on. */
  letGo: number | undefined;
}

interface HeldLease extends Held {
  lose(): void;
}

interface Worker {
  readonly life: Life;
  readonly wakes: ((line: string) => void | Promise<void>)[];
  readonly alarms: ((contact: string) => void)[];
}

class Unreachable extends Error {
  constructor() {
    super('Redis cannot be reached');
    this.name = 'RuntimeUnreachable';
  }
}

export interface Sharing {
  runtime(life: Life, clock: () => number): Runtime;
}

export function createSharing(world: World): Sharing {
  const { scheduler, weather, luck } = world;
  let claims = new Map<string, Held>();
  let last = new Map<string, Life>();
  let leases = new Map<string, HeldLease>();
  let asked = new Map<string, number>();
  let alarms = new Map<string, number>();
  let buckets = new Map<string, { units: number; at: number }>();
  let pauses = new Map<string, number>();
  let workers: Worker[] = [];
  let generation = 0;
  let tokens = 0;

  for (const at of weather.flushes) {
    scheduler.after(
      at,
      'flush',
      () => {
        world.hit('shared flushed');
        generation += 1;
        for (const lease of leases.values())
          scheduler.after(luck() * RENEW, 'lease lost', () => lease.lose(), lease.life);
        [claims, last, leases] = [new Map(), new Map(), new Map()];
        [asked, alarms, buckets, pauses] = [new Map(), new Map(), new Map(), new Map()];
      },
      scheduler.world,
    );
  }
  for (const away of weather.sharedAway) {
    scheduler.after(
      away.from + TRUSTED,
      'lease given up',
      () => {
        if (!isAway() || scheduler.now - away.from < TRUSTED) return;
        for (const lease of leases.values())
          scheduler.after(luck() * RENEW, 'lease lost', () => lease.lose(), lease.life);
      },
      scheduler.world,
    );
  }

  const isAway = (): boolean => isIn(weather.sharedAway, scheduler.now);

  /** Whether it was renewed all the while: not by the dead, not by the frozen, not while nobody could be reached. */
  function stands(held: Held, lasts: number): boolean {
    const { now } = scheduler;
    const silent = (from: number, to: number): boolean =>
      to > held.at && Math.min(to, now) - Math.max(from, held.at) > lasts;
    const { life } = held;
    if (life.diedAt !== undefined && silent(life.diedAt, now)) return false;
    if (held.letGo !== undefined && silent(held.letGo, now)) return false;
    if (life.frozen.some(({ from, to }) => silent(from, to))) return false;
    return !weather.sharedAway.some(({ from, to }) => from < now && silent(from, to));
  }

  function ask<T>(life: Life, label: string, effect: () => T): Promise<T> {
    const latency = 0.2 + luck() * 2;
    const call = { kind: 'network', label, latency, effect } as const;
    if (!isAway()) return carry(world, life, call);
    world.hit('shared away');
    return carry(world, life, { ...call, fault: { before: true, error: () => new Unreachable() } });
  }

  const workerFor = (kind: 'wakes' | 'alarms'): Worker | undefined => {
    workers = workers.filter(({ life }) => !life.dead);
    const able = workers.filter((worker) => worker[kind].length > 0);
    return able.length > 0 ? luck.pick(able) : undefined;
  };

  /** A job reaches one of those who work, unless it is lost with what holds it. */
  function job(after: number, label: string, kind: 'wakes' | 'alarms', act: (worker: Worker) => void): void {
    const born = generation;
    const give = (): void => {
      if (generation !== born) return;
      const worker = isAway() ? undefined : workerFor(kind);
      if (!worker) return void scheduler.after(500, label, give, scheduler.world);
      scheduler.after(luck() * 3, label, () => act(worker), worker.life);
    };
    scheduler.after(after, label, give, scheduler.world);
  }

  function runtime(life: Life, clock: () => number): Runtime {
    const worker: Worker = { life, wakes: [], alarms: [] };
    workers.push(worker);
    const ignore = (): undefined => undefined;

    return {
      shared: true,
      wake(line) {
        ask(life, 'wake', () => {
          if ((asked.get(line) ?? 0) > scheduler.now) return;
          asked.set(line, scheduler.now + ASKED);
          job(0.5, 'job', 'wakes', ({ wakes }) => {
            asked.delete(line);
            for (const handle of wakes) void handle(line);
          });
        }).catch(ignore);
      },
      onWake: (handle) => void worker.wakes.push(handle),
      alarm(contact, given) {
        const at = Math.ceil(given);
        ask(life, 'alarm', () => {
          const known = alarms.get(contact);
          if (known !== undefined && known <= at) return;
          alarms.set(contact, at);
          job(Math.max(0, at - clock()), 'alarm', 'alarms', (ringing) => {
            if (alarms.get(contact) !== at) return;
            alarms.delete(contact);
            for (const handle of ringing.alarms) handle(contact);
          });
        }).catch(ignore);
      },
      onAlarm: (handle) => void worker.alarms.push(handle),
      async claim(name): Promise<Claim | undefined> {
        const taken = await ask(life, 'claim', () => {
          const held = claims.get(name);
          if (held && stands(held, CLAIM_LASTS)) return undefined;
          const mine: Held = { life, at: scheduler.now, letGo: undefined };
          const stale = last.get(name) !== life;
          claims.set(name, mine);
          last.set(name, life);
          return { mine, stale };
        });
        if (!taken) return undefined;
        const { mine, stale } = taken;
        return {
          stale,
          release: () =>
            ask(life, 'release', () => {
              if (claims.get(name) === mine) claims.delete(name);
            }).catch((error: unknown) => {
              mine.letGo = scheduler.now;
              throw error;
            }),
        };
      },
      async lease(name, signal): Promise<Lease> {
        for (;;) {
          if (signal.aborted) throw signal.reason;
          const lost = Promise.withResolvers<void>();
          const mine: HeldLease = { life, at: scheduler.now, letGo: undefined, lose: () => lost.resolve() };
          const token = await ask(life, 'lease', () => {
            const held = leases.get(name);
            if (held && stands(held, LEASE_LASTS)) return 0;
            leases.set(name, mine);
            tokens += 1;
            return tokens;
          }).catch(() => 0);
          if (token > 0) {
            return {
              token,
              lost: lost.promise,
              release: async () => {
                await ask(life, 'lease back', () => {
                  if (leases.get(name) === mine) leases.delete(name);
                }).catch(() => {
                  // Renewed no more, it runs out by itself.
                  mine.letGo = scheduler.now;
                });
              },
            };
          }
          await new Promise<void>((resolve) => {
            // Seldom once nothing goes wrong any more: nobody will have it then.
            const look = scheduler.now < weather.calmFrom ? LOOK : SELDOM;
            scheduler.after(look * (0.75 + luck() / 2), 'lease again', resolve, life);
          });
        }
      },
      budget: (key, rate: Rate) =>
        ask(life, 'budget', () => {
          const { now } = scheduler;
          const paused = (pauses.get(key) ?? 0) - clock();
          if (paused > 0) return Math.ceil(paused);
          const per = rate.per / rate.count;
          const bucket = buckets.get(key) ?? { units: rate.burst, at: now };
          bucket.units = Math.min(rate.burst, bucket.units + (now - bucket.at) / per);
          bucket.at = now;
          buckets.set(key, bucket);
          if (bucket.units < 1 - 1e-9) return Math.max(1, Math.ceil((1 - bucket.units) * per));
          bucket.units -= 1;
          return 0;
        }).catch(() => AWAY),
      async pause(key, until) {
        await ask(life, 'pause', () => {
          pauses.set(key, Math.max(until, pauses.get(key) ?? 0));
        }).catch(ignore);
      },
      // Nobody holds a page open here.
      publish: ignore,
      subscribe: () => ignore,
      async stop() {},
    };
  }

  return { runtime };
}
