// Comments on the community's wall as our events, and whom an answer goes to. Pure. A contact here is one person in one
// thread of comments: the peer holds all that is needed to answer there.
import { createHash } from 'node:crypto';
import type { CustomerEvent } from '../../core/event.ts';
import type { Abilities } from '../channel.ts';
import type { VkComment, VkUpdate } from './api.ts';
import { contentOf } from './content.ts';
import { eventId, type Heard, isPerson, numberIn, VK_ABILITIES } from './wire.ts';

export const WALL = 'vk-wall';

export const WALL_ABILITIES: Abilities = {
  textLimit: VK_ABILITIES.textLimit,
  captionLimit: VK_ABILITIES.captionLimit,
  media: ['photo', 'document'],
  together: 2,
  uploadLimit: VK_ABILITIES.uploadLimit,
  downloadLimit: VK_ABILITIES.downloadLimit,
  edits: false,
  marksChoice: false,
  history: 'network',
  sendsOnce: true,
  isPublic: true,
  rates: { account: { count: 1, per: 1_000, burst: 3 } },
};

export interface WallPlace {
  /** The wall's owner: the community as a negative number. */
  readonly owner: number;
  readonly post: number;
  /** The thread's first comment. */
  readonly thread: number;
  readonly person: number;
}

const PEER = /^(-?\d+)_(\d+)_(\d+)_(\d+)$/;

export const toPeer = ({ owner, post, thread, person }: WallPlace): string =>
  `${owner}_${post}_${thread}_${person}`;

export function fromPeer(peer: string): WallPlace | undefined {
  const found = PEER.exec(peer);
  if (found === null) return undefined;
  const [owner = 0, post = 0, thread = 0, person = 0] = found.slice(1).map(Number);
  return { owner, post, thread, person };
}

/** None for what the community itself wrote, and what other communities did. */
export function fromWall(update: VkUpdate, group: number): readonly Heard[] {
  if (update.type !== 'wall_reply_new' && update.type !== 'wall_reply_edit') return [];
  const comment = update.object as VkComment;
  const { id, from_id: from, post_id: post, parents_stack: parents } = comment;
  const owner = comment.owner_id ?? comment.post_owner_id ?? -group;
  if (!isPerson(from) || post === undefined) return [];
  const thread = parents?.[0] ?? id;
  for (const one of [id, owner, post, thread]) numberIn(one);
  const { text, attachments } = contentOf(comment);
  const base = {
    channel: WALL,
    account: String(group),
    peer: toPeer({ owner, post, thread, person: from }),
  };
  const heard = (event: CustomerEvent): readonly Heard[] => [{ by: from, event }];
  if (update.type === 'wall_reply_edit') {
    const words = createHash('sha256').update(text).digest('base64url').slice(0, 10);
    const own = update.event_id === undefined ? `e:${owner}.${id}.${words}` : eventId(update);
    return heard({ ...base, id: own, at: comment.date * 1_000, kind: 'edit', message: String(id), text });
  }
  const within = thread === id ? '' : `&thread=${thread}`;
  return heard({
    ...base,
    id: `w:${owner}.${id}`,
    at: comment.date * 1_000,
    kind: 'message',
    text,
    ...(attachments.length > 0 ? { attachments } : {}),
    message: String(id),
    ...(comment.reply_to_comment === undefined ? {} : { replyTo: numberIn(comment.reply_to_comment) }),
    source: `https://vk.com/wall${owner}_${post}?reply=${id}${within}`,
  });
}
