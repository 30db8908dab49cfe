// How a network says which settings it has and reads its own. Light: it loads no network's code.

export interface Setting {
  readonly about: string;
  readonly default: string;
}

/** What a reader of settings is given. */
export interface Reading {
  /** The value, trimmed; the default where there is none. */
  value(name: string): string;
  /** An address with one of these protocols; a wrong one becomes a fault. */
  url(name: string, ...protocols: string[]): string | undefined;
  fault(name: string, message: string): void;
  /** The https address people and messengers open. */
  readonly publicUrl: string | undefined;
}
