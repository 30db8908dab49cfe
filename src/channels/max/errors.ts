// The one place where MAX's refusals and a broken network become a DeliveryError. Nothing here may carry the token or
// the words of a message: only codes and MAX's own sentence.
import { DeliveryError, type Verdict } from '../../core/errors.ts';
import { TransportError } from '../../networks/exchange.ts';

/** What MAX answers when it refuses. */
export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Seconds, from the header. */
  readonly retryAfter?: number;
}

/** MAX's no, without what it was said to. */
export class MaxRefusal extends Error {
  readonly code = 'max_refusal';
  readonly status: number;
  readonly key: string;
  constructor(method: string, { status, code, message }: Refused) {
    super(`${method}: ${status} ${code} ${message.slice(0, 200)}`);
    this.name = 'MaxRefusal';
    this.status = status;
    this.key = code;
  }
}

interface Rule {
  readonly status?: number;
  /** Against the code and the sentence, joined. */
  readonly says?: RegExp;
  readonly verdict: Verdict;
  readonly reason: string;
  /** Milliseconds. */
  readonly retryAfter?: number;
  readonly wide?: true;
}

const SOON = 2_000;
const AUTH_PAUSE = 60_000;

/** Of an answer from 400 to 499; the first that fits decides. */
export const RULES: readonly Rule[] = [
  {
    says: /attachment\.not\.ready|not\.processed/i,
    verdict: 'later',
    reason: 'not_ready',
    retryAfter: 1_000,
  },
  { status: 429, verdict: 'later', reason: 'flood', retryAfter: 1_000 },
  { says: /too\.many\.requests/i, verdict: 'later', reason: 'flood', retryAfter: 1_000 },
  { says: /verify\.token/i, verdict: 'later', reason: 'auth', retryAfter: AUTH_PAUSE, wide: true },
  { status: 401, verdict: 'later', reason: 'auth', retryAfter: AUTH_PAUSE, wide: true },
  { status: 405, verdict: 'later', reason: 'conflict', retryAfter: SOON },
  { says: /dialog\.suspended/i, verdict: 'blocked', reason: 'blocked' },
  { says: /dialog\.not\.?found/i, verdict: 'blocked', reason: 'not_started' },
  { says: /user\.not\.?found/i, verdict: 'blocked', reason: 'no_such_user' },
  { says: /chat\.not\.?found/i, verdict: 'blocked', reason: 'chat_not_found' },
  { says: /chat\.denied/i, verdict: 'blocked', reason: 'forbidden' },
  {
    says: /message.*not.?found|can.?t (be )?edit|not editable|edit.*(expired|denied|old)/i,
    verdict: 'never',
    reason: 'not_editable',
  },
  { says: /text.*(long|length|size)|max.*(length|4000)/i, verdict: 'never', reason: 'too_long' },
  { status: 413, verdict: 'never', reason: 'too_big' },
  { says: /button|keyboard/i, verdict: 'never', reason: 'bad_buttons' },
  { says: /photo|image|video|audio|attachment|token/i, verdict: 'never', reason: 'bad_file' },
  { status: 404, verdict: 'never', reason: 'gone' },
  { status: 403, verdict: 'blocked', reason: 'forbidden' },
];

const SERVER: Rule = { verdict: 'later', reason: 'server', retryAfter: SOON };
const REFUSED: Rule = { verdict: 'never', reason: 'refused' };

export function verdictOf(refused: Refused): Omit<Rule, 'says' | 'status'> {
  const { status } = refused;
  const said = `${refused.code} ${refused.message}`;
  const rule =
    status >= 500
      ? SERVER
      : (RULES.find(
          (one) => (one.status === undefined || one.status === status) && (one.says?.test(said) ?? true),
        ) ?? REFUSED);
  const { verdict, reason, wide } = rule;
  const retryAfter = refused.retryAfter === undefined ? rule.retryAfter : refused.retryAfter * 1_000;
  return {
    verdict,
    reason,
    ...(verdict === 'later' && retryAfter !== undefined && { retryAfter: Math.max(retryAfter, 250) }),
    ...(wide && { wide }),
  };
}

export function fromRefusal(method: string, refused: Refused): DeliveryError {
  const { verdict, reason, ...rest } = verdictOf(refused);
  return new DeliveryError(verdict, reason, { ...rest, cause: new MaxRefusal(method, refused) });
}

/** Codes of a certificate that nobody here trusts. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|ERR_TLS|DEPTH_ZERO/;

export const isUntrusted = (error: unknown): boolean =>
  error instanceof DeliveryError && error.cause instanceof TransportError && UNTRUSTED.test(error.cause.what);

export function fromTransport(error: TransportError): DeliveryError {
  if (error.what === 'too_big') return new DeliveryError('never', 'too_big', { cause: error });
  if (!error.sent)
    return new DeliveryError('later', 'network', { retryAfter: SOON, wide: true, cause: error });
  return new DeliveryError('unknown', 'network', { cause: error });
}

/** An answer that is none of MAX's own. A gateway that gave up waiting may have passed the request on. */
export function fromStranger(method: string, status: number): DeliveryError {
  const cause = new MaxRefusal(method, { status, code: 'bad_answer', message: '' });
  return status < 300 || status === 502 || status === 504
    ? new DeliveryError('unknown', 'network', { cause })
    : new DeliveryError('later', 'server', { retryAfter: SOON, cause });
}

export const reasonOf = (error: unknown): string =>
  error instanceof DeliveryError ? error.reason : error instanceof Error ? error.name : typeof error;
