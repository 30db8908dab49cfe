// WhatsApp by a linked phone in a run: a real browser on the page that stands in for WhatsApp Web, started anew with
// every life of the program.
import { setTimeout as pause } from 'node:timers/promises';
import { CHROMIUM_ARGS, chromiumPath } from '../../standins/whatsapp-web/chromium.ts';
import type { RequestRecord } from '../../standins/whatsapp-web/connections.ts';
import { startWhatsAppWeb } from '../../standins/whatsapp-web/whatsapp-web.ts';
import { createWhatsAppWebFace, type WhatsAppWebFace } from '../face-whatsapp-web.ts';
import type { Call, Net, NetOptions } from '../net.ts';

const LINKS_WITHIN = 120_000;

export async function startWhatsAppWebNet({ seed, watch, now, port }: NetOptions): Promise<Net> {
  const wa = await startWhatsAppWeb({ seed, now });
  wa.listen(watch.look);
  return {
    name: 'whatsapp-web',
    channel: 'whatsapp',
    env: {
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_CHROMIUM_PATH: chromiumPath(),
      WHATSAPP_CHROMIUM_ARGS: [...CHROMIUM_ARGS, ...wa.chromiumArgs].map((one) => `"${one}"`).join(' '),
    },
    secrets: [],
    async connect() {
      await wa.scanQr();
      // What was said before an account was linked is not ours to answer.
      for (const until = Date.now() + LINKS_WITHIN; !(await isReady(port)); await pause(100))
        if (Date.now() > until) throw new Error('the phone was not linked in time');
    },
    face: (who) => createWhatsAppWebFace(wa, watch, who),
    requests: wa.requests,
    receptions: [],
    lane(face) {
      const sent = new Set(wa.everything((face as WhatsAppWebFace).person).map(({ request }) => request));
      return wa.requests.filter(({ id, effect }) => effect && sent.has(id)).map(heardOf(wa.requests));
    },
    up: () => isReady(port),
    methods: ['send', 'send', 'send', 'seen', 'download'],
    listen: wa.listen,
    faults: wa.faults,
    get violations() {
      return [...wa.violations, ...wa.missing, ...wa.pageErrors];
    },
    get pending() {
      return 0;
    },
    stop: () => wa.stop(),
  };
}

/** The page sends again what it was not told of: when it was told then, the answer was late and not lost. */
const heardOf = (requests: readonly RequestRecord[]) => {
  const heard = new Set(requests.filter(({ answered }) => answered).map(messageOf));
  return (call: RequestRecord): Call =>
    heard.has(messageOf(call)) ? { ...call, answered: true, fault: undefined } : call;
};

const messageOf = ({ method, params, id }: RequestRecord): string => {
  const { key } = (params.message ?? {}) as { key?: { id: string } };
  return method === 'send' && key !== undefined ? key.id : `request ${id}`;
};

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
  const told = (await answer?.json().catch(() => undefined)) as { parts: { name: string; ok: boolean }[] };
  return told?.parts.some(({ name, ok }) => name === 'whatsapp' && ok) ?? false;
}
