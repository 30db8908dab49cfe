// VK's way in: the callback, what an update is understood as with names and apps learnt on the way, the journal.
import type { VkApi } from '../../../src/channels/vk/api.ts';
import { createNames } from '../../../src/channels/vk/names.ts';
import { createOwnMessages } from '../../../src/channels/vk/own-messages.ts';
import { createPersonClients } from '../../../src/channels/vk/person-client.ts';
import { createReceive } from '../../../src/channels/vk/receive.ts';
import { createStandingKeyboards } from '../../../src/channels/vk/standing-keyboards.ts';
import { createUnderstanding } from '../../../src/channels/vk/understand.ts';
import { SECRET_MARK, VK_GROUP } from '../marks.ts';
import type { Ends, Rig } from './rig.ts';
import { lease } from './rig.ts';

const SECRET = `${SECRET_MARK}-secret-of-vk`;

export async function createVkRig(ends: Ends): Promise<Rig> {
  const { settings, log } = ends;
  // The other side of each call: nobody is known by name, no message has a longer form.
  const api = {
    call: async (method: string) => (method === 'users.get' ? [] : { items: [], count: 0 }),
  } as unknown as VkApi;
  const clients = createPersonClients(settings, VK_GROUP);
  const receive = createReceive({
    api,
    group: VK_GROUP,
    parts: ['dialogues', 'wall'],
    understanding: createUnderstanding({
      api,
      group: VK_GROUP,
      names: createNames(api, Date.now),
      clients,
      standing: createStandingKeyboards(),
      own: createOwnMessages(),
      clock: Date.now,
    }),
    callback: { secret: SECRET, confirmation: 'c0nf1rm' },
    settings,
    lease,
    onBad: async (id, raw, reason) => ends.onAside(`vk.bad.${id}`, JSON.stringify({ reason, raw })),
    clock: Date.now,
    log,
  });
  receive.join('dialogues', ends.intake);
  receive.join('wall', ends.intake);
  const signed = (body: Buffer): Buffer => {
    // The network signs by a field of its own; an update that cannot be read has none.
    const text = body.toString('latin1');
    return text.startsWith('{') ? Buffer.from(text.replace('{', `{"secret":"${SECRET}",`), 'latin1') : body;
  };
  return {
    post: async (body) => (await receive.hook({ method: 'POST', rawBody: signed(body) })).status,
    good: (nth) =>
      Buffer.from(
        JSON.stringify({
          group_id: VK_GROUP,
          type: 'message_new',
          event_id: `good${nth}`,
          v: '5.199',
          object: {
            message: {
              id: nth,
              date: 1_773_298_800,
              peer_id: 42,
              from_id: 42,
              out: 0,
              text: `good ${nth}`,
              conversation_message_id: 100_000 + nth,
              attachments: [],
            },
            client_info: { keyboard: true, inline_keyboard: true, button_actions: ['text'], lang_id: 0 },
          },
        }),
      ),
    async end() {
      await receive.leave('dialogues');
      await receive.leave('wall');
    },
  };
}
