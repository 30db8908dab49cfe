// What happens around a talk with the machine: a human of ours who answers in the network's own inbox, what the network
// tells of a message after it was sent, and words written where everybody reads them.
import { placeOf } from '../core/contact.ts';
import type { CustomerEvent } from '../core/event.ts';
import type { OpenTicket } from '../core/session.ts';
import { act, type Draft, desk, deskText, hold, nextId, notice, originOf, say, text } from './draft.ts';
import { onEdit, onUndelivered, toTicket } from './handoff.ts';
import { newTicket } from './intake.ts';

type Of<K extends CustomerEvent['kind']> = CustomerEvent & { readonly kind: K };

/** Kept in their ticket as what the customer has seen; from now on a human has the talk, and the machine is silent. */
export function onOutside(draft: Draft, event: Of<'outside'>): void {
  const { session, moment } = draft;
  const { by, message, attachments } = event;
  const taken = session.talk !== undefined;
  let ticket: OpenTicket | undefined = session.talk ?? session.open[0];
  if (!ticket) {
    const subject = event.text.trim() || deskText(draft, 'outside_subject');
    ticket = newTicket(draft, { kind: 'request', subject, category: [], fields: [], evidence: [] });
    desk(draft, ticket.id, { what: 'open' });
  }
  session.talk = { id: ticket.id, number: ticket.number };
  session.seq += 1;
  const id = nextId(draft);
  act(draft, {
    kind: 'keep',
    message: {
      id,
      contact: session.id,
      seq: session.seq,
      author: { kind: 'operator', id: by.id, name: by.name },
      text: event.text,
      ...(attachments?.length ? { attachments } : {}),
      at: moment.now,
      ticket: ticket.id,
      state: 'sent',
      origin: originOf(event),
    },
  });
  act(draft, {
    kind: 'link',
    place: placeOf(session.address),
    network: message,
    message: id,
    ticket: ticket.id,
  });
  hold(draft, attachments);
  desk(draft, ticket.id, { what: 'line', message: id });
  if (!taken) notice(draft, ticket.id, deskText(draft, 'notice.outside', { name: by.name }));
}

export function onReceipt(draft: Draft, event: Of<'receipt'>): void {
  const { about } = draft.moment;
  if (!about || about.author.kind === 'customer' || about.state === event.state) return;
  const { state } = event;
  act(draft, { kind: 'fate', message: about.id, state, ...(event.reason ? { reason: event.reason } : {}) });
  if (about.ticket === undefined) return;
  if (state === 'sent') {
    // Only what was in doubt is worth a line.
    if (about.state === 'unknown' || about.state === 'failed')
      notice(draft, about.ticket, deskText(draft, 'notice.arrived', { text: about.text.slice(0, 60) }));
    return;
  }
  const { id, channel, account, at } = event;
  onUndelivered(draft, {
    ...{ id, channel, account, at, contact: draft.session.id, message: about.id, ticket: about.ticket },
    kind: 'undelivered',
    state: 'failed',
    reason: event.reason ?? 'network',
  });
}

/** No dialogue is held before everybody's eyes: the words are a ticket, or belong to the one they have. */
export function onPublic(draft: Draft, event: CustomerEvent): void {
  if (event.kind === 'edit') return onEdit(draft, event);
  if (event.kind !== 'message') return;
  const { session, rules } = draft;
  const said = { text: event.text, ...(event.attachments?.length ? { attachments: event.attachments } : {}) };
  const [latest] = session.open;
  if (latest) return toTicket(draft, event, latest, said);
  const source = event.source === undefined ? [] : [event.source];
  const ticket = newTicket(draft, {
    kind: 'complaint',
    subject: event.text.trim() || rules.texts.t(rules.deskLocale, 'desk:public_subject'),
    category: [],
    fields: source.map((value) => ({ id: 'source', label: deskText(draft, 'source'), value })),
    evidence: [],
  });
  desk(draft, ticket.id, { what: 'open' });
  toTicket(draft, event, ticket, said);
  notice(draft, ticket.id, deskText(draft, 'notice.public'));
  say(draft, { text: text(draft, 'public_ack', { number: ticket.number }) }, { publicly: true });
}
