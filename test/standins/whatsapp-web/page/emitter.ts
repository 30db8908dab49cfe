// Events as the page's own objects give them: several names in one string, and the thing itself as first argument.

export type Listener = (...args: never[]) => unknown;
type AnyListener = (...args: readonly unknown[]) => unknown;

const names = (text: string): string[] => text.split(/\s+/).filter((name) => name !== '');

export class Emitter {
  #listeners = new Map<string, Set<AnyListener>>();
  #heard = new Map<string, () => void>();

  on(events: string, listener: Listener): this {
    for (const name of names(events)) {
      const set = this.#listeners.get(name) ?? new Set();
      set.add(listener as AnyListener);
      this.#listeners.set(name, set);
      this.#heard.get(name)?.();
      this.#heard.delete(name);
    }
    return this;
  }

  off(events: string, listener: Listener): this {
    for (const name of names(events)) this.#listeners.get(name)?.delete(listener as AnyListener);
    return this;
  }

  once(events: string, listener: Listener): this {
    const wrapped = (...args: readonly unknown[]): void => {
      this.off(events, wrapped);
      (listener as AnyListener)(...args);
    };
    return this.on(events, wrapped);
  }

  trigger(name: string, ...args: readonly unknown[]): this {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(...args);
    return this;
  }

  /** Resolves as soon as somebody listens to it. */
  heard(name: string): Promise<void> {
    if ((this.#listeners.get(name)?.size ?? 0) > 0) return Promise.resolve();
    return new Promise((resolve) => this.#heard.set(name, resolve));
  }
}
