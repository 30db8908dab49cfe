// People who play a dialogue with a contender, one message at a time, many talks at once. What they answer and what must
// have been saved stands in the scripts; a contender that saves anything else, or nothing, fails at once.
import type {
  Contact,
  Contender,
  Dialogue,
  Heard,
  MakeContender,
  Outcome,
  Said,
  Script,
  Step,
} from './dialogue.ts';

interface Talk {
  readonly contact: Contact;
  readonly script: Script;
  /** Messages heard: the start, then the answers. */
  at: number;
  said: Said;
  saved: Outcome | undefined;
}

const NOTHING: Said = { text: '', buttons: [] };

export class Crowd {
  private readonly talks: readonly Talk[];
  private readonly contender: Contender;
  private readonly byContact = new Map<number, Talk>();
  private readonly name: string;
  private turn = 0;

  constructor(name: string, dialogue: Dialogue, make: MakeContender, talks: number) {
    this.name = `${name}, ${dialogue.name}`;
    this.contender = make(dialogue, (contact, outcome) => {
      this.byContact.get(contact.id)!.saved = outcome;
    });
    this.talks = Array.from({ length: talks }, (_, n) => {
      const script = dialogue.scripts[n % dialogue.scripts.length]!;
      return {
        contact: { id: 1000 + n, locale: script.locale },
        script,
        at: 0,
        said: NOTHING,
        saved: undefined,
      };
    });
    for (const talk of this.talks) this.byContact.set(talk.contact.id, talk);
  }

  /** Brings the talks to every place of the dialogue, evenly. */
  async spread(): Promise<void> {
    for (const [n, talk] of this.talks.entries()) {
      const messages = Math.floor((n * (talk.script.steps.length + 1)) / this.talks.length);
      for (let heard = 0; heard < messages; heard += 1) await this.step(talk);
    }
  }

  /** Plays one message of one talk after another until the time is over; gives how many. */
  async playUntil(deadline: number): Promise<number> {
    let messages = 0;
    do {
      // The clock is looked at once for several messages: it costs as much as the cheapest of them.
      for (let n = 0; n < 8; n += 1) {
        const talk = this.talks[this.turn]!;
        this.turn = (this.turn + 1) % this.talks.length;
        const step = this.step(talk);
        if (step) await step;
      }
      messages += 8;
    } while (performance.now() < deadline);
    return messages;
  }

  private step(talk: Talk): void | Promise<void> {
    const { script, contact, at } = talk;
    const heard: Heard =
      at === 0 ? { kind: 'start' } : heardFrom(script.steps[at - 1]!, talk.said, this.name);
    const said = this.contender.hear(contact, heard);
    if (said instanceof Promise) return said.then((one) => this.heard(talk, one));
    this.heard(talk, said);
  }

  private heard(talk: Talk, said: Said): void {
    talk.said = said;
    if (talk.at < talk.script.steps.length) {
      talk.at += 1;
      return;
    }
    const problem = wrong(talk.saved, talk.script.outcome);
    if (problem) throw new Error(`${this.name}: ${problem}`);
    if (this.contender.kept(talk.contact) !== undefined)
      throw new Error(`${this.name}: something of the talk stays behind after its end`);
    talk.saved = undefined;
    talk.at = 0;
  }
}

export interface Played {
  /** Every text said, in order. */
  readonly texts: readonly string[];
  readonly labels: readonly (readonly string[])[];
  readonly outcome: Outcome | undefined;
  /** What was kept after each answer. */
  readonly kept: readonly unknown[];
}

/** One script alone, from start to end, with all that was said. */
export async function playOnce(
  make: MakeContender,
  dialogue: Dialogue,
  script: Script,
  look: (contender: Contender, contact: Contact) => unknown = (contender, contact) => contender.kept(contact),
): Promise<Played> {
  let outcome: Outcome | undefined;
  const contender = make(dialogue, (_contact, saved) => {
    outcome = saved;
  });
  const contact: Contact = { id: 7, locale: script.locale };
  const all = [await contender.hear(contact, { kind: 'start' })];
  const kept: unknown[] = [];
  for (const step of script.steps) {
    all.push(await contender.hear(contact, heardFrom(step, all.at(-1)!, dialogue.name)));
    kept.push(structuredClone(look(contender, contact)));
  }
  return {
    texts: all.map(({ text }) => text),
    labels: all.map(({ buttons }) => buttons.map(({ label }) => label)),
    outcome,
    kept,
  };
}

function heardFrom(step: Step, said: Said, name: string): Heard {
  if ('type' in step) return { kind: 'text', text: step.type };
  const button = said.buttons[step.press];
  if (!button) throw new Error(`${name}: there is no button ${step.press} under "${said.text}"`);
  return { kind: 'press', button: button.id };
}

function wrong(saved: Outcome | undefined, due: Outcome): string | undefined {
  if (saved === undefined) return 'no outcome was saved';
  for (const name in due) {
    if (saved[name] !== due[name])
      return `"${name}" was saved as ${String(saved[name])}, not as ${String(due[name])}`;
  }
  return Object.keys(saved).length === Object.keys(due).length
    ? undefined
    : 'more was saved than was answered';
}
