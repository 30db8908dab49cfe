// What a question accepts and what an answer can be: the words between a node and the reading of human answers.
import type { Attachment, AttachmentKind } from './message.ts';

export interface Option {
  readonly id: string;
  /** In every language we hold, so that a person may answer in another one than the talk's. */
  readonly labels: readonly string[];
}

/** What the question accepts from text. */
export type Expect =
  | { readonly kind: 'scale'; readonly min: number; readonly max: number; readonly faces?: readonly string[] }
  | {
      readonly kind: 'options';
      readonly options: readonly Option[] /** The channel shows 1..n: a bare number means the option. */;
      readonly numbered: boolean;
    }
  | { readonly kind: 'many'; readonly options: readonly Option[]; readonly numbered: boolean }
  | { readonly kind: 'number'; readonly min?: number; readonly max?: number; readonly integer?: boolean }
  | { readonly kind: 'date'; readonly min?: string; readonly max?: string }
  | { readonly kind: 'phone'; readonly defaultCountry: string }
  | { readonly kind: 'email' }
  | { readonly kind: 'text'; readonly min?: number; readonly max?: number };

/** A question that takes files; text beside them is kept as their caption. */
export interface ExpectFiles {
  readonly kind: 'files';
  readonly accept: readonly AttachmentKind[];
  readonly max: number;
}

/** An answer as kept: a score, text, chosen option ids, or files. */
export type Value = number | string | readonly string[] | readonly Attachment[];
