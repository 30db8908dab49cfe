// Joins the calls of one event-loop turn, and those that come while a write is under way, into the next write.
// Writes follow one another, so what came first is stored first. It never gives a caller another caller's result.

export interface GroupCommit<T, R> {
  /** Gives one result an item, in the items' order. */
  commit(items: readonly T[]): Promise<readonly R[]>;
  /** Resolves when everything asked for so far is done. */
  idle(): Promise<void>;
}

interface Waiting<T, R> {
  readonly items: readonly T[];
  resolve(results: readonly R[]): void;
  reject(reason: unknown): void;
}

export function groupCommit<T, R>(
  write: (items: readonly T[]) => Promise<readonly R[]>,
  options: {
    /** Items a write, unless one caller alone brings more. */
    readonly size: number;
    /** True for a fault that may lie in one caller's items: then each caller's are written alone. */
    readonly separable: (error: unknown) => boolean;
  },
): GroupCommit<T, R> {
  const queue: Waiting<T, R>[] = [];
  let running: Promise<void> | undefined;

  async function writeAll(callers: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await write(callers.flatMap((caller) => caller.items));
      let from = 0;
      for (const { items, resolve } of callers) {
        resolve(results.slice(from, from + items.length));
        from += items.length;
      }
    } catch (error) {
      if (callers.length > 1 && options.separable(error))
        for (const caller of callers) await writeAll([caller]);
      else for (const caller of callers) caller.reject(error);
    }
  }

  async function drain(): Promise<void> {
    await new Promise<void>((turn) => setImmediate(turn));
    while (queue.length > 0) {
      let callers = 0;
      let items = 0;
      for (const caller of queue) {
        if (callers > 0 && items + caller.items.length > options.size) break;
        items += caller.items.length;
        callers += 1;
      }
      await writeAll(queue.splice(0, callers));
    }
    running = undefined;
  }

  return {
    commit(items) {
      if (items.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        queue.push({ items, resolve, reject });
        running ??= drain();
      });
    },
    async idle() {
      await running;
    },
  };
}
