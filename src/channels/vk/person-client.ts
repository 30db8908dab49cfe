// What each person's app can show, and their language: VK tells it with every message they write. Remembered over a
// restart; of whom it is not known is taken to have an old app.
import type { Settings } from '../../store/store.ts';
import type { VkClientInfo } from './api.ts';

export interface PersonClient {
  /** It shows keyboards at all. */
  readonly keyboard: boolean;
  /** It shows buttons under a message. */
  readonly inline: boolean;
  /** Kinds of button it knows. */
  readonly actions: readonly string[];
  /** IETF tag. */
  readonly locale?: string;
}

/** An app that told nothing: words under the field, and nothing else. */
export const OLD_CLIENT: PersonClient = { keyboard: true, inline: false, actions: ['text'] };

/** VK's numbers of the languages it is shown in. */
const LANGUAGES: Readonly<Record<number, string>> = {
  0: 'ru',
  1: 'uk',
  2: 'be',
  3: 'en',
  4: 'es',
  5: 'fi',
  6: 'de',
  7: 'it',
};

export function clientFrom(info: VkClientInfo): PersonClient {
  const language: unknown = info.lang_id;
  const locale = typeof language === 'number' ? LANGUAGES[language] : undefined;
  const actions: unknown = info.button_actions;
  return {
    keyboard: info.keyboard !== false,
    inline: info.inline_keyboard === true,
    actions: Array.isArray(actions) ? actions.filter((one) => typeof one === 'string') : ['text'],
    ...(locale === undefined ? {} : { locale }),
  };
}

export interface PersonClients {
  learn(peer: number, client: PersonClient): Promise<void>;
  of(peer: number): Promise<PersonClient | undefined>;
}

/** Remembered at once; the oldest is read anew when needed. */
const KEPT = 10_000;

export function createPersonClients(settings: Pick<Settings, 'get' | 'set'>, group: number): PersonClients {
  const known = new Map<number, PersonClient | undefined>();
  const name = (peer: number) => `vk.client.${group}.${peer}`;
  const remember = (peer: number, client: PersonClient | undefined) => {
    known.delete(peer);
    known.set(peer, client);
    const [oldest] = known.keys();
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
  };

  async function of(peer: number): Promise<PersonClient | undefined> {
    if (known.has(peer)) return known.get(peer);
    const kept = await settings.get(name(peer));
    const client = kept === undefined ? undefined : (JSON.parse(kept) as PersonClient);
    remember(peer, client);
    return client;
  }

  return {
    of,
    async learn(peer, client) {
      const before = await of(peer);
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(client)) return;
      await settings.set(name(peer), JSON.stringify(client));
      remember(peer, client);
    },
  };
}
