// The bot's own id, asked of MAX once a token and kept: events must carry it also while MAX cannot be reached. The token
// is told apart by a digest and never kept.
import { createHash } from 'node:crypto';
import type { MaxClient } from './client.ts';
import type { Account, ReceiveOptions } from './receive.ts';

export function createAccount(
  token: string,
  client: Pick<MaxClient, 'me'>,
  memory: ReceiveOptions['memory'],
): Account {
  const name = `account.${createHash('sha256').update(token).digest('base64url').slice(0, 16)}`;
  let known: string | undefined;
  return {
    get known() {
      return known;
    },
    async learn() {
      const kept = known ?? (await memory.get(name));
      if (kept !== undefined) {
        known = kept;
        return kept;
      }
      const told = await client.me();
      await memory.set(name, told);
      known = told;
      return told;
    },
  };
}
