// One bot's stream of updates, polled under a lease or posted to us, and confirmed to MAX only once it is kept. It
// knows neither what updates mean nor what is said back.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import { createUnproven } from '../../networks/unproven.ts';
import type { Health, Intake } from '../channel.ts';
import { type Log, UPDATE_TYPES, type Update } from './api.ts';
import type { MaxClient } from './client.ts';
import { isUntrusted, reasonOf } from './errors.ts';
import { createHook, type HookAnswer, type HookRequest } from './hook.ts';
import { createKeeper } from './keeper.ts';
import { pollUpdates } from './poll.ts';

/** Milliseconds. */
export interface Pace {
  /** The first pause after a failure; doubles up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** From one poll to the next, at the least. */
  readonly gap: number;
  /** Between two looks at the subscription. */
  readonly watch: number;
  /** How long a posted update is tried before MAX is told no. */
  readonly patience: number;
}

export const PACE: Pace = { first: 1_000, longest: 30_000, gap: 500, watch: 3 * 60_000, patience: 20_000 };

export interface Tell {
  well(): void;
  ill(error: unknown, what?: 'store'): void;
}

export interface ReceiveOptions {
  readonly client: MaxClient;
  /** Absent: long polling. */
  readonly webhook?: { readonly url: string; readonly secret: string } | undefined;
  /** Our own address for MAX, also where it is polled now: it may have posted there before. */
  readonly ownUrl?: string | undefined;
  readonly account: Account;
  /** Small values kept over restarts, by name. */
  readonly memory: {
    get(name: string): Promise<string | undefined>;
    set(name: string, value: string): Promise<void>;
  };
  /** Waits until this process alone may poll for the bot. */
  readonly lease: (
    name: string,
    signal: AbortSignal,
  ) => Promise<{ readonly lost: Promise<void>; release(): Promise<void> }>;
  readonly clock: () => number;
  readonly log: Log;
  readonly pace?: Partial<Pace>;
  readonly random?: () => number;
}

/** The bot's own id. */
export interface Account {
  /** Absent until MAX has told it once. */
  readonly known: string | undefined;
  /** Asks MAX where it is not kept. */
  learn(): Promise<string>;
}

export interface Receive {
  start(intake: Intake, onUpdate: (update: Update) => void): void;
  stop(): Promise<void>;
  health(now: number): Health;
  hook(request: HookRequest): Promise<HookAnswer>;
  /** Updates of kinds that nobody takes, by kind. */
  unknown(): Readonly<Record<string, number>>;
}

const STALE = 90_000;

const REASONS = {
  network: 'MAX cannot be reached; check the network, MAX_API_ROOT and MAX_PROXY_URL',
  untrusted: "MAX's certificate is not trusted; put the Russian state root into MAX_CA_FILE",
  store: 'updates cannot be kept; they wait at MAX',
  auth: 'MAX refuses the token; check MAX_TOKEN',
  hooked:
    "MAX posts this bot's updates to an address that is not ours; remove that subscription or set MAX_MODE=webhook",
} as const;

type State =
  | { readonly is: 'well'; readonly at: number }
  | { readonly is: 'ill'; readonly reason: keyof typeof REASONS };

export function createReceive(options: ReceiveOptions): Receive {
  const { client, clock, log, account, memory, webhook } = options;
  const unproven = createUnproven({ setting: 'MAX_WEBHOOK_SECRET', clock, log });
  const pace = { ...PACE, ...options.pace };
  const random = options.random ?? Math.random;
  const underWay = createUnderWay();
  let state: State | undefined;
  /** MAX posts to somebody else's address: polling may bring nothing, or not all. */
  let hooked = false;
  let listener: { readonly intake: Intake; readonly onUpdate: (update: Update) => void } | undefined;
  let stopping: AbortController | undefined;
  let running: Promise<void> | undefined;

  const tell: Tell = {
    well() {
      state = { is: 'well', at: clock() };
    },
    ill(error, what) {
      const auth = error instanceof DeliveryError && error.reason === 'auth';
      state = { is: 'ill', reason: what ?? (auth ? 'auth' : isUntrusted(error) ? 'untrusted' : 'network') };
    },
  };

  const keeper = createKeeper({ memory, clock, log });

  async function take(updates: readonly Update[]): Promise<void> {
    if (listener === undefined) throw new Error('nobody takes updates now');
    const own = account.known ?? (await account.learn());
    const kept = await keeper.keep(updates, own, listener.intake);
    for (const { update, events } of kept) {
      listener.onUpdate(update);
      if (events.some((event) => event.kind === 'press')) answerPress(update);
    }
  }

  /** Ends the waiting sign on the pressed button; of no account when it fails. */
  function answerPress({ callback }: Update): void {
    if (callback?.callback_id !== undefined)
      underWay.track(client.answer(callback.callback_id).catch(() => undefined));
  }

  /** Tries until it succeeds or is aborted; absent in the last case. */
  async function untilDone<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await act();
      } catch (error) {
        tell.ill(error);
        log.warn({ error: reasonOf(error) }, 'MAX did not take the set-up of receiving');
        const length = Math.min(pace.longest, pace.first * 2 ** Math.min(failures, 10));
        await pause(length * (0.5 + random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }

  async function poll(signal: AbortSignal): Promise<void> {
    const own = await untilDone(signal, () => account.learn());
    while (own !== undefined && !signal.aborted) {
      const lease = await options.lease(`max:${own}`, signal).catch(() => undefined);
      if (lease === undefined) {
        await pause(pace.first, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const lost = new AbortController();
      void lease.lost.then(() => lost.abort());
      const both = AbortSignal.any([signal, lost.signal]);
      await untilDone(both, leaveOwnHooks);
      const watching = watchOthers(both);
      const marker = {
        get: () => memory.get(`marker.${own}`),
        set: (value: string) => memory.set(`marker.${own}`, value),
      };
      const onHooked = () => leaveOwnHooks().catch(() => undefined);
      await pollUpdates({ client, marker, take, onHooked, tell, clock, random, pace, log }, both);
      lost.abort();
      await watching;
      // Lost or given back: either way it is not ours any more.
      await lease.release().catch(() => undefined);
    }
  }

  /** While MAX posts to an address it cannot be polled. Only our own are taken away. */
  async function leaveOwnHooks(): Promise<void> {
    const own = [options.ownUrl, await memory.get('hook')];
    const standing = await client.subscriptions();
    for (const url of standing) if (own.includes(url)) await client.unsubscribe(url);
    hooked = standing.some((url) => !own.includes(url));
    if (hooked) log.error({}, REASONS.hooked);
  }

  async function watchOthers(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(pace.watch, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await leaveOwnHooks().catch(() => undefined);
    }
  }

  /** After hours of failures MAX takes a subscription away and tells nobody. */
  async function watchHook(
    { url, secret }: { url: string; secret: string },
    signal: AbortSignal,
  ): Promise<void> {
    await untilDone(signal, () => account.learn());
    const set = async () => {
      const former = await memory.get('hook');
      await client.subscribe(url, secret, UPDATE_TYPES);
      if (former !== undefined && former !== url && (await client.subscriptions()).includes(former))
        await client.unsubscribe(former);
      if (former !== url) await memory.set('hook', url);
    };
    await untilDone(signal, set);
    while (!signal.aborted) {
      tell.well();
      await pause(pace.watch, undefined, { signal }).catch(() => undefined);
      const standing = signal.aborted ? undefined : await untilDone(signal, () => client.subscriptions());
      if (standing === undefined || standing.includes(url)) continue;
      log.warn({}, 'MAX had taken the subscription away; it is set anew');
      await untilDone(signal, set);
    }
  }

  const hook = createHook({
    secret: webhook?.secret ?? '',
    take: (update) => take([update]),
    patience: pace.patience,
    first: Math.min(pace.first, 250),
    clock,
  });

  return {
    start(intake, onUpdate) {
      listener = { intake, onUpdate };
      stopping = new AbortController();
      const work = webhook === undefined ? poll(stopping.signal) : watchHook(webhook, stopping.signal);
      running = work.catch((error: unknown) => {
        tell.ill(error);
        log.error({ error: reasonOf(error) }, 'receiving from MAX has ended');
      });
    },
    async stop() {
      stopping?.abort();
      await running;
      running = undefined;
      await underWay.ended();
      listener = undefined;
    },
    health(now) {
      if (hooked) return { ok: false, reason: REASONS.hooked };
      if (state === undefined) return { ok: false, reason: 'not receiving from MAX yet' };
      if (state.is === 'ill') return { ok: false, reason: REASONS[state.reason] };
      if (webhook === undefined && now - state.at > STALE) {
        return {
          ok: false,
          reason: `no successful call to MAX for ${Math.round((now - state.at) / 1_000)} s`,
        };
      }
      return { ok: true, ...unproven.reason(now) };
    },
    async hook(request) {
      if (webhook === undefined || running === undefined) return { status: 503, body: 'not receiving' };
      const work = hook(request, stopping?.signal);
      underWay.track(work);
      const answer = await work;
      if (answer.status === 401) unproven.wrong();
      else if (answer.status === 200) unproven.right();
      return answer;
    },
    unknown: keeper.unknown,
  };
}
