// The long-polling loop. MAX is told "received" (a newer marker) only after the batch was taken durably; whatever fails,
// the loop goes on until it is stopped or loses its lease.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';
import { type Log, UPDATE_TYPES, type Update } from './api.ts';
import type { MaxClient } from './client.ts';
import { reasonOf } from './errors.ts';
import type { Pace, Tell } from './receive.ts';

export interface PollOptions {
  readonly client: Pick<MaxClient, 'updates'>;
  /** Where the last batch ended; absent: never polled. */
  readonly marker: { get(): Promise<string | undefined>; set(marker: string): Promise<void> };
  /** Resolves once every update is kept; rejects when it could not be. */
  readonly take: (updates: readonly Update[]) => Promise<void>;
  /** Called when MAX refuses to be polled because it posts to an address. */
  readonly onHooked: () => Promise<void>;
  readonly tell: Tell;
  readonly clock: () => number;
  readonly random: () => number;
  readonly pace: Pace;
  readonly log: Log;
}

/** Seconds that MAX holds a call; it allows no more. */
const HOLD = 30;

export async function pollUpdates(options: PollOptions, signal: AbortSignal): Promise<void> {
  const { client, clock, pace, log, tell } = options;
  const wait = (milliseconds: number) => pause(milliseconds, undefined, { signal }).catch(() => undefined);
  let failures = 0;
  const backoff = async (least = 0): Promise<void> => {
    const length = Math.min(pace.longest, pace.first * 2 ** Math.min(failures, 10));
    failures += 1;
    await wait(Math.max(least, length * (0.5 + options.random() / 2)));
  };
  let marker: string | undefined;
  let known = false;
  // The first call, and the first after trouble, does not wait: that things are well shows at once.
  let hold = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    // MAX allows two calls a second, whatever came of them.
    await wait(Math.min(pace.gap, Math.max(0, askedAt + pace.gap - clock())));
    if (signal.aborted) break;
    askedAt = clock();
    let page: Awaited<ReturnType<MaxClient['updates']>>;
    try {
      if (!known) marker = await options.marker.get();
      known = true;
      page = await client.updates({ marker, timeout: hold, types: UPDATE_TYPES }, signal);
    } catch (error) {
      if (signal.aborted) break;
      hold = 0;
      const reason = reasonOf(error);
      if (reason === 'conflict') await options.onHooked();
      else tell.ill(error);
      log.warn({ reason }, 'MAX gave no updates');
      if (reason === 'refused' && marker !== undefined) {
        // A marker it no longer knows would be refused for ever; without one MAX goes on from its own memory.
        marker = undefined;
      }
      await backoff(error instanceof DeliveryError ? error.retryAfter : undefined);
      continue;
    }
    try {
      if (page.updates.length > 0) await options.take(page.updates);
      if (page.marker !== undefined && page.marker !== marker) await options.marker.set(page.marker);
    } catch (error) {
      tell.ill(error, 'store');
      log.error(
        { error: reasonOf(error), count: page.updates.length },
        'updates could not be kept; they stay at MAX',
      );
      await backoff();
      continue;
    }
    marker = page.marker ?? marker;
    failures = 0;
    hold = HOLD;
    tell.well();
  }
}
