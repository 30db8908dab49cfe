// Names held for a piece of work, so that two processes do not do it at once. A help, not a guard: the store's versions
// and unique keys alone decide what counts.
import type { Claim, Runtime } from '../runtime.ts';
import { type Client, key, reached } from './connect.ts';

/** A holder that died loses its names after this. */
const LASTS = 8_000;
const RENEW = 2_000;
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

export function createClaims(redis: Client, me: string): Pick<Runtime, 'claim'> & { stop(): void } {
  const held = new Set<string>();
  const renewal = setInterval(() => {
    for (const name of held) redis.eval(KEEP, 1, key('claim', name), me, LASTS).catch(() => undefined);
  }, RENEW);
  renewal.unref();
  return {
    async claim(name): Promise<Claim | undefined> {
      const taken = await reached(
        redis.eval(TAKE, 2, key('claim', name), key('last', name), me, LASTS, REMEMBERED),
      );
      if (taken === 0) return undefined;
      held.add(name);
      return {
        stale: taken === 2,
        async release() {
          held.delete(name);
          await reached(redis.eval(GIVE, 1, key('claim', name), me));
        },
      };
    },
    stop: () => clearInterval(renewal),
  };
}
