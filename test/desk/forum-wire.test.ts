// The desk's wire by itself: who counts as a named person, and that no shape of an update makes a wrong event.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromUpdate as toCustomer } from '../../src/channels/telegram/wire.ts';
import { cardTexts, pieces, title } from '../../src/desk/forum/card.ts';
import { fromUpdate } from '../../src/desk/forum/wire.ts';
import type { Update } from '../../src/networks/telegram/api.ts';

const where = { account: '1', chat: -100_5 };
const base = {
  message_id: 9,
  date: 1,
  chat: { id: -100_5, type: 'supergroup', is_forum: true },
  from: { id: 7, is_bot: false, first_name: 'Anna' },
  message_thread_id: 3,
  is_topic_message: true,
  text: '/close',
};
const read = (more: object) =>
  fromUpdate({ update_id: 1, message: { ...base, ...more } } as unknown as Update, where);

describe('who is a named person', () => {
  test('Anna is', () => {
    expect(read({}).events).toMatchObject([{ act: 'close', operator: { id: 'tg:7', name: 'Anna' } }]);
  });

  test.each([
    ['hidden behind the group', { sender_chat: base.chat }],
    ['hidden behind a channel', { sender_chat: { id: -100_9, type: 'channel', title: 'News' } }],
    ['the bot of hidden administrators', { from: { id: 1087968824, is_bot: true, first_name: 'Group' } }],
    ['a channel post carried over', { is_automatic_forward: true }],
    ['another bot', { from: { id: 8, is_bot: true, first_name: 'Bot' } }],
    ['nobody', { from: undefined }],
  ])('%s is not', (_, more) => {
    expect(read(more).events).toEqual([]);
  });

  test('only a topic is a place', () => {
    expect(read({ is_topic_message: undefined }).events).toEqual([]);
    expect(read({ message_thread_id: undefined }).events).toEqual([]);
    // In General a reply carries a thread that is no topic.
    expect(read({ is_topic_message: false, text: 'слово' }).events).toEqual([]);
  });

  test('what Telegram writes itself is no act', () => {
    expect(read({ text: undefined, forum_topic_edited: { name: 'x' } }).events).toEqual([]);
    expect(read({ text: undefined, new_chat_members: [] }).events).toEqual([]);
  });
});

test('whatever comes, an event has proper ids and words, or there is none', () => {
  const some = fc.oneof(fc.jsonValue(), fc.constant({ $ne: null }), fc.string());
  const user = fc.record({ id: fc.oneof(fc.integer(), some), is_bot: fc.boolean(), first_name: some });
  const chat = fc.record({
    id: fc.oneof(fc.constant(-100_5), fc.integer()),
    type: fc.constantFrom('private', 'supergroup'),
  });
  const message = fc.record(
    {
      message_id: fc.integer(),
      date: fc.integer({ min: 0 }),
      chat,
      from: user,
      text: some,
      caption: some,
      is_topic_message: fc.boolean(),
      message_thread_id: fc.integer({ min: 1 }),
      reply_to_message: some,
      photo: some,
    },
    { requiredKeys: ['message_id', 'date', 'chat'] },
  );
  const update = fc.record(
    {
      update_id: fc.integer({ min: 1 }),
      message,
      edited_message: message,
      callback_query: fc.record({ id: fc.string(), from: user, message, data: fc.string() }),
      my_chat_member: some,
    },
    { requiredKeys: ['update_id'] },
  );
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return act();
    } catch {
      // The adapters put such an update aside.
      return undefined;
    }
  };
  fc.assert(
    fc.property(update, (given) => {
      const odd = given as unknown as Update;
      for (const event of attempt(() => toCustomer(odd, '1', 0)) ?? []) {
        expect(event.peer).toMatch(/^-?\d+$/);
        expect(event.id).toBe(String(given.update_id));
        if (event.kind === 'message' || event.kind === 'edit') expect(typeof event.text).toBe('string');
      }
      for (const event of attempt(() => fromUpdate(odd, where))?.events ?? []) {
        expect(event.operator.id).toMatch(/^tg:-?\d+$/);
        expect(event.place).toMatch(/^forum:-1005:\d+$/);
        if ('text' in event && event.text !== undefined) expect(typeof event.text).toBe('string');
      }
    }),
    { numRuns: 2_000 },
  );
});

test('pieces lose nothing but white space, and none is too long', () => {
  const unit = fc.constantFrom('слово', ' ', '\n', '👩‍👩‍👧', 'x'.repeat(30), '. ');
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.integer({ min: 12, max: 60 }), (words, limit) => {
      const text = words.join('');
      const parts = pieces(text, limit);
      expect(parts.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      for (const part of parts) {
        expect(part.length).toBeLessThanOrEqual(limit);
        expect(part.isWellFormed()).toBe(true);
        expect(part.trim()).not.toBe('');
      }
    }),
  );
});

test('a long ticket still has a title and a card within limits', () => {
  const ticket = {
    id: 't',
    v: 1,
    number: 'K7-48213',
    kind: 'complaint',
    status: 'received',
    contact: 'c',
    channel: 'web',
    account: '',
    locale: 'ru',
    customer: 'A',
    category: [],
    subject: '😡'.repeat(200),
    fields: Array.from({ length: 40 }, (_, id) => ({
      id: `${id}`,
      label: 'Поле',
      value: 'значение '.repeat(30),
    })),
    evidence: [],
    reachable: true,
    history: [],
    places: [],
    openedAt: 1,
    changedAt: 1,
  } as const;
  expect(title(ticket).length).toBeLessThanOrEqual(128);
  expect(title(ticket).isWellFormed()).toBe(true);
  const texts = cardTexts(ticket, (key) => key);
  expect(texts.length).toBeGreaterThan(2);
  for (const text of texts) expect(text.length).toBeLessThanOrEqual(4_096);
});
