// The abilities of every channel, for tests of what fits where.
import type { Abilities } from '../../src/channels/channel.ts';
import { MAX } from '../../src/channels/max/wire.ts';
import { TELEGRAM } from '../../src/channels/telegram/wire.ts';
import { TERMINAL_ABILITIES } from '../../src/channels/terminal/adapter.ts';
import { VK_ABILITIES } from '../../src/channels/vk/wire.ts';
import { WEB_ABILITIES } from '../../src/channels/web/adapter.ts';
import { WHATSAPP_CLOUD } from '../../src/channels/whatsapp/cloud/outgoing.ts';
import { WHATSAPP } from '../../src/channels/whatsapp/web/wire.ts';

export const ABILITIES = {
  telegram: TELEGRAM,
  vk: VK_ABILITIES,
  whatsapp: WHATSAPP,
  whatsappCloud: WHATSAPP_CLOUD,
  max: MAX,
  web: WEB_ABILITIES,
  terminal: TERMINAL_ABILITIES,
} satisfies Record<string, Abilities>;
