// Waiting without polling: whoever waits is woken by each change and looks again. Knows nothing of what changes.

export interface Signal {
  fire(): void;
  /** Resolves with the first value `look` gives; rejects after `ms`, naming what was waited for. */
  until<T>(look: () => T | undefined, ms: number, what: string): Promise<T>;
  listen(listener: () => void): () => void;
}

export function createSignal(): Signal {
  const listeners = new Set<() => void>();
  const listen = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    fire() {
      for (const listener of [...listeners]) listener();
    },
    listen,
    until(look, ms, what) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          clearTimeout(timer);
          unlisten();
        };
        const check = (): void => {
          try {
            const value = look();
            if (value === undefined) return;
            stop();
            resolve(value);
          } catch (error) {
            stop();
            reject(error);
          }
        };
        const unlisten = listen(check);
        const timer = setTimeout(() => {
          unlisten();
          reject(new Error(`waited ${ms} ms in vain for ${what}`));
        }, ms);
        check();
      });
    },
  };
}
