// What the store asks of its database before it runs, and that each index it asks for is one its queries use.
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { declaredIndexes, StoreSetupError } from '../../src/store/indexes.ts';
import { models } from '../../src/store/models.ts';
import { openStore } from '../../src/store/open.ts';
import { event, message, response, session, T0, ticket } from './examples.ts';
import { SERVERS, type Server } from './servers.ts';

const declared = declaredIndexes(models(new mongoose.Mongoose().createConnection()));
const unique = declared.filter(({ options }) => options.unique === true);

/** For each declared index the question it is there for: a filter, and the order asked for. */
const QUESTIONS: Record<string, readonly [filter: object, sort?: Record<string, 1 | -1>]> = {
  'journal.event': [{ channel: 'web', account: '', eventId: '5' }],
  'journal.line': [{ state: 'pending', line: 'l5' }, { _id: 1 }],
  'journal.backlog': [{ state: 'pending' }, { _id: 1 }],
  'journal.parked': [{ parkedAt: { $gt: 0 } }, { parkedAt: 1 }],
  'journal.expiry': [{ expireAt: { $lte: new Date(T0) } }],
  'sessions.due': [{ due: { $lte: T0 } }, { due: 1 }],
  'contacts.address': [{ 'address.channel': 'web', 'address.account': '', 'address.peer': '5' }],
  'responses.time': [{ at: { $lt: T0 + 20 } }, { at: -1, _id: -1 }],
  'responses.measure': [{ metric: 'nps', touchpoint: 'delivery', at: { $gte: T0 } }],
  'tickets.number': [{ number: 'K-5' }],
  'tickets.place': [{ 'places.key': 'forum:5' }],
  'tickets.state': [
    { open: true, changedAt: { $lte: T0 + 9 } },
    { changedAt: -1, _id: -1 },
  ],
  'tickets.assignee': [{ 'assignee.id': 'o1' }, { changedAt: -1, _id: -1 }],
  'tickets.changed': [{ changedAt: { $lte: T0 + 9 } }, { changedAt: -1, _id: -1 }],
  'tickets.contact': [{ contact: 'c5' }, { openedAt: -1 }],
  'messages.talk': [{ contact: 'c1', seq: { $gt: 5 } }, { seq: 1 }],
  'messages.ticket': [{ ticket: 't5' }, { seq: 1 }],
  'messages.origin': [{ contact: 'c1', origin: 'o5' }, { seq: -1 }],
  'links.network': [{ place: 'web', network: '5' }],
  'links.message': [{ place: 'web', message: 'm5' }, { _id: 1 }],
  'customers.member': [{ 'members.contact': 'c5' }],
  'customers.change': [{ applied: 'k5' }],
  'customers.expiry': [{ expireAt: { $lte: new Date(T0) } }],
  'codes.contact': [{ contact: 'c5' }],
  'codes.expiry': [{ expireAt: { $lte: new Date(T0) } }],
};

describe.each(SERVERS)('database set-up on $name', ({ start }) => {
  let server: Server;
  let client: mongoose.mongo.MongoClient;
  let dbName: string;
  const raw = (name: string) => client.db(dbName).collection<{ _id: string; [field: string]: unknown }>(name);
  const open = () => openStore({ uri: server.uri, dbName, clock: () => T0 });

  beforeAll(async () => {
    server = await start();
    client = await mongoose.mongo.MongoClient.connect(server.uri);
  });
  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });
  beforeEach(() => {
    dbName = server.freshDatabase();
  });
  afterEach(() => client.db(dbName).dropDatabase());

  test('an index that was dropped is made anew', async () => {
    await (await open()).stop();
    for (const { collection, name } of unique) await raw(collection).dropIndex(name);
    await (await open()).stop();
    for (const { collection, name } of unique) {
      const there = (await raw(collection).listIndexes().toArray()).find((index) => index.name === name);
      expect(there?.unique).toBe(true);
    }
  });

  test('duplicates under unique indexes: it does not open, names every index, and tells the remedy', async () => {
    await raw('journal').insertMany(
      ['1', '2'].map((_id) => ({ _id, channel: 'web', account: '', eventId: '9' })),
    );
    await raw('tickets').insertMany(['1', '2'].map((_id) => ({ _id, number: 'K-1' })));
    const refusal = await open().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(StoreSetupError);
    const fault = refusal as StoreSetupError;
    expect(fault.code).toBe('store_setup');
    expect(fault.missing.map(({ collection, index }) => `${collection}.${index}`)).toEqual([
      'journal.event',
      'tickets.number',
    ]);
    expect(fault.message).toMatch(
      /journal\.event \{"channel":1,"account":1,"eventId":1\}.*same values.*keep one/,
    );
    expect(fault.cause).toMatchObject({ code: 11000 });
    expect(fault.message).not.toContain('K-1');
    await raw('journal').deleteOne({ _id: '2' });
    await raw('tickets').deleteOne({ _id: '2' });
    await (await open()).stop();
  });

  test.each([
    ['the same keys, not unique', { channel: 1, account: 1, eventId: 1 }, { name: 'event' }],
    ['the same name, other keys', { eventId: 1 }, { name: 'event', unique: true }],
    ['the same keys under another name', { channel: 1, account: 1, eventId: 1 }, { name: 'mine' }],
  ] as const)('an index that only looks alike is refused: %s', async (_what, keys, options) => {
    await raw('journal').createIndex(keys, options);
    const [fault] = await open().then(
      (store) => store.stop().then(() => []),
      (error: unknown) => (error instanceof StoreSetupError ? error.missing : []),
    );
    expect(fault).toMatchObject({ collection: 'journal', index: 'event' });
    expect(fault?.remedy).toMatch(/^Drop it/);
  });

  test('each index has a question here, and each question is answered by its index', async () => {
    expect(Object.keys(QUESTIONS)).toEqual(declared.map(({ collection, name }) => `${collection}.${name}`));
    const store = await open();
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    const rows = await store.journal.insert(numbers.map((n) => event(`${n}`, `p${n % 8}`)));
    await store.journal.mark(rows.slice(0, 10).map(({ id }) => id));
    await store.journal.fail(rows[10]!.id, 'why', true);
    for (const n of numbers) {
      const { id, address } = session(`${n}`, {});
      await store.sessions.commit(
        session(`${n}`, n % 2 ? { timers: [{ name: 'remind', due: T0 + n }] } : {}),
      );
      await store.records.putContact({ id, address }, T0);
      await store.customers.offer({ hash: `h${n}`, contact: `c${n}`, channel: 'web', until: T0 + n });
      await store.customers.join(`k${n}`, `h${n}`, { contact: `d${n}`, channel: 'web' }, T0 - 1);
      if (n % 2) await store.customers.part(`p${n}`, `d${n}`);
      await store.records.putResponse(response({ id: `r${n}`, at: T0 + n, metric: n % 2 ? 'nps' : 'ces' }));
      await store.records.openTicket(
        ticket(`${n}`, {
          contact: `c${n % 9}`,
          changedAt: T0 + n,
          status: n % 3 ? 'closed' : 'received',
          places: [{ desk: 'forum', key: `forum:${n}`, live: true }],
          ...(n % 2 && { assignee: { id: `o${n % 4}`, name: 'Олег' } }),
        }),
      );
      await store.records.keepMessage(
        message(`m${n}`, n, { ...(n % 2 && { ticket: `t${n % 6}`, origin: `o${n}` }) }),
      );
    }
    await store.records.putLinks(
      numbers.map((n) => ({ place: 'web', network: `${n}`, message: `m${n % 12}` })),
    );
    await store.stop();
    for (const [name, [filter, sort]] of Object.entries(QUESTIONS)) {
      const [collection, index] = name.split('.');
      const cursor = raw(collection!).find(filter);
      const plan = await (sort ? cursor.sort(sort) : cursor).explain('queryPlanner');
      expect(indexesIn(plan.queryPlanner.winningPlan), name).toEqual([index]);
    }
  });

  test('documents say no more than the models draw', async () => {
    const store = await open();
    await store.records.openTicket(ticket('t1'));
    await store.records.putResponse(response());
    await store.settings.set('a', 'b');
    await store.stop();
    const { id, places: _places, ...rest } = ticket('t1');
    expect(await raw('tickets').findOne({})).toEqual({ ...rest, _id: id, open: true });
    const { id: _id, ...answers } = response();
    expect(await raw('responses').findOne({})).toEqual({ _id, ...answers });
    expect(await raw('settings').findOne({})).toEqual({ _id: 'a', value: 'b' });
  });
});

/** Wherever the server's version puts it. */
function indexesIn(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return [];
  const own = 'indexName' in plan && typeof plan.indexName === 'string' ? [plan.indexName] : [];
  return [...own, ...Object.values(plan).flatMap(indexesIn)];
}
