// How one person meets the program: what they see in their chat, and what they do there. The network behind it carries
// both; a person waits for what they expect to see and does not say a thing twice.
import type { Scheduler } from './scheduler.ts';
import type { Seen, Watcher } from './telegram.ts';

export interface Hands {
  say(text: string): void;
  press(on: Seen, button: string): void;
  /** Pictures, together where there are several. */
  send(count: number): void;
}

export class Face implements Watcher {
  /** Everything that was ever shown, copies too. */
  readonly seen: Seen[];
  /** Seen before the last act; what answers it comes later. */
  since = 0;
  /** Something did not come that should have, and the network knows why. */
  misses = 0;
  readonly #scheduler: Scheduler;
  readonly hands: Hands;
  readonly name: string;
  #waiting: (() => void) | undefined;

  constructor(scheduler: Scheduler, name: string, seen: Seen[], hands: (face: Face) => Hands) {
    this.#scheduler = scheduler;
    this.name = name;
    this.seen = seen;
    this.hands = hands(this);
  }

  shown(): void {
    this.#waiting?.();
  }

  changed(): void {
    this.#waiting?.();
  }

  missed(): void {
    this.misses += 1;
    this.#waiting?.();
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#scheduler.after(milliseconds, 'person', resolve, this.#scheduler.world);
    });
  }

  /** Looks again at each change. With `patience`, gives up after it. */
  until<T>(look: () => T | undefined, patience?: number): Promise<T | undefined> {
    const at = look();
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve) => {
      const { world } = this.#scheduler;
      const end = (value: T | undefined): void => {
        this.#waiting = undefined;
        if (limit) limit.act = undefined;
        resolve(value);
      };
      const limit =
        patience === undefined
          ? undefined
          : this.#scheduler.after(patience, 'patience', () => end(undefined), world);
      this.#waiting = () => {
        const found = look();
        if (found !== undefined) end(found);
      };
    });
  }

  say(text: string): void {
    this.since = this.seen.length;
    this.hands.say(text);
  }

  press(on: Seen, label: string): void {
    this.since = this.seen.length;
    const button = on.buttons.find((one) => one.label === label || one.label === `✓ ${label}`);
    if (!button) throw new Error(`${this.name}: no button ${label} on ${on.text}`);
    this.hands.press(on, button.id);
  }

  send(count: number): void {
    this.since = this.seen.length;
    this.hands.send(count);
  }

  /** The newest message since the last act that says one of these, alone or behind other words. */
  newest(...marks: readonly string[]): Seen | undefined {
    for (let at = this.seen.length - 1; at >= this.since; at -= 1) {
      const one = this.seen[at]!;
      if (marks.some((mark) => one.text.startsWith(mark) || one.text.includes(`\n\n${mark}`))) return one;
    }
    return undefined;
  }
}

const TOLD_AGAIN = 60_000;
/** Of somebody from whom something was kept: the program may hold them for out of reach. */
const PATIENCE = 5 * 60_000;

/**
 * Waits for one of these. Where the network kept something from them they ask to see it again; where there is nothing
 * more to ask for, `last` ends the wait.
 */
export async function asked(face: Face, marks: readonly string[], last = false): Promise<Seen | undefined> {
  for (;;) {
    const { misses } = face;
    const found = await face.until(
      () => face.newest(...marks) ?? (face.misses > misses ? 'missed' : undefined),
      misses > 0 ? PATIENCE : undefined,
    );
    if (found !== undefined && found !== 'missed') return found;
    await face.pause(TOLD_AGAIN);
    const come = face.newest(...marks);
    if (come) return come;
    if (last) return undefined;
    face.hands.say('repeat');
  }
}
