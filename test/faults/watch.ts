// Everybody who waits in a run, woken together at most once a turn, so that a hundred of them cost little.

export interface Watch {
  /** Something may have changed. */
  look(): void;
  until<T>(look: () => T | undefined, what: string): Promise<T>;
  /** How many waits have ended well: while it grows, things go on. */
  readonly met: number;
  /** Ends every wait: whoever still waits is told that it was in vain. */
  giveUp(): void;
}

/** `patience`: milliseconds after which a single wait is in vain; absent: only `giveUp` ends it. */
export function createWatch(patience?: number): Watch {
  const waits = new Set<{ readonly what: string; check(): boolean; fail(): void }>();
  let met = 0;
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
              met += 1;
              resolve(value);
            } catch (error) {
              reject(error);
            }
            clearTimeout(late);
            return true;
          },
          fail: () => reject(new Error(`waited in vain: ${what}`)),
        };
        const late =
          patience === undefined
            ? undefined
            : setTimeout(() => {
                if (waits.delete(wait)) wait.fail();
              }, patience);
        if (over) wait.fail();
        else if (!wait.check()) waits.add(wait);
      });
    },
    get met() {
      return met;
    },
    giveUp() {
      over = true;
      for (const wait of waits) wait.fail();
      waits.clear();
    },
  };
}
