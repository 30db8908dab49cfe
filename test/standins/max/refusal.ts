// MAX's no, in its own words; with `violation` where only a mistake of the caller can bring it about.
import type { Json } from './world.ts';

export class Refusal extends Error {
  readonly status: number;
  readonly key: string;
  readonly violation: boolean;
  readonly retryAfter: number | undefined;
  constructor(
    status: number,
    key: string,
    message: string,
    more: { violation?: boolean; retryAfter?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.key = key;
    this.violation = more.violation ?? false;
    this.retryAfter = more.retryAfter;
  }
  body(): Json {
    return { code: this.key, message: this.message };
  }
}

export const wrong = (message: string): Refusal =>
  new Refusal(400, 'proto.payload', message, { violation: true });
export const suspended = (): Refusal => new Refusal(403, 'chat.denied', 'error.dialog.suspended');
export const unknownDialogue = (user: number): Refusal =>
  new Refusal(404, 'chat.not.found', `Chat with user ${user} not found`);
export const unknownMessage = (): Refusal => new Refusal(404, 'not.found', 'Message not found');
export const tooMany = (retryAfter?: number): Refusal =>
  new Refusal(429, 'too.many.requests', 'Too many requests', retryAfter === undefined ? {} : { retryAfter });
