// WhatsApp through the Business Cloud API over the stand-in: the channels' contract, what people send as events, what
// they see, the day within which they may be written to, lost answers, refusals.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fit as fitted } from '../../src/channels/fit.ts';
import { RULINGS, rulingOf } from '../../src/channels/whatsapp/cloud/errors.ts';
import { createGraph } from '../../src/channels/whatsapp/cloud/graph.ts';
import { shapeOf, stepsOf, templateOf, WHATSAPP_CLOUD } from '../../src/channels/whatsapp/cloud/outgoing.ts';
import { readWhatsApp } from '../../src/channels/whatsapp/settings.ts';
import { type Address, contactIdOf } from '../../src/core/contact.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { CustomerEvent, InboundEvent } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import type { Person } from '../standins/whatsapp-cloud/person.ts';
import {
  startWhatsAppCloud,
  TEST_APP_SECRET,
  TEST_PHONE_ID,
  TEST_TOKEN,
} from '../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { conformance, type SeenMessage } from './conformance.ts';
import { setUp, type WhatsAppCloudSet } from './whatsapp-cloud-set.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-whatsapp-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const soon = { timeout: 10_000, interval: 10 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const seenBy = (person: Person): SeenMessage[] =>
  person
    .seen()
    .filter((one) => one.byBot)
    .map((one) => ({ text: one.text, buttons: one.buttons.map(({ label }) => label), files: one.files }));

const REFUSALS = {
  later: { do: 'refuse', code: 131056 },
  never: { do: 'refuse', code: 131051 },
  blocked: { do: 'refuse', code: 131026 },
  unknown: { do: 'effect-then-silence' },
} as const;

conformance('whatsapp through the Business Cloud API', async () => {
  const set = await setUp({ dir });
  const { world, channel, media } = set;
  const person = world.person({ name: 'Анна' });
  // They wrote before: else nobody may write to them.
  person.silentFor(HOUR);
  const address = set.addressOf(person.phone);
  await set.kept.records.putContact(
    { id: contactIdOf(address), address, lastSeenAt: Date.now() },
    Date.now(),
  );
  return {
    channel,
    address,
    inject: {
      say: async (text) => void person.say(text),
      press: async (label) => void person.press(label),
      file: async (bytes, kind) =>
        void (kind === 'photo' ? person.sendPhoto(bytes) : person.sendDocument(bytes)),
      unknown: async () => {
        world.notify('account_update', { event: 'SOMETHING_NEW' });
        person.react('wamid.x', '👍');
      },
      echo: async (text) => {
        const message = {
          from: '15550783881',
          id: 'wamid.echo',
          timestamp: String(Math.floor(Date.now() / 1_000)),
          type: 'text',
          text: { body: text },
        };
        world.notify('messages', { messages: [message] });
      },
      twice: async (text) => {
        world.faults.inbound({ duplicate: 1 });
        person.say(text);
        world.faults.inbound({});
      },
    },
    seen: () => seenBy(person),
    keep: (bytes, kind) => media.keep({ bytes, name: `file.${kind === 'photo' ? 'png' : 'bin'}` }, kind),
    open: async (attachment) => (await media.open(attachment)).bytes,
    faults: {
      refusals: ['later', 'blocked', 'never', 'unknown'],
      refuse: (verdict) =>
        void world.faults.add({ when: { method: 'messages' }, times: 1, ...REFUSALS[verdict] }),
      down: () => world.down(),
      up: () => world.up(),
      slow: (ms) => void world.faults.add({ when: { method: 'messages' }, do: 'hang', ms, times: 1 }),
    },
    stop: async () => {
      expect(world.violations).toEqual([]);
      await set.stop();
    },
  };
});

describe('WhatsApp through the Business Cloud API', () => {
  let set: WhatsAppCloudSet;
  let person: Person;
  let to: Address;
  const events: InboundEvent[] = [];
  const of = <K extends CustomerEvent['kind']>(kind: K) =>
    events.filter((event): event is CustomerEvent & { readonly kind: K } => event.kind === kind);

  async function begin(options: Partial<Parameters<typeof setUp>[0]> = {}): Promise<void> {
    events.length = 0;
    set = await setUp({ dir, ...options });
    await set.channel.start(async (batch) => void events.push(...batch));
    person = set.world.person({ name: 'Anna' });
    to = set.addressOf(person.phone);
  }
  const send = (message: Message, key = 'k1') => set.channel.send(to, { key, message });
  const refused = async (work: Promise<unknown>): Promise<DeliveryError> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof DeliveryError)) throw new Error(`no DeliveryError but ${String(error)}`);
    return error;
  };
  const written = async (): Promise<void> => {
    person.say('hello');
    await vi.waitFor(() => expect(of('message').length).toBeGreaterThan(0), soon);
    events.length = 0;
  };

  afterEach(async () => {
    const secrets = [TEST_TOKEN, TEST_APP_SECRET, person.phone];
    expect(set.told.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
    await set.stop();
  });

  test('every kind of message has its own event', async () => {
    await begin();
    const bytes = Buffer.from('bytes');
    person.say('hello');
    person.sendPhoto(bytes, 'see');
    person.sendVideo(bytes);
    person.sendVoice(bytes);
    person.sendAudio(bytes);
    person.sendDocument(bytes, { name: 'счёт.pdf', caption: 'the bill' });
    person.sendSticker(bytes);
    person.sendLocation(55.75, 37.62, 'Shop');
    person.sendContact('Boris', '+7 900 000-00-00');
    await vi.waitFor(() => expect(of('message')).toHaveLength(9), soon);
    const [words, photo, , , , document, , location, contact] = of('message');
    expect(words).toMatchObject({
      channel: 'whatsapp',
      account: '',
      peer: person.phone,
      person: { name: 'Anna' },
      text: 'hello',
    });
    expect(words?.id).toBe(words?.message);
    expect(Math.abs((words?.at ?? 0) - Date.now())).toBeLessThan(3_000);
    expect(of('message').map((event) => event.attachments?.[0]?.kind)).toEqual([
      undefined,
      'photo',
      'video',
      'voice',
      'audio',
      'document',
      'sticker',
      'location',
      'contact',
    ]);
    expect(photo).toMatchObject({
      text: 'see',
      attachments: [{ ref: expect.stringMatching(/^whatsapp:cloud\./) }],
    });
    expect(document).toMatchObject({ text: 'the bill', attachments: [{ name: 'счёт.pdf' }] });
    expect(location).toMatchObject({
      text: 'Shop',
      attachments: [{ location: { latitude: 55.75, longitude: 37.62 } }],
    });
    expect(contact?.attachments?.[0]?.contact).toEqual({ name: 'Boris', phone: '+7 900 000-00-00' });
    expect(set.world.violations).toEqual([]);
  });

  test('a reply, an edit, a poll, a template button, a reaction, a group and a system note', async () => {
    await begin();
    const first = person.say('one');
    person.say('about one', { replyTo: first.id });
    person.edit(first.id, 'two');
    person.send('unsupported', { errors: [{ code: 131051 }] });
    person.send('button', { button: { payload: 'Yes', text: 'Yes' } });
    person.react(first.id, '👍');
    person.send('system', { system: { type: 'user_changed_number', wa_id: '79990000000' } });
    person.send('text', { text: { body: 'in a group' }, group_id: 'G1' });
    person.start('nps');
    await vi.waitFor(() => expect(of('message').at(-1)).toMatchObject({ text: '/nps' }), soon);
    expect(of('message').map(({ text }) => text)).toEqual(['one', 'about one', '', 'Yes', '/nps']);
    expect(of('message')[1]?.replyTo).toBe(first.id);
    expect(of('edit')).toMatchObject([{ message: first.id, text: 'two' }]);
    expect(events).toHaveLength(6);
  });

  test('words of a human of ours from the app on the same number are told as such', async () => {
    await begin();
    const id = set.world.sayFromApp(person, 'I am on it');
    await vi.waitFor(() => expect(of('outside')).toHaveLength(1), soon);
    expect(of('outside')[0]).toMatchObject({
      peer: person.phone,
      text: 'I am on it',
      message: id,
      by: { id: 'whatsapp:app' },
    });
  });

  test('several entries in one post come in by their times, each once, and only of our own number', async () => {
    await begin();
    const at = (seconds: number) => String(1_790_000_000 + seconds);
    const change = (phone: string, messages: object[]) => ({
      field: 'messages',
      value: { metadata: { phone_number_id: phone, display_phone_number: '15550783881' }, messages },
    });
    const say = (id: string, seconds: number, text: string) => ({
      from: person.phone,
      id: `wamid.${id}`,
      timestamp: at(seconds),
      type: 'text',
      text: { body: text },
    });
    const body = JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [
        { changes: [change(TEST_PHONE_ID, [say('c', 3, 'third'), say('b', 2, 'second')])] },
        {
          changes: [change(TEST_PHONE_ID, [say('a', 1, 'first')]), change('999', [say('x', 1, 'not ours')])],
        },
      ],
    });
    expect(await set.world.post(body)).toBe(200);
    expect(of('message').map(({ text }) => text)).toEqual(['first', 'second', 'third']);
    expect(of('message').map(({ id }) => id)).toEqual(['wamid.a', 'wamid.b', 'wamid.c']);
  });

  test('a wrong signature, a wrong word and a body that is none are refused, and nothing comes in', async () => {
    await begin();
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry: [] });
    expect(await set.world.post(body, { 'x-hub-signature-256': 'sha256=00' })).toBe(401);
    expect(await set.world.post(body, { 'x-hub-signature-256': '' })).toBe(401);
    const reason = 'posts arrive that do not show the secret; check WHATSAPP_CLOUD_APP_SECRET';
    await expect.poll(() => set.channel.health(Date.now())).toEqual({ ok: true, reason });
    expect(await set.world.post('[1]')).toBe(400);
    await expect(set.world.connect(set.hookUrl, 'another word')).rejects.toThrow('403');
    expect(await set.world.post(body)).toBe(200);
    expect(events).toEqual([]);
  });

  test('what cannot be understood is put aside, and what stands beside it comes in', async () => {
    await begin();
    set.world.gather(() => {
      person.send('image', { image: { mime_type: 'image/jpeg' } });
      person.say('after');
    });
    await vi.waitFor(() => expect(of('message')).toHaveLength(1), soon);
    expect(of('message')[0]).toMatchObject({ text: 'after' });
    expect(set.bad).toHaveLength(1);
    expect(JSON.parse(set.bad[0]?.raw ?? '')).toHaveProperty('message.image');
    expect(await set.world.post('{"entry":7}')).toBe(200);
    expect(set.bad).toHaveLength(2);
  });

  test('whatever Meta may post, it is kept or put aside, and nothing breaks', async () => {
    await begin();
    const message = (type: string, content: object) => ({
      from: person.phone,
      from_user_id: person.user,
      id: 'wamid.fuzz',
      timestamp: '1790000000',
      type,
      ...content,
    });
    const bodies = [
      message('text', { text: { body: 'words' }, context: { id: 'wamid.q' } }),
      message('image', { image: { id: '1', mime_type: 'image/png', caption: 'c' } }),
      message('interactive', { interactive: { type: 'list_reply', list_reply: { id: 'r1', title: 't' } } }),
      message('contacts', { contacts: [{ name: { formatted_name: 'n' }, phones: [{ phone: '1' }] }] }),
      message('location', { location: { latitude: 1, longitude: 2 } }),
      message('edit', { edit: { original_message_id: 'wamid.o', message: { text: { body: 'new' } } } }),
    ].map((one) => ({
      entry: [
        {
          changes: [
            {
              field: 'messages',
              value: {
                metadata: { display_phone_number: '15550783881', phone_number_id: TEST_PHONE_ID },
                contacts: [{ profile: { name: 'Anna' }, wa_id: person.phone, user_id: person.user }],
                messages: [one],
                statuses: [
                  { id: 'wamid.s', status: 'failed', timestamp: '1790000000', errors: [{ code: 1 }] },
                ],
              },
            },
          ],
        },
      ],
    }));
    const odd = fc.oneof(
      fc.constant(null),
      fc.integer(),
      fc.string(),
      fc.constant([]),
      fc.constant({}),
      fc.boolean(),
    );
    const statuses = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bodies), fc.nat(), odd, async (body, which, value) => {
        let left = which % places(body);
        const spoilt = JSON.stringify(body, (_key, inner: unknown) => (left-- === 0 ? value : inner));
        statuses.add(await set.world.post(spoilt));
      }),
      { numRuns: 300, seed: 7 },
    );
    expect([...statuses].filter((status) => status !== 200 && status !== 400)).toEqual([]);
    expect(set.bad.length).toBeGreaterThan(0);
    const texts = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [value];
    for (const event of events as CustomerEvent[]) {
      const { at, ...rest } = event;
      expect(Number.isSafeInteger(at)).toBe(true);
      expect(event.peer).not.toBe('');
      expect(
        texts(rest).filter((value) => typeof value !== 'string' && !Number.isFinite(value)),
        JSON.stringify(event),
      ).toEqual([]);
      const numbers = texts(rest).filter((value) => typeof value === 'number');
      if (numbers.length > 0) expect(event).toHaveProperty('attachments.0.location');
    }
    person.say('still here');
    await vi.waitFor(() => expect(of('message').at(-1)?.text).toBe('still here'), soon);
  }, 30_000);

  test('an event that can never be kept is put aside after a while and holds up nothing', async () => {
    events.length = 0;
    set = await setUp({ dir });
    person = set.world.person();
    await set.channel.start(async (batch) => {
      if (batch.some((event) => event.kind === 'message' && event.text === 'poison')) throw new Error('no');
      events.push(...batch);
    });
    person.say('poison');
    person.say('healthy');
    await vi.waitFor(() => expect(of('message')).toHaveLength(1), soon);
    await vi.waitFor(() => expect(set.bad).toHaveLength(1), soon);
    await vi.waitFor(() => expect(set.world.pending).toBe(0), soon);
    expect(JSON.parse(set.bad[0]?.raw ?? '')).toHaveProperty('message.text.body', 'poison');
  });

  test('up to three short choices are buttons, more or longer ones a list', async () => {
    await begin();
    await written();
    const choices = (labels: readonly string[]) =>
      labels.map((label, index) => ({ id: `r1.1.${index}`, label }));
    await send({ text: 'Two?', choices: choices(['Yes', 'No']) }, 'a');
    expect(person.last()?.body.interactive).toMatchObject({ type: 'button' });
    const long = 'A label of more than twenty-four characters';
    await send({ text: 'Long?', choices: choices(['Yes', long]) }, 'b');
    expect(person.last()?.body.interactive).toMatchObject({
      type: 'list',
      action: { button: 'Choose', sections: [{ rows: [{ title: 'Yes' }, { description: long }] }] },
    });
    person.press(long);
    await vi.waitFor(() => expect(of('press')).toHaveLength(1), soon);
    expect(of('press')[0]).toMatchObject({ button: 'r1.1.1', message: person.last()?.id });
    const alike = ['The same beginning of words: one', 'The same beginning of words: two'];
    await send({ text: 'Alike?', choices: choices(alike) }, 'c');
    expect(person.last()?.buttons.map(({ label }) => label)).toEqual(alike);
    const words = 'word '.repeat(300).trim();
    await send({ text: words, choices: choices(['Yes', 'No']) }, 'd');
    const shown = seenBy(person).slice(-2);
    expect(shown.map(({ text }) => text).join(' ')).toBe(words);
    expect(shown.at(-1)?.buttons).toEqual(['Yes', 'No']);
    expect(set.world.violations).toEqual([]);
  });

  test('files go as what the network shows, with their words; place and card too', async () => {
    await begin();
    await written();
    const keep = (bytes: Uint8Array, kind: 'photo' | 'voice' | 'document', name: string) =>
      set.media.keep({ bytes, name }, kind);
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from('JFIF\0rest')]);
    const ogg = Buffer.concat([
      Buffer.from('OggS'),
      Buffer.alloc(24),
      Buffer.from('OpusHead'),
      Buffer.alloc(8),
    ]);
    await send({ text: 'see', attachments: [await keep(jpeg, 'photo', 'a.jpg')] }, 'a');
    expect(person.last()).toMatchObject({ type: 'image', text: 'see' });
    await send({ text: 'hear', attachments: [await keep(ogg, 'voice', 'a.ogg')] }, 'b');
    expect(person.seen().slice(-2)).toMatchObject([
      { type: 'audio', body: { audio: { voice: true } } },
      { type: 'text', text: 'hear' },
    ]);
    const made = await keep(Buffer.from([1, 2, 3, 0, 255]), 'document', 'данные.bin');
    await send({ text: 'keep', attachments: [made], choices: [{ id: 'y', label: 'Got it' }] }, 'c');
    expect(person.seen().slice(-2)).toMatchObject([
      { type: 'document', body: { document: { filename: 'данные.bin' } } },
      { type: 'interactive', text: 'keep' },
    ]);
    const location = { latitude: 1, longitude: 2 };
    const contact = { name: 'Shop', phone: '+79000000000' };
    await send({ text: '', attachments: [{ kind: 'location', location }] }, 'd');
    await send({ text: '', attachments: [{ kind: 'contact', contact }] }, 'e');
    expect(person.seen().slice(-2)).toMatchObject([{ type: 'location' }, { type: 'contacts', text: 'Shop' }]);
    expect(set.world.violations).toEqual([]);
  });

  test('a refusal half-way repeats nothing', async () => {
    await begin();
    await written();
    const attachments = [
      await set.media.keep({ bytes: Buffer.from('%PDF-1.4 x'), name: 'a.pdf' }, 'document'),
    ];
    const message = { text: 'see', attachments, choices: [{ id: 'y', label: 'Yes' }] };
    set.world.faults.add({ when: { method: 'messages', nth: 2 }, do: 'refuse', code: 131056 });
    expect(await refused(send(message))).toMatchObject({
      verdict: 'later',
      reason: 'flood',
      retryAfter: 6_000,
    });
    await send(message);
    expect(seenBy(person).map(({ text }) => text)).toEqual(['', 'see']);
    expect(set.world.requests.filter(({ method }) => method === 'media')).toHaveLength(1);
  });

  test('an answer quotes what it answers', async () => {
    await begin();
    const said = person.say('hello');
    await vi.waitFor(() => expect(of('message')).toHaveLength(1), soon);
    await set.channel.send(to, { key: 'k', message: { text: 'hi' }, replyTo: said.id });
    expect(person.last()?.replyTo).toBe(said.id);
    await set.channel.send(to, { key: 'l', message: { text: 'hi' }, replyTo: 'a-page-id' });
    expect(person.last()?.replyTo).toBeUndefined();
    set.world.faults.add({ when: { method: 'messages' }, do: 'refuse', code: 131009, times: 1 });
    await set.channel.send(to, { key: 'm', message: { text: 'said all the same' }, replyTo: said.id });
    expect(person.last()).toMatchObject({ text: 'said all the same' });
    expect(set.world.violations).toEqual([]);
  });

  describe('the day after they wrote', () => {
    test('later than that nothing is sent without a template', async () => {
      let now = Date.now();
      await begin({ world: { now: () => now } });
      await written();
      now += DAY - HOUR;
      await send({ text: 'still in time' }, 'a');
      now += 2 * HOUR;
      expect(await refused(send({ text: 'too late' }, 'b'))).toMatchObject({
        verdict: 'never',
        reason: 'window_closed',
      });
      expect(set.world.requests.filter(({ method }) => method === 'messages')).toHaveLength(1);
      await written();
      await send({ text: 'they are back' }, 'c');
      expect(seenBy(person).map(({ text }) => text)).toEqual(['still in time', 'they are back']);
    });

    test('with a template its words go, in one line, with the choices named', async () => {
      let now = Date.now();
      const template = { name: 'survey_waits', language: 'ru' };
      await begin({ world: { now: () => now, templates: ['survey_waits:ru'] }, template });
      await written();
      now += 2 * DAY;
      await send({
        text: 'How was it?\n\nTell us',
        choices: [
          { id: 'y', label: 'Good' },
          { id: 'n', label: 'Bad' },
        ],
      });
      expect(person.last()).toMatchObject({ type: 'template', text: 'How was it? Tell us (Good / Bad)' });
      const bill = await set.media.keep({ bytes: Buffer.from('%PDF-1.4 x'), name: 'a.pdf' }, 'document');
      // A template cannot carry it, and half a message is none.
      expect(await refused(send({ text: 'the bill', attachments: [bill] }, 'k2'))).toMatchObject({
        reason: 'window_closed',
      });
      expect(set.world.violations).toEqual([]);
    });

    test('the network that says it is closed is believed until they write again', async () => {
      const template = { name: 'survey_waits', language: 'ru' };
      let now = Date.now();
      await begin({ world: { now: () => now, templates: ['survey_waits:ru'] }, template });
      await written();
      now += 5_000;
      person.silentFor(DAY + HOUR);
      await send({ text: 'hello' }, 'a');
      expect(person.last()?.type).toBe('template');
      const asked = set.world.requests.length;
      await send({ text: 'hello again' }, 'b');
      expect(person.last()?.type).toBe('template');
      expect(set.world.requests.slice(asked).filter(({ error }) => error === 131047)).toEqual([]);
      await written();
      await send({ text: 'free again' }, 'c');
      expect(person.last()?.type).toBe('text');
    });

    test('told only later, it is a failed delivery', async () => {
      let now = Date.now();
      await begin({ world: { now: () => now, lateWindow: true } });
      await written();
      now += 5_000;
      person.silentFor(DAY + HOUR);
      await send({ text: 'hello' }, 'a');
      await vi.waitFor(() => expect(of('receipt')).toHaveLength(1), soon);
      expect(of('receipt')[0]).toMatchObject({ key: 'a', state: 'failed', reason: 'window_closed' });
      expect(await refused(send({ text: 'again' }, 'b'))).toMatchObject({ reason: 'window_closed' });
    });

    test('after a restart the time is known from what was kept', async () => {
      let now = Date.now();
      await begin({ world: { now: () => now } });
      const at = (ago: number) =>
        set.kept.records.putContact({ id: contactIdOf(to), address: to, lastSeenAt: now - ago }, now);
      await at(3 * DAY);
      expect(await refused(send({ text: 'too late' }, 'a'))).toMatchObject({ reason: 'window_closed' });
      person.silentFor(HOUR);
      await at(HOUR);
      await send({ text: 'in time' }, 'b');
      now += 1;
      expect(seenBy(person).map(({ text }) => text)).toEqual(['in time']);
    });
  });

  describe('what becomes of a message', () => {
    test('a lost answer is made good by its status: sent once, and known', async () => {
      await begin();
      await written();
      set.world.faults.add({ when: { method: 'messages' }, do: 'effect-then-drop', times: 1 });
      const sent = await send({ text: 'once' });
      expect(sent.message).toBe(person.last()?.id);
      expect(seenBy(person)).toHaveLength(1);
      await vi.waitFor(() => expect(set.world.pending).toBe(0), soon);
      expect(of('receipt')).toEqual([]);
    });

    test('a lost answer without tidings is unknown; tidings that come later are told, and a repeat is no second copy', async () => {
      await begin();
      await written();
      set.world.faults.add({ when: { method: 'messages' }, do: 'effect-then-silence', times: 1 });
      expect(await refused(send({ text: 'once' }))).toMatchObject({ verdict: 'unknown' });
      const id = person.last()?.id ?? '';
      const status = (state: string) => ({
        statuses: [
          {
            id,
            status: state,
            timestamp: String(Math.floor(Date.now() / 1_000)),
            recipient_id: person.phone,
            biz_opaque_callback_data: 'k1',
          },
        ],
      });
      set.world.notify('messages', status('sent'));
      set.world.notify('messages', status('delivered'));
      await vi.waitFor(() => expect(of('receipt')).toHaveLength(2), soon);
      expect(of('receipt')[0]).toMatchObject({ key: 'k1', state: 'sent', peer: person.phone });
      expect(new Set(of('receipt').map((event) => event.id)).size).toBe(1);
      expect(await send({ text: 'once' })).toEqual({ message: id });
      expect(seenBy(person)).toHaveLength(1);
    });

    test('what was answered needs no tidings; a later failure is told with its reason', async () => {
      await begin();
      await written();
      await send({ text: 'fine' }, 'a');
      person.block();
      await send({ text: 'not delivered' }, 'b');
      await vi.waitFor(() => expect(of('reach')).toHaveLength(1), soon);
      expect(of('receipt')).toMatchObject([{ key: 'b', state: 'failed', reason: 'undeliverable' }]);
      expect(of('reach')[0]).toMatchObject({ reachable: false, reason: 'undeliverable' });
    });

    test('a failure that comes for a call whose answer was lost is thrown by the call itself', async () => {
      await begin();
      await written();
      person.block();
      set.world.faults.add({ when: { method: 'messages' }, do: 'effect-then-drop', times: 1 });
      expect(await refused(send({ text: 'x' }))).toMatchObject({
        verdict: 'blocked',
        reason: 'undeliverable',
      });
      await vi.waitFor(() => expect(set.world.pending).toBe(0), soon);
      expect(of('receipt')).toEqual([]);
    });
  });

  test('who hides their number is written to by the id Meta gave, and stays the same contact', async () => {
    await begin();
    await written();
    person.hide();
    person.say('hidden now');
    await vi.waitFor(() => expect(of('message')).toHaveLength(1), soon);
    expect(of('message')[0]?.peer).toBe(person.phone);
    const stranger = set.world.person({ hidden: true });
    stranger.say('never told my number');
    await vi.waitFor(() => expect(of('message')).toHaveLength(2), soon);
    const peer = of('message')[1]?.peer ?? '';
    expect(peer).toBe(stranger.user);
    await set.channel.send(set.addressOf(peer), { key: 'h', message: { text: 'hello' } });
    expect(stranger.last()?.body).toMatchObject({ recipient: stranger.user });
    expect(set.world.violations).toEqual([]);
  });

  test('a file is fetched with the token, by size first, and from no stranger', async () => {
    await begin();
    person.sendDocument(Buffer.alloc(21 * 1024 * 1024));
    person.sendPhoto(Buffer.from('small'));
    await vi.waitFor(() => expect(of('message')).toHaveLength(2), soon);
    const [big, small] = of('message').map((event) => event.attachments?.[0]);
    expect(Buffer.from((await set.channel.fetch?.(small!))?.bytes ?? []).toString()).toBe('small');
    expect(await refused(set.channel.fetch!(big!))).toMatchObject({ reason: 'too_big' });
    expect(set.world.requests.filter(({ method }) => method === 'media-file')).toHaveLength(1);
    for (const ref of ['whatsapp:cloud.404404', 'whatsapp:web.1', 'telegram:1.photo.A']) {
      expect(await refused(set.channel.fetch!({ kind: 'photo', ref }))).toMatchObject({ reason: 'gone' });
    }
    set.world.faults.add({ when: { method: 'media-url' }, do: 'drop-before', times: 1 });
    expect(await refused(set.channel.fetch!(small!))).toMatchObject({ verdict: 'later' });
  });

  test('a wrong token is told by the health, with what to do', async () => {
    await begin({ world: { token: 'another-token-than-ours' } });
    await vi.waitFor(
      () => expect(set.channel.health(Date.now()).reason).toContain('WHATSAPP_CLOUD_TOKEN'),
      soon,
    );
    await set.kept.records.putContact(
      { id: contactIdOf(to), address: to, lastSeenAt: Date.now() },
      Date.now(),
    );
    const error = await refused(send({ text: 'x' }));
    expect(error).toMatchObject({ verdict: 'later', reason: 'auth', wide: true });
    expect(JSON.stringify([error.message, error.cause])).not.toContain(TEST_TOKEN);
  });

  test('an account that is not paid for is told by the health until something goes through', async () => {
    await begin();
    await written();
    set.world.faults.add({ when: { method: 'messages' }, do: 'refuse', code: 131042, times: 1 });
    expect(await refused(send({ text: 'x' }))).toMatchObject({
      verdict: 'later',
      reason: 'payment',
      wide: true,
    });
    expect(set.channel.health(Date.now()).reason).toContain('paid');
    await send({ text: 'x' });
    await vi.waitFor(() => expect(set.channel.health(Date.now())).toEqual({ ok: true }), soon);
  });

  test('an answer that is none is unknown where it may have been sent, and a refused connection is not', async () => {
    await begin({ pace: { watch: { well: 60_000, ill: 60_000 }, doubt: 20 } });
    await written();
    set.world.faults.add({ when: { method: 'messages' }, do: '500', times: 1 });
    expect(await refused(send({ text: 'a' }, 'a'))).toMatchObject({ verdict: 'later', reason: 'network' });
    set.world.faults.add({ when: { method: 'messages' }, do: 'drop-before', times: 1 });
    expect(await refused(send({ text: 'b' }, 'b'))).toMatchObject({ verdict: 'unknown', reason: 'network' });
    await set.world.down();
    // A connection that lay open may be tried once more before it is known to be closed.
    await vi.waitFor(
      async () =>
        expect(await refused(send({ text: 'c' }, 'c'))).toMatchObject({ verdict: 'later', wide: true }),
      soon,
    );
    await set.world.up();
    await send({ text: 'd' }, 'd');
    expect(seenBy(person).map(({ text }) => text)).toEqual(['d']);
  });
});

/** How many places of a body could be spoilt. */
function places(body: object): number {
  let count = 0;
  JSON.stringify(body, (_key, inner: unknown) => {
    count += 1;
    return inner;
  });
  return count;
}

describe('rulings', () => {
  test.each([
    [131047, 'never', 'window_closed'],
    [470, 'never', 'window_closed'],
    [131056, 'later', 'flood'],
    [130429, 'later', 'flood'],
    [131026, 'blocked', 'undeliverable'],
    [131051, 'never', 'refused'],
    [190, 'later', 'auth'],
    [10, 'later', 'auth'],
    [0, 'later', 'auth'],
    [368, 'later', 'restricted'],
    [131031, 'later', 'restricted'],
    [131042, 'later', 'payment'],
    [131048, 'later', 'spam'],
    [131053, 'never', 'bad_file'],
    [132001, 'never', 'bad_template'],
    [131000, 'later', 'server'],
    [100, 'never', 'refused'],
    [33, 'later', 'auth'],
    [133010, 'later', 'auth'],
  ] as const)('%d is %s: %s', (code, verdict, reason) => {
    expect(rulingOf(code)).toMatchObject({ verdict, reason });
  });

  test('what stands in no table goes by its status', () => {
    expect(rulingOf(219)).toMatchObject({ reason: 'auth' });
    expect(rulingOf(999_999, 401)).toMatchObject({ reason: 'auth' });
    expect(rulingOf(999_999, 429)).toMatchObject({ verdict: 'later', reason: 'flood' });
    expect(rulingOf(999_999, 503)).toMatchObject({ verdict: 'later', reason: 'server' });
    expect(rulingOf(999_999, 400)).toMatchObject({ verdict: 'never', reason: 'refused' });
  });

  test('only what can be later has a pause, and only later is wide', () => {
    for (const ruling of Object.values(RULINGS)) {
      if (ruling.verdict !== 'later') expect(ruling).not.toHaveProperty('retryAfter');
      if (ruling.verdict !== 'later') expect(ruling).not.toHaveProperty('wide');
    }
  });
});

describe('what goes out', () => {
  const words = { open: 'Choose' };

  test('a file is shown as what it is within its limit, else kept whole as a document', () => {
    const MB = 1024 * 1024;
    expect(shapeOf('photo', 'image/jpeg', MB)).toMatchObject({ type: 'image' });
    expect(shapeOf('photo', 'image/jpeg', 6 * MB)).toMatchObject({ type: 'document', mime: 'image/jpeg' });
    expect(shapeOf('photo', 'image/gif', 10)).toMatchObject({ type: 'document', mime: 'text/plain' });
    expect(shapeOf('voice', 'audio/ogg; codecs=opus', 10)).toMatchObject({
      type: 'audio',
      mime: 'audio/ogg',
    });
    expect(shapeOf('audio', 'audio/x-m4a', 10)).toMatchObject({ type: 'audio', mime: 'audio/mp4' });
    expect(shapeOf('video', 'video/mp4', 17 * MB)).toMatchObject({ type: 'document' });
    expect(shapeOf('sticker', 'image/webp', 10)).toMatchObject({ type: 'sticker' });
    expect(shapeOf('document', undefined, 10)).toMatchObject({ type: 'document', mime: 'text/plain' });
  });

  test('eleven steps of a scale are typed, five are a list', () => {
    const scale = (steps: number): Message => ({
      text: 'How likely?',
      choices: Array.from({ length: steps }, (_, step) => ({ id: `r1.1.${step}`, label: String(step) })),
      layout: 'scale',
    });
    const hints = { choose: 'choose', scale: (from: string, to: string) => `${from} to ${to}` };
    expect(fitted(scale(11), WHATSAPP_CLOUD, hints)).toEqual([{ text: 'How likely?\n\n0 to 10' }]);
    const [five] = fitted(scale(5), WHATSAPP_CLOUD, hints);
    expect(stepsOf({ key: 'k', message: five! }, words)).toMatchObject([
      { body: { interactive: { type: 'list', action: { sections: [{ rows: { length: 5 } }] } } } },
    ]);
  });

  test('nothing of a long text above buttons is lost', () => {
    const text = Array.from({ length: 400 }, (_, index) => `word${index}`).join(' ');
    const steps = stepsOf({ key: 'k', message: { text, choices: [{ id: 'a', label: 'A' }] } }, words);
    const said = steps.flatMap((step) =>
      step.as === 'body' ? JSON.stringify(step.body).match(/word\d+/g) : [],
    );
    expect(said).toEqual(text.split(' '));
  });

  test('a template says one line and carries no file', () => {
    const template = { name: 't', language: 'en' };
    expect(JSON.stringify(templateOf({ text: 'a\n\n\tb' }, template))).toContain('"a b"');
    expect(templateOf({ text: ' ' }, template)).toBeUndefined();
  });
});

describe('the settings', () => {
  const read = (values: Record<string, string>, publicUrl: string | undefined = 'https://a.example') => {
    const faults: string[] = [];
    const config = readWhatsApp({
      value: (name) =>
        values[name] ?? (name === 'WHATSAPP_ENABLED' ? 'false' : name === 'WHATSAPP_MEMORY_MB' ? '1500' : ''),
      url: (name) => values[name],
      fault: (name) => void faults.push(name),
      publicUrl,
    });
    return { config, faults };
  };
  const good = {
    WHATSAPP_CLOUD_TOKEN: TEST_TOKEN,
    WHATSAPP_CLOUD_PHONE_ID: TEST_PHONE_ID,
    WHATSAPP_CLOUD_APP_SECRET: TEST_APP_SECRET,
    WHATSAPP_CLOUD_VERIFY_TOKEN: 'a-word-of-our-own',
    WHATSAPP_CLOUD_API_ROOT: 'https://graph.facebook.com/v24.0',
    WHATSAPP_CLOUD_TEMPLATE: 'survey_waits:en_US',
  };

  test('all that is needed', () => {
    const { config, faults } = read(good);
    expect(faults).toEqual([]);
    expect(config?.cloud?.template).toEqual({ name: 'survey_waits', language: 'en_US' });
    expect(read({}).config).toBeUndefined();
    expect(read(good, 'http://a.example').faults).toEqual(['PUBLIC_URL']);
  });

  test('every wrong one is named, and both ways at once', () => {
    const wrong = {
      WHATSAPP_CLOUD_TOKEN: 'short',
      WHATSAPP_CLOUD_PHONE_ID: '+7999',
      WHATSAPP_CLOUD_APP_SECRET: '',
      WHATSAPP_CLOUD_VERIFY_TOKEN: 'x',
      WHATSAPP_CLOUD_TEMPLATE: 'no language',
    };
    expect(read({ ...good, ...wrong }).faults.sort()).toEqual(Object.keys(wrong).sort());
    expect(read({ ...good, WHATSAPP_ENABLED: 'true' }).faults).toEqual(['WHATSAPP_ENABLED']);
  });
});

test('an API that is away is told so, without the token', async () => {
  const graph = createGraph({ token: TEST_TOKEN, phoneId: '1', apiRoot: 'http://127.0.0.1:1/v24.0' }, 500);
  const error = await graph.check().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ verdict: 'later', reason: 'network', wide: true });
  expect(JSON.stringify(error)).not.toContain(TEST_TOKEN);
  graph.close();
});

test('a file that lies with a stranger is not asked for, so that the stranger sees no token', async () => {
  const asked: string[] = [];
  const stranger = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('bytes');
  });
  let where = '';
  const api = createServer((_request, response) => response.end(JSON.stringify({ id: '5', url: where })));
  for (const server of [stranger, api]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const portOf = (server: typeof api) => (server.address() as AddressInfo).port;
  const apiRoot = `http://127.0.0.1:${portOf(api)}/v24.0`;
  const graph = createGraph({ token: TEST_TOKEN, phoneId: '1', apiRoot });
  for (const url of [
    `http://127.0.0.1:${portOf(stranger)}/a`,
    `http://localhost:${portOf(api)}/b`,
    'http://lookaside.fbsbx.com/c',
    'https://evilfbsbx.com/d',
    'file:///etc/passwd',
    'no address',
  ]) {
    where = url;
    const error = await graph.download('5', 1_000).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ verdict: 'never', reason: 'gone' });
  }
  expect(asked).toEqual([]);
  graph.close();
  for (const server of [stranger, api]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('all calls go through the proxy where there is one', async () => {
  const world = await startWhatsAppCloud();
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const to = new URL(request.url ?? '');
    const onward = httpRequest(
      { host: to.hostname, port: to.port, path: to.pathname + to.search, method: request.method ?? 'GET' },
      (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 500)),
    );
    onward.setHeader('authorization', request.headers.authorization ?? '');
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const config = { token: TEST_TOKEN, phoneId: TEST_PHONE_ID, apiRoot: world.url };
  const graph = createGraph({ ...config, proxyUrl: `http://127.0.0.1:${port}` });
  await graph.check();
  expect(asked).toEqual([`GET ${world.url}/${TEST_PHONE_ID}?fields=id`]);
  graph.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await world.stop();
});
