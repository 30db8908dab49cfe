// Where several processes share the work, flows edited for one are live in all: at a hint, and at the latest with the
// next look, should the hint be lost.
import { errorFields, type Log } from '../log.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Library } from './library.ts';

const EVERY = 15_000;

/** Gives the function that ends it. */
export function followFlows(
  library: Pick<Library, 'follow' | 'current'>,
  runtime: Pick<Runtime, 'shared' | 'subscribe'>,
  log: Log,
): () => void {
  if (!runtime.shared) return () => {};
  const look = (): void => {
    library.follow().then(
      (isNew) => {
        if (isNew) log.info({ release: library.current().hash }, 'flows are taken over from another process');
      },
      (error: unknown) =>
        log.warn(
          errorFields(error),
          'flows of the other processes could not be asked for; it is tried again',
        ),
    );
  };
  const unsubscribe = runtime.subscribe('flows', look);
  const timer = setInterval(look, EVERY);
  return () => {
    unsubscribe();
    clearInterval(timer);
  };
}
