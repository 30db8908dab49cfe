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

/** Faults of the address that a network calls us at. `when`: the setting that asks for it, e.g. `TELEGRAM_MODE is webhook`. */
export function checkCalledAt({ publicUrl, fault }: Reading, network: string, when: string): void {
  if (publicUrl === undefined) return fault('PUBLIC_URL', `must be set when ${when}: ${network} calls it`);
  const { protocol, hostname } = new URL(publicUrl);
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (protocol !== 'https:' && !isHere)
    fault('PUBLIC_URL', `must begin with https:// when ${when}: ${network} calls no other`);
}
