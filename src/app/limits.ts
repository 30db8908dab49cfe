// The networks' limits on one entry of an outbox: which they are, and waiting for a place under them. It sends nothing.
import { setTimeout as pause } from 'node:timers/promises';
import type { Rate } from '../channels/channel.ts';
import type { Address } from '../core/contact.ts';
import type { Lane, OutboxEntry } from '../core/effect.ts';
import type { Session } from '../core/session.ts';
import type { Shell } from './shell.ts';

/** After so long things may not be as they were: whoever waits looks again. */
const LONGEST = 5_000;

export interface Limits {
  /** The limit of the lane's that many share; absent: it has none. */
  gateOf(address: Address, lane: Lane): string | undefined;
  of(session: Session, entry: OutboxEntry): Promise<readonly (readonly [string, Rate])[]>;
  /**
   * Takes a place under each. `wait`: 0, it may be sent; else milliseconds until its own chat may be written to again, or
   * `longer` where a limit that many share has no place yet. `waited`: how long this took.
   */
  take(
    session: Session,
    entry: OutboxEntry,
  ): Promise<{ readonly wait: number | 'longer'; readonly waited: number }>;
}

export const accountOf = ({ channel, account }: Pick<Address, 'channel' | 'account'>): string =>
  `channel:${channel}:${account}`;

/** Waiting ends with the signal. */
export function createLimits(
  shell: Pick<Shell, 'channels' | 'desks' | 'store' | 'runtime' | 'clock'>,
  signal: AbortSignal,
): Limits {
  async function of(session: Session, entry: OutboxEntry): Promise<readonly (readonly [string, Rate])[]> {
    if (entry.lane === 'media' || entry.lane === 'join') return [];
    if (entry.effect.kind === 'desk') {
      const { ticket: id } = entry.effect;
      const desk = shell.desks.find((one) => entry.lane === `desk:${one.id}`);
      const ticket = desk?.rate ? await shell.store.records.ticket(id) : undefined;
      return desk?.rate && ticket ? [[`desk:${desk.id}:${desk.rateKey(ticket)}`, desk.rate]] : [];
    }
    const rates = shell.channels.get(session.address.channel)?.abilities.rates;
    const account = accountOf(session.address);
    return [
      ...(rates?.peer ? [[`${account}:${session.address.peer}`, rates.peer] as const] : []),
      ...(rates?.account ? [[account, rates.account] as const] : []),
    ];
  }

  return {
    of,
    gateOf(address, lane) {
      if (lane === 'contact')
        return shell.channels.get(address.channel)?.abilities.rates.account && accountOf(address);
      return shell.desks.some((desk) => desk.rate && lane === `desk:${desk.id}`) ? lane : undefined;
    },
    async take(session, entry) {
      const since = shell.clock();
      const waited = (): number => shell.clock() - since;
      const own = `${accountOf(session.address)}:${session.address.peer}`;
      for (const [name, rate] of await of(session, entry)) {
        for (;;) {
          const wait = await shell.runtime.budget(name, rate);
          if (wait <= 0) break;
          if (name === own) return { wait, waited: waited() };
          if (waited() >= LONGEST || signal.aborted) return { wait: 'longer', waited: waited() };
          await pause(Math.min(wait, LONGEST), undefined, { signal }).catch(() => undefined);
        }
      }
      return { wait: 0, waited: waited() };
    },
  };
}
