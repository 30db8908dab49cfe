// Backup and restore of a store in use, and everything that must stop them before harm is done.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Int32 } from 'bson';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { backup, type Contents } from '../../src/backup/backup.ts';
import { openCopy, openEmbedded } from '../../src/backup/database.ts';
import { BackupFault } from '../../src/backup/fault.ts';
import { restore } from '../../src/backup/restore.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { type Life, live, twoTalks } from './life.ts';

const root = mkdtempSync(join(tmpdir(), 'otklik-backup-'));
const fresh = (name: string): string => mkdtempSync(join(root, `${name}-`));
const notRunning = { isRunning: async () => false };
const quiet = { progress: () => undefined, ...notRunning };
const faultOf = async (work: Promise<unknown>): Promise<BackupFault> => {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (fault instanceof BackupFault) return fault;
  throw fault ?? new Error('nothing was refused');
};

const source = fresh('source');
const file = join(root, 'whole.tar.gz');
let life: Life;
let contents: Contents;
const told: [string, number][] = [];

beforeAll(async () => {
  life = await live({ DATA_DIR: source });
  await twoTalks(life);
  await vi.waitFor(settled, { timeout: 10_000, interval: 50 });
  contents = await backup({ dataDir: source }, file, {
    ...quiet,
    now: Date.UTC(2026, 10, 22),
    progress: (what, count) => told.push([what, count]),
  });
});
afterAll(async () => {
  await life?.stop();
  rmSync(root, { recursive: true, force: true });
});

/** Everything said was handled and kept, so that two looks at the store are alike. */
async function settled(): Promise<void> {
  const { db, close } = await openCopy(source, fresh('look'), Number.POSITIVE_INFINITY);
  try {
    expect(await db.collection('journal').countDocuments({ state: 'pending' })).toBe(0);
    expect(await db.collection('sessions').countDocuments({ x: { $exists: true } })).toBe(0);
  } finally {
    await close();
  }
  const files = readdirSync(join(source, 'media'), { recursive: true }) as string[];
  expect(files.filter((name) => /[0-9a-f]{64}$/.test(name))).toHaveLength(2);
}

/** Every document of the store, by collection. */
async function documentsIn(dataDir: string): Promise<Record<string, unknown[]>> {
  const { db, close } = await openCopy(dataDir, fresh('look'), Number.POSITIVE_INFINITY);
  try {
    const all: Record<string, unknown[]> = {};
    for (const name of Object.keys(contents.collections)) {
      const found = db.collection(name).find({}, { sort: { _id: 1 }, promoteValues: false });
      all[name] = await found.toArray();
    }
    return all;
  } finally {
    await close();
  }
}

/** As a restore leaves them: counters have moved on, so that nothing seen since the backup is given out again. */
function ahead(all: Record<string, unknown[]>): Record<string, unknown[]> {
  const moved = (document: unknown, of: readonly string[], by: number): unknown => ({
    ...(document as object),
    ...Object.fromEntries(
      of.map((name) => [name, new Int32(Number((document as Record<string, unknown>)[name] ?? 0) + by)]),
    ),
  });
  return {
    ...all,
    sessions: all.sessions!.map((one) => moved(one, ['n', 'q'], 100_000)),
    settings: all.settings!.map((one) =>
      (one as { _id: string })._id === 'ticket_counter' ? moved(one, ['count'], 10_000) : one,
    ),
  };
}

describe('a backup', () => {
  test('is taken while the program runs, tells its progress, and holds every collection and file', () => {
    expect(contents).toMatchObject({ from: 'embedded' });
    expect(contents.collections).toMatchObject({ sessions: 2, tickets: 1, contacts: 2 });
    expect(contents.collections.responses).toBeGreaterThanOrEqual(2);
    expect(contents.collections.journal).toBeGreaterThan(7);
    // The picture, and under which name the network knows it.
    expect(contents.media).toBe(2);
    expect(told).toEqual([...Object.entries(contents.collections), ['media', 2]]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  test('is a tar.gz that anybody can open, its format told first and its manifest last', () => {
    const { stdout } = spawnSync('tar', ['-tzf', file], { encoding: 'utf8' });
    const names = stdout.trim().split('\n');
    expect(names[0]).toBe('otklik.json');
    expect(names.at(-1)).toBe('manifest.json');
    const head = spawnSync('tar', ['-xzOf', file, 'otklik.json'], { encoding: 'utf8' }).stdout;
    expect(JSON.parse(head)).toEqual({
      format: 'otklik-backup',
      version: 1,
      madeAt: '2026-11-22T00:00:00.000Z',
    });
    const manifest = spawnSync('tar', ['-xzOf', file, 'manifest.json'], { encoding: 'utf8' }).stdout;
    expect(Object.keys(JSON.parse(manifest).entries)).toEqual(names.slice(0, -1));
  });

  test('leaves no copy and no draft beside the file', () => {
    expect(readdirSync(root).filter((name) => /copy-|\.part$/.test(name))).toEqual([]);
    expect(readdirSync(join(source, 'store')).sort()).toContain('otklik.sqlite');
  });

  test('never takes the place of another file', async () => {
    const before = readFileSync(file);
    const fault = await faultOf(backup({ dataDir: source }, file, { ...quiet, now: 0 }));
    expect(fault.code).toBe('target_exists');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('into a folder that is not there, or of a store that is not there, is refused', async () => {
    const nowhere = backup({ dataDir: source }, join(root, 'nowhere', 'b'), { ...quiet, now: 0 });
    expect((await faultOf(nowhere)).code).toBe('target_failed');
    const nothing = backup({ dataDir: fresh('none') }, join(root, 'b'), { ...quiet, now: 0 });
    expect((await faultOf(nothing)).code).toBe('no_store');
    expect(existsSync(join(root, 'b'))).toBe(false);
  });

  test('that the disk does not take leaves nothing under the final name', async () => {
    const full = fresh('full');
    const media = join(full, 'media', 'aa');
    const target = join(full, 'b.tar.gz');
    const embedded = await startEmbedded(full);
    await embedded.stop();
    const { mkdirSync } = await import('node:fs');
    const { randomBytes } = await import('node:crypto');
    mkdirSync(media, { recursive: true });
    // Larger than the process is allowed to write, and not to be compressed.
    writeFileSync(join(media, `${'aa'.repeat(32)}`), randomBytes(8_000_000));
    const script = `ulimit -f 4000; trap '' XFSZ; exec "$0" src/cli.ts backup "$1"`;
    const child = promisify(execFile)('bash', ['-c', script, process.execPath, target], {
      env: { PATH: process.env.PATH, DATA_DIR: full, PORT: '1' },
    });
    const ended = await child.then(
      () => ({ code: 0, stderr: '' }),
      (error: { code: number; stderr: string }) => error,
    );
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('EFBIG');
    expect(readdirSync(full).filter((name) => name.startsWith('b.tar'))).toEqual([]);
  });
});

describe('a restore', () => {
  test('brings back every document and file; a talk in progress goes on, with nothing told twice', async () => {
    const target = fresh('target');
    const restored = await restore({ dataDir: target }, file, { ...quiet, force: false });
    expect(restored).toEqual(contents);
    expect(await documentsIn(target)).toEqual(ahead(await documentsIn(source)));
    const listed = (dir: string) => (readdirSync(join(dir, 'media'), { recursive: true }) as string[]).sort();
    expect(listed(target)).toEqual(listed(source).filter((name) => name !== 'tmp'));

    const again = await live({ DATA_DIR: target });
    try {
      await again.say('boris', 'Долго ждал');
      await again.told('boris', 'Хотите что-то добавить');
      await again.press('boris', 'Пропустить');
      await again.told('boris', 'Можно нам написать вам');
    } finally {
      await again.stop();
    }
    const { db, close } = await openEmbedded(target);
    const closed = await db.collection('responses').find({}).toArray();
    await close();
    expect(closed.map(({ score }) => score).sort()).toEqual([2, 3]);
  });

  test('into a store with anything in it is refused; with force it takes its place', async () => {
    const target = fresh('filled');
    const other = await live({ DATA_DIR: target });
    await other.say('vera', '/nps');
    await other.told('vera', '0 — ни за что');
    expect((await faultOf(restore({ dataDir: target }, file, { ...quiet, force: true }))).code).toBe(
      'in_use',
    );
    await other.stop();
    const refused = await faultOf(restore({ dataDir: target }, file, { ...quiet, force: false }));
    expect(refused.code).toBe('not_empty');
    const before = await documentsIn(target);
    expect(before.sessions).toHaveLength(1);
    await restore({ dataDir: target }, file, { ...quiet, force: true });
    expect(await documentsIn(target)).toEqual(ahead(await documentsIn(source)));
    expect(readdirSync(target).sort()).toEqual(['media', 'store']);
  });

  test('into a folder with files in it is refused', async () => {
    const target = fresh('files');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(target, 'media', 'ab'), { recursive: true });
    const refused = await faultOf(restore({ dataDir: target }, file, { ...quiet, force: false }));
    expect(refused).toMatchObject({ code: 'not_empty', vars: { what: 'media' } });
  });

  test('of a MongoDB goes back into it the same; a running program stops both', async () => {
    const server = await startEmbedded(fresh('server'));
    const name = (db: string): string => server.uri.replace('/?', `/${db}?`);
    const place = (db: string) => ({ dataDir: fresh(db), mongodbUri: name(db) });
    const [first, second] = [place('first'), place('second')];
    try {
      await restore(first, file, { ...quiet, force: false });
      const running = { ...quiet, isRunning: async () => true };
      const copy = join(root, 'mongo.tar.gz');
      expect((await faultOf(backup(first, copy, { ...running, now: 0 }))).code).toBe('not_one_moment');
      const made = await backup(first, copy, { ...quiet, now: 0 });
      expect(made).toEqual({ ...contents, from: 'mongodb' });
      expect((await faultOf(restore(second, copy, { ...running, force: false }))).code).toBe('running');
      await restore(second, copy, { ...quiet, force: false });
      expect((await faultOf(restore(second, copy, { ...quiet, force: false }))).code).toBe('not_empty');
      expect(await restore(second, copy, { ...quiet, force: true })).toEqual(made);
    } finally {
      await server.stop();
    }
  });
});

describe('a file that is not as it was written', () => {
  const changed = (name: string, change: (tar: Buffer) => Buffer): string => {
    const path = join(root, name);
    writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(file)))));
    return path;
  };
  const written = (name: string, bytes: Buffer): string => {
    const path = join(root, name);
    writeFileSync(path, bytes);
    return path;
  };
  const swapped = (from: string, to: string) => (tar: Buffer) => {
    const at = tar.indexOf(from);
    if (at < 0) throw new Error(`no ${from} in it`);
    tar.write(to, at);
    return tar;
  };

  test.each([
    ['with one word changed', () => changed('word.tar.gz', swapped('Курьер', 'Водила')), 'damaged'],
    [
      'with one count changed',
      () => changed('count.tar.gz', swapped('"sessions": 2', '"sessions": 3')),
      'damaged',
    ],
    [
      'cut short',
      () => written('short.tar.gz', readFileSync(file).subarray(0, statSync(file).size - 200)),
      'damaged',
    ],
    [
      'of a later version',
      () => changed('later.tar.gz', swapped('"version": 1', '"version": 9')),
      'newer_format',
    ],
    [
      'of another format',
      () => changed('other.tar.gz', swapped('otklik-backup', 'something-els')),
      'not_a_backup',
    ],
    ['that is no archive', () => written('text.tar.gz', Buffer.from('hello')), 'not_a_backup'],
    ['that is not there', () => join(root, 'absent.tar.gz'), 'no_file'],
  ])('%s: refused before anything is written', async (_, make, code) => {
    const target = fresh('untouched');
    const fault = await faultOf(restore({ dataDir: target }, make(), { ...quiet, force: true }));
    expect(fault.code).toBe(code);
    expect(readdirSync(target)).toEqual([]);
  });

  test('that lacks its manifest: refused', async () => {
    const path = changed('no-manifest.tar.gz', (tar) => {
      const at = tar.indexOf('manifest.json');
      return Buffer.concat([tar.subarray(0, at), Buffer.alloc(1024)]);
    });
    const fault = await faultOf(restore({ dataDir: fresh('x') }, path, { ...quiet, force: false }));
    expect(fault).toMatchObject({ code: 'damaged', vars: { entry: 'manifest.json' } });
  });
});
