// The long-polling loop. The place in VK's stream of events moves on only after a batch was taken durably, and is kept over
// a restart; where VK has lost that place, what was missed is read back from the dialogues. Whatever fails, the loop goes
// on until it is stopped or loses its lease.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';
import type { Log, VkApi, VkUpdate } from './api.ts';

/** Milliseconds, but for `wait`. */
export interface Pace {
  /** The first pause after a failure; doubles up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** Seconds a call waits at VK for events. */
  readonly wait: number;
  /** A session with VK's event server is made anew after this long. */
  readonly renew: number;
  /** How often it is made sure that nothing was missed. */
  readonly watch: number;
  /** How old an unheard message must be to count as missed. */
  readonly grace: number;
  /** How much further back than needed the dialogues are read: clocks differ. */
  readonly margin: number;
}

export const PACE: Pace = {
  first: 1_000,
  longest: 30_000,
  wait: 25,
  renew: 6 * 3_600_000,
  watch: 5 * 60_000,
  grace: 60_000,
  margin: 10 * 60_000,
};

export type Illness = 'network' | 'store' | 'auth' | 'off' | 'deaf';
export type State =
  | { readonly is: 'well'; readonly at: number }
  | { readonly is: 'ill'; readonly reason: Illness; readonly since: number };

/** The place in the stream, as kept. */
export interface Cursor {
  /** `''` where VK brings the events itself. */
  readonly ts: string;
  /** Everything up to this moment was taken; milliseconds since 1970. */
  readonly at: number;
}

export interface PollOptions {
  readonly api: Pick<VkApi, 'call' | 'get'>;
  readonly group: number;
  readonly load: () => Promise<Cursor | undefined>;
  /** When the program received for the community for the very first time; milliseconds. */
  readonly begun: () => Promise<number>;
  readonly save: (cursor: Cursor) => Promise<void>;
  /** Sees to it that VK tells of what is wanted; never fails. */
  readonly ensure: () => Promise<void>;
  /** Resolves once every update is kept; rejects when it could not be. */
  readonly take: (updates: readonly VkUpdate[]) => Promise<void>;
  /** Reads back what was said since then, and keeps it; repeats do no harm. */
  readonly readBack: (since: number, signal: AbortSignal) => Promise<void>;
  /** Whether something was said that was not heard. */
  readonly missed: (since: number) => Promise<boolean>;
  readonly tell: (state: State) => void;
  readonly clock: () => number;
  readonly random: () => number;
  readonly pace: Pace;
  readonly log: Log;
}

interface Session {
  readonly key: string;
  readonly server: string;
  readonly openedAt: number;
}

type Answer =
  | { readonly failed: number; readonly ts?: string | number }
  | { readonly failed?: undefined; readonly ts: string | number; readonly updates: readonly VkUpdate[] };

const ANSWER_LIMIT = 32 * 1024 * 1024;
/** Beyond the time VK holds the call. */
const PATIENCE = 10_000;
/** Failures after which the session itself may be at fault. */
const TRIES = 3;
/** The cursor's time is written this seldom while nothing happens. */
const SAVE_EVERY = 60_000;

export async function pollUpdates(options: PollOptions, signal: AbortSignal): Promise<void> {
  const { api, clock, pace, log } = options;
  const startedAt = clock();
  let cursor: Cursor | undefined;
  let loaded = false;
  let session: Session | undefined;
  /** What must be read back. `first`: before any more events are taken. `exact`: not a moment further back. */
  let gap: { readonly since: number; readonly first: boolean; readonly exact?: true } | undefined;
  let failures = 0;
  let savedAt = 0;
  let watchedAt = clock();
  // The first call, and the first after trouble, does not wait: that things are well shows at once.
  let waits = false;

  const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);

  async function save(next: Cursor): Promise<void> {
    // While a gap is open the time stands still, so that a restart reads it back too.
    cursor = { ts: next.ts, at: gap?.since ?? next.at };
    await options.save(cursor);
    savedAt = clock();
  }

  async function open(): Promise<Session> {
    await options.ensure();
    const given = await api.call<{ key: string; server: string; ts: string | number }>(
      'groups.getLongPollServer',
      { group_id: options.group },
    );
    const ts = String(given.ts);
    const own = cursor?.ts;
    if (!own) await save({ ts, at: clock() });
    else if (isBeyond(own, ts)) {
      // VK counts anew: the place we had says nothing any more.
      gap = { since: cursor?.at ?? startedAt, first: true };
      await save({ ts, at: clock() });
    }
    return { key: given.key, server: given.server, openedAt: clock() };
  }

  async function ask(of: Session, ts: string): Promise<Answer> {
    const seconds = waits ? pace.wait : 0;
    const query = new URLSearchParams({ act: 'a_check', key: of.key, ts, wait: String(seconds) });
    const { status, body } = await api.get(`${of.server}?${query}`, {
      timeout: seconds * 1_000 + PATIENCE,
      limit: ANSWER_LIMIT,
      signal,
    });
    const answer = parse(body);
    if (status !== 200 || answer === undefined) throw new DeliveryError('later', 'server');
    return answer;
  }

  /** One call for events, and what comes of it. */
  async function round(): Promise<void> {
    if (!loaded) {
      cursor = await options.load();
      gap = cursor ? { since: cursor.at, first: false } : await firstGap();
      loaded = true;
    }
    if (session !== undefined && clock() - session.openedAt > pace.renew) session = undefined;
    session ??= await open();
    if (gap?.first) await closeGap();
    const { ts } = cursor as Cursor;
    const waited = waits;
    const askedAt = clock();
    const answer = await ask(session, ts);
    if (answer.failed !== undefined) return await lost(answer.failed, answer.ts);
    if (answer.updates.length > 0) await taken(answer.updates);
    const next = String(answer.ts);
    if (next !== ts || clock() - savedAt > SAVE_EVERY) await save({ ts: next, at: askedAt });
    if (gap !== undefined) await closeGap();
    failures = 0;
    waits = true;
    if (clock() - watchedAt > pace.watch) await watch();
    else options.tell({ is: 'well', at: clock() });
    // A server that does not hold the call must not be asked without end.
    if (waited && answer.updates.length === 0 && clock() - askedAt < 1_000) await wait(pace.first);
  }

  /** Nothing older than the very first start is asked for: those words were written to somebody else. */
  async function firstGap(): Promise<{ since: number; first: true; exact: true }> {
    const since = Math.max(await options.begun(), startedAt - pace.margin);
    return { since: Math.floor(since / 1_000) * 1_000, first: true, exact: true };
  }

  async function taken(updates: readonly VkUpdate[]): Promise<void> {
    try {
      await options.take(updates);
    } catch (error) {
      log.error(
        { count: updates.length, error: nameOf(error) },
        'events of VK could not be kept; they stay there',
      );
      throw new StoreFailure();
    }
  }

  async function closeGap(): Promise<void> {
    if (gap === undefined) return;
    try {
      await options.readBack(gap.since - (gap.exact ? 0 : pace.margin), signal);
    } catch (error) {
      // A key that may not read dialogues must not keep what comes by itself from being heard.
      if (!(error instanceof DeliveryError && error.verdict === 'never')) throw error;
      log.error(
        { reason: error.reason },
        'what was missed cannot be read back; give the key the right messages',
      );
    }
    gap = undefined;
    if (cursor !== undefined) await save({ ts: cursor.ts, at: clock() });
  }

  async function lost(failed: number, given: string | number | undefined): Promise<void> {
    log.warn({ failed }, 'the event server of VK asks to begin anew');
    const since = cursor?.at ?? startedAt;
    if (failed === 1 && given !== undefined) {
      gap = { since, first: true };
      await save({ ts: String(given), at: since });
    } else {
      session = undefined;
      if (failed !== 2) gap = { since, first: true };
    }
    failures += 1;
    if (failures > 1) await backoff();
  }

  /** VK has been seen to answer for hours without ever telling of anything. */
  async function watch(): Promise<void> {
    const since = watchedAt - pace.grace;
    const missed = await options.missed(Math.max(since, startedAt - pace.grace)).catch((error: unknown) => {
      if (error instanceof DeliveryError && error.verdict === 'never') return false;
      throw error;
    });
    if (missed) {
      log.error({}, 'VK told nothing of messages there are; a new session is opened and they are read back');
      options.tell({ is: 'ill', reason: 'deaf', since: clock() });
      session = undefined;
      gap = { since, first: true };
    } else options.tell({ is: 'well', at: clock() });
    watchedAt = clock();
  }

  const backoff = () =>
    wait(Math.min(pace.longest, pace.first * 2 ** Math.min(failures, 10)) * (0.5 + options.random() / 2));

  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      if (signal.aborted) break;
      const reason = illnessOf(error);
      options.tell({ is: 'ill', reason, since: clock() });
      if (reason !== 'store')
        log.warn({ reason, error: nameOf(error) }, 'events of VK could not be asked for');
      waits = false;
      failures += 1;
      if (failures % TRIES === 0) session = undefined;
      if (reason === 'auth' || reason === 'off') await wait(pace.longest);
      else await backoff();
    }
  }
}

class StoreFailure extends Error {}

export function illnessOf(error: unknown): Illness {
  if (!(error instanceof DeliveryError)) return 'store';
  if (error.reason === 'auth' || error.reason === 'no_rights') return 'auth';
  return error.reason === 'refused' ? 'off' : 'network';
}

/** Numbers of the stream only grow, unless VK begins to count anew. */
function isBeyond(own: string, given: string): boolean {
  const [ours, theirs] = [Number(own), Number(given)];
  return !(Number.isSafeInteger(ours) && Number.isSafeInteger(theirs)) ? own !== given : ours > theirs;
}

function parse(body: Buffer): Answer | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as Partial<
      Record<'failed' | 'ts' | 'updates', unknown>
    > | null;
    if (typeof value?.failed === 'number') return value as Answer;
    const isTs = typeof value?.ts === 'string' || typeof value?.ts === 'number';
    return isTs && Array.isArray(value?.updates) ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
