// What a developer writes by hand around a library that keeps only positions: the words said and the answers read.
// Shared by the contenders that have neither texts nor an understanding of answers of their own; it reads exactly the
// typed answers that the scripts give, which costs next to nothing and is therefore in their favour.
import {
  type Button,
  FAREWELL,
  type Heard,
  type Locale,
  type Outcome,
  questionOf,
  type Said,
  SCORES,
  WORDS,
} from './dialogue.ts';

const scoreButtons: readonly Button[] = SCORES.map((label) => ({ id: `s${label}`, label }));
const TYPED: Readonly<Record<string, number>> = { девять: 9, '10 из 10': 10 };
const YES: Readonly<Record<string, boolean>> = { да: true, yes: true, нет: false, no: false };

export function askScore(locale: Locale): Said {
  return { text: WORDS.score.text[locale], buttons: scoreButtons };
}

export function askQuestion(locale: Locale, n: number): Said {
  return { text: questionOf(n)[locale], buttons: scoreButtons };
}

export function askReason(locale: Locale, score: number): Said {
  const { text, options } = score <= 6 ? WORDS.why_unhappy : WORDS.why_happy;
  return {
    text: text[locale],
    buttons: Object.entries(options).map(([id, label]) => ({ id: `r${id}`, label: label[locale] })),
  };
}

export function askComment(locale: Locale, score: number): Said {
  return { text: WORDS.comment.text[locale].replace('{{score}}', String(score)), buttons: [] };
}

export function askContact(locale: Locale): Said {
  const { text, options } = WORDS.may_contact;
  return {
    text: text[locale],
    buttons: Object.entries(options).map(([id, label]) => ({ id: `c${id}`, label: label[locale] })),
  };
}

export function closing(locale: Locale, { score, contact }: Outcome): Said {
  const { end } = Number(score) <= 6 && contact === true ? WORDS.sorry : WORDS.bye;
  return { text: end[locale], buttons: [] };
}

export const farewell = (locale: Locale): Said => ({ text: FAREWELL[locale], buttons: [] });

export function readScore(heard: Heard): number | undefined {
  if (heard.kind === 'start') return undefined;
  if (heard.kind === 'press') return heard.button.startsWith('s') ? Number(heard.button.slice(1)) : undefined;
  const typed = TYPED[heard.text] ?? Number(heard.text);
  return Number.isInteger(typed) && typed >= 0 && typed <= 10 ? typed : undefined;
}

export function readReason(heard: Heard, locale: Locale): string | undefined {
  if (heard.kind === 'start') return undefined;
  if (heard.kind === 'press') return heard.button.startsWith('r') ? heard.button.slice(1) : undefined;
  for (const [id, label] of Object.entries(WORDS.why_happy.options))
    if (label[locale] === heard.text) return id;
  return heard.text;
}

export const readComment = (heard: Heard): string | undefined =>
  heard.kind === 'text' && heard.text !== '' ? heard.text : undefined;

export function readContact(heard: Heard): boolean | undefined {
  if (heard.kind === 'start') return undefined;
  if (heard.kind === 'press') return heard.button.startsWith('c') ? heard.button === 'cyes' : undefined;
  return YES[heard.text.toLowerCase()];
}
