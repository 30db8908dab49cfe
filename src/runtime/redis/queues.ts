// Wake-ups and alarms over BullMQ, in queues of their own so that none starves another. They carry no truth: a wake lost
// with Redis comes again from the sweep over the store.
import { Queue, Worker } from 'bullmq';
import { createAlarms } from '../alarms.ts';
import type { Runtime } from '../runtime.ts';
import { type Client, key, PREFIX } from './connect.ts';
import { createScript } from './script.ts';

/**
 * Most urgent first; so many at once in each process. More would not be done sooner where the machine is busy: each
 * would only take longer, and whoever comes next would wait for all of them.
 */
const CLASSES = { inbound: 16, desk: 16, alarm: 32 } as const;
type Class = keyof typeof CLASSES;
/** A wake asked for is asked for again after this, should its job have been lost. */
const ASKED = 10_000;
const KEPT_LONGER = 3_600_000;
/** What rings so soon rings in this process alone: should it die, the sweep finds what was to be done. */
const NEAR = 2_000;

const EARLIER = `
local known = redis.call('GET', KEYS[1])
if known and tonumber(known) <= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;
const RING = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

const classOf = (line: string): Class => (line.startsWith('desk:') ? 'desk' : 'inbound');
/** BullMQ keeps colons for itself. */
const jobId = (contact: string, at: number): string => `${contact.replaceAll(':', '_')}.${at}`;

export interface Queues extends Pick<Runtime, 'wake' | 'onWake' | 'alarm' | 'onAlarm'> {
  stop(): Promise<void>;
}

export function createQueues(parts: {
  readonly redis: Client;
  /** For the workers, which wait in Redis. */
  readonly patient: () => Client;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}): Queues {
  const { redis, now, onError } = parts;
  const earlier = createScript(redis, EARLIER);
  const ring = createScript(redis, RING);
  const queues = new Map<Class, Queue>();
  const workers: Worker[] = [];
  const connections: Client[] = [];
  const wakes: ((line: string) => void | Promise<void>)[] = [];
  const alarms: ((contact: string) => void)[] = [];
  const patient = (): Client => {
    const made = parts.patient();
    connections.push(made);
    return made;
  };
  const near = createAlarms(now);
  const options = { prefix: PREFIX, removeOnComplete: true, removeOnFail: true } as const;
  for (const name of Object.keys(CLASSES) as Class[]) {
    const queue = new Queue(name, { connection: redis, prefix: PREFIX, skipVersionCheck: true });
    queue.on('error', onError);
    queues.set(name, queue);
  }
  const queueOf = (name: Class): Queue => queues.get(name) as Queue;
  const work = (name: Class, handle: (data: Record<string, unknown>) => Promise<void>): void => {
    const worker = new Worker(name, async (job) => await handle(job.data as Record<string, unknown>), {
      connection: patient(),
      prefix: PREFIX,
      concurrency: CLASSES[name],
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      skipVersionCheck: true,
    });
    worker.on('error', onError);
    worker.on('failed', (_job, error) => onError(error));
    workers.push(worker);
  };
  const here = async (line: string): Promise<void> => {
    await Promise.all(wakes.map((handle) => handle(line)));
  };

  async function ask(line: string): Promise<void> {
    const asked = await redis.set(key('asked', line), '1', 'PX', ASKED, 'NX');
    if (asked === null) return;
    await queueOf(classOf(line)).add('wake', { line }, options);
  }

  return {
    wake(line) {
      ask(line).catch(onError);
    },
    onWake(handle) {
      wakes.push(handle);
      if (wakes.length > 1) return;
      for (const name of ['inbound', 'desk'] as const) {
        work(name, async ({ line }) => {
          // Taken away first: a wake that comes while it is handled asks for another round.
          await redis.del(key('asked', String(line)));
          await here(String(line));
        });
      }
    },
    alarm(contact, at) {
      if (at - now() <= NEAR) return near.alarm(contact, at);
      const whole = Math.ceil(at);
      const lasts = Math.max(0, whole - now()) + KEPT_LONGER;
      earlier([key('alarm', contact)], [whole, lasts])
        .then(async (isEarlier) => {
          if (isEarlier !== 1) return;
          const delay = Math.max(0, whole - now());
          await queueOf('alarm').add(
            'alarm',
            { contact, at: whole },
            { ...options, delay, jobId: jobId(contact, whole) },
          );
        })
        .catch(onError);
    },
    onAlarm(handle) {
      alarms.push(handle);
      near.onAlarm(handle);
      if (alarms.length > 1) return;
      work('alarm', async ({ contact, at }) => {
        const name = String(contact);
        if ((await ring([key('alarm', name)], [String(at)])) !== 1) return;
        for (const tell of alarms) tell(name);
      });
    },
    async stop() {
      near.stop();
      await Promise.allSettled(workers.map((worker) => worker.close()));
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      for (const connection of connections) connection.disconnect();
    },
  };
}
