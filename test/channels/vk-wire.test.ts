// The pure parts of VK: what each refusal means, ids of sends, settings, keyboards, words, and events in shapes the
// stand-in does not make.

import { describe, expect, test } from 'vitest';
import { APIError } from 'vk-io';
import type { Reading } from '../../src/channels/settings.ts';
import type { VkMessage, VkUpdate } from '../../src/channels/vk/api.ts';
import { contentOf } from '../../src/channels/vk/content.ts';
import { RULINGS, refusalOf, toDeliveryError } from '../../src/channels/vk/errors.ts';
import { isOwnHost } from '../../src/channels/vk/file-ref.ts';
import { inlineOf, toKeyboard } from '../../src/channels/vk/keyboard.ts';
import { createOwnMessages, OUR_MARK } from '../../src/channels/vk/own-messages.ts';
import { clientFrom, OLD_CLIENT, type PersonClient } from '../../src/channels/vk/person-client.ts';
import { guidOf, randomIdOf } from '../../src/channels/vk/random-id.ts';
import { readVk, VK_SETTINGS } from '../../src/channels/vk/settings.ts';
import { fromPeer, fromWall, toPeer } from '../../src/channels/vk/wall-wire.ts';
import { fromUpdate } from '../../src/channels/vk/wire.ts';
import { beginsWith, literal } from '../../src/channels/vk/words.ts';

describe('what a refusal means', () => {
  const apiError = (error_code: number) =>
    new APIError({
      error_code,
      error_msg: 'no',
      request_params: [
        { key: 'message', value: 'canary words' },
        { key: 'access_token', value: 'canary token' },
      ],
    });
  test.each([
    [1, 'later', 'server'],
    [5, 'later', 'auth'],
    [6, 'later', 'flood'],
    [7, 'never', 'no_rights'],
    [9, 'later', 'flood'],
    [10, 'later', 'server'],
    [14, 'later', 'captcha'],
    [15, 'never', 'no_rights'],
    [18, 'blocked', 'deactivated'],
    [27, 'later', 'auth'],
    [29, 'later', 'flood'],
    [100, 'never', 'refused'],
    [105, 'never', 'bad_file'],
    [213, 'never', 'no_rights'],
    [223, 'later', 'flood'],
    [900, 'blocked', 'blocked'],
    [901, 'blocked', 'not_started'],
    [902, 'blocked', 'forbidden'],
    [909, 'never', 'not_editable'],
    [910, 'never', 'too_long'],
    [911, 'never', 'bad_buttons'],
    [912, 'later', 'bot_features'],
    [913, 'never', 'refused'],
    [914, 'never', 'too_long'],
    [917, 'never', 'no_rights'],
    [921, 'never', 'gone'],
    [936, 'blocked', 'chat_not_found'],
    [940, 'never', 'refused'],
    [950, 'blocked', 'reply_timed_out'],
    [999_999, 'never', 'refused'],
  ])('error %i is %s: %s', (code, verdict, reason) => {
    const error = toDeliveryError('messages.send', apiError(code));
    expect(error).toMatchObject({ verdict, reason });
    expect(error.retryAfter === undefined).toBe(verdict !== 'later');
    expect(refusalOf(error)).toBe(code);
    expect(`${String(error.cause)} ${JSON.stringify(error.cause)}`).not.toContain('canary');
  });

  test('only what surely holds for everybody holds everybody up, and each says when to try again', () => {
    const wide = Object.entries(RULINGS).flatMap(([code, ruling]) => (ruling.wide ? [Number(code)] : []));
    expect(wide).toEqual([5, 6, 14, 17, 27, 28, 29, 42, 601, 1116, 1117]);
    const untimed = Object.entries(RULINGS).filter(
      ([, one]) => (one.verdict === 'later') !== Boolean(one.retryAfter),
    );
    expect(untimed).toEqual([]);
  });

  test('a network that was never reached is later; anything after that may have arrived', () => {
    const refused = Object.assign(new Error('http://host/?access_token=canary'), { code: 'ECONNREFUSED' });
    expect(toDeliveryError('m', refused)).toMatchObject({ verdict: 'later', reason: 'network', wide: true });
    const reset = toDeliveryError('m', Object.assign(new Error('canary'), { code: 'ECONNRESET' }));
    expect(reset).toMatchObject({ verdict: 'unknown', reason: 'network' });
    expect(String(reset.cause)).toBe('Error: m: ECONNRESET');
    expect(String(toDeliveryError('m', 'canary').cause)).not.toContain('canary');
  });
});

test('ids of sends are positive, below 2³¹, the same for a key and others for its salts', () => {
  const ids = Array.from({ length: 20_000 }, (_, count) => randomIdOf(`k${count}`));
  expect(ids.every((id) => Number.isInteger(id) && id > 0 && id < 2 ** 31)).toBe(true);
  expect(new Set(ids).size).toBeGreaterThan(19_990);
  expect(randomIdOf('k')).toBe(randomIdOf('k'));
  expect(new Set([0, 1, 2, 3].map((salt) => randomIdOf('k', salt))).size).toBe(4);
  expect(guidOf('k')).toMatch(/^[0-9a-f]{32}$/);
});

describe('settings', () => {
  const read = (values: Record<string, string>, publicUrl?: string) => {
    const faults: string[] = [];
    const value = (name: string) => values[name] ?? VK_SETTINGS[name as keyof typeof VK_SETTINGS].default;
    const reading: Reading = {
      value,
      url: (name) => value(name) || undefined,
      fault: (name) => void faults.push(name),
      publicUrl,
    };
    return { config: readVk(reading), faults };
  };
  const VK_TOKEN = 'vk1.a.some-token_of.a_community';

  test('without a token it is off; with one it needs the community', () => {
    expect(read({})).toEqual({ config: undefined, faults: [] });
    expect(read({ VK_TOKEN, VK_GROUP_ID: 'club42' })).toEqual({
      config: {
        token: VK_TOKEN,
        group: 42,
        apiBaseUrl: 'https://api.vk.ru/method',
        mode: 'poll',
        wall: false,
      },
      faults: [],
    });
    expect(read({ VK_TOKEN }).faults).toEqual(['VK_GROUP_ID']);
    expect(read({ VK_GROUP_ID: '42' }).faults).toEqual(['VK_GROUP_ID']);
    expect(read({ VK_TOKEN: 'two words here', VK_GROUP_ID: 'x' }).faults).toEqual([
      'VK_TOKEN',
      'VK_GROUP_ID',
    ]);
  });

  test('a callback needs its secret; modes are those there are', () => {
    const base = { VK_TOKEN, VK_GROUP_ID: '42' };
    expect(read({ ...base, VK_MODE: 'callback' }).faults).toEqual(['VK_SECRET']);
    const called = { ...base, VK_MODE: 'callback', VK_SECRET: 'long-enough' };
    expect(read(called, 'http://a.example').faults).toEqual(['PUBLIC_URL']);
    expect(read(called, 'https://a.example').faults).toEqual([]);
    expect(read({ ...base, VK_MODE: 'callback', VK_SECRET: 'long-enough' }).config).toMatchObject({
      mode: 'callback',
      secret: 'long-enough',
    });
    expect(read({ ...base, VK_MODE: 'push', VK_WALL: 'some' }).faults).toEqual(['VK_MODE', 'VK_WALL']);
    expect(read({ ...base, VK_WALL: 'all' }).config?.wall).toBe(true);
  });
});

describe('keyboards', () => {
  const modern: PersonClient = { keyboard: true, inline: true, actions: ['text', 'callback', 'open_link'] };
  const choices = (count: number, label = (at: number) => `Choice number ${at}`) =>
    Array.from({ length: count }, (_, at) => ({ id: `b${at}`, label: label(at) }));
  type Wire = { inline?: boolean; one_time?: boolean; buttons: { action: Record<string, string> }[][] };
  const wire = (keyboard: string | undefined) => JSON.parse(keyboard ?? 'null') as Wire;

  test('ten fit under a message, eleven under the field; every row and number is within what VK takes', () => {
    for (const layout of ['list', 'scale'] as const) {
      for (let count = 1; count <= 40; count += 1) {
        for (const label of [(at: number) => String(at), (at: number) => `A somewhat long choice ${at}`]) {
          const shown = toKeyboard({ choices: choices(count, label), layout }, modern, false);
          const { inline = false, one_time, buttons } = wire(shown.keyboard);
          expect(inline).toBe(count <= 10 && buttons.length <= 6);
          expect(one_time).toBe(inline ? undefined : true);
          expect(buttons.flat()).toHaveLength(count);
          expect(buttons.every((row) => row.length >= 1 && row.length <= 5)).toBe(true);
          expect(buttons.length).toBeLessThanOrEqual(inline ? 6 : 10);
          expect(buttons.flat().every(({ action }) => action.type === (inline ? 'callback' : 'text'))).toBe(
            true,
          );
          expect(shown.regular).toBe(!inline);
        }
      }
    }
  });

  test('links stand in lines of their own, and take their part of the lines', () => {
    const link = { id: '', label: 'Site', url: 'https://example.com' };
    const six = Array.from({ length: 6 }, () => link);
    expect(wire(inlineOf(six, 'list', modern)).buttons).toHaveLength(6);
    expect(inlineOf([...six, link], 'list', modern)).toBeUndefined();
    const shown = toKeyboard({ choices: [{ id: 'a', label: 'Yes' }, link] }, modern, undefined);
    expect(wire(shown.keyboard).buttons.map((row) => row.map(({ action }) => action.type))).toEqual([
      ['callback'],
      ['open_link'],
    ]);
  });

  test('words without choices take a keyboard away unless none stands', () => {
    expect(wire(toKeyboard({}, modern, undefined).keyboard)).toEqual({ buttons: [], one_time: true });
    expect(wire(toKeyboard({}, modern, true).keyboard)).toEqual({ buttons: [], one_time: true });
    expect(toKeyboard({}, modern, false)).toEqual({ regular: false, written: [] });
  });

  test('of an app that told nothing the least is assumed', () => {
    expect(clientFrom({})).toEqual(OLD_CLIENT);
    expect(clientFrom({ lang_id: 3, inline_keyboard: true, button_actions: ['text', 'callback'] })).toEqual({
      keyboard: true,
      inline: true,
      actions: ['text', 'callback'],
      locale: 'en',
    });
    expect(toKeyboard({ choices: choices(2) }, undefined, false).regular).toBe(true);
  });
});

test('words are changed nowhere but where VK would read a mention, and are the same to whoever compares', () => {
  for (const same of [
    'a@b.ru',
    '2 * 2',
    '[x](y)',
    '[1] note',
    'id1 (Name)',
    'a | b',
    '*bold*',
    'https://example.com/@name?to=@x',
  ]) {
    expect(literal(same)).toBe(same);
  }
  for (const changed of [
    '[id1|Name]',
    '[club1|x]',
    '@id1 (Name)',
    '@durov',
    '*id1 (Name)',
    '[https://vk.com/x|y]',
  ]) {
    expect(literal(changed)).not.toBe(changed);
    expect(beginsWith(literal(changed), changed)).toBe(true);
  }
  expect(beginsWith('one two\n\nA: b', 'one\n two ')).toBe(true);
  expect(beginsWith('one', 'two')).toBe(false);
});

describe('events in other shapes', () => {
  const own = createOwnMessages();
  const reader = { group: 42, now: 7_000, isOurs: own.isOurs };
  const base: VkMessage = { id: 9, date: 3, peer_id: 5, from_id: 5, text: 'x', conversation_message_id: 2 };
  const read = (type: string, object: unknown, more: Partial<VkUpdate> = {}) =>
    fromUpdate({ type, object, group_id: 42, event_id: 'E', ...more }, reader).map((one) => one.event);

  test('a message has one id however it comes, in older shapes too', () => {
    const [wrapped] = read('message_new', { message: base, client_info: {} });
    const [bare] = read('message_new', base, { event_id: 'F' });
    expect(wrapped).toEqual(bare);
    expect(wrapped).toMatchObject({ id: 'm:5.2', at: 3_000, peer: '5', account: '42' });
  });

  test('who is no person in their own dialogue is not heard', () => {
    for (const wrong of [
      { ...base, from_id: 6 },
      { ...base, from_id: -3 },
      { ...base, peer_id: -3, from_id: -3 },
      { ...base, peer_id: 2_000_000_001 },
    ]) {
      expect(read('message_new', { message: wrong })).toEqual([]);
    }
    const press = { user_id: 5, peer_id: 2_000_000_001, event_id: 'p', payload: { b: 'x' } };
    expect(read('message_event', press)).toEqual([]);
    expect(read('message_event', { ...press, peer_id: 6 })).toEqual([]);
    expect(read('message_event', { ...press, peer_id: 5 })).toMatchObject([
      { id: 'E', kind: 'press', button: 'x' },
    ]);
  });

  test("a payload that is not ours is no press: the words are the person's", () => {
    for (const payload of [
      '{"b":7}',
      '{"x":"y"}',
      'no json',
      '"text"',
      'null',
      `{"b":"${'x'.repeat(65)}"}`,
    ]) {
      expect(read('message_new', { message: { ...base, payload } })).toMatchObject([
        { kind: 'message', text: 'x' },
      ]);
    }
    const escaped = { ...base, payload: '{&quot;b&quot;:&quot;r1.1.0&quot;}' };
    expect(read('message_new', { message: escaped })).toMatchObject([{ kind: 'press', button: 'r1.1.0' }]);
  });

  test('an answer from the inbox is told apart from ours by the mark, by the id, and by who wrote it', () => {
    const reply = { ...base, from_id: -42, admin_author_id: 77, random_id: 123 };
    expect(read('message_reply', reply)).toMatchObject([
      { kind: 'outside', by: { id: 'vk:77' }, message: '2' },
    ]);
    expect(read('message_reply', { ...reply, admin_author_id: undefined })).toEqual([]);
    expect(read('message_reply', { ...reply, payload: OUR_MARK })).toEqual([]);
    own.sending(123);
    expect(read('message_reply', reply)).toEqual([]);
    expect(read('message_edit', { ...reply, update_time: 4 })).toEqual([]);
  });

  test('two changes of one message have two ids, the same change always one', () => {
    const edit = (text: string) => read('message_edit', { ...base, text, update_time: 4 })[0]?.id;
    expect(edit('one')).not.toBe(edit('two'));
    expect(edit('one')).toBe(edit('one'));
    expect(read('message_edit', { ...base, update_time: 4 })[0]).toMatchObject({
      kind: 'edit',
      message: '2',
      at: 4_000,
    });
  });

  test('an event without an id has one made of the whole of it', () => {
    const allow = (user_id: number) => read('message_allow', { user_id }, { event_id: '' })[0]?.id;
    expect(allow(5)).toBe(allow(5));
    expect(allow(5)).not.toBe(allow(6));
  });

  test('quoted messages, and everything VK can attach, leave nothing out', () => {
    const fwd = {
      text: 'inner\nlines',
      attachments: [
        { type: 'photo', photo: { sizes: [{ url: 'https://a.userapi.com/1', width: 1, height: 1 }] } },
      ],
    };
    const { text, attachments } = contentOf({
      text: 'a &lt;b&gt; &amp;amp; &quot;c&quot;',
      fwd_messages: [{ text: 'outer', fwd_messages: [fwd] }],
      attachments: [
        { type: 'link', link: { url: 'https://example.com', title: 'A page' } },
        { type: 'audio', audio: { artist: 'A', title: 'B' } },
        { type: 'poll', poll: { question: 'Q?' } },
        { type: 'market', market: { owner_id: -1, id: 2, title: 'Kettle' } },
        { type: 'wall_reply', wall_reply: { owner_id: -1, post_id: 2, id: 3, text: 'reply' } },
        { type: 'story', story: { owner_id: 1, id: 2 } },
        { type: 'graffiti', graffiti: { url: 'https://a.userapi.com/g' } },
        { type: 'gift', gift: { id: 1 } },
        { type: 'photo' },
      ],
    });
    expect(text.split('\n')).toEqual([
      'a <b> &amp; "c"',
      'A page',
      'https://example.com',
      'A – B',
      'Q?',
      'Kettle',
      'https://vk.com/market-1_2',
      'reply',
      'https://vk.com/wall-1_2?reply=3',
      'https://vk.com/story1_2',
      '[gift]',
      '[photo]',
      '> outer',
      '> > inner',
      '> > lines',
    ]);
    expect(attachments.map((file) => file.ref)).toEqual([
      'vk:https://a.userapi.com/g',
      'vk:https://a.userapi.com/1',
    ]);
  });

  test('a place on the wall goes into the peer and comes out of it', () => {
    const place = { owner: -42, post: 1, thread: 2, person: 5 };
    expect(fromPeer(toPeer(place))).toEqual(place);
    expect(fromPeer('5')).toBeUndefined();
    const comment = { id: 3, from_id: 5, date: 3, text: 'x', post_id: 1, owner_id: -42, parents_stack: [2] };
    const wall = (object: unknown, type = 'wall_reply_new') =>
      fromWall({ type, object }, 42).map((one) => one.event);
    expect(wall(comment)).toMatchObject([{ id: 'w:-42.3', peer: '-42_1_2_5', channel: 'vk-wall' }]);
    expect(wall({ ...comment, from_id: -42 })).toEqual([]);
    expect(wall(comment, 'wall_reply_delete')).toEqual([]);
  });
});

test("files are asked only of VK's own hosts and the API server's", () => {
  const root = 'http://127.0.0.1:8080/method';
  const own = (url: string) => isOwnHost(new URL(url), root);
  expect(own('http://127.0.0.1:8080/file')).toBe(true);
  expect(own('https://sun9-1.userapi.com/x.jpg')).toBe(true);
  expect(own('https://vk.com/doc1_2')).toBe(true);
  for (const wrong of [
    'http://127.0.0.1:8081/file',
    'http://sun9-1.userapi.com/x.jpg',
    'https://userapi.com.example.org/x',
    'https://notvk.com/x',
    'https://[::ffff:127.0.0.1]/x',
    'file:///etc/passwd',
  ]) {
    expect(own(wrong), wrong).toBe(false);
  }
});
