// Names held for a piece of work, so that two processes do not do it at once. A help, not a guard: the store's versions
// and unique keys alone decide what counts.
import type { Claim, Runtime } from '../runtime.ts';
import { type Client, key, reached } from './connect.ts';
import { createScript } from './script.ts';

/** A holder that died loses its names after this. */
const LASTS = 4_000;
const RENEW = 1_000;
/** Kept so long after its work, unless that is asked for again. */
const LINGERS = 80;
/** How long it is remembered who held a name last. */
const REMEMBERED = 600_000;

const TAKE = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) == false then return 0 end
local last = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
if last == ARGV[1] then return 1 end
return 2`;
const GIVE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;
const KEEP = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

export function createClaims(redis: Client, me: string): Pick<Runtime, 'claim'> & { stop(): Promise<void> } {
  const held = new Set<string>();
  /** Done with, but not given back yet: the same piece of work often comes again at once. */
  const idle = new Map<string, { readonly until: number; readonly timer: NodeJS.Timeout }>();
  const take = createScript(redis, TAKE);
  const give = createScript(redis, GIVE);
  const keep = createScript(redis, KEEP);
  const renewal = setInterval(() => {
    for (const name of held) keep([key('claim', name)], [me, LASTS]).catch(() => undefined);
  }, RENEW);
  renewal.unref();

  // One that cannot be given back runs out by itself.
  async function giveBack(name: string): Promise<void> {
    idle.delete(name);
    await give([key('claim', name)], [me]).catch(() => undefined);
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
      const own = idle.get(name);
      if (own) {
        clearTimeout(own.timer);
        idle.delete(name);
        // After a long halt of this process another may have had it meanwhile.
        if (performance.now() < own.until) return hold(name, false);
        await giveBack(name);
      }
      const taken = await reached(take([key('claim', name), key('last', name)], [me, LASTS, REMEMBERED]));
      return taken === 0 ? undefined : hold(name, taken === 2);
    },
    async stop() {
      clearInterval(renewal);
      for (const { timer } of idle.values()) clearTimeout(timer);
      await Promise.all([...idle.keys()].map(giveBack));
    },
  };
}
