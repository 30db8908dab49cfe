// The networks a run can have, each loaded only for a run that wants it.
import type { ChannelName, Net, NetOptions } from '../net.ts';

export const NETS: Readonly<Record<ChannelName, (options: NetOptions) => Promise<Net>>> = {
  telegram: async (options) => (await import('./telegram.ts')).startTelegramNet(options),
  vk: async (options) => (await import('./vk.ts')).startVkNet(options),
  max: async (options) => (await import('./max.ts')).startMaxNet(options),
  'whatsapp-cloud': async (options) => (await import('./whatsapp-cloud.ts')).startWhatsAppCloudNet(options),
  'whatsapp-web': async (options) => (await import('./whatsapp-web.ts')).startWhatsAppWebNet(options),
  web: async (options) => (await import('./web.ts')).startWebNet(options),
};

/** How much faster than the wall the clocks of a run go at most; a browser's own is no faster than the wall's. */
export const SPEEDS: Readonly<Partial<Record<ChannelName, number>>> = { 'whatsapp-web': 4 };
