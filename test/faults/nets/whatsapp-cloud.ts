// WhatsApp through the Business Cloud API in a run: events are posted to the program, messages cannot be changed.
import {
  startWhatsAppCloud,
  TEST_APP_SECRET,
  TEST_PHONE_ID,
  TEST_VERIFY_TOKEN,
} from '../../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { createWhatsAppCloudFace, type WhatsAppCloudFace } from '../face-whatsapp-cloud.ts';
import type { Net, NetOptions } from '../net.ts';

const TOKEN = 'EAAGsecretCANARYtokenOfTheRun0123456789';

export async function startWhatsAppCloudNet({ seed, watch, secondMs, port }: NetOptions): Promise<Net> {
  const wa = await startWhatsAppCloud({
    token: TOKEN,
    seed,
    // A post that was not taken comes again after ever longer pauses: nobody in a run waits for so long.
    secondMs: secondMs / 25,
    limits: { pair: { burst: 45, every: 6 * secondMs } },
  });
  wa.listen(watch.look);
  return {
    name: 'whatsapp-cloud',
    channel: 'whatsapp',
    env: {
      WHATSAPP_CLOUD_TOKEN: TOKEN,
      WHATSAPP_CLOUD_PHONE_ID: TEST_PHONE_ID,
      WHATSAPP_CLOUD_APP_SECRET: TEST_APP_SECRET,
      WHATSAPP_CLOUD_VERIFY_TOKEN: TEST_VERIFY_TOKEN,
      WHATSAPP_CLOUD_API_ROOT: wa.url,
    },
    secrets: [TOKEN, TEST_APP_SECRET, TEST_VERIFY_TOKEN],
    connect: () => wa.connect(`http://127.0.0.1:${port}/hooks/whatsapp`),
    face: (who) => createWhatsAppCloudFace(wa, watch, who),
    requests: wa.requests,
    receptions: wa.deliveries,
    receives: 'webhook',
    lane(face) {
      const sent = new Set(wa.everything((face as WhatsAppCloudFace).person).map(({ request }) => request));
      return wa.requests.filter(({ id, effect }) => effect && sent.has(id));
    },
    methods: ['messages', 'messages', 'messages', 'media', 'media-url', 'media-file'],
    listen: wa.listen,
    faults: wa.faults,
    get violations() {
      return wa.violations;
    },
    get pending() {
      return wa.pending;
    },
    stop: () => wa.stop(),
  };
}
