// Counters of a restored store, moved on by more than can have happened since the backup. What happened then is lost, but
// people and networks have seen it: an id of a message or a ticket's number must not be given out a second time.
import type { Document } from './database.ts';

/** Of one contact's messages, and of all tickets. */
export const CONTACT_STEP = 100_000;
export const TICKET_STEP = 10_000;

export function stepAhead(collection: string, document: Document): Document {
  if (collection === 'sessions')
    return {
      ...document,
      n: Number(document.n ?? 0) + CONTACT_STEP,
      q: Number(document.q ?? 0) + CONTACT_STEP,
    };
  if (collection === 'settings' && document._id === 'ticket_counter')
    return { ...document, count: Number(document.count ?? 0) + TICKET_STEP };
  return document;
}
