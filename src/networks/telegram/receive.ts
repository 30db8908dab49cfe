// One token's stream of updates: polled under a lease or posted to us, shared out to the channel and the desk, and
// confirmed to Telegram only once every part has kept what is its own. It knows nothing of what updates mean.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createUnderWay } from '../under-way.ts';
import { createUnproven } from '../unproven.ts';
import { kindIn, written } from '../written.ts';
import type { Log, Update } from './api.ts';
import type { TelegramClient } from './client.ts';
import { ALLOWED_UPDATES, nameOf, PACE, type Pace, type PollState, pollUpdates } from './poll.ts';
import { chatOf, kindOf, type OperatorChat, type Part, route } from './route.ts';
import { type HookAnswer, type HookRequest, receiveHook } from './webhook.ts';

/** Keeps its part of the updates; resolves only once all of it is durable. */
export type Take = (updates: readonly Update[]) => Promise<void>;

export interface Receive {
  /** Takes this part of the updates from now on. The stream begins once every part expected has joined. */
  join(part: Part, take: Take): void;
  /** Ends the stream and waits for what is under way: without one part nothing may be confirmed. */
  leave(part: Part): Promise<void>;
  health(now: number): { readonly ok: boolean; readonly reason?: string };
  /** What Telegram posts in webhook mode. */
  hook(request: HookRequest): Promise<HookAnswer>;
  /** Updates of kinds that nobody takes, by kind. */
  unknown(): Readonly<Record<string, number>>;
}

export interface ReceiveOptions {
  readonly client: TelegramClient;
  /** The parts that must have joined. */
  readonly parts: readonly Part[];
  readonly operatorChat?: OperatorChat | undefined;
  /** Absent: long polling. */
  readonly webhook?: { readonly url: string; readonly secret?: string } | undefined;
  /** Waits until this process alone may receive for the bot. */
  readonly lease: (
    name: string,
    signal: AbortSignal,
  ) => Promise<{ readonly lost: Promise<void>; release(): Promise<void> }>;
  /** Keeps, durably, an update that could not be understood or kept as an event. */
  readonly onBad: (updateId: number, raw: string, reason: string) => Promise<void>;
  readonly clock: () => number;
  readonly log: Log;
  readonly pace?: Partial<Pace>;
  readonly random?: () => number;
}

const STALE = 90_000;
const WATCH = 5 * 60_000;
/** Failures of one batch after which its updates are tried one by one. */
const PATIENCE = 5;
const KNOWN: ReadonlySet<string> = new Set(ALLOWED_UPDATES);

const REASONS = {
  network: 'Telegram cannot be reached; check the network, TELEGRAM_API_ROOT and TELEGRAM_PROXY_URL',
  store: 'updates cannot be kept; they wait at Telegram',
  conflict: 'another program receives with this bot token; stop it or give this one another bot',
  auth: 'Telegram refuses the bot token; check TELEGRAM_BOT_TOKEN and start again',
} as const;

export function createReceive(options: ReceiveOptions): Receive {
  const { client, clock, log } = options;
  const unproven = createUnproven({ setting: 'TELEGRAM_WEBHOOK_SECRET', clock, log });
  const pace = { ...PACE, ...options.pace };
  const random = options.random ?? Math.random;
  const secret = options.webhook?.secret ?? randomBytes(32).toString('base64url');
  const takers = new Map<Part, Take>();
  const unknown: Record<string, number> = {};
  const underWay = createUnderWay();
  let failedBatch: { readonly id: number; readonly count: number } | undefined;
  let state: PollState | undefined;
  let stop: AbortController | undefined;
  let running: Promise<void> | undefined;

  const tell = (now: PollState) => {
    state = now.is === 'ill' && state?.is === 'ill' && state.reason === now.reason ? state : now;
  };

  async function take(updates: readonly Update[]): Promise<void> {
    const known = updates.filter((update) => {
      const kind = kindOf(update);
      if (KNOWN.has(kind)) return true;
      const said = kindIn(kind);
      unknown[said] = (unknown[said] ?? 0) + 1;
      log.info({ kind: said }, 'an update of a kind that nobody takes');
      return false;
    });
    const first = known[0];
    if (first === undefined) return;
    try {
      await keep(known);
    } catch (error) {
      const count = failedBatch?.id === first.update_id ? failedBatch.count + 1 : 1;
      failedBatch = { id: first.update_id, count };
      if (count < PATIENCE) throw error;
      await keepOneByOne(known);
    }
    failedBatch = undefined;
    answerPresses(known);
  }

  async function keep(updates: readonly Update[]): Promise<void> {
    for (const update of updates) {
      const id = chatOf(update)?.id ?? 0;
      if (id < 0) await options.operatorChat?.knows(id);
    }
    const routed = route(updates, options.operatorChat);
    for (const part of options.parts) {
      const own = routed.filter((one) => one.part === part).map((one) => one.update);
      if (own.length === 0) continue;
      const taker = takers.get(part);
      if (taker === undefined) throw new Error(`the ${part} does not take updates now`);
      await taker(own);
    }
  }

  /** One that the store refuses while it takes others must not hold up the rest for ever. */
  async function keepOneByOne(updates: readonly Update[]): Promise<void> {
    for (const update of updates) {
      try {
        await keep([update]);
      } catch (error) {
        log.error({ update: update.update_id, error: nameOf(error) }, 'an update cannot be kept as an event');
        await options.onBad(update.update_id, written(update), nameOf(error));
        // That it could be put aside may mean that the store has just come back.
        await keep([update]).catch(() => undefined);
      }
    }
  }

  /** Ends the waiting sign on the pressed button; of no account when it fails. */
  function answerPresses(updates: readonly Update[]): void {
    for (const { callback_query: press } of updates) {
      if (!press) continue;
      underWay.track(client.call.answerCallbackQuery({ callback_query_id: press.id }).catch(() => undefined));
    }
  }

  async function poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const lease = await options.lease(`telegram:${client.account}`, signal).catch(() => undefined);
      if (lease === undefined) {
        await pause(pace.first, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const lost = new AbortController();
      void lease.lost.then(() => lost.abort());
      const both = AbortSignal.any([signal, lost.signal]);
      // Never with drop_pending_updates: what waits there are people's words.
      await untilDone(both, () => client.call.deleteWebhook({}));
      const end = await pollUpdates({ client, take, tell, clock, random, pace, log }, both);
      // Lost or given back: either way it is not ours any more.
      await lease.release().catch(() => undefined);
      if (end === 'auth') return;
    }
  }

  async function watchHook(url: string, signal: AbortSignal): Promise<void> {
    const set = () =>
      client.call.setWebhook({ url, secret_token: secret, allowed_updates: [...ALLOWED_UPDATES] });
    await untilDone(signal, set);
    while (!signal.aborted) {
      tell({ is: 'well', at: clock() });
      await pause(WATCH, undefined, { signal }).catch(() => undefined);
      const info = signal.aborted ? undefined : await untilDone(signal, () => client.call.getWebhookInfo());
      if (info !== undefined && info.url !== url) await untilDone(signal, set);
    }
  }

  /** Tries until it succeeds, is aborted, or the token is refused; absent in the last two cases. */
  async function untilDone<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await act();
      } catch (error) {
        const auth = error instanceof Error && 'reason' in error && error.reason === 'auth';
        tell({ is: 'ill', reason: auth ? 'auth' : 'network', since: clock() });
        log.warn({ error: nameOf(error) }, 'Telegram did not take the set-up of receiving');
        if (auth) return undefined;
        const length = Math.min(pace.longest, pace.first * 2 ** Math.min(failures, 10));
        await pause(length * (0.5 + random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  return {
    join(part, taker) {
      takers.set(part, taker);
      if (running !== undefined || options.parts.some((one) => !takers.has(one))) return;
      stop = new AbortController();
      const { webhook } = options;
      running = webhook === undefined ? poll(stop.signal) : watchHook(webhook.url, stop.signal);
    },
    async leave(part) {
      stop?.abort();
      await running;
      running = undefined;
      await underWay.ended();
      takers.delete(part);
    },
    health(now) {
      if (state === undefined) return { ok: false, reason: 'not receiving from Telegram yet' };
      if (state.is === 'ill') return { ok: false, reason: REASONS[state.reason] };
      if (options.webhook === undefined && now - state.at > STALE) {
        return {
          ok: false,
          reason: `no successful call to Telegram for ${Math.round((now - state.at) / 1_000)} s`,
        };
      }
      return { ok: true, ...unproven.reason(now) };
    },
    async hook(request) {
      if (options.webhook === undefined || running === undefined)
        return { status: 503, body: 'not receiving' };
      const work = receiveHook(request, secret, take);
      underWay.track(work);
      const answer = await work;
      if (answer.status === 401) unproven.wrong();
      else if (answer.status === 200) unproven.right();
      return answer;
    },
    unknown: () => ({ ...unknown }),
  };
}
