// WhatsApp by a linked phone, made from its settings.
import type { Composed, Parts } from '../../index.ts';
import type { WhatsAppWebConfig } from './settings.ts';

export async function composeWhatsAppWeb(_config: WhatsAppWebConfig, _parts: Parts): Promise<Composed> {
  return { channels: [] };
}
