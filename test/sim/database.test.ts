// The simulated database is no looser than a real server: the same calls of the store's ports, drawn from a seed, give the
// same answers and leave the same documents on it and on our own embedded server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import type { TicketStatus } from '../../src/core/ticket.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { openStore, portsOver } from '../../src/store/open.ts';
import { schemas } from '../../src/store/schemas.ts';
import type { Store } from '../../src/store/store.ts';
import { event, message, response, session, T0, ticket } from '../store/examples.ts';
import { connectTo } from './connection.ts';
import { Database, indexesOf } from './database.ts';
import { createRandom, type Random } from './random.ts';

type Ports = Omit<Store, 'ping' | 'stop'>;
type Call = (store: Ports) => Promise<unknown>;

/** One call of a port; the same for both. */
function drawn(random: Random, step: number): Call {
  const id = (name: string, among = 4): string => `${name}${random.below(among)}`;
  const at = T0 + random.below(1_000);
  const place = { desk: 'forum', key: id('forum:-1:', 6), live: random.chance(0.5) };
  const shown = { id: id('m', 8), seq: random.below(8), contact: id('c', 3) };
  const member = { contact: id('c'), channel: 'web' };
  const status = random.pick<TicketStatus>(['in_progress', 'closed', 'reopened']);
  const calls: readonly Call[] = [
    (store) =>
      store.journal
        .insert([event(id('e', 30)), event(id('e', 30))])
        .then((rows) => rows.map((row) => row.event.id)),
    async (store) => {
      const rows = await store.journal.pending(undefined, 5);
      await store.journal.mark(rows.slice(0, 1).map((row) => row.id));
      const left = await store.journal.unapplied(rows.map((row) => row.id));
      return [rows.map((row) => row.event.id), left.size];
    },
    async (store) => {
      const [row] = await store.journal.pending(undefined, 1);
      if (row) await store.journal.fail(row.id, 'why', step % 2 === 0);
      const parked = await store.journal.parked();
      return parked.map((one) => [one.event.id, one.reason, one.tries]);
    },
    async (store) => {
      const [row] = await store.journal.parked();
      return row && (await store.journal.replay(row.id));
    },
    async (store) => {
      const now = await store.sessions.load(session('7').id);
      const changes = { n: step, seq: random.below(3), applied: [id('a')], offered: [`${step}`] };
      const next = { ...session('7'), ...now, ...(random.chance(0.5) ? changes : { n: step }) };
      const v = random.chance(0.8) ? next.v : next.v + 1;
      return [await store.sessions.commit({ ...next, v }, now), await store.sessions.load(next.id)];
    },
    (store) => store.sessions.due(T0 + random.below(2_000), 3),
    (store) =>
      store.records.openTicket(
        ticket(id('t'), { number: id('N', 5), contact: id('c', 2), openedAt: T0 + step }),
      ),
    (store) => store.records.ticket(id('t')),
    (store) => store.records.ticketAt(place.key),
    (store) => store.records.ticketByNumber(id('N', 5)),
    (store) => store.records.tickets({ limit: 5, ...(step % 2 ? { state: 'open' as const } : {}) }),
    (store) => store.records.ticketsOf(id('c', 2), step % 2 ? [member] : []),
    (store) =>
      store.records.changeTicket(id('t'), id('k', 6), {
        set: { status, ...(status === 'closed' ? { closedAt: at } : {}) },
        history: [{ at, what: 'status', to: status }],
      }),
    (store) => store.records.setPlaces(id('t'), random.chance(0.3) ? [] : [place]),
    (store) => store.records.movePlaces('forum', '-1', random.chance(0.5) ? '-2' : '-1'),
    (store) => store.records.keepMessage(message(shown.id, shown.seq, { ...shown, origin: id('o') })),
    (store) => store.records.message(id('m', 8)),
    (store) => store.records.messageByOrigin(id('c', 3), id('o')),
    (store) => store.records.messagesSince(id('c', 3), random.below(6), 3),
    (store) => store.records.lastMessages(id('c', 3), 2),
    (store) => store.records.rewordMessage(id('m', 8), `words ${step}`, at),
    (store) => store.records.setFate(id('m', 8), 'failed', step % 2 ? 'why' : undefined),
    (store) =>
      store.records.putLinks([
        { place: id('p', 2), network: id('n', 6), message: id('m', 8) },
        { place: id('p', 2), network: id('n', 6), message: id('m', 8), ticket: id('t') },
      ]),
    (store) => store.records.linkOf(id('p', 2), id('n', 6)),
    (store) => store.records.linksOf(id('p', 2), id('m', 8)),
    (store) =>
      store.records.putContact(
        { id: id('c'), address: { channel: 'web', account: '', peer: id('c') }, muted: step % 2 === 0 },
        at,
      ),
    (store) => store.records.contact(id('c')),
    (store) =>
      store.records.putResponse(
        response({ id: id('r'), at, state: random.chance(0.3) ? 'complete' : 'partial' }),
      ),
    (store) => store.records.responses({ limit: 3, ...(step % 2 ? { before: at } : {}) }),
    (store) => store.customers.offer({ ...member, hash: id('h', 6), until: at }),
    (store) => store.customers.join(id('j', 12), id('h', 6), member, T0),
    (store) => store.customers.part(id('q', 12), member.contact),
    (store) => store.customers.joinedWith(member.contact),
    (store) => store.customers.forget(member.contact),
    (store) => store.releases.put({ hash: id('f'), files: { a: `${step}` }, at }),
    (store) => store.releases.get(id('f')),
    (store) => store.settings.once(id('s'), `${step}`),
    (store) => store.settings.set(id('s'), `${step}`),
    (store) => store.settings.add(id('n'), 3),
    (store) => store.settings.get(id(step % 2 ? 's' : 'n')),
  ];
  return random.pick(calls);
}

async function told(call: Call, store: Ports): Promise<unknown> {
  try {
    return { gives: await call(store) };
  } catch (error) {
    return { throws: error instanceof Error ? error.name : 'something' };
  }
}

/** Ids that are made by chance are of no account. */
const bare = (docs: readonly Record<string, unknown>[]): readonly string[] =>
  docs
    // What a write left as its mark is random.
    .map(({ _id, applied: _, w: __, ...rest }) =>
      JSON.stringify({
        ...(/^[0-9A-HJKMNP-TV-Z]{26}$/.test(String(_id)) ? {} : { _id }),
        ...Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      }),
    )
    .sort();

test('the same calls give the same on the simulated database and on a server', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'otklik-sim-'));
  const server = await startEmbedded(dir);
  const client = await mongoose.mongo.MongoClient.connect(server.uri);
  try {
    for (const seed of [1, 2, 3]) {
      const real = await openStore({ uri: server.uri, dbName: `sim_${seed}`, clock: () => T0 });
      const database = new Database(indexesOf(schemas as never), mongoose.mongo);
      const at = connectTo(database, async (_name, effect) => effect());
      const simulated = portsOver(at, () => T0);
      const chance = createRandom(seed);
      for (let step = 0; step < 700; step += 1) {
        // A draw of its own for each store, so that both make the same call.
        const draw = chance.below(2 ** 30);
        const call = (): Call => drawn(createRandom(draw), step);
        const [theirs, ours] = [await told(call(), real), await told(call(), simulated)];
        expect(ours, `seed ${seed}, step ${step}: ${call()}`).toEqual(theirs);
      }
      for (const [name, table] of database.tables) {
        const documents = await client.db(`sim_${seed}`).collection(name).find().toArray();
        expect(bare([...table.docs.values()]), name).toEqual(bare(documents));
      }
      await real.stop();
    }
  } finally {
    await client.close();
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}, 120_000);
