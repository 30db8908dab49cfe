// A person who plays a flow by reading: each question is recognised by the text the program has for it, each answer
// goes through the face. It knows the program's texts and nothing else of it.

import type { Texts } from '../../src/text/texts.ts';
import { type Face, listed, type Shown, typed } from '../faults/face.ts';

type Values = Readonly<Record<string, string | number>>;

export interface Heard {
  readonly on: Shown;
  /** What stood in the text's placeholders. */
  readonly values: Readonly<Record<string, string>>;
}

export interface Player {
  /** The next message, after all heard so far, that says this text (`nps:score`); given values must stand in it. */
  hears(key: string, values?: Values): Promise<Heard>;
  /** The message heard last says this text too, as when a question follows in one breath; else the next that does. */
  hearsAlso(key: string, values?: Values): Promise<Heard>;
  /** The next message that holds these words. */
  hearsWords(words: string): Promise<Shown>;
  begins(flow: string): Promise<void>;
  says(words: string): Promise<void>;
  sends(files: readonly Uint8Array[]): Promise<void>;
  /** By the text's key (`nps:contact_yes`), or by the label itself. */
  presses(heard: Heard, keyOrLabel: string, values?: Values): Promise<void>;
  /** The button whose label begins so. */
  pressesFirst(heard: Heard, beginning: string): Promise<void>;
  /** Several options of one question, then "done" where there are buttons. */
  ticks(heard: Heard, keys: readonly string[]): Promise<void>;
  text(key: string, values?: Values): string;
  /** The language spoken from now on. */
  speaks(locale: string): void;
}

export function createPlayer(face: Face, texts: Texts, firstLocale: string): Player {
  let locale = firstLocale;
  let read = 0;

  const label = (key: string, values: Values = {}): string => texts.t(locale, key, values);

  async function next(fits: (text: string) => boolean, what: string): Promise<Shown> {
    try {
      return await face.until(() => {
        const all = face.shown();
        const at = all.findIndex(({ text }, index) => index >= read && fits(text));
        if (at < 0) return undefined;
        read = at + 1;
        return all[at];
      }, what);
    } catch (error) {
      const last = face.shown().slice(-3);
      const told = last.map(
        ({ text, choices }) => `${text} [${choices.map((one) => one.label).join('] [')}]`,
      );
      throw new Error(`${String(error)}; the last they saw:\n${told.join('\n—\n')}`, { cause: error });
    }
  }
  const current = (on: Shown): Shown => face.shown().find(({ id }) => id === on.id) ?? on;

  async function hears(key: string, values: Values = {}): Promise<Heard> {
    const says = pattern(texts, locale, key, values);
    const on = await next((text) => says.test(text), key);
    return { on, values: { ...says.exec(on.text)?.groups } };
  }

  return {
    hears,
    hearsAlso(key, values) {
      read -= 1;
      return hears(key, values);
    },
    hearsWords: (words) => next((text) => text.includes(words), `"${words}"`),
    begins: (flow) => face.begin(flow),
    says: (words) => face.say(words),
    sends: (files) => face.send(files),
    presses: ({ on }, key, values) => face.press(key.includes(':') ? label(key, values) : key, current(on)),
    async pressesFirst({ on }, beginning) {
      const shown = current(on);
      const choice = [...shown.choices, ...listed(shown.text)].find((one) => one.label.startsWith(beginning));
      if (choice === undefined) throw new Error(`nothing begins with "${beginning}" under "${shown.text}"`);
      await face.press(choice.label, shown);
    },
    async ticks({ on }, keys) {
      const labels = keys.map((key) => label(key));
      if (face.numbered) return await face.say(labels.map((one) => typed(one, on)).join(', '));
      let open = on;
      for (const one of labels) {
        await face.press(one, open);
        // Shown on the question itself, or said anew where a message cannot be changed.
        const ticked = (shown: Shown): boolean => shown.choices.some((choice) => choice.label === `✓ ${one}`);
        open = await face.until(
          () =>
            ticked(current(open))
              ? current(open)
              : face
                  .shown()
                  .slice(read)
                  .findLast((shown) => ticked(shown)),
          `the tick at ${one}`,
        );
      }
      await face.press(label('engine:button.done'), open);
    },
    text: label,
    speaks(next) {
      locale = next;
    },
  };
}

/** The text as it can be met: given values in their places, anything in the other ones. */
export function pattern(texts: Texts, locale: string, key: string, values: Values = {}): RegExp {
  if (!texts.has(locale, key)) throw new Error(`there is no text ${key} in ${locale}`);
  const marked = texts.t(locale, key, (name) => (Object.hasOwn(values, name) ? values[name] : `⟦${name}⟧`));
  const parts = marked.trim().split(/⟦(\w+)⟧/);
  const named = new Set<string>();
  const source = parts.map((part, index) => {
    if (index % 2 === 0) return RegExp.escape(part);
    if (named.has(part)) return `\\k<${part}>`;
    named.add(part);
    return `(?<${part}>[^\\n]+?)`;
  });
  return new RegExp(source.join(''), 'u');
}
