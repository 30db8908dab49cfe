// A refusal with a stable code, as every JSON answer of ours carries it. The sentence is for developers:
// pages choose their own words by the code.
export class Refusal extends Error {
  readonly code: string;
  readonly statusCode: number;
  /** Seconds. */
  readonly retryAfter: number | undefined;
  constructor(statusCode: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.statusCode = statusCode;
    this.retryAfter = retryAfter;
  }
}
