// Finds every number a short message speaks of, and everything around it that could make it not the answer:
// a sign, a denominator, «не», a unit, a date, a telephone. Decides nothing; one pass, one token at a time.
import { level } from './fold.ts';
import type { Words } from './words.ts';

export interface Mention {
  readonly value: number;
  readonly negative: boolean;
  /** Digits after the point; 0 for a whole number or a word. */
  readonly fraction: number;
  /** Written with digits, as typed; absence means a word. */
  readonly digits?: string;
  /** «один», "one": also an everyday word, so it counts only among words about a score. */
  readonly weak: boolean;
  outOf?: number;
}

export interface Mentions {
  readonly found: Mention[];
  /** Words that are part of nothing known. */
  readonly strange: string[];
  /** All words and numbers of the message. */
  count: number;
  /** A date, a time, a telephone, digits grown together with letters. */
  odd: boolean;
  /** A per cent or currency sign, or a counted thing («минут», "days"). */
  unit: boolean;
  /** «тысяч», "hundred": quantities we do not compose. */
  big: boolean;
  negated: boolean;
  half: boolean;
  /** «больше», "up to", or a dash between two numbers. */
  bounded: boolean;
  /** «5-»: a school mark with a minus. */
  shaky: boolean;
}

const TOKEN = new RegExp(
  [
    '(?<digits>\\d+(?:[.,]\\d+)*)',
    '(?<word>\\p{L}[\\p{L}\\p{M}]*)',
    '(?<dash>[\\p{Pd}−⁻₋➖˗])',
    '(?<slash>[/\\\\／⁄∕])',
    '(?<half>[¼-¾⅐-⅞])',
    '(?<odd>[\\p{N}\\p{M}_@±∓])',
    '(?<unit>[%‰₽$€£])',
    '(?<other>\\S)',
  ].join('|'),
  'gu',
);
type Kind = 'digits' | 'word' | 'dash' | 'slash' | 'half' | 'odd' | 'unit' | 'other';
interface Token {
  readonly kind: Kind;
  readonly text: string;
  /** Nothing stands between it and the token before. */
  readonly glued: boolean;
}

export function mentions(text: string, words: Words): Mentions {
  const tokens = tokenize(level(text));
  const all: Mentions = {
    found: [],
    strange: [],
    count: 0,
    odd: false,
    unit: false,
    big: false,
    negated: false,
    half: false,
    bounded: false,
    shaky: false,
  };
  let minus = false;
  let link = false;
  let linkable = false;
  const take = (mention: Mention) => {
    const last = all.found.at(-1);
    if (link && linkable && last !== undefined) {
      if (last.outOf !== undefined || mention.negative || mention.fraction > 0) all.odd = true;
      last.outOf = mention.value;
    } else {
      if (link) all.bounded = true;
      all.found.push(mention);
    }
    link = false;
    linkable = true;
    minus = false;
  };

  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    const before = tokens[at - 1];
    if (token.kind === 'digits') {
      all.count++;
      const sign = signBefore(tokens, at);
      if (sign === 'range') all.bounded = true;
      if (gluedOdd(tokens, at, words)) all.odd = true;
      const point = token.text.search(/[.,]/u);
      if (point >= 0 && /[.,].*[.,]/u.test(token.text)) all.odd = true;
      take({
        value: Number(token.text.replace(',', '.')),
        negative: minus || sign === 'minus',
        fraction: point < 0 ? 0 : token.text.length - point - 1,
        digits: token.text,
        weak: false,
      });
      at = skipSuffix(tokens, at, words);
      if (trailingMinus(tokens, at)) all.shaky = true;
    } else if (token.kind === 'word') {
      all.count++;
      const value = words.numbers.get(token.text);
      if (value !== undefined) {
        const unit = unitAfter(tokens, at, value, words);
        const sign = signBefore(tokens, at);
        if (sign === 'range') all.bounded = true;
        const weak = words.weak.has(token.text);
        take({ value: value + (unit?.value ?? 0), negative: minus || sign === 'minus', fraction: 0, weak });
        at = unit?.at ?? at;
      } else if (words.outOf.has(token.text)) link = true;
      else if (words.minus.has(token.text)) minus = true;
      else {
        if (words.not.has(token.text)) all.negated = true;
        else if (words.half.has(token.text)) all.half = true;
        else if (words.bounds.has(token.text)) all.bounded = true;
        else if (words.big.has(token.text)) all.big = true;
        else if (words.counted.has(token.text)) all.unit = true;
        else if (!words.around.has(token.text)) {
          all.strange.push(token.text);
          linkable = false;
        }
      }
    } else if (token.kind === 'slash') {
      // A slash means "out of" only right after a number: "and/or 9" is plain.
      if (before?.kind === 'digits' || (before?.kind === 'word' && words.numbers.has(before.text)))
        link = true;
    } else if (token.kind === 'half') all.half = true;
    else if (token.kind === 'odd') all.odd = true;
    else if (token.kind === 'unit') all.unit = true;
  }
  return all;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const kind = Object.keys(match.groups ?? {}).find((name) => match.groups?.[name] !== undefined) as Kind;
    tokens.push({ kind, text: match[0], glued: tokens.length > 0 && match.index === end });
    end = match.index + match[0].length;
  }
  return tokens;
}

/** «-5», "-(5)" and a leading «- 5» are negative, «9-10» and «9 - 10» a range, «оценка - 5» is neither. */
function signBefore(tokens: readonly Token[], at: number): 'minus' | 'range' | undefined {
  let first = at;
  while (tokens[first]?.glued === true && isSign(tokens[first - 1])) first--;
  const dash = tokens[first - 1];
  if (dash?.kind !== 'dash') return undefined;
  const earlier = tokens[first - 2];
  if (earlier?.kind === 'digits') return 'range';
  // Words join by a dash: «твёрдая-девятка», «девять-десять» (two numbers, told apart later).
  if (tokens[at]?.kind === 'word' && earlier?.kind === 'word') return undefined;
  return tokens[first]?.glued === true || earlier?.kind !== 'word' ? 'minus' : undefined;
}

/** A bracket, a quote, a currency sign: what may stand between a minus and its number. */
const isSign = (token: Token | undefined): boolean => token?.kind === 'other' || token?.kind === 'unit';

/** Digits that touch a letter, a colon and more digits, or a lone point before: part of something else. */
function gluedOdd(tokens: readonly Token[], at: number, words: Words): boolean {
  const before = tokens[at - 1];
  const glued = tokens[at]?.glued === true;
  if (glued && before?.kind === 'word' && !words.outOf.has(before.text)) return true;
  if (glued && (before?.text === ':' || before?.text === '+') && tokens[at - 2]?.kind === 'digits')
    return true;
  if (glued && (before?.text === '.' || before?.text === ',')) {
    // «Хорошо.5» and «...5» are sentences, ".5" and "-.5" are fractions.
    const earlier = tokens[at - 2];
    if (!before.glued || (earlier?.kind !== 'word' && earlier?.text !== '.')) return true;
  }
  const after = tokens[at + 1];
  if (after?.glued !== true) return false;
  if (after.kind === 'word') return !mayTouch(after.text, words);
  if (after.kind === 'dash') {
    const second = tokens[at + 2];
    if (second?.glued !== true) return false;
    return second.kind === 'word' && !mayTouch(second.text, words);
  }
  return after.text === ':' && tokens[at + 2]?.kind === 'digits' && tokens[at + 2]?.glued === true;
}

const mayTouch = (word: string, words: Words): boolean =>
  words.suffixes.has(word) ||
  words.outOf.has(word) ||
  words.around.has(word) ||
  words.counted.has(word) ||
  words.big.has(word);

/** «10-ка», «5ти», "9th": the ending belongs to the number. */
function skipSuffix(tokens: readonly Token[], at: number, words: Words): number {
  const dashed = tokens[at + 1]?.kind === 'dash' ? 1 : 0;
  const ending = tokens[at + 1 + dashed];
  const glued = ending?.glued === true && (dashed === 0 || tokens[at + 1]?.glued === true);
  return glued && ending.kind === 'word' && words.suffixes.has(ending.text) ? at + 1 + dashed : at;
}

function trailingMinus(tokens: readonly Token[], at: number): boolean {
  const dash = tokens[at + 1];
  return dash?.kind === 'dash' && dash.glued && tokens[at + 2]?.glued !== true;
}

/** «двадцать пять», "twenty-five": the unit that completes a ten. */
function unitAfter(
  tokens: readonly Token[],
  at: number,
  ten: number,
  words: Words,
): { readonly value: number; readonly at: number } | undefined {
  if (ten < 20 || ten > 90 || ten % 10 !== 0) return undefined;
  const next = tokens[at + 1]?.kind === 'dash' ? at + 2 : at + 1;
  const word = tokens[next];
  const value = word?.kind === 'word' ? words.numbers.get(word.text) : undefined;
  return value !== undefined && value >= 1 && value <= 9 ? { value, at: next } : undefined;
}
