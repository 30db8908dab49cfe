// What the plain bot kept, told in the words the checker of the fault runs compares: its own records, nothing guessed
// and nothing forgiven. What it has no records of (a journal, an outbox, changes of a ticket) is empty.
import mongoose from 'mongoose';
import type { Response } from '../../src/core/response.ts';
import type { Ticket } from '../../src/core/ticket.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import type { Contact } from '../../src/store/store.ts';
import type { TelegramFace } from '../../test/faults/face-telegram.ts';
import type { Kept } from '../../test/faults/kept.ts';
import type { RunResult } from '../../test/faults/kill.ts';
import { DATABASE, type ResponseRecord, type TicketRecord } from './records.ts';

export async function openBaseline(run: RunResult): Promise<Kept> {
  const embedded = await startEmbedded(run.dataDir);
  const connection = await mongoose.createConnection(embedded.uri, { dbName: DATABASE }).asPromise();
  const all = async <T>(name: string): Promise<T[]> =>
    (await connection.db!.collection(name).find({}).toArray()) as T[];
  const responses = await all<ResponseRecord>('responses');
  const tickets = await all<TicketRecord>('tickets');
  await connection.close();
  await embedded.stop();
  const { tg, forum } = run.desk;
  return {
    contacts: run.takers.map(({ face, plan }) => contactOf((face as TelegramFace).chat, plan.name)),
    sessions: [],
    responses: responses.map(toResponse),
    tickets: tickets.map((ticket) => toTicket(ticket, forum.id)),
    journal: {},
    parked: [],
    repeated: [],
    async bytes({ ref }) {
      const bytes = tg.files.get(ref ?? '')?.bytes;
      if (bytes === undefined) throw new Error(`there is no file ${ref}`);
      return bytes;
    },
    close: async () => {},
  };
}

const ORIGIN = { channel: 'telegram', account: '', locale: 'en' } as const;

/** It knows people by their chats alone. */
const contactOf = (chat: number, name: string): Contact => ({
  id: String(chat),
  address: { channel: 'telegram', account: '', peer: String(chat) },
  person: { name },
  locale: 'en',
  reachable: true,
  muted: false,
  firstSeenAt: 0,
  lastSeenAt: 0,
});

const toResponse = (record: ResponseRecord): Response => ({
  ...ORIGIN,
  id: String(record._id),
  contact: String(record.chat),
  flow: 'rating',
  flowVersion: '',
  state: 'complete',
  metric: 'nps',
  touchpoint: 'relationship',
  reasons: record.reasons,
  ...(typeof record.score === 'number' && { score: record.score }),
  ...(typeof record.comment === 'string' && { comment: record.comment }),
  ...(typeof record.mayContact === 'boolean' && { contactAllowed: record.mayContact }),
  answers: {},
  lastNode: '',
  startedAt: 0,
  at: record.at ?? 0,
});

const toTicket = (record: TicketRecord, forum: number): Ticket => ({
  ...ORIGIN,
  id: String(record._id),
  v: 0,
  number: record.number ?? '',
  kind: 'complaint',
  status: 'received',
  contact: String(record.chat),
  customer: record.name ?? '',
  category: [],
  subject: '',
  fields: record.fields.map(({ id, label, value }) => ({
    id: id ?? '',
    label: label ?? '',
    value: value ?? '',
  })),
  evidence: record.files.map((ref) => ({ kind: 'photo', ref })),
  reachable: true,
  history: [],
  places:
    typeof record.thread === 'number'
      ? [{ desk: 'forum', key: `forum:${forum}:${record.thread}`, live: true }]
      : [],
  openedAt: record.at ?? 0,
  changedAt: record.at ?? 0,
});
