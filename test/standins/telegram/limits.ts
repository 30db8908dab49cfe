// Telegram's limits of speed, when a test asks for them: a bucket for each chat and one a minute for each group.
// Off by default, because most tests are about other things.
import { tooMany } from './refusal.ts';
import type { Chat } from './world.ts';

export interface Limits {
  /** Messages a second in one chat. */
  readonly perChatPerSecond?: number;
  /** How many may come at once before that speed holds. */
  readonly burst?: number;
  readonly perGroupPerMinute?: number;
  readonly perSecond?: number;
}

interface Bucket {
  level: number;
  at: number;
}

const DEFAULTS = { perChatPerSecond: 1, burst: 3, perGroupPerMinute: 20, perSecond: 30 } as const;

// The server counts "typing" apart from messages.
const SPENDING = /^(send(?!ChatAction)|copy|forward|edit|createForumTopic)/;

export function createLimits(
  limits: Limits | undefined,
  now: () => number,
): (method: string, chat: Chat) => void {
  if (limits === undefined) return () => {};
  const { perChatPerSecond, burst, perGroupPerMinute, perSecond } = { ...DEFAULTS, ...limits };
  const buckets = new Map<string, Bucket>();

  /** Milliseconds until there is room; zero when there is. */
  const lack = (key: string, capacity: number, perMs: number): number => {
    const bucket = buckets.get(key) ?? { level: capacity, at: now() };
    bucket.level = Math.min(capacity, bucket.level + (now() - bucket.at) * perMs);
    bucket.at = now();
    buckets.set(key, bucket);
    return bucket.level >= 1 ? 0 : (1 - bucket.level) / perMs;
  };

  return (method, chat) => {
    if (!SPENDING.test(method)) return;
    const wanted: [string, number, number][] = [
      ['all', perSecond, perSecond / 1000],
      [`chat:${chat.id}`, burst, perChatPerSecond / 1000],
    ];
    if (chat.type !== 'private')
      wanted.push([`group:${chat.id}`, perGroupPerMinute, perGroupPerMinute / 60_000]);
    const wait = Math.max(...wanted.map(([key, capacity, perMs]) => lack(key, capacity, perMs)));
    if (wait > 0) throw tooMany(Math.max(1, Math.ceil(wait / 1000)));
    for (const [key] of wanted) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) bucket.level -= 1;
    }
  };
}
