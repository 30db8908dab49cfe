// People's names by their numbers, asked from VK and remembered. A name is waited for as long as VK would need to be
// answered anyway, but no word is lost over one: without an answer there is none until the next event.
import type { VkApi } from './api.ts';

export interface Names {
  /** Those known now or soon. */
  of(people: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

interface VkUser {
  readonly id: number;
  readonly first_name?: string;
  readonly last_name?: string;
}

const KEPT = 5_000;
const PATIENCE = 8_000;
/** Not asked again for so long after no answer came at all. */
const AGAIN = 60_000;

export function createNames(api: Pick<VkApi, 'call'>, clock: () => number): Names {
  const known = new Map<number, string>();
  let silentUntil = 0;

  async function ask(people: readonly number[]): Promise<void> {
    const users = await api.call<readonly VkUser[]>('users.get', { user_ids: people.join(',') });
    for (const { id, first_name: first, last_name: last } of users) {
      const name = [first, last].filter(Boolean).join(' ');
      if (name === '') continue;
      known.set(id, name);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
    }
  }

  return {
    async of(people) {
      const missing = [...new Set(people)].filter((one) => one > 0 && !known.has(one)).slice(0, 500);
      if (missing.length > 0 && clock() >= silentUntil) {
        const late = Promise.withResolvers<void>();
        const timer = setTimeout(() => {
          silentUntil = clock() + AGAIN;
          late.resolve();
        }, PATIENCE);
        const asked = ask(missing).catch(() => undefined);
        await Promise.race([asked, late.promise]);
        clearTimeout(timer);
      }
      return new Map(people.flatMap((one) => (known.has(one) ? [[one, known.get(one) ?? ''] as const] : [])));
    },
  };
}
