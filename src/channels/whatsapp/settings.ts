// WhatsApp's settings: two ways to reach one network, of which one at most is turned on.
import type { Reading, Setting } from '../settings.ts';
import { readWhatsAppCloud, WHATSAPP_CLOUD_SETTINGS, type WhatsAppCloudConfig } from './cloud/settings.ts';
import { readWhatsAppWeb, WHATSAPP_WEB_SETTINGS, type WhatsAppWebConfig } from './web/settings.ts';

export interface WhatsAppConfig {
  readonly web?: WhatsAppWebConfig;
  readonly cloud?: WhatsAppCloudConfig;
}

export const WHATSAPP_SETTINGS = {
  ...WHATSAPP_WEB_SETTINGS,
  ...WHATSAPP_CLOUD_SETTINGS,
} as const satisfies Record<string, Setting>;

export function readWhatsApp(reading: Reading): WhatsAppConfig | undefined {
  const web = readWhatsAppWeb(reading);
  const cloud = readWhatsAppCloud(reading);
  if (web && cloud) {
    reading.fault(
      'WHATSAPP_ENABLED',
      'must be false while WHATSAPP_CLOUD_TOKEN is set: they are two ways to the same network',
    );
  }
  if (cloud) return { cloud };
  return web ? { web } : undefined;
}
