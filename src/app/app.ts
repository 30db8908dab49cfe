// The shell put together: one door in, turns, deliveries, and the clock. Given ports, it opens nothing itself.

import type { InboundEvent } from '../core/event.ts';
import { errorFields } from '../log.ts';
import { createAnnouncer } from './announce.ts';
import { createClock } from './clock.ts';
import { createCodes } from './codes.ts';
import { createInbox } from './inbox.ts';
import { createLocks } from './locks.ts';
import { createMarks } from './marks.ts';
import { createNumbers } from './numbers.ts';
import { createOutbox } from './outbox.ts';
import { createTalks } from './sessions.ts';
import type { Shell } from './shell.ts';

export interface App {
  /** The one door: resolves once the events are durable. */
  intake(events: readonly InboundEvent[]): Promise<void>;
  /** Takes up what an earlier process left, and begins to keep time. Nothing new may come in before it resolves. */
  start(): Promise<void>;
  /** Looks once at everything that is due or was left. */
  sweep(): Promise<void>;
  /** Resolves when nothing is under way: neither turns nor deliveries that may go out now. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** What the shell makes for itself. */
type Own = 'talks' | 'locks' | 'partsSent' | 'said';

export async function createApp(ports: Omit<Shell, Own>): Promise<App> {
  const talks = createTalks(ports.store.sessions);
  const shell: Shell = {
    ...ports,
    talks,
    partsSent: new Map(),
    said: new Set(),
    locks: createLocks(ports.runtime, (contact) => talks.drop(contact)),
  };
  const numbers = await createNumbers(shell.store.settings);
  const codes = await createCodes(shell.store.settings);
  const marks = createMarks(shell.store.journal, (error) => {
    shell.log.warn(errorFields(error), 'applied events could not be marked; the next sweep finds them');
  });
  const inbox = createInbox(shell, {
    numbers,
    codes,
    marks,
    committed: (session) => {
      clock.watch(session);
      outbox.kick(session);
    },
  });
  const outbox = createOutbox(shell, inbox.intake);
  const announcer = createAnnouncer(shell);
  const clock = createClock(shell, { intake: inbox.intake, sweepJournal: inbox.sweep, kick: outbox.kick });
  return {
    intake: inbox.intake,
    async start() {
      await inbox.sweep(true);
      clock.start();
      announcer.start();
      await clock.sweep();
    },
    async sweep() {
      announcer.glance();
      await clock.sweep();
    },
    async idle() {
      await inbox.idle();
      await outbox.idle();
      await inbox.idle();
      await outbox.idle();
    },
    async stop() {
      clock.stop();
      await announcer.stop();
      await inbox.stop();
      await outbox.stop();
      await marks.flush();
    },
  };
}
