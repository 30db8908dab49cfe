// The one place where the Graph API's refusals and a broken connection become a DeliveryError. Only codes are kept: its
// sentences may hold a telephone number.
import { DeliveryError, type Verdict } from '../../../core/errors.ts';
import type { TransportError } from '../../../networks/exchange.ts';

/** The Graph API's no. */
export class GraphRefusal extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: number, subcode: number | undefined) {
    super(`graph: ${code}${subcode === undefined ? '' : `.${subcode}`} (HTTP ${status})`);
    this.name = 'GraphRefusal';
    this.code = `graph_${code}`;
    this.status = status;
  }
}

export interface Ruling {
  readonly verdict: Exclude<Verdict, 'unknown'>;
  readonly reason: string;
  /** Milliseconds; absent: longer with each try. */
  readonly retryAfter?: number;
  readonly wide?: true;
}

const SECOND = 1_000;
const MINUTE = 60_000;

const AUTH: Ruling = { verdict: 'later', reason: 'auth', retryAfter: MINUTE, wide: true };
/** Lifted by people at Meta or by paying: looked at now and then. */
const held = (reason: string): Ruling => ({ verdict: 'later', reason, retryAfter: 15 * MINUTE, wide: true });
const SERVER: Ruling = { verdict: 'later', reason: 'server' };
const never = (reason: string): Ruling => ({ verdict: 'never', reason });
const TEMPLATE = never('bad_template');
const REFUSED = never('refused');

/** By the code of the error; 200–299 are rights. */
export const RULINGS: Readonly<Record<number, Ruling>> = {
  0: AUTH,
  1: SERVER,
  2: SERVER,
  3: AUTH,
  4: { verdict: 'later', reason: 'flood', retryAfter: MINUTE, wide: true },
  10: AUTH,
  33: AUTH,
  100: REFUSED,
  190: AUTH,
  368: held('restricted'),
  470: never('window_closed'),
  80007: { verdict: 'later', reason: 'flood', retryAfter: MINUTE, wide: true },
  130429: { verdict: 'later', reason: 'flood', retryAfter: 2 * SECOND, wide: true },
  130472: never('undeliverable'),
  130497: never('forbidden'),
  131000: SERVER,
  131001: never('too_long'),
  131005: AUTH,
  131008: REFUSED,
  131009: REFUSED,
  131016: SERVER,
  131021: REFUSED,
  131026: { verdict: 'blocked', reason: 'undeliverable' },
  131030: never('forbidden'),
  131031: held('restricted'),
  131042: held('payment'),
  131043: never('expired'),
  131045: AUTH,
  131047: never('window_closed'),
  131048: held('spam'),
  131049: never('undeliverable'),
  131050: never('forbidden'),
  131051: REFUSED,
  131052: never('bad_file'),
  131053: never('bad_file'),
  // Too many messages to this person: one in six seconds is the rule.
  131056: { verdict: 'later', reason: 'flood', retryAfter: 6 * SECOND },
  131057: { verdict: 'later', reason: 'server', retryAfter: MINUTE, wide: true },
  131062: REFUSED,
  132000: TEMPLATE,
  132001: TEMPLATE,
  132005: TEMPLATE,
  132007: TEMPLATE,
  132012: TEMPLATE,
  132015: TEMPLATE,
  132016: TEMPLATE,
  132068: TEMPLATE,
  132069: TEMPLATE,
  133004: SERVER,
  133010: AUTH,
};

export function rulingOf(code: number, status = 400): Ruling {
  const known = Object.hasOwn(RULINGS, code) ? RULINGS[code] : undefined;
  if (known) return known;
  if ((code >= 200 && code <= 299) || status === 401) return AUTH;
  if (status === 429) return { verdict: 'later', reason: 'flood', retryAfter: 2 * SECOND, wide: true };
  return status >= 500 ? SERVER : REFUSED;
}

export function toError(ruling: Ruling, cause?: unknown): DeliveryError {
  const { verdict, reason, retryAfter, wide } = ruling;
  return new DeliveryError(verdict, reason, {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(wide ? { wide } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}

export function fromRefusal(status: number, code: number, subcode?: number): DeliveryError {
  return toError(rulingOf(code, status), new GraphRefusal(status, code, subcode));
}

export function fromTransport(error: TransportError): DeliveryError {
  if (error.what === 'too_big') return new DeliveryError('never', 'too_big', { cause: error });
  if (!error.sent) {
    return new DeliveryError('later', 'network', { retryAfter: 2 * SECOND, wide: true, cause: error });
  }
  return new DeliveryError('unknown', 'network', { cause: error });
}

/** An answer that is not the Graph API's. A gateway that gave up waiting may have passed the request on. */
export function fromStranger(status: number): DeliveryError {
  const cause = new GraphRefusal(status, -1, undefined);
  const between = status >= 300 && status !== 502 && status !== 504;
  return between
    ? new DeliveryError('later', 'network', { retryAfter: 2 * SECOND, cause })
    : new DeliveryError('unknown', 'network', { cause });
}
