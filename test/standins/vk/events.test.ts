// How events leave the stand-in: by long poll, whose keys and histories fail on demand, and by callback, which repeats.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PNG, startBoth } from './both.ts';
import type { VkStandIn } from './vk.ts';

const texts = (updates: readonly { readonly object: object }[]): unknown[] =>
  updates.map(({ object }) => (object as { message?: { text?: string } }).message?.text);

describe('long poll', () => {
  test('keeps events by their number, for whoever asks again', async () => {
    const { vk, poll } = await startBoth();
    const anna = vk.person();
    const poller = await poll();
    const before = poller.ts;
    anna.say('раз');
    anna.say('два');
    expect(vk.pending).toBe(2);
    expect(texts(await poller.all())).toEqual(['раз', 'два']);
    expect(vk.pending).toBe(0);
    poller.ts = before;
    const { updates = [], ts } = await poller.next();
    expect(texts(updates)).toEqual(['раз', 'два']);
    expect(ts).toBe('3');
    expect(new Set(updates.map((one) => one.event_id)).size).toBe(2);
    await poller.renew();
    poller.ts = before;
    expect(texts(await poller.all())).toEqual(['раз', 'два']);
  });

  test('waits for what is to come, and answers with nothing when nothing comes', async () => {
    const { vk, poll } = await startBoth();
    const anna = vk.person();
    const poller = await poll();
    expect(await poller.next(1)).toEqual({ ts: '1', updates: [] });
    const waiting = poller.next(90);
    anna.say('наконец');
    expect(texts((await waiting).updates ?? [])).toEqual(['наконец']);
    expect(vk.violations).toEqual([]);
    await poller.next(91);
    expect(vk.violations).toEqual(['long poll: wait=91']);
    expect(vk.longPoll.together).toBe(1);
  });

  test('failed 1: what was kept is lost, the new number is told, and what comes then is whole', async () => {
    const { vk, poll } = await startBoth();
    const anna = vk.person();
    const poller = await poll();
    anna.say('потеряно');
    vk.longPoll.fail(1);
    expect(await poller.next()).toEqual({ failed: 1, ts: 2 });
    anna.say('цело');
    expect(texts(await poller.all())).toEqual(['цело']);
    poller.ts = '1';
    expect(await poller.next()).toEqual({ failed: 1, ts: 3 });
    poller.ts = '99';
    expect(await poller.next()).toEqual({ failed: 1, ts: 3 });
  });

  test('failed 2: another key is needed, the number stays good, nothing is lost', async () => {
    const { vk, poll } = await startBoth();
    const anna = vk.person();
    const poller = await poll();
    const waiting = poller.next(90);
    await vk.until(() => vk.polls.at(-1), 1000, 'a poll');
    vk.longPoll.fail(2);
    expect(await waiting).toEqual({ failed: 2 });
    anna.say('между ключами');
    expect(await poller.next()).toEqual({ failed: 2 });
    await poller.renew();
    expect(texts(await poller.all())).toEqual(['между ключами']);
    vk.longPoll.expireKeys();
    expect(await poller.next()).toEqual({ failed: 2 });
  });

  test('failed 3: key and number are both gone, and with them what was kept', async () => {
    const { vk, poll } = await startBoth();
    const anna = vk.person();
    const poller = await poll();
    anna.say('потеряно');
    vk.longPoll.fail(3);
    expect(await poller.next()).toEqual({ failed: 3 });
    expect(await poller.next()).toEqual({ failed: 2 });
    const ts = await poller.renew();
    expect(Number(ts)).toBeGreaterThan(1000);
    expect(await poller.next()).toEqual({ failed: 1, ts: Number(ts) });
    anna.say('цело');
    expect(texts(await poller.all())).toEqual(['цело']);
  });

  test('by the plan of faults: each failure, a lost answer, a server that went deaf, a key that grew old', async () => {
    let shift = 0;
    const { vk, poll } = await startBoth({ keySeconds: 3600, now: () => Date.now() + shift });
    const anna = vk.person();
    const poller = await poll();
    for (const [index, kind] of (['failed1', 'failed2', 'failed3'] as const).entries()) {
      const rule = vk.faults.add({ when: { method: 'poll' }, do: kind, times: 1 });
      expect((await poller.next()).failed).toBe(index + 1);
      expect(rule.fired).toBe(1);
      poller.ts = await poller.renew();
    }
    anna.say('дойдёт со второго раза');
    vk.faults.add({ when: { method: 'poll' }, do: 'effect-then-drop', times: 1 });
    await expect(poller.next()).rejects.toThrow();
    expect(texts(await poller.all())).toEqual(['дойдёт со второго раза']);

    vk.longPoll.deafen();
    anna.say('не слышно');
    expect((await poller.next(1)).updates).toEqual([]);
    await poller.renew();
    expect(texts(await poller.all())).toEqual(['не слышно']);
    shift = 3601 * 20;
    expect(await poller.next()).toEqual({ failed: 2 });
  });

  test('off until it is turned on; kinds of event by themselves', async () => {
    const { vk, call, codeOf, poll } = await startBoth({ longPoll: false, events: ['message_new'] });
    const anna = vk.person();
    expect(await codeOf(poll())).toBe(100);
    expect(await call('groups.getLongPollSettings', { group_id: vk.groupId })).toMatchObject({
      is_enabled: false,
      events: { message_new: 1, message_deny: 0 },
    });
    await call('groups.setLongPollSettings', {
      group_id: vk.groupId,
      enabled: 1,
      message_deny: 1,
      message_new: 0,
    });
    const poller = await poll();
    anna.say('не включено');
    anna.block();
    vk.push('something_new', { at: 1 });
    expect((await poller.all()).map((one) => one.type)).toEqual(['message_deny', 'something_new']);
    expect(vk.violations).toEqual([]);
  });

  test('events come twice, in another order, or late', async () => {
    const { vk, poll } = await startBoth();
    const anna = vk.person();
    const poller = await poll();
    vk.faults.inbound({ duplicate: 1 });
    anna.say('дважды');
    const twice = await poller.all();
    expect(texts(twice)).toEqual(['дважды', 'дважды']);
    expect(new Set(twice.map((one) => one.event_id)).size).toBe(1);
    vk.faults.inbound({ reorder: 1 });
    anna.say('обогнали');
    vk.faults.inbound({});
    anna.say('обогнал');
    expect(texts(await poller.all())).toEqual(['обогнал', 'обогнали']);
    vk.faults.inbound({ delay: 1, delayMs: 30 });
    anna.say('поздно');
    vk.faults.inbound({});
    anna.say('вовремя');
    expect(texts(await poller.all())).toEqual(['вовремя']);
    expect(texts((await poller.next(90)).updates ?? [])).toEqual(['поздно']);
    expect(vk.faults.inboundFired).toEqual({ duplicated: 1, reordered: 1, delayed: 1 });
  });

  test('what else people do', async () => {
    const { vk, call, poll, send } = await startBoth();
    const anna = vk.person({ first_name: 'Анна' });
    const olga = vk.admin();
    const poller = await poll();
    const said = anna.say('Здравствуйте');
    anna.edit(said.id, 'Добрый день');
    anna.typing();
    await send(anna.id, 'ответ бота');
    const theirs = olga.reply(anna.id, 'Я посмотрю', [PNG]);
    anna.read();
    anna.sendSticker();
    anna.sendVideo();
    anna.sendLocation(55.75, 37.62);
    anna.sendVoice(Buffer.from('OggS'));
    anna.share({ type: 'wall', wall: { id: 5, from_id: 1, text: 'пост' } }, 'смотрите');
    anna.say('это я про то', { replyTo: theirs.id });
    const updates = await poller.all();
    expect(updates.map((one) => one.type)).toEqual([
      ...['message_new', 'message_edit', 'message_typing_state', 'message_reply', 'message_reply'],
      ...['message_read', ...Array(6).fill('message_new')],
    ]);
    expect(updates[1]?.object).toMatchObject({ id: said.id, text: 'Добрый день', out: 0 });
    expect(updates[3]?.object).toMatchObject({ text: 'ответ бота', random_id: 1 });
    expect(updates[4]?.object).toMatchObject({
      admin_author_id: olga.id,
      from_id: -vk.groupId,
      text: 'Я посмотрю',
    });
    expect(theirs).toMatchObject({ byBot: false, admin: olga.id });
    expect(updates.at(-1)?.object.message).toMatchObject({ reply_message: { text: 'Я посмотрю' } });
    const [person, admin] = await call<{ first_name: string }[]>('users.get', {
      user_ids: `${anna.id},${olga.id},5`,
    });
    expect([person?.first_name, admin?.first_name]).toEqual(['Анна', 'Ольга']);
    expect(anna.last()?.text).toBe('ответ бота');
  });
});

describe('what can be asked for later', () => {
  test('dialogues and their messages, newest first or in order', async () => {
    const { vk, call, send } = await startBoth();
    const [anna, boris, silent] = [vk.person(), vk.person(), vk.person()];
    anna.say('1');
    await send(anna.id, '2');
    boris.say('а');
    boris.say('б');
    type List = {
      count: number;
      items: { conversation: { peer: { id: number } }; last_message: { text: string }; text: string }[];
    };
    const dialogues = (more: object) => call<List>('messages.getConversations', more);
    const all = await dialogues({ count: 200 });
    expect(all.items.map((one) => [one.conversation.peer.id, one.last_message.text])).toEqual([
      [boris.id, 'б'],
      [anna.id, '2'],
    ]);
    expect(all.items[0]?.conversation).toMatchObject({ unread_count: 2, unanswered: true });
    expect(all.count).toBe(2);
    expect(silent.seen()).toEqual([]);
    expect((await dialogues({ filter: 'unread' })).count).toBe(1);
    expect((await dialogues({ offset: 1, count: 1 })).items[0]?.last_message.text).toBe('2');
    await call('messages.markAsRead', { peer_id: boris.id, mark_conversation_as_read: 1 });
    expect((await dialogues({ filter: 'unread' })).count).toBe(0);

    const history = async (more: object) =>
      (await call<List>('messages.getHistory', { peer_id: boris.id, ...more })).items.map((one) => one.text);
    boris.say('в');
    expect(await history({})).toEqual(['в', 'б', 'а']);
    expect(await history({ rev: 1, count: 2 })).toEqual(['а', 'б']);
    expect(await history({ offset: 1, count: 1 })).toEqual(['б']);
    const [, middle] = boris.seen();
    expect(await history({ start_message_id: middle?.id })).toEqual(['б', 'а']);
    expect(await history({ start_message_id: middle?.id, offset: -1, count: 1 })).toEqual(['в']);
    const found = await call<List>('messages.getByConversationMessageId', {
      peer_id: boris.id,
      conversation_message_ids: '1,3,9',
    });
    expect(found.items.map((one) => one.text)).toEqual(['а', 'в']);
    expect(await call('groups.getById')).toMatchObject({ groups: [{ id: vk.groupId }], profiles: [] });
    await call('messages.setActivity', { peer_id: anna.id, type: 'typing' });
    expect(vk.activities(anna).map((one) => one.type)).toEqual(['typing']);
  });
});

describe('callback', () => {
  /** Hears what VK posts; `answer` decides what is said back. */
  async function listener(answer: (body: Record<string, unknown>) => [status: number, body: string]) {
    const heard: { body: Record<string, unknown>; retry: string | undefined }[] = [];
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      heard.push({ body, retry: request.headers['x-retry-counter'] as string | undefined });
      const [status, text] = answer(body);
      response.writeHead(status, status === 503 ? { 'retry-after': '1' } : {}).end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  }

  const settled = (vk: VkStandIn) =>
    vk.until(() => (vk.callback.pending === 0 ? true : undefined), 5000, 'all to be delivered');

  test('an address is confirmed with the word VK gives, else nothing is sent to it', async () => {
    const { vk, call } = await startBoth({ confirmation: 'abc' });
    const { code } = await call<{ code: string }>('groups.getCallbackConfirmationCode', {
      group_id: vk.groupId,
    });
    expect(code).toBe('abc');
    const wrong = await listener(() => [200, 'ok']);
    expect(await vk.callback.set({ url: wrong.url, secret: 's' })).toBe(false);
    vk.person().say('1');
    expect(wrong.heard).toHaveLength(1);
    expect(wrong.heard[0]?.body).toMatchObject({ type: 'confirmation', group_id: vk.groupId });
    expect(wrong.heard[0]?.body.secret).toBeUndefined();
    const right = await listener((body) => [200, body.type === 'confirmation' ? code : 'ok']);
    expect(await vk.callback.set({ url: right.url, secret: 's' })).toBe(true);
    vk.person().say('2');
    await settled(vk);
    expect(right.heard[1]?.body).toMatchObject({
      type: 'message_new',
      secret: 's',
      v: '5.199',
      group_id: vk.groupId,
      object: { message: { text: '2' } },
    });
  });

  test('an event is posted again, with its id, until the answer is ok', async () => {
    const { vk } = await startBoth();
    const answers: [number, string][] = [
      [200, '"ok"'],
      [500, 'no'],
      [503, 'later'],
      [200, 'ok'],
    ];
    const { heard, url } = await listener((body) =>
      body.type === 'confirmation' ? [200, 'c0nf1rm'] : (answers.shift() ?? [200, 'ok']),
    );
    await vk.callback.set({ url });
    vk.person().say('1');
    await settled(vk);
    const posted = heard.slice(1);
    expect(posted.map((one) => one.retry)).toEqual([undefined, '1', '2', '3']);
    expect(new Set(posted.map((one) => one.body.event_id)).size).toBe(1);
    expect(vk.callback.deliveries.map((one) => one.status)).toEqual([200, 500, 503, 200]);
  });
});
