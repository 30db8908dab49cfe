// What a customer's text means to the question asked: the one way from words to a value. Pure; the day is an
// argument. Cheap exact forms are tried first, because nearly every answer is one of them.
import { amount } from './amount.ts';
import { date } from './date.ts';
import { email } from './email.ts';
import { type Expect, refused, type Today, took, type Understood } from './expect.ts';
import { many } from './many.ts';
import { option } from './option.ts';
import { phone } from './phone.ts';
import { score } from './score.ts';
import type { Words } from './words.ts';

/** The longest message a messenger carries whole; nothing longer is searched for an answer. */
const LONGEST = 4096;

export function understand(text: string, expect: Expect, words: Words, today: Today): Understood {
  if (expect.kind === 'text') return written(text, expect);
  if (text.length > LONGEST) return refused('too_long');
  if (isBlank(text)) return refused('empty');
  switch (expect.kind) {
    case 'scale':
      return score(text, expect, words);
    case 'options':
      return option(text, expect, words);
    case 'many':
      return many(text, expect, words);
    case 'number':
      return amount(text, expect, words);
    case 'date':
      return date(text, expect, words, today);
    case 'phone':
      return phone(text, expect);
    case 'email':
      return email(text);
  }
}

function written(text: string, { min, max }: Extract<Expect, { kind: 'text' }>): Understood {
  const trimmed = text.trim();
  if (trimmed === '') return refused('empty');
  if (min !== undefined && !reaches(trimmed, min)) return refused('too_short');
  if (max !== undefined && reaches(trimmed, max + 1)) return refused('too_long');
  return took(trimmed);
}

/** Whether a text has at least so many characters; stops counting there. */
function reaches(text: string, wanted: number): boolean {
  if (text.length < wanted) return false;
  if (text.length >= wanted * 2) return true;
  let count = 0;
  for (const _ of text) if (++count >= wanted) return true;
  return wanted <= 0;
}

/** Looks at the first character of a real answer and no further; allocates nothing. */
function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  return !(first > 32 && first < 128) && text.trim() === '';
}
