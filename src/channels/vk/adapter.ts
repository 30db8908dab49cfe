// A VK community's dialogues as a channel: the port's calls made by the shared parts. It keeps nothing durable and never
// decides what is said.
import { DeliveryError } from '../../core/errors.ts';
import { fileFault } from '../../networks/file-fault.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import type { Channel, Health, Media } from '../channel.ts';
import type { Log, VkApi } from './api.ts';
import { createAttach } from './attach.ts';
import { fromRef, isOwnHost } from './file-ref.ts';
import type { OwnMessages } from './own-messages.ts';
import type { PersonClients } from './person-client.ts';
import type { Receive } from './receive.ts';
import { createSending } from './send.ts';
import type { StandingKeyboards } from './standing-keyboards.ts';
import { VK_ABILITIES } from './wire.ts';

export interface VkChannelDeps {
  readonly api: VkApi;
  readonly group: number;
  readonly apiBaseUrl: string;
  readonly receive: Receive;
  readonly clients: PersonClients;
  readonly standing: StandingKeyboards;
  readonly own: OwnMessages;
  readonly media: Pick<Media, 'open'>;
  readonly clock: () => number;
  readonly log: Log;
}

const FILE_TIMEOUT = 120_000;

/** Refusals that only a person at VK can mend. */
const TROUBLES: Readonly<Record<string, string>> = {
  bot_features:
    'VK takes no buttons from the community; turn on bot abilities in its settings: Messages, Bot settings',
  captcha: 'VK wants a picture recognised before it takes more; open the community at VK, or wait',
};

export function createVkChannel(deps: VkChannelDeps): Channel {
  const { api, receive, log } = deps;
  const sending = createSending({ ...deps, attach: createAttach(api, deps.media) });
  const underWay = createUnderWay();
  let trouble: string | undefined;

  /** What a person must mend shows in the health until a message goes through again. */
  async function watched<T>(work: Promise<T>): Promise<T> {
    try {
      const done = await work;
      trouble = undefined;
      return done;
    } catch (error) {
      const found = error instanceof DeliveryError ? TROUBLES[error.reason] : undefined;
      if (found !== undefined && found !== trouble) log.error({}, found);
      trouble = found ?? trouble;
      throw error;
    }
  }

  return {
    name: 'vk',
    abilities: VK_ABILITIES,

    async start(intake) {
      receive.join('dialogues', intake);
    },

    async stop() {
      await receive.leave('dialogues');
      await underWay.ended();
    },

    health(now): Health {
      const health = receive.health(now);
      return health.ok && trouble !== undefined ? { ok: false, reason: trouble } : health;
    },

    send: (to, out) => underWay.track(watched(sending.send(to, out))),

    redraw: (to, message, next) => underWay.track(sending.edit(to, message, next)),

    revise: (to, message, text) => underWay.track(sending.edit(to, message, { text })),

    async typing(to) {
      await api
        .call('messages.setActivity', { peer_id: Number(to.peer), type: 'typing' })
        .catch(() => undefined);
    },

    async fetch(attachment) {
      const url = fromRef(attachment.ref);
      if (url === undefined || !URL.canParse(url)) throw new DeliveryError('never', 'gone');
      const limit = VK_ABILITIES.downloadLimit;
      if ((attachment.size ?? 0) > limit) throw new DeliveryError('never', 'too_big');
      const { status, body } = await api
        .get(url, { timeout: FILE_TIMEOUT, limit, allows: (one) => isOwnHost(one, deps.apiBaseUrl) })
        .catch((error: unknown) => {
          throw fileFault(error);
        });
      if (status >= 400 && status < 500) throw new DeliveryError('never', 'gone');
      if (status !== 200) throw new DeliveryError('later', 'server');
      return {
        bytes: body,
        ...(attachment.name === undefined ? {} : { name: attachment.name }),
        ...(attachment.mime === undefined ? {} : { mime: attachment.mime }),
      };
    },
  };
}
