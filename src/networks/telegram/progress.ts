// What of a many-part piece of work is done already, so that trying again after a refusal goes on from there instead
// of repeating it. Held in memory only: after a crash the whole is tried again, as with any lost answer.

/** Does the step unless it was done before under the same name; gives its result either way. */
export type Once = <T>(step: string, act: () => Promise<T>) => Promise<T>;

export interface Progress {
  /** Runs the work; what its steps did is forgotten once it ends well. */
  run<T>(key: string, work: (once: Once) => Promise<T>): Promise<T>;
}

/** Works not ended that are remembered; the oldest is forgotten beyond that. */
const KEPT = 1_000;

export function createProgress(): Progress {
  const works = new Map<string, Map<string, unknown>>();
  return {
    async run(key, work) {
      const done = works.get(key) ?? new Map<string, unknown>();
      works.set(key, done);
      if (works.size > KEPT) {
        const [oldest] = works.keys();
        if (oldest !== undefined) works.delete(oldest);
      }
      const result = await work(async <T>(step: string, act: () => Promise<T>): Promise<T> => {
        if (done.has(step)) return done.get(step) as T;
        const value = await act();
        done.set(step, value);
        return value;
      });
      works.delete(key);
      return result;
    },
  };
}
