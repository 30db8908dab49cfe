// The servers that the store tests run on: the embedded one always, and the one MONGODB_URI names where it is set.
// What the two answer differently is drift, and a fault of the embedded one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { startEmbedded } from '../../../src/store/embedded/start.ts';

export interface OpenServer {
  readonly db: mongo.Db;
  close(): Promise<void>;
}
export interface Server {
  readonly name: string;
  open(): Promise<OpenServer>;
}

const embedded: Server = {
  name: 'embedded',
  async open() {
    const folder = mkdtempSync(join(tmpdir(), 'otklik-store-'));
    const store = await startEmbedded(folder);
    const client = await mongo.MongoClient.connect(store.uri);
    const close = async () => {
      await client.close();
      await store.stop();
      rmSync(folder, { recursive: true });
    };
    return { db: client.db('otklik'), close };
  },
};

const external = (uri: string): Server => ({
  name: 'MONGODB_URI',
  async open() {
    const client = await mongo.MongoClient.connect(uri);
    const db = client.db(`otklik-test-${process.pid}-${Date.now()}`);
    const close = async () => {
      await db.dropDatabase();
      await client.close();
    };
    return { db, close };
  },
});

export const servers: readonly Server[] = [
  embedded,
  ...(process.env.MONGODB_URI ? [external(process.env.MONGODB_URI)] : []),
];
