// The person behind several contacts. They are joined by a code that was shown in one chat and typed in another, and by
// nothing else.

/** A contact among those joined with it. */
export interface Member {
  readonly contact: string;
  /** The registry name of its channel. */
  readonly channel: string;
}

/** What became of a code: `used` by somebody before; `both`: each of the two chats is joined with others already. */
export const JOIN_OUTCOMES = ['joined', 'wrong', 'expired', 'used', 'own', 'already', 'both'] as const;
export type JoinOutcome = (typeof JOIN_OUTCOMES)[number];

/** What became of a wish to be parted; `left`: another contact went its own way. */
export type PartOutcome = 'parted' | 'left' | 'alone';
