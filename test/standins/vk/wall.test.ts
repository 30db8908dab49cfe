// The wall of VK's stand-in: comments of people as events, comments of the community made once for each guid.
import { expect, test } from 'vitest';
import { PNG, startBoth } from './both.ts';

test('a comment, its change, its end, and an answer under it', async () => {
  const { vk, call, poll } = await startBoth();
  const poller = await poll();
  const anna = vk.person();
  const post = vk.post('Новый товар');
  const said = anna.comment(post.id, 'Не работает', { photo: PNG });
  anna.editComment(said.id, 'Совсем не работает');
  const answer = { owner_id: -vk.groupId, post_id: post.id, message: 'Разберёмся', guid: 'g1' };
  const made = await call('wall.createComment', { ...answer, reply_to_comment: said.id });
  expect(made).toMatchObject({ parents_stack: [said.id] });
  const { comment_id } = made as { comment_id: number };
  expect(await call('wall.createComment', { ...answer, message: 'ещё раз' })).toEqual(made);
  const thanks = anna.comment(post.id, 'Спасибо', { replyTo: comment_id });
  expect(thanks.parents).toEqual([said.id]);
  expect(vk.wall(post.id).map((one) => [one.text, one.byBot])).toEqual([
    ['Совсем не работает', false],
    ['Разберёмся', true],
    ['Спасибо', false],
  ]);
  expect(vk.wall(post.id)[0]?.files).toHaveLength(1);
  anna.deleteComment(thanks.id);
  expect(vk.wall(post.id)).toHaveLength(2);
  const updates = await poller.all();
  expect(updates.map((one) => one.type)).toEqual([
    ...['wall_reply_new', 'wall_reply_edit', 'wall_reply_new', 'wall_reply_new', 'wall_reply_delete'],
  ]);
  expect(updates[0]?.object).toMatchObject({
    id: said.id,
    from_id: anna.id,
    post_id: post.id,
    owner_id: -vk.groupId,
    post_owner_id: -vk.groupId,
    text: 'Не работает',
    parents_stack: [],
    attachments: [{ type: 'photo' }],
  });
  expect(updates[2]?.object).toMatchObject({ from_id: -vk.groupId, reply_to_comment: said.id });
  expect(vk.violations).toEqual([]);
});

test('what cannot be written there', async () => {
  const { vk, call, codeOf } = await startBoth({ serviceToken: 'service' });
  const anna = vk.person();
  const post = vk.post('x');
  const said = anna.comment(post.id, 'раз');
  const write = (more: object) =>
    codeOf(call('wall.createComment', { owner_id: -vk.groupId, post_id: post.id, message: 'x', ...more }));
  expect(await write({ post_id: 4040 })).toBe(210);
  expect(await write({ owner_id: anna.id })).toBe(210);
  expect(await write({ reply_to_comment: 4040 })).toBe(100);
  expect(vk.violations).toEqual([]);
  expect(await write({ message: '' })).toBe(100);
  expect(await write({ from_group: 5 })).toBe(100);
  expect(vk.violations).toHaveLength(2);
  post.commentsClosed = true;
  expect(await write({})).toBe(213);
  expect(() => anna.comment(post.id, 'два')).toThrow(/nobody can comment/);
  const ask = (method: string, more: object) =>
    call<{ items: { text: string }[] }>(method, { owner_id: -vk.groupId, ...more }, 'service');
  expect((await ask('wall.getComments', { post_id: post.id })).items).toMatchObject([{ text: 'раз' }]);
  expect((await ask('wall.getComment', { comment_id: said.id })).items).toMatchObject([{ text: 'раз' }]);
  expect(await call('wall.getById', { posts: `-${vk.groupId}_${post.id},-1_1` }, 'service')).toMatchObject({
    items: [{ id: post.id, text: 'x' }],
  });
});
