// A person who came by WhatsApp: the stand-in's hands, and what its own ledger says they saw. They type the number of a
// choice, or vote where the choices came as a poll, whose options carry their numbers.
import { createHash } from 'node:crypto';
import type { Person } from '../standins/whatsapp-web/person.ts';
import type { Seen } from '../standins/whatsapp-web/seen.ts';
import type { WhatsAppWebStandIn } from '../standins/whatsapp-web/whatsapp-web.ts';
import { choiceOn, type Face, listed, type Shown, typed, type Who } from './face.ts';
import type { Watch } from './watch.ts';

export interface WhatsAppWebFace extends Face {
  readonly person: Person;
}

export function createWhatsAppWebFace(wa: WhatsAppWebStandIn, watch: Watch, who: Who): WhatsAppWebFace {
  const person = wa.person({ name: who.name });
  wa.listen(watch.look);
  return {
    person,
    wrongs: [],
    numbered: true,
    async begin(flow) {
      person.start(flow);
    },
    async say(text) {
      person.say(text);
    },
    async press(label, on) {
      const poll = person.seen().find((seen) => seen.id === on.id);
      const number = choiceOn(on, label)?.id;
      const option = poll?.buttons.find((button) => numberOf(button.label) === number);
      if (poll !== undefined && option !== undefined) person.vote(poll.id, [option.label]);
      else person.say(typed(label, on));
    },
    async send(files) {
      for (const file of files) person.sendPhoto(file);
    },
    shown: () =>
      wa
        .everything(person)
        .filter((seen) => seen.byBot)
        .map(toShown),
    until: (look, what) => watch.until(look, `${who.name}: ${what}`),
  };
}

const numberOf = (option: string): string | undefined => /^(\d+)\. /.exec(option)?.[1];

function toShown(seen: Seen): Shown {
  const files = seen.files.map((file) => createHash('sha256').update(file).digest('base64'));
  return {
    id: seen.id,
    key: JSON.stringify([seen.text, seen.buttons.map((button) => button.label), files]),
    text: seen.text,
    choices: listed([seen.text, ...seen.buttons.map(({ label }) => label)].join('\n')),
    from: /^Desk\w+:\n/.test(seen.text) ? 'operator' : 'bot',
    ...(seen.request === undefined ? {} : { request: seen.request }),
  };
}
