// What VK would refuse, the stand-in refuses with VK's number, and keeps a note of it where only a mistake leads there.
import { describe, expect, test } from 'vitest';
import { button, inline, startBoth } from './both.ts';

describe('the form of a call', () => {
  test('token, version, method and parameters', async () => {
    const { vk, call, codeOf } = await startBoth();
    expect(await codeOf(call('users.get', {}, 'another token'))).toBe(5);
    expect(vk.violations).toEqual([]);
    expect(await codeOf(call('groups.getEverything'))).toBe(3);
    expect(await codeOf(call('messages.getHistory', { peer_id: 1, limit: 5 }))).toBe(100);
    expect(await codeOf(call('messages.getHistory', { peer_id: 'x' }))).toBe(100);
    expect(await codeOf(call('messages.getHistory', { peer_id: 1, count: 201 }))).toBe(100);
    expect(await codeOf(call('messages.setActivity', { peer_id: 1, type: 'sleeping' }))).toBe(100);
    expect(await codeOf(call('messages.isMessagesFromGroupAllowed', { user_id: 1 }))).toBe(100);
    expect(await codeOf(call('groups.getLongPollServer', { group_id: 1 }))).toBe(15);
    expect(vk.violations).toHaveLength(7);
    expect(vk.violations[0]).toBe('groups.getEverything: Unknown method passed');
  });

  test('a refusal comes with HTTP 200 and the parameters, without the token', async () => {
    const { vk } = await startBoth();
    const response = await fetch(`${vk.url}/messages.send?peer_id=77&message=x&random_id=1&v=5.199`, {
      headers: { authorization: `Bearer ${vk.token}` },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      error: {
        error_code: 901,
        error_msg: "Can't send messages for users without permission",
        request_params: [
          { key: 'method', value: 'messages.send' },
          { key: 'oauth', value: '1' },
          { key: 'peer_id', value: '77' },
          { key: 'message', value: 'x' },
          { key: 'random_id', value: '1' },
          { key: 'v', value: '5.199' },
        ],
      },
    });
    const old = await fetch(`${vk.url}/users.get?access_token=${vk.token}`);
    expect(await old.json()).toMatchObject({ error: { error_code: 8 } });
    const json = await fetch(`${vk.url}/users.get`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ access_token: vk.token, v: '5.199' }),
    });
    expect(await json.json()).toMatchObject({ error: { error_code: 8 } });
  });

  test("a community's token may not read its wall; a service token may", async () => {
    const { vk, call, codeOf } = await startBoth({ serviceToken: 'service' });
    const post = vk.post('Новость');
    const params = { owner_id: -vk.groupId, post_id: post.id };
    expect(await codeOf(call('wall.getComments', params))).toBe(27);
    expect(await call('wall.getComments', params, 'service')).toMatchObject({ count: 0 });
    expect(await codeOf(call('messages.getConversations', {}, 'service'))).toBe(27);
  });

  test('more calls a second than there may be', async () => {
    const { vk, call, codeOf } = await startBoth({ limits: { perSecond: 3 } });
    const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(call('users.get'))));
    expect(codes.toSorted()).toEqual([0, 0, 0, 6, 6]);
    expect(vk.violations).toEqual([]);
  });
});

describe('a message', () => {
  test('needs a random_id, one receiver and something to say', async () => {
    const { vk, call, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    expect(await codeOf(call('messages.send', { peer_id: anna.id, message: 'x' }))).toBe(100);
    expect(await codeOf(call('messages.send', { message: 'x', random_id: 1 }))).toBe(100);
    const both = { peer_id: anna.id, peer_ids: anna.id, message: 'x', random_id: 1 };
    expect(await codeOf(call('messages.send', both))).toBe(100);
    expect(await codeOf(send(anna.id, ' \n'))).toBe(100);
    expect(await codeOf(send(anna.id, 'x'.repeat(4097)))).toBe(914);
    expect(await codeOf(send(anna.id, 'x', { attachment: 'photo-1_2' }))).toBe(100);
    expect(await codeOf(send(anna.id, 'x', { disable_mentions: 'true' }))).toBe(100);
    expect(await codeOf(send(2_000_000_001, 'x'))).toBe(917);
    await send(anna.id, 'x'.repeat(4096));
    expect(anna.seen()).toHaveLength(2);
    expect(vk.violations).toHaveLength(7);
  });

  test('reaches nobody who did not allow it', async () => {
    const { vk, call, codeOf, send } = await startBoth();
    const anna = vk.person();
    const allowed = () =>
      call('messages.isMessagesFromGroupAllowed', { group_id: vk.groupId, user_id: anna.id });
    expect(await codeOf(send(anna.id, 'x'))).toBe(901);
    expect(await codeOf(send(4040, 'x'))).toBe(901);
    expect(await allowed()).toEqual({ is_allowed: 0 });
    anna.unblock();
    expect(await codeOf(send(anna.id, 'x'))).toBe(0);
    expect(await allowed()).toEqual({ is_allowed: 1 });
    anna.block();
    expect(await codeOf(send(anna.id, 'x'))).toBe(901);
    anna.say('снова я');
    expect(await codeOf(send(anna.id, 'x'))).toBe(0);
    for (const [state, code] of [
      ['blacklisted', 900],
      ['private', 902],
      ['deleted', 18],
    ] as const) {
      anna.become(state);
      expect(await codeOf(send(anna.id, 'x'))).toBe(code);
    }
    expect(vk.events.map((event) => event.type)).toEqual([
      'message_allow',
      'message_reply',
      'message_deny',
      'message_new',
      'message_reply',
    ]);
    expect(vk.violations).toEqual([]);
  });

  test('answers a message of its own dialogue, by id or as a forward', async () => {
    const { vk, codeOf, send } = await startBoth();
    const [anna, boris] = [vk.person(), vk.person()];
    const asked = anna.say('вопрос');
    const other = boris.say('другой');
    await send(anna.id, 'ответ', { reply_to: asked.id });
    expect(anna.last()?.replyTo).toBe(asked.id);
    const forward = { peer_id: anna.id, conversation_message_ids: [asked.cmid], is_reply: true };
    await send(anna.id, 'ещё ответ', { forward });
    expect(anna.last()).toMatchObject({ replyTo: asked.id, wire: { reply_message: { text: 'вопрос' } } });
    expect(await codeOf(send(anna.id, 'x', { reply_to: other.id }))).toBe(100);
    expect(vk.violations).toEqual([]);
  });

  test('a mention is shown by its name, and told to whom it names unless forbidden', async () => {
    const { vk, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    await send(anna.id, 'Спросите [id1|Ивана] или @club2 (нас)');
    expect(anna.last()).toMatchObject({ text: 'Спросите Ивана или нас', mentions: [1, -2] });
    await send(anna.id, '[id1|Иван]', { disable_mentions: 1 });
    expect(anna.last()).toMatchObject({ text: 'Иван', mentions: [], raw: '[id1|Иван]' });
    await send(anna.id, 'почта a@b.c [x](y) <b>&amp;</b>');
    expect(anna.last()?.text).toBe('почта a@b.c [x](y) <b>&amp;</b>');
  });

  test('is edited by who wrote it, for a day, and loses what is not sent again', async () => {
    let shift = 0;
    const { vk, call, codeOf, send } = await startBoth({ now: () => Date.now() + shift });
    const anna = vk.person();
    const theirs = anna.say('моё');
    const id = await send(anna.id, 'было', { keyboard: inline('Да') });
    const edit = (params: object) => call('messages.edit', { peer_id: anna.id, message: 'стало', ...params });
    expect(await codeOf(edit({ message_id: theirs.id }))).toBe(920);
    expect(await codeOf(edit({ cmid: 40 }))).toBe(100);
    expect(vk.violations).toEqual([]);
    expect(await codeOf(edit({}))).toBe(100);
    expect(await codeOf(edit({ message_id: id, keyboard: { buttons: [[button('x')]] } }))).toBe(911);
    expect(vk.violations).toHaveLength(2);
    expect(await edit({ message_id: id, keyboard: inline('Нет') })).toBe(1);
    expect(anna.last()?.buttons.map((one) => one.label)).toEqual(['Нет']);
    await edit({ conversation_message_id: 2 });
    expect(anna.last()).toMatchObject({ text: 'стало', buttons: [] });
    expect(anna.last()?.history.map((one) => one.text)).toEqual(['было', 'стало']);
    expect(vk.events.at(-1)).toMatchObject({ type: 'message_edit', object: { id, out: 1 } });
    shift = 25 * 3600 * 1000;
    expect(await codeOf(edit({ message_id: id }))).toBe(909);
  });
});

describe('an answer to a press', () => {
  test('is taken once, from whom it was asked, within a minute', async () => {
    let shift = 0;
    const { vk, call, codeOf, send } = await startBoth({ secondMs: 1000, now: () => Date.now() + shift });
    const [anna, boris] = [vk.person(), vk.person()];
    anna.say('1');
    boris.say('1');
    await send(anna.id, 'x', { keyboard: inline('Да') });
    const answer = (params: object) =>
      codeOf(call('messages.sendMessageEventAnswer', { user_id: anna.id, peer_id: anna.id, ...params }));
    const first = anna.press('Да')?.eventId;
    expect(await answer({ event_id: 'no such' })).toBe(100);
    expect(await answer({ event_id: first })).toBe(0);
    expect(await answer({ event_id: first })).toBe(100);
    const late = anna.press('Да')?.eventId;
    shift = 61_000;
    expect(await answer({ event_id: late })).toBe(100);
    expect(vk.violations).toEqual([]);
    const event_id = anna.press('Да')?.eventId;
    const snackbar = (text: string) => ({ event_id, event_data: { type: 'show_snackbar', text } });
    expect(await answer(snackbar('x'.repeat(91)))).toBe(100);
    expect(await answer({ event_id, event_data: { type: 'wink' } })).toBe(100);
    expect(await answer({ event_id, user_id: boris.id, peer_id: boris.id })).toBe(100);
    expect(vk.violations).toHaveLength(3);
    expect(await answer(snackbar('x'.repeat(90)))).toBe(0);
  });
});
