// The three kinds of error that have a plan; anything else is a bug. Codes are stable, causes chained,
// and the log's sentence holds no text a person wrote and no secret.

/** What the outbox does about a refusal. */
export type Verdict =
  /** Try again, not before `retryAfter`. */
  | 'later'
  /** This message can never be delivered. */
  | 'never'
  /** This person cannot be reached until they come back. */
  | 'blocked'
  /** The answer was lost: it may have arrived. */
  | 'unknown';

export class DeliveryError extends Error {
  readonly code = 'delivery';
  readonly verdict: Verdict;
  /** Milliseconds; only with `later`. */
  readonly retryAfter: number | undefined;
  /** True when the limit holds for the whole account, not only this chat. */
  readonly wide: boolean;
  /** A stable word for the reason: `flood`, `blocked`, `gone_thread`, `too_long`, `auth`, `network`, … */
  readonly reason: string;
  constructor(
    verdict: Verdict,
    reason: string,
    options: { retryAfter?: number; wide?: boolean; cause?: unknown } = {},
  ) {
    super(`delivery ${verdict}: ${reason}`, { cause: options.cause });
    this.name = 'DeliveryError';
    this.verdict = verdict;
    this.reason = reason;
    this.retryAfter = options.retryAfter;
    this.wide = options.wide ?? false;
  }
}

/** One thing wrong in a file an author or host wrote, with its remedy. */
export interface Fault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Where in the flow, as `node.field`; empty for the file as a whole. */
  readonly at: string;
  /** A stable word: `unknown_node`, `missing_text`, … */
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly severity: 'error' | 'warning';
}

export class FlowError extends Error {
  readonly code = 'flow';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(`${faults.length} fault${faults.length === 1 ? '' : 's'} in flows`);
    this.name = 'FlowError';
    this.faults = faults;
  }
}

export class ConfigError extends Error {
  readonly code = 'config';
  readonly faults: readonly { readonly setting: string; readonly message: string }[];
  constructor(faults: readonly { readonly setting: string; readonly message: string }[]) {
    super(`wrong settings:\n${faults.map((f) => `  ${f.setting}: ${f.message}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** A fault of one setting that shows only when it is used. */
export const settingFault = (setting: string, message: string, cause: unknown): ConfigError =>
  Object.assign(new ConfigError([{ setting, message }]), { cause });

/**
 * The store is away, or what the processes share: nothing is wrong with what was to be done. Known by its name, the
 * driver's own names and the system's words for a connection that broke included.
 */
export function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A driver's connection can break with the system's own error, before the driver has given it a name.
  if ('code' in error && /^(?:ECONN(?:RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT)$/.test(String(error.code)))
    return true;
  // One of the driver's names is without its usual beginning.
  return /^(?:Mongo|PoolCleared).*(?:Network|Selection|Timeout|Pool|NotConnected|Topology)|MongooseError|(?:Store|Runtime)Unreachable/.test(
    error.name,
  );
}
