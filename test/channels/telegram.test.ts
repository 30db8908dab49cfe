// Telegram as a channel over the stand-in: the channels' contract, what people send as events, what they see.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { createTelegramChannel } from '../../src/channels/telegram/adapter.ts';
import { fromUpdate } from '../../src/channels/telegram/wire.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import { type CustomerEvent, type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import { createMedia } from '../../src/media/media.ts';
import type { Update } from '../../src/networks/telegram/api.ts';
import { type Person, setUp, type TelegramSet } from '../networks/telegram-set.ts';
import type { FaultKind } from '../standins/telegram/faults.ts';
import { conformance, type SeenMessage } from './conformance.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-telegram-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const soon = { timeout: 10_000, interval: 10 };

function channelOf(
  set: TelegramSet,
  commands = {},
): { channel: Channel; media: ReturnType<typeof createMedia> } {
  const media = createMedia({ dir, fetchers: () => channel, now: Date.now });
  const { client, receive } = set.telegram;
  const channel = createTelegramChannel({
    client,
    receive,
    media,
    commands,
    onBad: async (id, raw, reason) => void set.bad.push({ id, raw, reason }),
    clock: Date.now,
    log: set.log,
  });
  return { channel, media };
}

const seenBy = (person: Person): SeenMessage[] =>
  person
    .messages()
    .filter((one) => one.byBot)
    .map((one) => ({
      text: one.text ?? '',
      buttons: one.buttons.flat().map((button) => button.text),
      files: one.media?.file?.bytes ? [one.media.file.bytes] : [],
    }));

const REFUSALS = {
  later: { do: 'refuse429', retryAfter: 2 },
  blocked: { do: '403' },
  unknown: { do: 'effect-then-drop' },
} as const satisfies Record<string, { do: FaultKind; retryAfter?: number }>;

conformance('telegram', async () => {
  const set = await setUp();
  const { channel, media } = channelOf(set);
  const person = set.world.person({ first_name: 'Анна', language_code: 'ru' });
  person.start();
  const address = { channel: 'telegram', account: set.telegram.client.account, peer: String(person.id) };
  return {
    channel,
    address,
    inject: {
      say: async (text) => void person.say(text),
      press: async (label) => void person.press(label),
      file: async (bytes, kind) =>
        void (kind === 'photo' ? person.sendPhoto(bytes) : person.sendDocument(bytes)),
      unknown: async () => set.world.push('something_new', { from: person.user }),
      echo: async (text) =>
        set.world.push('message', {
          message_id: 999_999,
          date: 1,
          chat: { id: person.id, type: 'private', first_name: 'Анна' },
          from: set.world.me,
          text,
        }),
      twice: async (text) => {
        set.world.faults.inbound({ duplicate: 1 });
        person.say(text);
        await vi.waitFor(() => expect(set.world.faults.inboundFired.duplicated).toBeGreaterThan(0), soon);
        set.world.faults.inbound({});
      },
    },
    seen: () => seenBy(person),
    keep: (bytes, kind) => media.keep({ bytes, name: `file.${kind === 'photo' ? 'png' : 'bin'}` }, kind),
    open: async (attachment) => (await media.open(attachment)).bytes,
    faults: {
      refusals: ['later', 'blocked', 'never', 'unknown'],
      refuse(verdict) {
        if (verdict === 'never') {
          // Telegram has no never of its own accord for a good message.
          set.world.faults.add({
            when: { method: 'sendMessage' },
            do: '403',
            text: 'not enough rights',
            times: 1,
          });
        } else {
          set.world.faults.add({ when: { method: 'sendMessage' }, times: 1, ...REFUSALS[verdict] });
        }
      },
      down: () => set.world.down(),
      up: () => set.world.up(),
      slow: (ms) =>
        void set.world.faults.add({
          when: { method: 'sendMessage' },
          do: 'hang',
          ms,
          effect: true,
          times: 1,
        }),
    },
    stop: async () => {
      expect(set.world.violations).toEqual([]);
      await set.stop();
    },
  };
});

describe('what people do', () => {
  let set: TelegramSet;
  let channel: Channel;
  let person: Person;
  const events: InboundEvent[] = [];
  const messages = () =>
    events.filter((event): event is CustomerEvent & { readonly kind: 'message' } => event.kind === 'message');

  beforeEach(async () => {
    events.length = 0;
    set = await setUp();
    ({ channel } = channelOf(set, { '': [{ command: 'help', description: 'Help' }] }));
    await channel.start(async (batch) => void events.push(...batch));
    person = set.world.person({ first_name: 'Anna', last_name: 'B', username: 'anna', language_code: 'en' });
  });
  afterEach(async () => {
    expect(set.world.violations).toEqual([]);
    await set.stop();
  });

  test('a deep link begins with its payload', async () => {
    person.start('place-12');
    await vi.waitFor(() => expect(events).toHaveLength(1), soon);
    expect(events[0]).toMatchObject({
      kind: 'start',
      payload: 'place-12',
      channel: 'telegram',
      account: '123456',
      peer: String(person.id),
      person: { name: 'Anna B', username: 'anna', locale: 'en' },
    });
    expect(Math.abs((events[0]?.at ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  test('every kind of file has its own', async () => {
    const bytes = Buffer.from('bytes');
    person.sendVoice(bytes);
    person.sendVideo(bytes, { caption: 'see' });
    person.sendAudio(bytes);
    person.sendDocument(bytes, { name: 'счёт.pdf' });
    person.sendSticker();
    person.sendLocation(55.75, 37.62);
    person.sendContact('+79000000000');
    await vi.waitFor(() => expect(messages()).toHaveLength(7), soon);
    const got = messages().map((event) => event.attachments?.[0]);
    expect(got.map((file) => file?.kind)).toEqual([
      'voice',
      'video',
      'audio',
      'document',
      'sticker',
      'location',
      'contact',
    ]);
    expect(messages()[1]?.text).toBe('see');
    expect(got[3]?.name).toBe('счёт.pdf');
    expect(got[0]?.ref).toMatch(/^telegram:123456\.voice\./);
    expect(got[5]?.location).toEqual({ latitude: 55.75, longitude: 37.62 });
    expect(got[6]?.contact).toEqual({ name: 'Anna', phone: '+79000000000' });
  });

  test('an album keeps its group, an edit its message, a reply what it answers', async () => {
    const bytes = Buffer.from('bytes');
    person.sendAlbum([
      { kind: 'photo', file: bytes, caption: 'both' },
      { kind: 'photo', file: bytes },
    ]);
    const said = person.say('one');
    person.edit(said.message_id, 'two');
    person.say('about one', { reply_to: said.message_id });
    await vi.waitFor(() => expect(events).toHaveLength(5), soon);
    const [first, second, , last] = messages();
    expect(first?.group).toBeDefined();
    expect(second?.group).toBe(first?.group);
    expect(first?.text).toBe('both');
    expect(events.find((event) => event.kind === 'edit')).toMatchObject({
      message: String(said.message_id),
      text: 'two',
    });
    expect(last?.replyTo).toBe(String(said.message_id));
    expect(new Set(events.map((event) => event.id)).size).toBe(5);
  });

  test('a poll has no words, so that they are asked again', async () => {
    set.world.push('message', {
      message_id: 5_000,
      date: 1,
      chat: { id: person.id, type: 'private' },
      from: person.user,
      poll: { id: '1', question: 'A vote?', options: [] },
    });
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    expect(messages()[0]).toMatchObject({ text: '' });
    expect(messages()[0]?.attachments).toBeUndefined();
  });

  test('blocking and coming back', async () => {
    person.start();
    person.block();
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ kind: 'reach', reachable: false }), soon);
    const to = { channel: 'telegram', account: '123456', peer: String(person.id) };
    const refused = await channel.send(to, { key: 'k', message: { text: 'hi' } }).catch((error) => error);
    expect(refused).toMatchObject({ verdict: 'blocked', reason: 'blocked' });
    person.unblock();
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ kind: 'reach', reachable: true }), soon);
    expect(await channel.send(to, { key: 'k2', message: { text: 'hi' } })).toHaveProperty('message');
  });

  test("somebody else's group, a bot and a press from elsewhere are no events", async () => {
    const other = set.world.person();
    const chat = { id: -100_777, type: 'supergroup', title: 'A group' };
    set.world.push('message', { message_id: 1, date: 1, chat, from: person.user, text: 'in a group' });
    const message = { message_id: 2, date: 1, chat: { id: other.id, type: 'private' }, text: 'q' };
    set.world.push('callback_query', {
      id: '1',
      from: person.user,
      chat_instance: 'x',
      message,
      data: 'r1.1.1',
    });
    person.say('end');
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    expect(events).toHaveLength(1);
  });

  test('a press is answered and known by its button', async () => {
    person.start();
    const to = { channel: 'telegram', account: '123456', peer: String(person.id) };
    const choices = Array.from({ length: 11 }, (_, score) => ({ id: `r1.1.${score}`, label: String(score) }));
    const { message } = await channel.send(to, {
      key: 'k',
      message: { text: 'NPS?', choices, layout: 'scale' },
    });
    expect(person.last()?.buttons.map((row) => row.length)).toEqual([6, 5]);
    const press = person.press('9');
    await vi.waitFor(
      () => expect(events.at(-1)).toMatchObject({ kind: 'press', button: 'r1.1.9', message }),
      soon,
    );
    expect((await press.answered()).text).toBeUndefined();
    await channel.redraw?.(to, message, { text: 'NPS?\n\n✓ 9' });
    expect(person.last()).toMatchObject({ text: 'NPS?\n\n✓ 9', buttons: [] });
    // The same once more is no refusal.
    await channel.redraw?.(to, message, { text: 'NPS?\n\n✓ 9' });
    await channel.revise?.(to, message, 'reworded <b>');
    expect(person.last()?.text).toBe('reworded <b>');
  });

  test('words under a file are changed where they stand', async () => {
    person.start();
    const to = { channel: 'telegram', account: '123456', peer: String(person.id) };
    const photo = person.sendPhoto(Buffer.from('bytes'));
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    const attachments = messages()[0]?.attachments ?? [];
    const sent = await channel.send(to, { key: 'k', message: { text: 'old', attachments } });
    expect(person.last()?.media?.file?.id).toBe(
      set.world.seen(person.id).find((one) => one.message_id === photo.message_id)?.media?.file?.id,
    );
    await channel.revise?.(to, sent.message, 'new');
    expect(person.last()?.text).toBe('new');
  });

  test('an album with buttons puts these under the words after it, and a refusal half-way repeats nothing', async () => {
    person.start();
    const to = { channel: 'telegram', account: '123456', peer: String(person.id) };
    const bytes = Buffer.from('bytes');
    person.sendAlbum([
      { kind: 'photo', file: bytes },
      { kind: 'photo', file: bytes },
    ]);
    await vi.waitFor(() => expect(messages()).toHaveLength(2), soon);
    const attachments = messages().flatMap((event) => event.attachments ?? []);
    const out = { key: 'k', message: { text: 'and?', attachments, choices: [{ id: 'a', label: 'Yes' }] } };
    const rule = set.world.faults.add({ when: { method: 'sendMessage' }, do: '500', times: 1 });
    await expect(channel.send(to, out)).rejects.toMatchObject({ verdict: 'later' });
    expect(rule.fired).toBe(1);
    await channel.send(to, out);
    expect(set.world.requests.filter((one) => one.method === 'sendMediaGroup')).toHaveLength(1);
    expect(person.last()?.buttons.flat()[0]?.text).toBe('Yes');
  });

  test('a button too long for Telegram is never, and said before any call', async () => {
    const to = { channel: 'telegram', account: '123456', peer: String(person.id) };
    const choices = [{ id: 'ж'.repeat(33), label: 'x' }];
    await expect(channel.send(to, { key: 'k', message: { text: 'q', choices } })).rejects.toMatchObject({
      verdict: 'never',
      reason: 'bad_buttons',
    });
    expect(set.world.violations).toEqual([]);
  });

  test('a file too big to fetch is told so before it is asked for', async () => {
    person.sendDocument({ size: 25 * 1024 * 1024 });
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    const [file] = messages()[0]?.attachments ?? [];
    const refused = await channel.fetch?.(file!).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DeliveryError);
    expect(refused).toMatchObject({ verdict: 'never', reason: 'too_big' });
    const { size: _, ...unsized } = file!;
    await expect(channel.fetch?.(unsized)).rejects.toMatchObject({ verdict: 'never', reason: 'too_big' });
    await expect(channel.fetch?.({ ...unsized, ref: 'telegram:9.photo.AAA' })).rejects.toMatchObject({
      reason: 'gone',
    });
  });

  test('the menu of commands is set', async () => {
    await vi.waitFor(() => expect(set.world.profile.commands).not.toHaveLength(0), soon);
  });

  test('an update that cannot be understood is put aside, and what follows comes in', async () => {
    set.world.push('message', {
      message_id: 7,
      date: 1,
      chat: { id: person.id, type: 'private' },
      from: person.user,
      photo: [],
    });
    person.say('after');
    await vi.waitFor(() => expect(messages()).toHaveLength(1), soon);
    expect(set.bad).toHaveLength(1);
    expect(JSON.parse(set.bad[0]?.raw ?? '')).toHaveProperty('message.message_id', 7);
  });
});

describe('the wire', () => {
  const chat = { id: 5, type: 'private', first_name: 'A' } as const;
  const from = { id: 5, is_bot: false, first_name: 'A' } as const;
  const read = (message: object) =>
    fromUpdate(
      { update_id: 1, message: { message_id: 1, date: 1, chat, from, ...message } } as Update,
      '1',
      0,
    );

  test('a place is its words and its point', () => {
    const location = { latitude: 1, longitude: 2 };
    const [event] = read({ location, venue: { location, title: 'Shop', address: 'Street 1' } });
    expect(event).toMatchObject({ text: 'Shop\nStreet 1', attachments: [{ kind: 'location', location }] });
  });

  test('round videos and animations are videos that remember what they were', () => {
    const file = { file_id: 'F', file_unique_id: 'f' };
    expect(read({ video_note: file })[0]).toMatchObject({
      attachments: [{ kind: 'video', ref: 'telegram:1.video_note.F' }],
    });
    expect(read({ animation: file, document: file })[0]).toMatchObject({
      attachments: [{ kind: 'video', ref: 'telegram:1.animation.F' }],
    });
  });

  test('the largest photo is taken', () => {
    const size = (file_id: string, width: number) => ({
      file_id,
      file_unique_id: file_id,
      width,
      height: width,
    });
    expect(read({ photo: [size('s', 90), size('l', 800), size('m', 320)] })[0]).toMatchObject({
      attachments: [{ ref: 'telegram:1.photo.l' }],
    });
  });

  test('what Telegram itself writes and a moving place are no events', () => {
    expect(read({ pinned_message: {} })).toEqual([]);
    const edited_message = { message_id: 1, date: 1, edit_date: 2, chat, from, location: {} };
    expect(fromUpdate({ update_id: 1, edited_message } as unknown as Update, '1', 0)).toEqual([]);
  });

  test('every event is a customer one', () => {
    expect(read({ text: 'x' }).every(isCustomerEvent)).toBe(true);
  });
});
