// Opens the store on a database, our own or a real one: connects, makes the indexes, refuses to run without them.
// The rest of the program sees the ports of store.ts and nothing of what is behind them.
import mongoose from 'mongoose';
import { audit } from './audit.ts';
import { contacts } from './contacts.ts';
import { customers } from './customers.ts';
import { ensureIndexes } from './indexes.ts';
import { journal } from './journal.ts';
import { links } from './links.ts';
import { messages } from './messages.ts';
import { type Models, models } from './models.ts';
import { releases } from './releases.ts';
import { responses } from './responses.ts';
import { sessions } from './sessions.ts';
import { settings } from './settings.ts';
import type { Store } from './store.ts';
import { tickets } from './tickets.ts';

const PING_MS = 2_000;

export interface StoreOptions {
  readonly uri: string;
  readonly dbName?: string;
  /** Milliseconds since 1970: what the journal's rows are dated by. */
  readonly clock?: () => number;
}

export async function openStore(options: StoreOptions): Promise<Store> {
  const { uri, dbName = 'otklik', clock = Date.now } = options;
  // An instance of our own: whatever else in the process uses mongoose has its settings, and we have ours.
  const own = new mongoose.Mongoose({
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    strictQuery: 'throw',
    sanitizeFilter: true,
  });
  const connection = own.createConnection(uri, {
    dbName,
    appName: 'otklik',
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    ignoreUndefined: true,
    // Answered means kept: by most members, in their journals on disk. A standalone server takes both alike.
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
    // Read the primary's newest state ('local'). It may show a write that a failover then takes back, but nothing
    // is decided on a read alone: the compare-and-set that follows is a majority write and falls with it.
    // 'majority' would read older versions and lose more compare-and-sets; 'linearizable' costs a round of the
    // members for each read and guards what the version guards already.
    readConcern: { level: 'local' },
    readPreference: 'primary',
    serverSelectionTimeoutMS: 5_000,
    connectTimeoutMS: 5_000,
    waitQueueTimeoutMS: 10_000,
    socketTimeoutMS: 30_000,
    // Our own server is one thread: more connections would only wait there instead of here.
    maxPoolSize: /\.sock\b/i.test(uri) ? 5 : 20,
  });
  try {
    await connection.asPromise();
    const all = models(connection);
    await ensureIndexes(all);
    const ports = portsOver(all, clock);
    return {
      ...ports,
      ping: () => within(PING_MS, connection.db!.command({ ping: 1 })),
      async stop() {
        await Promise.all([ports.journal.idle(), ports.sessions.idle()]);
        await connection.close();
      },
    };
  } catch (error) {
    await connection.destroy();
    throw error;
  }
}

/** The ports over collections, wherever these stand. */
export function portsOver(
  all: Models,
  clock: () => number,
): Omit<Store, 'ping' | 'stop' | 'journal' | 'sessions'> & {
  readonly journal: ReturnType<typeof journal>;
  readonly sessions: ReturnType<typeof sessions>;
} {
  return {
    journal: journal(all.journal, clock),
    sessions: sessions(all.sessions),
    records: {
      ...responses(all.responses),
      ...tickets(all.tickets),
      ...messages(all.messages),
      ...links(all.links),
      ...contacts(all.contacts),
      ...audit(all.audit),
    },
    customers: customers(all.customers, all.codes, clock),
    releases: releases(all.releases),
    settings: settings(all.settings),
  };
}

async function within(ms: number, answer: Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the database did not answer within ${ms} ms`)), ms);
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
