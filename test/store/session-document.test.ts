// The compact form of a session: nothing is lost on the way through BSON, and little is written.
import { BSON, calculateObjectSize } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Effect, Lane } from '../../src/core/effect.ts';
import { dueAt, type Session } from '../../src/core/session.ts';
import { fromDocument, toDocument } from '../../src/store/session-document.ts';
import { session, T0 } from './examples.ts';

const word = fc.string({ unit: 'grapheme', maxLength: 12 });
const count = fc.nat();
const moment = fc.integer({ min: 0, max: 4_102_444_800_000 });
/** Names a record may have; `__proto__` is not one of them: object literals cannot carry it. */
const name = word.filter((one) => one !== '__proto__' && !one.includes('\0'));
const file = fc.record(
  { kind: fc.constant('photo' as const), ref: word, size: count },
  { requiredKeys: ['kind'] },
);
const value = fc.oneof(fc.integer(), fc.double({ noNaN: true }), word, fc.array(word), fc.array(file));
const pair = fc.record({ id: word, number: word });
const frame = fc.record(
  {
    flow: word,
    node: word,
    answers: fc.dictionary(name, value, { noNullPrototype: true }),
    back: word,
    again: count,
    since: count,
    recorded: fc.constant(true as const),
  },
  { requiredKeys: ['flow', 'node', 'answers', 'since'] },
);
const run = fc.record(
  {
    id: word,
    release: word,
    step: count,
    frames: fc.array(frame, { maxLength: 3 }),
    startedAt: moment,
    ticks: fc.array(word),
    files: fc.array(file),
  },
  { requiredKeys: ['id', 'release', 'step', 'frames', 'startedAt'] },
);
const effect: fc.Arbitrary<Effect> = fc.record({
  kind: fc.constant('say' as const),
  seq: count,
  message: fc.record({ text: word, choices: fc.array(fc.record({ id: word, label: word })) }),
  repeatable: fc.boolean(),
});
const entry = fc.record({
  id: fc.oneof(
    count.map((n) => `${session('7').id}.${n}`),
    word,
  ),
  lane: fc.constantFrom<Lane>('store', 'contact', 'join', 'desk:forum'),
  effect,
  state: fc.constantFrom('pending' as const, 'sending' as const),
  tries: count,
  at: moment,
});
const anySession: fc.Arbitrary<Session> = fc.record(
  {
    id: fc.constant(session('7').id),
    v: count,
    address: fc.record({ channel: word, account: word, peer: word }),
    locale: word,
    name: word,
    n: count,
    seq: count,
    reachable: fc.boolean(),
    muted: fc.boolean(),
    run,
    talk: pair,
    open: fc.array(pair),
    joining: fc.record({ until: moment, tries: fc.array(moment, { maxLength: 5 }) }),
    timers: fc.array(fc.record({ name: fc.constantFrom('remind' as const, 'expire' as const), due: moment })),
    outbox: fc.array(entry, { maxLength: 4 }),
    applied: fc.array(word),
  },
  {
    requiredKeys: [
      'id',
      'v',
      'address',
      'locale',
      'n',
      'seq',
      'reachable',
      'muted',
      'open',
      'timers',
      'outbox',
      'applied',
    ],
  },
);

test('any session comes back as it was', () => {
  fc.assert(
    fc.property(anySession, (whole) => {
      const stored = toDocument(whole, whole.v + 1);
      expect(stored.due).toBe(dueAt(whole));
      const back = BSON.deserialize(BSON.serialize(stored));
      expect(fromDocument(back as typeof stored)).toEqual({ ...whole, v: whole.v + 1 });
    }),
    { numRuns: 500 },
  );
});

test('answers keep their order', () => {
  const answers = { z: 1, a: 2, m: 3 };
  const asked = session('7', {
    run: {
      id: 'r1',
      release: 'h',
      step: 4,
      startedAt: T0,
      frames: [{ flow: 'f', node: 'n', answers, since: 0 }],
    },
  });
  const back = fromDocument(
    BSON.deserialize(BSON.serialize(toDocument(asked, 1))) as ReturnType<typeof toDocument>,
  );
  expect(Object.keys(back.run!.frames[0]!.answers)).toEqual(['z', 'a', 'm']);
});

test.each([
  ['answer 2 of 4', 2, 150],
  ['answer 38 of 40', 38, 560],
])('position and answers at %s, besides the ids, take little', (_when, answered, most) => {
  const answers = Object.fromEntries(Array.from({ length: answered }, (_, n) => [`q${n + 1}`, n % 10]));
  const frames = [{ flow: 'nps', node: `q${answered + 1}`, answers, since: 0 }];
  const run = { id: 'r1', release: '', step: answered, startedAt: T0, frames };
  const { r } = toDocument(session('7', { run }), answered);
  expect(calculateObjectSize({ r })).toBeLessThanOrEqual(most);
});
