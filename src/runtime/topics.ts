// Who listens to what in this process.
import type { LiveUpdate, Runtime } from './runtime.ts';

export interface Topics extends Pick<Runtime, 'subscribe'> {
  tell(topic: string, data: LiveUpdate): void;
  /** The same to the listeners of every topic. */
  tellAll(data: LiveUpdate): void;
  clear(): void;
}

export function createTopics(): Topics {
  const topics = new Map<string, Set<{ handle(data: LiveUpdate): void }>>();
  function tell(topic: string, data: LiveUpdate): void {
    for (const listener of topics.get(topic) ?? []) {
      // Apart, so that a listener's fault is neither the publisher's nor the next listener's.
      queueMicrotask(() => {
        if (topics.get(topic)?.has(listener)) listener.handle(data);
      });
    }
  }
  return {
    tell,
    tellAll(data) {
      for (const topic of topics.keys()) tell(topic, data);
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
    clear: () => topics.clear(),
  };
}
