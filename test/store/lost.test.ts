// The database goes away while the program runs: every call ends in bounded time with the cause, and works again after.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { event } from './examples.ts';
import { type Server as Database, SERVERS } from './servers.ts';

/** Above the 5 s in which the driver looks for a server, far below a person's patience. */
const BOUND_MS = 8_000;

let database: Database;
let wire: Wire;
let store: Store;
beforeEach(async () => {
  database = await SERVERS[0]!.start();
  wire = await startWire(decodeURIComponent(/mongodb:\/\/([^/?]+\.sock)/.exec(database.uri)![1]!));
  store = await openStore({ uri: `${wire.uri}/?directConnection=true`, dbName: database.freshDatabase() });
});
afterEach(async () => {
  wire.mend();
  await store.stop();
  await wire.stop();
  await database.stop();
});

test('cut off: calls reject soon with the cause, and work again once it is back', async () => {
  const [row] = await store.journal.insert([event('1')]);
  wire.cut();
  const started = performance.now();
  const results = await Promise.allSettled([
    store.journal.insert([event('2')]),
    store.journal.mark([row!.id]),
    store.sessions.load('c1'),
    store.records.ticket('t1'),
    store.settings.get('a'),
    store.ping(),
  ]);
  expect(performance.now() - started).toBeLessThan(BOUND_MS);
  for (const result of results) {
    expect(result.status).toBe('rejected');
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(Error);
  }
  // A write of many tells it like any other: not as something that was wrong with what was written.
  const names = results.map((one) => (one.status === 'rejected' ? (one.reason as Error).name : ''));
  expect(names[0]).toBe('StoreUnreachable');
  expect(names[1]).toMatch(/^Mongo.*(Network|Selection|Pool)/);
  wire.mend();
  expect(await store.journal.insert([event('1'), event('3')])).toHaveLength(1);
  await store.ping();
});

test('silent: a ping rejects within its two seconds', async () => {
  await store.ping();
  wire.hush();
  const started = performance.now();
  await expect(store.ping()).rejects.toThrow(/2000 ms/);
  expect(performance.now() - started).toBeLessThan(3_000);
});

test('never there: opening rejects in bounded time', async () => {
  wire.cut();
  const started = performance.now();
  await expect(openStore({ uri: `${wire.uri}/?directConnection=true` })).rejects.toThrow(
    /ECONNREFUSED|connection/,
  );
  expect(performance.now() - started).toBeLessThan(BOUND_MS);
});

interface Wire {
  readonly uri: string;
  /** Breaks every connection and takes no more. */
  cut(): void;
  /** Takes what is said and passes nothing on. */
  hush(): void;
  mend(): void;
  stop(): Promise<void>;
}

/** A line to the database that can be cut. */
async function startWire(path: string): Promise<Wire> {
  let state: 'whole' | 'cut' | 'hushed' = 'whole';
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    if (state === 'cut') return void near.destroy();
    const far = connect(path);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => state === 'whole' && to.write(bytes));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the wire has no port');
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    uri: `mongodb://127.0.0.1:${at.port}`,
    cut() {
      state = 'cut';
      breakAll();
    },
    hush() {
      state = 'hushed';
    },
    mend() {
      if (state === 'hushed') breakAll();
      state = 'whole';
    },
    async stop() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
