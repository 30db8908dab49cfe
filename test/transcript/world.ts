// Everything a talk needs, real but for the two ends: the shell, a store of its own, the flows on disk, a clock that can
// be moved. The ends are the recording channel and the recording desk.
import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, createApp } from '../../src/app/app.ts';
import { type Library, openLibrary } from '../../src/app/library.ts';
import type { Channel } from '../../src/channels/channel.ts';
import type { Desk } from '../../src/desk/desk.ts';
import type { Rules } from '../../src/engine/draft.ts';
import type { Release } from '../../src/flow/flow.ts';
import { createLog } from '../../src/log.ts';
import { createMedia } from '../../src/media/media.ts';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { CHANNEL, createRecordingChannel, OTHER, type RecordingChannel } from './recording-channel.ts';
import { createRecordingDesk, type RecordingDesk } from './recording-desk.ts';
import type { Transcript } from './transcript.ts';
import { watchedRelease } from './watched-release.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A Thursday, ten in the morning in Moscow. */
const BEGINNING = Date.UTC(2026, 2, 12, 7);

export interface World {
  readonly app: () => App;
  readonly store: Store;
  readonly channel: RecordingChannel;
  readonly desk: RecordingDesk;
  readonly now: () => number;
  /** `flow.node` of every node that was asked or passed. */
  readonly visited: ReadonlySet<string>;
  pass(milliseconds: number): void;
  /** Changes a file of a copy of the flows and texts, and has them read anew. */
  edit(file: string, from: string, to: string): Promise<void>;
  /** Ends the shell and makes another over the same store. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** One store server for many talks, each in a database of its own. */
export interface Ground {
  readonly uri: string;
  stop(): Promise<void>;
}

export async function layGround(): Promise<Ground> {
  const dir = await mkdtemp(join(tmpdir(), 'otklik-ground-'));
  const { uri, stop } = await startEmbedded(dir);
  return {
    uri,
    async stop() {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What a test puts in place of the usual, or beside it. */
export interface Given {
  /** The store as the shell has it, made anew for each; `nth` counts the shells from 0. */
  readonly store?: (store: Store, nth: number) => Store;
  /** What coordinates, as the shell has it. */
  readonly runtime?: (local: Runtime) => Runtime;
  readonly channels?: readonly Channel[];
  readonly desks?: readonly Desk[];
}

export async function createWorld(
  ground: Ground,
  told: Transcript['channel'],
  given: Given = {},
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'otklik-talk-'));
  const started = performance.now();
  let moved = 0;
  const now = (): number => BEGINNING + moved + Math.floor(performance.now() - started);
  const store = await openStore({ uri: ground.uri, dbName: `talk_${randomUUID().slice(0, 8)}`, clock: now });
  const log = createLog(process.env.TRANSCRIPT_LOG ?? 'silent');
  const channel = createRecordingChannel(told);
  const other = createRecordingChannel(told, OTHER, channel);
  const desk = createRecordingDesk((id) => store.records.message(id));
  const media = createMedia({
    dir: join(dir, 'media'),
    fetchers: (name) => (name === CHANNEL ? channel : undefined),
    now,
  });
  let folders = { flows: join(ROOT, 'flows'), locales: join(ROOT, 'locales') };
  const { releases, settings } = store;
  const open = (): Promise<Library> =>
    openLibrary({ folders, releases, settings, defaultLocale: 'ru', clock: now, log });
  let library = await open();
  const visited = new Set<string>();
  const watched = new Map<Release, Release>();
  const watch = (release: Release): Release => {
    const known = watched.get(release) ?? watchedRelease(release, visited);
    watched.set(release, known);
    return known;
  };
  const rules = (): Rules => ({
    current: watch(library.current()),
    release: (hash) => {
      const release = library.release(hash);
      return release && watch(release);
    },
    texts: library.texts(),
    words: library.words(),
    locales: library.current().locales,
    deskLocale: 'ru',
    country: 'RU',
  });
  let runtime = createLocalRuntime(now);
  let shells = 0;
  const make = (): Promise<App> =>
    createApp({
      store: given.store?.(store, shells++) ?? store,
      runtime: given.runtime?.(runtime) ?? runtime,
      media,
      channels: new Map([
        [CHANNEL, channel],
        [OTHER, other],
        ...(given.channels ?? []).map((one) => [one.name, one] as const),
      ]),
      desks: [desk, ...(given.desks ?? [])],
      rules,
      ensureRelease: (hash) => library.ensure(hash),
      fitWords: (locale) => ({
        choose: library.texts().t(locale, 'channels:choose'),
        scale: (from, to) => library.texts().t(locale, 'channels:scale', { from, to }),
      }),
      timeZone: 'Europe/Moscow',
      clock: now,
      log,
    });
  let app = await make();
  const end = async (): Promise<void> => {
    await app.stop();
    await runtime.stop();
  };
  return {
    app: () => app,
    store,
    channel,
    desk,
    now,
    visited,
    pass(milliseconds) {
      moved += milliseconds;
    },
    async edit(file, from, to) {
      const copy = { flows: join(dir, 'flows'), locales: join(dir, 'locales') };
      if (folders.flows !== copy.flows) {
        cpSync(folders.flows, copy.flows, { recursive: true });
        cpSync(folders.locales, copy.locales, { recursive: true });
        folders = copy;
        library = await open();
      }
      const before = readFileSync(join(dir, file), 'utf8');
      if (!before.includes(from)) throw new Error(`${file} has no "${from}"`);
      writeFileSync(join(dir, file), before.replace(from, to));
      const [fault] = await library.reload();
      if (fault) throw new Error(`${fault.file}:${fault.line}: ${fault.message}`);
    },
    async restart() {
      await end();
      runtime = createLocalRuntime(now);
      library = await open();
      app = await make();
      await app.start();
    },
    async stop() {
      await end();
      await store.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
