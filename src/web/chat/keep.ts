// What the page keeps in the browser. Where the browser forbids it, it is kept until the page closes.
export interface Keep {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
  names(): readonly string[];
}

const PREFIX = 'otklik.';

export function createKeep(): Keep {
  const memory = new Map<string, string>();
  const storage = usableStorage();
  return {
    get: (name) => storage?.getItem(PREFIX + name) ?? memory.get(name),
    set(name, value) {
      try {
        if (!storage) throw new Error('no storage');
        storage.setItem(PREFIX + name, value);
        memory.delete(name);
      } catch {
        // Full or forbidden: the page still holds it.
        memory.set(name, value);
      }
    },
    remove(name) {
      memory.delete(name);
      storage?.removeItem(PREFIX + name);
    },
    names() {
      const kept = storage
        ? Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? '').filter((it) =>
            it.startsWith(PREFIX),
          )
        : [];
      return [...new Set([...kept.map((it) => it.slice(PREFIX.length)), ...memory.keys()])];
    },
  };
}

function usableStorage(): Storage | undefined {
  try {
    const probe = `${PREFIX}probe`;
    window.localStorage.setItem(probe, '1');
    window.localStorage.removeItem(probe);
    return window.localStorage;
  } catch {
    return undefined;
  }
}
