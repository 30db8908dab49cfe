// A backup back into an empty store. Every hash is compared before anything is written, and what was there is in its
// place until all of it is written.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import mongoose from 'mongoose';
import { ensureIndexes } from '../store/indexes.ts';
import { COLLECTIONS } from '../store/models.ts';
import { type Entry, type Manifest, verifiedEntries, verifyArchive } from './archive.ts';
import type { Contents, Place } from './backup.ts';
import { type Database, embeddedFile, isInUse, openDatabase, openEmbedded } from './database.ts';
import { BackupFault } from './fault.ts';
import { stepAhead } from './step-ahead.ts';

export interface RestoreOptions {
  readonly force: boolean;
  readonly progress: (what: string, count: number) => void;
  readonly isRunning: () => Promise<boolean>;
}

const { BSON } = mongoose.mongo;
type Documents = mongoose.mongo.OptionalUnlessRequiredId<mongoose.mongo.Document>[];
const STORE_ENTRY = /^store\/([a-z]+)-\d{6}\.bson$/;
const MEDIA_ENTRY = /^media\/(?:alias\/)?[0-9a-f]{2}\/[0-9a-f]{64}$/;
/** Stands in the settings of a MongoDB as long as a restore is not at its end. */
export const UNFINISHED = 'restore.unfinished';
const BATCH = 1_000;

export async function restore(place: Place, file: string, options: RestoreOptions): Promise<Contents> {
  const source = resolve(file);
  options.progress('verify', 0);
  const manifest = await verified(source);
  const { dataDir, mongodbUri } = place;
  // An embedded store tells by itself whether it is in use.
  if (mongodbUri !== undefined && (await options.isRunning())) throw new BackupFault('running');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(join(resolve(dataDir), 'restore-'));
  try {
    await mkdir(join(scratch, 'media'), { mode: 0o700 });
    if (mongodbUri === undefined) await intoEmbedded(resolve(dataDir), scratch, source, manifest, options);
    else await intoMongodb(resolve(dataDir), scratch, mongodbUri, source, manifest, options);
    await rm(scratch, { recursive: true, force: true });
  } catch (error) {
    // What was there before is given up only for something whole in its place.
    if (!existsSync(before(scratch, 'store')) && !existsSync(before(scratch, 'media')))
      await rm(scratch, { recursive: true, force: true });
    throw error;
  }
  return manifest.about;
}

async function verified(file: string): Promise<Manifest<Contents>> {
  const counts: Record<string, number> = {};
  let media = 0;
  const manifest = await verifyArchive<Contents>(file, (entry) => {
    const collection = STORE_ENTRY.exec(entry.name)?.[1];
    if (collection === undefined) {
      if (!MEDIA_ENTRY.test(entry.name)) throw new BackupFault('damaged', { file, entry: entry.name });
      media += 1;
      return;
    }
    if (!(COLLECTIONS as readonly string[]).includes(collection))
      throw new BackupFault('unknown_collection', { file, collection });
    let here = 0;
    for (const _ of documentsOf(file, entry)) here += 1;
    counts[collection] = (counts[collection] ?? 0) + here;
  });
  const { about } = manifest;
  for (const [name, count] of Object.entries(about.collections ?? {}))
    if ((counts[name] ?? 0) !== count) throw new BackupFault('damaged', { file, entry: name });
  if (about.media !== media) throw new BackupFault('damaged', { file, entry: 'media' });
  return manifest;
}

/** Slices of the entry, one a document. */
function* documentsOf(file: string, { name, bytes }: Entry): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.length - at >= 5 ? bytes.readInt32LE(at) : 0;
    if (size < 5 || at + size > bytes.length) throw new BackupFault('damaged', { file, entry: name });
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function intoEmbedded(
  dataDir: string,
  scratch: string,
  file: string,
  manifest: Manifest<Contents>,
  options: RestoreOptions,
): Promise<void> {
  if (existsSync(embeddedFile(dataDir))) {
    if (isInUse(dataDir)) throw new BackupFault('in_use', { folder: dataDir });
    // A store that cannot be opened any more is a reason to restore.
    if (!options.force) {
      const there = await openEmbedded(dataDir);
      await refuseFilled(there, options).finally(() => there.close());
    }
  }
  await refuseFiles(dataDir, options);
  const database = await openEmbedded(scratch);
  await write(database, scratch, file, manifest, options).finally(() => database.close());
  await swap(dataDir, scratch, ['store', 'media']);
}

async function intoMongodb(
  dataDir: string,
  scratch: string,
  uri: string,
  file: string,
  manifest: Manifest<Contents>,
  options: RestoreOptions,
): Promise<void> {
  const database = await openDatabase(uri);
  try {
    await refuseFilled(database, options);
    await refuseFiles(dataDir, options);
    const marks = database.db.collection<{ _id: string; value: string }>('settings');
    if (options.force) for (const name of COLLECTIONS) await database.db.dropCollection(name);
    await marks.insertOne({ _id: UNFINISHED, value: file });
    await write(database, scratch, file, manifest, options);
    await swap(dataDir, scratch, ['media']);
    await marks.deleteOne({ _id: UNFINISHED });
  } finally {
    await database.close();
  }
}

async function refuseFilled({ db }: Database, { force }: RestoreOptions): Promise<void> {
  if (force) return;
  for (const name of COLLECTIONS)
    if (await db.collection(name).findOne({}, { projection: { _id: 1 } }))
      throw new BackupFault('not_empty', { what: name });
}

async function refuseFiles(dataDir: string, { force }: RestoreOptions): Promise<void> {
  const media = join(dataDir, 'media');
  if (force || !existsSync(media)) return;
  const filled = (await readdir(media)).some((name) => name !== 'tmp');
  if (filled) throw new BackupFault('not_empty', { what: 'media' });
}

async function write(
  database: Database,
  scratch: string,
  file: string,
  manifest: Manifest<Contents>,
  { progress }: RestoreOptions,
): Promise<void> {
  // Before the documents: a backup that breaks what must be unique is refused where it does.
  await ensureIndexes(database.models);
  const counts: Record<string, number> = {};
  let media = 0;
  for await (const entry of verifiedEntries(file, manifest)) {
    const collection = STORE_ENTRY.exec(entry.name)?.[1];
    if (collection !== undefined) {
      const count = await insert(database, collection, documentsOf(file, entry));
      counts[collection] = (counts[collection] ?? 0) + count;
      progress(collection, counts[collection]);
    } else {
      const path = join(scratch, entry.name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFile(path, entry.bytes, { mode: 0o600, flush: true });
      media += 1;
    }
  }
  progress('media', media);
}

async function insert({ db }: Database, name: string, documents: Iterable<Buffer>): Promise<number> {
  let inserted = 0;
  let batch: Documents = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    inserted += (await db.collection(name).insertMany(batch)).insertedCount;
    batch = [];
  };
  for (const bytes of documents) {
    // Numbers keep their kind, as they were stored.
    const document = BSON.deserialize(bytes, { promoteValues: false, promoteLongs: false });
    batch.push(stepAhead(name, document));
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  return inserted;
}

const before = (scratch: string, name: string): string => join(scratch, `${name}.before`);

/** Puts the new folders in place of the old ones, which are given up with `scratch` afterwards. */
async function swap(dataDir: string, scratch: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const place = join(dataDir, name);
    const isThere = existsSync(place);
    if (isThere) await rename(place, before(scratch, name));
    try {
      await rename(join(scratch, name), place);
    } catch (error) {
      if (isThere) await rename(before(scratch, name), place);
      throw error;
    }
  }
  const folder = await open(dataDir, 'r');
  await folder.sync().finally(() => folder.close());
}
