// What became of an answer: plain data, shared by every reader of this folder. What a question accepts is a word
// of the field and stands in core; where its fields leave a choice, this folder reads them so: a scale of two
// values also takes thumbs and yes/no, `faces` are pictures of min, min+1, …, the ends of a date's range are
// included and without `max` the latest day is today, lengths of a text are code points.

export type { Expect, Option } from '../../core/expect.ts';

/**
 * Scale and number: a number. Option: its id. Many: ids in the order named. Date: ISO day. Phone: E.164.
 * Narrower than core's, because text never becomes a file.
 */
export type Value = string | number | readonly string[];

export type Why =
  | 'empty'
  | 'not_understood'
  | 'out_of_range'
  | 'too_long'
  | 'too_short'
  | 'ambiguous'
  | 'not_a_date'
  | 'in_the_future'
  | 'not_a_phone'
  | 'not_an_email'
  | 'not_whole';

/** `sure: false` means guessed (a typo, words around that we do not know); `near` is a label or day to offer. */
export type Understood =
  | { readonly ok: true; readonly value: Value; readonly sure: boolean }
  | { readonly ok: false; readonly why: Why; readonly near?: string };

/** The calendar day (YYYY-MM-DD) in the company's zone. */
export interface Today {
  readonly date: string;
}

export const took = (value: Value, sure = true): Understood => ({ ok: true, value, sure });
export const refused = (why: Why, near?: string): Understood =>
  near === undefined ? { ok: false, why } : { ok: false, why, near };
