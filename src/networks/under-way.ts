// Work that has begun and that stopping must wait for.
export interface UnderWay {
  /** Gives the work back as it is. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves when all of it has ended, well or not. */
  ended(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  const works = new Set<Promise<unknown>>();
  return {
    track(work) {
      works.add(work);
      const end = () => works.delete(work);
      work.then(end, end);
      return work;
    },
    async ended() {
      await Promise.allSettled(works);
    },
  };
}
