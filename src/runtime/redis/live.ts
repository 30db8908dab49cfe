// Hints that something is newer, carried to whichever process holds a page's connection. A hint may be lost; after an
// interruption every listener is told to look again.
import type { LiveUpdate, Runtime } from '../runtime.ts';
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
  const topics = new Map<string, Set<{ handle(data: LiveUpdate): void }>>();
  const tell = (topic: string, data: LiveUpdate): void => {
    for (const listener of [...(topics.get(topic) ?? [])]) {
      // Apart, so that a listener's fault is nobody else's.
      queueMicrotask(() => {
        if (topics.get(topic)?.has(listener)) listener.handle(data);
      });
    }
  };
  listening.on('message', (_channel: string, raw: string) => {
    const { topic, data } = JSON.parse(raw) as { topic: string; data: LiveUpdate };
    tell(topic, data);
  });
  let interrupted = false;
  listening.on('close', () => {
    interrupted = true;
  });
  listening.on('ready', () => {
    if (!interrupted) return;
    interrupted = false;
    for (const topic of topics.keys()) for (const data of ANEW) tell(topic, data);
  });
  await listening.subscribe(CHANNEL);
  const asking = setInterval(() => void listening.ping().catch(() => undefined), ASK);
  asking.unref();
  return {
    publish(topic, data) {
      redis.publish(CHANNEL, JSON.stringify({ topic, data })).catch(() => tell(topic, data));
    },
    subscribe(topic, handle) {
      const listener = { handle };
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && topics.get(topic) === listeners) topics.delete(topic);
      };
    },
    stop() {
      clearInterval(asking);
      topics.clear();
    },
  };
}
