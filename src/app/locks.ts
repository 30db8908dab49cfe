// One thing at a time for each name, in the order asked; different names side by side. Where several processes share
// the work, a name is also held against the others.
import type { Runtime } from '../runtime/runtime.ts';

export interface Locks {
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
  /** How many names are in use. */
  readonly size: number;
}

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 200;

/** `stale` is called before the task where another process may have held the name meanwhile. */
export function createLocks(
  runtime: Pick<Runtime, 'shared' | 'claim'>,
  stale: (name: string) => void,
): Locks {
  const tails = new Map<string, Promise<unknown>>();

  async function held<T>(name: string, task: () => Promise<T>): Promise<T> {
    let claim = await runtime.claim(`contact:${name}`);
    for (let pause = FIRST_PAUSE; !claim; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      claim = await runtime.claim(`contact:${name}`);
    }
    try {
      if (claim.stale) stale(name);
      return await task();
    } finally {
      // A claim that cannot be given back runs out by itself.
      await claim.release().catch(() => undefined);
    }
  }

  return {
    run(name, given) {
      const task = runtime.shared ? () => held(name, given) : given;
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
