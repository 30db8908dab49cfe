// Everything the program keeps, as it is at one moment, into one file: the store's collections as BSON, and the files.
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, statfs } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { COLLECTIONS } from '../store/models.ts';
import { writeArchive } from './archive.ts';
import {
  type ClientSession,
  type Database,
  type Db,
  embeddedFile,
  momentOf,
  NoRoomError,
  openCopy,
  openDatabase,
} from './database.ts';
import { BackupFault } from './fault.ts';

/** What the manifest tells of it. */
export interface Contents {
  readonly from: 'embedded' | 'mongodb';
  readonly collections: Readonly<Record<string, number>>;
  readonly media: number;
}

export interface Place {
  readonly dataDir: string;
  readonly mongodbUri?: string | undefined;
}

export interface BackupOptions {
  readonly now: number;
  /** Told of each collection and of the files, with how many there are so far. */
  readonly progress: (what: string, count: number) => void;
  /** The program works on the same store meanwhile. */
  readonly isRunning: () => Promise<boolean>;
}

/** Bytes of one entry with documents, before the document that goes beyond. */
const PART = 4 * 1024 * 1024;
/** Documents asked for at once. */
const BATCH = 500;
const PROGRESS_EVERY = 10_000;

export async function backup(place: Place, file: string, options: BackupOptions): Promise<Contents> {
  const target = resolve(file);
  const folder = dirname(target);
  if (existsSync(target)) throw new BackupFault('target_exists', { file: target });
  if (!existsSync(folder)) throw new BackupFault('target_failed', { file: target, why: 'ENOENT' });
  const database = await opened(place, folder);
  let made: Contents | undefined;
  try {
    const session = await oneMoment(database, place, options);
    await writeArchive(target, options.now, async (add) => {
      const collections: Record<string, number> = {};
      for (const name of COLLECTIONS)
        collections[name] = await addCollection(database.db, name, session, add, options);
      // After the store: what it speaks of lies there already, and no file is ever taken away.
      const media = await addMedia(resolve(place.dataDir, 'media'), add, options);
      made = { from: place.mongodbUri === undefined ? 'embedded' : 'mongodb', collections, media };
      return made;
    });
    await session?.endSession();
  } finally {
    await database.close();
  }
  return made!;
}

async function opened({ dataDir, mongodbUri }: Place, scratch: string): Promise<Database> {
  if (mongodbUri !== undefined) return await openDatabase(mongodbUri);
  if (!existsSync(embeddedFile(dataDir))) throw new BackupFault('no_store', { folder: resolve(dataDir) });
  const { bavail, bsize } = await statfs(scratch);
  return await openCopy(dataDir, scratch, bavail * bsize).catch((cause: unknown) => {
    if (cause instanceof NoRoomError) throw new BackupFault('no_room', { folder: scratch }, { cause });
    throw cause;
  });
}

/** A standalone server shows no one moment, so the program must rest meanwhile. */
async function oneMoment(
  database: Database,
  { mongodbUri }: Place,
  { isRunning }: BackupOptions,
): Promise<ClientSession | undefined> {
  if (mongodbUri === undefined) return undefined;
  const moment = await momentOf(database);
  if (!moment && (await isRunning())) throw new BackupFault('not_one_moment');
  return moment;
}

type Add = (name: string, bytes: Uint8Array) => Promise<void>;

async function addCollection(
  db: Db,
  name: string,
  session: ClientSession | undefined,
  add: Add,
  { progress }: BackupOptions,
): Promise<number> {
  let count = 0;
  let part = 0;
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size === 0) return;
    part += 1;
    await add(`store/${name}-${String(part).padStart(6, '0')}.bson`, Buffer.concat(pieces, size));
    [pieces, size] = [[], 0];
  };
  const found = db
    .collection(name)
    .find({}, { raw: true, batchSize: BATCH, ...(session ? { session } : {}) });
  for await (const document of found as AsyncIterable<unknown>) {
    const bytes = document as Uint8Array;
    if (size + bytes.length > PART) await flush();
    pieces.push(bytes);
    size += bytes.length;
    count += 1;
    if (count % PROGRESS_EVERY === 0) progress(name, count);
  }
  await flush();
  progress(name, count);
  return count;
}

async function addMedia(folder: string, add: Add, { progress }: BackupOptions): Promise<number> {
  let count = 0;
  if (existsSync(folder)) {
    for await (const path of filesUnder(folder)) {
      const name = relative(folder, path).replaceAll('\\', '/');
      // Drafts are not files yet.
      if (name.startsWith('tmp/')) continue;
      await add(`media/${name}`, await readFile(path));
      count += 1;
      if (count % PROGRESS_EVERY === 0) progress('media', count);
    }
  }
  progress('media', count);
  return count;
}

async function* filesUnder(folder: string): AsyncGenerator<string> {
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const about = await lstat(path);
    if (about.isDirectory()) yield* filesUnder(path);
    else if (about.isFile()) yield path;
  }
}
