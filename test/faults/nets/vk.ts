// VK in a run. It takes our own id with each send, so nothing may stand in a dialogue twice, whatever happened.
import { startVk } from '../../standins/vk/vk.ts';
import { createVkFace } from '../face-vk.ts';
import type { Net, NetOptions } from '../net.ts';

const TOKEN = 'vk1.a.SECRETcanaryTokenOfTheCommunity';

export async function startVkNet({ seed, watch, secondMs }: NetOptions): Promise<Net> {
  const vk = await startVk({ token: TOKEN, seed, secondMs });
  vk.listen(watch.look);
  return {
    name: 'vk',
    channel: 'vk',
    env: { VK_TOKEN: TOKEN, VK_GROUP_ID: String(vk.groupId), VK_API_BASE_URL: vk.url },
    secrets: [TOKEN],
    face: (who) => createVkFace(vk, watch, who),
    requests: vk.requests,
    receptions: vk.polls,
    receives: 'poll',
    methods: [
      'messages.send',
      'messages.send',
      'messages.send',
      'messages.edit',
      'messages.sendMessageEventAnswer',
      'groups.getLongPollServer',
      'poll',
      'poll',
    ],
    listen: vk.listen,
    faults: vk.faults,
    get violations() {
      return vk.violations;
    },
    get pending() {
      return vk.pending;
    },
    stop: () => vk.stop(),
  };
}
