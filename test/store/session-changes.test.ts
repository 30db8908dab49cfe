// What a commit writes of a session that is known: only what changed, yet the stored document is the same as if it had
// been written whole, whatever sequence of sessions came before.
import { calculateObjectSize } from 'bson';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTalks } from '../../src/app/sessions.ts';
import type { Frame, Session } from '../../src/core/session.ts';
import { openStore } from '../../src/store/open.ts';
import { changesOf } from '../../src/store/session-changes.ts';
import { type SessionDocument, toDocument } from '../../src/store/session-document.ts';
import type { Store } from '../../src/store/store.ts';
import { session, T0 } from './examples.ts';
import { SERVERS, type Server } from './servers.ts';

const ID = session('7').id;
/** Few names, so that they meet; some that cannot stand in a path, some that JavaScript puts first. */
const name = fc.constantFrom('score', 'why', 'z', 'a_1', 'b-2', '7', '10', 'a.b', '$c', 'constructor');
const value = fc.oneof(
  fc.nat(3),
  fc.constantFrom('x', ''),
  fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
);
const answers = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 6 })
  .map((pairs) => Object.fromEntries(pairs));
const frame = fc.record(
  {
    flow: fc.constantFrom('nps', 'menu'),
    node: fc.constantFrom('score', 'why'),
    answers,
    kept: answers,
    back: fc.constantFrom('x', 'y'),
    again: fc.nat(2),
    since: fc.nat(2),
    recorded: fc.constant(true as const),
  },
  { requiredKeys: ['flow', 'node', 'answers', 'since'] },
);
const run = fc.record(
  {
    id: fc.constantFrom('r1', 'r2'),
    release: fc.constant('h'),
    step: fc.nat(3),
    frames: fc.array(frame, { minLength: 1, maxLength: 2 }),
    startedAt: fc.constant(T0),
    ticks: fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
  },
  { requiredKeys: ['id', 'release', 'step', 'frames', 'startedAt'] },
);
const whole: fc.Arbitrary<Partial<Session>> = fc.record(
  {
    name: fc.constantFrom('Анна', 'Пётр'),
    n: fc.nat(2),
    muted: fc.boolean(),
    run,
    talk: fc.constant({ id: 't1', number: 'K-1' }),
    open: fc.array(fc.constant({ id: 't1', number: 'K-1' }), { maxLength: 2 }),
    timers: fc.array(fc.record({ name: fc.constant('remind' as const), due: fc.nat(3) }), { maxLength: 1 }),
    applied: fc.array(fc.constantFrom('01J', '02J'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
/** What a turn does: an answer is given, changed or taken back, and the talk goes on. */
type Step =
  | { readonly kind: 'whole'; readonly to: Partial<Session> }
  | { readonly kind: 'answer'; readonly name: string; readonly value: Frame['answers'][string] }
  | { readonly kind: 'back' };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: whole.map((to) => ({ kind: 'whole' as const, to })) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('answer' as const), name, value }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'back' as const }) },
);

function after(before: Session, step: Step): Session {
  if (step.kind === 'whole') return { ...session('7'), ...step.to, v: before.v };
  const last = before.run?.frames.at(-1);
  if (!before.run || !last) return { ...before, n: before.n + 1 };
  const given = Object.entries(last.answers);
  const answers = Object.fromEntries(
    step.kind === 'back' ? given.slice(0, -1) : [...given, [step.name, step.value]],
  );
  const frames = [...before.run.frames.slice(0, -1), { ...last, answers }];
  return { ...before, n: before.n + 1, run: { ...before.run, step: before.run.step + 1, frames } };
}

describe.each(SERVERS)('changes of a session on $name', ({ start }) => {
  let server: Server;
  let client: mongoose.mongo.MongoClient;
  let dbName: string;
  let store: Store;

  beforeAll(async () => {
    server = await start();
    client = await mongoose.mongo.MongoClient.connect(server.uri);
    dbName = server.freshDatabase();
    store = await openStore({ uri: server.uri, dbName });
  });
  afterAll(async () => {
    await store?.stop();
    await client?.close();
    await server?.stop();
  });

  test('after every commit the stored document is the one that would have been written whole', async () => {
    const stored = client.db(dbName).collection<SessionDocument>('sessions');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await stored.deleteOne({ _id: ID });
        const talks = createTalks(store.sessions);
        let stands: Session = session('7');
        for (const one of steps) {
          stands = (await talks.commit(after(stands, one)))!;
          const wanted = toDocument(stands, stands.v);
          const { w: _mark, ...found } = (await stored.findOne({ _id: ID }))!;
          expect(found).toEqual(wanted);
          for (const [at, { a }] of (wanted.r?.f ?? []).entries())
            expect(Object.keys(found.r!.f[at]!.a ?? {})).toEqual(Object.keys(a ?? {}));
        }
      }),
      { numRuns: 150 },
    );
  }, 30_000);

  test('what stands is not believed where it is of another version or another contact', async () => {
    const [first, second] = [session('1'), session('2')];
    await store.sessions.commit(first);
    await store.sessions.commit(second);
    const next = { ...first, v: 1, locale: 'en' };
    expect(await store.sessions.commit(next, { ...next, v: 0 })).toBe(true);
    expect(await store.sessions.commit({ ...second, v: 1, locale: 'en' }, { ...next, v: 1 })).toBe(true);
    expect(await store.sessions.load(first.id)).toEqual({ ...next, v: 2 });
    expect(await store.sessions.load(second.id)).toEqual({ ...second, v: 2, locale: 'en' });
    expect(await store.sessions.commit({ ...next, v: 1 }, { ...next, v: 1 })).toBe(false);
  });
});

test('an answer more is as little to write at the two hundredth as at the second', () => {
  const bytes = (answered: number): number => {
    const at = (count: number): Session => {
      const all = Array.from({ length: count }, (_, n) => [`q${String(n).padStart(3, '0')}`, 1] as const);
      const frames = [{ flow: 'f', node: 'n', answers: Object.fromEntries(all), since: 0 }];
      return session('7', { run: { id: 'r1', release: 'h', step: 200, startedAt: T0, frames } });
    };
    const changes = changesOf(toDocument(at(answered - 1), 1), toDocument(at(answered), 2));
    return calculateObjectSize({ ...changes });
  };
  expect(bytes(200)).toBe(bytes(2));
});
