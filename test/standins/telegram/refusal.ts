// How the stand-in says no: Telegram's own codes and sentences. It must never invent a milder answer than
// Telegram's: a caller is tested against these words.

export interface RefusalParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

/** A call that can only come from a mistake in the calling program. */
export type ViolationKind =
  | 'unknown-method'
  | 'unknown-parameter'
  | 'missing-parameter'
  | 'wrong-type'
  | 'too-long'
  | 'bad-markup'
  | 'webhook-reply';

export interface Violation {
  readonly kind: ViolationKind;
  readonly method: string;
  readonly detail: string;
}

export class Refusal extends Error {
  readonly code: number;
  readonly parameters: RefusalParameters | undefined;
  readonly violation: ViolationKind | undefined;

  constructor(
    code: number,
    description: string,
    more: { parameters?: RefusalParameters; violation?: ViolationKind } = {},
  ) {
    super(description);
    this.name = 'Refusal';
    this.code = code;
    this.parameters = more.parameters;
    this.violation = more.violation;
  }
}

export const bad = (text: string, violation?: ViolationKind): Refusal =>
  new Refusal(400, `Bad Request: ${text}`, violation === undefined ? {} : { violation });

export const forbidden = (text: string): Refusal => new Refusal(403, `Forbidden: ${text}`);

export const conflict = (text: string): Refusal => new Refusal(409, `Conflict: ${text}`);

export const tooMany = (seconds: number): Refusal =>
  new Refusal(429, `Too Many Requests: retry after ${seconds}`, { parameters: { retry_after: seconds } });

export const migrated = (to: number): Refusal =>
  new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
    parameters: { migrate_to_chat_id: to },
  });

export const otherPoller = (): Refusal =>
  conflict('terminated by other getUpdates request; make sure that only one bot instance is running');
