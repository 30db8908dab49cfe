// Hints that something is newer, carried to whichever process holds a page's connection. A hint may be lost; after an
// interruption every listener is told to look again.
import type { LiveUpdate, Runtime } from '../runtime.ts';
import { createTopics } from '../topics.ts';
import { type Client, PREFIX } from './connect.ts';

const CHANNEL = `${PREFIX}:live`;
/** How often it is asked whether somebody still speaks to us: who only listens never finds out. */
const ASK = 5_000;
/** What a listener of any kind takes as "look again". */
const ANEW: readonly LiveUpdate[] = [
  { kind: 'message' },
  { kind: 'ticket' },
  { kind: 'response' },
  { kind: 'flows' },
];

export async function createLive(
  redis: Client,
  listening: Client,
): Promise<Pick<Runtime, 'publish' | 'subscribe'> & { stop(): void }> {
  const topics = createTopics();
  listening.on('message', (_channel: string, raw: string) => {
    const { topic, data } = JSON.parse(raw) as { topic: string; data: LiveUpdate };
    topics.tell(topic, data);
  });
  let interrupted = false;
  listening.on('close', () => {
    interrupted = true;
  });
  listening.on('ready', () => {
    if (!interrupted) return;
    interrupted = false;
    for (const data of ANEW) topics.tellAll(data);
  });
  await listening.subscribe(CHANNEL);
  const asking = setInterval(() => void listening.ping().catch(() => undefined), ASK);
  asking.unref();
  return {
    publish(topic, data) {
      redis.publish(CHANNEL, JSON.stringify({ topic, data })).catch(() => topics.tell(topic, data));
    },
    subscribe: topics.subscribe,
    stop() {
      clearInterval(asking);
      topics.clear();
    },
  };
}
