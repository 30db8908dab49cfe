// Errors that nobody caught, and marks left on JavaScript's own objects: looked for after each case.
export interface Strays {
  /** What strayed since it was last asked. */
  taken(): readonly string[];
  stop(): void;
}

export function strays(): Strays {
  let found: string[] = [];
  const note = (what: string) => (error: unknown) =>
    void found.push(
      `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`.slice(0, 300),
    );
  const rejected = note('a rejection that nobody handled');
  const thrown = note('an error that nobody caught');
  process.on('unhandledRejection', rejected);
  process.on('uncaughtException', thrown);
  const names = Object.getOwnPropertyNames(Object.prototype).length;
  return {
    taken() {
      const probe: Record<string, unknown> = {};
      if (probe.polluted !== undefined || Object.getOwnPropertyNames(Object.prototype).length !== names) {
        found.push('the prototype of objects was written to');
        delete (Object.prototype as Record<string, unknown>).polluted;
      }
      const all = found;
      found = [];
      return all;
    },
    stop() {
      process.off('unhandledRejection', rejected);
      process.off('uncaughtException', thrown);
    },
  };
}
