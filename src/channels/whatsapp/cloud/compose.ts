// WhatsApp through Meta's Business Cloud API, put together from its settings.
import { contactIdOf } from '../../../core/contact.ts';
import type { Composed, Parts } from '../../index.ts';
import { createWhatsAppCloudChannel } from './adapter.ts';
import { createGraph } from './graph.ts';
import type { WhatsAppCloudConfig } from './settings.ts';
import { createWindow } from './window.ts';

export async function composeWhatsAppCloud(config: WhatsAppCloudConfig, parts: Parts): Promise<Composed> {
  const { store, clock, log, media } = parts;
  const graph = createGraph(config);
  const { channel, hook } = createWhatsAppCloudChannel({
    config,
    graph,
    window: createWindow(store.records, clock),
    settings: store.settings,
    media,
    async openList(to) {
      const session = await store.sessions.load(contactIdOf(to));
      return parts.t(session?.locale ?? parts.deskLocale, 'channels:open_list');
    },
    onBad: async (id, raw, reason) =>
      store.settings.set(`whatsapp.bad.${id}`, JSON.stringify({ reason, raw, at: clock() })),
    clock,
    log,
  });
  return { channels: [channel], hook, close: async () => graph.close() };
}
