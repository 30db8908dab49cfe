// Takes in what Meta posts: whose it is, what it means, and the journal before the answer. Each person's posts are kept
// one after another. It never decides what is said.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CustomerEvent } from '../../../core/event.ts';
import { sound } from '../../../networks/sound.ts';
import { createUnderWay } from '../../../networks/under-way.ts';
import { written } from '../../../networks/written.ts';
import type { Settings } from '../../../store/store.ts';
import type { Intake } from '../../channel.ts';
import type { Parts } from '../../index.ts';
import type { Body } from './api.ts';
import { rulingOf, toError } from './errors.ts';
import type { Fates } from './fates.ts';
import { fromEcho, fromMessage, type Happening, happenings, type Named, timeOf } from './incoming.ts';
import type { Window } from './window.ts';

export interface Receive {
  start(intake: Intake): void;
  /** Waits for what is under way. */
  stop(): Promise<void>;
  /** Resolves once everything in the body is durable; rejects when it must be posted again. */
  take(body: Body, raw: string): Promise<void>;
}

export interface ReceiveDeps {
  readonly phoneId: string;
  readonly settings: Pick<Settings, 'once'>;
  readonly window: Window;
  readonly fates: Fates;
  /** Keeps, durably, what could not be understood or kept as an event. */
  readonly onBad: (id: string, raw: string, reason: string) => Promise<void>;
  readonly log: Parts['log'];
  /** Milliseconds between the tries to keep a person's events, while Meta waits for our answer. */
  readonly retries?: readonly number[];
}

const RETRIES = [100, 500, 1_500];
/** Posts of the same event that could not be kept, after which it is put aside. */
const PATIENCE = 5;
/** A failure is told after the call that made the message has ended, but Meta waits no longer than this. */
const CALL_PATIENCE = 3_000;
const KEPT = 10_000;

export function createReceive(deps: ReceiveDeps): Receive {
  const { fates, window, log, retries = RETRIES } = deps;
  const lines = new Map<string, Promise<void>>();
  const peers = new Map<string, string>();
  const failures = new Map<string, number>();
  const underWay = createUnderWay();
  let intake: Intake | undefined;
  let stopping = new AbortController();

  /** A person is one contact whether their number shows or not: how they were first known stands. */
  async function peerOf({ phone, user }: Named): Promise<string> {
    if (user === undefined) {
      if (phone === undefined) throw new TypeError('a person without a name');
      return phone;
    }
    const known = peers.get(user);
    if (known !== undefined) return known;
    const name = `whatsapp.cloud.user.${createHash('sha256').update(user).digest('base64url').slice(0, 22)}`;
    const peer = await deps.settings.once(name, phone ?? user);
    if (peers.size >= KEPT) peers.clear();
    peers.set(user, peer);
    return peer;
  }

  /** After what came of this person before. */
  function inLine(key: string, work: () => Promise<void>): Promise<void> {
    const before = lines.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    lines.set(key, mine);
    const end = (): void => {
      if (lines.get(key) === mine) lines.delete(key);
    };
    mine.then(end, end);
    return mine;
  }

  async function understand(one: Happening): Promise<CustomerEvent[]> {
    try {
      const peer = await peerOf(one.who);
      const events =
        one.is === 'message'
          ? fromMessage(one, peer, timeOf(one))
          : one.is === 'echo'
            ? fromEcho(one, peer, timeOf(one))
            : await fate(one, peer, timeOf(one));
      return events.map(sound);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      log.error({ is: one.is }, 'a notification of WhatsApp could not be understood; it is put aside');
      await deps.onBad(nameOf(one), written(one), 'not_understood');
      return [];
    }
  }

  /** What became of a message of ours: told where the call itself did not tell it. */
  async function fate(
    { status }: Extract<Happening, { is: 'status' }>,
    peer: string,
    at: number,
  ): Promise<CustomerEvent[]> {
    const { biz_opaque_callback_data: whole, status: state, id } = status;
    if (typeof id !== 'string' || id === '') throw new TypeError('a status of no message');
    const failed = state === 'failed';
    if (!failed && state !== 'sent' && state !== 'delivered') return [];
    const base = { channel: 'whatsapp', account: '', at, peer } as const;
    const ruling = failed ? rulingOf(status.errors?.[0]?.code ?? -1) : undefined;
    if (ruling?.reason === 'window_closed') window.refused(base, at);
    const gone: CustomerEvent[] =
      ruling?.verdict === 'blocked'
        ? [{ ...base, id: `reach:${id}`, kind: 'reach', reachable: false, reason: ruling.reason }]
        : [];
    if (!whole) return gone;
    const [key = '', part] = whole.split('#');
    fates.hear(whole, { id, ...(ruling && { failure: toError(ruling) }) });
    const wasUnderWay = await Promise.race([
      fates.settled(whole),
      pause(CALL_PATIENCE, true, { ref: false }),
    ]);
    const told = {
      ...base,
      id: `receipt:${key}:${failed ? 'failed' : 'sent'}`,
      kind: 'receipt',
      key,
    } as const;
    if (ruling) {
      // A call that learned of it throws it.
      if (wasUnderWay && !fates.isAnswered(whole)) return gone;
      return [{ ...told, state: 'failed', reason: ruling.reason }, ...gone];
    }
    return fates.isAnswered(whole) || wasUnderWay || part !== undefined ? [] : [{ ...told, state: 'sent' }];
  }

  async function keep(one: Happening): Promise<void> {
    const events = await understand(one);
    if (events.length === 0) return;
    if (!intake) throw new Error('not receiving');
    const [{ peer, at } = { peer: '', at: 0 }] = events;
    await intake(events);
    if (one.is === 'message') await window.heard({ channel: 'whatsapp', account: '', peer }, at);
  }

  async function insist(one: Happening): Promise<void> {
    for (const wait of [...retries, undefined]) {
      try {
        return await keep(one);
      } catch (error) {
        if (wait !== undefined && !stopping.signal.aborted) {
          await pause(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
          continue;
        }
        await giveUp(one, error);
      }
    }
  }

  /** One that the store refuses while it takes others must not be posted for ever. */
  async function giveUp(one: Happening, error: unknown): Promise<void> {
    const id = nameOf(one);
    const count = (failures.get(id) ?? 0) + 1;
    if (failures.size >= KEPT) failures.clear();
    failures.set(id, count);
    if (count < PATIENCE || stopping.signal.aborted) throw error;
    log.error({ is: one.is }, 'a notification of WhatsApp cannot be kept as an event; it is put aside');
    await deps.onBad(id, written(one), error instanceof Error ? error.name : 'unexpected');
    failures.delete(id);
    // That it could be put aside may mean that the store has just come back.
    await keep(one).catch(() => undefined);
  }

  async function take(body: Body, raw: string): Promise<void> {
    if (!intake) throw new Error('not receiving');
    let found: readonly Happening[];
    try {
      tellTroubles(body);
      found = happenings(body, deps.phoneId);
    } catch {
      log.error({}, 'a post of WhatsApp could not be understood; it is put aside');
      return await deps.onBad(shortOf(raw), raw, 'not_understood');
    }
    const ends = await Promise.allSettled(
      found.map((one) => {
        const line = `${one.is === 'status' ? 'status ' : ''}${one.who.user ?? one.who.phone}`;
        return inLine(line, () => insist(one));
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Troubles of the whole account, which belong to no person. */
  function tellTroubles(body: Body): void {
    for (const { value } of (body.entry ?? []).flatMap(({ changes }) => changes ?? [])) {
      for (const { code } of value?.errors ?? [])
        log.warn({ code: typeof code === 'number' ? code : 'unknown' }, 'WhatsApp tells of a trouble');
    }
  }

  return {
    start(given) {
      intake = given;
      stopping = new AbortController();
    },
    async stop() {
      stopping.abort();
      await underWay.ended();
      intake = undefined;
    },
    take: (body, raw) => underWay.track(take(body, raw)),
  };
}

/** The same for the same happening, whatever stands in it. */
function nameOf(one: Happening): string {
  const { id } = one.is === 'status' ? one.status : one.message;
  return shortOf(typeof id === 'string' ? id : written(one));
}

/** A name under which it can be put aside, free of what people may read. */
const shortOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
