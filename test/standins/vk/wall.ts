// The community's wall: posts, and what people and the bot write under them. A comment with a guid is made once.
import { type Call, type Handler, number, text } from './call.ts';
import { readAttachments } from './files.ts';
import { missing, Refusal, wrong } from './refusal.ts';
import type { Attached, Comment, Post, World } from './world.ts';
import { commentWire } from './world.ts';

export interface CommentDraft {
  readonly post: number;
  readonly from: number;
  readonly text: string;
  readonly replyTo?: number | undefined;
  readonly attachments?: readonly Attached[];
  readonly guid?: string | undefined;
  readonly request?: number;
}

export function addPost(world: World, words: string): Post {
  const post = { id: world.nextId('wall', 11), text: words, at: world.now(), commentsClosed: false };
  world.posts.set(post.id, post);
  return post;
}

export function addComment(world: World, draft: CommentDraft): Comment {
  const replyTo = draft.replyTo === undefined ? undefined : world.comments.get(draft.replyTo);
  if (
    draft.replyTo !== undefined &&
    (replyTo === undefined || replyTo.deleted || replyTo.post !== draft.post)
  )
    throw missing('reply_to_comment is not under this post');
  const comment: Comment = {
    // Posts and comments of a wall draw their numbers from one run.
    id: world.nextId('wall', 11),
    post: draft.post,
    from: draft.from,
    at: world.now(),
    replyTo,
    // A thread is one level deep: whoever answers an answer still stands under the first comment.
    parents: replyTo === undefined ? [] : [replyTo.parents[0] ?? replyTo.id],
    guid: draft.guid,
    request: draft.request,
    text: draft.text,
    attachments: draft.attachments ?? [],
    history: [],
    deleted: false,
  };
  world.comments.set(comment.id, comment);
  world.emit('wall_reply_new', { ...commentWire(world, comment), post_owner_id: -world.group.id });
  world.changed.fire();
  return comment;
}

export function editComment(world: World, comment: Comment, words: string): void {
  (comment.history as { text: string; at: number }[]).push({ text: comment.text, at: world.now() });
  comment.text = words;
  world.emit('wall_reply_edit', { ...commentWire(world, comment), post_owner_id: -world.group.id });
  world.changed.fire();
}

export function deleteComment(world: World, comment: Comment, by: number): void {
  comment.deleted = true;
  const owner_id = -world.group.id;
  world.emit('wall_reply_delete', { owner_id, id: comment.id, deleter_id: by, post_id: comment.post });
  world.changed.fire();
}

function checkOwner(call: Call): void {
  if (number(call, 'owner_id') !== -call.world.group.id) throw new Refusal(210);
}

const createComment: Handler = (call) => {
  const { world } = call;
  checkOwner(call);
  const from = number(call, 'from_group');
  if (from !== undefined && from !== world.group.id) throw wrong('from_group must be the community itself');
  const post = world.posts.get(number(call, 'post_id') ?? 0);
  if (post === undefined) throw new Refusal(210);
  const guid = text(call, 'guid');
  const words = text(call, 'message') ?? '';
  const names = call.params.attachments as string[] | undefined;
  const attachments = readAttachments(world, names?.join(','));
  if (words.trim() === '' && attachments.length === 0) throw wrong('message is empty or invalid');
  const first =
    guid === undefined ? undefined : [...world.comments.values()].find((one) => one.guid === guid);
  if (first === undefined && post.commentsClosed) throw new Refusal(213);
  const comment =
    first ??
    addComment(world, {
      post: post.id,
      from: -world.group.id,
      text: words,
      replyTo: number(call, 'reply_to_comment'),
      attachments,
      guid,
      request: call.request,
    });
  return { comment_id: comment.id, parents_stack: comment.parents };
};

function visible(call: Call, fits: (comment: Comment) => boolean): readonly Comment[] {
  return [...call.world.comments.values()].filter((one) => !one.deleted && fits(one));
}

export const WALL: Readonly<Record<string, Handler>> = {
  'wall.createComment': createComment,
  'wall.getById'(call) {
    const { world } = call;
    const names = call.params.posts as string[];
    const items = names.flatMap((name) => {
      const [, owner, id] = /^(-?\d+)_(\d+)$/.exec(name) ?? [];
      const post = Number(owner) === -world.group.id ? world.posts.get(Number(id)) : undefined;
      if (post === undefined) return [];
      const date = Math.floor(post.at / 1000);
      const owner_id = -world.group.id;
      return [{ id: post.id, owner_id, from_id: owner_id, date, text: post.text, post_type: 'post' }];
    });
    return { items };
  },
  'wall.getComment'(call) {
    checkOwner(call);
    const items = visible(call, (one) => one.id === number(call, 'comment_id'));
    if (items.length === 0) throw new Refusal(15);
    return { items: items.map((one) => commentWire(call.world, one)) };
  },
  'wall.getComments'(call) {
    checkOwner(call);
    const root = number(call, 'comment_id');
    const items = visible(call, (one) => one.post === number(call, 'post_id') && one.parents[0] === root);
    if (text(call, 'sort') === 'desc') (items as Comment[]).reverse();
    const offset = number(call, 'offset') ?? 0;
    const page = items.slice(offset, offset + (number(call, 'count') ?? 10));
    return {
      count: items.length,
      items: page.map((one) => commentWire(call.world, one)),
      current_level_count: items.length,
      can_post: true,
    };
  },
};
