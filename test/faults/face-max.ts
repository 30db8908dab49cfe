// A person who came by MAX: the stand-in's hands, and what its own ledger says they saw.
import type { MaxStandIn } from '../standins/max/max.ts';
import { choiceOn, type Face, type Shown, type Who } from './face.ts';
import type { Watch } from './watch.ts';

export interface MaxFace extends Face {
  readonly chat: number;
}

export function createMaxFace(max: MaxStandIn, watch: Watch, who: Who): MaxFace {
  const person = max.person({ first_name: who.name, locale: who.locale });
  return {
    chat: person.chat,
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
      person.press({ messageId: on.id, payload: choice.id });
    },
    async send(files) {
      if (files.length > 0) person.sendAlbum(files);
    },
    shown: () => shownIn(max, person),
    until: (look, what) => watch.until(look, `${who.name}: ${what}`),
  };
}

/** What the bot put into a dialogue, as it was when it came. */
function shownIn(max: MaxStandIn, person: { readonly chat: number }): readonly Shown[] {
  const now = new Map(max.seen(person).map((seen) => [seen.id, seen]));
  return max
    .everything(person)
    .filter((seen) => seen.byBot)
    .map((first) => ({
      id: first.id,
      key: JSON.stringify([first.text, first.buttons.map((one) => one.payload ?? one.url), first.tokens]),
      text: first.text,
      choices: (now.get(first.id) ?? first).buttons.map(({ label, payload }) => ({
        id: payload ?? '',
        label,
      })),
      from: /^Desk\w+:\n/.test(first.text) ? 'operator' : 'bot',
      ...(first.request === undefined ? {} : { request: first.request }),
    }));
}
