// The plain bot's queue: whatever has to reach somebody later or elsewhere is a BullMQ job, tried again when it fails.
// A job's id is made from what it came from, so that asking for it twice is asking for it once.
import { type Job, Queue, Worker } from 'bullmq';
import type { Api } from 'grammy';
import type { Redis } from 'ioredis';
import { Tickets } from './records.ts';

type Work =
  | { readonly do: 'card'; readonly ticket: string }
  | { readonly do: 'tell desk'; readonly ticket: string; readonly text: string }
  | { readonly do: 'tell customer'; readonly ticket: string; readonly text: string; readonly words: string }
  | { readonly do: 'remind' | 'close'; readonly chat: number; readonly talk: string };

export interface RelayOptions {
  readonly redis: Redis;
  readonly api: Api;
  readonly operators: number;
  /** How long a dead worker's job is left alone. */
  readonly lockMs: number;
  /** Ends the talk, if it still goes on; `look` only tells. */
  talk(chat: number, what: 'look' | 'end'): Promise<boolean>;
}

const HOUR = 3_600_000;
const KEEP = { attempts: 10, backoff: { type: 'fixed', delay: 1_000 }, removeOnComplete: { age: 86_400 } };

export function createRelay({ redis, api, operators, lockMs, talk }: RelayOptions) {
  const queue = new Queue<Work>('relay', { connection: redis, defaultJobOptions: KEEP });
  const add = async (id: string, work: Work, delay = 0): Promise<void> =>
    void (await queue.add(work.do, work, { jobId: id, delay }));

  async function threadOf(id: string): Promise<number> {
    const ticket = await Tickets.findById(id).lean();
    if (!ticket?.thread) throw new Error(`ticket ${id} has no topic yet`);
    return ticket.thread;
  }

  async function card(id: string): Promise<void> {
    const ticket = await Tickets.findById(id).lean();
    if (!ticket) throw new Error(`there is no ticket ${id}`);
    let { thread } = ticket;
    if (!thread) {
      thread = (await api.createForumTopic(operators, `${ticket.number} ${ticket.name}`)).message_thread_id;
      await Tickets.updateOne({ _id: id }, { $set: { thread } });
    }
    const lines = ticket.fields.map(({ label, value }) => `${label}: ${value}`);
    const into = { message_thread_id: thread };
    await api.sendMessage(operators, [`${ticket.number}, ${ticket.name}`, ...lines].join('\n'), into);
    const [first, ...more] = ticket.files.map((media) => ({ type: 'photo', media }) as const);
    if (first && more.length === 0) await api.sendPhoto(operators, first.media, into);
    else if (first) await api.sendMediaGroup(operators, [first, ...more], into);
  }

  async function perform({ data }: Job<Work>): Promise<void> {
    if (data.do === 'card') await card(data.ticket);
    else if (data.do === 'tell desk')
      await api.sendMessage(operators, data.text, { message_thread_id: await threadOf(data.ticket) });
    else if (data.do === 'tell customer') {
      const ticket = await Tickets.findById(data.ticket).lean();
      await api.sendMessage(ticket?.chat ?? 0, data.text);
    } else if (data.do === 'remind') {
      if (await talk(data.chat, 'look')) await api.sendMessage(data.chat, 'Shall we go on where we were?');
    } else if (await talk(data.chat, 'end')) await api.sendMessage(data.chat, 'That talk is over.');
  }

  const worker = new Worker<Work>('relay', perform, {
    connection: redis.duplicate({ maxRetriesPerRequest: null }),
    lockDuration: lockMs,
    stalledInterval: lockMs,
  });
  worker.on('error', (error) => console.error('relay', error.message));
  worker.on('failed', async (job, error) => {
    console.error('relay', job?.name, error.message);
    if (job?.data.do !== 'tell customer' || !(await job.isFailed())) return;
    const text = `Not delivered: “${job.data.words.slice(0, 60)}”`;
    await add(`failed-${job.id}`, { do: 'tell desk', ticket: job.data.ticket, text });
  });

  return {
    card: (ticket: string) => add(`card-${ticket}`, { do: 'card', ticket }),
    tellDesk: (id: string, ticket: string, text: string) => add(id, { do: 'tell desk', ticket, text }),
    tellCustomer: (id: string, ticket: string, name: string, words: string) =>
      add(id, { do: 'tell customer', ticket, text: `${name}:\n${words}`, words }),
    async begun(talk: string, chat: number): Promise<void> {
      await add(`remind-${talk}`, { do: 'remind', chat, talk }, 4 * HOUR);
      await add(`close-${talk}`, { do: 'close', chat, talk }, 24 * HOUR);
    },
    async ended(talk: string): Promise<void> {
      await queue.remove(`remind-${talk}`);
      await queue.remove(`close-${talk}`);
    },
    async stop(): Promise<void> {
      await worker.close();
      await queue.close();
    },
  };
}
