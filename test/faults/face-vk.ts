// A person who came by VK: the stand-in's hands, and what its own ledger says they saw.
import type { Person } from '../standins/vk/person.ts';
import type { Seen } from '../standins/vk/seen.ts';
import type { VkStandIn } from '../standins/vk/vk.ts';
import { choiceOn, type Face, type Shown, type Who } from './face.ts';
import type { Watch } from './watch.ts';

export interface VkFace extends Face {
  readonly person: Person;
}

export function createVkFace(vk: VkStandIn, watch: Watch, who: Who): VkFace {
  const person = vk.person({ first_name: who.name, locale: localeOf(who.locale) });
  return {
    person,
    async begin(flow) {
      person.start(flow);
    },
    async say(text) {
      person.say(text);
    },
    async press(label, on) {
      const choice = choiceOn(on, label);
      if (choice === undefined) throw new Error(`no button "${label}" on "${on.text}"`);
      person.press({ id: Number(on.id), label: choice.label });
    },
    async send(files) {
      if (files.length > 0) person.sendPhotos(files);
    },
    shown: () => shownTo(person),
    until: (look, what) => watch.until(look, `${who.name}: ${what}`),
    get wrongs() {
      return person
        .seen()
        .filter((one) => one.byBot && one.mentions.length > 0)
        .map((one) => `message ${one.id} told ${one.mentions.join(', ')} that it mentions them`);
    },
  };
}

const localeOf = (locale: string): 'ru' | 'uk' | 'en' => (locale === 'en' || locale === 'uk' ? locale : 'ru');

/** What the bot put into the dialogue, as it was when it came. */
function shownTo(person: Person): readonly Shown[] {
  const now = person.seen();
  return person.everything().flatMap((came, index) => {
    const seen = now[index];
    return came.byBot && seen !== undefined ? [toShown(came, seen)] : [];
  });
}

function toShown(came: Seen, now: Seen): Shown {
  const payloads = came.buttons.map((one) => one.payload ?? one.link ?? '');
  const files = came.files.map((file) => Buffer.from(file).toString('base64', 0, 150));
  return {
    id: String(came.id),
    key: JSON.stringify([came.text, payloads, files]),
    text: came.text,
    choices: now.buttons.map(({ label, payload }) => ({ id: payload ?? '', label })),
    ...(came.request === undefined ? {} : { request: came.request }),
    from: /^Desk\w+:\n/.test(came.text) ? 'operator' : 'bot',
  };
}
