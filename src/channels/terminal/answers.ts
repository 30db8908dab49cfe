// When a piped script may say its next line. It knows that the bot spoke, never what it said.

/** Nothing tells that the bot has finished answering, so: a silence after its words, or patience at an end. */
export function createAnswers(
  quiet: number,
  patience: number,
): { next(signal: AbortSignal): Promise<void>; came(): void } {
  let waiting: { silence?: NodeJS.Timeout; done(): void } | undefined;
  return {
    next(signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const done = () => {
        clearTimeout(limit);
        clearTimeout(waiting?.silence);
        signal.removeEventListener('abort', done);
        waiting = undefined;
        resolve();
      };
      const limit = setTimeout(done, patience);
      waiting = { done };
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
      return promise;
    },
    came() {
      if (!waiting) return;
      clearTimeout(waiting.silence);
      waiting.silence = setTimeout(waiting.done, quiet);
    },
  };
}
