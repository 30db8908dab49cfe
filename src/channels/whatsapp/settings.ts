// WhatsApp's settings: two ways to reach one network, of which one at most is turned on.
import type { Reading, Setting } from '../settings.ts';
import { readWhatsAppWeb, WHATSAPP_WEB_SETTINGS, type WhatsAppWebConfig } from './web/settings.ts';

export interface WhatsAppConfig {
  readonly web?: WhatsAppWebConfig;
}

export const WHATSAPP_SETTINGS = {
  ...WHATSAPP_WEB_SETTINGS,
} as const satisfies Record<string, Setting>;

export function readWhatsApp(reading: Reading): WhatsAppConfig | undefined {
  const web = readWhatsAppWeb(reading);
  return web ? { web } : undefined;
}
