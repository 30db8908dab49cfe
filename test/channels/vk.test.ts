// VK as a channel over its stand-in: the channels' contract, what people do as events, what they see.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Seen } from '../standins/vk/seen.ts';
import { conformance } from './conformance.ts';
import { ofKind, setUp, type VkSet } from './vk-set.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-vk-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const soon = { timeout: 10_000, interval: 10 };
const labels = (seen: Seen | undefined) => seen?.buttons.map((button) => button.label) ?? [];

conformance('vk', async () => {
  const set = await setUp({ dir });
  const { vk, channel, media } = set;
  const person = vk.person({ first_name: 'Анна' });
  // They wrote in a former life of the program, which learnt what their app shows.
  person.start();
  set.settings.kept.set(
    `vk.client.${vk.groupId}.${person.id}`,
    JSON.stringify({
      keyboard: true,
      inline: true,
      actions: ['text', 'callback', 'open_link'],
      locale: 'ru',
    }),
  );
  return {
    channel,
    address: set.address(person),
    inject: {
      say: async (text) => void person.say(text),
      press: async (label) => void person.press(label),
      file: async (bytes, kind) =>
        void (kind === 'photo' ? person.sendPhoto(bytes) : person.sendDocument(bytes)),
      unknown: async () => vk.push('something_new', { from_id: person.id, text: 'what is this' }),
      // VK sends every message of the bot back by itself; once more under another id.
      echo: async (text) =>
        vk.push('message_reply', {
          ...(person.seen().findLast((one) => one.text === text)?.wire ?? {}),
        }),
      twice: async (text) => {
        vk.faults.inbound({ duplicate: 1 });
        person.say(text);
        await vi.waitFor(() => expect(vk.faults.inboundFired.duplicated).toBeGreaterThan(0), soon);
        vk.faults.inbound({});
      },
    },
    seen: () =>
      person
        .seen()
        .filter((one) => one.byBot)
        .map((one) => ({ text: one.text, buttons: labels(one), files: one.files })),
    keep: (bytes, kind) => media.keep({ bytes, name: `file.${kind === 'photo' ? 'png' : 'bin'}` }, kind),
    open: async (attachment) => (await media.open(attachment)).bytes,
    faults: {
      refusals: ['later', 'blocked', 'never', 'unknown'],
      refuse(verdict) {
        const when = { method: 'messages.send' };
        const codes = { later: 9, blocked: 901, never: 914 };
        if (verdict === 'unknown') vk.faults.add({ when, do: 'effect-then-drop', times: 1 });
        else vk.faults.add({ when, do: 'refuse', code: codes[verdict], times: 1 });
      },
      down: () => vk.down(),
      up: () => vk.up(),
      slow: (ms) =>
        void vk.faults.add({ when: { method: 'messages.send' }, do: 'hang', ms, effect: true, times: 1 }),
    },
    stop: async () => {
      expect(vk.violations).toEqual([]);
      await set.stop();
    },
  };
});

describe('what people do in a dialogue with the community', () => {
  let set: VkSet;
  let person: ReturnType<VkSet['vk']['person']>;
  beforeEach(async () => {
    set = await setUp({ dir });
    await set.start();
    await vi.waitFor(() => expect(set.channel.health(Date.now()).ok).toBe(true), soon);
    person = set.vk.person({ first_name: 'Анна', last_name: 'Б', locale: 'en' });
  });
  afterEach(async () => {
    expect(set.vk.violations).toEqual([]);
    await set.stop();
  });
  const messages = () => ofKind(set.events, 'message');
  const coming = (count: number) => vi.waitFor(() => expect(set.events).toHaveLength(count), soon);
  let keys = 0;
  const send = (message: Parameters<typeof set.channel.send>[1]['message'], key = `k${++keys}`) =>
    set.channel.send(set.address(person), { key, message });

  test('Start begins, by a link with its ref, and says who it is', async () => {
    person.start('place-12', 'qr');
    await coming(1);
    expect(set.events[0]).toMatchObject({
      kind: 'start',
      payload: 'place-12',
      channel: 'vk',
      account: String(set.vk.groupId),
      peer: String(person.id),
      person: { name: 'Анна Б', locale: 'en' },
    });
    expect(Math.abs((set.events[0]?.at ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  test('words that come with a link are kept beside it', async () => {
    person.say('first');
    person.follow('nps');
    person.say('my lift is broken');
    await coming(3);
    expect(set.events.slice(1)).toMatchObject([
      { kind: 'start', payload: 'nps' },
      { kind: 'message', text: 'my lift is broken' },
    ]);
    // What the Start button says is nobody's words, even where VK does not tell that it was pressed.
    person.start('csat');
    person.say('end');
    await coming(5);
    expect(set.events.slice(3)).toMatchObject([{ kind: 'start', payload: 'csat' }, { text: 'end' }]);
  });

  test('every kind of file has its own, and what has no file is told in words', async () => {
    const bytes = Buffer.from('OggS bytes');
    person.sendPhotos([bytes, bytes], { caption: 'both' });
    person.sendDocument(bytes, { name: 'счёт.pdf' });
    person.sendVoice(bytes);
    person.sendSticker();
    person.sendVideo('How it leaks');
    person.sendLocation(55.75, 37.62);
    person.share({ type: 'wall', wall: { id: 7, owner_id: -3, text: 'a post' } }, 'see this');
    await coming(7);
    const [photos, doc, voice, sticker, video, place, post] = messages();
    expect(photos?.text).toBe('both');
    expect(photos?.attachments?.map((file) => file.kind)).toEqual(['photo', 'photo']);
    expect(doc?.attachments?.[0]).toMatchObject({ kind: 'document', name: 'счёт.pdf', size: bytes.length });
    expect(voice?.attachments?.[0]).toMatchObject({ kind: 'voice', mime: 'audio/ogg' });
    expect(sticker?.attachments?.[0]?.kind).toBe('sticker');
    expect(video?.text).toBe(`How it leaks\nhttps://vk.com/video${person.id}_456239017`);
    expect(place?.attachments?.[0]?.location).toEqual({ latitude: 55.75, longitude: 37.62 });
    expect(post?.text).toBe('see this\na post\nhttps://vk.com/wall-3_7');
    const file = await set.channel.fetch?.(voice!.attachments![0]!);
    expect(Buffer.from(file!.bytes).equals(bytes)).toBe(true);
    const whole = await set.channel.fetch?.(photos!.attachments![0]!);
    expect(Buffer.from(whole!.bytes).equals(bytes), 'the largest photo is taken').toBe(true);
  });

  test('files are fetched from the own hosts of the network only, and none that is too big', async () => {
    const fetched = (ref: string, size?: number) =>
      set.channel.fetch?.({ kind: 'document', ref, ...(size === undefined ? {} : { size }) });
    await expect(fetched('vk:http://169.254.169.254/latest')).rejects.toMatchObject({ reason: 'gone' });
    await expect(fetched('vk:https://userapi.com.evil.example/x')).rejects.toMatchObject({ reason: 'gone' });
    await expect(fetched('telegram:x')).rejects.toMatchObject({ reason: 'gone' });
    await expect(fetched('vk:https://sun1.userapi.com/x', 21 * 1024 * 1024)).rejects.toMatchObject({
      reason: 'too_big',
    });
    person.sendDocument({ bytes: Buffer.alloc(21 * 1024 * 1024) });
    await coming(1);
    const { size: _, ...unsized } = messages()[0]!.attachments![0]!;
    await expect(set.channel.fetch?.(unsized)).rejects.toMatchObject({ verdict: 'never', reason: 'too_big' });
  });

  test('an edit names its message, a reply what it answers', async () => {
    const said = person.say('one');
    person.edit(said.id, 'two');
    person.edit(said.id, 'three');
    person.say('about it', { replyTo: said.id });
    await coming(4);
    const edits = ofKind(set.events, 'edit');
    expect(edits.map((event) => [event.message, event.text])).toEqual([
      [String(said.cmid), 'two'],
      [String(said.cmid), 'three'],
    ]);
    expect(messages()[0]?.message).toBe(String(said.cmid));
    expect(messages()[1]?.replyTo).toBe(String(said.cmid));
  });

  test('denied and allowed again', async () => {
    person.say('hello');
    person.block();
    await coming(2);
    expect(set.events[1]).toMatchObject({ kind: 'reach', reachable: false });
    const refused = await send({ text: 'x' }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ verdict: 'blocked', reason: 'not_started' });
    person.unblock();
    await coming(3);
    expect(set.events[2]).toMatchObject({ kind: 'reach', reachable: true });
    await send({ text: 'welcome back' });
    expect(person.last()?.text).toBe('welcome back');
  });

  test('typing, reading and chats of many are no events', async () => {
    person.typing();
    person.read();
    set.vk.push('message_new', {
      message: { peer_id: 2_000_000_001, from_id: person.id, text: 'x', date: 1, conversation_message_id: 1 },
    });
    person.say('end');
    await coming(1);
    expect(messages()[0]?.text).toBe('end');
  });

  test('a human answer in the inbox is told as from outside the desk, our own is not', async () => {
    person.say('hello');
    await send({ text: 'from the bot' });
    const admin = set.vk.admin({ first_name: 'Ольга', last_name: 'Петрова' });
    const reply = admin.reply(person.id, 'I am on it', [Buffer.from('png')]);
    await coming(2);
    expect(set.events[1]).toMatchObject({
      kind: 'outside',
      id: `m:${person.id}.${reply.cmid}`,
      peer: String(person.id),
      by: { id: `vk:${admin.id}`, name: 'Ольга Петрова' },
      text: 'I am on it',
      attachments: [{ kind: 'photo' }],
      message: String(reply.cmid),
    });
  });

  test('buttons under a message: pressed in silence, answered at once, marked on the question', async () => {
    person.start();
    await coming(1);
    const choices = [
      { id: 'r1.1.a', label: 'Да' },
      { id: 'r1.1.b', label: 'Нет' },
    ];
    const { message } = await send({ text: 'Ну?', choices });
    expect(person.last()).toMatchObject({ inline: true, cmid: Number(message) });
    const press = person.press('Нет');
    await coming(2);
    expect(set.events[1]).toMatchObject({ kind: 'press', button: 'r1.1.b', message });
    expect(await press?.answered()).toBeUndefined();
    await set.channel.redraw?.(set.address(person), message, { text: 'Ну?\n\n✓ Нет' });
    expect(person.last()).toMatchObject({ text: 'Ну?\n\n✓ Нет', buttons: [] });
    await set.channel.redraw?.(set.address(person), message, { text: 'Ну?', choices });
    expect(labels(person.last())).toEqual(['Да', 'Нет']);
  });

  test('the eleven steps of NPS stand under the field, and a press of one is a press with words', async () => {
    person.start();
    await coming(1);
    const choices = Array.from({ length: 11 }, (_, score) => ({ id: `r1.1.${score}`, label: String(score) }));
    await send({ text: 'NPS?', choices, layout: 'scale' });
    expect(person.last()).toMatchObject({ inline: false });
    expect(person.last()?.rows.map((row) => row.length)).toEqual([4, 4, 3]);
    expect(person.keyboard()).toHaveLength(11);
    expect(person.press('9')).toBeUndefined();
    await coming(2);
    expect(set.events[1]).toMatchObject({ kind: 'press', button: 'r1.1.9' });
    expect(set.events[1]).not.toHaveProperty('message');
    // VK took the keyboard away at the press; the next question may stand under its message again.
    await send({ text: 'Why?', choices: [{ id: 'a', label: 'Price' }] });
    expect(person.last()?.inline).toBe(true);
  });

  test('a keyboard that was not pressed is replaced by the next question, and hidden by words', async () => {
    person.start();
    await coming(1);
    const scale = Array.from({ length: 11 }, (_, score) => ({ id: `r1.1.${score}`, label: String(score) }));
    await send({ text: 'NPS?', choices: scale, layout: 'scale' });
    person.say('девять');
    await coming(2);
    await send({ text: 'Why?', choices: [{ id: 'a', label: 'Price' }] });
    expect(person.keyboard()).toEqual(['Price']);
    await send({ text: 'Thank you' });
    expect(person.keyboard()).toEqual([]);
    await send({ text: 'One more', choices: [{ id: 'b', label: 'Menu' }] });
    expect(person.last()?.inline).toBe(true);
  });

  test('an old app gets words under the field, one without keyboards gets a list; links are written out', async () => {
    person.useClient('old');
    person.start();
    await coming(1);
    const choices = [
      { id: 'a', label: 'Да' },
      { id: '', label: 'Отзыв', url: 'https://example.com/r?a=1&b=2' },
    ];
    await send({ text: 'Ну?', choices });
    expect(person.last()).toMatchObject({
      inline: false,
      text: 'Ну?\n\nОтзыв: https://example.com/r?a=1&b=2',
    });
    expect(person.keyboard()).toEqual(['Да']);
    person.press('Да');
    await coming(2);
    expect(set.events[1]).toMatchObject({ kind: 'press', button: 'a' });
    person.useClient('plain');
    person.say('and now?');
    await coming(3);
    await send({ text: 'Ну?', choices });
    expect(person.last()).toMatchObject({
      buttons: [],
      text: 'Ну?\n\nОтзыв: https://example.com/r?a=1&b=2\n\n– Да',
    });
    person.useClient('modern');
    person.say('a new phone');
    await coming(4);
    await send({ text: 'Ну?', choices });
    expect(labels(person.last())).toEqual(['Да', 'Отзыв']);
    expect(person.last()?.inline).toBe(true);
  });

  test('a text that leaves no room for what is written under it goes in two, once', async () => {
    person.useClient('old');
    person.start();
    await coming(1);
    const url = `https://example.com/${'x'.repeat(150)}`;
    const message = {
      text: 'word '.repeat(799),
      choices: [
        { id: '', label: 'Site', url },
        { id: 'a', label: 'A' },
      ],
    };
    await send(message, 'long');
    await send(message, 'long');
    const seen = person.seen().filter((one) => one.byBot);
    expect(seen.map((one) => one.text).join(' ')).toBe(`${message.text.trim()} Site: ${url}`);
    expect(seen.map(labels)).toEqual([[], ['A']]);
    // Their app may be another one by the next try: it is the same message still.
    await send({ text: 'See', choices: message.choices }, 'again');
    person.useClient('modern');
    person.say('a new phone');
    await coming(2);
    await send({ text: 'See', choices: message.choices }, 'again');
    expect(person.seen().filter((one) => one.byBot)).toHaveLength(3);
  });

  test('forty buttons stand under the field; one too big for VK is never, and said before any call', async () => {
    person.start();
    await coming(1);
    const choices = Array.from({ length: 40 }, (_, at) => ({
      id: `r1.1.${at}`,
      label: `Choice number ${at}`,
    }));
    await send({ text: 'Which?', choices });
    expect(person.keyboard()).toEqual(choices.map((choice) => choice.label));
    const before = set.vk.requests.length;
    for (const id of ['', 'ж'.repeat(300)]) {
      const wrong = send({ text: 'q', choices: [{ id, label: 'x' }] });
      await expect(wrong).rejects.toMatchObject({ verdict: 'never', reason: 'bad_buttons' });
    }
    expect(set.vk.requests.length).toBe(before);
  });

  test('nobody is mentioned by words that were only quoted', async () => {
    person.start();
    await coming(1);
    const text = 'Писал [id1|Павел], @id2 (Олег), *club3 (Клуб) и @durov; почта a@b.ru, [x](y)';
    await send({ text });
    expect(person.last()?.mentions).toEqual([]);
    expect(person.last()?.text.replaceAll('\u2060', '')).toBe(text);
    const request = set.vk.requests.findLast((one) => one.method === 'messages.send');
    expect(String(request?.params.disable_mentions)).toMatch(/1|true/);
  });

  test('words under a file are changed and the file stays; a message of a former process too', async () => {
    person.start();
    await coming(1);
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const attachments = [await set.media.keep({ bytes: png, name: 'a.png' }, 'photo')];
    const { message } = await send({ text: 'old', attachments });
    await set.channel.revise?.(set.address(person), message, 'new');
    expect(person.last()).toMatchObject({ text: 'new', files: [png] });
    // Sent by another process: what is attached is looked up.
    const other = await setUp({ dir, vk: set.vk, settings: set.settings });
    await other.channel.revise?.(set.address(person), message, 'newer');
    expect(person.last()).toMatchObject({ text: 'newer', files: [png] });
    await other.stop();
    const uploads = set.vk.requests.filter((one) => one.method === 'photos.saveMessagesPhoto').length;
    await send({ text: 'again', attachments });
    expect(set.vk.requests.filter((one) => one.method === 'photos.saveMessagesPhoto')).toHaveLength(uploads);
  });

  test('a voice travels alone, a song and a picture that is none as documents', async () => {
    person.start();
    await coming(1);
    const ogg = Buffer.from('OggS a voice');
    const song = Buffer.from('ID3 a song');
    const voice = {
      ...(await set.media.keep({ bytes: ogg, name: 'v.ogg' }, 'document')),
      kind: 'voice' as const,
    };
    await send({ text: 'listen', attachments: [voice] });
    const [spoken, words] = person.seen().filter((one) => one.byBot);
    expect(spoken).toMatchObject({ text: '', files: [ogg], attachments: [{ type: 'audio_message' }] });
    expect(words).toMatchObject({ text: 'listen', files: [] });
    const mp3 = await set.media.keep({ bytes: song, name: 'song.mp3' }, 'document');
    const picture = {
      ...(await set.media.keep({ bytes: song, name: 'p.bin' }, 'document')),
      kind: 'photo' as const,
    };
    await send({ text: '', attachments: [mp3] });
    await send({ text: '', attachments: [picture] });
    const files = person
      .seen()
      .filter((one) => one.byBot)
      .slice(2);
    expect(files.map((one) => one.files[0])).toEqual([song, song]);
    expect(files.every((one) => one.attachments[0]?.type === 'doc')).toBe(true);
  });

  test('a reply points at what it answers, and goes out without when that is gone', async () => {
    const said = person.say('one');
    await coming(1);
    const to = set.address(person);
    await set.channel.send(to, { key: 'r1', message: { text: 'answer' }, replyTo: String(said.cmid) });
    expect(person.last()?.replyTo).toBe(said.id);
    await set.channel.send(to, { key: 'r2', message: { text: 'still' }, replyTo: '999' });
    expect(person.last()).toMatchObject({ text: 'still', replyTo: undefined });
    await set.channel.typing?.(to);
    expect(set.vk.activities(person).map((one) => one.type)).toEqual(['typing']);
  });

  test('an event that cannot be understood is put aside, and what follows comes in', async () => {
    set.vk.push('message_new', {
      message: {
        peer_id: person.id,
        from_id: person.id,
        attachments: 7,
        date: 1,
        text: 'x',
        conversation_message_id: 9,
      },
    });
    person.say('after');
    await coming(1);
    const bad = [...set.settings.kept].filter(([name]) => name.startsWith('vk.bad.'));
    expect(bad).toHaveLength(1);
    expect(JSON.parse(bad[0]?.[1] ?? '')).toMatchObject({ reason: 'not_understood' });
  });

  test('what VK must be told by a person shows in the health', async () => {
    person.start();
    await coming(1);
    set.vk.faults.add({ when: { method: 'messages.send' }, do: 'refuse', code: 912, times: 1 });
    const refused = await send({ text: 'q', choices: [{ id: 'a', label: 'A' }] }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(DeliveryError);
    expect(refused).toMatchObject({ verdict: 'later', reason: 'bot_features' });
    expect(set.channel.health(Date.now()).reason).toMatch(/bot abilities/);
    await send({ text: 'q', choices: [{ id: 'a', label: 'A' }] });
    expect(set.channel.health(Date.now())).toEqual({ ok: true });
  });

  test('neither the token nor what people wrote stands in the log or in an error', async () => {
    person.say('my secret words');
    await coming(1);
    set.vk.faults.add({ when: { method: 'messages.send' }, do: 'refuse', code: 15, times: 1 });
    const refused = await send({ text: 'canary of the answer' }).catch((error: unknown) => error);
    await set.vk.down();
    await vi.waitFor(() => expect(set.channel.health(Date.now()).ok).toBe(false), soon);
    const lost = await send({ text: 'canary of the answer' }).catch((error: unknown) => error);
    await set.vk.up();
    expect(refused).toMatchObject({ verdict: 'never', reason: 'no_rights' });
    expect(lost).toMatchObject({ reason: 'network' });
    const told = [refused, lost].map((error) => {
      const { message, cause } = error as DeliveryError;
      return `${message} ${String(cause)} ${JSON.stringify(cause)}`;
    });
    const all = `${told.join('\n')}\n${JSON.stringify(set.log.told)}`;
    expect(all).not.toMatch(/canary|secret words|TEST-token|key\d+x/);
  });
});
