// Opens the store's database beside the program, every collection as it lies there; of the embedded store a copy of one
// moment, so that the program may go on. It decides nothing and changes nothing.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import mongoose, { type mongo } from 'mongoose';
import { startEmbedded } from '../store/embedded/start.ts';
import { type Models, models } from '../store/models.ts';
import { clearAtExit } from './clear-at-exit.ts';

export type Db = mongo.Db;
export type ClientSession = mongo.ClientSession;
export type Document = mongo.Document;
export type Filter<D> = mongo.Filter<D>;
export type FindOptions = mongo.FindOptions;

export interface Database {
  readonly db: mongo.Db;
  readonly client: mongo.MongoClient;
  readonly models: Models;
  close(): Promise<void>;
}

/** Of a database whose address names none, as the program does it. */
const USUAL_NAME = 'otklik';

export async function openDatabase(uri: string): Promise<Database> {
  const own = new mongoose.Mongoose({ autoIndex: false, autoCreate: false, bufferCommands: false });
  const dbName = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1] ?? USUAL_NAME;
  const connection = own.createConnection(uri, {
    dbName,
    appName: 'otklik-tools',
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 60_000 },
    readPreference: 'primary',
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    maxPoolSize: 4,
  });
  try {
    await connection.asPromise();
    return {
      db: connection.db!,
      client: connection.getClient(),
      models: models(connection),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.destroy();
    throw error;
  }
}

/** A session that reads one moment; nothing where the server, a standalone one, cannot show one. */
export async function momentOf({ db, client }: Database): Promise<ClientSession | undefined> {
  const { setName, msg } = await db.command({ hello: 1 });
  return setName !== undefined || msg === 'isdbgrid' ? client.startSession({ snapshot: true }) : undefined;
}

/** An embedded store in a folder of its own. */
export async function openEmbedded(dataDir: string): Promise<Database> {
  const embedded = await startEmbedded(dataDir);
  try {
    const database = await openDatabase(embedded.uri);
    return {
      ...database,
      async close() {
        await database.close();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

export const embeddedFile = (dataDir: string): string => resolve(dataDir, 'store', 'otklik.sqlite');

/** Whether another process holds the embedded store. */
export function isInUse(dataDir: string): boolean {
  const lock = resolve(dataDir, 'store', 'lock.sqlite');
  if (!existsSync(lock)) return false;
  const db = new DatabaseSync(lock, { readOnly: true });
  try {
    db.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    // SQLITE_BUSY.
    if (error instanceof Error && 'errcode' in error && error.errcode === 5) return true;
    throw error;
  } finally {
    db.close();
  }
}

export class NoRoomError extends Error {
  readonly code = 'no_room';
}

/** A copy of the embedded store as it is at one moment, open; it lies under `scratch` until it is closed. */
export async function openCopy(dataDir: string, scratch: string, free: number): Promise<Database> {
  const file = embeddedFile(dataDir);
  const { size } = await stat(file);
  if (size > free) throw new NoRoomError(`a copy of the store needs ${size} bytes in ${scratch}`);
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(scratch, 'copy-'));
  const gone = clearAtExit(folder);
  const cleared = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    gone();
  };
  try {
    await mkdir(join(folder, 'store'), { mode: 0o700 });
    // A reader of a store nobody holds would leave its two helping files behind, with itself as their owner.
    const db = new DatabaseSync(file, { readOnly: isInUse(dataDir) });
    try {
      db.prepare('VACUUM INTO ?').run(embeddedFile(folder));
    } finally {
      db.close();
    }
    const database = await openEmbedded(folder);
    return {
      ...database,
      async close() {
        await database.close();
        await cleared();
      },
    };
  } catch (error) {
    await cleared();
    throw error;
  }
}
