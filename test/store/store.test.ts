// One suite for whatever the store runs on: what each port promises, under repetition, races and hostile values.
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contactIdOf } from '../../src/core/contact.ts';
import { lineOf } from '../../src/core/event.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { event, message, response, session, T0, ticket } from './examples.ts';
import { RUNS_ON, SERVERS, type Server } from './servers.ts';

process.stdout.write(`${RUNS_ON}\n`);

describe.each(SERVERS)('store on $name', ({ start }) => {
  let server: Server;
  let client: mongoose.mongo.MongoClient;
  let dbName: string;
  let store: Store;
  let now: number;
  const raw = (name: string) => client.db(dbName).collection<{ _id: string; [field: string]: unknown }>(name);

  beforeAll(async () => {
    server = await start();
    client = await mongoose.mongo.MongoClient.connect(server.uri);
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    dbName = server.freshDatabase();
    now = T0;
    store = await openStore({ uri: server.uri, dbName, clock: () => now });
  });
  afterEach(async () => {
    await store.stop();
    await client.db(dbName).dropDatabase();
  });

  test('answers a ping, and opens a second time on what is there', async () => {
    await store.ping();
    await store.settings.set('a', '1');
    const second = await openStore({ uri: server.uri, dbName });
    expect(await second.settings.get('a')).toBe('1');
    await second.stop();
  });

  describe('journal', () => {
    test('keeps events in the order they came, whole', async () => {
      const rows = await store.journal.insert([event('1'), event('2', '8'), event('3')]);
      expect(rows.map((row) => row.event)).toEqual([event('1'), event('2', '8'), event('3')]);
      expect(await store.journal.pending(undefined, 10)).toEqual(rows);
      expect(await store.journal.pending(undefined, 2)).toEqual(rows.slice(0, 2));
      const line = lineOf(event('1'));
      expect((await store.journal.pending(line, 10)).map((row) => row.event.id)).toEqual(['1', '3']);
      expect(rows.every((row) => row.tries === 0)).toBe(true);
    });

    test('a known event is no error and gives no row, in the same batch or later', async () => {
      const first = await store.journal.insert([event('1'), event('1'), event('2')]);
      expect(first.map((row) => row.event.id)).toEqual(['1', '2']);
      const again = await store.journal.insert([event('2'), event('3'), event('1')]);
      expect(again.map((row) => row.event.id)).toEqual(['3']);
      expect(await store.journal.insert([])).toEqual([]);
      const elsewhere = { ...event('1'), account: 'other' };
      expect(await store.journal.insert([elsewhere])).toHaveLength(1);
    });

    test('twenty inserts of one event at once make one row', async () => {
      const second = await openStore({ uri: server.uri, dbName });
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? store : second).journal.insert([event('1')])),
      );
      await second.stop();
      expect(results.flat()).toHaveLength(1);
      expect(await store.journal.pending(undefined, 10)).toHaveLength(1);
    });

    test('callers joined in one write each get their own rows, in the order of their calls', async () => {
      const calls = Array.from({ length: 50 }, (_, i) =>
        store.journal.insert([event(`${i}a`), event('shared'), event(`${i}b`)]),
      );
      const results = await Promise.all(calls);
      results.forEach((rows, i) => {
        const own = rows.map((row) => row.event.id).filter((id) => id !== 'shared');
        expect(own).toEqual([`${i}a`, `${i}b`]);
      });
      const stored = (await store.journal.pending(undefined, 1_000)).map((row) => row.id);
      expect(stored).toEqual(results.flat().map((row) => row.id));
      expect(stored).toHaveLength(101);
    });

    test('one event that no database takes fails its caller only', async () => {
      const huge = { ...event('huge'), text: 'x'.repeat(17 * 1024 * 1024) };
      const [good, bad, also] = await Promise.allSettled([
        store.journal.insert([event('1')]),
        store.journal.insert([huge]),
        store.journal.insert([event('2')]),
      ]);
      expect(bad?.status).toBe('rejected');
      expect([good?.status, also?.status]).toEqual(['fulfilled', 'fulfilled']);
      expect(await store.journal.pending(undefined, 10)).toHaveLength(2);
    });

    test('an applied row is gone from the waiting, and remembered for a week', async () => {
      const rows = await store.journal.insert([event('1'), event('2'), event('3')]);
      await Promise.all(rows.slice(0, 2).map((row) => store.journal.mark([row.id])));
      expect((await store.journal.pending(undefined, 10)).map((row) => row.event.id)).toEqual(['3']);
      expect(await store.journal.insert([event('1')])).toEqual([]);
      const [applied, waiting] = await raw('journal')
        .find()
        .sort({ _id: 1 })
        .toArray()
        .then(([a, , c]) => [a, c]);
      expect(applied?.expireAt).toEqual(new Date(T0 + 7 * 86_400_000));
      expect(waiting).not.toHaveProperty('expireAt');
      await store.journal.mark([]);
    });

    test('failures are counted; a parked row waits with its reason until it is brought back', async () => {
      const [row] = await store.journal.insert([event('1')]);
      await store.journal.fail(row!.id, 'once', false);
      expect(await store.journal.pending(undefined, 10)).toEqual([{ ...row, tries: 1 }]);
      await store.journal.fail(row!.id, 'twice', true);
      expect(await store.journal.pending(undefined, 10)).toEqual([]);
      expect(await store.journal.parked()).toEqual([{ ...row, tries: 2, reason: 'twice' }]);
      expect(await store.journal.insert([event('1')])).toEqual([]);
      expect(await raw('journal').countDocuments({ expireAt: { $exists: true } })).toBe(0);
      expect(await store.journal.replay(row!.id)).toBe(true);
      expect(await store.journal.replay(row!.id)).toBe(false);
      expect(await store.journal.parked()).toEqual([]);
      expect(await store.journal.pending(undefined, 10)).toEqual([row]);
    });

    test('what was applied cannot fail any more', async () => {
      const [row] = await store.journal.insert([event('1')]);
      await store.journal.mark([row!.id]);
      await store.journal.fail(row!.id, 'late', true);
      expect(await store.journal.parked()).toEqual([]);
    });
  });

  describe('sessions', () => {
    test('a session comes back as it was, one version on', async () => {
      const whole = session('7', {
        name: 'Анна',
        n: 12,
        seq: 5,
        muted: true,
        reachable: false,
        run: {
          id: 'r3',
          release: 'f00d',
          step: 2,
          startedAt: T0,
          ticks: ['a'],
          frames: [
            { flow: 'nps', node: 'why', answers: { score: 3, 'a.b': ['x'], $c: 'y' }, again: 1, since: 0 },
          ],
        },
        talk: { id: 't1', number: 'K-1' },
        open: [{ id: 't1', number: 'K-1' }],
        timers: [{ name: 'remind', due: T0 + 5 }],
        applied: ['01J'],
      });
      expect(await store.sessions.load(whole.id)).toBeUndefined();
      expect(await store.sessions.commit(whole)).toBe(true);
      expect(await store.sessions.load(whole.id)).toEqual({ ...whole, v: 1 });
      const bare = session('7', { v: 1 });
      expect(await store.sessions.commit(bare)).toBe(true);
      expect(await store.sessions.load(whole.id)).toEqual({ ...bare, v: 2 });
    });

    test('of commits at once exactly one is true, the first and every later', async () => {
      for (const v of [0, 1, 2]) {
        const results = await Promise.all(
          [1, 2, 3, 4].map((n) => store.sessions.commit(session('7', { v, n }))),
        );
        expect(results.filter(Boolean)).toHaveLength(1);
      }
      expect(await store.sessions.commit(session('7', { v: 9 }))).toBe(false);
      expect(await store.sessions.commit(session('nobody', { v: 3 }))).toBe(false);
      expect(await store.sessions.load(session('nobody').id)).toBeUndefined();
    });

    test('of two processes that write many at once each contact has one winner, whose words stand', async () => {
      const other = await openStore({ uri: server.uri, dbName });
      try {
        const people = Array.from({ length: 60 }, (_, n) => String(1_000 + n));
        for (const v of [0, 1, 2]) {
          const commit = (by: Store, name: string) =>
            Promise.all(people.map((peer) => by.sessions.commit(session(peer, { v, name }))));
          const [ours, theirs] = await Promise.all([commit(store, 'ours'), commit(other, 'theirs')]);
          for (const [at, peer] of people.entries()) {
            expect([ours[at], theirs[at]].filter(Boolean)).toHaveLength(1);
            const stands = await store.sessions.load(session(peer).id);
            expect(stands).toMatchObject({ v: v + 1, name: ours[at] ? 'ours' : 'theirs' });
          }
        }
      } finally {
        await other.stop();
      }
    });

    test('due ones come soonest first; without a timer or a send none is', async () => {
      const timer = (due: number) => ({ timers: [{ name: 'remind' as const, due }] });
      await store.sessions.commit(session('late', timer(T0 + 20)));
      await store.sessions.commit(session('soon', timer(T0 + 10)));
      await store.sessions.commit(session('never'));
      expect(await store.sessions.due(T0 + 9, 10)).toEqual([]);
      expect(await store.sessions.due(T0 + 20, 10)).toEqual([session('soon').id, session('late').id]);
      expect(await store.sessions.due(T0 + 20, 1)).toEqual([session('soon').id]);
      await store.sessions.commit(session('soon', { v: 1 }));
      expect(await store.sessions.due(T0 + 20, 10)).toEqual([session('late').id]);
    });
  });

  describe('responses', () => {
    test('recording twice is recording once; the newer stands', async () => {
      const { records } = store;
      await records.putResponse(response());
      await records.putResponse(response());
      expect(await records.response('r1')).toEqual(response());
      const newer = response({ at: T0 + 2_000, score: 5, comment: '' });
      await records.putResponse(newer);
      await records.putResponse(response());
      expect(await records.response('r1')).toEqual(newer);
      expect(await raw('responses').countDocuments()).toBe(1);
      expect(await records.response('r2')).toBeUndefined();
    });

    test('a complete one never becomes partial again, whatever comes at once', async () => {
      const { records } = store;
      const complete = response({ state: 'complete', score: 9, at: T0 + 5_000 });
      const partials = [1, 4, 6, 9].map((s) => response({ at: T0 + s * 1_000 }));
      await Promise.all([...partials, complete, ...partials].map((r) => records.putResponse(r)));
      expect(await records.response('r1')).toEqual(complete);
      await records.putResponse(response({ at: T0 + 90_000 }));
      expect(await records.response('r1')).toEqual(complete);
      const changed = response({ state: 'complete', score: 8, at: T0 + 6_000 });
      await records.putResponse(changed);
      await records.putResponse(complete);
      expect(await records.response('r1')).toEqual(changed);
    });

    test('lists the newest first, page by page', async () => {
      for (const n of [1, 2, 3]) await store.records.putResponse(response({ id: `r${n}`, at: T0 + n }));
      const first = await store.records.responses({ limit: 2 });
      expect(first.map(({ id }) => id)).toEqual(['r3', 'r2']);
      const rest = await store.records.responses({ limit: 2, before: first[1]!.at });
      expect(rest.map(({ id }) => id)).toEqual(['r1']);
    });

    test('refuses what the schema does not know', async () => {
      const odd = { ...response(), metric: 'luck' } as unknown as ReturnType<typeof response>;
      await expect(store.records.putResponse(odd)).rejects.toThrow(/luck/);
      const more = { ...response(), surplus: 1 };
      await expect(store.records.putResponse(more)).rejects.toThrow(/surplus/);
    });
  });

  describe('tickets', () => {
    const place = (key: string, live = true) => ({ desk: 'forum', key, live });

    test('opening twice changes nothing; a number taken by another is told', async () => {
      const { records } = store;
      const made = ticket('t1', { places: [place('forum:-1:5')] });
      await records.openTicket(made);
      await records.openTicket({ ...made, subject: 'other' });
      expect(await records.ticket('t1')).toEqual(made);
      expect(await records.ticketByNumber('K-t1')).toEqual(made);
      expect(await records.ticketAt('forum:-1:5')).toEqual(made);
      expect(await records.ticketAt('forum:-1:6')).toBeUndefined();
      await expect(records.openTicket(ticket('t2', { number: 'K-t1' }))).rejects.toMatchObject({
        code: 'ticket_number_taken',
      });
      expect(await records.ticket('t2')).toBeUndefined();
      await Promise.all([1, 2, 3].map(() => records.openTicket(ticket('t3'))));
      expect(await raw('tickets').countDocuments()).toBe(2);
    });

    test('a change is applied once, however often and however at once it comes', async () => {
      const { records } = store;
      await records.openTicket(ticket('t1'));
      const change = {
        set: { status: 'in_progress', assignee: { id: 'o1', name: 'Олег' } },
        history: [{ at: T0 + 5, what: 'status', from: 'received', to: 'in_progress' }],
      } as const;
      const results = await Promise.all([1, 2, 3, 4].map(() => records.changeTicket('t1', 'k1', change)));
      for (const after of results) expect(after).toMatchObject({ v: 1, ...change.set, changedAt: T0 + 5 });
      expect(results[0]!.history).toEqual([...ticket('t1').history, ...change.history]);
      const touched = await records.changeTicket('t1', 'k2', { set: { reachable: false }, history: [] });
      expect(touched).toMatchObject({ v: 2, reachable: false, changedAt: T0 + 5 });
      expect(await records.changeTicket('nobody', 'k1', change)).toBeUndefined();
    });

    test('change keys are a ring of 256', async () => {
      await store.records.openTicket(ticket('t1'));
      for (let n = 0; n < 260; n++) await store.records.changeTicket('t1', `k${n}`, { set: {}, history: [] });
      const stored = await raw('tickets').findOne({ _id: 't1' });
      expect(stored?.applied).toEqual(Array.from({ length: 256 }, (_, n) => `k${n + 4}`));
    });

    test('a closed one opened again is open, and has no closing time', async () => {
      const { records } = store;
      await records.openTicket(ticket('t1'));
      const closed = await records.changeTicket('t1', 'k1', {
        set: { status: 'closed', closedAt: T0 + 9 },
        history: [],
      });
      expect(closed?.closedAt).toBe(T0 + 9);
      expect(await records.tickets({ state: 'open', limit: 9 })).toEqual([]);
      const again = await records.changeTicket('t1', 'k2', { set: { status: 'reopened' }, history: [] });
      expect(again).not.toHaveProperty('closedAt');
      expect(await records.tickets({ state: 'open', limit: 9 })).toEqual([again]);
    });

    test('lists by state and assignee, the last changed first, page by page', async () => {
      const { records } = store;
      const assignee = { id: 'o1', name: 'Олег' };
      await records.openTicket(ticket('t1', { changedAt: T0 + 1 }));
      await records.openTicket(ticket('t2', { changedAt: T0 + 2, assignee }));
      await records.openTicket(ticket('t3', { changedAt: T0 + 2, status: 'rejected' }));
      await records.openTicket(ticket('t4', { changedAt: T0 + 3, status: 'closed', assignee }));
      const ids = async (filter: Parameters<typeof records.tickets>[0]) =>
        (await records.tickets(filter)).map(({ id }) => id);
      expect(await ids({ limit: 9 })).toEqual(['t4', 't3', 't2', 't1']);
      expect(await ids({ state: 'open', limit: 9 })).toEqual(['t2', 't1']);
      expect(await ids({ state: 'closed', limit: 9 })).toEqual(['t4', 't3']);
      expect(await ids({ assignee: 'o1', limit: 9 })).toEqual(['t4', 't2']);
      expect(await ids({ assignee: 'o1', state: 'open', limit: 9 })).toEqual(['t2']);
      expect(await ids({ limit: 9, before: { changedAt: T0 + 2, id: 't3' } })).toEqual(['t2', 't1']);
      expect(await ids({ limit: 1, before: { changedAt: T0 + 2, id: 't2' } })).toEqual(['t1']);
    });

    test("a contact's tickets come newest first, as a summary", async () => {
      await store.records.openTicket(ticket('t1', { openedAt: T0 + 1 }));
      await store.records.openTicket(ticket('t2', { openedAt: T0 + 2 }));
      await store.records.openTicket(ticket('t3', { contact: 'c2' }));
      const summary = (id: string, openedAt: number) => {
        const { number, status, subject, kind } = ticket(id);
        return { id, number, status, subject, kind, openedAt };
      };
      expect(await store.records.ticketsOf('c1')).toEqual([summary('t2', T0 + 2), summary('t1', T0 + 1)]);
    });

    test('places are replaced whole, unique over all tickets, and follow a moved chat', async () => {
      const { records } = store;
      await records.openTicket(ticket('t1'));
      await records.openTicket(ticket('t2'));
      await records.setPlaces('t1', [place('forum:-1:4', false), place('forum:-1:5')]);
      await records.setPlaces('t1', [place('forum:-1:4', false), place('forum:-1:5')]);
      await expect(records.setPlaces('t2', [place('forum:-1:5')])).rejects.toMatchObject({ code: 11000 });
      await records.setPlaces('t2', [place('forum:-10:5'), place('other:-1:5')]);
      await records.movePlaces('forum', '-1', '-100');
      await records.movePlaces('forum', '-1', '-100');
      const keys = async (id: string) =>
        (await records.ticket(id))?.places.map(({ key, live }) => [key, live]);
      expect(await keys('t1')).toEqual([
        ['forum:-100:4', false],
        ['forum:-100:5', true],
      ]);
      expect(await keys('t2')).toEqual([
        ['forum:-10:5', true],
        ['other:-1:5', true],
      ]);
      await records.setPlaces('t1', []);
      expect(await records.ticketAt('forum:-100:5')).toBeUndefined();
      expect((await records.ticket('t1'))?.places).toEqual([]);
    });
  });

  describe('messages', () => {
    test('a message is kept once; another under its place in the talk is refused', async () => {
      const { records } = store;
      const kept = message('m1', 1, {
        ticket: 't1',
        origin: '77',
        attachments: [{ kind: 'voice', ref: 'media:1' }],
      });
      await Promise.all([1, 2, 3].map(() => records.keepMessage(kept)));
      await records.keepMessage({ ...kept, text: 'other' });
      expect(await records.message('m1')).toEqual(kept);
      expect(await records.message('m2')).toBeUndefined();
      await expect(records.keepMessage(message('m2', 1))).rejects.toMatchObject({ code: 11000 });
      await records.keepMessage(message('m3', 1, { contact: 'c2' }));
    });

    test('is found by its origin, by its ticket, and in the order of the talk', async () => {
      const { records } = store;
      const all = [1, 2, 3, 4].map((seq) =>
        message(`m${seq}`, seq, { ...(seq % 2 && { ticket: 't1' }), origin: `o${seq}` }),
      );
      for (const one of [...all].reverse()) await records.keepMessage(one);
      expect(await records.messageByOrigin('c1', 'o3')).toEqual(all[2]);
      expect(await records.messageByOrigin('c2', 'o3')).toBeUndefined();
      expect(await records.messagesSince('c1', 1, 2)).toEqual([all[1], all[2]]);
      expect(await records.messagesSince('c1', 4, 2)).toEqual([]);
      expect(await records.lastMessages('c1', 3)).toEqual(all.slice(1));
      expect(await records.ticketMessages('t1')).toEqual([all[0], all[2]]);
    });

    test('another wording keeps the old one, once; an old edit that comes again is not believed', async () => {
      const { records } = store;
      await records.keepMessage(message('m1', 1, { text: 'a' }));
      await Promise.all([1, 2, 3].map(() => records.rewordMessage('m1', 'b', T0 + 1)));
      await records.rewordMessage('m1', 'c', T0 + 2);
      await records.rewordMessage('m1', 'b', T0 + 1);
      await records.rewordMessage('nobody', 'b', T0 + 1);
      expect(await records.message('m1')).toMatchObject({
        text: 'c',
        revisions: [
          { text: 'a', at: T0 + 1 },
          { text: 'b', at: T0 + 2 },
        ],
      });
    });

    test('a question drawn anew has the new text and the new choices only', async () => {
      const { records } = store;
      const choices = [{ id: 'r1.1.1', label: 'Да' }];
      const asked = message('m1', 1, { choices, layout: 'scale', replyTo: 'm0' });
      await records.keepMessage(asked);
      await records.redrawMessage('m1', {
        text: 'Да?',
        choices: [{ id: 'r1.1.2', label: 'Нет' }],
        layout: 'list',
      });
      const redrawn = { text: 'Да?', choices: [{ id: 'r1.1.2', label: 'Нет' }], layout: 'list' };
      expect(await records.message('m1')).toEqual({ ...asked, ...redrawn });
      for (const _time of [1, 2]) await records.redrawMessage('m1', { text: 'Да' });
      expect(await records.message('m1')).toEqual(message('m1', 1, { text: 'Да', replyTo: 'm0' }));
    });

    test('its fate is told with the reason, and without one when it changes', async () => {
      const { records } = store;
      await records.keepMessage(message('m1', 1, { state: 'pending' }));
      await records.setFate('m1', 'failed', 'blocked');
      expect(await records.message('m1')).toMatchObject({ state: 'failed', reason: 'blocked' });
      await records.setFate('m1', 'sent');
      expect(await records.message('m1')).toEqual(message('m1', 1, { state: 'sent' }));
    });
  });

  test('links lead both ways and the first stands', async () => {
    const { records } = store;
    const link = { place: 'web', network: '5', message: 'm1', ticket: 't1' };
    await records.putLinks([link, { place: 'web', network: '6', message: 'm1' }]);
    await records.putLinks([
      { ...link, message: 'm2' },
      { place: 'forum:1', network: '5', message: 'm1' },
    ]);
    await records.putLinks([]);
    expect(await records.linkOf('web', '5')).toEqual(link);
    expect(await records.linkOf('web', '7')).toBeUndefined();
    expect(await records.linksOf('web', 'm1')).toEqual(['5', '6']);
    expect(await records.linksOf('web', 'm2')).toEqual([]);
  });

  describe('contacts', () => {
    const address = { channel: 'web', account: '', peer: '7' };
    const id = contactIdOf(address);

    test('is seen first once, and only what is given changes', async () => {
      const { records } = store;
      expect(await records.contact(id)).toBeUndefined();
      const person = { name: 'Анна', locale: 'ru' };
      await Promise.all([1, 2, 3].map(() => records.putContact({ id, address, person }, T0)));
      const made = { id, address, person, locale: 'ru', reachable: true, muted: false };
      expect(await records.contact(id)).toEqual({ ...made, firstSeenAt: T0, lastSeenAt: T0 });
      await records.putContact({ id, address, reachable: false, lastSeenAt: T0 + 9 }, T0 + 10);
      await records.putContact({ id, address, lastSeenAt: T0 + 4 }, T0 + 11);
      const after = { ...made, reachable: false, firstSeenAt: T0, lastSeenAt: T0 + 9 };
      expect(await records.contact(id)).toEqual(after);
    });

    test('one address is one contact', async () => {
      await store.records.putContact({ id, address }, T0);
      await expect(store.records.putContact({ id: 'other', address }, T0)).rejects.toMatchObject({
        code: 11000,
      });
    });
  });

  test('releases are kept by their hash and never changed', async () => {
    const source = { hash: 'h1', files: { 'flows/nps.yaml': 'a: 1', 'ru/nps.yaml': '' }, at: T0 };
    await Promise.all([store.releases.put(source), store.releases.put(source)]);
    await store.releases.put({ ...source, files: {} });
    expect(await store.releases.get('h1')).toEqual(source);
    expect(await store.releases.get('h2')).toBeUndefined();
  });

  test('settings: once is race-free, counters lose no step, texts and counters are not mixed', async () => {
    const { settings } = store;
    const keys = await Promise.all(['a', 'b', 'c', 'd'].map((value) => settings.once('key', value)));
    expect(new Set(keys).size).toBe(1);
    expect(await settings.get('key')).toBe(keys[0]);
    await Promise.all(['x', 'y'].map((value) => settings.set('cursor', value)));
    await settings.set('cursor', 'z'.repeat(5_000));
    expect(await settings.get('cursor')).toBe('z'.repeat(5_000));
    const counts = await Promise.all([1, 1, 1, 1, 1].map((by) => settings.add('n', by)));
    expect(counts.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(await settings.get('n')).toBe('5');
    await expect(settings.add('key', 1)).rejects.toThrow(TypeError);
    expect(await settings.get('key')).toBe(keys[0]);
    expect(await settings.get('nothing')).toBeUndefined();
  });

  test('the audit only grows', async () => {
    const line = { at: T0, by: { id: 'o1', name: 'Олег' }, what: 'view', on: 't1' };
    await store.records.audit(line);
    await store.records.audit({ at: T0, what: 'start' });
    const lines = await raw('audit')
      .find({}, { projection: { _id: 0 } })
      .toArray();
    expect(lines).toHaveLength(2);
    expect(lines).toEqual(expect.arrayContaining([line, { at: T0, what: 'start' }]));
  });
});
