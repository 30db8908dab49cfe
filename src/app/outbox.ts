// Delivers what the turns decided: each lane in its order, under the networks' limits, results recorded by the same
// compare-and-set as everything else of the contact. It obeys a refusal's verdict and knows no network.
import type { Lane, OutboxEntry } from '../core/effect.ts';
import { DeliveryError } from '../core/errors.ts';
import type { InboundEvent } from '../core/event.ts';
import type { Session } from '../core/session.ts';
import { errorFields } from '../log.ts';
import { BUG_TRIES, createEntries, shortly } from './entries.ts';
import { createGates, type Place } from './gates.ts';
import { performJoining } from './joining.ts';
import { accountOf, createLimits } from './limits.ts';
import { isOutside } from './outside.ts';
import { keepSaid, performCall } from './perform.ts';
import { settled } from './settle.ts';
import type { Shell } from './shell.ts';

/** Beyond this age a message says something that is no longer so. */
const TOO_OLD = 24 * 3_600_000;
/** How long after another process was found at a lane it is looked at again. */
const CLAIM_PAUSE = 250;
/** How many ask for one limit's next place at the same time. */
const ASKERS = 4;

export interface Outbox {
  /** Delivers what the contact's lanes hold, as far as limits allow; further work is asked for by alarm. */
  kick(session: Session): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export function createOutbox(
  shell: Shell,
  intake: (events: readonly InboundEvent[]) => Promise<void>,
): Outbox {
  /** Lanes being delivered now. */
  const running = new Map<string, Running>();
  /** Lanes that wait, and how often their first entry was tried. Lost with the process: then it is tried at once. */
  const waiting = new Map<string, { entry: string; until: number; tries: number }>();
  const gates = createGates(ASKERS);
  const ending = new AbortController();
  const limits = createLimits(shell, ending.signal);
  let stopped = false;
  const entries = createEntries(shell, () => stopped);

  function kick(session: Session): void {
    if (stopped) return;
    for (const lane of new Set(session.outbox.map((entry) => entry.lane))) {
      if (lane === 'store') continue;
      const key = `${session.id} ${lane}`;
      const now = running.get(key);
      // It may have looked for the last time already.
      if (now) now.next = session;
      else run(session, lane, key);
    }
  }

  function run(session: Session, lane: Lane, key: string): void {
    const taken = new Set<string>();
    const work = workLane(session, lane, key, taken)
      .catch((error: unknown) => {
        shell.log.error(
          { contact: session.id, lane, ...errorFields(error) },
          'a lane could not be delivered; it is tried again',
        );
        shell.runtime.alarm(session.id, shell.clock() + 2_000);
      })
      .finally(() => {
        const { next } = running.get(key) ?? {};
        running.delete(key);
        if (next?.outbox.some((entry) => entry.lane === lane && !taken.has(entry.id))) kick(next);
      });
    running.set(key, { work });
  }

  /** At a limit that many share each entry waits for its turn to ask, holding nothing meanwhile. */
  async function workLane(
    { id, address }: Session,
    lane: Lane,
    key: string,
    taken: Set<string>,
  ): Promise<void> {
    const gate = limits.gateOf(address, lane);
    for (;;) {
      const place = gate === undefined ? FREE : await gates.enter(gate);
      if (!place || stopped) return;
      try {
        if (!(await claimLane(id, lane, key, { gate, place, taken }))) return;
      } finally {
        place.leave();
      }
    }
  }

  /** A lane is delivered by one process at a time: two would show the same message twice. True: it goes on later. */
  async function claimLane(contact: string, lane: Lane, key: string, turn: LaneTurn): Promise<boolean> {
    if (!shell.runtime.shared) return await deliverLane(contact, lane, key, turn);
    const claim = await shell.runtime.claim(`lane:${key}`).catch(() => 'away' as const);
    // The sweep looks at what waits in the store once names can be claimed.
    if (claim === 'away') return false;
    if (!claim) {
      // Who has it may have looked already and be about to let go.
      shell.runtime.alarm(contact, shell.clock() + CLAIM_PAUSE);
      return false;
    }
    try {
      return await deliverLane(contact, lane, key, turn);
    } finally {
      await claim.release().catch(() => undefined);
    }
  }

  async function deliverLane(
    contact: string,
    lane: Lane,
    key: string,
    { gate, place, taken }: LaneTurn,
  ): Promise<boolean> {
    let isNext = false;
    for (let away = 0; !stopped; ) {
      try {
        const session = await settled(shell, contact);
        const entry = session?.outbox.find((one) => one.lane === lane);
        if (!session || !entry) {
          waiting.delete(key);
          return false;
        }
        if (isNext && gate !== undefined && gates.crowded(gate)) return true;
        taken.add(entry.id);
        const held = waiting.get(key);
        const refused = held?.entry === entry.id ? held.until - shell.clock() : 0;
        const { wait, waited } =
          refused > 0 ? { wait: refused, waited: 0 } : await limits.take(session, entry);
        if (wait === 'longer') continue;
        if (wait > 0) {
          shell.runtime.alarm(contact, shell.clock() + wait);
          return false;
        }
        place.leave();
        isNext = true;
        // While it waited the entry may have been done away with.
        const now = waited > 0 ? await settled(shell, contact) : session;
        const still = now?.outbox.find((one) => one.lane === lane);
        if (now && still?.id === entry.id) await deliver(now, still, key);
        away = 0;
      } catch (error) {
        if (stopped || !isOutside(error)) throw error;
        // We alone know how far it got: to let go of the lane now would be to have it shown again.
        isNext = false;
        place.leave();
        if (away === 0)
          shell.log.warn({ contact, lane, ...errorFields(error) }, 'a lane waits for the store');
        away += 1;
        await shortly(away);
      }
    }
    return false;
  }

  async function deliver(session: Session, entry: OutboxEntry, key: string): Promise<void> {
    const { effect } = entry;
    try {
      if (entry.lane === 'join') {
        // Durable before the entry goes, known by their ids if it is done twice.
        await intake(await performJoining(shell, session, entry));
        return await entries.remove(session.id, entry.id);
      }
      // Kept first: what cannot be delivered must still be found in the history.
      await keepSaid(shell, session, entry);
      // A ticket is shown at its desk however long that was away; a customer is not told what is no longer so.
      if (effect.kind !== 'desk' && shell.clock() - entry.at > TOO_OLD)
        throw new DeliveryError('never', 'expired');
      if (effect.kind === 'say' && !session.reachable) throw new DeliveryError('blocked', 'blocked');
      const once = !isRepeatable(session, entry);
      // A call may have been made whose result nobody recorded: whether it arrived is not known.
      const isThere = shell.partsSent.has(entry.id);
      if (once && entry.state === 'sending' && !isThere) throw new DeliveryError('unknown', 'network');
      if (once && !isThere && !(await entries.sending(entry, session.id))) return;
      const keep = await performCall(shell, session, entry);
      await entries.made(session.id, entry.id, keep);
      waiting.delete(key);
    } catch (error) {
      if (isOutside(error) && !(error instanceof DeliveryError)) throw error;
      await failed(session, entry, key, error);
    }
  }

  /** A second copy does no harm, or the network itself takes no second one. */
  function isRepeatable({ address }: Session, { effect }: OutboxEntry): boolean {
    if (effect.kind !== 'say' || effect.repeatable) return true;
    return shell.channels.get(address.channel)?.abilities.sendsOnce ?? false;
  }

  async function failed(session: Session, entry: OutboxEntry, key: string, error: unknown): Promise<void> {
    const held = waiting.get(key);
    const tries = (held?.entry === entry.id ? held.tries : 0) + 1;
    const refusal = error instanceof DeliveryError ? error : undefined;
    if (!refusal)
      shell.log.error(
        { contact: session.id, entry: entry.id, kind: entry.effect.kind, ...errorFields(error) },
        'an effect failed unexpectedly',
      );
    // What concerns other contacts is no send that could grow old: it is tried until it is done.
    const patient = tries < BUG_TRIES || entry.lane === 'join';
    const verdict = refusal?.verdict ?? (patient ? 'later' : 'never');
    const reason = refusal?.reason ?? 'internal';
    const repeatable = isRepeatable(session, entry);
    if (verdict === 'later' || (verdict === 'unknown' && repeatable)) {
      const wait = refusal?.retryAfter ?? backoff(tries);
      waiting.set(key, { entry: entry.id, until: shell.clock() + wait, tries });
      // The next look may be another process's.
      const [own] = shell.runtime.shared ? await limits.of(session, entry) : [];
      if (own) await shell.runtime.pause(own[0], shell.clock() + wait);
      if (refusal?.wide) await shell.runtime.pause(accountOf(session.address), shell.clock() + wait);
      // What is there already stays marked: should we end before it is written down, it is not sent as if for the first time.
      if (!repeatable && !shell.partsSent.has(entry.id)) await entries.pending(entry, session.id);
      if (tries === 1)
        shell.log.info({ contact: session.id, entry: entry.id, reason, pause: wait }, 'a delivery waits');
      return;
    }
    await giveUp(session, entry, verdict, reason);
    waiting.delete(key);
  }

  /** Told to the desk and the store before the entry goes: nothing is dropped silently. */
  async function giveUp(
    session: Session,
    entry: OutboxEntry,
    verdict: 'never' | 'blocked' | 'unknown',
    reason: string,
  ): Promise<void> {
    const { effect } = entry;
    shell.log.warn(
      { contact: session.id, entry: entry.id, kind: effect.kind, verdict, reason },
      'a delivery was given up',
    );
    const events: InboundEvent[] = [];
    const base = { channel: 'outbox', account: '', at: shell.clock() };
    if (effect.kind === 'say' && effect.ticket !== undefined) {
      const state = verdict === 'unknown' ? 'unknown' : 'failed';
      await shell.store.records.setFate(entry.id, state, reason);
      shell.runtime.publish('tickets', { kind: 'ticket', id: effect.ticket });
      events.push({
        ...base,
        id: `fate:${entry.id}`,
        kind: 'undelivered',
        contact: session.id,
        message: entry.id,
        ticket: effect.ticket,
        state,
        reason,
      });
    }
    if (verdict === 'blocked' && session.reachable) {
      events.push({
        ...session.address,
        id: `blocked:${entry.id}`,
        at: base.at,
        kind: 'reach',
        reachable: false,
        reason,
      });
    }
    if (effect.kind === 'desk') {
      await shell.store.records.audit({
        at: base.at,
        what: `desk_${effect.show.what}_failed:${reason}`,
        on: effect.ticket,
      });
    }
    if (events.length > 0) await intake(events);
    await entries.remove(session.id, entry.id);
  }

  return {
    kick,
    async idle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ work }) => work));
    },
    async stop() {
      stopped = true;
      ending.abort();
      gates.stop();
      await Promise.allSettled([...running.values()].map(({ work }) => work));
    },
  };
}

interface Running {
  readonly work: Promise<void>;
  /** As it stood when it was last kicked meanwhile. */
  next?: Session;
}

interface LaneTurn {
  readonly gate: string | undefined;
  readonly place: Place;
  /** Entries looked at. */
  readonly taken: Set<string>;
}

const FREE: Place = { leave() {} };

/** 1, 2, 4 … 60 s. */
const backoff = (tries: number): number => Math.min(60_000, 1_000 * 2 ** (tries - 1));
