// VK's two faces over one community: the dialogues where customers write and, where wanted, the wall that everybody reads.
import type { Composed, Parts } from '../index.ts';
import { createVkChannel } from './adapter.ts';
import { createVkClient } from './client.ts';
import { createNames } from './names.ts';
import { createOwnMessages } from './own-messages.ts';
import { createPersonClients } from './person-client.ts';
import type { Pace } from './poll.ts';
import { createReceive } from './receive.ts';
import type { VkConfig } from './settings.ts';
import { createStandingKeyboards } from './standing-keyboards.ts';
import { createUnderstanding } from './understand.ts';
import { createVkWall } from './wall.ts';

export async function composeVk(
  config: VkConfig,
  parts: Pick<Parts, 'store' | 'runtime' | 'media' | 'clock' | 'log'>,
  pace: Partial<Pace> = {},
): Promise<Composed> {
  const { store, runtime, media, clock, log } = parts;
  const { group, apiBaseUrl } = config;
  const api = await createVkClient(config);
  const clients = createPersonClients(store.settings, group);
  const standing = createStandingKeyboards();
  const own = createOwnMessages();
  const names = createNames(api, clock);
  const receive = createReceive({
    api,
    group,
    parts: config.wall ? ['dialogues', 'wall'] : ['dialogues'],
    understanding: createUnderstanding({ api, group, names, clients, standing, own, clock }),
    settings: store.settings,
    ...(config.mode === 'callback' && config.secret !== undefined
      ? {
          callback: {
            secret: config.secret,
            ...(config.confirmation === undefined ? {} : { confirmation: config.confirmation }),
          },
        }
      : {}),
    lease: (name, signal) => runtime.lease(name, signal),
    onBad: (id, raw, reason) =>
      store.settings.set(`vk.bad.${id}`, JSON.stringify({ reason, raw, at: clock() })),
    clock,
    log,
    pace,
  });
  const channel = createVkChannel({
    api,
    group,
    apiBaseUrl,
    receive,
    clients,
    standing,
    own,
    media,
    clock,
    log,
  });
  return {
    channels: config.wall ? [channel, createVkWall({ api, group, receive, media })] : [channel],
    hook: (request) => receive.hook(request),
    close: () => api.close(),
  };
}
