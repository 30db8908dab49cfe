// The key of a topic among all tickets' places: `forum:<chat>:<thread>`. Pure; nobody else builds or reads it.
import type { Ticket, TicketPlace } from '../../core/ticket.ts';

const DESK = 'forum';
const KEY = /^forum:(-?\d+):(\d+)$/;

export function placeKey(chat: number, thread: number): string {
  return `${DESK}:${chat}:${thread}`;
}

export function readPlace(key: string | undefined): { chat: number; thread: number } | undefined {
  const found = KEY.exec(key ?? '');
  return found === null ? undefined : { chat: Number(found[1]), thread: Number(found[2]) };
}

/** This desk's places of a ticket, oldest first; those of a former id of the group stand under the current one. */
export function ownPlaces(ticket: Ticket, chat: number, has: (chat: number) => boolean): TicketPlace[] {
  return ticket.places.flatMap((place) => {
    const read = place.desk === DESK ? readPlace(place.key) : undefined;
    if (read === undefined) return [];
    return [has(read.chat) ? { ...place, key: placeKey(chat, read.thread) } : { ...place, live: false }];
  });
}

/** All places of the ticket, this desk's replaced. */
export function withOwn(ticket: Ticket, own: readonly TicketPlace[]): readonly TicketPlace[] {
  return [...ticket.places.filter((place) => place.desk !== DESK), ...own];
}
