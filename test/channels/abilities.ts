// Sets of abilities like those of the networks people use, for tests of what fits where.
import type { Abilities } from '../../src/channels/channel.ts';
import { ATTACHMENT_KINDS } from '../../src/core/message.ts';

const MB = 1024 * 1024;
const common = {
  captionLimit: 1024,
  media: ATTACHMENT_KINDS,
  together: 10,
  uploadLimit: 50 * MB,
  downloadLimit: 20 * MB,
  edits: true,
  marksChoice: false,
  history: 'network',
  sendsOnce: false,
  rates: {},
} as const;

export const ABILITIES = {
  telegram: {
    ...common,
    textLimit: 4096,
    buttons: { perRow: 8, rows: 12, label: 40, scalePerRow: 6, links: true },
    marksChoice: true,
  },
  vk: {
    ...common,
    textLimit: 4000,
    captionLimit: 4000,
    buttons: { perRow: 5, rows: 2, label: 40, scalePerRow: 5, links: true },
    media: ['photo', 'video', 'voice', 'document', 'location'],
    sendsOnce: true,
  },
  whatsapp: { ...common, textLimit: 4000 },
  max: {
    ...common,
    textLimit: 4000,
    captionLimit: 4000,
    buttons: { perRow: 7, rows: 30, label: 128, scalePerRow: 7, links: true },
  },
  web: {
    ...common,
    textLimit: 4000,
    captionLimit: 4000,
    buttons: { perRow: 11, rows: 20, label: 80, scalePerRow: 11, links: true },
    history: 'ours',
    sendsOnce: true,
  },
  terminal: { ...common, textLimit: 100_000, captionLimit: 100_000, edits: false },
} as const satisfies Record<string, Abilities>;
