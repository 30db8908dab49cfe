// WhatsApp over the transport that is turned on; its code alone is loaded.
import type { Composed, Parts } from '../index.ts';
import type { WhatsAppConfig } from './settings.ts';

export async function composeWhatsApp(config: WhatsAppConfig, parts: Parts): Promise<Composed> {
  if (config.cloud) {
    const { composeWhatsAppCloud } = await import('./cloud/compose.ts');
    return await composeWhatsAppCloud(config.cloud, parts);
  }
  if (config.web) {
    const { composeWhatsAppWeb } = await import('./web/compose.ts');
    return await composeWhatsAppWeb(config.web, parts);
  }
  return { channels: [] };
}
