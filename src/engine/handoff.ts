// A customer and an operator talk through a ticket. The rule that matters most: only the assignee's own words go out,
// and only to the contact the ticket belongs to.
import type { CustomerEvent, DeskEvent, UndeliveredEvent } from '../core/event.ts';
import type { Message } from '../core/message.ts';
import type { OpenTicket } from '../core/session.ts';
import type { Ticket, TicketChange, TicketStatus } from '../core/ticket.ts';
import { isOver, mayChange } from '../tickets/lifecycle.ts';
import {
  act,
  type Draft,
  desk,
  deskText,
  hold,
  keepCustomers,
  nextId,
  notice,
  originOf,
  say,
  speak,
  text,
} from './draft.ts';
import { repeat } from './play.ts';

/** The customer's words go into the ticket and to every desk. */
export function toTicket(draft: Draft, event: CustomerEvent, ticket: OpenTicket, message: Message): void {
  const id = keepCustomers(draft, event, message, ticket.id);
  hold(draft, message.attachments);
  if (id !== undefined) desk(draft, ticket.id, { what: 'line', message: id });
}

/** They changed a message that a ticket holds. */
export function onEdit(draft: Draft, event: CustomerEvent & { readonly kind: 'edit' }): void {
  const { about } = draft.moment;
  if (!about || about.text === event.text) return;
  act(draft, { kind: 'reword', message: about.id, text: event.text, at: draft.moment.now });
  if (about.ticket === undefined) return;
  desk(draft, about.ticket, { what: 'reworded', message: about.id, before: about.text, after: event.text });
}

export function onReach(draft: Draft, reachable: boolean): void {
  const { session, moment } = draft;
  if (session.reachable === reachable) return;
  session.reachable = reachable;
  act(draft, { kind: 'profile', reachable });
  for (const ticket of session.open) {
    const history: TicketChange[] = [
      { at: moment.now, what: 'field', to: reachable ? 'reachable' : 'unreachable' },
    ];
    act(draft, { kind: 'change', ticket: ticket.id, set: { reachable }, history });
    notice(draft, ticket.id, deskText(draft, reachable ? 'notice.back' : 'notice.blocked'));
    desk(draft, ticket.id, { what: 'card' });
  }
}

export function onUndelivered(draft: Draft, event: UndeliveredEvent): void {
  const key = event.state === 'unknown' ? 'notice.unknown_fate' : 'notice.undelivered';
  const quoted = draft.moment.about?.text.slice(0, 60) ?? '';
  notice(
    draft,
    event.ticket,
    deskText(draft, key, { reason: deskText(draft, `reason.${event.reason}`), text: quoted }),
  );
}

export function onDesk(draft: Draft, event: DeskEvent): void {
  const { ticket } = draft.moment;
  if (!ticket) return;
  switch (event.act) {
    case 'claim':
      return claim(draft, event, ticket, event.force ?? false);
    case 'write':
      return write(draft, event, ticket);
    case 'note':
      return note(draft, event, ticket);
    case 'edit':
      return edit(draft, event);
    case 'close':
      return close(draft, event, ticket);
    case 'resend':
      return resend(draft, event, ticket);
    case 'refused':
      return back(draft, event, ticket, 'notice.not_member');
    case 'unknown':
      return back(draft, event, ticket, 'notice.unknown_command');
  }
}

function claim(draft: Draft, event: DeskEvent, ticket: Ticket, force: boolean): void {
  const { operator } = event;
  const { assignee } = ticket;
  if (isOver(ticket.status)) return back(draft, event, ticket, 'notice.closed_already');
  if (assignee?.id === operator.id) return back(draft, event, ticket, 'notice.yours_already');
  if (assignee && !force)
    return back(draft, event, ticket, 'notice.claimed_by_other', { name: assignee.name });
  const history: TicketChange[] = [
    {
      at: draft.moment.now,
      by: operator,
      what: 'assigned',
      to: operator.name,
      ...(assignee ? { from: assignee.name } : {}),
    },
  ];
  const status = statusAfter(ticket, 'in_progress');
  if (status)
    history.push({ at: draft.moment.now, by: operator, what: 'status', from: ticket.status, to: status });
  act(draft, {
    kind: 'change',
    ticket: ticket.id,
    set: { assignee: operator, ...(status ? { status } : {}) },
    history,
  });
  desk(draft, ticket.id, { what: 'card' });
  notice(draft, ticket.id, deskText(draft, 'notice.claimed', { name: operator.name }));
  if (draft.session.reachable) {
    say(
      draft,
      { text: text(draft, 'claimed', { name: operator.name, number: ticket.number }) },
      { ticket: ticket.id },
    );
  }
}

const statusAfter = (ticket: Ticket, to: TicketStatus): TicketStatus | undefined =>
  ticket.status !== to && mayChange(ticket.status, to, 'assignee') ? to : undefined;

/** Plain words: to the customer from the assignee, a note from anybody else. */
function write(draft: Draft, event: DeskEvent & { readonly act: 'write' }, ticket: Ticket): void {
  if (isOver(ticket.status)) {
    keepNote(draft, event, ticket, event);
    return back(draft, event, ticket, 'notice.closed_already');
  }
  if (ticket.assignee?.id !== event.operator.id) {
    keepNote(draft, event, ticket, event);
    const key = ticket.assignee ? 'notice.note_kept' : 'notice.claim_first';
    return back(draft, event, ticket, key, { name: ticket.assignee?.name ?? '' });
  }
  tell(draft, event, ticket, event);
}

/** The assignee's words go out, and the customer's next words come to this ticket. */
function tell(draft: Draft, event: DeskEvent, ticket: Ticket, message: Message): void {
  const { session } = draft;
  const { operator } = event;
  const said: Message = {
    text: message.text,
    ...(message.attachments?.length ? { attachments: message.attachments } : {}),
    ...(draft.moment.about && event.act === 'write' ? { replyTo: draft.moment.about.id } : {}),
  };
  session.talk = { id: ticket.id, number: ticket.number };
  const id = speak(draft, said, {
    author: { kind: 'operator', id: operator.id, name: operator.name },
    ticket: ticket.id,
    origin: originOf(event),
    repeatable: false,
  });
  hold(draft, said.attachments);
  linkOwn(draft, event, id, ticket);
  desk(draft, ticket.id, { what: 'line', message: id }, event.channel);
}

function note(draft: Draft, event: DeskEvent & { readonly act: 'note' }, ticket: Ticket): void {
  keepNote(draft, event, ticket, event);
}

function keepNote(draft: Draft, event: DeskEvent, ticket: Ticket, message: Message): void {
  const { session, moment } = draft;
  session.seq += 1;
  const id = act(draft, {
    kind: 'keep',
    message: {
      id: nextId(draft),
      contact: session.id,
      seq: session.seq,
      author: { kind: 'operator', id: event.operator.id, name: event.operator.name },
      text: message.text,
      ...(message.attachments?.length ? { attachments: message.attachments } : {}),
      at: moment.now,
      ticket: ticket.id,
      note: true,
      origin: originOf(event),
    },
  });
  hold(draft, message.attachments);
  linkOwn(draft, event, id, ticket);
  desk(draft, ticket.id, { what: 'line', message: id }, event.channel);
}

/** The operator's message at the desk and ours are one. */
function linkOwn(draft: Draft, event: DeskEvent, message: string, ticket: Ticket): void {
  if (event.place === undefined || event.message === undefined) return;
  act(draft, { kind: 'link', place: event.place, network: event.message, message, ticket: ticket.id });
}

/** Their own message, with other words: the twin at the customer's follows; a note only changes here. */
function edit(draft: Draft, event: DeskEvent & { readonly act: 'edit' }): void {
  const { about, ticket, now } = draft.moment;
  if (!about || !ticket || about.ticket !== ticket.id || about.text === event.text) return;
  if (about.author.kind !== 'operator' || about.author.id !== event.operator.id) return;
  act(draft, { kind: 'reword', message: about.id, text: event.text, at: now });
  if (!about.note) act(draft, { kind: 'revise', message: about.id, text: event.text });
  desk(
    draft,
    ticket.id,
    { what: 'reworded', message: about.id, before: about.text, after: event.text },
    event.channel,
  );
}

function close(draft: Draft, event: DeskEvent & { readonly act: 'close' }, ticket: Ticket): void {
  const { session, moment } = draft;
  const { operator } = event;
  if (isOver(ticket.status) || !mayChange(ticket.status, 'closed', 'assignee')) {
    return back(draft, event, ticket, 'notice.closed_already');
  }
  if (ticket.assignee && ticket.assignee.id !== operator.id) {
    return back(draft, event, ticket, 'notice.claimed_by_other', { name: ticket.assignee.name });
  }
  const history: TicketChange[] = [
    ...(ticket.assignee
      ? []
      : [{ at: moment.now, by: operator, what: 'assigned', to: operator.name } as const]),
    { at: moment.now, by: operator, what: 'status', from: ticket.status, to: 'closed' },
  ];
  act(draft, {
    kind: 'change',
    ticket: ticket.id,
    set: { status: 'closed', closedAt: moment.now, ...(ticket.assignee ? {} : { assignee: operator }) },
    history,
  });
  session.open = session.open.filter((one) => one.id !== ticket.id);
  const talking = session.talk?.id === ticket.id;
  if (talking) delete session.talk;
  const own = event.text?.trim();
  if (own) {
    const id = speak(
      draft,
      { text: own },
      {
        author: { kind: 'operator', id: operator.id, name: operator.name },
        ticket: ticket.id,
        origin: originOf(event),
        repeatable: false,
      },
    );
    linkOwn(draft, event, id, ticket);
    desk(draft, ticket.id, { what: 'line', message: id }, event.channel);
  }
  say(draft, { text: text(draft, 'closed', { number: ticket.number }) }, { ticket: ticket.id });
  notice(draft, ticket.id, deskText(draft, 'notice.closed', { name: operator.name }));
  desk(draft, ticket.id, { what: 'card' });
  // A question set aside for the talk is asked again.
  if (talking && session.run) repeat(draft, text(draft, 'resume'));
}

/** An operator has seen that a message failed or may not have arrived, and wants it sent once more. */
function resend(draft: Draft, event: DeskEvent & { readonly act: 'resend' }, ticket: Ticket): void {
  const { about } = draft.moment;
  const mine = about?.author.kind === 'operator' && about.author.id === event.operator.id;
  if (
    !about ||
    about.ticket !== ticket.id ||
    !mine ||
    (about.state !== 'failed' && about.state !== 'unknown')
  ) {
    return back(draft, event, ticket, 'notice.nothing_to_resend');
  }
  tell(draft, event, ticket, {
    text: about.text,
    ...(about.attachments ? { attachments: about.attachments } : {}),
  });
  back(draft, event, ticket, 'notice.resent');
}

/** Tells the operator, where they wrote. */
function back(
  draft: Draft,
  event: DeskEvent,
  ticket: Ticket,
  key: string,
  vars?: Readonly<Record<string, string | number>>,
): void {
  notice(draft, ticket.id, deskText(draft, key, vars), event.message);
}
