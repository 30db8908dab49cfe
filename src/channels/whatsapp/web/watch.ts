// Watches one life: whether it is ready in time, answers, hears, keeps within its memory, and is old enough to be
// renewed. It says when the life must end and why; ending it is somebody else's work.
import type { Life } from './life.ts';
import type { WatchTimes } from './times.ts';

export interface Watch {
  linking(): void;
  authenticated(): void;
  ready(): void;
  connected(now: boolean): void;
  /** Something came or went. */
  sign(): void;
  endFor(why: string): void;
  /** Resolves with why it must end. */
  readonly over: Promise<string>;
  stop(): void;
}

export function createWatch(
  times: WatchTimes,
  memory: number,
  life: Pick<Life, 'ask' | 'memory'>,
  tell: { deaf(why: string): void; state(now: string): void; beaten(): void },
): Watch {
  const bornAt = performance.now();
  let isReady = false;
  let lastSign = bornAt;
  let missed = 0;
  let boot: NodeJS.Timeout | undefined;
  let lost: NodeJS.Timeout | undefined;
  let beating = false;
  let endFor: (why: string) => void = () => undefined;
  const over = new Promise<string>((resolve) => {
    endFor = resolve;
  });

  function awaitReady(): void {
    clearTimeout(boot);
    boot = setTimeout(() => endFor('boot_deadline'), times.boot);
  }

  async function beat(): Promise<void> {
    const state = await life.ask('beat', {}, times.beatWithin).catch(() => undefined);
    if (state === undefined) {
      missed++;
      if (missed >= times.misses) endFor('no_answer');
      else tell.deaf('no_answer');
      return;
    }
    missed = 0;
    tell.state(state);
    if ((await life.memory()) > memory) return endFor('memory');
    const now = performance.now();
    const quiet = now - lastSign;
    const age = now - bornAt;
    if (age > times.recycleLatest || (age > times.recycleAfter && quiet > times.quiet))
      return endFor('recycle');
    if (state === 'CONNECTED' && quiet > times.silence) await echo();
    tell.beaten();
  }

  /** The page may think it is connected and hear nothing; only the server's own word tells. */
  async function echo(): Promise<void> {
    const { echoWithin } = times;
    const heard = await life.ask('echo', { within: echoWithin }, echoWithin * 2).catch(() => false);
    if (!heard) {
      tell.deaf('silent');
      return endFor('silent');
    }
    lastSign = performance.now();
  }

  awaitReady();
  const beats = setInterval(() => {
    if (!isReady || beating) return;
    beating = true;
    void beat().finally(() => {
      beating = false;
    });
  }, times.beatEvery);

  return {
    over,
    endFor,
    linking() {
      clearTimeout(boot);
      boot = setTimeout(() => endFor('stale_picture'), times.picture);
    },
    authenticated() {
      if (!isReady) awaitReady();
    },
    ready() {
      clearTimeout(boot);
      isReady = true;
      lastSign = performance.now();
    },
    connected(now) {
      if (!now) lost ??= setTimeout(() => endFor('no_connection'), times.deafRestart);
      else {
        clearTimeout(lost);
        lost = undefined;
      }
    },
    sign() {
      lastSign = performance.now();
    },
    stop() {
      clearInterval(beats);
      clearTimeout(boot);
      clearTimeout(lost);
    },
  };
}
