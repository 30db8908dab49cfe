// MAX's way in: the webhook with its line a person, the keeper that puts aside, the channel's own memory, the journal.
import { createMaxChannel } from '../../../src/channels/max/adapter.ts';
import type { MaxClient } from '../../../src/channels/max/client.ts';
import { createReceive } from '../../../src/channels/max/receive.ts';
import { SECRET_MARK } from '../marks.ts';
import type { Ends, Rig } from './rig.ts';
import { lease } from './rig.ts';

const SECRET = `${SECRET_MARK}-secret-of-max`;
const URL = 'https://otklik.example/hooks/max';

export async function createMaxRig(ends: Ends): Promise<Rig> {
  // The other side of each call.
  const client = {
    me: async () => '4200042',
    answer: async () => undefined,
    subscribe: async () => undefined,
    subscriptions: async () => [URL],
  } as unknown as MaxClient;
  const account = { known: '4200042', learn: async () => '4200042' };
  const receive = createReceive({
    client,
    webhook: { url: URL, secret: SECRET },
    account,
    memory: {
      get: (name) => ends.settings.get(`max.${name}`),
      set: (name, value) => ends.settings.set(`max.${name}`, value),
    },
    lease,
    clock: Date.now,
    log: ends.log,
    pace: { first: 1, patience: 15 },
  });
  const media = { open: async () => ({ bytes: new Uint8Array() }) };
  const channel = createMaxChannel({ client, receive, account, media });
  await channel.start(ends.intake);
  return {
    async post(body) {
      const headers = { 'x-max-bot-api-secret': SECRET };
      return (await receive.hook({ method: 'POST', headers, rawBody: body })).status;
    },
    good: (nth) =>
      Buffer.from(
        JSON.stringify({
          update_type: 'message_created',
          timestamp: 1_773_298_800_000,
          message: {
            sender: { user_id: 42, first_name: 'Г', is_bot: false },
            recipient: { chat_id: 43, chat_type: 'dialog', user_id: 4_200_042 },
            timestamp: 1_773_298_800_000,
            body: { mid: `mid.good${nth}`, seq: nth, text: `good ${nth}`, attachments: [] },
          },
        }),
      ),
    end: () => channel.stop(),
  };
}
