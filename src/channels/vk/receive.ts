// One community's stream of events: polled under a lease or posted to us, shared out to the dialogues and the wall, and
// confirmed to VK only once every part has kept what is its own.
import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryError } from '../../core/errors.ts';
import type { InboundEvent } from '../../core/event.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import { createUnproven } from '../../networks/unproven.ts';
import { kindIn, written } from '../../networks/written.ts';
import type { Settings } from '../../store/store.ts';
import type { Intake } from '../channel.ts';
import type { Log, VkApi, VkUpdate } from './api.ts';
import { type CallbackAnswer, receiveCallback, WRONG_SECRET } from './callback.ts';
import { ensureEvents } from './event-settings.ts';
import { type Cursor, illnessOf, nameOf, PACE, type Pace, pollUpdates, type State } from './poll.ts';
import type { Understanding } from './understand.ts';
import { eventId, pressOf } from './wire.ts';

export type Part = 'dialogues' | 'wall';

export interface Receive {
  /** Takes this part of the events from now on. The stream begins once every part expected has joined. */
  join(part: Part, intake: Intake): void;
  /** Ends the stream and waits for what is under way: without one part nothing may be confirmed. */
  leave(part: Part): Promise<void>;
  health(now: number): { readonly ok: boolean; readonly reason?: string };
  /** What VK posts in callback mode. */
  hook(request: { readonly method: string; readonly rawBody: Uint8Array }): Promise<CallbackAnswer>;
}

export interface ReceiveOptions {
  readonly api: VkApi;
  readonly group: number;
  /** The parts that must have joined. */
  readonly parts: readonly Part[];
  readonly understanding: Understanding;
  /** Absent: long polling. */
  readonly callback?: { readonly secret: string; readonly confirmation?: string } | undefined;
  readonly settings: Pick<Settings, 'get' | 'set' | 'once'>;
  /** Waits until this process alone may receive for the community. */
  readonly lease: (
    name: string,
    signal: AbortSignal,
  ) => Promise<{ readonly lost: Promise<void>; release(): Promise<void> }>;
  /** Keeps, durably, an update that could not be understood or kept as an event. */
  readonly onBad: (id: string, raw: string, reason: string) => Promise<void>;
  readonly clock: () => number;
  readonly log: Log;
  readonly pace?: Partial<Pace>;
  readonly random?: () => number;
}

const STALE = 90_000;
/** Failures of one batch after which its updates are tried one by one. */
const PATIENCE = 5;

const REASONS = {
  network: 'VK cannot be reached; check the network, VK_API_BASE_URL and VK_PROXY_URL',
  store: 'events cannot be kept; they wait at VK',
  auth: 'VK refuses the access key; check VK_TOKEN, its rights (messages, manage, photos, docs) and VK_GROUP_ID',
  off: "VK does not give events; turn on Long Poll API in the community's settings and check VK_GROUP_ID",
  deaf: 'VK does not tell of messages there are; they are read back from the dialogues',
} as const;

export function createReceive(options: ReceiveOptions): Receive {
  const { api, group, clock, log, settings, understanding } = options;
  const unproven = createUnproven({ setting: 'VK_SECRET', clock, log });
  const pace = { ...PACE, ...options.pace };
  const random = options.random ?? Math.random;
  const intakes = new Map<Part, Intake>();
  const underWay = createUnderWay();
  const cursorName = `vk.poll.${group}`;
  /** How often what begins with this id could not be kept. */
  const failed = new Map<string, number>();
  let confirmation = options.callback?.confirmation;
  let state: State | undefined;
  let stop: AbortController | undefined;
  let running: Promise<void> | undefined;

  const tell = (now: State) => {
    state = now.is === 'ill' && state?.is === 'ill' && state.reason === now.reason ? state : now;
  };

  async function take(updates: readonly VkUpdate[]): Promise<void> {
    await patiently(updates, eventId, rawOf, keep);
    answerPresses(updates);
  }

  /** One that the store refuses while it takes others must not hold up the rest for ever. */
  async function patiently<T>(
    pieces: readonly T[],
    idOf: (piece: T) => string,
    toRaw: (piece: T) => string,
    keepAll: (pieces: readonly T[]) => Promise<void>,
  ): Promise<void> {
    const [first] = pieces;
    if (first === undefined) return;
    const id = idOf(first);
    try {
      await keepAll(pieces);
    } catch (error) {
      const count = (failed.get(id) ?? 0) + 1;
      failed.set(id, count);
      // A network in trouble is no fault of what it brought.
      if (count < PATIENCE || error instanceof DeliveryError) throw error;
      for (const piece of pieces) await keepOrPutAside(piece, idOf(piece), toRaw(piece), keepAll);
    }
    failed.delete(id);
  }

  async function keepOrPutAside<T>(
    piece: T,
    id: string,
    raw: string,
    keepAll: (pieces: readonly T[]) => Promise<void>,
  ): Promise<void> {
    try {
      await keepAll([piece]);
    } catch (error) {
      log.error({ error: nameOf(error) }, 'an event of VK cannot be kept; it is put aside');
      await options.onBad(id, raw, nameOf(error));
      // That it could be put aside may mean that the store has just come back.
      await keepAll([piece]).catch(() => undefined);
    }
  }

  async function keep(updates: readonly VkUpdate[]): Promise<void> {
    const heard = await understanding.ofUpdates(updates, (update) => {
      log.error({ type: kindIn(update.type) }, 'an event of VK could not be understood; it is put aside');
      return options.onBad(eventId(update), rawOf(update), 'not_understood');
    });
    await give('dialogues', heard.dialogues);
    await give('wall', heard.wall);
  }

  async function give(part: Part, events: readonly InboundEvent[]): Promise<void> {
    if (events.length === 0 || !options.parts.includes(part)) return;
    const intake = intakes.get(part);
    if (intake === undefined) throw new Error(`the ${part} of VK do not take events now`);
    await intake(events);
  }

  /** Ends the waiting sign on the pressed button; of no account when it fails. */
  function answerPresses(updates: readonly VkUpdate[]): void {
    for (const update of updates) {
      const press = pressOf(update);
      if (press === undefined) continue;
      const { event_id, user_id, peer_id } = press;
      const answer = api.call('messages.sendMessageEventAnswer', { event_id, user_id, peer_id });
      underWay.track(answer.catch(() => undefined));
    }
  }

  async function readBack(since: number, signal: AbortSignal): Promise<void> {
    const idOf = (event: InboundEvent) => event.id;
    const keepAll = (events: readonly InboundEvent[]) => give('dialogues', events);
    const keepDialogue = (events: readonly InboundEvent[]) =>
      patiently(events, idOf, (event) => JSON.stringify(event), keepAll);
    await understanding.ofHistory(since, keepDialogue, signal);
  }

  async function load(): Promise<Cursor | undefined> {
    const kept = await settings.get(cursorName);
    return kept === undefined ? undefined : (JSON.parse(kept) as Cursor);
  }

  const save = (cursor: Cursor): Promise<void> => settings.set(cursorName, JSON.stringify(cursor));

  async function leased(signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      const lease = await options.lease(`vk:${group}`, signal).catch(() => undefined);
      if (lease === undefined) {
        await pause(pace.first, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const lost = new AbortController();
      void lease.lost.then(() => lost.abort());
      await work(AbortSignal.any([signal, lost.signal]));
      // Lost or given back: either way it is not ours any more.
      await lease.release().catch(() => undefined);
    }
  }

  async function poll(signal: AbortSignal): Promise<void> {
    const missed = (since: number) => understanding.missed(since, clock() - pace.grace);
    const ensure = () => ensureEvents({ api, group, wall: options.parts.includes('wall'), log });
    const begun = async () => Number(await settings.once(`vk.begun.${group}`, String(clock())));
    const place = { load, begun, save, take, readBack, missed, ensure, tell };
    await pollUpdates({ ...place, api, group, clock, random, pace, log }, signal);
  }

  /** VK brings the events itself; what it could not bring is looked for from time to time. */
  async function watch(signal: AbortSignal): Promise<void> {
    const wait = (ms: number) => pause(ms, undefined, { signal }).catch(() => undefined);
    let since: number | undefined;
    let isFirst = true;
    let failures = 0;
    while (!signal.aborted) {
      const now = clock();
      try {
        if (isFirst) since = (await load())?.at;
        const missed = await understanding.missed((since ?? now) - pace.grace, now - pace.grace);
        if (since !== undefined && (isFirst || missed)) await readBack(since - pace.margin, signal);
        await save({ ts: '', at: now });
        since = now;
        isFirst = false;
        failures = 0;
        tell({ is: 'well', at: clock() });
        await wait(pace.watch);
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        const reason = illnessOf(error);
        tell({ is: 'ill', reason, since: clock() });
        log.warn({ reason, error: nameOf(error) }, 'the dialogues of VK could not be looked through');
        await wait(Math.min(pace.longest, pace.first * 2 ** Math.min(failures, 10)) * (0.5 + random() / 2));
      }
    }
  }

  async function confirm(): Promise<string> {
    if (confirmation === undefined) {
      const asked = await api.call<{ code: string }>('groups.getCallbackConfirmationCode', {
        group_id: group,
      });
      confirmation = asked.code;
    }
    return confirmation;
  }

  return {
    join(part, intake) {
      intakes.set(part, intake);
      if (running !== undefined || options.parts.some((one) => !intakes.has(one))) return;
      stop = new AbortController();
      running = leased(stop.signal, options.callback ? watch : poll);
    },
    async leave(part) {
      stop?.abort();
      await running;
      running = undefined;
      await underWay.ended();
      intakes.delete(part);
    },
    health(now) {
      if (state === undefined) return { ok: false, reason: 'not receiving from VK yet' };
      if (state.is === 'ill') return { ok: false, reason: REASONS[state.reason] };
      if (options.callback === undefined && now - state.at > STALE) {
        return {
          ok: false,
          reason: `no successful call to VK for ${Math.round((now - state.at) / 1_000)} s`,
        };
      }
      return { ok: true, ...unproven.reason(now) };
    },
    async hook(request) {
      if (options.callback === undefined || running === undefined)
        return { status: 503, body: 'not receiving' };
      const { secret } = options.callback;
      const work = receiveCallback(request, { group, secret, confirmation: confirm, take });
      underWay.track(work);
      const answer = await work;
      if (answer === WRONG_SECRET) unproven.wrong();
      // A question for the confirmation string may come without the secret.
      else if (answer.body === 'ok') unproven.right();
      return answer;
    },
  };
}

/** Without the secret it came with. */
const rawOf = ({ secret: _, ...update }: VkUpdate): string => written(update);
