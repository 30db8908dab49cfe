// Under whose field a keyboard of ours stands, as far as this process knows: one that stays would be pressed out of time.
export interface StandingKeyboards {
  /** Undefined: not known. */
  of(peer: number): boolean | undefined;
  set(peer: number, stands: boolean): void;
}

const KEPT = 10_000;

export function createStandingKeyboards(): StandingKeyboards {
  const known = new Map<number, boolean>();
  return {
    of: (peer) => known.get(peer),
    set(peer, stands) {
      known.delete(peer);
      known.set(peer, stands);
      const [oldest] = known.keys();
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
    },
  };
}
