// What a turn decided for the store, brought into the store: before the contact's next turn, and before anything is
// sent that speaks of it. A process may end between the turn and this, so whoever meets such a session does it first.
import type { Session } from '../core/session.ts';
import { performStore } from './perform.ts';
import type { Shell } from './shell.ts';

export const isUnsettled = (session: Session): boolean =>
  session.outbox.some((entry) => entry.lane === 'store');

/** Performs what touches only the store, and takes it from the outbox. Callers hold the contact's lock. */
export async function settle(shell: Shell, session: Session): Promise<Session> {
  for (const entry of session.outbox) if (entry.lane === 'store') await performStore(shell, session, entry);
  const rest = { ...session, outbox: session.outbox.filter((entry) => entry.lane !== 'store') };
  // Where somebody else wrote first, they found these entries too and performed them again, which changes nothing.
  return (await shell.talks.commit(rest)) ?? (await shell.talks.get(session.id)) ?? rest;
}

/** The session as it stands, with nothing of it waiting for the store. */
export async function settled(shell: Shell, contact: string): Promise<Session | undefined> {
  return await shell.locks.run(contact, async () => {
    const session = await shell.talks.get(contact);
    return session && isUnsettled(session) ? await settle(shell, session) : session;
  });
}
