// The networks' limits, shared by all processes: one bucket a key. Clocks that differ by a second shift a unit or two.
import type { Runtime } from '../runtime.ts';
import { type Client, key } from './connect.ts';
import { createScript } from './script.ts';

/** While Redis is away nothing is sent: another process may be using up the same limit. */
const AWAY = 1_000;

const TAKE = `
local at = tonumber(ARGV[3])
local paused = tonumber(redis.call('GET', KEYS[2]) or '0')
if paused > at then return math.ceil(paused - at) end
local per, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'u', 't')
local units = burst
if kept[1] then units = math.min(burst, tonumber(kept[1]) + math.max(0, at - tonumber(kept[2])) / per) end
local wait = 0
if units < 1 - 1e-9 then wait = math.max(1, math.ceil((1 - units) * per)) else units = units - 1 end
redis.call('HSET', KEYS[1], 'u', string.format('%.6f', units), 't', string.format('%.3f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - units) * per) + 1000)
return wait`;
const PAUSE = `
local at = tonumber(ARGV[2])
if at > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.0f', at), 'PX', math.ceil(tonumber(ARGV[1])) + 1000)
end
return 1`;

export function createBudgets(redis: Client, now: () => number): Pick<Runtime, 'budget' | 'pause'> {
  const take = createScript(redis, TAKE);
  const pause = createScript(redis, PAUSE);
  return {
    async budget(name, rate) {
      const keys = [key('budget', name), key('pause', name)];
      const wait = await take(keys, [rate.per / rate.count, rate.burst, now()]).catch(() => AWAY);
      return Number(wait);
    },
    async pause(name, until) {
      const length = until - now();
      if (length > 0) await pause([key('pause', name)], [length, until]).catch(() => undefined);
    },
  };
}
