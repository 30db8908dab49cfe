// Who asks for a place under a limit that many share: a few at a time, since whoever asks in vain has to ask again, and
// ten thousand who ask again and again leave no time for anything else. Of those who wait the newest and the oldest are
// let in by turns: somebody new is answered while a burst goes out, and nobody is forgotten.

export interface Place {
  /** Lets the next one ask. Again: nothing. */
  leave(): void;
}

export interface Gates {
  /** Resolves when it is this one's turn; absent: the gates are closed for good. */
  enter(gate: string): Promise<Place | undefined>;
  /** Others wait at it. */
  crowded(gate: string): boolean;
  stop(): void;
}

interface Gate {
  inside: number;
  readonly waiting: ((place: Place | undefined) => void)[];
  newestNext: boolean;
}

/** `atOnce`: how many may ask at the same time. */
export function createGates(atOnce: number): Gates {
  const gates = new Map<string, Gate>();
  let stopped = false;

  function placeIn(name: string, gate: Gate): Place {
    gate.inside += 1;
    let left = false;
    return {
      leave() {
        if (left) return;
        left = true;
        gate.inside -= 1;
        gate.newestNext = !gate.newestNext;
        const next = gate.newestNext ? gate.waiting.pop() : gate.waiting.shift();
        if (next) next(placeIn(name, gate));
        else if (gate.inside === 0) gates.delete(name);
      },
    };
  }

  return {
    async enter(name) {
      if (stopped) return undefined;
      const gate = gates.get(name) ?? { inside: 0, waiting: [], newestNext: false };
      gates.set(name, gate);
      if (gate.inside < atOnce) return placeIn(name, gate);
      return await new Promise((resolve) => gate.waiting.push(resolve));
    },
    crowded: (name) => (gates.get(name)?.waiting.length ?? 0) > 0,
    stop() {
      stopped = true;
      for (const { waiting } of gates.values()) for (const resolve of waiting.splice(0)) resolve(undefined);
    },
  };
}
