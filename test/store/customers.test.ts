// Customers: joined by a code, once, whatever comes twice or at once; parted so that nothing is left of it.
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Member } from '../../src/core/customer.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { T0, ticket } from './examples.ts';
import { SERVERS, type Server } from './servers.ts';

const MINUTE = 60_000;
const UNTIL = T0 + 15 * MINUTE;
const member = (contact: string, channel = `net of ${contact}`): Member => ({ contact, channel });
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((contact) => member(contact)) as [
  Member,
  Member,
  Member,
  Member,
];

describe.each(SERVERS)('customers on $name', ({ start }) => {
  let server: Server;
  let client: mongoose.mongo.MongoClient;
  let dbName: string;
  let store: Store;
  const raw = (name: string) => client.db(dbName).collection<{ _id: string; [field: string]: unknown }>(name);
  const all = async () => [
    await raw('customers').find().sort({ _id: 1 }).toArray(),
    await raw('codes').find().sort({ _id: 1 }).toArray(),
  ];
  const offer = (by: Member, hash: string, until = UNTIL) => store.customers.offer({ ...by, hash, until });
  const join = (key: string, hash: string, by: Member, now = T0) => store.customers.join(key, hash, by, now);
  /** Joined by a code of its own. */
  const pair = async (one: Member, other: Member) => {
    const code = `${one.contact} for ${other.contact}`;
    await offer(one, code);
    return join(`${other.contact}.1`, code, other);
  };

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
    store = await openStore({ uri: server.uri, dbName, clock: () => T0 });
  });
  afterEach(async () => {
    await store.stop();
    await client.db(dbName).dropDatabase();
  });

  test('two contacts are joined by a code, and each finds the other', async () => {
    expect(await store.customers.joinedWith('a')).toEqual([]);
    expect(await pair(a, b)).toEqual({ outcome: 'joined', members: [a, b] });
    expect(await store.customers.joinedWith('a')).toEqual([b]);
    expect(await store.customers.joinedWith('b')).toEqual([a]);
    expect(await store.customers.joinedWith('c')).toEqual([]);
  });

  test('the same join again changes nothing and gives the same, one after another and at once', async () => {
    await offer(a, 'h');
    const wanted = { outcome: 'joined', members: [a, b] };
    const results = await Promise.all(Array.from({ length: 12 }, () => join('b.1', 'h', b)));
    for (const result of results) expect(result).toEqual(wanted);
    const stands = await all();
    expect(stands[0]).toHaveLength(1);
    // Even when the code would be over by now.
    expect(await join('b.1', 'h', b, UNTIL + MINUTE)).toEqual(wanted);
    await offer(a, 'h');
    expect(await all()).toEqual(stands);
  });

  test('a join that comes again after it was undone does not undo the undoing', async () => {
    await pair(a, b);
    expect(await store.customers.part('a.1', 'a')).toEqual([b]);
    await join('b.1', 'a for b', b);
    expect(await store.customers.joinedWith('a')).toEqual([]);
    expect(await store.customers.joinedWith('b')).toEqual([]);
    expect(await join('b.2', 'a for b', b)).toEqual({ outcome: 'used' });
  });

  test('a join that was cut short after the code was taken is finished by the same key, and by no other', async () => {
    await offer(a, 'h');
    await raw('codes').updateOne({ _id: 'h' }, { $set: { usedBy: 'b.1' } });
    expect(await join('c.1', 'h', c)).toEqual({ outcome: 'used' });
    expect(await join('b.1', 'h', b, UNTIL + MINUTE)).toEqual({ outcome: 'joined', members: [a, b] });
  });

  test('wrong, expired, own and used codes, and those of chats that are joined already', async () => {
    await offer(a, 'h');
    expect(await join('b.1', 'other', b)).toEqual({ outcome: 'wrong' });
    expect(await join('a.1', 'h', a)).toEqual({ outcome: 'own' });
    expect(await join('b.2', 'h', b, UNTIL)).toEqual({ outcome: 'expired' });
    expect(await join('b.3', 'h', b, UNTIL - 1)).toMatchObject({ outcome: 'joined' });
    expect(await join('c.1', 'h', c)).toEqual({ outcome: 'used' });
    await offer(a, 'h2');
    expect(await join('b.4', 'h2', b)).toEqual({ outcome: 'already' });
    await pair(c, d);
    expect(await join('d.2', 'h2', d)).toEqual({ outcome: 'both' });
    expect(await store.customers.joinedWith('a')).toEqual([b]);
    // Neither took the code away: once one of them stands alone it is good.
    await store.customers.part('d.3', 'd');
    expect(await join('d.4', 'h2', d)).toEqual({ outcome: 'joined', members: [a, b, d] });
  });

  test('a newer code ends the earlier one; nobody else’s', async () => {
    await offer(c, 'other');
    await offer(a, 'h1');
    await offer(a, 'h2');
    expect(await join('b.1', 'h1', b)).toEqual({ outcome: 'expired' });
    expect(await join('b.2', 'h2', b)).toMatchObject({ outcome: 'joined' });
    expect(await join('d.1', 'other', d)).toMatchObject({ outcome: 'joined' });
  });

  test('of two who take one code at once, one is joined', async () => {
    await offer(a, 'h');
    const takers = [b, c, d];
    const results = await Promise.all(takers.map((by) => join(`${by.contact}.1`, 'h', by)));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['joined', 'used', 'used']);
    expect(await store.customers.joinedWith('a')).toHaveLength(1);
  });

  test('nobody is ever in two customers, whoever joins whom at once', async () => {
    const people = [a, b, c, d];
    for (const one of people) await offer(one, `h ${one.contact}`);
    const pairs = people.flatMap((one) =>
      people.filter((other) => other !== one).map((other) => [one, other]),
    );
    await Promise.all(pairs.map(([one, other], n) => join(`k${n}`, `h ${one!.contact}`, other!)));
    const [groups] = await all();
    const members = groups!.flatMap(({ members = [] }) => members as Member[]).map(({ contact }) => contact);
    expect(members).toHaveLength(new Set(members).size);
    for (const { members = [] } of groups!) expect((members as Member[]).length).not.toBe(1);
  });

  test('parted: the others stay, and two are no customer of one', async () => {
    await pair(a, b);
    await pair(a, c);
    expect(await store.customers.part('b.9', 'b')).toEqual([a, c]);
    expect(await store.customers.part('b.9', 'b')).toEqual([a, c]);
    expect(await store.customers.joinedWith('a')).toEqual([c]);
    expect(await store.customers.joinedWith('b')).toEqual([]);
    expect(await store.customers.part('b.10', 'b')).toBeUndefined();
    expect(await store.customers.part('c.9', 'c')).toEqual([a]);
    expect(await store.customers.part('c.9', 'c')).toEqual([a]);
    for (const { contact } of [a, b, c]) expect(await store.customers.joinedWith(contact)).toEqual([]);
    const [groups] = await all();
    expect(groups).toHaveLength(1);
    expect(groups![0]).not.toHaveProperty('members');
    expect(groups![0]).toMatchObject({ expireAt: new Date(T0 + 7 * 86_400_000) });
    await offer(b, 'anew');
    expect(await join('c.11', 'anew', c)).toEqual({ outcome: 'joined', members: [b, c] });
  });

  test('who is forgotten leaves no trace here, joined or parted', async () => {
    await pair(a, b);
    await pair(a, c);
    await offer(c, 'unused');
    await store.customers.forget('c');
    expect(
      JSON.stringify((await all()).map((rows) => rows?.map(({ applied: _, usedBy: __, ...rest }) => rest))),
    ).not.toContain('"c"');
    expect(await store.customers.joinedWith('a')).toEqual([b]);
    await store.customers.part('b.9', 'b');
    await store.customers.forget('a');
    await store.customers.forget('a');
    expect(JSON.stringify(await all())).not.toContain('"a"');
  });

  test('only hashes are kept, with the time after which they go by themselves', async () => {
    await offer(a, 'h');
    expect(await raw('codes').findOne({})).toEqual({
      _id: 'h',
      ...a,
      until: UNTIL,
      expireAt: new Date(UNTIL + 86_400_000),
    });
  });

  test('tickets of joined contacts are listed together, each with where it was opened', async () => {
    const open = (id: string, by: Member, openedAt: number) =>
      store.records.openTicket(ticket(id, { contact: by.contact, channel: by.channel, openedAt }));
    await open('t1', a, T0 + 1);
    await open('t2', b, T0 + 2);
    await open('t3', c, T0 + 3);
    await open('t4', a, T0 + 4);
    const listed = await store.records.ticketsOf('a', [b]);
    expect(listed.map(({ id, elsewhere }) => [id, elsewhere])).toEqual([
      ['t4', undefined],
      ['t2', b],
      ['t1', undefined],
    ]);
  });
});
