// The Business Cloud API's way in: the signed post, each happening in its person's line, the journal.
import { createHmac } from 'node:crypto';
import { createWhatsAppCloudChannel } from '../../../src/channels/whatsapp/cloud/adapter.ts';
import type { Graph } from '../../../src/channels/whatsapp/cloud/graph.ts';
import { createWindow } from '../../../src/channels/whatsapp/cloud/window.ts';
import { TEST_PHONE_ID } from '../../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { SECRET_MARK } from '../marks.ts';
import type { Ends, Rig } from './rig.ts';

const SECRET = `${SECRET_MARK}-app-secret`;

export async function createWhatsAppCloudRig(ends: Ends): Promise<Rig> {
  const graph = { check: async () => undefined, close: () => undefined } as unknown as Graph;
  const records = { contact: async () => undefined, putContact: async () => undefined } as never;
  const { channel, hook } = createWhatsAppCloudChannel({
    config: { phoneId: TEST_PHONE_ID, appSecret: SECRET, verifyToken: `${SECRET_MARK}-word` },
    graph,
    window: createWindow(records, Date.now),
    settings: ends.settings,
    media: { open: async () => ({ bytes: new Uint8Array() }) },
    openList: async () => 'Choose',
    onBad: async (id, raw, reason) => ends.onAside(`whatsapp.bad.${id}`, JSON.stringify({ reason, raw })),
    clock: Date.now,
    log: ends.log,
    pace: { retries: [0, 0] },
  });
  await channel.start(ends.intake);
  return {
    async post(body) {
      const signature = createHmac('sha256', SECRET).update(body).digest('hex');
      const headers = { 'x-hub-signature-256': `sha256=${signature}` };
      return (await hook({ method: 'POST', query: {}, headers, rawBody: body })).status;
    },
    good: (nth) =>
      Buffer.from(
        JSON.stringify({
          object: 'whatsapp_business_account',
          entry: [
            {
              id: '1',
              changes: [
                {
                  field: 'messages',
                  value: {
                    messaging_product: 'whatsapp',
                    metadata: { display_phone_number: '15550783881', phone_number_id: TEST_PHONE_ID },
                    contacts: [{ profile: { name: 'Г' }, wa_id: '79000000042' }],
                    messages: [
                      {
                        from: '79000000042',
                        id: `wamid.good${nth}`,
                        timestamp: '1773298800',
                        type: 'text',
                        text: { body: `good ${nth}` },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        }),
      ),
    end: () => channel.stop(),
  };
}
