// Lets contenders work in turns within one process, so that they share every mood of the machine, and compares them within
// each round only. Absolute times of a shared machine prove nothing; ratios within a round do.

export interface Lane {
  readonly name: string;
  /** Works until the deadline (of `performance.now()`); gives how many messages it played. */
  readonly work: (deadline: number) => Promise<number>;
}

export interface Pace {
  /** Rounds before those that count: code is compiled while it runs. */
  readonly warm: number;
  readonly rounds: number;
  readonly turnMs: number;
}

/** Microseconds of CPU per message, one figure a round. */
export type Costs = ReadonlyMap<string, readonly number[]>;

export async function takeTurns(lanes: readonly Lane[], { warm, rounds, turnMs }: Pace): Promise<Costs> {
  if (!globalThis.gc)
    throw new Error('run it with --expose-gc: garbage must not pass from one turn to the next');
  const costs = new Map<string, number[]>(lanes.map(({ name }) => [name, []]));
  for (let round = -warm; round < rounds; round += 1) {
    for (let place = 0; place < lanes.length; place += 1) {
      // Rotated and turned about, so that nobody always comes behind the same neighbour.
      const step = round % 2 === 0 ? place : lanes.length - 1 - place;
      const lane = lanes[(step + Math.max(0, round)) % lanes.length]!;
      globalThis.gc();
      const before = process.cpuUsage();
      const messages = await lane.work(performance.now() + turnMs);
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) costs.get(lane.name)!.push((user + system) / messages);
    }
  }
  return costs;
}

export interface Ratio {
  readonly median: number;
  /** The quartiles: half of all rounds lie between them. */
  readonly low: number;
  readonly high: number;
}

/** How many times as much the one costs as the other, round by round. */
export function ratio(costs: Costs, one: string, other: string): Ratio {
  const below = costs.get(other) ?? [];
  return spreadOf((costs.get(one) ?? []).map((cost, round) => cost / below[round]!));
}

export function spreadOf(values: readonly number[]): Ratio {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const low = sorted[Math.floor(place)]!;
    return low + (sorted[Math.ceil(place)]! - low) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
