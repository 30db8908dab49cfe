// What runs of kills found once, each held by a test of its own that needs no luck: a shell over a real store, the
// moments brought about by holding single calls back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type App, createApp } from '../../src/app/app.ts';
import { openLibrary } from '../../src/app/library.ts';
import { createWebChannel } from '../../src/channels/web/adapter.ts';
import { contactIdOf } from '../../src/core/contact.ts';
import type { CustomerEvent, DeskEvent } from '../../src/core/event.ts';
import { createLog } from '../../src/log.ts';
import { createMedia } from '../../src/media/media.ts';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import { type EmbeddedStore, startEmbedded } from '../../src/store/embedded/start.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { ROOT } from './kill.ts';

const folder = mkdtempSync(join(tmpdir(), 'otklik-mends-'));
let embedded: EmbeddedStore;
let made = 0;

beforeAll(async () => {
  embedded = await startEmbedded(folder);
});
afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(clock = Date.now): Promise<Store> {
  made += 1;
  const store = await openStore({ uri: embedded.uri, dbName: `mends${made}`, clock });
  onTestFinished(() => store.stop());
  return store;
}

/** A shell without networks: people come by the web channel. */
async function shell(store: Store, clock = Date.now): Promise<App> {
  const log = createLog('silent');
  const { releases, settings } = store;
  const folders = { flows: join(import.meta.dirname, 'flows'), locales: join(ROOT, 'locales') };
  const library = await openLibrary({
    folders,
    releases,
    settings,
    defaultLocale: 'en',
    clock: Date.now,
    log,
  });
  const runtime = createLocalRuntime(Date.now);
  onTestFinished(() => runtime.stop());
  return await createApp({
    store,
    runtime,
    media: createMedia({ dir: join(folder, 'media'), fetchers: () => undefined, now: Date.now }),
    channels: new Map([['web', createWebChannel({ publish: () => {} })]]),
    desks: [],
    rules: () => ({
      current: library.current(),
      release: library.release,
      texts: library.texts(),
      words: library.words(),
      locales: ['ru', 'en'],
      deskLocale: 'en',
      country: 'RU',
    }),
    ensureRelease: (hash) => library.ensure(hash),
    fitWords: () => ({ choose: '', scale: () => '' }),
    timeZone: 'Europe/Moscow',
    clock,
    log,
  });
}

const event = (peer: string, id: string, act: 'operator' | { text: string }): CustomerEvent => ({
  id: `${peer}.${id}`,
  channel: 'web',
  account: '',
  peer,
  at: Date.now(),
  person: { locale: 'en' },
  ...(act === 'operator'
    ? { kind: 'start', payload: 'operator' }
    : { kind: 'message', text: act.text, message: id }),
});

const contactOf = (peer: string): string => contactIdOf({ channel: 'web', account: '', peer });
const said = async (store: Store, peer: string): Promise<string[]> =>
  (await store.records.lastMessages(contactOf(peer), 100)).flatMap(({ author, text, gathered }) =>
    author.kind === 'customer' && !gathered ? [text] : [],
  );

it('gives every ticket a number of its own, however many are opened at once', async () => {
  const store = await open();
  const app = await shell(store);
  await app.start();
  const peers = Array.from({ length: 40 }, (_, n) => `p${n}`);
  await app.intake(peers.map((peer) => event(peer, 'a', 'operator')));
  await app.idle();
  await Promise.all(peers.map((peer) => app.intake([event(peer, 'b', { text: `question of ${peer}` })])));
  await app.idle();
  const tickets = await store.records.tickets({ limit: 100 });
  expect(tickets).toHaveLength(40);
  expect(new Set(tickets.map(({ number }) => number)).size).toBe(40);
  expect(await store.journal.parked()).toEqual([]);
  await app.stop();
});

it('brings a ticket into the store although the process ended between the turn and its writing', async () => {
  const store = await open();
  let reached = () => {};
  const died = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const dying: Store = {
    ...store,
    records: {
      ...store.records,
      openTicket: () => {
        reached();
        return new Promise(() => {});
      },
    },
  };
  const before = await shell(dying);
  await before.start();
  await before.intake([event('q', 'a', 'operator')]);
  await before.intake([event('q', 'b', { text: 'a question' })]);
  await died;
  expect(await store.records.tickets({ limit: 10 })).toEqual([]);

  const after = await shell(store);
  await after.start();
  await after.idle();
  const [ticket, ...more] = await store.records.tickets({ limit: 10 });
  expect(ticket?.fields).toMatchObject([{ id: 'question', value: 'a question' }]);
  expect(more).toEqual([]);
  expect((await store.sessions.load(contactOf('q')))?.outbox).toEqual([]);
  await after.stop();
});

it('starts and serves everybody else when one contact cannot be brought on', async () => {
  const store = await open();
  let reached = 0;
  const dying: Store = {
    ...store,
    records: {
      ...store.records,
      openTicket: () => {
        reached += 1;
        return new Promise(() => {});
      },
    },
  };
  const before = await shell(dying);
  await before.start();
  for (const peer of ['bad', 'good']) {
    await before.intake([event(peer, 'a', 'operator')]);
    await before.intake([event(peer, 'b', { text: `question of ${peer}` })]);
  }
  await expect.poll(() => reached).toBe(2);

  const after = await shell({
    ...store,
    records: {
      ...store.records,
      openTicket: async (ticket) => {
        if (ticket.contact === contactOf('bad')) throw new Error('this one never');
        await store.records.openTicket(ticket);
      },
    },
  });
  await after.start();
  await expect.poll(async () => (await store.records.tickets({ limit: 10 })).length).toBe(1);
  await expect.poll(async () => (await store.sessions.load(contactOf('good')))?.outbox).toEqual([]);
  // What waits for a mend is still there.
  expect((await store.sessions.load(contactOf('bad')))?.outbox).not.toEqual([]);
  await after.stop();
});

it('handles nothing twice that a slow look at the journal shows once more', async () => {
  const store = await open();
  let slow: Promise<void> = Promise.resolve();
  const { journal } = store;
  const app = await shell({
    ...store,
    journal: {
      ...journal,
      async pending(line, limit) {
        const rows = await journal.pending(line, limit);
        await slow;
        return rows;
      },
    },
  });
  await app.start();
  const texts = Array.from({ length: 12 }, (_, n) => `line ${n}`);
  await app.intake([event('s', 'a', 'operator')]);
  await app.idle();
  let goOn = () => {};
  slow = new Promise((resolve) => {
    goOn = resolve;
  });
  await app.intake(texts.map((text, n) => event('s', `t${n}`, { text })));
  const look = app.sweep();
  // The look has its answer by now, and what it shows as waiting is handled and marked meanwhile.
  await app.idle();
  await expect.poll(async () => (await journal.pending(undefined, 100)).length).toBe(0);
  goOn();
  await look;
  await app.idle();
  expect(await said(store, 's')).toEqual(texts);
  await app.stop();
});

it('takes up an old backlog before anything newer of the same person', async () => {
  const store = await open();
  const others = Array.from(
    { length: 1_200 },
    (_, n): DeskEvent => ({
      id: `x${n}`,
      channel: 'forum',
      account: '',
      at: Date.now(),
      kind: 'desk',
      operator: { id: 'tg:1', name: 'Anna' },
      place: `forum:-1:${n}`,
      act: 'claim',
    }),
  );
  await store.journal.insert([...others, event('late', 'a', { text: 'first' })]);
  const app = await shell(store);
  await app.start();
  await app.intake([event('late', 'b', { text: 'second' })]);
  await app.idle();
  expect(await said(store, 'late')).toEqual(['first', 'second']);
  await app.stop();
});

it('forgets what it applied once that is marked and some time has passed, over restarts too', async () => {
  let now = Date.now();
  const store = await open(() => now);
  for (const life of ['1', '2', '3']) {
    const app = await shell(store, () => now);
    await app.start();
    await app.intake([event('r', life, { text: 'menu' })]);
    await app.idle();
    await app.stop();
    now += 2 * 60_000;
  }
  expect((await store.sessions.load(contactOf('r')))?.applied).toHaveLength(1);
});
