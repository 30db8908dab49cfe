// The community's wall as a channel of its own: public words in, public answers out. It holds no dialogue.
import type { Address } from '../../core/contact.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { Attachment } from '../../core/message.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import type { Channel, Media, Outgoing, Sent } from '../channel.ts';
import type { VkApi } from './api.ts';
import { createAttach } from './attach.ts';
import { refusalOf } from './errors.ts';
import { guidOf } from './random-id.ts';
import type { Receive } from './receive.ts';
import { fromPeer, WALL, WALL_ABILITIES } from './wall-wire.ts';
import { literal } from './words.ts';

export interface VkWallDeps {
  readonly api: VkApi;
  readonly group: number;
  readonly receive: Receive;
  readonly media: Pick<Media, 'open'>;
}

export function createVkWall(deps: VkWallDeps): Channel {
  const { api, receive, group } = deps;
  const attach = createAttach(api, deps.media);
  const underWay = createUnderWay();

  /** VK's no to a file says nothing of the person: nobody can block a wall. */
  async function attached(file: Attachment): Promise<string> {
    try {
      return await attach(file, { wallOf: group });
    } catch (error) {
      const isNo = error instanceof DeliveryError && refusalOf(error) !== undefined;
      if (!isNo || error.verdict === 'later' || error.verdict === 'unknown') throw error;
      throw new DeliveryError('never', 'wall_file', { cause: error });
    }
  }

  async function commented(params: Parameters<VkApi['call']>[1]): Promise<{ readonly comment_id: number }> {
    try {
      return await api.call('wall.createComment', params);
    } catch (error) {
      if (!(error instanceof DeliveryError && error.verdict === 'blocked')) throw error;
      throw new DeliveryError('never', 'refused', { cause: error });
    }
  }

  async function answer(to: Address, { key, message, replyTo }: Outgoing): Promise<Sent> {
    const place = fromPeer(to.peer);
    if (place === undefined) throw new DeliveryError('never', 'chat_not_found');
    const attachments: string[] = [];
    for (const file of message.attachments ?? []) attachments.push(await attached(file));
    if (message.text === '' && attachments.length === 0) throw new DeliveryError('never', 'empty');
    const { comment_id: comment } = await commented({
      owner_id: place.owner,
      post_id: place.post,
      from_group: group,
      message: literal(message.text),
      reply_to_comment: replyTo !== undefined && /^\d+$/.test(replyTo) ? Number(replyTo) : place.thread,
      // By it VK knows a comment made before, so that a second try shows no second copy.
      guid: guidOf(key),
      ...(attachments.length > 0 ? { attachments: attachments.join(',') } : {}),
    });
    return { message: String(comment) };
  }

  return {
    name: WALL,
    abilities: WALL_ABILITIES,
    async start(intake) {
      receive.join('wall', intake);
    },
    async stop() {
      await receive.leave('wall');
      await underWay.ended();
    },
    health: (now) => receive.health(now),
    send: (to, out) => underWay.track(answer(to, out)),
  };
}
