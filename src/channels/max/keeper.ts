// Brings updates to where events are kept. What cannot be understood, or is never taken, is put aside durably, so that it
// neither is lost nor holds up what follows. It knows nothing of how updates come.
import { createHash } from 'node:crypto';
import type { CustomerEvent } from '../../core/event.ts';
import { sound } from '../../networks/sound.ts';
import { kindIn, written } from '../../networks/written.ts';
import type { Intake } from '../channel.ts';
import { type Log, UPDATE_TYPES, type Update } from './api.ts';
import { reasonOf } from './errors.ts';
import { fromUpdate } from './wire.ts';

export interface Understood {
  readonly update: Update;
  readonly events: readonly CustomerEvent[];
}

export interface Keeper {
  /** Gives what was understood; resolves once every event of it is durable, or put aside. */
  keep(updates: readonly Update[], account: string, intake: Intake): Promise<readonly Understood[]>;
  /** Updates of kinds that nobody takes, by kind. */
  unknown(): Readonly<Record<string, number>>;
}

export interface KeeperOptions {
  readonly memory: { set(name: string, value: string): Promise<void> };
  readonly clock: () => number;
  readonly log: Log;
}

/** Failures of one batch after which its updates are tried one by one. */
const PATIENCE = 5;
const REMEMBERED = 1_000;
const KNOWN: ReadonlySet<string> = new Set(UPDATE_TYPES);

export function createKeeper({ memory, clock, log }: KeeperOptions): Keeper {
  const unknown: Record<string, number> = {};
  /** How often a batch failed to be kept, by the digest of its first update. */
  const failed = new Map<string, number>();

  async function understand(update: Update, own: string): Promise<CustomerEvent[]> {
    const kind = typeof update?.update_type === 'string' ? update.update_type : '';
    if (!KNOWN.has(kind)) {
      const said = kindIn(kind);
      unknown[said] = (unknown[said] ?? 0) + 1;
      log.info({ kind: said }, 'an update of a kind that nobody takes');
      return [];
    }
    try {
      return fromUpdate(update, own).map(sound);
    } catch {
      log.error({ kind }, 'an update of MAX could not be understood; it is put aside');
      await putAside(update, 'not_understood');
      return [];
    }
  }

  async function putAside(update: Update, reason: string): Promise<void> {
    const raw = written(update);
    await memory.set(`bad.${digestOf(raw)}`, JSON.stringify({ reason, raw, at: clock() }));
  }

  async function keep(understood: readonly Understood[], intake: Intake): Promise<void> {
    const [first] = understood;
    if (first === undefined) return;
    const key = digestOf(written(first.update));
    try {
      await intake(understood.flatMap(({ events }) => events));
    } catch (error) {
      const times = (failed.get(key) ?? 0) + 1;
      if (failed.size > REMEMBERED) failed.clear();
      failed.set(key, times);
      if (times < PATIENCE) throw error;
      await keepOneByOne(understood, intake);
    }
    failed.delete(key);
  }

  /** One that the store refuses while it takes others must not hold up the rest for ever. */
  async function keepOneByOne(understood: readonly Understood[], intake: Intake): Promise<void> {
    for (const { update, events } of understood) {
      try {
        await intake(events);
      } catch (error) {
        log.error(
          { kind: update.update_type, error: reasonOf(error) },
          'an update cannot be kept as an event',
        );
        await putAside(update, reasonOf(error));
        // That it could be put aside may mean that the store has just come back.
        await intake(events).catch(() => undefined);
      }
    }
  }

  return {
    async keep(updates, account, intake) {
      const understood: Understood[] = [];
      for (const update of updates) {
        const events = await understand(update, account);
        if (events.length > 0) understood.push({ update, events });
      }
      await keep(understood, intake);
      return understood;
    },
    unknown: () => ({ ...unknown }),
  };
}

const digestOf = (raw: string): string => createHash('sha256').update(raw).digest('base64url').slice(0, 22);
