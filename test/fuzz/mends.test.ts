// What hostile updates once brought down, each by itself and without chance: the network has its answer at once, what is
// no event is put aside, nobody's words are lost over a particular, and nothing of a person stands in the log.
import { describe, expect, test } from 'vitest';
import { createMaxClient } from '../../src/channels/max/client.ts';
import { createVkChannel } from '../../src/channels/vk/adapter.ts';
import { createVkClient } from '../../src/channels/vk/client.ts';
import type { InboundEvent } from '../../src/core/event.ts';
import { corpusOf, type Network } from './corpus.ts';
import { MARK } from './marks.ts';
import { createMaxRig } from './rigs/max.ts';
import { createEnds, type Ends, type Rig } from './rigs/rig.ts';
import { createTelegramRig } from './rigs/telegram.ts';
import { createVkRig } from './rigs/vk.ts';
import { createWhatsAppCloudRig } from './rigs/whatsapp-cloud.ts';
import { createWhatsAppWebRig } from './rigs/whatsapp-web.ts';

type Json = Record<string, unknown>;

const RIGS = {
  telegram: createTelegramRig,
  vk: createVkRig,
  max: createMaxRig,
  'whatsapp-cloud': createWhatsAppCloudRig,
  'whatsapp-web': createWhatsAppWebRig,
} satisfies Record<Network, (ends: Ends) => Promise<Rig>>;

/** A good update of the network, as changed; JSON where JavaScript's own writer would not do. */
const good = async (network: Network, change: (update: Json) => void, nth = 1): Promise<string> => {
  const rig = await RIGS[network](createEnds());
  const update = JSON.parse(rig.good(nth).toString('utf8')) as Json;
  await rig.end();
  change(update);
  return JSON.stringify(update);
};

const recorded = (network: Network, fits: (update: Json) => boolean): Json => {
  const all = corpusOf(network).map(({ update }) => JSON.parse(update) as Json);
  const found = all.find(fits);
  if (found === undefined) throw new Error(`no such update of ${network} is recorded`);
  return found;
};

async function posted(network: Network, ...bodies: readonly string[]) {
  const heard: InboundEvent[] = [];
  const told: string[] = [];
  const ends = createEnds(heard, told);
  const rig = await RIGS[network](ends);
  const statuses: number[] = [];
  for (const body of bodies) statuses.push(await rig.post(Buffer.from(body)));
  const after = await rig.post(rig.good(99));
  const isHeard = ends.has('good 99');
  await rig.end();
  const { aside } = ends.kept();
  expect({ after, isHeard, faults: ends.faults() }).toEqual({ after: 200, isHeard: true, faults: [] });
  return { statuses, aside, told, heard: heard.slice(0, -1) };
}

const at = (update: Json, ...path: readonly (string | number)[]): Json =>
  path.reduce<Json>((inner, part) => inner[part] as Json, update);

const DEEP = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
const HOSTILE = { toString: null, valueOf: null };

describe('Telegram', () => {
  const message = (change: (message: Json) => void) =>
    good('telegram', (update) => change(at(update, 'message')));

  test.each<[string, (message: Json) => void]>([
    ['an album that is no text', (one) => Object.assign(one, { media_group_id: HOSTILE })],
    ['a time that is none', (one) => Object.assign(one, { date: 'yesterday' })],
    ['a time beyond the calendar', (one) => Object.assign(one, { date: 1e15 })],
    ['no number', (one) => delete one.message_id],
    ['an answer to nothing', (one) => Object.assign(one, { reply_to_message: {} })],
    ['a place that is none', (one) => Object.assign(one, { location: { latitude: '1', longitude: 2 } })],
    [
      'a place beyond the Earth',
      (one) => Object.assign(one, { location: { latitude: 1e308, longitude: 2 } }),
    ],
  ])('a message with %s is put aside at once', async (_name, change) => {
    expect(await posted('telegram', await message(change))).toMatchObject({
      statuses: [200],
      aside: 1,
      heard: [],
    });
  });

  test('what is deeper than a stack is put aside at once', async () => {
    const body = (await message((one) => Object.assign(one, { text: 'DEEP' }))).replace('"DEEP"', DEEP);
    expect(await posted('telegram', body)).toMatchObject({ statuses: [200], aside: 1, heard: [] });
  });

  test('words are not lost over a name, a language or a size that is none', async () => {
    const body = await message((one) => {
      Object.assign(at(one, 'from'), { username: 7, language_code: { a: 1 } });
      Object.assign(one, { document: { file_id: 'f1', file_name: 5, mime_type: [], file_size: -1 } });
    });
    const { heard, aside } = await posted('telegram', body);
    expect(aside).toBe(0);
    expect(heard).toMatchObject([{ kind: 'message', text: 'good 1', person: { name: 'Г' } }]);
    expect(heard[0]).toHaveProperty('attachments', [
      { kind: 'document', ref: 'telegram:123456.document.f1' },
    ]);
  });

  test('a press of nothing, and one without its query, are answered', async () => {
    const { update_id, callback_query: press } = recorded('telegram', (one) => 'callback_query' in one);
    const odd = JSON.stringify({ update_id, callback_query: { ...(press as Json), data: null } });
    const none = JSON.stringify({ update_id, callback_query: null });
    expect(await posted('telegram', odd, none)).toMatchObject({ statuses: [200, 200], heard: [] });
  });

  test('a kind of update that is a sentence is no line of the log', async () => {
    const { told } = await posted('telegram', JSON.stringify({ update_id: 5, [`${MARK} said`]: {} }));
    expect(told.join('\n')).toContain('"kind":"unknown"');
  });

  test('the group of operators moves to numbers only', async () => {
    const move = recorded('telegram', (one) => 'migrate_to_chat_id' in ((one.message ?? {}) as Json));
    Object.assign(at(move, 'message'), { migrate_to_chat_id: 'elsewhere' });
    const left = recorded('telegram', (one) =>
      (at(one, 'message')?.text as string)?.includes('ответ клиенту'),
    );
    Object.assign(at(left, 'message'), { left_chat_member: null });
    const { statuses, aside } = await posted('telegram', JSON.stringify(move), JSON.stringify(left));
    expect({ statuses, aside }).toEqual({ statuses: [200, 200], aside: 1 });
  });
});

describe('VK', () => {
  const message = (change: (message: Json) => void, nth = 1) =>
    good('vk', (update) => change(at(update, 'object', 'message')), nth);

  test('messages without a number are not taken for one and the same', async () => {
    const one = await message((it) => delete it.conversation_message_id);
    const other = await message((it) => delete it.conversation_message_id, 2);
    expect(await posted('vk', one, other)).toMatchObject({ statuses: [200, 200], aside: 2, heard: [] });
  });

  test.each<[string, unknown]>([
    ['an object', HOSTILE],
    ['longer than any key', 'x'.repeat(5_000)],
  ])('an event whose id is %s is put aside under another', async (_name, id) => {
    const body = await good('vk', (update) => {
      Object.assign(update, { event_id: id });
      Object.assign(at(update, 'object', 'message'), { date: 'never' });
    });
    expect(await posted('vk', body)).toMatchObject({ statuses: [200], aside: 1, heard: [] });
  });

  test('what is deeper than a stack is put aside at once', async () => {
    const body = (await message((it) => Object.assign(it, { text: 'DEEP' }))).replace('"DEEP"', DEEP);
    expect(await posted('vk', body)).toMatchObject({ statuses: [200], aside: 1, heard: [] });
  });

  test('a press of nothing is answered', async () => {
    const press = recorded('vk', (one) => one.type === 'message_event');
    expect(await posted('vk', JSON.stringify({ ...press, object: null }))).toMatchObject({ statuses: [200] });
  });

  test('an app that tells nonsense of itself is taken for one that told nothing', async () => {
    const body = await good('vk', (update) => {
      Object.assign(at(update, 'object'), {
        client_info: { button_actions: 5, keyboard: [], lang_id: '__proto__' },
      });
    });
    const { heard, aside } = await posted('vk', body);
    expect(aside).toBe(0);
    expect(heard).toMatchObject([{ kind: 'message', text: 'good 1' }]);
    expect(heard[0]).not.toHaveProperty('person.locale');
  });

  test('an operator without a number is nobody', async () => {
    const reply = recorded('vk', (one) => one.type === 'message_reply');
    Object.assign(at(reply, 'object'), { admin_author_id: { _bsontype: 'ObjectId' } });
    expect(await posted('vk', JSON.stringify(reply))).toMatchObject({ statuses: [200], aside: 1, heard: [] });
  });
});

describe('MAX', () => {
  test.each<[string, (update: Json) => void]>([
    [
      'an id that cannot be written',
      (one) => Object.assign(at(one, 'message', 'sender'), { user_id: HOSTILE }),
    ],
    [
      'an id longer than any key',
      (one) => Object.assign(at(one, 'message', 'body'), { mid: 'm'.repeat(3_000) }),
    ],
    ['an id in a list', (one) => Object.assign(at(one, 'message', 'body'), { mid: ['mid.1'] })],
    ['a time before all time', (one) => Object.assign(one, { timestamp: -1 })],
    ['a time beyond the calendar', (one) => Object.assign(one, { timestamp: 1e308 })],
  ])('a message with %s is put aside at once', async (_name, change) => {
    expect(await posted('max', await good('max', change))).toMatchObject({
      statuses: [200],
      aside: 1,
      heard: [],
    });
  });

  test('what is deeper than a stack is answered at once', async () => {
    const body = (await good('max', (one) => Object.assign(one, { payload: 'DEEP' }))).replace(
      '"DEEP"',
      DEEP,
    );
    expect((await posted('max', body)).statuses).toEqual([400]);
  });

  test('a start with files that are no list is answered', async () => {
    const body = await good('max', (one) =>
      Object.assign(at(one, 'message', 'body'), { text: '/start promo', attachments: { a: 1 } }),
    );
    const { statuses, heard } = await posted('max', body);
    expect({ statuses, heard }).toMatchObject({
      statuses: [200],
      heard: [{ kind: 'start', payload: 'promo' }],
    });
  });

  test('a press at no moment is put aside: it would pass for every other', async () => {
    const press = recorded('max', (one) => one.update_type === 'message_callback');
    Object.assign(at(press, 'callback'), { timestamp: {} });
    expect(await posted('max', JSON.stringify(press))).toMatchObject({
      statuses: [200],
      aside: 1,
      heard: [],
    });
  });

  test('a kind of update that is a sentence is no line of the log', async () => {
    const { told } = await posted('max', JSON.stringify({ update_type: `${MARK} said`, timestamp: 1 }));
    expect(told.join('\n')).toContain('"kind":"unknown"');
  });

  test('a card of a hundred thousand beginnings is read in one go', async () => {
    const attachments = [{ type: 'contact', payload: { vcf_info: 'FN;\n'.repeat(100_000) } }];
    const body = await good('max', (one) => Object.assign(at(one, 'message', 'body'), { attachments }));
    const began = process.cpuUsage();
    const { heard } = await posted('max', body);
    const { user } = process.cpuUsage(began);
    expect(heard).toMatchObject([{ attachments: [{ kind: 'contact', contact: { name: '', phone: '' } }] }]);
    // Beginnings each read to the end of the card would take minutes.
    expect(user).toBeLessThan(5_000_000);
  });
});

describe('WhatsApp by the Business Cloud API', () => {
  const value = ['entry', 0, 'changes', 0, 'value'] as const;

  test.each<[string, (update: Json) => void]>([
    [
      'an id that cannot be written',
      (one) => Object.assign(at(one, ...value, 'messages', 0), { id: HOSTILE }),
    ],
    [
      'a time beyond the calendar',
      (one) => Object.assign(at(one, ...value, 'messages', 0), { timestamp: '8640000000001' }),
    ],
    [
      'a number longer than any key',
      (one) => Object.assign(at(one, ...value, 'messages', 0), { from: '7'.repeat(2_000) }),
    ],
  ])('a message with %s is put aside at once', async (_name, change) => {
    const body = await good('whatsapp-cloud', change);
    expect(await posted('whatsapp-cloud', body)).toMatchObject({ statuses: [200], aside: 1, heard: [] });
  });

  test('tidings of no message are put aside, and a trouble named in words is no line of the log', async () => {
    const isFailed = (one: Json) => JSON.stringify(one).includes('"failed"');
    const failed = recorded('whatsapp-cloud', isFailed);
    delete at(failed, ...value, 'statuses', 0).id;
    const trouble = recorded('whatsapp-cloud', (one) => JSON.stringify(one).includes('130429'));
    Object.assign(at(trouble, ...value, 'errors', 0), { code: `${MARK} said` });
    const { statuses, aside, told } = await posted(
      'whatsapp-cloud',
      JSON.stringify(failed),
      JSON.stringify(trouble),
    );
    expect({ statuses, aside }).toEqual({ statuses: [200, 200], aside: 1 });
    expect(told.join('\n')).toContain('"code":"unknown"');
  });

  test('a code that is a word of JavaScript is no ruling', async () => {
    const failed = recorded('whatsapp-cloud', (one) => JSON.stringify(one).includes('131026'));
    Object.assign(at(failed, ...value, 'statuses', 0, 'errors', 0), { code: 'constructor' });
    const { heard } = await posted('whatsapp-cloud', JSON.stringify(failed));
    expect(heard).toMatchObject([{ kind: 'receipt', state: 'failed', reason: 'refused' }]);
  });
});

describe('WhatsApp by a linked phone', () => {
  test.each<[string, unknown]>([
    ['without its message', { on: 'message' }],
    ['without its message, sealed', { on: 'sealed' }],
    [
      'of a message without an id',
      { on: 'message', message: { chat: '7@c.us', type: 'chat', text: 'a', at: 1 } },
    ],
    [
      'of a message at no time',
      { on: 'message', message: { id: 'A', chat: '7@c.us', type: 'chat', text: 'a', at: '' } },
    ],
    [
      'of a message with an id like a book',
      { on: 'message', message: { id: 'A'.repeat(3_000), chat: '7@c.us', type: 'chat', text: 'a', at: 1 } },
    ],
    ['of no vote', { on: 'vote', vote: null }],
  ])('what is said %s is put aside', async (_name, said) => {
    const { heard, aside } = await posted('whatsapp-web', JSON.stringify(said));
    expect({ heard, aside: aside > 0 }).toEqual({ heard: [], aside: true });
  });

  test('a message is not lost when the store is away while its sender is looked up', async () => {
    const heard: InboundEvent[] = [];
    const ends = createEnds(heard);
    let away = 2;
    const settings: Ends['settings'] = {
      ...ends.settings,
      async get(name) {
        if (away-- > 0) throw new Error('the store is away');
        return await ends.settings.get(name);
      },
    };
    const rig = await createWhatsAppWebRig({ ...ends, settings });
    await rig.post(rig.good(7));
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1);
    await rig.end();
    expect(heard).toMatchObject([{ kind: 'message', text: 'good 7' }]);
    expect(ends.kept().aside).toBe(0);
  });
});

describe('a file whose own host cannot be reached holds up itself, and nobody’s answers', () => {
  const away = 'http://127.0.0.1:1';
  const waits = { verdict: 'later', reason: 'network', wide: false };

  test('at MAX', async () => {
    const client = createMaxClient({ token: 'token-0001', apiRoot: away });
    await expect(client.download(`${away}/file`, 1_000)).rejects.toMatchObject(waits);
    client.close();
  });

  test('at VK', async () => {
    const apiBaseUrl = `${away}/method`;
    const api = await createVkClient({ token: 'vk1.a.token-0001', apiBaseUrl });
    const none = {} as never;
    const channel = createVkChannel({
      ...{ api, group: 1, apiBaseUrl, receive: none, clients: none, standing: none, own: none },
      ...{ media: none, clock: Date.now, log: createEnds().log },
    });
    const photo = { kind: 'photo', ref: `vk:${away}/photo.jpg` } as const;
    await expect(channel.fetch?.(photo)).rejects.toMatchObject(waits);
    await api.close();
  });
});
