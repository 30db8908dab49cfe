// MAX as a channel over the stand-in, polled and posted to: the channels' contract, what people send as events, what they
// see, and what becomes of the stream when things break.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MAX } from '../../src/channels/max/wire.ts';
import { type CustomerEvent, type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import type { FaultKind } from '../standins/telegram/faults.ts';
import { conformance, type Harness, type SeenMessage } from './conformance.ts';
import { type MaxSet, SECRET, setUp } from './max-set.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-max-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const soon = { timeout: 10_000, interval: 10 };
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const REFUSALS = {
  later: { do: 'refuse429', retryAfter: 2 },
  blocked: { do: '403' },
  never: { do: '403', text: '400 proto.payload Text is too long' },
  unknown: { do: 'effect-then-drop' },
} as const satisfies Record<string, { do: FaultKind; retryAfter?: number; text?: string }>;

async function makeHarness(mode: 'poll' | 'webhook'): Promise<Harness> {
  const set = await setUp({ mode, dir });
  const { channel, world, media } = set;
  const person = world.person({ first_name: 'Анна', started: true });
  return {
    channel,
    address: { channel: 'max', account: String(world.bot), peer: String(person.id) },
    inject: {
      say: async (text) => void person.say(text),
      press: async (label) => void person.press(label),
      file: async (bytes, kind) =>
        void (kind === 'photo' ? person.sendPhoto(bytes) : person.sendDocument(bytes)),
      unknown: async () => world.push({ update_type: 'something_new', chat_id: person.chat }),
      echo: async (text) =>
        world.push({
          update_type: 'message_created',
          message: {
            sender: world.world.bot,
            recipient: { chat_id: person.chat, chat_type: 'dialog', user_id: person.id },
            timestamp: 1,
            body: { mid: 'mid.echo', seq: 1, text, attachments: [] },
          },
        }),
      twice: async (text) => {
        world.faults.inbound({ duplicate: 1 });
        person.say(text);
        world.faults.inbound({});
      },
    },
    seen: () =>
      person
        .seen()
        .filter((one) => one.byBot)
        .map(
          (one): SeenMessage => ({
            text: one.text,
            buttons: one.buttons.map(({ label }) => label),
            files: one.files,
          }),
        ),
    keep: (bytes, kind) => media.keep({ bytes, name: `file.${kind === 'photo' ? 'png' : 'bin'}` }, kind),
    open: async (attachment) => (await media.open(attachment)).bytes,
    faults: {
      refusals: ['later', 'blocked', 'never', 'unknown'],
      refuse: (verdict) =>
        void world.faults.add({ when: { method: 'sendMessage' }, times: 1, ...REFUSALS[verdict] }),
      down: () => world.down(),
      up: () => world.up(),
      slow: (ms) => void world.faults.add({ when: { method: 'sendMessage' }, do: 'hang', ms, times: 1 }),
    },
    stop: async () => {
      expect(world.violations).toEqual([]);
      expect(JSON.stringify(set.told)).not.toContain(world.token);
      await set.stop();
    },
  };
}

conformance('max, polled', () => makeHarness('poll'));
conformance('max, posted to', () => makeHarness('webhook'));

type Person = ReturnType<MaxSet['world']['person']>;

/** One channel that is started, with what came in. */
async function begin(options: Partial<Parameters<typeof setUp>[0]> = {}) {
  const set = await setUp({ mode: 'poll', dir, ...options });
  const events: InboundEvent[] = [];
  await set.channel.start(async (batch) => void events.push(...batch));
  const ofKind = <K extends CustomerEvent['kind']>(kind: K) =>
    events
      .filter(isCustomerEvent)
      .filter((event): event is Extract<CustomerEvent, { kind: K }> => event.kind === kind);
  const to = (person: Person) => ({
    channel: 'max',
    account: String(set.world.bot),
    peer: String(person.id),
  });
  return { ...set, events, ofKind, to };
}

describe('what people do', () => {
  let max: Awaited<ReturnType<typeof begin>>;
  let person: Person;
  const messages = () => max.ofKind('message');

  beforeEach(async () => {
    max = await begin();
    person = max.world.person({ first_name: 'Anna', last_name: 'B', username: 'anna', locale: 'en' });
  });
  afterEach(async () => {
    expect(max.world.violations).toEqual([]);
    await max.stop();
  });

  test('a deep link begins with its payload', async () => {
    person.start('place-12');
    await vi.waitFor(() => expect(max.events).toHaveLength(1), soon);
    expect(max.events[0]).toMatchObject({
      kind: 'start',
      payload: 'place-12',
      channel: 'max',
      account: String(max.world.bot),
      peer: String(person.id),
      person: { name: 'Anna B', username: 'anna', locale: 'en' },
    });
    expect(Math.abs((max.events[0]?.at ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  test('every kind of file has its own, and comes in with the same bytes', async () => {
    const bytes = Buffer.from('bytes');
    person.sendPhoto(png, { caption: 'see' });
    person.sendVoice(bytes);
    person.sendVideo(bytes);
    person.sendDocument(bytes, { name: 'счёт.pdf' });
    person.sendSticker();
    person.sendLocation(55.75, 37.62);
    person.sendContact('Пётр', '+79000000000');
    await vi.waitFor(() => expect(messages()).toHaveLength(7), soon);
    const got = messages().map((event) => event.attachments?.[0]);
    expect(got.map((file) => file?.kind)).toEqual([
      'photo',
      'voice',
      'video',
      'document',
      'sticker',
      'location',
      'contact',
    ]);
    expect(messages()[0]?.text).toBe('see');
    expect(got[3]).toMatchObject({ name: 'счёт.pdf', size: 5 });
    expect(got[5]?.location).toEqual({ latitude: 55.75, longitude: 37.62 });
    expect(got[6]?.contact).toEqual({ name: 'Пётр', phone: '+79000000000' });
    for (const [index, wanted] of [png, bytes, bytes, bytes].entries()) {
      expect(Buffer.from((await max.channel.fetch?.(got[index]!))?.bytes ?? []).equals(wanted)).toBe(true);
    }
    await expect(max.channel.fetch?.(got[4]!)).rejects.toMatchObject({ verdict: 'never', reason: 'gone' });
  });

  test('an album is one message, an edit names its message, a reply what it answers, a passed-on message its files', async () => {
    person.sendAlbum([png, png], { caption: 'both' });
    const said = person.say('one');
    person.edit(said.id, 'two');
    person.say('about one', { replyTo: said.id });
    person.forward('of somebody else', png);
    person.share('https://example.org/a', 'A page');
    await vi.waitFor(() => expect(max.events).toHaveLength(7), soon);
    const [album, , reply, forwarded, shared] = messages();
    expect(album).toMatchObject({ text: 'both' });
    expect(album?.attachments).toHaveLength(2);
    expect(max.ofKind('edit')[0]).toMatchObject({ message: said.id, text: 'two' });
    expect(reply?.replyTo).toBe(said.id);
    expect(forwarded).toMatchObject({ text: 'of somebody else', attachments: [{ kind: 'photo' }] });
    expect(Buffer.from((await max.channel.fetch?.(forwarded!.attachments![0]!))!.bytes).equals(png)).toBe(
      true,
    );
    expect(shared?.text).toBe('A page\nhttps://example.org/a');
    expect(new Set(max.events.map((event) => event.id)).size).toBe(7);
  });

  test('stopping the bot, coming back, and deleting the dialogue', async () => {
    person.start();
    person.block();
    await vi.waitFor(
      () => expect(max.events.at(-1)).toMatchObject({ kind: 'reach', reachable: false }),
      soon,
    );
    const refused = await max.channel
      .send(max.to(person), { key: 'k', message: { text: 'hi' } })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ verdict: 'blocked', reason: 'blocked' });
    person.unblock();
    await vi.waitFor(() => expect(max.events.at(-1)).toMatchObject({ kind: 'start' }), soon);
    expect(await max.channel.send(max.to(person), { key: 'k', message: { text: 'hi' } })).toHaveProperty(
      'message',
    );
    person.remove();
    await vi.waitFor(() => expect(max.ofKind('reach')).toHaveLength(3), soon);
    const stranger = max.world.person();
    await expect(
      max.channel.send(max.to(stranger), { key: 's', message: { text: 'hi' } }),
    ).rejects.toMatchObject({ verdict: 'blocked', reason: 'chat_not_found' });
  });

  test('a group, a channel, a bot and a press in a group are no events', async () => {
    person.start();
    const sender = { user_id: person.id, first_name: 'Anna', is_bot: false };
    const in_ = (chat_type: string) => ({
      sender,
      recipient: { chat_id: -5, chat_type },
      timestamp: 1,
      body: { mid: 'mid.g', text: 'in a group', attachments: [] },
    });
    max.world.push({ update_type: 'message_created', message: in_('chat') });
    max.world.push({ update_type: 'message_created', message: in_('channel') });
    max.world.push({ update_type: 'message_edited', message: in_('chat') });
    max.world.push({
      update_type: 'message_created',
      message: { ...in_('dialog'), sender: { ...sender, user_id: 9, is_bot: true } },
    });
    const callback = { timestamp: 1, callback_id: 'c', payload: 'r1.1.1', user: sender };
    max.world.push({ update_type: 'message_callback', callback, message: in_('chat') });
    person.say('end');
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    expect(max.events.map((event) => event.kind)).toEqual(['start', 'message']);
  });

  test('a press is answered, told by its button, and the same button pressed again is another press', async () => {
    person.start();
    const choices = Array.from({ length: 11 }, (_, score) => ({ id: `r1.1.${score}`, label: String(score) }));
    const { message } = await max.channel.send(max.to(person), {
      key: 'k',
      message: { text: 'NPS?', choices, layout: 'scale' },
    });
    expect(person.last()?.rows.map((row) => row.length)).toEqual([6, 5]);
    const press = person.press('9');
    await vi.waitFor(
      () => expect(max.events.at(-1)).toMatchObject({ kind: 'press', button: 'r1.1.9', message }),
      soon,
    );
    await vi.waitFor(() => expect(press.answers).toHaveLength(1), soon);
    person.press('9');
    await vi.waitFor(() => expect(max.ofKind('press')).toHaveLength(2), soon);
    const [first, second] = max.ofKind('press');
    expect(first?.id).not.toBe(second?.id);
    await max.channel.redraw?.(max.to(person), message, { text: 'NPS?\n\n✓ 9' });
    expect(person.last()).toMatchObject({ text: 'NPS?\n\n✓ 9', buttons: [] });
    await max.channel.revise?.(max.to(person), message, 'reworded <b>');
    expect(person.last()?.text).toBe('reworded <b>');
  });

  test('an edit leaves the files where they are, with other buttons or none', async () => {
    person.start();
    const photo = await max.media.keep({ bytes: png }, 'photo');
    const choices = [{ id: 'a', label: 'Yes' }];
    const out = { key: 'k', message: { text: 'this one?', attachments: [photo], choices } };
    const { message } = await max.channel.send(max.to(person), out);
    await max.channel.redraw?.(max.to(person), message, {
      text: 'that one?',
      choices: [{ id: 'b', label: 'No' }],
    });
    expect(person.last()).toMatchObject({ text: 'that one?', kinds: ['image'], buttons: [{ label: 'No' }] });
    await max.channel.redraw?.(max.to(person), message, { text: 'done' });
    expect(person.last()).toMatchObject({ text: 'done', kinds: ['image'], buttons: [] });
    await max.channel.revise?.(max.to(person), message, 'words');
    expect(person.last()).toMatchObject({ text: 'words', kinds: ['image'] });
    expect(Buffer.from(person.last()?.files[0] ?? []).equals(png)).toBe(true);
  });

  test('an update that cannot be understood is put aside, and what follows comes in', async () => {
    person.start();
    max.world.push({
      update_type: 'message_created',
      message: {
        sender: { user_id: person.id, first_name: 'A' },
        recipient: { chat_type: 'dialog', chat_id: 1 },
        body: { mid: 'mid.bad', text: { not: 'text' }, attachments: [] },
      },
    });
    person.say('after');
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    const bad = [...max.memory].filter(([name]) => name.startsWith('bad.'));
    expect(bad).toHaveLength(1);
    expect(JSON.parse(bad[0]?.[1] ?? '')).toMatchObject({ reason: 'not_understood' });
  });

  test('typing is shown where the person is', async () => {
    await max.channel.typing?.(max.to(person));
    expect(max.world.requests.filter((one) => one.method === 'sendAction')).toEqual([]);
    person.start();
    await vi.waitFor(() => expect(max.events).toHaveLength(1), soon);
    await max.channel.typing?.(max.to(person));
    expect(max.world.requests.find((one) => one.method === 'sendAction')).toMatchObject({ answered: 200 });
  });
});

describe('what goes out', () => {
  let max: Awaited<ReturnType<typeof begin>>;
  let person: Person;
  const sends = () => max.world.requests.filter((one) => one.method === 'sendMessage');

  beforeEach(async () => {
    max = await begin();
    person = max.world.person();
    person.start();
  });
  afterEach(async () => {
    expect(max.world.violations).toEqual([]);
    await max.stop();
  });

  const file = (bytes: Buffer, kind: 'photo' | 'video' | 'voice' | 'document' = 'document') =>
    max.media.keep({ bytes, name: 'a.bin' }, kind);

  test('pictures go together, other files alone, words with the first and buttons under the last', async () => {
    const pictures = [await file(png, 'photo'), await file(png, 'photo')];
    const documents = [await file(Buffer.from('one')), await file(Buffer.from('two'))];
    const attachments = [...pictures, ...documents];
    const choices = [{ id: 'a', label: 'Yes' }];
    const { message } = await max.channel.send(max.to(person), {
      key: 'k',
      message: { text: 'all of it', attachments, choices },
    });
    const seen = person.seen().filter((one) => one.byBot);
    expect(seen.map((one) => one.kinds)).toEqual([['image', 'image'], ['file'], ['file']]);
    expect(seen.map((one) => one.text)).toEqual(['all of it', '', '']);
    expect(seen.at(-1)?.buttons.map((one) => one.label)).toEqual(['Yes']);
    expect(seen.at(-1)?.id).toBe(message);
    const place = { kind: 'location' as const, location: { latitude: 1, longitude: 2 } };
    const card = { kind: 'contact' as const, contact: { name: 'A', phone: '+79000000000' } };
    await max.channel.send(max.to(person), { key: 'p', message: { text: '', attachments: [place, card] } });
    expect(
      person
        .seen()
        .slice(-2)
        .flatMap((one) => one.kinds),
    ).toEqual(['location', 'contact']);
  });

  test('a refusal half-way repeats nothing of what was sent, and no upload', async () => {
    const attachments = [await file(Buffer.from('one')), await file(Buffer.from('two'))];
    const out = { key: 'k', message: { text: 'both', attachments } };
    const rule = max.world.faults.add({ when: { method: 'sendMessage', nth: 2 }, do: '500', times: 1 });
    await expect(max.channel.send(max.to(person), out)).rejects.toMatchObject({
      verdict: 'later',
      reason: 'server',
    });
    expect(rule.fired).toBe(1);
    await max.channel.send(max.to(person), out);
    expect(person.seen().filter((one) => one.byBot)).toHaveLength(2);
    expect(max.world.requests.filter((one) => one.method === 'upload')).toHaveLength(2);
  });

  test('a file that MAX still prepares is tried again later and later, uploaded once', async () => {
    max.world.preparing(2);
    const out = { key: 'k', message: { text: 'see', attachments: [await file(png, 'photo')] } };
    const waits: (number | undefined)[] = [];
    for (let tries = 0; tries < 2; tries += 1) {
      const error = await max.channel.send(max.to(person), out).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ verdict: 'later', reason: 'not_ready' });
      waits.push((error as { retryAfter?: number }).retryAfter);
    }
    expect(waits).toEqual([1_000, 2_000]);
    await max.channel.send(max.to(person), out);
    expect(person.last()).toMatchObject({ text: 'see', kinds: ['image'] });
    expect(max.world.requests.filter((one) => one.method === 'upload')).toHaveLength(1);
  });

  test('the token goes to the API alone, never to a host of files', async () => {
    await max.channel.send(max.to(person), {
      key: 'k',
      message: { text: '', attachments: [await file(png, 'photo')] },
    });
    expect(max.world.requests.find((one) => one.method === 'upload')).toMatchObject({ answered: 200 });
    expect(JSON.stringify(max.told)).not.toContain(max.world.token);
  });

  test('links stand three in a row at most, and a button MAX cannot carry is never', async () => {
    const choices = Array.from({ length: 5 }, (_, index) => ({
      id: '',
      label: `L${index}`,
      url: `https://example.org/${index}`,
    }));
    await max.channel.send(max.to(person), { key: 'k', message: { text: 'where?', choices } });
    expect(person.last()?.rows.every((row) => row.length <= 3)).toBe(true);
    expect(person.last()?.buttons.map((one) => one.url)).toEqual(choices.map((one) => one.url));
    for (const wrong of [
      { id: '', label: 'x' },
      { id: '', label: 'x', url: `https://a.b/${'c'.repeat(2_048)}` },
    ]) {
      const out = { key: 'w', message: { text: 'q', choices: [wrong] } };
      await expect(max.channel.send(max.to(person), out)).rejects.toMatchObject({
        verdict: 'never',
        reason: 'bad_buttons',
      });
    }
  });

  test('an answer to what was deleted is said all the same', async () => {
    const said = person.say('first');
    const to = max.to(person);
    await max.channel.send(to, { key: 'k', message: { text: 'to it' }, replyTo: said.id });
    expect(person.last()).toMatchObject({ text: 'to it', replyTo: said.id });
    await max.channel.send(to, { key: 'l', message: { text: 'to nothing' }, replyTo: 'mid.gone' });
    await max.channel.send(to, { key: 'm', message: { text: 'to a page' }, replyTo: '01ARZ3' });
    expect(person.seen().slice(-2)).toMatchObject([{ text: 'to nothing' }, { text: 'to a page' }]);
    expect(sends()).toHaveLength(4);
  });

  test('what is cut off before it is said is tried again; what may have arrived is unknown', async () => {
    const to = max.to(person);
    await max.world.down();
    await expect(max.channel.send(to, { key: 'k', message: { text: 'a' } })).rejects.toMatchObject({
      verdict: 'later',
      reason: 'network',
      wide: true,
    });
    await max.world.up();
    max.world.faults.add({ when: { method: 'sendMessage' }, do: 'garbage', times: 1 });
    await expect(max.channel.send(to, { key: 'l', message: { text: 'b' } })).rejects.toMatchObject({
      verdict: 'unknown',
    });
    max.world.faults.add({ when: { method: 'sendMessage' }, do: 'drop-before', times: 1 });
    await expect(max.channel.send(to, { key: 'm', message: { text: 'c' } })).rejects.toMatchObject({
      verdict: 'unknown',
    });
  });

  test('too big a file is told so before it is asked for, and a foreign one is gone', async () => {
    person.sendDocument(Buffer.from('x'));
    await vi.waitFor(() => expect(max.ofKind('message')).toHaveLength(1), soon);
    const [own] = max.ofKind('message')[0]?.attachments ?? [];
    const big = { ...own!, size: MAX.downloadLimit + 1 };
    await expect(max.channel.fetch?.(big)).rejects.toMatchObject({ verdict: 'never', reason: 'too_big' });
    expect(max.world.requests.some((one) => one.method === 'getMessageById')).toBe(false);
    for (const ref of [
      'max:9.o0.mid.x',
      'telegram:1',
      `max:${max.world.bot}.o0.mid.none`,
      own!.ref!.replace('.o0.', '.o7.'),
    ])
      await expect(max.channel.fetch?.({ ...own!, ref })).rejects.toMatchObject({ reason: 'gone' });
  });
});

describe('the stream', () => {
  test('goes on where it was: nothing is lost while the program is away, nothing new is read twice', async () => {
    const first = await begin();
    const person = first.world.person();
    person.say('before');
    await vi.waitFor(() => expect(first.ofKind('message')).toHaveLength(1), soon);
    const marker = `marker.${first.world.bot}`;
    await vi.waitFor(() => expect(first.memory.get(marker)).toBe('3'), soon);
    await first.leave();
    person.say('while away');
    const second = await begin({ world: first.world, memory: first.memory });
    await vi.waitFor(
      () => expect(second.ofKind('message').map((event) => event.text)).toEqual(['while away']),
      soon,
    );
    const asked = first.world.requests.filter((one) => one.method === 'getUpdates');
    expect(asked[0]?.params.marker).toBeUndefined();
    expect(asked.filter((one) => one.params.marker === '3').length).toBeGreaterThan(0);
    expect(first.world.requests.filter((one) => one.method === 'getMyInfo')).toHaveLength(1);
    await second.stop();
  });

  test('fetches a file at once by the address it came with, later by its message', async () => {
    const first = await begin();
    first.world.person().sendPhoto(png);
    await vi.waitFor(() => expect(first.ofKind('message')).toHaveLength(1), soon);
    const [photo] = first.ofKind('message')[0]?.attachments ?? [];
    const asked = () => first.world.requests.filter((one) => one.method === 'getMessageById').length;
    expect(Buffer.from((await first.channel.fetch?.(photo!))!.bytes).equals(png)).toBe(true);
    expect(asked()).toBe(0);
    await first.leave();
    const second = await begin({ world: first.world, memory: first.memory });
    expect(Buffer.from((await second.channel.fetch?.(photo!))!.bytes).equals(png)).toBe(true);
    expect(asked()).toBe(1);
    await second.stop();
  });

  test('moves its marker only once the events are kept', async () => {
    const set = await setUp({ mode: 'poll', dir });
    let refusing = true;
    const kept: InboundEvent[] = [];
    await set.channel.start(async (batch) => {
      if (refusing) throw new Error('the store is down');
      kept.push(...batch);
    });
    const person = set.world.person();
    person.say('hold on');
    await vi.waitFor(() => expect(set.channel.health(Date.now()).reason).toMatch(/cannot be kept/), soon);
    expect([...set.memory.keys()].filter((name) => name.startsWith('marker.'))).toEqual([]);
    expect(set.world.pending).toBe(2);
    refusing = false;
    await vi.waitFor(() => expect(kept.map((event) => event.kind)).toEqual(['start', 'message']), soon);
    await set.stop();
  });

  test.each(['poll', 'webhook'] as const)('puts aside one event the store never takes (%s)', async (mode) => {
    const set = await setUp({ mode, dir });
    const kept: InboundEvent[] = [];
    await set.channel.start(async (batch) => {
      if (batch.some((event) => event.kind === 'message' && event.text === 'poison'))
        throw new Error('never');
      kept.push(...batch);
    });
    const person = set.world.person();
    person.start();
    person.say('poison');
    person.say('after');
    await vi.waitFor(
      () => expect(kept.some((one) => one.kind === 'message' && one.text === 'after')).toBe(true),
      soon,
    );
    expect([...set.memory.keys()].filter((name) => name.startsWith('bad.'))).toHaveLength(1);
    expect(JSON.stringify(set.told)).not.toContain('poison');
    await set.stop();
  });

  test('a wrong token shows as such, and heals when it is mended', async () => {
    const max = await begin();
    await vi.waitFor(() => expect(max.channel.health(Date.now())).toEqual({ ok: true }), soon);
    const rule = max.world.faults.add({
      when: { method: 'getUpdates' },
      do: '403',
      text: '401 verify.token Invalid',
    });
    await vi.waitFor(() => expect(rule.fired).toBeGreaterThan(0), soon);
    await vi.waitFor(() => expect(max.channel.health(Date.now()).reason).toMatch(/MAX_TOKEN/), soon);
    await max.stop();
  });

  test('a lost lease ends the polling, a new one takes it up again', async () => {
    const max = await begin();
    await vi.waitFor(() => expect(max.leases).toHaveLength(1), soon);
    max.leases[0]?.lose();
    await vi.waitFor(() => expect(max.leases).toHaveLength(2), soon);
    const person = max.world.person();
    person.say('still there');
    await vi.waitFor(() => expect(max.ofKind('message')).toHaveLength(1), soon);
    await max.stop();
  });

  test('polling takes our own former subscription away and leaves others alone, saying so', async () => {
    const memory = new Map([['hook', 'https://ours.example/hooks/max']]);
    const max = await begin({ memory });
    await max.client.subscribe('https://ours.example/hooks/max', SECRET, ['message_created']);
    await max.client.subscribe('https://other.example/bot', SECRET, ['message_created']);
    await vi.waitFor(() => expect(max.channel.health(Date.now()).reason).toMatch(/not ours/), soon);
    expect(max.world.subscriptions.list().map(({ url }) => url)).toEqual(['https://other.example/bot']);
    await max.client.unsubscribe('https://other.example/bot');
    await vi.waitFor(() => expect(max.channel.health(Date.now())).toEqual({ ok: true }), soon);
    await max.stop();
  });
});

describe('the webhook', () => {
  test('is subscribed with its secret, set anew when MAX has taken it away, and others are left alone', async () => {
    const max = await begin({ mode: 'webhook' });
    await vi.waitFor(() => expect(max.channel.health(Date.now())).toEqual({ ok: true }), soon);
    await max.client.subscribe('https://other.example/bot', SECRET, ['message_created']);
    expect(max.world.requests.find((one) => one.method === 'subscribe')?.params).toMatchObject({
      url: max.url,
      secret: SECRET,
    });
    max.world.subscriptions.drop();
    await max.client.subscribe('https://other.example/bot', SECRET, ['message_created']);
    await vi.waitFor(
      () =>
        expect(max.world.subscriptions.list().map(({ url }) => url)).toEqual([
          'https://other.example/bot',
          max.url,
        ]),
      soon,
    );
    await max.stop();
  });

  test('takes nothing without the secret, nothing that is no update, and gives no reason to guess', async () => {
    const max = await begin({ mode: 'webhook' });
    const post = async (headers: Record<string, string>, body: string) =>
      (await fetch(max.url!, { method: 'POST', headers, body })).status;
    const update = JSON.stringify({
      update_type: 'bot_started',
      timestamp: 1,
      user: { user_id: 1, first_name: 'A' },
    });
    const secret = { 'x-max-bot-api-secret': SECRET };
    expect(await post({}, update)).toBe(401);
    expect(await post({ 'x-max-bot-api-secret': `${SECRET}x` }, update)).toBe(401);
    const reason = 'posts arrive that do not show the secret; check MAX_WEBHOOK_SECRET';
    await vi.waitFor(() => expect(max.channel.health(Date.now())).toEqual({ ok: true, reason }), soon);
    expect(await post(secret, 'no json')).toBe(400);
    expect(await post(secret, '[]')).toBe(400);
    expect(await post(secret, JSON.stringify({ update_type: 'of_another_kind' }))).toBe(200);
    expect((await fetch(max.url!)).status).toBe(405);
    expect(max.events).toEqual([]);
    expect(await post(secret, update)).toBe(200);
    expect(max.events).toHaveLength(1);
    expect(max.receive.unknown()).toEqual({ of_another_kind: 1 });
    await max.stop();
  });

  test('answers no when the event cannot be kept, and MAX brings it again', async () => {
    const set = await setUp({ mode: 'webhook', dir, standIn: { secondMs: 2 }, pace: { patience: 30 } });
    let refusing = true;
    const kept: InboundEvent[] = [];
    set.store.set = async (name) => {
      if (name.startsWith('bad.')) throw new Error('the store is down');
    };
    await set.channel.start(async (batch) => {
      if (refusing) throw new Error('the store is down');
      kept.push(...batch);
    });
    set.world.person().say('keep me');
    await vi.waitFor(
      () => expect(set.world.subscriptions.deliveries.some(({ status }) => status === 503)).toBe(true),
      soon,
    );
    refusing = false;
    await vi.waitFor(() => expect(kept.some((one) => one.kind === 'message')).toBe(true), soon);
    await set.stop();
  });

  test('a former address of ours is left when there is another', async () => {
    const memory = new Map([['hook', 'https://old.example/hooks/max']]);
    const set = await setUp({ mode: 'webhook', dir, memory });
    await set.client.subscribe('https://old.example/hooks/max', SECRET, ['message_created']);
    await set.channel.start(async () => undefined);
    await vi.waitFor(
      () => expect(set.world.subscriptions.list().map(({ url }) => url)).toEqual([set.url]),
      soon,
    );
    await vi.waitFor(() => expect(memory.get('hook')).toBe(set.url), soon);
    await set.stop();
  });
});
