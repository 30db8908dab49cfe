// The forum desk over the stand-in: what operators see of a ticket, whose words are taken, and what happens when a
// topic, the group or the bot's rights go away.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTelegramChannel } from '../../src/channels/telegram/adapter.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { DeskEvent, InboundEvent } from '../../src/core/event.ts';
import type { Attachment, StoredMessage } from '../../src/core/message.ts';
import type { Ticket, TicketPlace } from '../../src/core/ticket.ts';
import type { Desk, Shown } from '../../src/desk/desk.ts';
import { createForumDesk } from '../../src/desk/forum/adapter.ts';
import type { RawApi } from '../../src/networks/telegram/api.ts';
import type { TelegramClient } from '../../src/networks/telegram/client.ts';
import { readTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';
import { type Forum, type Person, setUp, type TelegramSet, type World } from '../networks/telegram-set.ts';

const soon = { timeout: 10_000, interval: 10 };
const source = (path: string) => ({
  [path]: readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'),
});
const { resources, faults } = readTexts({
  ...source('locales/ru/desk.yaml'),
  ...source('locales/en/desk.yaml'),
  ...source('locales/ru/channels.yaml'),
  ...source('locales/en/channels.yaml'),
});
const missing: string[] = [];
const texts = createTexts(resources, { defaultLocale: 'ru', onMissing: (_, key) => missing.push(key) });
const t = (key: string, vars = {}) => texts.t('ru', key, vars);

interface Setting {
  readonly set: TelegramSet;
  readonly world: World;
  readonly desk: Desk;
  readonly forum: Forum;
  readonly anna: Person;
  readonly boris: Person;
  readonly events: InboundEvent[];
  /** Shows, and keeps what came of it as the shell does. */
  show(what: Parameters<Desk['show']>[1], key?: string): Promise<Shown>;
  say(message: Partial<StoredMessage> & { readonly text: string }): StoredMessage;
  ticket(): Ticket;
  change(part: Partial<Ticket>): void;
  thread(): number;
  place(): TicketPlace;
  readonly moves: [string, string][];
  /** Threads that Telegram forgets: what is sent there lands in the group itself. */
  readonly astray: Set<number>;
  now: number;
}

let here: Setting;

/** Telegram was seen to answer "sent" while it had dropped the thread: the one thing the stand-in does not play. */
function losing(client: TelegramClient, astray: ReadonlySet<number>): TelegramClient {
  const call = new Proxy(client.call, {
    get: (target, method: keyof RawApi) =>
      method !== 'sendMessage'
        ? target[method]
        : (params: Parameters<RawApi['sendMessage']>[0]) => {
            const { message_thread_id: thread, ...rest } = params;
            return target.sendMessage(thread !== undefined && astray.has(thread) ? rest : params);
          },
  });
  return { ...client, call };
}

async function setDesk(
  forumOptions: Parameters<World['forum']>[0] = {},
  deskChat?: number,
): Promise<Setting> {
  const moves: [string, string][] = [];
  const chat = deskChat ?? forumOptions.id ?? -1_001_000_000_777;
  const set = await setUp({
    operators: { chat, onMoved: async (from, to) => void moves.push([from, to]) },
  });
  const { world, telegram } = set;
  const astray = new Set<number>();
  const anna = world.person({ first_name: 'Анна', last_name: 'О.' });
  const boris = world.person({ first_name: 'Борис' });
  const forum: Forum = world.forum({ id: chat, members: [anna, boris], ...forumOptions });
  const events: InboundEvent[] = [];
  const messages = new Map<string, StoredMessage>();
  const links: { place: string; network: string; message: string }[] = [];
  let ticket: Ticket = {
    id: 't1',
    v: 1,
    number: 'K7-48213',
    kind: 'complaint',
    status: 'received',
    contact: 'c1',
    channel: 'telegram',
    account: '123456',
    locale: 'ru',
    customer: 'Вера',
    category: [],
    subject: 'Разбили витрину\nи не извинились',
    fields: [{ id: 'what', label: 'Что случилось', value: 'Разбили <b>витрину</b> {{name}}' }],
    evidence: [],
    reachable: true,
    history: [],
    places: [],
    openedAt: 1,
    changedAt: 1,
  };
  let shows = 0;
  let seq = 0;
  const state = { now: Date.now() };
  const onBad = async (id: number, raw: string, reason: string) => void set.bad.push({ id, raw, reason });
  const { client, receive } = telegram;
  const desk = createForumDesk({
    client: losing(client, astray),
    receive,
    operatorChat: telegram.operatorChat!,
    records: {
      messages: async () => [...messages.values()],
      message: async (id) => messages.get(id),
      links: async (place, message) =>
        links.filter((link) => link.place === place && link.message === message).map((link) => link.network),
    },
    media: {
      open: async (attachment) => {
        if (attachment.ref === 'media:gone') throw new DeliveryError('never', 'gone');
        if (attachment.ref === 'media:empty') return { bytes: Buffer.alloc(0) };
        return { bytes: Buffer.from(`bytes of ${attachment.ref}`), name: attachment.name ?? 'file.bin' };
      },
    },
    t,
    keepPlaces: async (_, places) => {
      ticket = { ...ticket, places };
    },
    onBad,
    clock: () => state.now,
    log: set.log,
  });
  const channel = createTelegramChannel({
    client,
    receive,
    media: { open: async () => ({ bytes: Buffer.from('x') }) },
    onBad,
    clock: Date.now,
    log: set.log,
  });
  const intake = async (batch: readonly InboundEvent[]) => void events.push(...batch);
  await channel.start(intake);
  await desk.start(intake);
  const place = () => ticket.places.find((one) => one.live)!;
  return {
    set,
    world,
    desk,
    forum,
    anna,
    boris,
    events,
    moves,
    astray,
    ticket: () => ticket,
    change: (part) => {
      ticket = { ...ticket, ...part };
    },
    place,
    thread: () => Number(place().key.split(':').at(-1)),
    say(message) {
      const kept: StoredMessage = {
        id: `m${++seq}`,
        contact: 'c1',
        seq,
        author: { kind: 'customer', name: 'Вера' },
        at: seq,
        ticket: 't1',
        ...message,
      };
      messages.set(kept.id, kept);
      return kept;
    },
    async show(what, key = `show.${++shows}`) {
      const shown = await desk.show(ticket, what, key);
      if (shown.places) ticket = { ...ticket, places: shown.places };
      const network = shown.links ?? [];
      if (what.what === 'line') {
        links.push(...network.map((id) => ({ place: place().key, network: id, message: what.message })));
      }
      return shown;
    },
    get now() {
      return state.now;
    },
    set now(value) {
      state.now = value;
    },
  };
}

const deskEvents = () => here.events.filter((event): event is DeskEvent => event.kind === 'desk');
const topic = () => here.forum.topic(here.thread());
const written = () => topic().messages.filter((one) => one.byBot && (one.text !== undefined || one.media));
const textsIn = () => written().map((one) => one.text ?? '');

afterEach(async () => {
  expect(here.world.violations).toEqual([]);
  expect(missing).toEqual([]);
  await here.desk.stop();
  await here.set.stop();
});

test('the texts of the desk are whole', () => {
  expect(faults).toEqual([]);
  return setDesk().then((made) => {
    here = made;
  });
});

describe('a ticket in the group', () => {
  beforeEach(async () => {
    here = await setDesk();
  });

  test('opens as a topic with a title, a card and the evidence', async () => {
    const photo = here.anna.sendPhoto(Buffer.from('proof'));
    const ref = `telegram:123456.photo.${photo.media?.file?.id}`;
    here.change({
      evidence: [
        { kind: 'photo', ref },
        { kind: 'document', ref: 'media:1', name: 'чек.pdf' },
      ],
    });
    const shown = await here.show({ what: 'open' });
    expect(shown.places).toEqual([
      { desk: 'forum', key: `forum:${here.forum.id}:${here.thread()}`, live: true, card: expect.any(String) },
    ]);
    expect(topic().name).toBe('🆕 K7-48213 Разбили витрину и не извинились');
    const [card, ...evidence] = written();
    expect(card?.text).toContain('Жалоба K7-48213');
    expect(card?.text).toContain('Клиент: Вера (Telegram)');
    expect(card?.text).toContain('Что случилось: Разбили <b>витрину</b> {{name}}');
    expect(String(card?.message_id)).toBe(here.place().card);
    expect(evidence.map((one) => one.media?.kind)).toEqual(['photo', 'document']);
    // The bot's own file is not carried through us again.
    expect(evidence[0]?.media?.file?.id).toBe(photo.media?.file?.id);
  });

  test('the card names the network in words; one that has no name goes by its own', async () => {
    here.change({ channel: 'vk-wall' });
    await here.show({ what: 'open' });
    expect(written()[0]?.text).toContain('Клиент: Вера (Стена ВКонтакте)');
    here.change({ channel: 'pigeon' });
    await here.show({ what: 'card' });
    expect(written()[0]?.text).toContain('Клиент: Вера (pigeon)');
    expect(missing.splice(0)).toEqual(['channels:name.pigeon']);
  });

  test('the card says where else the customer is, as long as they are', async () => {
    await here.desk.show({ ...here.ticket(), alsoOn: ['ВКонтакте', 'WhatsApp'] }, { what: 'open' }, 'k1');
    expect(written()[0]?.text).toContain('Он же пишет из: ВКонтакте, WhatsApp');
    await here.desk.show(here.ticket(), { what: 'card' }, 'k2');
    expect(written()[0]?.text).not.toContain('Он же пишет из');
  });

  test('opening once more makes no second topic', async () => {
    await here.show({ what: 'open' });
    // The group's rate is scarce: a topic and a card are two calls, and no more.
    const calls = here.world.requests.filter((one) => /Topic|Message/.test(one.method));
    expect(calls.map((one) => one.method)).toEqual(['createForumTopic', 'sendMessage']);
    await here.show({ what: 'open' });
    expect(here.forum.topics().filter((one) => one.byBot)).toHaveLength(1);
    expect(textsIn()).toHaveLength(1);
  });

  test('a refusal half-way goes on where it stopped', async () => {
    const rule = here.world.faults.add({
      when: { method: 'sendMessage' },
      do: 'refuse429',
      retryAfter: 3,
      times: 1,
    });
    const stale = here.ticket();
    await expect(here.desk.show(stale, { what: 'open' }, 'k')).rejects.toMatchObject({
      verdict: 'later',
      retryAfter: 3_000,
    });
    expect(rule.fired).toBe(1);
    // Whether or not the shell has read the ticket anew.
    const shown = await here.desk.show(stale, { what: 'open' }, 'k');
    expect(here.forum.topics().filter((one) => one.byBot)).toHaveLength(1);
    expect(shown.places).toHaveLength(1);
    expect(textsIn()).toHaveLength(1);
  });

  test('lines are told apart by who speaks, and a reply by what it answers', async () => {
    await here.show({ what: 'open' });
    const first = here.say({ text: 'Когда ответите?' });
    const shown = await here.show({ what: 'line', message: first.id });
    const second = here.say({ text: 'Ау', replyTo: first.id });
    await here.show({ what: 'line', message: second.id });
    const operator = { kind: 'operator', id: 'admin', name: 'Олег' } as const;
    await here.show({ what: 'line', message: here.say({ text: 'Скоро', author: operator }).id });
    await here.show({ what: 'line', message: here.say({ text: 'сердит', author: operator, note: true }).id });
    expect(textsIn().slice(1)).toEqual(['👤 Когда ответите?', '👤 Ау', '💬 Олег: Скоро', '📝 Олег: сердит']);
    expect(written()[2]?.replyTo).toBe(Number(shown.links?.[0]));
    // What stands there already is not shown again.
    expect(await here.show({ what: 'line', message: first.id })).toEqual({});
    expect(textsIn()).toHaveLength(5);
  });

  test('a long text comes whole, files with it, and files that are gone are named', async () => {
    await here.show({ what: 'open' });
    const text = Array.from({ length: 1_500 }, (_, index) => `слово${index}`).join(' ');
    const shown = await here.show({ what: 'line', message: here.say({ text }).id });
    expect(shown.links?.length).toBeGreaterThan(2);
    const solid = (one: string) => one.replace(/\s+/g, '');
    expect(solid(textsIn().slice(1).join(''))).toBe(solid(`👤 ${text}`));
    const photos: Attachment[] = ['1', '2', '3'].map((id) => ({ kind: 'photo', ref: `media:${id}` }));
    const album = await here.show({
      what: 'line',
      message: here.say({ text: 'три фото', attachments: photos }).id,
    });
    expect(album.links).toHaveLength(3);
    expect(
      new Set(
        written()
          .slice(-3)
          .map((one) => one.mediaGroup),
      ).size,
    ).toBe(1);
    const lost: Attachment[] = [{ kind: 'document', ref: 'media:gone', name: 'договор.docx' }];
    await here.show({ what: 'line', message: here.say({ text: 'вот', attachments: lost }).id });
    expect(textsIn().at(-1)).toBe('👤 вот\n📎 не удалось показать здесь: договор.docx');
  });

  test('a file that Telegram refuses takes no other with it, and only it is named', async () => {
    await here.show({ what: 'open' });
    const photo = (id: string): Attachment => ({ kind: 'photo', ref: `media:${id}` });
    const empty: Attachment = { kind: 'document', ref: 'media:empty', name: 'пусто.txt' };
    const letter: Attachment = { kind: 'document', ref: 'media:letter', name: 'письмо.txt' };
    const attachments = [photo('1'), photo('2'), empty, letter, photo('3')];
    const { id } = here.say({ text: 'вот всё', attachments });
    const shown = await here.show({ what: 'line', message: id });
    expect(shown.links).toHaveLength(5);
    expect(textsIn().slice(-5).filter(Boolean)).toEqual([
      '👤 вот всё\n📎 не удалось показать здесь: пусто.txt',
    ]);
  });

  test('a refusal of another kind among refused files shows none of them twice', async () => {
    await here.show({ what: 'open' });
    const empty: Attachment = { kind: 'document', ref: 'media:empty', name: 'пусто.txt' };
    const letter: Attachment = { kind: 'document', ref: 'media:letter', name: 'письмо.txt' };
    const { id } = here.say({ text: 'вот', attachments: [letter, empty] });
    const before = written().length;
    here.world.faults.add({ when: { method: 'sendMessage' }, do: '500', times: 1 });
    await expect(here.show({ what: 'line', message: id }, 'k')).rejects.toMatchObject({ verdict: 'later' });
    await here.show({ what: 'line', message: id }, 'k');
    expect(written()).toHaveLength(before + 2);
    expect(textsIn().at(-1)).toBe('👤 вот\n📎 не удалось показать здесь: пусто.txt');
  });

  test('a changed message, a notice and a changed state are shown', async () => {
    await here.show({ what: 'open' });
    const line = here.say({ text: 'Вчера' });
    const { links } = await here.show({ what: 'line', message: line.id });
    await here.show({ what: 'reworded', message: line.id, before: 'Вчера', after: 'Сегодня' });
    expect(textsIn().at(-1)).toContain('Было: Вчера\nСтало: Сегодня');
    expect(written().at(-1)?.replyTo).toBe(Number(links?.[0]));
    await here.show({ what: 'notice', text: 'Клиент вернулся', replyTo: 'a-page-id' });
    expect(textsIn().at(-1)).toBe('Клиент вернулся');
    here.change({ status: 'in_progress', assignee: { id: 'tg:1', name: 'Анна О.' }, reachable: false });
    await here.show({ what: 'card' });
    expect(topic().name).toContain('🟡🔇 K7-48213');
    expect(written()[0]?.text).toContain('Отвечает: Анна О.');
    const calls = here.world.requests.filter((one) => one.method === 'editForumTopic').length;
    await here.show({ what: 'card' });
    expect(here.world.requests.filter((one) => one.method === 'editForumTopic')).toHaveLength(calls);
  });

  test('a card somebody deleted is written anew', async () => {
    await here.show({ what: 'open' });
    const old = here.place().card;
    await here.set.telegram.client.call.deleteMessage({ chat_id: here.forum.id, message_id: Number(old) });
    await here.show({ what: 'card' });
    expect(here.place().card).not.toBe(old);
    expect(textsIn().at(-1)).toContain('K7-48213');
  });

  test('a closed topic is written into still, opened again where it must be', async () => {
    await here.show({ what: 'open' });
    here.forum.closeTopic(here.thread());
    await here.show({ what: 'notice', text: 'ещё' });
    expect(textsIn().at(-1)).toBe('ещё');
    const rule = here.world.faults.add({
      when: { method: 'sendMessage' },
      do: '403',
      text: 'TOPIC_CLOSED',
      times: 1,
    });
    await here.show({ what: 'notice', text: 'и ещё' });
    expect(rule.fired).toBe(1);
    expect(topic().closed).toBe(false);
    expect(textsIn().at(-1)).toBe('и ещё');
  });

  test('what Telegram puts beside the topic is taken back, and the topic is made again', async () => {
    await here.show({ what: 'open' });
    const old = here.thread();
    here.astray.add(old);
    await here.show({ what: 'notice', text: 'тайна клиента' });
    expect(here.thread()).not.toBe(old);
    expect(textsIn().at(-1)).toBe('тайна клиента');
    expect(here.forum.messages('general').filter((one) => one.byBot)).toEqual([]);
  });

  test.each(['line', 'card', 'notice'] as const)(
    'a deleted topic is made again once, for a %s',
    async (what) => {
      await here.show({ what: 'open' });
      for (let index = 1; index <= 25; index++) {
        const { id } = here.say({ text: `реплика ${index}` });
        if (index === 1) await here.show({ what: 'line', message: id });
      }
      const old = here.place();
      here.forum.deleteTopic(here.thread());
      const last = here.say({ text: 'новая' });
      const shown = await here.show(
        what === 'line' ? { what, message: last.id } : what === 'card' ? { what } : { what, text: 'новость' },
      );
      expect(shown.places?.map((one) => one.live)).toEqual([false, true]);
      expect(shown.places?.[0]?.key).toBe(old.key);
      expect(here.forum.topics().filter((one) => one.byBot)).toHaveLength(2);
      const [card, history, ...rest] = textsIn();
      expect(card).toContain('K7-48213');
      expect(history).toContain('прежней темы больше нет');
      expect(history).toContain('реплика 25');
      expect(history).not.toContain('реплика 5\n');
      if (what === 'line') expect(rest).toEqual(['👤 новая']);
      if (what === 'notice') expect(rest).toEqual(['новость']);
      await here.show({ what: 'notice', text: 'дальше' });
      expect(here.forum.topics().filter((one) => one.byBot)).toHaveLength(2);
      expect(here.forum.messages('general').filter((one) => one.byBot)).toEqual([]);
    },
  );

  test('after the group moved all goes on under its new id', async () => {
    await here.show({ what: 'open' });
    const from = String(here.forum.id);
    const to = here.forum.migrate();
    // By the error of a call, by the message of Telegram's, whichever comes first.
    await here.show({ what: 'notice', text: 'после переезда' });
    expect(here.moves).toEqual([[from, String(to)]]);
    expect(here.place().key.startsWith(`forum:${to}:`)).toBe(true);
    expect(textsIn().at(-1)).toBe('после переезда');
    expect(here.desk.rateKey(here.ticket())).toBe(`telegram:${to}`);
    // What was written before the move, and is looked at after it, belongs to the same ticket.
    expect(here.desk.placeNow?.(`forum:${from}:${here.thread()}`)).toBe(here.place().key);
    expect(here.desk.placeNow?.('forum:-5:7')).toBe('forum:-5:7');
    here.forum.member(here.anna).say('слышно?', { thread: here.thread() });
    await vi.waitFor(() => expect(deskEvents().at(-1)?.place).toBe(here.place().key), soon);
  });

  test("the message of the group's move alone is enough", async () => {
    const to = here.forum.migrate();
    await vi.waitFor(() => expect(here.moves).toHaveLength(1), soon);
    expect(here.desk.rateKey(here.ticket())).toBe(`telegram:${to}`);
  });

  test('rights taken away wait for a remedy and lose nothing', async () => {
    await vi.waitFor(() => expect(here.desk.health(here.now)).toEqual({ ok: true }), soon);
    here.forum.setBot('administrator', { can_manage_topics: false });
    await expect(here.show({ what: 'open' }, 'k')).rejects.toMatchObject({
      verdict: 'later',
      reason: 'no_rights',
    });
    await vi.waitFor(() => expect(here.desk.health(here.now).reason).toContain('Управление темами'), soon);
    here.forum.setBot('administrator');
    await vi.waitFor(() => expect(here.desk.health(here.now)).toEqual({ ok: true }), soon);
    await here.show({ what: 'open' }, 'k');
    expect(textsIn()).toHaveLength(1);
  });
});

describe('a group that cannot be a desk', () => {
  test('one without topics is told how to have them', async () => {
    here = await setDesk({ id: -400_001, type: 'group' });
    await vi.waitFor(() => expect(here.desk.health(here.now).reason).toContain('включите «Темы»'), soon);
  });

  test('one without the bot is told to let it in', async () => {
    here = await setDesk({ id: -1_001_000_000_001 }, -1_001_000_000_002);
    await vi.waitFor(() => expect(here.desk.health(here.now).reason).toContain('Бота нет в группе'), soon);
  });
});

describe('what all operators are told', () => {
  beforeEach(async () => {
    here = await setDesk();
  });

  test('stands in General once, whatever it says, and in no ticket', async () => {
    await here.show({ what: 'open' });
    const before = textsIn().length;
    await here.desk.announce?.('⚠️ <b>VK</b>: {{name}}');
    const told = here.forum.messages('general').filter((one) => one.byBot);
    expect(told.map((one) => one.text)).toEqual(['⚠️ <b>VK</b>: {{name}}']);
    expect(textsIn()).toHaveLength(before);
    expect(deskEvents()).toEqual([]);
  });

  test('what is too long for one message is cut, never refused', async () => {
    await here.desk.announce?.(`начало ${'слово '.repeat(1_500)}`);
    expect(here.forum.messages('general').filter((one) => one.byBot)).toHaveLength(1);
  });

  test('a refusal is one that can be tried again', async () => {
    here.world.faults.add({ when: { method: 'sendMessage' }, do: '500', times: 9 });
    const error = await here.desk.announce?.('нет').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeliveryError);
    here.world.faults.clear();
    await here.desk.announce?.('да');
    expect(
      here.forum
        .messages('general')
        .filter((one) => one.byBot)
        .map((one) => one.text),
    ).toContain('да');
  });
});

describe('what operators do', () => {
  beforeEach(async () => {
    here = await setDesk();
    await here.show({ what: 'open' });
    await vi.waitFor(() => expect(here.desk.health(here.now)).toEqual({ ok: true }), soon);
  });
  const say = (text: string, more = {}) =>
    here.forum.member(here.anna).say(text, { thread: here.thread(), ...more });
  const acts = () =>
    deskEvents().map(({ act, ...event }) => ({ act, ...('text' in event && { text: event.text }) }));

  test('plain words are words, whoever said them', async () => {
    const { message_id } = say('Здравствуйте!');
    await vi.waitFor(() => expect(deskEvents()).toHaveLength(1), soon);
    const [event] = deskEvents();
    expect(event).toMatchObject({
      act: 'write',
      text: 'Здравствуйте!',
      channel: 'forum',
      account: '123456',
      operator: { id: `tg:${here.anna.id}`, name: 'Анна О.' },
      place: here.place().key,
      message: String(message_id),
    });
    // Every message in a topic answers the topic's own beginning; that is no reply.
    expect(event).not.toHaveProperty('replyTo');
  });

  test('commands', async () => {
    const own = say('слово');
    say('/claim');
    say('/take@otklik_test_bot');
    say('/note осторожно');
    say('// и это тоже');
    say('/close Спасибо!');
    say('/close');
    say('/resend', { reply_to: own.message_id });
    say('/resend');
    say('/frobnicate');
    say('/note');
    say('/ 5');
    say('/claim@other_bot');
    say('конец', { reply_to: Number(here.place().card) });
    await vi.waitFor(() => expect(acts().at(-1)?.text).toBe('конец'), soon);
    expect(acts()).toEqual([
      { act: 'write', text: 'слово' },
      { act: 'claim' },
      { act: 'claim' },
      { act: 'note', text: 'осторожно' },
      { act: 'note', text: 'и это тоже' },
      { act: 'close', text: 'Спасибо!' },
      { act: 'close' },
      { act: 'resend' },
      { act: 'unknown', text: '/resend' },
      { act: 'unknown', text: '/frobnicate' },
      { act: 'unknown', text: '/note' },
      { act: 'unknown', text: '/ 5' },
      { act: 'write', text: 'конец' },
    ]);
    expect(deskEvents()[2]).toMatchObject({ force: true });
    expect(deskEvents()[7]).toMatchObject({ message: String(own.message_id) });
    expect(deskEvents().at(-1)).toMatchObject({ replyTo: here.place().card });
  });

  test('edits; one that becomes a note never is new words for the customer', async () => {
    const said = say('одно');
    here.forum.member(here.anna).edit(said.message_id, 'другое');
    here.forum.member(here.anna).edit(said.message_id, '/note не для клиента');
    here.forum.member(here.anna).edit(said.message_id, '/close');
    await vi.waitFor(() => expect(deskEvents()).toHaveLength(4), soon);
    expect(acts()).toEqual([
      { act: 'write', text: 'одно' },
      { act: 'edit', text: 'другое' },
      { act: 'note', text: 'не для клиента' },
      { act: 'unknown', text: '/close' },
    ]);
    expect(deskEvents()[1]).toMatchObject({ message: String(said.message_id) });
  });

  test('an album keeps its group, and one note makes all of it notes', async () => {
    const file = Buffer.from('x');
    const member = here.forum.member(here.anna);
    member.sendAlbum(
      [
        { kind: 'photo', file, caption: 'вам' },
        { kind: 'photo', file },
      ],
      { thread: here.thread() },
    );
    member.sendAlbum(
      [
        { kind: 'photo', file, caption: '/note нам' },
        { kind: 'photo', file },
      ],
      {
        thread: here.thread(),
      },
    );
    await vi.waitFor(() => expect(deskEvents()).toHaveLength(4), soon);
    expect(deskEvents().map((event) => event.act)).toEqual(['write', 'write', 'note', 'note']);
    const groups = deskEvents().map((event) => ('group' in event ? event.group : undefined));
    expect(groups[0]).toBe(groups[1]);
    expect(groups[2]).toBe(groups[3]);
    expect(groups[0]).not.toBe(groups[2]);
    expect(deskEvents().every((event) => 'attachments' in event && event.attachments?.length === 1)).toBe(
      true,
    );
  });

  test('help is given where it is asked, in General too, and General is otherwise not heard', async () => {
    say('/help');
    here.forum.member(here.anna).sayInGeneral('болтаем');
    here.forum.member(here.anna).sayInGeneral('/help');
    await vi.waitFor(() => expect(textsIn().at(-1)).toContain('/resend'), soon);
    await vi.waitFor(
      () => expect(here.forum.messages('general').filter((one) => one.byBot)).toHaveLength(1),
      soon,
    );
    expect(deskEvents()).toEqual([]);
  });

  test('who cannot be named is told once an hour, and nothing goes out', async () => {
    const thread = here.thread();
    const before = textsIn().length;
    const hidden = here.forum.asAnonymousAdmin();
    hidden.say('/close', { thread });
    hidden.say('и ещё', { thread });
    here.forum.asChannel().say('новости', { thread });
    here.forum.asBot().say('/claim', { thread });
    say('конец');
    await vi.waitFor(() => expect(deskEvents()).toHaveLength(1), soon);
    await vi.waitFor(() => expect(textsIn().slice(before)).toHaveLength(2), soon);
    expect(textsIn().at(-1)).toContain('от своего имени');
    here.now += 61 * 60_000;
    hidden.say('снова', { thread });
    await vi.waitFor(() => expect(textsIn().slice(before)).toHaveLength(3), soon);
    expect(acts()).toEqual([{ act: 'write', text: 'конец' }]);
  });

  test('a forwarded command does nothing but say so', async () => {
    here.world.push('message', {
      message_id: 9_001,
      date: 1,
      chat: { id: here.forum.id, type: 'supergroup', is_forum: true },
      from: here.anna.user,
      message_thread_id: here.thread(),
      is_topic_message: true,
      text: '/close',
      forward_origin: { type: 'hidden_user', date: 1, sender_user_name: 'x' },
    });
    await vi.waitFor(() => expect(acts()).toEqual([{ act: 'unknown', text: '/close' }]), soon);
  });

  test('words in the group never reach the channel, nor a customer the desk', async () => {
    here.boris.say('я клиент');
    say('я оператор');
    await vi.waitFor(() => expect(here.events).toHaveLength(2), soon);
    expect(here.events.map((event) => event.channel).sort()).toEqual(['forum', 'telegram']);
  });

  test('only who is in the group now may act', async () => {
    say('я тут');
    await vi.waitFor(() => expect(deskEvents()).toHaveLength(1), soon);
    const event = deskEvents()[0]!;
    const asked = () => here.world.requests.filter((one) => one.method === 'getChatMember').length;
    expect(await here.desk.authorise(event)).toBe(true);
    const before = asked();
    expect(await here.desk.authorise(event)).toBe(true);
    expect(asked()).toBe(before);
    here.now += 61_000;
    here.forum.removeMember(here.anna);
    expect(await here.desk.authorise(event)).toBe(false);
    here.forum.addMember(here.anna, 'restricted', { is_member: true });
    here.now += 61_000;
    expect(await here.desk.authorise(event)).toBe(true);
    here.forum.removeMember(here.anna, 'kicked');
    here.now += 61_000;
    expect(await here.desk.authorise(event)).toBe(false);
    expect(await here.desk.authorise({ ...event, operator: { id: 'tg:404404', name: 'nobody' } })).toBe(
      false,
    );
    expect(await here.desk.authorise({ ...event, operator: { id: 'anna', name: 'Анна' } })).toBe(false);
    expect(await here.desk.authorise({ ...event, place: 'forum:-1:5' })).toBe(false);
    here.world.faults.add({ when: { method: 'getChatMember' }, do: '500', times: 1 });
    await expect(here.desk.authorise(event)).rejects.toBeInstanceOf(DeliveryError);
  });
});
