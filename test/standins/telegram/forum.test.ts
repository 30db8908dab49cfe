// The stand-in's groups with topics, tried with a real client.
import { describe, expect, test } from 'vitest';
import { nine, refusal, startBoth } from './both.ts';
import type { TelegramOptions } from './telegram.ts';

describe('forum', () => {
  async function startForum(options: TelegramOptions = {}) {
    const started = await startBoth(options);
    const op1 = started.tg.person({ first_name: 'Олег' });
    const op2 = started.tg.person({ first_name: 'Ольга' });
    const forum = started.tg.forum({ title: 'Операторы', members: [op1, op2] });
    return { ...started, op1, op2, forum };
  }

  test('a topic is made, written in from both sides, renamed, closed, deleted', async () => {
    const { tg, api, forum, op1 } = await startForum();
    const made = await api.createForumTopic(forum.id, '№ 12 — лифт', { icon_color: 7322096 });
    const thread = made.message_thread_id;
    const card = await api.sendMessage(forum.id, 'Карточка', { message_thread_id: thread, ...nine });
    expect(card).toMatchObject({ message_thread_id: thread, is_topic_message: true });
    const oleg = forum.member(op1);
    oleg.say('просто слова', { thread });
    oleg.reply(card.message_id, 'ответ карточке');
    oleg.sayInGeneral('в общем');
    oleg.press('9', { thread });
    const [created, plain, reply, general, press] = await api.getUpdates();
    expect(created?.message).toMatchObject({
      message_id: thread,
      from: tg.me,
      forum_topic_created: { name: '№ 12 — лифт' },
    });
    expect(plain?.message).toMatchObject({
      message_thread_id: thread,
      is_topic_message: true,
      reply_to_message: { message_id: thread },
    });
    expect(reply?.message?.reply_to_message?.message_id).toBe(card.message_id);
    expect(general?.message?.message_thread_id).toBeUndefined();
    expect(press?.callback_query?.message).toMatchObject({ message_id: card.message_id });

    const answer = forum.member(op1).reply(general?.message?.message_id ?? 0, 'ответ в общем');
    expect(answer.wire).toMatchObject({ message_thread_id: general?.message?.message_id });
    expect(answer.wire.is_topic_message).toBeUndefined();
    const inGeneral = { message_thread_id: general?.message?.message_id ?? 0 };
    expect((await refusal(api.sendMessage(forum.id, 'x', inGeneral))).text).toBe(
      'Bad Request: message thread not found',
    );
    expect((await refusal(api.sendMessage(forum.id, 'x', { message_thread_id: 1 }))).text).toBe(
      'Bad Request: message thread not found',
    );

    await api.editForumTopic(forum.id, thread, {
      name: '№ 12 — решено',
      icon_custom_emoji_id: '5237699328843200968',
    });
    expect((await refusal(api.editForumTopic(forum.id, thread, { name: '№ 12 — решено' }))).text).toBe(
      'Bad Request: TOPIC_NOT_MODIFIED',
    );
    await api.closeForumTopic(forum.id, thread);
    expect((await refusal(api.closeForumTopic(forum.id, thread))).text).toBe(
      'Bad Request: TOPIC_NOT_MODIFIED',
    );
    expect(forum.topics()).toMatchObject([
      { name: '№ 12 — решено', icon: '5237699328843200968', closed: true },
    ]);
    await api.reopenForumTopic(forum.id, thread);
    forum.closeTopic(thread);
    expect((await api.getUpdates({ offset: -1 }))[0]?.message?.forum_topic_closed).toEqual({});

    forum.deleteTopic(thread);
    expect((await refusal(api.sendMessage(forum.id, 'x', { message_thread_id: thread }))).text).toBe(
      'Bad Request: message thread not found',
    );
    expect((await refusal(api.deleteForumTopic(forum.id, thread))).text).toBe(
      'Bad Request: TOPIC_ID_INVALID',
    );
    expect(forum.topic(thread)).toMatchObject({ deleted: true, messages: [] });
    const known = await api.getForumTopicIconStickers();
    expect(known.map((sticker) => sticker.custom_emoji_id)).toContain('5237699328843200968');
    expect(tg.violations).toEqual([]);
  });

  test('the other wording for a deleted topic, a group without topics, a bot without rights', async () => {
    const { tg, api, forum } = await startForum({ deletedTopicText: 'TOPIC_DELETED' });
    const { message_thread_id } = await api.createForumTopic(forum.id, 'x');
    await api.deleteForumTopic(forum.id, message_thread_id);
    expect((await refusal(api.sendMessage(forum.id, 'x', { message_thread_id }))).text).toBe(
      'Bad Request: TOPIC_DELETED',
    );
    const group = tg.forum({ type: 'group' });
    expect((await refusal(api.createForumTopic(group.id, 'x'))).text).toBe(
      'Bad Request: the chat is not a forum',
    );
    forum.setBot('administrator', { can_manage_topics: false });
    expect((await refusal(api.createForumTopic(forum.id, 'x'))).text).toBe(
      'Bad Request: not enough rights to create a topic',
    );
    forum.setBot('kicked');
    expect(await refusal(api.sendMessage(forum.id, 'x'))).toMatchObject({
      code: 403,
      text: 'Forbidden: bot was kicked from the supergroup chat',
    });
    const moves = await api.getUpdates({ offset: -2 });
    expect(moves.map((one) => one.my_chat_member?.new_chat_member.status)).toEqual([
      'administrator',
      'kicked',
    ]);
  });

  test('members, anonymous administrators, the linked channel and other bots are told apart', async () => {
    const { tg, api, forum, op1, op2 } = await startForum();
    await api.getUpdates({ allowed_updates: ['message', 'chat_member'] });
    const guest = tg.person({ first_name: 'Гость' });
    expect((await api.getChatMember(forum.id, guest.id)).status).toBe('left');
    forum.addMember(guest, 'restricted');
    expect(await api.getChatMember(forum.id, guest.id)).toMatchObject({
      status: 'restricted',
      is_member: true,
    });
    forum.removeMember(guest, 'kicked');
    expect((await api.getChatMember(forum.id, guest.id)).status).toBe('kicked');
    expect((await api.getChatMember(forum.id, op1.id)).status).toBe('creator');
    expect((await api.getChatMember(forum.id, op2.id)).status).toBe('member');
    expect((await api.getChatAdministrators(forum.id)).map((one) => one.user.id)).toEqual([op1.id]);
    expect(await api.getChatMemberCount(forum.id)).toBe(3);
    expect((await refusal(api.getChatMember(forum.id, 1))).code).toBe(400);
    forum.asAnonymousAdmin().say('аноним');
    forum.asChannel('Новости').say('новость');
    forum.asBot('SpamBot').say('бот');
    const updates = await api.getUpdates();
    expect(updates.map((one) => Object.keys(one)[1])).toEqual([
      ...['chat_member', 'message', 'chat_member', 'message', 'message', 'message', 'message'],
    ]);
    const [anonymous, channel, bot] = updates.slice(-3).map((one) => one.message);
    expect(anonymous).toMatchObject({
      from: { id: 1087968824, is_bot: true },
      sender_chat: { id: forum.id },
    });
    expect(channel).toMatchObject({
      from: { id: 777000 },
      is_automatic_forward: true,
      sender_chat: { type: 'channel' },
    });
    expect(bot?.from?.is_bot).toBe(true);
    expect((await api.getChat(forum.id)).is_forum).toBe(true);
  });

  test('a migration changes the id, tells both chats and refuses the old one', async () => {
    const { tg, api, forum, op1 } = await startForum();
    const { message_thread_id: thread } = await api.createForumTopic(forum.id, 'Лифт');
    const old = forum.id;
    const next = forum.migrate();
    const [to, from] = (await api.getUpdates({ offset: -2 })).map((one) => one.message);
    expect(to).toMatchObject({ chat: { id: old }, migrate_to_chat_id: next });
    expect(from).toMatchObject({ chat: { id: next }, migrate_from_chat_id: old });
    const refused = await refusal(api.sendMessage(old, 'x', { message_thread_id: thread }));
    expect(refused.text).toBe('Bad Request: group chat was upgraded to a supergroup chat');
    expect(refused.error.parameters.migrate_to_chat_id).toBe(next);
    await api.sendMessage(next, 'дальше', { message_thread_id: thread });
    forum.member(op1).say('вижу', { thread });
    expect(forum.messages(thread).map((one) => one.text)).toEqual([undefined, 'дальше', 'вижу']);
    const basic = tg.forum({ type: 'group', id: -500 });
    basic.migrate(-100500);
    expect((await api.getChat(-100500)).is_forum).toBe(true);
  });

  test('copies, forwards, pins and reactions are written down', async () => {
    const { tg, api, forum } = await startForum();
    const anna = tg.person();
    anna.start();
    const said = anna.say('жалоба');
    const { message_thread_id } = await api.createForumTopic(forum.id, 'Жалоба');
    const copy = await api.copyMessage(forum.id, anna.id, said.message_id, { message_thread_id });
    const forward = await api.forwardMessage(forum.id, anna.id, said.message_id, { message_thread_id });
    expect(forward.forward_origin).toMatchObject({ type: 'user', sender_user: { id: anna.id } });
    await api.pinChatMessage(forum.id, copy.message_id);
    await api.setMessageReaction(anna.id, said.message_id, [{ type: 'emoji', emoji: '👌' }]);
    await api.sendChatAction(forum.id, 'typing', { message_thread_id });
    const copied = forum.messages(message_thread_id).find((one) => one.message_id === copy.message_id);
    expect(copied).toMatchObject({ pinned: true, copiedFrom: { chat: anna.id, message: said.message_id } });
    expect(anna.messages().at(-1)?.reactions.get(tg.me.id)).toEqual(['👌']);
    expect(tg.chats.get(forum.id)?.actions).toMatchObject([{ action: 'typing', thread: message_thread_id }]);
    expect((await refusal(api.copyMessage(forum.id, anna.id, 4040))).text).toBe(
      'Bad Request: message to copy not found',
    );
  });
});
