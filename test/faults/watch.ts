// Everybody who waits in a run, woken together at most once a turn, so that a hundred of them cost little.

export interface Watch {
  /** Something may have changed. */
  look(): void;
  until<T>(look: () => T | undefined, what: string): Promise<T>;
  /** What is waited for now. */
  waiting(): readonly string[];
  /** Ends every wait: whoever still waits is told that it was in vain. */
  giveUp(): void;
}

export function createWatch(): Watch {
  const waits = new Set<{ readonly what: string; check(): boolean; fail(): void }>();
  let asked = false;
  let over = false;
  const round = (): void => {
    asked = false;
    for (const wait of [...waits]) if (wait.check()) waits.delete(wait);
  };
  return {
    look() {
      if (asked) return;
      asked = true;
      setTimeout(round, 5);
    },
    until(look, what) {
      return new Promise((resolve, reject) => {
        const wait = {
          what,
          check(): boolean {
            try {
              const value = look();
              if (value === undefined) return false;
              resolve(value);
            } catch (error) {
              reject(error);
            }
            return true;
          },
          fail: () => reject(new Error(`waited in vain: ${what}`)),
        };
        if (over) wait.fail();
        else if (!wait.check()) waits.add(wait);
      });
    },
    waiting: () => [...waits].map((wait) => wait.what),
    giveUp() {
      over = true;
      for (const wait of waits) wait.fail();
      waits.clear();
    },
  };
}
