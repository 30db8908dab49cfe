// What is played: the NPS dialogue and the survey of n questions, with the words, the answers people give and what must
// have been saved at the end. Knows no contender; every one of them says these words and gets these answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export type Locale = 'ru' | 'en';
export type Wording = Readonly<Record<Locale, string>>;

export interface Contact {
  readonly id: number;
  readonly locale: Locale;
}

/** What reaches a contender. */
export type Heard =
  | { readonly kind: 'start' }
  | { readonly kind: 'press'; readonly button: string }
  | { readonly kind: 'text'; readonly text: string };

export interface Button {
  readonly id: string;
  readonly label: string;
}

/** The last thing a contender said to the message it heard. */
export interface Said {
  readonly text: string;
  readonly buttons: readonly Button[];
}

export type Outcome = Readonly<Record<string, string | number | boolean>>;

/** A press of the button at that place, or words. */
export type Step = { readonly press: number } | { readonly type: string };

/** One person's way through. */
export interface Script {
  readonly locale: Locale;
  readonly steps: readonly Step[];
  readonly outcome: Outcome;
}

export interface Dialogue {
  readonly name: string;
  readonly kind: 'nps' | 'survey';
  /** How many answers are given. */
  readonly questions: number;
  readonly scripts: readonly Script[];
  /** The flows' sources by path, for the one contender that plays files. */
  readonly sources: Readonly<Record<string, string>>;
}

/** What a contender must be able to do to take part. */
export interface Contender {
  hear(contact: Contact, heard: Heard): Said | Promise<Said>;
  /** What it keeps for the contact between two messages; undefined: nothing. */
  kept(contact: Contact): unknown;
}
export type Save = (contact: Contact, outcome: Outcome) => void;
export type MakeContender = (dialogue: Dialogue, save: Save) => Contender;

const FOLDER = join(import.meta.dirname, 'flows');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const NPS = read('nps.yaml');
const MENU = read('menu.yaml');

interface NpsNodes {
  readonly score: { readonly text: Wording };
  readonly why_unhappy: { readonly text: Wording; readonly options: Readonly<Record<string, Wording>> };
  readonly why_happy: { readonly text: Wording; readonly options: Readonly<Record<string, Wording>> };
  readonly comment: { readonly text: Wording };
  readonly may_contact: { readonly text: Wording; readonly options: Readonly<Record<string, Wording>> };
  readonly sorry: { readonly end: Wording };
  readonly bye: { readonly end: Wording };
}

/** The words of the NPS dialogue, for those who keep them in their code: the very words of the file. */
export const WORDS: NpsNodes = parse(NPS).nodes;
export const SCORES: readonly string[] = Array.from({ length: 11 }, (_, score) => String(score));

export const questionOf = (n: number): Wording => ({
  ru: `Вопрос ${n}: насколько вы согласны?`,
  en: `Question ${n}: how far do you agree?`,
});
export const FAREWELL: Wording = { ru: 'Спасибо, это всё!', en: 'Thank you, that was all!' };

const npsScripts: readonly Script[] = [
  {
    locale: 'ru',
    steps: [{ press: 10 }, { press: 1 }, { type: 'Всё пришло вовремя, спасибо' }, { press: 0 }],
    outcome: { score: 10, reason: 'quality', comment: 'Всё пришло вовремя, спасибо', contact: true },
  },
  {
    locale: 'ru',
    steps: [{ type: 'девять' }, { type: 'Цена' }, { type: 'Дешевле, чем у соседей' }, { press: 1 }],
    outcome: { score: 9, reason: 'price', comment: 'Дешевле, чем у соседей', contact: false },
  },
  {
    locale: 'en',
    steps: [{ press: 3 }, { press: 0 }, { type: 'It came a week late' }, { press: 0 }],
    outcome: { score: 3, reason: 'delivery', comment: 'It came a week late', contact: true },
  },
  {
    locale: 'ru',
    steps: [
      { type: '10 из 10' },
      { type: 'курьер позвонил заранее' },
      { type: 'Так держать' },
      { type: 'да' },
    ],
    outcome: { score: 10, reason: 'курьер позвонил заранее', comment: 'Так держать', contact: true },
  },
];

export function nps(): Dialogue {
  return {
    name: 'NPS',
    kind: 'nps',
    questions: 4,
    scripts: npsScripts,
    sources: { 'flows/menu.yaml': MENU, 'flows/nps.yaml': NPS, 'flows/survey.yaml': surveySource(1) },
  };
}

/** The same dialogue in a file of ten times as many nodes, all of which can be reached. */
export function bigNps(): Dialogue {
  const before = NPS.split(/^ {2}\w+:/m).length - 1;
  const more = Array.from({ length: before * 9 }, (_, n) =>
    JSON.stringify({ rate: 'nps', text: questionOf(n + 1) }),
  );
  const last = more.length;
  const nodes = more.map(
    (node, n) => `  more_${n + 1}: ${n + 1 < last ? node : node.replace(/\}$/, ',"go":"comment"}')}`,
  );
  const source = `${NPS.replace('{ else: bye }', '{ else: more_1 }')}${nodes.join('\n')}\n`;
  const dialogue = nps();
  return { ...dialogue, name: 'NPS, flow × 10', sources: { ...dialogue.sources, 'flows/nps.yaml': source } };
}

function surveySource(questions: number): string {
  const nodes = Array.from(
    { length: questions },
    (_, n) => `  q${n + 1}: ${JSON.stringify({ rate: 'nps', text: questionOf(n + 1) })}`,
  );
  return `flow: survey
start: { commands: [survey] }
response: { metric: nps, touchpoint: relationship, score: q1 }
nodes:
${nodes.join('\n')}
  fin: { end: ${JSON.stringify(FAREWELL)} }
`;
}

export function survey(questions: number): Dialogue {
  const script = (locale: Locale, shift: number): Script => {
    const scores = Array.from({ length: questions }, (_, n) => (n * 7 + shift) % 11);
    return {
      locale,
      // Every fourth answer is typed.
      steps: scores.map((score, n) => (n % 4 === 3 ? { type: String(score) } : { press: score })),
      outcome: Object.fromEntries(scores.map((score, n) => [`q${n + 1}`, score])),
    };
  };
  return {
    name: `survey of ${questions}`,
    kind: 'survey',
    questions,
    scripts: [script('ru', 3), script('en', 8)],
    sources: {
      'flows/menu.yaml': MENU,
      'flows/nps.yaml': NPS,
      'flows/survey.yaml': surveySource(questions),
    },
  };
}
