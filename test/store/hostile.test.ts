// Values that try to become operators are refused before any query is made, whatever port they come by.
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { event, message, response, session, T0, ticket } from './examples.ts';
import { SERVERS, type Server } from './servers.ts';

const HOSTILE: readonly unknown[] = [
  { $ne: null },
  { $gt: '' },
  { $regex: '.*' },
  { $where: 'sleep(1000)' },
  { $nor: [{ $where: '1' }] },
  ['a'],
  [{ $gt: '' }],
  null,
  undefined,
  true,
  /./,
  Object('t1'),
  { toString: () => 't1' },
  new mongoose.Types.ObjectId(),
  'x'.repeat(2_000),
];

describe.each(SERVERS)('hostile values on $name', ({ start }) => {
  let server: Server;
  let store: Store;
  let dbName: string;
  beforeAll(async () => {
    server = await start();
    dbName = server.freshDatabase();
    store = await openStore({ uri: server.uri, dbName });
    await store.journal.insert([event('1')]);
    await store.sessions.commit(session('7'));
    await store.records.openTicket(ticket('t1', { assignee: { id: 'o1', name: 'Олег' } }));
    await store.records.keepMessage(message('m1', 1, { ticket: 't1', origin: 'o' }));
    await store.records.putResponse(response());
    await store.records.putLinks([{ place: 'web', network: '1', message: 'm1' }]);
    await store.settings.set('a', '1');
  });
  afterAll(async () => {
    await store?.stop();
    await server?.stop();
  });

  const member = { contact: 'c1', channel: 'web' };
  const address = { channel: 'web', account: '', peer: '7' };
  /** Each place where a value from outside reaches a query. `undefined` is allowed where it means "any". */
  const DOORS: Record<string, (bad: never) => Promise<unknown>> = {
    'journal.insert id': (bad) => store.journal.insert([{ ...event('1'), id: bad }]),
    'journal.insert channel': (bad) => store.journal.insert([{ ...event('1'), channel: bad }]),
    'journal.insert account': (bad) => store.journal.insert([{ ...event('1'), account: bad }]),
    'journal.pending limit': (bad) => store.journal.pending(undefined, bad),
    'journal.mark': (bad) => store.journal.mark([bad]),
    'journal.fail': (bad) => store.journal.fail(bad, 'why', false),
    'journal.replay': (bad) => store.journal.replay(bad),
    'sessions.load': (bad) => store.sessions.load(bad),
    'sessions.commit id': (bad) => store.sessions.commit({ ...session('7'), id: bad }),
    'sessions.commit v': (bad) => store.sessions.commit({ ...session('7'), v: bad }),
    'sessions.due': (bad) => store.sessions.due(bad, 1),
    'sessions.due limit': (bad) => store.sessions.due(T0, bad),
    putResponse: (bad) => store.records.putResponse(response({ id: bad })),
    'putResponse at': (bad) => store.records.putResponse(response({ at: bad })),
    response: (bad) => store.records.response(bad),
    'responses limit': (bad) => store.records.responses({ limit: bad }),
    openTicket: (bad) => store.records.openTicket(ticket('t2', { id: bad })),
    ticket: (bad) => store.records.ticket(bad),
    ticketAt: (bad) => store.records.ticketAt(bad),
    ticketByNumber: (bad) => store.records.ticketByNumber(bad),
    'tickets limit': (bad) => store.records.tickets({ limit: bad }),
    'tickets before': (bad) => store.records.tickets({ limit: 1, before: { changedAt: T0, id: bad } }),
    'tickets before at': (bad) => store.records.tickets({ limit: 1, before: { changedAt: bad, id: 't' } }),
    ticketsOf: (bad) => store.records.ticketsOf(bad),
    'ticketsOf joined': (bad) => store.records.ticketsOf('c1', [{ contact: bad, channel: 'web' }]),
    joinedWith: (bad) => store.customers.joinedWith(bad),
    'offer hash': (bad) => store.customers.offer({ ...member, hash: bad, until: T0 }),
    'offer contact': (bad) => store.customers.offer({ ...member, contact: bad, hash: 'h', until: T0 }),
    'offer until': (bad) => store.customers.offer({ ...member, hash: 'h', until: bad }),
    'join key': (bad) => store.customers.join(bad, 'h', member, T0),
    'join hash': (bad) => store.customers.join('k', bad, member, T0),
    'join contact': (bad) => store.customers.join('k', 'h', { ...member, contact: bad }, T0),
    'join now': (bad) => store.customers.join('k', 'h', member, bad),
    'part key': (bad) => store.customers.part(bad, 'c1'),
    'part contact': (bad) => store.customers.part('k', bad),
    'forget contact': (bad) => store.customers.forget(bad),
    changeTicket: (bad) => store.records.changeTicket(bad, 'k', { set: {}, history: [] }),
    'changeTicket key': (bad) => store.records.changeTicket('t1', bad, { set: {}, history: [] }),
    setPlaces: (bad) => store.records.setPlaces(bad, []),
    'setPlaces key': (bad) => store.records.setPlaces('t1', [{ desk: 'forum', key: bad, live: true }]),
    movePlaces: (bad) => store.records.movePlaces('forum', bad, 'b'),
    keepMessage: (bad) => store.records.keepMessage(message('m2', 2, { id: bad })),
    'keepMessage contact': (bad) => store.records.keepMessage(message('m2', 2, { contact: bad })),
    'keepMessage seq': (bad) => store.records.keepMessage(message('m2', bad)),
    message: (bad) => store.records.message(bad),
    'messageByOrigin contact': (bad) => store.records.messageByOrigin(bad, 'o'),
    'messageByOrigin origin': (bad) => store.records.messageByOrigin('c1', bad),
    'messagesSince contact': (bad) => store.records.messagesSince(bad, 0, 1),
    'messagesSince seq': (bad) => store.records.messagesSince('c1', bad, 1),
    lastMessages: (bad) => store.records.lastMessages(bad, 1),
    ticketMessages: (bad) => store.records.ticketMessages(bad),
    rewordMessage: (bad) => store.records.rewordMessage(bad, 'x', T0),
    redrawMessage: (bad) => store.records.redrawMessage(bad, { text: 'x' }),
    setFate: (bad) => store.records.setFate(bad, 'sent'),
    'setFate state': (bad) => store.records.setFate('m1', bad),
    'putLinks place': (bad) => store.records.putLinks([{ place: bad, network: '1', message: 'm1' }]),
    'linkOf place': (bad) => store.records.linkOf(bad, '1'),
    'linkOf network': (bad) => store.records.linkOf('web', bad),
    'linksOf message': (bad) => store.records.linksOf('web', bad),
    'putContact id': (bad) => store.records.putContact({ id: bad, address }, T0),
    'putContact peer': (bad) =>
      store.records.putContact({ id: 'c9', address: { ...address, peer: bad } }, T0),
    contact: (bad) => store.records.contact(bad),
    'audit what': (bad) => store.records.audit({ at: T0, what: bad }),
    'releases.put': (bad) => store.releases.put({ hash: bad, files: {}, at: T0 }),
    'releases.get': (bad) => store.releases.get(bad),
    'settings.get': (bad) => store.settings.get(bad),
    'settings.once': (bad) => store.settings.once(bad, '2'),
    'settings.set': (bad) => store.settings.set(bad, '2'),
    'settings.add': (bad) => store.settings.add(bad, 1),
    'settings.add by': (bad) => store.settings.add('n', bad),
  };
  const OPTIONAL: Record<string, (bad: never) => Promise<unknown>> = {
    'journal.pending line': (bad) => store.journal.pending(bad, 1),
    'responses before': (bad) => store.records.responses({ limit: 1, before: bad }),
    'tickets assignee': (bad) => store.records.tickets({ limit: 1, assignee: bad }),
  };

  test('every door refuses every one of them', async () => {
    const before = await snapshot();
    for (const bad of HOSTILE) {
      for (const [door, open] of Object.entries(DOORS))
        await expect(open(bad as never), `${door} ${String(JSON.stringify(bad))}`).rejects.toThrow(TypeError);
      for (const [door, open] of Object.entries(OPTIONAL))
        if (bad !== undefined) await expect(open(bad as never), door).rejects.toThrow(TypeError);
    }
    expect(await snapshot()).toEqual(before);
  });

  test('a reason is text, and too long a one is cut', async () => {
    await expect(store.records.setFate('m1', 'failed', { $ne: 1 } as never)).rejects.toThrow(TypeError);
    await store.records.setFate('m1', 'failed', 'x'.repeat(5_000));
    expect((await store.records.message('m1'))?.reason).toBe('x'.repeat(1_024));
  });

  test('text that looks like an operator stays text', async () => {
    for (const name of ['$where', '{"$ne":null}', '__proto__', 'constructor', 'a.b', '$', '']) {
      await store.settings.set(`k${name}`, name);
      expect(await store.settings.get(`k${name}`)).toBe(name);
      const odd = event(`odd${name}`, name);
      const [row] = await store.journal.insert([odd]);
      expect(row?.event).toEqual(odd);
    }
    expect(await store.records.ticketsOf('$where')).toEqual([]);
  });

  async function snapshot(): Promise<unknown> {
    const client = await mongoose.mongo.MongoClient.connect(server.uri);
    const names = (await client.db(dbName).listCollections().toArray()).map(({ name }) => name).sort();
    const all = await Promise.all(names.map((name) => client.db(dbName).collection(name).find().toArray()));
    await client.close();
    return all;
  }
});
