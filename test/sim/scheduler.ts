// Virtual time: one heap of what is to happen, carried out one after another with nothing in between but what the code
// under test awaits. Everything belongs to an owner; what belongs to a dead one never happens.

/** Whose code runs: an instance of the program, or the world around it. */
export interface Owner {
  readonly name: string;
  dead: boolean;
  /** Nothing of it happens before this. */
  frozenUntil?: number;
}

export interface Entry {
  at: number;
  /** Breaks ties: first asked, first done. */
  order: number;
  owner: Owner;
  /** Absent once called off. */
  act: (() => void) | undefined;
  readonly label: string;
}

/** The real ones, kept before anybody puts others in their place. */
const immediately = setImmediate;

export class Scheduler {
  now = 0;
  /** What was carried out. */
  events = 0;
  /** Whose code is running. */
  owner: Owner;
  readonly world: Owner = { name: 'world', dead: false };
  /** Grows with each thing carried out: the same seed must give the same. */
  trace = 0x811c9dc5;
  readonly counts = new Map<string, number>();
  readonly #heap: Entry[] = [];
  #order = 0;

  constructor() {
    this.owner = this.world;
  }

  /** `after`: milliseconds from now. */
  after(after: number, label: string, act: () => void, owner: Owner = this.owner): Entry {
    const entry = { at: this.now + Math.max(0, after), order: this.#order++, owner, act, label };
    this.#push(entry);
    return entry;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent]!;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  get waiting(): number {
    return this.#heap.length;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && before(heap[right]!, heap[left]!) ? right : left;
      const below = heap[child]!;
      if (!before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  /** Carries out what is due until nothing is left, the time is reached, or `done` says so. */
  run(until: number, done: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          for (;;) {
            if (done()) return resolve();
            const entry = this.#pop();
            if (!entry) return resolve();
            if (entry.act === undefined || entry.owner.dead) continue;
            if (entry.at > until) return resolve();
            const { frozenUntil = 0 } = entry.owner;
            if (frozenUntil > entry.at) {
              // In the order it was due.
              entry.at = frozenUntil;
              this.#push(entry);
              continue;
            }
            this.now = entry.at;
            this.events += 1;
            this.owner = entry.owner;
            this.counts.set(entry.label, (this.counts.get(entry.label) ?? 0) + 1);
            this.#note(entry);
            const { act } = entry;
            entry.act = undefined;
            act();
            // What was awaited goes on before the next thing happens.
            return void immediately(step);
          }
        } catch (error) {
          reject(error);
        }
      };
      immediately(step);
    });
  }

  #note({ at, label, owner }: Entry): void {
    let hash = this.trace ^ (at * 1000);
    hash = Math.imul(hash ^ label.length, 0x01000193) ^ label.charCodeAt(label.length - 1);
    hash = Math.imul(hash ^ owner.name.charCodeAt(owner.name.length - 1), 0x01000193);
    this.trace = (hash ^ (hash >>> 15)) >>> 0;
  }

  /** Mixes in what happened, beyond that it happened. */
  witness(text: string): void {
    let hash = this.trace;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.trace = hash >>> 0;
  }
}

const before = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
