// The stand-in of VK, tried with a plain caller and with vk-io: what it accepts, delivers and remembers.
import { Agent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { describe, expect, test } from 'vitest';
import { VK } from 'vk-io';
import { createVkFace } from '../faults/face-vk.ts';
import { createWatch } from '../faults/watch.ts';
import { button, inline, PNG, startBoth } from './vk/both.ts';

describe('a talk', () => {
  test('write, answer with buttons, press, edit: each side sees what the other did', async () => {
    const { vk, call, poll, send } = await startBoth();
    const poller = await poll();
    const anna = vk.person({ first_name: 'Анна', locale: 'en' });
    anna.start('place-12', 'qr');
    const [first] = await poller.all();
    expect(first).toMatchObject({ type: 'message_new', group_id: vk.groupId, v: '5.199' });
    expect(first?.object.message).toMatchObject({
      from_id: anna.id,
      peer_id: anna.id,
      out: 0,
      text: 'Start',
      payload: '{"command":"start"}',
      ref: 'place-12',
      ref_source: 'qr',
      conversation_message_id: 1,
    });
    expect(first?.object.client_info).toMatchObject({ inline_keyboard: true, lang_id: 3 });

    const id = await send(anna.id, 'Как прошло?', { keyboard: inline('Хорошо', 'Плохо') });
    expect(anna.last()).toMatchObject({ id, cmid: 2, text: 'Как прошло?', byBot: true });
    expect(anna.last()?.buttons.map((one) => one.label)).toEqual(['Хорошо', 'Плохо']);

    const press = anna.press('Плохо');
    const [echo, pressed] = await poller.all();
    expect(echo).toMatchObject({ type: 'message_reply', object: { id, out: 1, random_id: 1 } });
    expect(echo?.object.admin_author_id).toBeUndefined();
    expect(pressed).toMatchObject({
      type: 'message_event',
      object: { user_id: anna.id, peer_id: anna.id, payload: { b: 'Плохо' }, conversation_message_id: 2 },
    });
    await call('messages.sendMessageEventAnswer', {
      event_id: pressed?.object.event_id,
      user_id: anna.id,
      peer_id: anna.id,
      event_data: { type: 'show_snackbar', text: 'Спасибо' },
    });
    expect(await press?.answered()).toEqual({ type: 'show_snackbar', text: 'Спасибо' });

    await call('messages.edit', { peer_id: anna.id, cmid: 2, message: 'Как прошло?\n✓ Плохо' });
    expect(anna.last()).toMatchObject({ text: 'Как прошло?\n✓ Плохо', buttons: [], edited: true });
    expect(vk.everything(anna).at(-1)).toMatchObject({ text: 'Как прошло?' });
    expect(vk.everything(anna).at(-1)?.buttons).toHaveLength(2);
    expect(vk.requests.map((one) => one.method)).toEqual([
      'groups.getLongPollServer',
      'messages.send',
      'messages.sendMessageEventAnswer',
      'messages.edit',
    ]);
    expect(JSON.stringify(vk.requests)).not.toContain(vk.token);
    expect(vk.violations).toEqual([]);
  });

  test('a keyboard under the field: one at a time, gone after one press, hidden by an empty one', async () => {
    const { vk, send, poll } = await startBoth();
    const anna = vk.person();
    anna.say('привет');
    const poller = await poll();
    const one = button('1', { b: 1 }, 'text');
    const two = button('2', { b: 2 }, 'text');
    const asked = Number(
      await send(anna.id, 'Оцените', { keyboard: { one_time: true, buttons: [[one, two]] } }),
    );
    expect(anna.keyboard()).toEqual(['1', '2']);
    expect(anna.press('2')).toBeUndefined();
    const [, pressed] = await poller.all();
    expect(pressed?.object.message).toMatchObject({ text: '2', payload: '{"b":2}' });
    expect(anna.keyboard()).toEqual([]);
    expect(() => anna.press('1')).toThrow(/no button "1"/);
    // Two quick taps: the second one was made before the client hid the keyboard.
    anna.press({ id: asked, label: '1' });
    expect(anna.seen().map((message) => message.text)).toEqual(['привет', 'Оцените', '2', '1']);

    await send(anna.id, 'Ещё раз', { keyboard: { one_time: false, buttons: [[one]] } });
    expect(anna.keyboard()).toEqual(['1']);
    await send(anna.id, 'Всё', { keyboard: { buttons: [] } });
    expect(anna.keyboard()).toEqual([]);
    expect(vk.violations).toEqual([]);
  });

  test('a random_id sends once to each person; zero never counts', async () => {
    const { vk, call } = await startBoth();
    const [anna, boris] = [vk.person(), vk.person()];
    anna.say('1');
    boris.say('1');
    const send = (params: object) => call('messages.send', { message: 'раз', ...params });
    const first = await send({ peer_id: anna.id, random_id: 77 });
    expect(await send({ peer_id: anna.id, random_id: 77, message: 'два' })).toBe(first);
    expect(await send({ peer_id: boris.id, random_id: 77 })).not.toBe(first);
    const items = await send({ peer_ids: `${anna.id},${boris.id},999`, random_id: 77 });
    expect(items).toMatchObject([
      { peer_id: anna.id, message_id: first, conversation_message_id: 2 },
      { peer_id: boris.id, conversation_message_id: 2 },
      { peer_id: 999, message_id: 0, error: { code: 901 } },
    ]);
    await send({ peer_id: anna.id, random_id: 0 });
    await send({ peer_id: anna.id, random_id: 0 });
    expect(anna.seen().map((one) => one.text)).toEqual(['1', 'раз', 'раз', 'раз']);
    expect(boris.seen()).toHaveLength(2);
  });

  test('where random ids are one run for all, another person is not written to', async () => {
    const { vk, call } = await startBoth({ randomIdScope: 'sender' });
    const [anna, boris] = [vk.person(), vk.person()];
    anna.say('1');
    boris.say('1');
    const first = await call('messages.send', { peer_id: anna.id, message: 'раз', random_id: 5 });
    expect(await call('messages.send', { peer_id: boris.id, message: 'два', random_id: 5 })).toBe(first);
    expect(boris.seen()).toHaveLength(1);
  });

  test('vk-io sends, uploads and polls', async () => {
    const { vk } = await startBoth();
    const anna = vk.person();
    anna.say('привет');
    const client = new VK({
      token: vk.token,
      apiBaseUrl: vk.url,
      // Its types ask for an agent of https; it takes any.
      agent: new Agent() as unknown as HttpsAgent,
      apiLimit: 20,
      apiRetryLimit: 0,
    });
    const photo = await client.upload.messagePhoto({ source: { value: PNG }, peer_id: anna.id });
    const bytes = Buffer.from('any bytes at all');
    const doc = await client.upload.messageDocument({
      source: { value: bytes, filename: 'a.txt' },
      peer_id: anna.id,
      title: 'a.txt',
    });
    const [sent] = await client.api.messages.send({
      peer_ids: [anna.id],
      random_id: 5,
      message: 'Вот',
      attachment: [String(photo), String(doc)].join(','),
    });
    expect(anna.last()).toMatchObject({ id: sent?.message_id, text: 'Вот' });
    expect(anna.last()?.files.map((file) => Buffer.from(file).toString('base64'))).toEqual([
      PNG.toString('base64'),
      bytes.toString('base64'),
    ]);
    await expect(
      client.api.messages.send({ peer_id: 999, random_id: 6, message: 'x' }),
    ).rejects.toMatchObject({ code: 901 });
    expect(vk.violations).toEqual([]);
  });
});

describe('a face over it', () => {
  test('begins by a link, presses what it was shown, and keeps every copy as it came', async () => {
    const { vk, call, poll, send } = await startBoth();
    const watch = createWatch();
    vk.listen(watch.look);
    const face = createVkFace(vk, watch, { name: 'Nomen', locale: 'en' });
    const poller = await poll();
    await face.begin('nps');
    const { id } = face.person;
    const waiting = face.until(() => face.shown().find((one) => one.text === 'Score?'), 'the question');
    await send(id, 'Score?', { keyboard: inline('9', '10') });
    const question = await waiting;
    expect(question).toMatchObject({ from: 'bot', choices: [{ label: '9' }, { label: '10' }] });
    await face.press('10', question);
    await call('messages.edit', { peer_id: id, cmid: 2, message: 'Score? 10' });
    await face.say('because');
    await face.send([PNG, PNG]);
    expect(face.shown()).toMatchObject([{ text: 'Score?', key: question.key, choices: [] }]);
    await send(id, 'Score?', { keyboard: inline('9', '10') });
    await send(id, 'DeskOlga:\nhello');
    const [, again, word] = face.shown();
    expect(again?.key).toBe(question.key);
    expect(word).toMatchObject({ from: 'operator', request: vk.requests.at(-1)?.id });
    expect(face.wrongs).toEqual([]);
    await send(id, 'look, @id5');
    expect(face.wrongs).toHaveLength(1);
    const updates = await poller.all();
    expect(updates[0]?.object.message).toMatchObject({ ref: 'nps' });
    expect(updates.find((one) => one.type === 'message_event')?.object.payload).toEqual({ b: '10' });
    expect(updates.filter((one) => one.type === 'message_new')).toHaveLength(3);
  });
});
