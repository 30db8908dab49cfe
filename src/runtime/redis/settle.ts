// What is done when Redis has forgotten everything, or nobody could reach it for a while: for a moment nothing is given
// to anybody, so that whoever holds a name takes it back first.
import { key } from './connect.ts';

export const KNOWN = key('known', 'holders');
/** Milliseconds; longer than any process takes to renew, or to connect anew. */
export const SETTLE = 1_000;
/** Unless some process says within this that it is there, what it held may be gone. */
export const FORGETS = 3_000;

/** A Lua function: milliseconds until names may be given again. */
export const SETTLED = `
local function settled(place)
  local clock = redis.call('TIME')
  local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
  local from = redis.call('GET', place)
  if not from then
    from = now + ${SETTLE}
    redis.call('SET', place, string.format('%.0f', from), 'PX', ${FORGETS})
  end
  return math.max(0, tonumber(from) - now)
end`;
