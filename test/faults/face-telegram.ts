// A person who came by Telegram: the stand-in's hands, and what its own ledger says they saw.
import type { Seen } from '../standins/telegram/ledger.ts';
import type { TelegramStandIn } from '../standins/telegram/telegram.ts';
import { choiceOn, type Face, type Shown, type Who } from './face.ts';
import type { Watch } from './watch.ts';

export interface TelegramFace extends Face {
  readonly chat: number;
}

export function createTelegramFace(tg: TelegramStandIn, watch: Watch, who: Who): TelegramFace {
  const person = tg.person({ first_name: who.name, language_code: who.locale });
  return {
    chat: person.id,
    wrongs: [],
    async begin(flow) {
      person.start(flow);
    },
    async say(text) {
      person.say(text);
    },
    async press(label, on) {
      const choice = choiceOn(on, label);
      if (choice === undefined) throw new Error(`no button "${label}" on "${on.text}"`);
      person.press({ messageId: Number(on.id), data: choice.id });
    },
    async send(files) {
      const [first] = files;
      if (first === undefined) return;
      if (files.length === 1) person.sendPhoto(first);
      else person.sendAlbum(files.map((file) => ({ kind: 'photo', file })));
    },
    shown: () => shownIn(tg, person.id),
    until: (look, what) => watch.until(look, `${who.name}: ${what}`),
  };
}

/** What the bot put into a chat or a topic, as it was when it came. */
export function shownIn(tg: TelegramStandIn, chat: number, thread?: number): readonly Shown[] {
  return tg
    .everything(chat, thread)
    .filter((seen) => seen.byBot && (seen.text !== undefined || seen.media !== undefined))
    .map(toShown);
}

function toShown(seen: Seen): Shown {
  const first = seen.history[0] ?? seen;
  const buttons = first.buttons.flat().map((button) => button.data ?? button.url ?? '');
  const file = seen.media?.file?.unique ?? '';
  return {
    id: String(seen.message_id),
    key: JSON.stringify([first.text ?? '', buttons, file]),
    text: first.text ?? '',
    choices: seen.buttons.flat().map(({ text, data }) => ({ id: data ?? '', label: text })),
    from: /^Desk\w+:\n/.test(first.text ?? '') ? 'operator' : 'bot',
    ...(seen.request === undefined ? {} : { request: seen.request }),
  };
}
