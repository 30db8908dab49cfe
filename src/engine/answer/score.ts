// Reads a score on a scale: digits, words, "9 out of 10", stars, faces, thumbs. A number that is signed, cut,
// bounded, doubled or about something else is never a score.
import { type Expect, refused, took, type Understood } from './expect.ts';
import { bareDigits, fold, pictures } from './fold.ts';
import { type Mentions, mentions } from './mentions.ts';
import type { Words } from './words.ts';

type Scale = Extract<Expect, { kind: 'scale' }>;

/** A longer sentence with a number in it is a story, not a score. */
const SHORT = 6;
const FULL_STAR = /[⭐🌟★✭]/gu;
const HOLLOW_STAR = /[☆✩]/u;
/** People answer three faces with the nearest face of their own keyboard. */
const MOODS = ['😞☹🙁😟😔😢😭😠😡🤬', '😐😑😶', '🙂😊😀😃😄😁😆😍🥰☺'] as const;
export const THUMB_UP = '👍';
export const THUMB_DOWN = '👎';
const PLAIN: readonly Understood[] = Array.from({ length: 11 }, (_, value) => Object.freeze(took(value)));

export function score(text: string, scale: Scale, words: Words): Understood {
  const bare = bareDigits(text);
  const value = bare >= 0 ? bare : words.numbers.get(text);
  if (value === undefined) return scoreInWords(text, scale, words);
  if (value < scale.min || value > scale.max) return refused('out_of_range');
  return PLAIN[value] ?? took(value);
}

function scoreInWords(text: string, scale: Scale, words: Words): Understood {
  const all = mentions(text, words);
  if (all.found.length === 0) return all.half ? refused('not_whole') : pictured(text, all, scale, words);
  const stars = filled(text);
  if (stars > 1 && all.found.some((one) => one.value !== stars)) return refused('ambiguous');
  return judged(all, scale);
}

/** One number out of a short message, or why not. Shared with numbered options, whose scale is 1…n. */
export function judged(all: Mentions, scale: { readonly min: number; readonly max: number }): Understood {
  const first = all.found[0];
  if (first === undefined || all.odd || all.big || all.found.length > 3) return refused('not_understood');
  if (all.found.some((one) => one.negative)) return refused('out_of_range');
  if (all.negated) return refused('not_understood');
  if (all.bounded || all.found.some((one) => one.value !== first.value)) return refused('ambiguous');
  const outOf = all.found.find((one) => one.outOf !== undefined)?.outOf;
  if (outOf !== undefined && outOf !== scale.max) return refused('ambiguous');
  if (all.half || !Number.isInteger(first.value)) return refused('not_whole');
  const typed = first.digits ?? '';
  if (all.unit || all.count > SHORT || first.fraction > 1 || typed.startsWith('00')) {
    return refused('not_understood');
  }
  if (first.weak && all.strange.length > 0) return refused('not_understood');
  if (first.value < scale.min || first.value > scale.max) return refused('out_of_range');
  const leadingZero = typed.length > 1 && typed.startsWith('0');
  return took(first.value, all.strange.length === 0 && !all.shaky && !leadingZero);
}

function pictured(text: string, all: Mentions, scale: Scale, words: Words): Understood {
  const two = scale.max - scale.min === 1;
  if (two) {
    const key = fold(text) || text.trim();
    if (words.yes.has(key)) return took(scale.max);
    if (words.no.has(key)) return took(scale.min);
  }
  if (all.odd || all.negated || all.count > SHORT) return refused('not_understood');
  const seen = new Set(pictures(text));
  if (scale.faces !== undefined) {
    const face = faceOf(seen, scale.faces);
    if (face === 'many') return refused('ambiguous');
    if (face !== undefined) return took(scale.min + face);
  }
  const stars = filled(text);
  if (stars > 0 || HOLLOW_STAR.test(text)) {
    if (scale.min !== 1 || scale.max !== 5) return refused('ambiguous');
    return stars >= 1 && stars <= 5 ? took(stars) : refused('out_of_range');
  }
  const up = seen.has(THUMB_UP);
  const down = seen.has(THUMB_DOWN);
  if (up || down) return two && up !== down ? took(up ? scale.max : scale.min) : refused('ambiguous');
  return refused('not_understood');
}

/** The one face of the scale shown in the message: its place, 'many' when there are several, or none. */
function faceOf(seen: ReadonlySet<string>, faces: readonly string[]): number | 'many' | undefined {
  const places = new Set<number>();
  for (const picture of seen) {
    const own = faces.findIndex((face) => pictures(face)[0] === picture);
    const mood = faces.length === MOODS.length ? MOODS.findIndex((group) => group.includes(picture)) : -1;
    if (own >= 0 || mood >= 0) places.add(own >= 0 ? own : mood);
  }
  if (places.size > 1) return 'many';
  return [...places][0];
}

const filled = (text: string): number => text.match(FULL_STAR)?.length ?? 0;
