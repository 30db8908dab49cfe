// Codes that join two chats: made from the machine's randomness, kept as a hash that only this installation can make.
import { createHmac, randomBytes, randomInt } from 'node:crypto';
import type { Codes } from '../engine/draft.ts';
import { CODE_LENGTH, CODE_SIGNS, readJoinCode } from '../engine/join-code.ts';
import type { Settings } from '../store/store.ts';

export async function createCodes(settings: Settings): Promise<Codes> {
  const key = await settings.once('join_code_key', randomBytes(24).toString('base64url'));
  const sign = (): string => CODE_SIGNS[randomInt(CODE_SIGNS.length)]!;
  return {
    fresh() {
      for (;;) {
        const code = Array.from({ length: CODE_LENGTH }, sign).join('');
        // Of letters alone or digits alone it could be a word or a number.
        if (readJoinCode(code) === code) return code;
      }
    },
    hash: (code) => createHmac('sha256', key).update(code).digest('base64url'),
  };
}
