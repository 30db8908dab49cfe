// A person who came by WhatsApp where our side speaks through the Business Cloud API: the stand-in's hands, and what its
// own ledger says they saw. They press buttons and rows of lists; the steps of a long scale they type.
import { createHash } from 'node:crypto';
import type { Person } from '../standins/whatsapp-cloud/person.ts';
import type { WhatsAppCloudStandIn } from '../standins/whatsapp-cloud/whatsapp-cloud.ts';
import type { Seen } from '../standins/whatsapp-cloud/world.ts';
import { choiceOn, type Face, listed, type Shown, typed, type Who } from './face.ts';
import type { Watch } from './watch.ts';

export interface WhatsAppCloudFace extends Face {
  readonly person: Person;
}

export function createWhatsAppCloudFace(wa: WhatsAppCloudStandIn, watch: Watch, who: Who): WhatsAppCloudFace {
  const person = wa.person({ name: who.name });
  wa.listen(watch.look);
  return {
    person,
    wrongs: [],
    async begin(flow) {
      person.start(flow);
    },
    async say(text) {
      person.say(text);
    },
    async press(label, on) {
      const seen = person.seen().find(({ id }) => id === on.id);
      const choice = seen?.buttons.length ? choiceOn(on, label) : undefined;
      if (choice === undefined) person.say(typed(label, on));
      else person.press(choice.label, on.id);
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

function toShown(seen: Seen): Shown {
  const files = seen.files.map((file) => createHash('sha256').update(file).digest('base64'));
  return {
    id: seen.id,
    key: JSON.stringify([seen.text, seen.buttons.map(({ id }) => id), files]),
    text: seen.text,
    choices: seen.buttons.length > 0 ? seen.buttons : listed(seen.text),
    from: /^Desk\w+:\n/.test(seen.text) ? 'operator' : 'bot',
    ...(seen.request === undefined ? {} : { request: seen.request }),
  };
}
