// The one place where VK's refusals and a broken network become a DeliveryError. Nothing here may carry the token or the
// words of a message: VK repeats a refused call's parameters in its answer, and those are left behind.
import { APIError } from 'vk-io';
import { DeliveryError, type Verdict } from '../../core/errors.ts';

/** VK's no, without the parameters it was said to. */
export class VkRefusal extends Error {
  readonly code = 'vk_refusal';
  readonly method: string;
  readonly errorCode: number;
  constructor(method: string, errorCode: number) {
    super(`${method}: VK error ${errorCode}`);
    this.name = 'VkRefusal';
    this.method = method;
    this.errorCode = errorCode;
  }
}

export interface Ruling {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Milliseconds; with `later` only. */
  readonly retryAfter?: number;
  /** It holds for the whole community, not this person only. */
  readonly wide?: true;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const later = (reason: string, retryAfter: number): Ruling => ({ verdict: 'later', reason, retryAfter });
const allLater = (reason: string, retryAfter: number): Ruling => ({
  ...later(reason, retryAfter),
  wide: true,
});
const never = (reason: string): Ruling => ({ verdict: 'never', reason });
const blocked = (reason: string): Ruling => ({ verdict: 'blocked', reason });

/** What each of VK's error codes means for what was to be sent. */
export const RULINGS: Readonly<Record<number, Ruling>> = {
  1: later('server', 2 * SECOND),
  5: allLater('auth', MINUTE),
  6: allLater('flood', SECOND),
  7: never('no_rights'),
  9: later('flood', 2 * MINUTE),
  10: later('server', 2 * SECOND),
  14: allLater('captcha', 10 * MINUTE),
  15: never('no_rights'),
  17: allLater('auth', 10 * MINUTE),
  18: blocked('deactivated'),
  20: never('no_rights'),
  22: never('bad_file'),
  23: never('no_rights'),
  27: allLater('auth', MINUTE),
  28: allLater('auth', MINUTE),
  29: allLater('flood', 5 * MINUTE),
  32: later('server', 5 * SECOND),
  36: later('server', 5 * SECOND),
  42: allLater('auth', MINUTE),
  43: later('server', MINUTE),
  103: never('too_long'),
  104: never('gone'),
  105: never('bad_file'),
  113: never('no_such_user'),
  118: never('bad_file'),
  121: never('bad_file'),
  129: never('bad_file'),
  183: never('no_rights'),
  203: never('no_rights'),
  210: never('gone'),
  211: never('gone'),
  212: never('no_rights'),
  213: never('no_rights'),
  223: later('flood', 5 * MINUTE),
  601: allLater('flood', 10 * MINUTE),
  900: blocked('blocked'),
  901: blocked('not_started'),
  902: blocked('forbidden'),
  909: never('not_editable'),
  910: never('too_long'),
  911: never('bad_buttons'),
  // Nothing with buttons goes out until a person has mended the setting; then all of it does.
  912: later('bot_features', MINUTE),
  913: never('refused'),
  914: never('too_long'),
  917: never('no_rights'),
  920: never('not_editable'),
  921: never('gone'),
  932: blocked('forbidden'),
  936: blocked('chat_not_found'),
  940: never('refused'),
  943: never('no_rights'),
  944: later('flood', 10 * MINUTE),
  945: blocked('forbidden'),
  946: never('refused'),
  949: never('not_editable'),
  950: blocked('reply_timed_out'),
  962: blocked('forbidden'),
  983: blocked('forbidden'),
  985: blocked('forbidden'),
  987: blocked('not_started'),
  988: blocked('not_started'),
  1012: blocked('forbidden'),
  1116: allLater('auth', MINUTE),
  1117: allLater('auth', MINUTE),
  1150: never('bad_file'),
  1153: never('bad_file'),
  3610: blocked('deactivated'),
};

export function fromRefusal(method: string, code: number): DeliveryError {
  const { verdict, reason, retryAfter, wide } = RULINGS[code] ?? never('refused');
  return new DeliveryError(verdict, reason, {
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(wide ? { wide } : {}),
    cause: new VkRefusal(method, code),
  });
}

/** The code VK refused with. */
export function refusalOf(error: unknown): number | undefined {
  return error instanceof DeliveryError && error.cause instanceof VkRefusal
    ? error.cause.errorCode
    : undefined;
}

/** Failures before anything of the request can have left. */
const BEFORE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Of anything thrown on the way to VK. What it was may hold an address with the token: only its kind is kept. */
export function toDeliveryError(method: string, thrown: unknown): DeliveryError {
  if (thrown instanceof DeliveryError) return thrown;
  if (thrown instanceof APIError) return fromRefusal(method, Number(thrown.code));
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const cause = new Error(
    `${method}: ${/^\w+$/.test(code) ? code : thrown instanceof Error ? thrown.name : 'fault'}`,
  );
  return BEFORE.has(code)
    ? new DeliveryError('later', 'network', { retryAfter: 2 * SECOND, wide: true, cause })
    : new DeliveryError('unknown', 'network', { cause });
}
