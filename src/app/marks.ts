// Applied journal rows, marked in batches. A row's id stays in its session until its mark is known to be written,
// so that a row met again after a crash is recognised as applied.
import type { Journal } from '../store/store.ts';

export interface Marks {
  add(id: string): void;
  /** True once the mark is in the store. */
  written(id: string): boolean;
  flush(): Promise<void>;
}

/** Remembered at the most; an older one is no longer in any session's list. */
const REMEMBERED = 20_000;
const PAUSE = 25;

export function createMarks(journal: Journal, onError: (error: unknown) => void): Marks {
  let waiting: string[] = [];
  const written = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      await journal.mark(batch);
      for (const id of batch) written.add(id);
      for (const id of written) {
        if (written.size <= REMEMBERED) break;
        written.delete(id);
      }
    } catch (error) {
      // Unmarked rows come again with the next sweep and are recognised by their session.
      onError(error);
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(write);
    return running;
  };
  return {
    add(id) {
      waiting.push(id);
      timer ??= setTimeout(() => void flush(), PAUSE);
    },
    written: (id) => written.has(id),
    flush,
  };
}
