// What a person of a run does and sees, whichever way they came. Everything that was ever shown to them stays here, in
// the order it came, copies included: the checker counts on it. A face is `create<Net>Face(standIn, watch, who)` over a
// person of the network's stand-in; it knows nothing of the program, and waits only through its watch.

/** Who stands behind a face. */
export interface Who {
  /** As the network tells it. */
  readonly name: string;
  /** Their language, as the network tells it where it does. */
  readonly locale: string;
}

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
  /** As they are now. Where there are no buttons: the numbered list in the text, see `listed`. */
  readonly choices: readonly ShownChoice[];
  readonly from: 'bot' | 'operator';
  /** The stand-in's request that sent it; Telegram only. */
  readonly request?: number;
}

export interface Face {
  /** By a deep link, or by the flow's own command where the network has no links. */
  begin(flow: string): Promise<void>;
  say(text: string): Promise<void>;
  /** Where there are no buttons the person types `typed(label, on)`. */
  press(label: string, on: Shown): Promise<void>;
  /** Pictures, together where the network can. */
  send(files: readonly Uint8Array[]): Promise<void>;
  /** Choices are typed, several at once as `1, 3`. */
  readonly numbered?: true;
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

/** The button of that label, or the one whose label was cut to fit. */
export function choiceOn(on: Shown, label: string): ShownChoice | undefined {
  const cut = (one: ShownChoice): boolean =>
    one.label.endsWith('…') && label.startsWith(one.label.slice(0, -1));
  return on.choices.find((one) => one.label === label) ?? on.choices.find(cut);
}

/** The numbered list a message ends with where there are no buttons; the id is the number to type. */
export function listed(text: string): readonly ShownChoice[] {
  return [...text.matchAll(/^(\d{1,2})\. (.+)$/gm)].map(([, id = '', label = '']) => ({ id, label }));
}

/** What is typed in place of a press: the number where the label stands in a list, else the label itself. */
export function typed(label: string, on: Shown): string {
  return listed(on.text).find((one) => one.label === label)?.id ?? label;
}
