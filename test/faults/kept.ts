// The store as a run left it, opened after the program has ended: every document as it stands, and the ports to read
// the same through.
import { join } from 'node:path';
import mongoose from 'mongoose';
import type { Attachment } from '../../src/core/message.ts';
import type { Response } from '../../src/core/response.ts';
import type { Session } from '../../src/core/session.ts';
import type { Ticket } from '../../src/core/ticket.ts';
import { createMedia } from '../../src/media/media.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { openStore } from '../../src/store/open.ts';
import type { Contact } from '../../src/store/store.ts';

export interface Kept {
  readonly contacts: readonly Contact[];
  readonly sessions: readonly Session[];
  readonly responses: readonly Response[];
  readonly tickets: readonly Ticket[];
  /** Journal rows by state. */
  readonly journal: Readonly<Record<string, number>>;
  readonly parked: readonly string[];
  /** How often each event stands in the journal. */
  readonly repeated: readonly string[];
  bytes(attachment: Attachment): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openKept(dataDir: string): Promise<Kept> {
  const embedded = await startEmbedded(dataDir);
  const connection = mongoose.createConnection(embedded.uri, { dbName: 'otklik' });
  await connection.asPromise();
  const all = async (name: string): Promise<Record<string, unknown>[]> =>
    (await connection.db!.collection(name).find({}).toArray()) as Record<string, unknown>[];
  const [rows, contacts, sessions, responses, tickets] = await Promise.all(
    ['journal', 'contacts', 'sessions', 'responses', 'tickets'].map(all),
  );
  await connection.close();
  const store = await openStore({ uri: embedded.uri });
  const each = async <T>(
    documents: typeof rows,
    load: (id: string) => Promise<T | undefined>,
  ): Promise<T[]> =>
    (await Promise.all((documents ?? []).map(({ _id }) => load(String(_id))))).filter(
      (one): one is Awaited<T> & T => one !== undefined,
    );
  const events = (rows ?? []).map((row) => `${row.channel} ${row.account} ${row.eventId}`);
  const media = createMedia({ dir: join(dataDir, 'media'), fetchers: () => undefined, now: Date.now });
  return {
    contacts: await each(contacts, (id) => store.records.contact(id)),
    sessions: await each(sessions, (id) => store.sessions.load(id)),
    responses: await each(responses, (id) => store.records.response(id)),
    tickets: await each(tickets, (id) => store.records.ticket(id)),
    journal: Object.fromEntries(
      Object.entries(Object.groupBy(rows ?? [], (row) => String(row.state))).map(([state, list]) => [
        state,
        list?.length ?? 0,
      ]),
    ),
    parked: (await store.journal.parked()).map(({ event, reason }) => `${event.kind} ${event.id}: ${reason}`),
    repeated: events.filter((event, index) => events.indexOf(event) !== index),
    bytes: async (attachment) => (await media.open(attachment)).bytes,
    async close() {
      await store.stop();
      await embedded.stop();
    },
  };
}
