// Redis as it is set up: reached, and set so that it throws nothing away by itself.
import { type Finding, finding } from '../channels/examine.ts';

const PART = 'redis';
/** The oldest that keeps what BullMQ relies on. */
const OLDEST = [6, 2] as const;

export async function examineRedis(url: string): Promise<readonly Finding[]> {
  const { addressOf, connectOnce, infoOf } = await import('../runtime/redis/connect.ts');
  const redis = connectOnce(addressOf(url));
  try {
    const from = performance.now();
    await redis.connect();
    await redis.ping();
    const ms = Math.round(performance.now() - from);
    const servers = await infoOf(redis);
    return servers.flatMap((info) => {
      const version = /^redis_version:(.+)$/m.exec(info)?.[1]?.trim() ?? '?';
      const policy = /^maxmemory_policy:(.+)$/m.exec(info)?.[1]?.trim() ?? '?';
      const found = [finding(PART, 'ok', 'redis.reached', { version, ms })];
      const [major = 0, minor = 0] = version.split('.').map(Number);
      if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
        found.push(finding(PART, 'error', 'redis.old', { version, least: OLDEST.join('.') }));
      if (policy !== 'noeviction') found.push(finding(PART, 'error', 'redis.evicts', { policy }));
      return found;
    });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'refused';
    return [finding(PART, 'error', 'redis.unreachable', { why })];
  } finally {
    redis.disconnect();
  }
}
