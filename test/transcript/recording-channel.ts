// A network of one page of paper: it writes down what arrives at each person, and refuses on request.
// It implements the real port, with abilities given as data.
import type { Abilities, Channel } from '../../src/channels/channel.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Choice, Message } from '../../src/core/message.ts';
import { ATTACHMENT_KINDS } from '../../src/core/message.ts';
import type { Transcript } from './transcript.ts';

export const CHANNEL = 'paper';
/** Another network, where the same people may be too. */
export const OTHER = 'radio';

export interface Arrived {
  readonly id: string;
  readonly peer: string;
  /** It was sent with. */
  readonly key: string;
  readonly message: Message;
  /** What can be pressed under it now. */
  choices: readonly Choice[];
}

export type Trouble = 'well' | 'later' | 'never' | 'blocked' | 'lost';

export interface RecordingChannel extends Channel {
  /** Everything that arrived, oldest first. */
  readonly arrived: Arrived[];
  readonly redrawn: { readonly message: string; readonly next: Message }[];
  readonly revised: { readonly message: string; readonly text: string }[];
  /** What happens to the next sends, one each. */
  readonly troubles: Trouble[];
}

/** Smallest file that is what its name says: a dot of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==',
  'base64',
);

const MB = 1024 * 1024;
const LIKE_A_MESSENGER: Abilities = {
  textLimit: 4096,
  captionLimit: 1024,
  buttons: { perRow: 8, rows: 20, label: 60, scalePerRow: 6, links: true },
  media: ATTACHMENT_KINDS,
  together: 10,
  uploadLimit: 50 * MB,
  downloadLimit: 20 * MB,
  edits: true,
  marksChoice: true,
  history: 'network',
  sendsOnce: false,
  rates: {},
};

/** With `first`, what arrives is written down in one list for both. */
export function createRecordingChannel(
  told: Transcript['channel'],
  name = CHANNEL,
  first?: RecordingChannel,
): RecordingChannel {
  const { buttons, ...rest } = LIKE_A_MESSENGER;
  const abilities: Abilities = {
    ...rest,
    ...(told.buttons === false || !buttons ? {} : { buttons }),
    ...(told.marksChoice === undefined ? {} : { marksChoice: told.marksChoice }),
    ...(told.edits === undefined ? {} : { edits: told.edits }),
    ...(told.textLimit === undefined ? {} : { textLimit: told.textLimit }),
    ...(told.sendsOnce === undefined ? {} : { sendsOnce: told.sendsOnce }),
    ...(told.public ? { isPublic: true } : {}),
  };
  const channel: RecordingChannel = {
    name,
    abilities,
    arrived: first?.arrived ?? [],
    redrawn: first?.redrawn ?? [],
    revised: first?.revised ?? [],
    troubles: first?.troubles ?? [],
    start: async () => {},
    stop: async () => {},
    health: () => ({ ok: true }),
    async send(to, { key, message }) {
      const trouble = channel.troubles.shift();
      if (trouble === 'later') throw new DeliveryError('later', 'flood', { retryAfter: 5_000 });
      if (trouble === 'never') throw new DeliveryError('never', 'refused');
      if (trouble === 'blocked') throw new DeliveryError('blocked', 'blocked');
      const known = abilities.sendsOnce ? channel.arrived.find((one) => one.key === key) : undefined;
      const id = known?.id ?? `b${channel.arrived.length + 1}`;
      if (!known) channel.arrived.push({ id, peer: to.peer, key, message, choices: message.choices ?? [] });
      if (trouble === 'lost') throw new DeliveryError('unknown', 'network');
      return { message: id };
    },
    async redraw(_to, message, next) {
      channel.redrawn.push({ message, next });
      const shown = channel.arrived.find((one) => one.id === message);
      if (shown) shown.choices = next.choices ?? [];
    },
    async revise(_to, message, text) {
      channel.revised.push({ message, text });
    },
    fetch: async ({ name }) => ({ bytes: PIXEL, ...(name === undefined ? {} : { name }) }),
  };
  return channel;
}
