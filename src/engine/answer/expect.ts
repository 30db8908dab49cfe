// What a question accepts, and what became of an answer: plain data, shared by every reader of this folder.
// Knows no channel and no flow.

export interface Option {
  readonly id: string;
  /** In every language we hold, as shown to people; emoji allowed. */
  readonly labels: readonly string[];
}

/** `numbered`: the channel showed 1…n, so a bare number means the option at that place. */
export type Expect =
  /** `faces`: pictures of min, min+1, …; a scale of two values also takes thumbs and yes/no. */
  | { readonly kind: 'scale'; readonly min: number; readonly max: number; readonly faces?: readonly string[] }
  | { readonly kind: 'options'; readonly options: readonly Option[]; readonly numbered: boolean }
  | { readonly kind: 'many'; readonly options: readonly Option[]; readonly numbered: boolean }
  | { readonly kind: 'number'; readonly min?: number; readonly max?: number; readonly integer?: boolean }
  /** ISO days, both ends included; without `max` the latest day is today. */
  | { readonly kind: 'date'; readonly min?: string; readonly max?: string }
  /** ISO 3166 code of the country whose national form is understood. */
  | { readonly kind: 'phone'; readonly defaultCountry: string }
  | { readonly kind: 'email' }
  /** Lengths in characters as people count them (code points). */
  | { readonly kind: 'text'; readonly min?: number; readonly max?: number };

/** Scale and number: a number. Option: its id. Many: ids in the order named. Date: ISO day. Phone: E.164. */
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
