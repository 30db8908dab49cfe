// Whose turn an event is, and which kept message it speaks of. It only reads, but for the audit of what operators do.
import { contactIdOf, placeOf } from '../core/contact.ts';
import { addressOf, type DeskEvent, type InboundEvent, isCustomerEvent } from '../core/event.ts';
import type { StoredMessage } from '../core/message.ts';
import type { Session } from '../core/session.ts';
import type { Ticket } from '../core/ticket.ts';
import type { Desk } from '../desk/desk.ts';
import { originOf } from '../engine/draft.ts';
import type { Shell } from './shell.ts';

export interface Owned {
  readonly contact: string;
  /** The ticket the event is about, where it names one. */
  readonly ticket?: string;
  /** The event, its act put away where the operator may not act. */
  readonly event: InboundEvent;
}

/** Whose turn it is. A desk's event belongs to its ticket's contact. */
export async function ownerOf(shell: Shell, event: InboundEvent): Promise<Owned | undefined> {
  if (isCustomerEvent(event)) return { contact: contactIdOf(addressOf(event)), event };
  if (event.kind === 'addition') return { contact: event.contact, ticket: event.ticket, event };
  if (event.kind !== 'desk') return { contact: event.contact, event };
  const { records } = shell.store;
  const desk = shell.desks.find((one) => one.id === event.channel);
  const ticket =
    event.ticket !== undefined
      ? await records.ticket(event.ticket)
      : event.place !== undefined
        ? await ticketAt(shell, desk, event.place)
        : undefined;
  if (!ticket) {
    shell.log.info({ event: event.id, channel: event.channel }, 'a desk event belongs to no ticket');
    desk?.stray?.(event);
    return undefined;
  }
  const allowed = desk ? await desk.authorise(event) : true;
  await records.audit({
    at: shell.clock(),
    by: event.operator,
    what: allowed ? `desk:${event.act}` : `desk_refused:${event.act}`,
    on: ticket.id,
  });
  return { contact: ticket.contact, ticket: ticket.id, event: allowed ? event : refused(event) };
}

/** The ticket whose place it is, or was before the desk moved: the move may be known here and not in the store, or the other way. */
async function ticketAt(shell: Shell, desk: Desk | undefined, place: string): Promise<Ticket | undefined> {
  const { records } = shell.store;
  const now = desk?.placeNow?.(place) ?? place;
  return (await records.ticketAt(now)) ?? (now === place ? undefined : await records.ticketAt(place));
}

/** The kept message that the event edits, resends, answers or tells the fate of. */
export async function aboutOf(
  shell: Shell,
  event: InboundEvent,
  session: Session,
): Promise<StoredMessage | undefined> {
  const { records } = shell.store;
  if (event.kind === 'undelivered') return await records.message(event.message);
  // The parts of one message share its id, each with its number behind it.
  if (event.kind === 'receipt') return await records.message(event.key.replace(/\/\d+$/, ''));
  if (event.kind === 'desk') {
    if (event.act === 'resend')
      return (
        (await linked(shell, event.place ?? '', event.message)) ?? (await records.message(event.message))
      );
    if (event.act === 'edit') return await records.messageByOrigin(session.id, originOf(event));
    if (event.act === 'write' && event.replyTo !== undefined && event.place !== undefined)
      return await linked(shell, event.place, event.replyTo);
    return undefined;
  }
  if (event.kind === 'edit') return await records.messageByOrigin(session.id, originOf(event));
  if (event.kind !== 'message' || event.replyTo === undefined) return undefined;
  return await linked(shell, placeOf(session.address), event.replyTo);
}

async function linked(
  shell: Shell,
  place: string,
  network: string | undefined,
): Promise<StoredMessage | undefined> {
  if (network === undefined) return undefined;
  const link = await shell.store.records.linkOf(place, network);
  return link && (await shell.store.records.message(link.message));
}

/** Who may not act here is told so; their words go nowhere. */
function refused(event: DeskEvent): DeskEvent {
  const { id, channel, account, at, operator, ticket, place, message } = event;
  const where = {
    ...(ticket === undefined ? {} : { ticket }),
    ...(place === undefined ? {} : { place }),
    ...(message === undefined ? {} : { message }),
  };
  return { id, channel, account, at, kind: 'desk', operator, act: 'refused', ...where };
}
