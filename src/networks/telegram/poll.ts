// The long-polling loop. Telegram is told "received" (a higher offset) only after the batch was taken durably;
// whatever fails, the loop goes on until it is stopped or loses its lease.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';
import type { Log, Update } from './api.ts';
import { POLL_SECONDS, type TelegramClient } from './client.ts';
import { TelegramRefusal } from './errors.ts';

/** Asked for by name: a kind not named here never comes. */
export const ALLOWED_UPDATES = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const;

/** Milliseconds. */
export interface Pace {
  /** The first pause after a failure; doubles up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** How long another poller is taken for the end of our own former call. */
  readonly patience: number;
  /** How long without updates before one call goes out without an offset. */
  readonly idle: number;
}

export const PACE: Pace = {
  first: 1_000,
  longest: 30_000,
  patience: 90_000,
  idle: 6 * 24 * 60 * 60 * 1_000,
};

/** A store of one's own is asked again sooner than a network. */
const STORE_PAUSE = 5_000;

export type PollState =
  | { readonly is: 'well'; readonly at: number }
  | {
      readonly is: 'ill';
      readonly reason: 'network' | 'store' | 'conflict' | 'auth';
      readonly since: number;
    };

export interface PollOptions {
  readonly client: TelegramClient;
  /** Resolves once every update is kept; rejects when it could not be. */
  readonly take: (updates: readonly Update[]) => Promise<void>;
  readonly tell: (state: PollState) => void;
  readonly clock: () => number;
  readonly random: () => number;
  readonly pace: Pace;
  readonly log: Log;
}

/** Ends when aborted, or with `auth` when the token is no longer good: then nothing more can come. */
export async function pollUpdates(options: PollOptions, signal: AbortSignal): Promise<'stopped' | 'auth'> {
  const { client, clock, pace, log } = options;
  let offset: number | undefined;
  let lastUpdateAt = clock();
  let failures = 0;
  /** Two pollers take turns: between two conflicts calls go well, so it is over only once it has been quiet. */
  let conflictSince: number | undefined;
  let conflictAt = 0;
  // The first call, and the first after trouble, does not wait: that things are well shows at once.
  let waits = false;
  const wait = (milliseconds: number) => pause(milliseconds, undefined, { signal }).catch(() => undefined);
  const backoff = (longest = pace.longest) =>
    wait(Math.min(longest, pace.first * 2 ** Math.min(failures, 10)) * (0.5 + options.random() / 2));
  while (!signal.aborted) {
    // After a week without updates Telegram starts their ids anew, perhaps below the offset held here, which
    // would then confirm updates never seen.
    if (clock() - lastUpdateAt > pace.idle) offset = undefined;
    let updates: readonly Update[];
    const askedAt = clock();
    const waited = waits;
    try {
      updates = await client.call.getUpdates(
        {
          timeout: waits ? (conflictSince === undefined ? POLL_SECONDS : secondsOf(pace.patience)) : 0,
          allowed_updates: [...ALLOWED_UPDATES],
          ...(offset !== undefined && { offset }),
        },
        // grammY's types know only their own kind of signal; it takes any.
        signal as never,
      );
    } catch (error) {
      if (signal.aborted) break;
      waits = false;
      const reason = error instanceof DeliveryError ? error.reason : 'network';
      if (reason === 'auth') {
        options.tell({ is: 'ill', reason: 'auth', since: clock() });
        log.error({ reason }, 'Telegram refuses the bot token: nothing can be received');
        return 'auth';
      }
      if (reason === 'conflict') {
        if (isWebhook(error)) await client.call.deleteWebhook({}).catch(() => undefined);
        conflictSince ??= clock();
        conflictAt = clock();
        const lasting = clock() - conflictSince > pace.patience;
        if (lasting) options.tell({ is: 'ill', reason: 'conflict', since: conflictSince });
        log.warn({ reason, lasting }, 'another program receives with this bot token');
        await wait((lasting ? pace.longest / 2 : pace.first) * (1 + options.random()));
        continue;
      }
      options.tell({ is: 'ill', reason: 'network', since: clock() });
      log.warn({ reason }, 'getUpdates failed');
      const asked = error instanceof DeliveryError ? (error.retryAfter ?? 0) : 0;
      if (reason === 'flood') await wait(asked);
      else await backoff();
      failures += 1;
      continue;
    }
    if (clock() - conflictAt > pace.patience) conflictSince = undefined;
    const last = updates.at(-1);
    if (last !== undefined) {
      try {
        await options.take(updates);
      } catch (error) {
        options.tell({ is: 'ill', reason: 'store', since: clock() });
        log.error(
          { error: nameOf(error), count: updates.length },
          'updates could not be kept; they stay at Telegram',
        );
        await backoff(STORE_PAUSE);
        failures += 1;
        continue;
      }
      offset = last.update_id + 1;
      lastUpdateAt = clock();
    }
    failures = 0;
    waits = true;
    const isContested = conflictSince !== undefined && clock() - conflictSince > pace.patience;
    if (!isContested) options.tell({ is: 'well', at: clock() });
    // A server that does not hold the call must not be asked without end.
    if (waited && last === undefined && clock() - askedAt < pace.first) await wait(pace.first);
  }
  return 'stopped';
}

/** So long a call may wait while it is not sure yet that a rival is gone. */
const secondsOf = (milliseconds: number): number => Math.min(POLL_SECONDS, Math.ceil(milliseconds / 1_000));

function isWebhook(error: unknown): boolean {
  return (
    error instanceof DeliveryError &&
    error.cause instanceof TelegramRefusal &&
    /webhook/i.test(error.cause.description)
  );
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
