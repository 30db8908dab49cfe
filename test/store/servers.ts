// The servers the store's suite runs on: our own always, a real one where MONGODB_URI names it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { startEmbedded } from '../../src/store/embedded/start.ts';

export interface Server {
  readonly uri: string;
  /** A name no other run uses. */
  freshDatabase(): string;
  /** Stops what was started and takes away every database named here. */
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  start(): Promise<Server>;
}

const embedded: ServerKind = {
  name: 'embedded',
  async start() {
    const dataDir = await mkdtemp(join(tmpdir(), 'otklik-store-'));
    const { uri, stop } = await startEmbedded(dataDir);
    return {
      uri,
      freshDatabase: databaseName,
      async stop() {
        await stop();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  },
};

function real(uri: string): ServerKind {
  return {
    name: 'MONGODB_URI',
    async start() {
      const used: string[] = [];
      return {
        uri,
        freshDatabase() {
          const name = databaseName();
          used.push(name);
          return name;
        },
        async stop() {
          const client = await mongoose.mongo.MongoClient.connect(uri);
          for (const name of used) await client.db(name).dropDatabase();
          await client.close();
        },
      };
    },
  };
}

function databaseName(): string {
  return `otklik_test_${randomBytes(6).toString('hex')}`;
}

const { MONGODB_URI } = process.env;

export const SERVERS: readonly ServerKind[] = MONGODB_URI ? [embedded, real(MONGODB_URI)] : [embedded];

/** Said once a run, so that a missing server is seen and not guessed. */
export const RUNS_ON = MONGODB_URI
  ? 'store suite: runs on the embedded server and on the server MONGODB_URI names'
  : 'store suite: runs on the embedded server only, because MONGODB_URI is not set';
