// Applied journal rows, marked in batches. A row's id stays in its session until its mark is known to be written,
// so that a row met again after a crash is recognised as applied.
import type { Journal } from '../store/store.ts';

export interface Marks {
  add(id: string): void;
  /** Applied, but its mark may not be in the store yet. */
  waits(id: string): boolean;
  /** Applied in this process: a look at the store that began earlier may still show it as not applied. */
  knows(id: string): boolean;
  /** Marked by this process: nobody will take the row for one that waits. */
  isWritten(id: string): boolean;
  flush(): Promise<void>;
}

/** Written ones remembered at the most: no look at the store takes as long as so many need. */
const REMEMBERED = 20_000;
const PAUSE = 25;
const AFTER_FAILURE = 1_000;

export function createMarks(journal: Journal, onError: (error: unknown) => void): Marks {
  const waiting = new Set<string>();
  const written = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const batch = [...waiting];
    if (batch.length === 0) return;
    try {
      await journal.mark(batch);
      for (const id of batch) {
        waiting.delete(id);
        written.add(id);
      }
      for (const id of written) {
        if (written.size <= REMEMBERED) break;
        written.delete(id);
      }
    } catch (error) {
      onError(error);
      later(AFTER_FAILURE);
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(write);
    return running;
  };
  const later = (pause: number): void => {
    timer ??= setTimeout(() => void flush(), pause);
  };
  return {
    add(id) {
      waiting.add(id);
      later(PAUSE);
    },
    waits: (id) => waiting.has(id),
    knows: (id) => waiting.has(id) || written.has(id),
    isWritten: (id) => written.has(id),
    async flush() {
      await flush();
      // What could not be written now comes again with the next start.
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
