// Reads a calendar day: relative words, 12.03, 12.03.2026, 12 марта, last Friday; the past is preferred.
// Never makes a day out of what is not one («на прошлой неделе», "March", 12:30): that is asked again.
import { createRequire } from 'node:module';
import type { ParsedResult } from 'chrono-node';
import { dayAfter, dayOf, weekdayOf } from './day.ts';
import { type Expect, refused, type Today, took, type Understood } from './expect.ts';
import { fold, level } from './fold.ts';
import type { Words } from './words.ts';

type DateExpect = Extract<Expect, { kind: 'date' }>;
type Parse = typeof import('chrono-node/ru')['parse'];

/** chrono's patterns are not ours to trust with long input, and a day needs no more. */
const LONGEST = 120;
const YEARS = 8;
/** chrono-node's language folders that read days; a language without one still has its own word lists. */
const CHRONO = ['ru', 'en', 'de', 'es', 'fi', 'fr', 'it', 'ja', 'nl', 'pt', 'sv', 'uk', 'vi', 'zh'];
/** Loaded at the first day put in words: it costs a start some 50 ms and 12 MB that most talks never need. */
const load = createRequire(import.meta.url);

interface Found {
  readonly day: string | undefined;
  readonly sure: boolean;
}

export function date(text: string, expect: DateExpect, words: Words, today: Today): Understood {
  const trimmed = text.trim();
  if (trimmed.length > LONGEST) return refused('not_a_date');
  const whole = numeric(trimmed, expect, today);
  if (whole !== undefined) return within(whole, expect, today);
  const key = fold(trimmed);
  const off = words.days.get(key);
  if (off !== undefined) return within({ day: dayAfter(today.date, off), sure: true }, expect, today);
  const around = ` ${key} `;
  for (const phrase of words.vague) if (around.includes(` ${phrase} `)) return refused('ambiguous');
  return numericInside(trimmed, expect, words, today) ?? inWords(trimmed, expect, words, today);
}

/** DD.MM, DD.MM.YY, DD.MM.YYYY, YYYY-MM-DD as a whole; nothing when it is none of these. */
function numeric(text: string, expect: DateExpect, today: Today): Found | undefined {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/u.exec(text);
  if (iso !== null) return { day: dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3])), sure: true };
  const match = /^(\d{1,2})([./, -])(\d{1,2})(?:\2(\d{4}|\d{2})\.?)?$/u.exec(text);
  if (match === null) return undefined;
  const [first, second, year] = [Number(match[1]), Number(match[3]), match[4]];
  const read = (date: number, month: number) =>
    year === undefined
      ? yearless(month, date, expect, today)
      : dayOf(year.length === 4 ? Number(year) : century(Number(year), expect, today), month, date);
  const day = read(first, second);
  if (match[2] !== '/' || first === second) return { day, sure: true };
  // With slashes America puts the month first: told by a number above 12 or by the range, else only a guess.
  const american = read(second, first);
  if (american === undefined) return { day, sure: true };
  if (day === undefined) return { day: american, sure: true };
  return {
    day: inside(day, expect, today) || !inside(american, expect, today) ? day : american,
    sure: false,
  };
}

function century(short: number, expect: DateExpect, today: Today): number {
  const latest = Math.max(...[latestDay(expect, today), today.date].map((day) => Number(day.slice(0, 4))));
  return 2000 + short <= latest ? 2000 + short : 1900 + short;
}

/** The latest such day that is not after today; a coming one only where the question allows no past one. */
function yearless(month: number, date: number, expect: DateExpect, today: Today): string | undefined {
  const now = Number(today.date.slice(0, 4));
  const years = (step: 1 | -1) =>
    Array.from({ length: YEARS + 1 }, (_, away) => dayOf(now + step * away, month, date));
  const past = years(-1).find((day) => day !== undefined && day <= today.date);
  if (past !== undefined && inside(past, expect, today)) return past;
  return years(1).find((day) => day !== undefined && day > today.date && inside(day, expect, today)) ?? past;
}

/** One numeric day among words: «заказ 12.03 вечером». */
function numericInside(text: string, expect: DateExpect, words: Words, today: Today): Understood | undefined {
  const found: Found[] = [];
  const rest: string[] = [];
  for (const piece of level(text).split(/[\s,;()]+/u)) {
    const day = piece.length >= 4 ? numeric(piece.replace(/[.!?]+$/u, ''), expect, today) : undefined;
    if (day?.day === undefined) rest.push(piece);
    else found.push(day);
  }
  const [first] = found;
  if (first === undefined) return undefined;
  if (found.some((one) => one.day !== first.day)) return refused('ambiguous');
  return among(first, rest.join(' '), expect, words, today);
}

function inWords(text: string, expect: DateExpect, words: Words, today: Today): Understood {
  const plain = level(text).replace(/(\d{1,4})-?(\p{L}+)/gu, (all, digits: string, ending: string) =>
    words.suffixes.has(ending) ? digits : all,
  );
  const best = parsed(plain, words, today);
  const [result] = best;
  if (result === undefined) return refused('not_a_date');
  if (best.length > 1 || result.end) return refused('ambiguous');
  const rest = `${plain.slice(0, result.index)} ${plain.slice(result.index + result.text.length)}`;
  const found = resolved(result, expect, words, today);
  if (found === undefined) return refused(result.start.isCertain('hour') ? 'not_a_date' : 'ambiguous');
  return among(found, rest, expect, words, today);
}

/** What the language that understood most of the text made of it. */
function parsed(text: string, words: Words, today: Today): readonly ParsedResult[] {
  const reference = { instant: new Date(`${today.date}T12:00:00Z`), timezone: 0 };
  let best: readonly ParsedResult[] = [];
  let most = 0;
  for (const language of words.known) {
    if (!CHRONO.includes(language)) continue;
    const { parse } = load(`chrono-node/${language}`) as { readonly parse: Parse };
    const results = parse(text, reference);
    const covered = results.reduce((sum, result) => sum + result.text.length, 0);
    if (covered > most) [best, most] = [results, covered];
    // All is understood: another language's tables need not be loaded.
    if (covered >= text.trim().length) break;
  }
  return best;
}

function resolved(
  { start, text }: ParsedResult,
  expect: DateExpect,
  words: Words,
  today: Today,
): Found | undefined {
  const [year, month, date] = [start.get('year'), start.get('month'), start.get('day')];
  if (year === null || month === null || date === null) return undefined;
  if (start.isCertain('day')) {
    const known = start.isCertain('year');
    return { day: known ? dayOf(year, month, date) : yearless(month, date, expect, today), sure: true };
  }
  const weekday = start.get('weekday');
  if (!start.isCertain('weekday') || weekday === null) return undefined;
  const spoken = fold(text).split(' ');
  if (spoken.some((word) => words.next.has(word))) return { day: dayOf(year, month, date), sure: true };
  const back = (weekdayOf(today.date) - weekday + 7) % 7 || 7;
  const past = dayAfter(today.date, -back);
  if (spoken.some((word) => words.last.has(word))) {
    // «в прошлую пятницу» said on Saturday may be yesterday or the week before.
    return { day: past, sure: back >= ((weekdayOf(today.date) + 6) % 7) + 1 };
  }
  if (inside(past, expect, today)) return { day: past, sure: back < 7 };
  return { day: dayAfter(past, 7), sure: true };
}

/** The words around a day may make it another one («до», «не», a second number) or only doubtful. */
function among(found: Found, rest: string, expect: DateExpect, words: Words, today: Today): Understood {
  const others = fold(rest.replace(/\b\d{1,2}:\d{2}\b/gu, ' '))
    .split(' ')
    .filter(Boolean);
  if (others.some((word) => words.not.has(word))) return refused('not_a_date');
  if (others.some((word) => words.bounds.has(word) || words.numbers.has(word) || /\d/u.test(word))) {
    return refused('ambiguous');
  }
  const strange = others.some((word) => !words.dating.has(word) && !words.around.has(word));
  return within({ day: found.day, sure: found.sure && !strange }, expect, today);
}

const latestDay = (expect: DateExpect, today: Today): string => expect.max ?? today.date;

const inside = (day: string, expect: DateExpect, today: Today): boolean =>
  day <= latestDay(expect, today) && (expect.min === undefined || day >= expect.min);

function within({ day, sure }: Found, expect: DateExpect, today: Today): Understood {
  if (day === undefined) return refused('not_a_date');
  if (inside(day, expect, today)) return took(day, sure);
  const future = day > today.date && latestDay(expect, today) <= today.date;
  return refused(future ? 'in_the_future' : 'out_of_range', day);
}
