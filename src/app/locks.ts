// One thing at a time for each name, in the order asked; different names side by side. Where several processes share
// the work, a name is also held against the others.
import type { Claim, Runtime } from '../runtime/runtime.ts';
import { isOutside } from './outside.ts';

export interface Locks {
  run<T>(name: string, task: () => Promise<T>): Promise<T>;
  /**
   * The same, and without holding the name against other processes while names cannot be claimed: for what must not
   * wait, and counts only if the store's version is still the one that was read.
   */
  runAnyway<T>(name: string, task: () => Promise<T>): Promise<T>;
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

  async function claimed(name: string): Promise<Claim> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
      const claim = await runtime.claim(`contact:${name}`);
      if (claim) return claim;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async function held<T>(name: string, task: () => Promise<T>, anyway: boolean): Promise<T> {
    const claim = await claimed(name).catch((error: unknown) => {
      if (anyway && isOutside(error)) return { stale: true, release: async () => {} };
      throw error;
    });
    try {
      if (claim.stale) stale(name);
      return await task();
    } finally {
      // A claim that cannot be given back runs out by itself.
      await claim.release().catch(() => undefined);
    }
  }

  function inTurn<T>(name: string, given: () => Promise<T>, anyway: boolean): Promise<T> {
    const task = runtime.shared ? () => held(name, given, anyway) : given;
    const before = tails.get(name);
    const mine = before ? before.then(task, task) : task();
    const tail = mine
      .catch(() => undefined)
      .finally(() => {
        if (tails.get(name) === tail) tails.delete(name);
      });
    tails.set(name, tail);
    return mine;
  }

  return {
    run: (name, task) => inTurn(name, task, false),
    runAnyway: (name, task) => inTurn(name, task, true),
    get size() {
      return tails.size;
    },
  };
}
