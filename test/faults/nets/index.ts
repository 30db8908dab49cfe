// The networks a run can have, each loaded only for a run that wants it.
import type { ChannelName, Net, NetOptions } from '../net.ts';

export const NETS: Readonly<Record<ChannelName, (options: NetOptions) => Promise<Net>>> = {
  telegram: async (options) => (await import('./telegram.ts')).startTelegramNet(options),
  vk: async (options) => (await import('./vk.ts')).startVkNet(options),
  'whatsapp-cloud': async (options) => (await import('./whatsapp-cloud.ts')).startWhatsAppCloudNet(options),
  web: async (options) => (await import('./web.ts')).startWebNet(options),
};
