// WhatsApp by a linked phone over the stand-in: the channels' contract and the network's own cases, with the library and
// the browser as they are, for both shapes of message keys that WhatsApp's pages have had.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { fit as fitted } from '../../src/channels/fit.ts';
import { type CustomerEvent, type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import type { Seen } from '../standins/whatsapp-web/seen.ts';
import { conformance, type Harness, type SeenMessage } from './conformance.ts';
import {
  acquaint,
  createGround,
  createSet,
  type Ground,
  soon,
  type WhatsAppWebSet,
} from './whatsapp-web-set.ts';

const address = (peer: string) => ({ channel: 'whatsapp', account: '', peer });

const shown = (seen: Seen): SeenMessage => ({
  text: [seen.text, ...seen.buttons.map(({ label }) => label)].join('\n').trimEnd(),
  files: seen.files,
});

describe.each(['_serialized', '$1'] as const)('with message keys named %s', (keyField) => {
  let ground: Ground;
  /** Kept from case to case, since a browser takes seconds to begin; only the case that stops it ends it. */
  let shared: WhatsAppWebSet | undefined;
  let hear: (events: readonly InboundEvent[]) => Promise<void>;

  beforeAll(async () => {
    ground = await createGround({ keyField });
  });
  afterAll(async () => {
    await shared?.stop();
    await ground.end();
  });
  afterEach(() => {
    expect(ground.wa.missing).toEqual([]);
    expect(ground.wa.pageErrors).toEqual([]);
  });

  async function runningSet(): Promise<WhatsAppWebSet> {
    if (shared === undefined) {
      // A refusal is final at once, so that it can be seen to be told; how often one is tried again is asked elsewhere.
      const set = await createSet(ground, {}, { refused: [] });
      shared = set;
      await set.channel.start(async (events) => {
        await hear(events);
        set.events.push(...events);
      });
    }
    await shared.ready();
    return shared;
  }

  async function makeHarness(): Promise<Harness> {
    const { wa } = ground;
    hear = async () => undefined;
    const set = await runningSet();
    const { channel } = set;
    const person = wa.person();
    const one = await acquaint(person, set);
    const isStopped = expect.getState().currentTestName?.includes('it stops within') === true;
    let ahead = 0;
    let isDown = false;
    return {
      channel: {
        ...channel,
        async start(intake) {
          hear = intake;
        },
        async stop() {
          if (!isStopped) return;
          shared = undefined;
          await set.stop();
        },
      },
      address: address(one),
      inject: {
        say: async (text) => void person.say(text),
        file: async (bytes, kind) =>
          void (kind === 'photo' ? person.sendPhoto(bytes) : person.sendDocument(bytes)),
        async unknown() {
          person.notify('e2e_notification');
          person.react(person.say('a word to react to').id, '👍');
          person.revoke(person.say('a word taken back').id);
          person.postStatus('to everybody');
          wa.group('Neighbours', [person]).say(person.id, 'to the group');
        },
        // A page that is loaded again reads all there is once more, the bot's own words with it.
        async echo() {
          const times = ground.logged.length;
          wa.reloadPage();
          await vi.waitFor(() => expect(ground.logged.slice(times)).toContain('WhatsApp Web is ready'), soon);
        },
        async twice(text) {
          wa.faults.inbound({ duplicate: 1 });
          person.say(text);
          wa.faults.inbound({ duplicate: 0 });
        },
      },
      seen: () =>
        person
          .seen()
          .filter((seen) => seen.byBot)
          .map(shown),
      keep: (bytes, kind) => set.media.keep({ bytes }, kind),
      open: async (attachment) => (await set.media.open(attachment)).bytes,
      faults: {
        refusals: ['later', 'never', 'unknown'],
        async refuse(verdict) {
          if (verdict === 'never') wa.faults.add({ when: { method: 'send' }, do: '403', times: 1 });
          if (verdict === 'unknown') wa.acks('never');
          if (verdict === 'later') {
            isDown = true;
            await wa.down();
            await vi.waitFor(() => expect(channel.linking?.state().is).not.toBe('ready'), soon);
          }
        },
        async down() {
          ahead = 120_000;
          isDown = true;
          await wa.down();
        },
        async up() {
          await wa.up();
          isDown = false;
          ahead = 0;
        },
      },
      now: () => Date.now() + ahead,
      async stop() {
        wa.acks('all');
        wa.faults.clear();
        if (isDown) await wa.up();
      },
    };
  }

  conformance('whatsapp by a linked phone', makeHarness, {
    buttons: 'abilities.buttons is absent',
    blocked: 'its network gives no cause for "blocked"',
  });

  /** What came from the person since they got acquainted. */
  async function talk(about: Parameters<typeof ground.wa.person>[0] = {}) {
    hear = async () => undefined;
    const set = await runningSet();
    const person = ground.wa.person(about);
    const peer = await acquaint(person, set);
    const begun = set.events.length;
    const of = <K extends CustomerEvent['kind']>(kind: K) =>
      set.events
        .slice(begun)
        .filter(isCustomerEvent)
        .filter((event): event is CustomerEvent & { kind: K } => event.peer === peer && event.kind === kind);
    const first = <K extends CustomerEvent['kind']>(kind: K) =>
      vi.waitFor(() => {
        const [event] = of(kind);
        if (!event) throw new Error(`no ${kind} has come in`);
        return event;
      }, soon);
    let count = 0;
    const send = (message: Message, key = `${peer}.${++count}`) =>
      set.channel.send(address(peer), { key, message });
    return { set, person, peer, of, first, send };
  }

  test('a short list is a poll whose vote is a press, and whose numbers can be typed', async () => {
    const { set, person, first, of, send } = await talk();
    const message: Message = {
      text: 'What was wrong?',
      choices: [
        { id: 'r1.1.0', label: 'Delivery' },
        { id: 'r1.1.1', label: 'Staff' },
      ],
    };
    const words = { choose: 'Answer with a number or in words.', scale: () => '' };
    const [part] = fitted(message, set.channel.abilities, words);
    await send(part!);
    const poll = await person.waitFor('What was wrong?');
    expect(poll.buttons.map(({ label }) => label)).toEqual(['1. Delivery', '2. Staff']);
    expect(poll.text).toContain('Answer with a number');
    person.press('2. Staff');
    expect(await first('press')).toMatchObject({ button: 'r1.1.1' });
    expect(await first('press')).not.toHaveProperty('message');
    person.vote(poll.id, []);
    person.press('1. Delivery');
    await vi.waitFor(
      () => expect(of('press').map(({ button }) => button)).toEqual(['r1.1.1', 'r1.1.0']),
      soon,
    );
  });

  test('a number and its hidden id are one person, also when the number is learnt by asking', async () => {
    for (const paired of [true, false]) {
      const { set, person, peer } = await talk({ addressing: 'lid', paired });
      expect(peer).toBe(person.phone);
      await set.channel.send(address(peer), { key: `lid.${peer}`, message: { text: 'to the hidden id' } });
      await person.waitFor('to the hidden id');
    }
  });

  test('what cannot be read at first keeps its place; what never can is asked for anew', async () => {
    const { person, of } = await talk();
    const late = person.sayLate('first');
    person.say('second');
    late.arrive();
    await vi.waitFor(() => expect(of('message').map(({ text }) => text)).toEqual(['first', 'second']), soon);
    person.sayLate('never');
    await vi.waitFor(() => expect(of('message').map(({ text }) => text)).toEqual(['first', 'second', '']), {
      timeout: 25_000,
      interval: 100,
    });
  }, 40_000);

  test('what the owner types on the phone is told as from outside, what we send is not', async () => {
    const { person, first, of, send } = await talk();
    await send({ text: 'by the bot' });
    const typed = ground.wa.owner.say(person, 'by the owner');
    expect(await first('outside')).toMatchObject({ text: 'by the owner', message: typed.id });
    expect(of('outside')).toHaveLength(1);
  });

  test('an edit names what it changes, an answer what it answers', async () => {
    const { set, peer, person, first, of, send } = await talk();
    const said = person.say('befor');
    await vi.waitFor(() => expect(of('message')).toHaveLength(1), soon);
    person.edit(said.id, 'before');
    expect(await first('edit')).toMatchObject({ message: said.id, text: 'before' });
    const { message } = await send({ text: 'a question' });
    person.say('an answer', { quote: message });
    await vi.waitFor(() => expect(of('message')[1]).toMatchObject({ replyTo: message }), soon);
    const out = { key: `q.${peer}`, message: { text: 'seen' }, replyTo: said.id };
    await set.channel.send(address(peer), out);
    expect((await person.waitFor('seen')).quoted).toBe(said.id);
  });

  test('places, cards and voice go both ways', async () => {
    const { set, person, of, send } = await talk();
    person.sendLocation(55.75, 37.61);
    person.sendContact('Ann, the manager', '15551234567');
    person.sendVoice(randomBytes(3_000));
    await vi.waitFor(() => expect(of('message')).toHaveLength(3), soon);
    const [place, card, voice] = of('message').map(({ attachments }) => attachments?.[0]);
    expect(place).toMatchObject({ kind: 'location', location: { latitude: 55.75, longitude: 37.61 } });
    expect(card).toMatchObject({ kind: 'contact', contact: { phone: '+15551234567' } });
    expect(voice).toMatchObject({ kind: 'voice', size: 3_000 });
    await send({ text: '', attachments: [place!] });
    expect((await person.waitFor((seen) => seen.location !== undefined)).location?.latitude).toBe(55.75);
    await send({ text: '', attachments: [card!] });
    expect((await person.waitFor((seen) => seen.card !== undefined)).card).toContain('waid=15551234567');
    const ogg = Buffer.from(`${'OggS\0\x02'.padEnd(28, '\0')}OpusHead`.padEnd(200, '\0'), 'latin1');
    const kept = await set.media.keep({ bytes: ogg, mime: 'audio/ogg' }, 'voice');
    await send({ text: '', attachments: [kept] });
    await person.waitFor((seen) => seen.type === 'ptt');
  });

  test('a file too big is refused before it is loaded, a file that is gone is told as such', async () => {
    const { set, person, of } = await talk();
    person.sendDocument(randomBytes(100), { name: 'huge.zip', size: 50_000_000 });
    person.sendPhoto(randomBytes(100), { gone: true });
    await vi.waitFor(() => expect(of('message')).toHaveLength(2), soon);
    const [huge, gone] = of('message').map(({ attachments }) => attachments?.[0]);
    const loads = () => ground.wa.requests.filter(({ method }) => method === 'download').length;
    const before = loads();
    await expect(set.media.open(huge!)).rejects.toMatchObject({ verdict: 'never', reason: 'too_big' });
    expect(loads()).toBe(before);
    await expect(set.media.open(gone!)).rejects.toMatchObject({ verdict: 'never', reason: 'gone' });
  });

  test('a file that cannot be had now is asked for again later', async () => {
    const { set, person, of } = await talk();
    const bytes = randomBytes(100);
    person.sendPhoto(bytes);
    await vi.waitFor(() => expect(of('message')).toHaveLength(1), soon);
    const [file] = of('message')[0]?.attachments ?? [];
    const fault = ground.wa.faults.add({ when: { method: 'download' }, do: '500', times: 2 });
    await expect(set.media.open(file!)).rejects.toMatchObject({ verdict: 'later' });
    expect(fault.fired).toBe(2);
    expect(Buffer.from((await set.media.open(file!)).bytes)).toEqual(bytes);
  });

  test('what the server once had is sent, although it refused what the page sent once more', async () => {
    const { person, send } = await talk();
    const lost = ground.wa.faults.add({ when: { method: 'send' }, do: 'effect-then-drop', times: 1 });
    const refused = ground.wa.faults.add({ when: { method: 'send' }, do: '500', times: 1 });
    await expect(send({ text: 'only once' })).resolves.toBeDefined();
    await vi.waitFor(() => expect([lost.fired, refused.fired]).toEqual([1, 1]), soon);
    expect(ground.wa.everything(person).filter((seen) => seen.text === 'only once')).toHaveLength(1);
    await runningSet();
  });

  test('nobody is written to first', async () => {
    const set = await runningSet();
    const stranger = ground.wa.person();
    const sending = set.channel.send(address(stranger.phone), { key: 'cold', message: { text: 'buy' } });
    await expect(sending).rejects.toMatchObject({ verdict: 'never', reason: 'not_started' });
    expect(ground.wa.everything(stranger)).toEqual([]);
  });

  test('a send without the word of the server is unknown, is not repeated, and is told of when the word comes', async () => {
    const { person, first, send } = await talk();
    ground.wa.acks('never');
    const message = { text: 'is it there?' };
    await expect(send(message, 'doubtful')).rejects.toMatchObject({ verdict: 'unknown' });
    await expect(send(message, 'doubtful')).rejects.toMatchObject({ verdict: 'unknown' });
    ground.wa.acks('all');
    ground.wa.dropConnections();
    expect(await first('receipt')).toMatchObject({ key: 'doubtful', state: 'sent' });
    await vi.waitFor(() => expect(send(message, 'doubtful')).resolves.toBeDefined(), soon);
    expect(ground.wa.everything(person).filter((seen) => seen.text === 'is it there?')).toHaveLength(1);
  });

  test('what is kept is marked as read, and nothing before', async () => {
    const { set, person } = await talk();
    await vi.waitFor(() => expect(ground.wa.pending).toBe(0), soon);
    let fail = true;
    hear = async () => {
      if (fail) throw new Error('the store is down');
    };
    person.say('keep me');
    await vi.waitFor(() => expect(ground.wa.pending).toBeGreaterThan(0), soon);
    await set.channel.send(address(person.phone), { key: 'meanwhile', message: { text: 'meanwhile' } });
    expect(ground.wa.pending).toBeGreaterThan(0);
    fail = false;
    await vi.waitFor(() => expect(ground.wa.pending).toBe(0), soon);
  });
});
