// What one process alone does for long: receiving by polling, holding a browser. A lease that cannot be renewed is lost
// before anybody else can have it.
import type { Lease, Runtime } from '../runtime.ts';
import { type Client, key } from './connect.ts';
import { createScript } from './script.ts';
import { KNOWN, SETTLED } from './settle.ts';

/** A holder that died is followed by another within this. */
const LASTS = 4_000;
const RENEW = 500;
/** Given up by its holder this long after the last renewal that surely counted: before Redis gives it to another. */
const TRUSTED = 2_500;
const LOOK = 400;

const TAKE = `${SETTLED}
if settled(KEYS[3]) > 0 or redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local token = redis.call('INCR', KEYS[2])
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
if token < at then redis.call('SET', KEYS[2], at) token = at end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. token, 'PX', ARGV[2])
return token`;
/** What Redis has forgotten is taken back. */
const KEEP = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
const GIVE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

export function createLeases(redis: Client, me: string): Pick<Runtime, 'lease'> & { stop(): void } {
  const stopping = new AbortController();
  const take = createScript(redis, TAKE);
  const keep = createScript(redis, KEEP);
  const give = createScript(redis, GIVE);

  function holding(name: string, token: number, since: number): Lease {
    const place = key('lease', name);
    const mine = `${me}:${token}`;
    const lost = Promise.withResolvers<void>();
    let sure = since;
    let released = false;
    const end = (): void => {
      clearInterval(renewal);
      lost.resolve();
    };
    const renewal = setInterval(() => {
      const asked = performance.now();
      if (asked - sure > TRUSTED) return end();
      keep([place], [mine, LASTS]).then(
        (kept) => {
          if (kept === 1) sure = Math.max(sure, asked);
          else if (!released) end();
        },
        () => undefined,
      );
    }, RENEW);
    stopping.signal.addEventListener('abort', end, { once: true });
    return {
      token,
      lost: lost.promise,
      async release() {
        if (released) return;
        released = true;
        clearInterval(renewal);
        stopping.signal.removeEventListener('abort', end);
        // One that cannot be given back runs out by itself.
        await give([place], [mine]).catch(() => undefined);
      },
    };
  }

  return {
    async lease(name, signal) {
      const both = AbortSignal.any([signal, stopping.signal]);
      for (;;) {
        if (both.aborted) throw both.reason;
        const asked = performance.now();
        const token = await take([key('lease', name), key('token', name), KNOWN], [me, LASTS]).catch(() => 0);
        if (typeof token === 'number' && token > 0) {
          const lease = holding(name, token, asked);
          if (!both.aborted) return lease;
          await lease.release();
          throw both.reason;
        }
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, LOOK * (0.75 + Math.random() / 2));
          function done(): void {
            clearTimeout(timer);
            both.removeEventListener('abort', done);
            resolve();
          }
          both.addEventListener('abort', done);
        });
      }
    },
    stop: () => stopping.abort(new Error('the runtime has stopped')),
  };
}
