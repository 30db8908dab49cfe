// What VK would refuse, the stand-in refuses with VK's number, and keeps a note of it where only a mistake leads there.
import { describe, expect, test } from 'vitest';
import { button, inline, PNG, startBoth } from './both.ts';

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
    const response = await fetch(`${vk.url}/messages.getHistory?peer_id=77&v=5.199`, {
      headers: { authorization: `Bearer ${vk.token}` },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      error: {
        error_code: 901,
        error_msg: "Can't send messages for users without permission",
        request_params: [
          { key: 'method', value: 'messages.getHistory' },
          { key: 'oauth', value: '1' },
          { key: 'peer_id', value: '77' },
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

describe('a keyboard', () => {
  const text = (label: string) => button(label, {}, 'text');
  const grid = (rows: number, perRow: number, kind: string) =>
    Array.from({ length: rows }, () => Array.from({ length: perRow }, () => button('x', {}, kind)));
  const GOOD = {
    'forty under the field': { buttons: grid(8, 5, 'text') },
    'ten inside the message': { inline: true, buttons: grid(5, 2, 'callback') },
    'six rows inside': { inline: true, buttons: grid(6, 1, 'callback') },
    'a link': {
      inline: true,
      buttons: [[{ action: { type: 'open_link', label: 'Сайт', link: 'https://example.org/' } }]],
    },
    'a color': { one_time: true, buttons: [[{ ...text('x'), color: 'positive' }]] },
    'a label of forty': { buttons: [[text('x'.repeat(40))]] },
    'a payload of 255': { buttons: [[button('x', 'p'.repeat(253), 'text')]] },
    'an empty one hides it': { buttons: [], one_time: true },
  };
  const BAD = {
    'no JSON': 'what',
    'forty-one': { buttons: [...grid(8, 5, 'text'), [text('x')]] },
    'eleven rows': { buttons: grid(11, 1, 'text') },
    'six in a row': { buttons: grid(1, 6, 'text') },
    'eleven inside': { inline: true, buttons: [...grid(5, 2, 'callback'), [button('x')]] },
    'seven rows inside': { inline: true, buttons: grid(7, 1, 'callback') },
    'once and inside': { inline: true, one_time: true, buttons: [[button('x')]] },
    'an empty one inside': { inline: true, buttons: [] },
    'an empty row': { buttons: [[]] },
    'a label of forty-one': { buttons: [[text('x'.repeat(41))]] },
    'no label': { buttons: [[text('')]] },
    'a payload of 256': { buttons: [[button('x', 'p'.repeat(254), 'text')]] },
    'a payload that is no JSON': { buttons: [[{ action: { type: 'text', label: 'x', payload: '{' } }]] },
    'a payload that is an object': { buttons: [[{ action: { type: 'text', label: 'x', payload: {} } }]] },
    'a link without a link': { buttons: [[{ action: { type: 'open_link', label: 'x' } }]] },
    'a color on a link': {
      buttons: [[{ color: 'primary', action: { type: 'open_link', label: 'x', link: 'https://a.b' } }]],
    },
    'an unknown color': { buttons: [[{ ...text('x'), color: 'red' }]] },
    'an unknown type': { buttons: [[button('x', {}, 'say')]] },
    'an unknown field': { buttons: [[text('x')]], resize: true },
  };

  test.each(Object.entries(GOOD))('taken: %s', async (_, keyboard) => {
    const { vk, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    expect(await codeOf(send(anna.id, 'x', { keyboard }))).toBe(0);
    expect(vk.violations).toEqual([]);
  });

  test.each(Object.entries(BAD))('refused: %s', async (_, keyboard) => {
    const { vk, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    expect(await codeOf(send(anna.id, 'x', { keyboard }))).toBe(911);
    expect(anna.seen()).toHaveLength(1);
    expect(vk.violations).toHaveLength(1);
  });

  test('what a client does not list is not shown, and noted', async () => {
    const { vk, send } = await startBoth();
    const anna = vk.person({ client: 'old' });
    anna.say('1');
    expect(vk.events[0]).toMatchObject({
      object: { client_info: { button_actions: ['text'], keyboard: true, inline_keyboard: false } },
    });
    await send(anna.id, 'x', { keyboard: { buttons: [[text('Да')]] } });
    expect(anna.keyboard()).toEqual(['Да']);
    expect(vk.violations).toEqual([]);
    await send(anna.id, 'x', { keyboard: { buttons: [[button('Да')]] } });
    await send(anna.id, 'x', { keyboard: inline('Да') });
    expect(anna.last()?.buttons).toEqual([]);
    anna.useClient('plain');
    await send(anna.id, 'x', { keyboard: { buttons: [[text('Да')]] } });
    expect(vk.violations).toEqual([
      `messages.send: the client of ${anna.id} cannot show a button of type "callback"`,
      `messages.send: the client of ${anna.id} cannot show an inline keyboard`,
      `messages.send: the client of ${anna.id} cannot show a keyboard`,
    ]);
  });
});

describe('an answer to a press', () => {
  test('is taken once, from whom it was asked, within a minute', async () => {
    let shift = 0;
    const { vk, call, codeOf, send } = await startBoth({ now: () => Date.now() + shift });
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
    shift = 61 * 20;
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

describe('files', () => {
  async function upload(url: string, field: string, bytes: Uint8Array, name: string): Promise<object> {
    const form = new FormData();
    form.set(field, new Blob([Buffer.from(bytes)]), name);
    return (await (await fetch(url, { method: 'POST', body: form })).json()) as object;
  }

  test('a picture must be one, and goes through three steps', async () => {
    const { vk, call, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    const server = () => call<{ upload_url: string }>('photos.getMessagesUploadServer', { peer_id: anna.id });
    const { upload_url } = await server();
    const bad = await upload(upload_url, 'photo', Buffer.from('no picture'), 'a.png');
    expect(bad).toMatchObject({ photo: '[]' });
    expect(await codeOf(call('photos.saveMessagesPhoto', bad))).toBe(100);
    expect(vk.violations).toEqual([]);
    await upload(upload_url, 'file', PNG, 'a.png');
    expect(vk.violations).toHaveLength(1);
    const good = await upload(upload_url, 'photo', PNG, 'a.png');
    expect(await codeOf(call('photos.saveMessagesPhoto', { ...good, hash: 'x' }))).toBe(100);
    const [photo] = await call<{ id: number; owner_id: number; access_key: string }[]>(
      'photos.saveMessagesPhoto',
      good,
    );
    expect(photo?.owner_id).toBe(-vk.groupId);
    const name = `photo${photo?.owner_id}_${photo?.id}`;
    expect(await codeOf(send(anna.id, '', { attachment: `${name}_wrong` }))).toBe(100);
    await send(anna.id, '', { attachment: `${name}_${photo?.access_key}` });
    await send(anna.id, '', { attachment: name });
    expect(anna.last()?.files.map((file) => Buffer.from(file).equals(PNG))).toEqual([true]);
  });

  test('a document keeps its title; a voice message must be Ogg; programs are not taken', async () => {
    const { vk, call, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    const server = async (type: string) =>
      (await call<{ upload_url: string }>('docs.getMessagesUploadServer', { peer_id: anna.id, type }))
        .upload_url;
    const bytes = Buffer.from('a letter');
    expect(await upload(await server('doc'), 'file', bytes, 'virus.exe')).toHaveProperty('error');
    expect(await upload(await server('audio_message'), 'file', bytes, 'a.ogg')).toHaveProperty('error');
    const { file } = (await upload(await server('doc'), 'file', bytes, 'a.txt')) as { file: string };
    const saved = await call<{ type: string; doc: { id: number; owner_id: number; title: string } }>(
      'docs.save',
      { file, title: 'Письмо.txt' },
    );
    expect(saved).toMatchObject({
      type: 'doc',
      doc: { title: 'Письмо.txt', size: bytes.length, ext: 'txt' },
    });
    await send(anna.id, '', { attachment: `doc${saved.doc.owner_id}_${saved.doc.id}` });
    expect(anna.last()?.attachments).toEqual([{ type: 'doc', name: 'Письмо.txt' }]);
    const voice = (await upload(await server('audio_message'), 'file', Buffer.from('OggS…'), 'a.ogg')) as {
      file: string;
    };
    expect(await call('docs.save', voice)).toMatchObject({ type: 'audio_message' });
    expect(await codeOf(call('docs.save', { file: 'up99' }))).toBe(105);
  });

  test('what people send is fetched by address; only the largest picture is theirs', async () => {
    const { vk } = await startBoth();
    const anna = vk.person();
    const fetched = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
    type Photo = { photo: { sizes: { type: string; width: number; url: string }[] } };
    const [shown] = (anna.sendPhoto(PNG, { caption: 'вот' }).wire.attachments ?? []) as Photo[];
    const sizes = shown?.photo.sizes.toSorted((a, b) => b.width - a.width) ?? [];
    expect(await fetched(sizes[0]?.url ?? '')).toEqual(PNG);
    expect(await fetched(sizes[1]?.url ?? '')).not.toEqual(PNG);
    expect(sizes.at(-1)?.type).not.toBe('w');
    const [doc] = (anna.sendDocument({ size: 300_000_000 }, { name: 'кино.mkv' }).wire.attachments ?? []) as {
      doc: object;
    }[];
    expect(doc?.doc).toMatchObject({ title: 'кино.mkv', size: 300_000_000, ext: 'mkv' });
    vk.faults.add({ when: { method: 'file' }, do: 'refuse', times: 1 });
    expect((await fetch(sizes[0]?.url ?? '')).status).toBe(404);
    expect(anna.sendPhotos([PNG, PNG]).files).toHaveLength(2);
  });

  test('a big message is told cut short, and had whole by its number', async () => {
    const { vk, call } = await startBoth({ cropAbove: 1 });
    const anna = vk.person();
    const sent = anna.sendPhotos([PNG, PNG, PNG]);
    expect(vk.events[0]).toMatchObject({ object: { message: { is_cropped: true } } });
    const whole = await call<{ items: { attachments: object[] }[] }>('messages.getById', {
      message_ids: sent.id,
    });
    expect(whole.items[0]?.attachments).toHaveLength(3);
  });
});
