// Names held for a piece of work, so that two processes do not do it at once. A help, not a guard: the store's versions
// and unique keys alone decide what counts.
import { setTimeout as pause } from 'node:timers/promises';
import type { Claim, Runtime } from '../runtime.ts';
import { type Client, key, reached } from './connect.ts';
import { createScript } from './script.ts';
import { FORGETS, KNOWN, SETTLE, SETTLED } from './settle.ts';

/** A holder that died loses its names after this. */
const LASTS = 4_000;
const RENEW = 500;
/** Kept so long after its work, unless that is asked for again. */
const LINGERS = 80;
/** How long it is remembered who held a name last. */
const REMEMBERED = 600_000;

const TAKE = `${SETTLED}
local wait = settled(KEYS[3])
if wait > 0 then return -wait end
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local last = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
if last == ARGV[1] then return 1 end
return 2`;
const GIVE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
/** What Redis has forgotten is taken back. */
const KEEP = `${SETTLED}
settled(KEYS[1])
redis.call('PEXPIRE', KEYS[1], ${FORGETS})
for index = 2, #KEYS do
  local owner = redis.call('GET', KEYS[index])
  if not owner or owner == ARGV[1] then redis.call('SET', KEYS[index], ARGV[1], 'PX', ARGV[2]) end
end
return 1`;

export function createClaims(redis: Client, me: string): Pick<Runtime, 'claim'> & { stop(): Promise<void> } {
  const held = new Set<string>();
  /** Done with, but not given back yet: the same piece of work often comes again at once. */
  const idle = new Map<string, { readonly until: number; readonly timer: NodeJS.Timeout }>();
  /** Of one process two cannot have the same name either: to Redis they are one. */
  const asking = new Set<string>();
  const takeScript = createScript(redis, TAKE);
  const giveScript = createScript(redis, GIVE);
  const keepScript = createScript(redis, KEEP);
  const keep = (): void => {
    const names = [...held].map((name) => key('claim', name));
    keepScript([KNOWN, ...names], [me, LASTS]).catch(() => undefined);
  };
  const renewal = setInterval(keep, RENEW);
  renewal.unref();
  // At once, before anybody else is given what we hold.
  redis.on('ready', keep);
  if (redis.status === 'ready') keep();

  async function take(name: string): Promise<number> {
    for (;;) {
      const keys = [key('claim', name), key('last', name), KNOWN];
      const taken = Number(await reached(takeScript(keys, [me, LASTS, REMEMBERED])));
      if (taken >= 0) return taken;
      await pause(Math.min(SETTLE, -taken));
    }
  }

  // One that cannot be given back runs out by itself.
  async function giveBack(name: string): Promise<void> {
    idle.delete(name);
    await giveScript([key('claim', name)], [me]).catch(() => undefined);
  }

  function hold(name: string, stale: boolean): Claim {
    held.add(name);
    return {
      stale,
      async release() {
        held.delete(name);
        const timer = setTimeout(() => void giveBack(name), LINGERS);
        timer.unref();
        idle.set(name, { until: performance.now() + 2 * LINGERS, timer });
      },
    };
  }

  return {
    async claim(name) {
      if (held.has(name) || asking.has(name)) return undefined;
      const own = idle.get(name);
      if (own) {
        clearTimeout(own.timer);
        idle.delete(name);
        // After a long halt of this process another may have had it meanwhile.
        if (performance.now() < own.until) return hold(name, false);
      }
      asking.add(name);
      try {
        const taken = await take(name);
        return taken === 0 ? undefined : hold(name, own !== undefined || taken === 2);
      } finally {
        asking.delete(name);
      }
    },
    async stop() {
      clearInterval(renewal);
      redis.off('ready', keep);
      for (const { timer } of idle.values()) clearTimeout(timer);
      await Promise.all([...idle.keys()].map(giveBack));
    },
  };
}
