// The ids by which VK knows a repeated send: made from the outbox entry's own key, so that they stay the same over every
// retry and restart.
import { createHash } from 'node:crypto';

/** Above zero, below 2³¹: zero would mean "check nothing". `salt` gives another for a key whose first one is taken. */
export function randomIdOf(key: string, salt = 0): number {
  const digest = createHash('sha256')
    .update(salt === 0 ? key : `${key}\0${salt}`)
    .digest();
  return digest.readUInt32BE(0) & 0x7fffffff || 1;
}

/** For comments, which take a text. */
export function guidOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}
