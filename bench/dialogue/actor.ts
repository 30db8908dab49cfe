// XState 5: an actor restored from its persisted snapshot for every message and persisted again after it.
import { assign, createActor, createMachine, type Snapshot } from 'xstate';
import {
  askComment,
  askContact,
  askQuestion,
  askReason,
  askScore,
  closing,
  farewell,
  readComment,
  readContact,
  readReason,
  readScore,
} from './by-hand.ts';
import type { Contact, Contender, Dialogue, Heard, Locale, Outcome, Said, Save } from './dialogue.ts';

type Value = string | number | boolean;
interface Context {
  readonly answers: Readonly<Record<string, Value>>;
}
interface Answer {
  readonly type: 'answer';
  readonly value: Value;
}

/** A line of states, each left by an answer, which is kept under the state's name. */
function line(names: readonly string[]) {
  const states = names.map((name, n) => [
    name,
    {
      on: {
        answer: {
          target: names[n + 1] ?? 'done',
          actions: assign(({ context, event }: { context: Context; event: Answer }) => ({
            answers: { ...context.answers, [name]: event.value },
          })),
        },
      },
    },
  ]);
  return createMachine({
    types: {} as { context: Context; events: Answer; output: Outcome },
    context: { answers: {} },
    initial: names[0] ?? 'done',
    states: { ...Object.fromEntries(states), done: { type: 'final' } },
    output: ({ context }) => context.answers,
  });
}

/** What the position says and how its answer is read: by hand, as for the floor. */
interface Wording {
  ask(locale: Locale, place: string, answers: Context['answers']): Said;
  read(locale: Locale, place: string, heard: Heard): Value | undefined;
  close(locale: Locale, outcome: Outcome): Said;
}

const npsWording: Wording = {
  ask(locale, place, answers) {
    if (place === 'score') return askScore(locale);
    if (place === 'reason') return askReason(locale, Number(answers.score));
    return place === 'comment' ? askComment(locale, Number(answers.score)) : askContact(locale);
  },
  read(locale, place, heard) {
    if (place === 'score') return readScore(heard);
    if (place === 'reason') return readReason(heard, locale);
    return place === 'comment' ? readComment(heard) : readContact(heard);
  },
  close: closing,
};

const surveyWording: Wording = {
  ask: (locale, place) => askQuestion(locale, Number(place.slice(1))),
  read: (_locale, _place, heard) => readScore(heard),
  close: farewell,
};

/** How a snapshot is kept: as the object it is, or as a text, as it would have to be anywhere but in this process. */
interface Form<K> {
  keep(snapshot: Snapshot<unknown>): K;
  restore(kept: K): Snapshot<unknown>;
}
const asObject: Form<Snapshot<unknown>> = { keep: (one) => one, restore: (one) => one };
const asText: Form<string> = { keep: JSON.stringify, restore: JSON.parse };

export const createActorKeptAsObject = (dialogue: Dialogue, save: Save): Contender =>
  create(dialogue, save, asObject);
export const createActorKeptAsText = (dialogue: Dialogue, save: Save): Contender =>
  create(dialogue, save, asText);

function create<K>(dialogue: Dialogue, save: Save, form: Form<K>): Contender {
  const isNps = dialogue.kind === 'nps';
  const places = isNps
    ? ['score', 'reason', 'comment', 'contact']
    : Array.from({ length: dialogue.questions }, (_, n) => `q${n + 1}`);
  const machine = line(places);
  const { ask, read, close } = isNps ? npsWording : surveyWording;
  const snapshots = new Map<number, K>();
  return {
    kept(contact) {
      const kept = snapshots.get(contact.id);
      return kept === undefined ? undefined : form.restore(kept);
    },
    hear(contact: Contact, heard: Heard): Said {
      const { id, locale } = contact;
      const kept = snapshots.get(id);
      const fresh = kept === undefined || heard.kind === 'start';
      const actor = fresh
        ? createActor(machine)
        : createActor(machine, { snapshot: form.restore(kept) as Snapshot<unknown> & never });
      actor.start();
      const place = String(actor.getSnapshot().value);
      const value = fresh ? undefined : read(locale, place, heard);
      if (value !== undefined) actor.send({ type: 'answer', value });
      const { status, output, context, value: now } = actor.getSnapshot();
      if (status === 'done') {
        const outcome = output as Outcome;
        save(contact, outcome);
        snapshots.delete(id);
        return close(locale, outcome);
      }
      snapshots.set(id, form.keep(actor.getPersistedSnapshot()));
      actor.stop();
      return ask(locale, String(now), context.answers);
    },
  };
}
