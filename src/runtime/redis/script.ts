// A script that Redis runs as one step: named by its hash, and sent whole only where Redis does not know it (any more).
import { createHash } from 'node:crypto';
import type { Client } from './connect.ts';

export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

export function createScript(redis: Client, source: string): Script {
  const hash = createHash('sha1').update(source).digest('hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}
