// One thing at a time for each name, in the order asked; different names side by side.

export interface Locks {
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** How many names are in use. */
  readonly size: number;
}

export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(name, task) {
      const before = tails.get(name);
      const mine = before ? before.then(task, task) : task();
      const tail = mine
        .catch(() => undefined)
        .finally(() => {
          if (tails.get(name) === tail) tails.delete(name);
        });
      tails.set(name, tail);
      return mine;
    },
    get size() {
      return tails.size;
    },
  };
}
