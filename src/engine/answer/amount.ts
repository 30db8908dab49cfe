// Reads a quantity: fractions, thousands, a unit beside it. Refuses what two countries write differently
// («1,500») rather than guess.
import { type Expect, refused, took, type Understood } from './expect.ts';
import { bareDigits } from './fold.ts';
import { mentions } from './mentions.ts';
import type { Words } from './words.ts';

type Amount = Extract<Expect, { kind: 'number' }>;

const SHORT = 6;
/** Beyond it digits are lost in a double. */
const DIGITS = 15;
const GROUPED = /(?<![\d.,])\d{1,3}(?:[ \u{A0}\u{202F}\u{2009}]\d{3})+(?![\d])/gu;

export function amount(text: string, expect: Amount, words: Words): Understood {
  const bare = bareDigits(text);
  return bare >= 0 ? within(bare, true, expect) : amountInWords(text, expect, words);
}

function amountInWords(text: string, expect: Amount, words: Words): Understood {
  const all = mentions(
    text.replace(GROUPED, (group) => group.replace(/\D/gu, '')),
    words,
  );
  const first = all.found[0];
  if (first === undefined || all.odd || all.big || all.negated || all.found.length > 3) {
    return refused('not_understood');
  }
  const one = (other: (typeof all.found)[number]) =>
    other.value === first.value && other.negative === first.negative && other.outOf === undefined;
  if (all.bounded || all.shaky || !all.found.every(one)) return refused('ambiguous');
  const digits = first.digits ?? '';
  if (all.count > SHORT || digits.length > DIGITS || (first.weak && all.strange.length > 0)) {
    return refused('not_understood');
  }
  if (all.half) return refused(expect.integer === true ? 'not_whole' : 'not_understood');
  if (first.fraction === 3 && !digits.startsWith('0') && digits.length <= 7) return refused('ambiguous');
  return within(first.negative ? 0 - first.value : first.value, all.strange.length === 0, expect);
}

function within(value: number, sure: boolean, expect: Amount): Understood {
  if (expect.integer === true && !Number.isInteger(value)) return refused('not_whole');
  if (expect.min !== undefined && value < expect.min) return refused('out_of_range');
  if (expect.max !== undefined && value > expect.max) return refused('out_of_range');
  return took(value, sure);
}
