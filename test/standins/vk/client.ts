// What a person's app tells VK that it can show. Bots learn it with each message.
import type { ClientInfo } from './world.ts';

export type Locale = 'ru' | 'uk' | 'en';
/** `modern` shows everything; `old` no inline keyboard and text buttons only; `plain` no keyboard at all. */
export type ClientKind = 'modern' | 'old' | 'plain';

const LANGUAGES = { ru: 0, uk: 1, en: 3 } as const satisfies Record<Locale, number>;
const ACTIONS = {
  modern: ['text', 'vkpay', 'open_app', 'location', 'open_link', 'open_photo', 'callback'],
  old: ['text'],
  plain: [],
} as const satisfies Record<ClientKind, readonly string[]>;

export function clientOf(kind: ClientKind, locale: Locale): ClientInfo {
  return {
    button_actions: ACTIONS[kind],
    keyboard: kind !== 'plain',
    inline_keyboard: kind === 'modern',
    carousel: kind === 'modern',
    lang_id: LANGUAGES[locale],
  };
}
