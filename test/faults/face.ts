// What a person of a run does and sees, whichever way they came. Everything that was ever shown to them stays here, in
// the order it came, copies included: the checker counts on it.

export interface ShownChoice {
  readonly id: string;
  readonly label: string;
}

export interface Shown {
  /** The network's own id. */
  readonly id: string;
  /** As it was when it came: the same for a second copy, and for nothing else. */
  readonly key: string;
  /** As it was when it came. */
  readonly text: string;
  /** As they are now. */
  readonly choices: readonly ShownChoice[];
  readonly from: 'bot' | 'operator';
  /** The stand-in's request that sent it; Telegram only. */
  readonly request?: number;
}

export interface Face {
  begin(flow: string): Promise<void>;
  say(text: string): Promise<void>;
  press(label: string, on: Shown): Promise<void>;
  send(files: readonly Uint8Array[]): Promise<void>;
  /** All that was ever shown to them, oldest first. */
  shown(): readonly Shown[];
  /** Looks at each change until there is a value. They wait; they do not say it again. */
  until<T>(look: () => T | undefined, what: string): Promise<T>;
  /** What was wrong in what they saw, such as a message that vanished. */
  readonly wrongs: readonly string[];
}

/** The newest message shown to them whose text begins so. */
export function newest(face: Face, mark: string): Shown | undefined {
  return face.shown().findLast((one) => one.text.startsWith(mark));
}
