// Doctor at the store: reached or not, its indexes, its server, and the invariants over what a real life left in it,
// each broken on purpose.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, type Db, openDatabase, openEmbedded } from '../../src/backup/database.ts';
import { UNFINISHED } from '../../src/backup/restore.ts';
import type { Finding } from '../../src/channels/examine.ts';
import { asReplayed } from '../../src/doctor/invariants/as-replayed.ts';
import { createLook } from '../../src/doctor/invariants/look.ts';
import { noCrossTalk } from '../../src/doctor/invariants/no-cross-talk.ts';
import { nothingLost } from '../../src/doctor/invariants/nothing-lost.ts';
import { oneEffect } from '../../src/doctor/invariants/one-effect.ts';
import { examineStore } from '../../src/doctor/store.ts';
import { ensureIndexes } from '../../src/store/indexes.ts';
import { live, twoTalks } from '../backup/life.ts';
import { createFolders, examine, expectFinding, problems } from './set.ts';

type Stored = { _id: string; [field: string]: unknown };
const folders = createFolders('doctor-store');
const lived = folders.fresh('lived');
chmodSync(lived, 0o700);
let whileRunning: readonly Finding[];
let database: Database;
let all: (name: string) => ReturnType<Db['collection']>;

beforeAll(async () => {
  const life = await live({ DATA_DIR: lived });
  await twoTalks(life);
  whileRunning = await examine({ DATA_DIR: lived });
  await life.stop();
  database = await openEmbedded(lived);
  all = (name) => database.db.collection(name);
}, 60_000);
afterAll(async () => {
  await database?.close();
  folders.clear();
});

const at = (name: string) => database.db.collection<Stored>(name);
const first = async (name: string): Promise<Stored> => (await at(name).findOne({}))!;

describe('the embedded store', () => {
  test('in use is examined all the same, and everything holds', () => {
    expect(problems(whileRunning)).toEqual([]);
    for (const code of ['store.in_use', 'store.reached', 'store.indexes', 'i1.holds', 'i2.holds', 'i6.holds'])
      expectFinding(whileRunning, 'ok', code);
    expect(expectFinding(whileRunning, 'ok', 'i9.sessions').vars).toEqual({ sessions: 2, talks: 1 });
    expect(expectFinding(whileRunning, 'ok', 'i9.tickets').vars).toEqual({ tickets: 1 });
    expect(expectFinding(whileRunning, 'ok', 'i6.holds').vars).toMatchObject({ contacts: 2 });
  });

  test('that was spoilt', async () => {
    const folder = folders.fresh('spoilt');
    const empty = await openEmbedded(folder);
    await empty.close();
    writeFileSync(join(folder, 'store', 'otklik.sqlite'), 'no database at all'.repeat(100));
    expectFinding(await examine({ DATA_DIR: folder }), 'error', 'store.unreadable', /restore <file> --force/);
  });

  test('with nothing in it', async () => {
    const folder = folders.fresh('empty');
    await (await openEmbedded(folder)).close();
    expectFinding(await examine({ DATA_DIR: folder }), 'ok', 'store.empty');
  });
});

describe('a MongoDB', () => {
  let uri: string;
  let server: { stop(): Promise<void> };
  beforeAll(async () => {
    const { startEmbedded } = await import('../../src/store/embedded/start.ts');
    const started = await startEmbedded(folders.fresh('server'));
    server = started;
    uri = started.uri.replace('/?', '/otklik?');
    const filled = await openDatabase(uri);
    await ensureIndexes(filled.models);
    await filled.close();
  });
  afterAll(() => server?.stop());
  /** The server, but for what it says of itself. */
  const saying = (hello: object): Database =>
    ({
      ...database,
      db: new Proxy(database.db, {
        get(target, name) {
          if (name !== 'command') return Reflect.get(target, name, target).bind?.(target);
          return async (command: object) => ({
            ...(await target.command({ ...command })),
            ...('hello' in command ? hello : {}),
          });
        },
      }),
    }) as Database;

  test('that is not there; its password is not told', async () => {
    const found = await examine({
      DATA_DIR: folders.fresh('d'),
      MONGODB_URI: 'mongodb://user:canary@127.0.0.1:1/x?serverSelectionTimeoutMS=200',
    });
    expectFinding(found, 'error', 'store.unreachable', /leave MONGODB_URI empty/);
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  test('that stands alone is warned of, and examined while the program works', async () => {
    const found = await examine({ DATA_DIR: folders.fresh('d'), MONGODB_URI: uri });
    expectFinding(found, 'warning', 'store.standalone', /rs\.initiate\(\)/);
    expectFinding(found, 'ok', 'clock.right');
    expectFinding(found, 'ok', 'i1.holds');
    const { createServer } = await import('node:http');
    const near = createServer((_, response) => response.end('{"ok":true,"parts":[]}'));
    await new Promise<void>((done) => near.listen(0, '127.0.0.1', done));
    const { port } = near.address() as { port: number };
    const working = await examine({ DATA_DIR: folders.fresh('d'), MONGODB_URI: uri, PORT: String(port) });
    near.close();
    expectFinding(working, 'warning', 'invariants.moving', /look again/);
  });

  test('that is a replica set, takes no writes, or whose clock is wrong', async () => {
    const well = await examineStore(saying({ setName: 'rs0' }), 'mongodb', Date.now);
    expect(expectFinding(well, 'ok', 'store.replicated').vars).toEqual({ name: 'rs0' });
    const away = await examineStore(
      saying({ setName: 'rs0', isWritablePrimary: false }),
      'mongodb',
      Date.now,
    );
    expectFinding(away, 'error', 'store.no_primary', /rs\.status\(\)/);
    for (const [seconds, level] of [
      [2, 'ok'],
      [30, 'warning'],
      [-120, 'error'],
    ] as const) {
      const found = await examineStore(database, 'mongodb', () => Date.now() + seconds * 1_000);
      expectFinding(found, level, level === 'ok' ? 'clock.right' : 'clock.wrong', /set-ntp true/);
    }
  });

  test('that answers slowly', async () => {
    const slow = {
      ...database,
      db: new Proxy(database.db, {
        get(target, name) {
          if (name !== 'command') return Reflect.get(target, name, target).bind?.(target);
          return async (command: object) => {
            await new Promise((resolve) => setTimeout(resolve, 120));
            return await target.command({ ...command });
          };
        },
      }),
    } as Database;
    expectFinding(
      await examineStore(slow, 'embedded', Date.now),
      'warning',
      'store.slow',
      /nearer to the program/,
    );
  });
});

describe('the set-up of the store', () => {
  test('without an index, without a unique one, and with one that is another', async () => {
    await all('journal').dropIndex('event');
    await all('tickets').dropIndex('changed');
    const found = await examineStore(database, 'embedded', Date.now);
    expect(expectFinding(found, 'error', 'store.index_unique', /names the doubles/).vars).toEqual({
      index: 'journal.event',
    });
    expect(expectFinding(found, 'warning', 'store.index', /start the program anew/).vars).toEqual({
      index: 'tickets.changed',
    });
    await all('journal').createIndex({ channel: 1, account: 1, eventId: 1 }, { name: 'event' });
    expectFinding(await examineStore(database, 'embedded', Date.now), 'error', 'store.index_unique');
    await all('journal').dropIndex('event');
    await ensureIndexes(database.models);
    expect(problems(await examineStore(database, 'embedded', Date.now))).toEqual([]);
  });

  test('where a restore did not end', async () => {
    await at('settings').insertOne({ _id: UNFINISHED, value: 'x' });
    expectFinding(
      await examineStore(database, 'embedded', Date.now),
      'error',
      'store.unfinished',
      /Do it again/,
    );
    await at('settings').deleteOne({ _id: UNFINISHED });
  });
});

describe('the invariants', () => {
  const later = Date.now() + 3_600_000;
  const check = async (
    given: { isRunning?: boolean; isIndexed?: boolean } = {},
  ): Promise<readonly Finding[]> => {
    const look = createLook(database.db, undefined);
    return [
      ...(await nothingLost(look, later, { isRunning: false, isIndexed: true, ...given })),
      ...(await oneEffect(look, 'ru')),
      ...(await noCrossTalk(look)),
      ...(await asReplayed(look)),
    ];
  };
  /** Changes one document, looks, and puts it back. */
  async function spoilt(
    name: string,
    of: Stored,
    update: object,
    given: Parameters<typeof check>[0] = {},
  ): Promise<readonly Finding[]> {
    await at(name).updateOne({ _id: of._id }, update);
    try {
      return await check(given);
    } finally {
      await at(name).replaceOne({ _id: of._id }, of);
    }
  }
  const session = async (channelPeer: string): Promise<Stored> =>
    (await at('sessions').findOne({ p: channelPeer }))!;

  test('hold over what a real life left', async () => {
    expect(problems(await check())).toEqual([]);
  });

  test('I1: a strange state, a waiting row, a parked one, one that is never cleared away', async () => {
    const row = (await at('journal').findOne({ line: (await session('boris'))._id }))!;
    const older = { ...row, _id: `00${row._id.slice(2)}`, eventId: 'another' };
    expectFinding(
      await spoilt('journal', row, { $set: { state: 'lost' } }),
      'error',
      'i1.strange',
      /by hand/,
    );
    expectFinding(
      await spoilt('journal', row, { $unset: { expireAt: '' } }),
      'warning',
      'i1.forever',
      /Harmless/,
    );
    const parked = await spoilt('journal', row, {
      $set: { state: 'parked', parkedAt: 1, reason: 'TypeError' },
    });
    expect(expectFinding(parked, 'warning', 'i1.parked', /Open the console/).vars).toMatchObject({
      count: 1,
      ids: row._id,
    });
    await at('journal').insertOne({ ...older, state: 'pending' });
    expectFinding(await check(), 'warning', 'i1.waits', /Start the program/);
    expectFinding(await check({ isRunning: true }), 'error', 'i1.stuck', /program's log/);
    await at('journal').deleteOne({ _id: older._id });
  });

  test('I1: a row that was applied but not marked yet is not waiting', async () => {
    const { j } = await session('boris');
    const row = (await at('journal').findOne({ _id: (j as string[]).at(-1)! }))!;
    expect(problems(await spoilt('journal', row, { $set: { state: 'pending' } }))).toEqual([]);
  });

  test('I2: an event in the journal twice; where the index is missing, that it was not looked for', async () => {
    const row = await first('journal');
    await all('journal').dropIndex('event');
    await at('journal').insertOne({ ...row, _id: `${row._id}x` });
    // With an index that is there but lets doubles in.
    await all('journal').createIndex({ channel: 1, account: 1, eventId: 1 }, { name: 'event' });
    expect(expectFinding(await check(), 'error', 'i2.twice', /keep the older row/).vars).toMatchObject({
      count: 1,
    });
    expectFinding(await check({ isIndexed: false }), 'warning', 'i2.not_looked', /Mend the index/);
    await at('journal').deleteOne({ _id: `${row._id}x` });
    await all('journal').dropIndex('event');
    await ensureIndexes(database.models);
  });

  test("I2: a session that applied an event twice, another's, or a parked one", async () => {
    const [anna, boris] = [await session('anna'), await session('boris')];
    const [mine] = anna.j as string[];
    const twice = await spoilt('sessions', anna, { $set: { j: [mine, mine] } });
    expectFinding(twice, 'error', 'i2.repeated', /talks in the console/);
    const foreign = await spoilt('sessions', boris, { $set: { j: [mine] } });
    expect(expectFinding(foreign, 'error', 'i2.foreign', /make a backup/).vars).toMatchObject({ ids: mine });
    const row = (await at('journal').findOne({ _id: mine! }))!;
    const parked = await spoilt('journal', row, { $set: { state: 'parked', parkedAt: 1 } });
    expectFinding(parked, 'error', 'i2.parked', /Do not bring them back/);
  });

  test('I6: a link, a message, an address, a ticket of somebody else', async () => {
    const [anna, boris] = [await session('anna'), await session('boris')];
    const link = (await at('links').findOne({ place: 'paper::anna' }))!;
    expectFinding(
      await spoilt('links', link, { $set: { place: 'paper::boris' } }),
      'error',
      'i6.link',
      /look at these chats/,
    );
    expectFinding(await spoilt('links', link, { $set: { ticket: 'another' } }), 'error', 'i6.link');
    const message = (await at('messages').findOne({ _id: link.message as string }))!;
    const strayed = await spoilt('messages', message, { $set: { contact: boris._id, seq: 900 } });
    expectFinding(strayed, 'error', 'i6.message', /these tickets/);
    const address = await spoilt('sessions', anna, { $set: { p: 'vera' } });
    expect(expectFinding(address, 'error', 'i6.address', /from a backup/).vars).toMatchObject({
      ids: anna._id,
    });
    const contact = await first('contacts');
    const moved = await spoilt('contacts', contact, { $set: { 'address.peer': 'vera' } });
    expectFinding(moved, 'error', 'i6.address');
    expectFinding(
      await spoilt('sessions', boris, { $set: { o: anna.o } }),
      'error',
      'i6.ticket',
      /make a backup/,
    );
  });

  test('I9: a session, a talk, a release, a ticket, its openness, a number that no replay would give', async () => {
    const [anna, boris] = [await session('anna'), await session('boris')];
    expectFinding(await spoilt('sessions', boris, { $set: { due: 1 } }), 'error', 'i9.session', /by hand/);
    expectFinding(await spoilt('sessions', boris, { $set: { zz: 1 } }), 'error', 'i9.session');
    const nowhere = await spoilt('sessions', boris, { $set: { 'r.f.0.n': 'nowhere' } });
    expect(expectFinding(nowhere, 'error', 'i9.talk', /\/cancel/).vars).toMatchObject({ ids: boris._id });
    expectFinding(await spoilt('sessions', boris, { $set: { 'r.h': 'gone' } }), 'error', 'i9.talk');
    const release = await first('releases');
    const files = (release.files as { name: string; text: string }[]).map((file) =>
      file.name === 'flows/nps.yaml' ? { ...file, text: `${file.text}\n# another\n` } : file,
    );
    expectFinding(
      await spoilt('releases', release, { $set: { files } }),
      'error',
      'i9.release',
      /another way/,
    );
    const ticket = await first('tickets');
    const closed = await spoilt('tickets', ticket, { $set: { status: 'closed' } });
    expect(expectFinding(closed, 'error', 'i9.ticket', /history in the console/).vars).toMatchObject({
      ids: ticket.number,
    });
    const apart = await spoilt('sessions', anna, { $unset: { o: '' } });
    expectFinding(apart, 'error', 'i9.open', /Close or reopen/);
    expectFinding(await spoilt('sessions', anna, { $set: { q: 0 } }), 'error', 'i9.seq', /the whole of it/);
  });

  test('name the first offenders and count them all', async () => {
    const row = await first('journal');
    const made = Array.from({ length: 25 }, (_, n) => ({
      ...row,
      _id: `x${n}`,
      eventId: `x${n}`,
      state: 'odd',
    }));
    await at('journal').insertMany(made);
    const one = expectFinding(await check(), 'error', 'i1.strange');
    expect(one.vars?.count).toBe(25);
    expect(String(one.vars?.ids).split(', ')).toHaveLength(11);
    await at('journal').deleteMany({ state: 'odd' });
  });
});
