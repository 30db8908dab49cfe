// Timers and the sweep: what is due enters by the same door as everything else, and what was forgotten is found again.
import type { InboundEvent } from '../core/event.ts';
import { dueAt, type Session } from '../core/session.ts';
import { errorFields } from '../log.ts';
import { settled } from './settle.ts';
import type { Shell } from './shell.ts';

/** Also how long it takes until anything lost from memory is found again. */
const EVERY = 15_000;
const AT_MOST = 5_000;
const SIDE_BY_SIDE = 16;
/** What is due later than this waits in the store alone, until a sweep comes by. */
const SOON = 2 * EVERY;
/** Of several processes that look every so often, one looks within this. */
const ONE_LOOK = { count: 1, per: 5_000, burst: 1 } as const;

export interface Clock {
  /** After each commit: asks for a look when the session next wants one. */
  watch(session: Session): void;
  /** Looks at all that is due, once. */
  sweep(): Promise<void>;
  start(): void;
  stop(): void;
}

export function createClock(
  shell: Shell,
  parts: {
    readonly intake: (events: readonly InboundEvent[]) => Promise<void>;
    readonly sweepJournal: () => Promise<void>;
    readonly kick: (session: Session) => void;
  },
): Clock {
  let timer: NodeJS.Timeout | undefined;

  async function look(contact: string): Promise<void> {
    const session = await settled(shell, contact);
    if (!session) return;
    const now = shell.clock();
    const due = session.timers.filter((one) => one.due <= now);
    if (due.length === 0) watch(session);
    await parts.intake(
      due.map((one) => ({
        id: `${contact}:${one.name}:${one.due}`,
        channel: 'clock',
        account: '',
        at: now,
        kind: 'timer' as const,
        contact,
        timer: one.name,
        due: one.due,
      })),
    );
    if (session.outbox.length > 0) parts.kick(session);
  }

  const quietly = (work: Promise<unknown>): void => {
    work.catch((error: unknown) =>
      shell.log.warn(errorFields(error), 'a look at what is due failed; the next sweep repeats it'),
    );
  };
  shell.runtime.onAlarm((contact) => quietly(look(contact)));

  async function sweepInTurn(): Promise<void> {
    if (shell.runtime.shared && (await shell.runtime.budget('sweep', ONE_LOOK)) > 0) return;
    await sweep();
  }

  async function sweep(): Promise<void> {
    await parts.sweepJournal();
    const contacts = [...(await shell.store.sessions.due(shell.clock() + SOON, AT_MOST))];
    const lane = async (): Promise<void> => {
      for (let contact = contacts.shift(); contact !== undefined; contact = contacts.shift()) {
        const name = contact;
        // One contact whose state cannot be brought on must hold up nobody else, least of all a start.
        await look(name).catch((error: unknown) =>
          shell.log.error({ contact: name, ...errorFields(error) }, 'a contact could not be looked at'),
        );
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  }

  /** Asks for a look when the session next wants one, if that is soon. */
  function watch(session: Session): void {
    const due = dueAt({ ...session, outbox: [] });
    if (due !== undefined && due <= shell.clock() + SOON) shell.runtime.alarm(session.id, due);
  }

  return {
    watch,
    sweep,
    start() {
      timer ??= setInterval(() => quietly(sweepInTurn()), EVERY);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
  };
}
