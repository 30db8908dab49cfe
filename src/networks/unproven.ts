// Posts to our webhook that do not show the secret: a wrong setting and a stranger look alike, so they are told of, at
// most once a minute, and shown in the health for a while. It knows no network and keeps nothing of what was posted.

export interface Unproven {
  /** One came that does not show it. */
  wrong(): void;
  /** One came that does: all is well. */
  right(): void;
  /** What to look at, while it matters; nothing otherwise. */
  reason(now: number): { readonly reason?: string };
}

const TOLD_EVERY = 60_000;
const SHOWN_FOR = 10 * 60_000;

export function createUnproven(options: {
  /** The setting that holds the secret. */
  readonly setting: string;
  readonly clock: () => number;
  readonly log: { warn(fields: object, message: string): void };
}): Unproven {
  const sentence = `posts arrive that do not show the secret; check ${options.setting}`;
  let toldAt: number | undefined;
  let last: number | undefined;
  return {
    wrong() {
      last = options.clock();
      if (toldAt !== undefined && last - toldAt < TOLD_EVERY) return;
      toldAt = last;
      options.log.warn({}, sentence);
    },
    right() {
      last = undefined;
    },
    reason: (now) => (last !== undefined && now - last < SHOWN_FOR ? { reason: sentence } : {}),
  };
}
