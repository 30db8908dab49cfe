// The one place where Telegram's refusals and a broken network become a DeliveryError.
// Nothing here may carry the token, an address with it, or the words of a message: only codes and Telegram's own sentence.
import { DeliveryError, type Verdict } from '../../core/errors.ts';

/** The call did not end in an answer of the Bot API. */
export class TransportError extends Error {
  readonly code = 'transport';
  /** `timeout`, `aborted`, `bad_answer`, `too_big`, or the system's own code such as `ECONNREFUSED`. */
  readonly what: string;
  /** True once bytes of the request may have left: then nobody knows whether it was carried out. */
  readonly sent: boolean;
  /** The HTTP status, where an answer came that was no Bot API answer. */
  readonly status: number | undefined;
  constructor(what: string, sent: boolean, status?: number) {
    super(`transport: ${what}${status === undefined ? '' : ` (HTTP ${status})`}`);
    this.name = 'TransportError';
    this.what = what;
    this.sent = sent;
    this.status = status;
  }
}

/** Telegram's no, without the payload it was said to. */
export class TelegramRefusal extends Error {
  readonly code = 'telegram_refusal';
  readonly method: string;
  readonly errorCode: number;
  readonly description: string;
  constructor(method: string, errorCode: number, description: string) {
    const said = withoutTokens(description).slice(0, 300);
    super(`${method}: ${errorCode} ${said}`);
    this.name = 'TelegramRefusal';
    this.method = method;
    this.errorCode = errorCode;
    this.description = said;
  }
}

/** The group is a supergroup now: the same call goes to the new id. */
export class MigratedError extends DeliveryError {
  readonly to: number;
  constructor(to: number, cause: unknown) {
    super('later', 'migrated', { retryAfter: 0, cause });
    this.name = 'MigratedError';
    this.to = to;
  }
}

/** What the Bot API answers when it refuses. */
export interface Refused {
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: { readonly retry_after?: number; readonly migrate_to_chat_id?: number };
}

const SOON = 2_000;
const AUTH_PAUSE = 60_000;

/** Sentences of a 400 or 403 that mean more than "this message is wrong"; the first that fits decides. */
const SENTENCES: readonly (readonly [RegExp, Verdict, string])[] = [
  [/message thread not found|topic_deleted|topic_id_invalid|topic not found/i, 'never', 'gone_thread'],
  [/topic_closed|topic (is )?closed/i, 'never', 'closed_thread'],
  [/bot was blocked/i, 'blocked', 'blocked'],
  [/user is deactivated|input_user_deactivated/i, 'blocked', 'deactivated'],
  [/can't initiate conversation/i, 'blocked', 'not_started'],
  [/chat not found|peer_id_invalid/i, 'blocked', 'chat_not_found'],
  [/bot was kicked|not a member|chat was deleted/i, 'blocked', 'not_member'],
  [
    /not enough rights|chat_write_forbidden|have no rights|need administrator|chat_admin_required/i,
    'never',
    'no_rights',
  ],
  [/message is too long|caption is too long|message_too_long|text is too long/i, 'never', 'too_long'],
  [/file is too big|request entity too large/i, 'never', 'too_big'],
  [
    /wrong file.?id|wrong remote file|can't use file of type|file reference|wrong type of the file/i,
    'never',
    'bad_file',
  ],
  [
    /photo_invalid_dimensions|image_process_failed|photo_ext_invalid|photo_save_file_invalid/i,
    'never',
    'bad_photo',
  ],
  [
    /message to edit not found|message can't be edited|no text in the message to edit|no caption/i,
    'never',
    'not_editable',
  ],
  [/button_data_invalid|button_url_invalid|reply_markup|keyboard/i, 'never', 'bad_buttons'],
  [/user not found|participant_id_invalid|user_id_invalid|invalid user_id/i, 'never', 'no_such_user'],
];

/** Refusals that say what was wanted is so already, or no longer matters. */
const AS_GOOD_AS_DONE = /message is not modified|topic_not_modified|query is too old|query_id_invalid/i;

export function isAsGoodAsDone(refused: Refused): boolean {
  return refused.error_code === 400 && AS_GOOD_AS_DONE.test(refused.description);
}

export function fromRefusal(method: string, refused: Refused): DeliveryError {
  const { error_code: code, description, parameters } = refused;
  const cause = new TelegramRefusal(method, code, description);
  if (parameters?.migrate_to_chat_id !== undefined) {
    return new MigratedError(parameters.migrate_to_chat_id, cause);
  }
  if (code === 429) {
    return new DeliveryError('later', 'flood', {
      // Telegram does not tell whether the limit is this chat's or the bot's: the smaller is assumed.
      retryAfter: Math.max(1, parameters?.retry_after ?? 1) * 1_000,
      cause,
    });
  }
  if (code >= 500) return new DeliveryError('later', 'server', { retryAfter: SOON, cause });
  // A malformed token is answered with 404, a revoked one with 401.
  if (code === 401 || code === 404) {
    return new DeliveryError('later', 'auth', { retryAfter: AUTH_PAUSE, wide: true, cause });
  }
  if (code === 409) return new DeliveryError('later', 'conflict', { retryAfter: SOON, cause });
  for (const [sentence, verdict, reason] of SENTENCES) {
    if (sentence.test(description)) return new DeliveryError(verdict, reason, { cause });
  }
  if (code === 403) return new DeliveryError('blocked', 'forbidden', { cause });
  return new DeliveryError('never', 'refused', { cause });
}

export function fromTransport(error: TransportError): DeliveryError {
  if (error.what === 'too_big') return new DeliveryError('never', 'too_big', { cause: error });
  const { status } = error;
  // A gateway that gave up waiting may have passed the request on; any other status that is no Bot API
  // answer came from something in between that did not.
  const refusedBetween = status !== undefined && status >= 300 && status !== 504;
  if (!error.sent || refusedBetween) {
    return new DeliveryError('later', 'network', { retryAfter: SOON, wide: !error.sent, cause: error });
  }
  return new DeliveryError('unknown', 'network', { cause: error });
}

/** Of anything thrown on the way to Telegram. */
export function toDeliveryError(thrown: unknown): DeliveryError {
  if (thrown instanceof DeliveryError) return thrown;
  const inner = thrown instanceof Error && 'error' in thrown ? thrown.error : thrown;
  if (inner instanceof DeliveryError) return inner;
  if (inner instanceof TransportError) return fromTransport(inner);
  // What it was may hold an address with the token: only its kind is kept.
  return fromTransport(new TransportError(inner instanceof Error ? inner.name : 'unexpected', true));
}

/** A bot's token wherever it stands in a text, as in an address. */
export function withoutTokens(text: string): string {
  return text.replace(/\d{3,}:[\w-]{10,}/g, '<token>');
}
