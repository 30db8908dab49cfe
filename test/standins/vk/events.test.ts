// How events leave VK's stand-in by long poll, whose keys and histories fail on demand.
import { describe, expect, test } from 'vitest';
import { PNG, startBoth } from './both.ts';

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
    await vk.until(() => vk.polls.at(-1), 5000, 'a poll');
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
    vk.longPoll.fail(3, 1);
    expect(await poller.next()).toEqual({ failed: 3 });
    expect(await poller.renew()).toBe('1');
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
    const late = [...(await poller.all())];
    while (late.length < 2) late.push(...((await poller.next(90)).updates ?? []));
    expect(texts(late)).toEqual(['вовремя', 'поздно']);
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
    await send(anna.id, 'ответ <бота>');
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
    expect(updates[3]?.object).toMatchObject({ text: 'ответ &lt;бота&gt;', random_id: 1 });
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
    expect(anna.last()?.text).toBe('ответ <бота>');
  });
});
