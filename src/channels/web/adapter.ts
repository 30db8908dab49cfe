// The chat page as a channel. What is said has been kept by the shell before it comes here; this only tells the
// visitor's open pages that there is something newer. What visitors do comes in through src/web/chat-api.ts.
import { type Address, contactIdOf } from '../../core/contact.ts';
import { ATTACHMENT_KINDS } from '../../core/message.ts';
import type { LiveUpdate } from '../../runtime/runtime.ts';
import type { Abilities, Channel } from '../channel.ts';
import type { Composed, Parts } from '../index.ts';

const MEGABYTE = 1024 * 1024;

export const WEB_ABILITIES: Abilities = {
  textLimit: 4000,
  captionLimit: 4000,
  buttons: { perRow: 6, rows: 50, label: 120, scalePerRow: 11, links: true },
  media: ATTACHMENT_KINDS,
  together: 10,
  uploadLimit: 20 * MEGABYTE,
  downloadLimit: 20 * MEGABYTE,
  edits: true,
  marksChoice: false,
  history: 'ours',
  sendsOnce: true,
  rates: {},
};

/** `publish` is the runtime's. */
export function createWebChannel(deps: {
  readonly publish: (topic: string, data: LiveUpdate) => void;
}): Channel {
  const tell = (to: Address, data: LiveUpdate) => deps.publish(`contact:${contactIdOf(to)}`, data);
  return {
    name: 'web',
    abilities: WEB_ABILITIES,
    start: async () => {},
    stop: async () => {},
    health: () => ({ ok: true }),
    send: async (to, out) => {
      tell(to, { kind: 'message' });
      return { message: out.key };
    },
    revise: async (to, message) => tell(to, { kind: 'message', id: message }),
    typing: async (to) => tell(to, { kind: 'typing' }),
  };
}

export async function composeWeb(_config: object, { runtime }: Parts): Promise<Composed> {
  return { channels: [createWebChannel({ publish: (topic, data) => runtime.publish(topic, data) })] };
}
