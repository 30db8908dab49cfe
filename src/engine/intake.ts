// A ticket is opened or added to from within a flow.
import type { Attachment } from '../core/message.ts';
import type { OpenTicket } from '../core/session.ts';
import type { Ticket, TicketChange, TicketField, TicketSummary } from '../core/ticket.ts';
import type { OpenSpec, Step } from '../flow/flow.ts';
import { isOver } from '../tickets/lifecycle.ts';
import { EXTRA_FILES, type Here, isFiles, shown } from './at.ts';
import { act, type Draft, desk, deskText, hold, nextId, notice, text } from './draft.ts';
import { passOn } from './elsewhere.ts';

/** The subject stands in lists and titles: a line, no more. */
const SUBJECT = 90;

/** Opens a ticket from the answers and gives its public number. */
export function openTicket(draft: Draft, place: Here, spec: OpenSpec, handoff: boolean): string {
  const { session } = draft;
  const { flow, frame } = place;
  const read = (id: string): string => {
    const value = frame.answers[id];
    return value === undefined || value === '' ? '' : shown(flow, id, value, draft.rules.deskLocale);
  };
  const fields: TicketField[] = spec.fields.flatMap((id) => {
    const value = read(id);
    const title = flow.nodes.get(id)?.title;
    return value ? [{ id, label: title ? title(draft.rules.deskLocale) : id, value }] : [];
  });
  const evidence: Attachment[] = [...spec.evidence, EXTRA_FILES].flatMap((id) => {
    const value = frame.answers[id];
    return isFiles(value) ? value : [];
  });
  const category = spec.category.flatMap((id) => {
    const value = frame.answers[id];
    return typeof value === 'string' && value ? [value] : [];
  });
  const [first] = fields;
  // Alone, a score or an option says nothing: it stands with its question's name.
  const named = first && `${first.label}: ${first.value}`;
  const subject = (spec.subject && read(spec.subject)) || named || text(draft, `kind.${spec.kind}`);
  const ticket = newTicket(draft, {
    kind: spec.kind,
    subject,
    category,
    fields,
    evidence,
    ...(flow.response ? { response: `${session.id}.${place.run.id}.${flow.name}.${frame.since}` } : {}),
  });
  keepIntake(draft, ticket);
  hold(draft, evidence);
  desk(draft, ticket.id, { what: 'open' });
  if (handoff) session.talk = { id: ticket.id, number: ticket.number };
  return ticket.number;
}

/** A ticket as it begins; it is shown at no desk yet. */
export function newTicket(
  draft: Draft,
  told: Pick<Ticket, 'kind' | 'subject' | 'category' | 'fields' | 'evidence' | 'response'>,
): Ticket {
  const { session, moment } = draft;
  const ticket: Ticket = {
    ...told,
    id: `t${nextId(draft)}`,
    v: 1,
    number: nextNumber(draft),
    subject: cut(told.subject),
    // The number is told in the same turn: that is the acknowledgement.
    status: 'acknowledged',
    contact: session.id,
    channel: session.address.channel,
    account: session.address.account,
    locale: session.locale,
    customer: session.name ?? text(draft, 'guest'),
    reachable: session.reachable,
    history: [{ at: moment.now, what: 'opened', to: 'acknowledged' }],
    places: [],
    openedAt: moment.now,
    changedAt: moment.now,
  };
  act(draft, { kind: 'open', ticket });
  session.open = [{ id: ticket.id, number: ticket.number }, ...session.open];
  return ticket;
}

/** The customer has more to say on a ticket that was over: it is open again, with whoever had it. */
export function reopen(
  draft: Draft,
  { id, number, status }: Pick<TicketSummary, 'id' | 'number' | 'status'>,
): void {
  const { session, moment } = draft;
  const history: TicketChange[] = [{ at: moment.now, what: 'status', from: status, to: 'reopened' }];
  act(draft, { kind: 'change', ticket: id, set: { status: 'reopened' }, history });
  session.open = [{ id, number }, ...session.open];
  notice(draft, id, deskText(draft, 'notice.reopened'));
  desk(draft, id, { what: 'card' });
}

/** What they told is the ticket's first message, so that its talk reads from the beginning. */
function keepIntake(
  draft: Draft,
  { id: ticket, contact, fields, evidence, customer, openedAt }: Ticket,
): void {
  if (fields.length === 0 && evidence.length === 0) return;
  draft.session.seq += 1;
  act(draft, {
    kind: 'keep',
    message: {
      id: nextId(draft),
      contact,
      seq: draft.session.seq,
      author: { kind: 'customer', name: customer },
      text: fields.map(({ label, value }) => `${label}: ${value}`).join('\n'),
      ...(evidence.length > 0 ? { attachments: evidence } : {}),
      at: openedAt,
      ticket,
      gathered: true,
    },
  });
}

function nextNumber({ acts, moment }: Draft): string {
  const number = moment.numbers[acts.filter(({ effect }) => effect.kind === 'open').length];
  if (number === undefined) throw new Error('one turn opens more tickets than it was given numbers');
  return number;
}

const cut = (subject: string): string => {
  const line = subject.replace(/\s+/g, ' ').trim();
  return [...line].length <= SUBJECT
    ? line
    : `${[...line]
        .slice(0, SUBJECT - 1)
        .join('')
        .trimEnd()}…`;
};

/** Adds what was said in a flow to a ticket of theirs. False: there is no such ticket any more. */
export function addToTicket(draft: Draft, step: Extract<Step, { do: 'add' }>): boolean {
  const { session, moment } = draft;
  const files = isFiles(step.files) ? step.files : [];
  const isMeant = ({ id }: { readonly id: string }): boolean => id === step.ticket;
  let ticket: OpenTicket | undefined = session.open.find(isMeant);
  if (!ticket) {
    const over = moment.tickets.find(isMeant);
    if (over?.elsewhere) {
      passOn(
        draft,
        { id: over.id, number: over.number, ...over.elsewhere },
        { text: step.text ?? '', attachments: files },
      );
      return true;
    }
    if (over && isOver(over.status)) reopen(draft, over);
    ticket = over;
  }
  if (!ticket) return false;
  addLine(draft, ticket.id, step.text ?? '', files);
  return true;
}

/** Words of theirs that came by a flow or by another chat: kept in the ticket and shown at every desk. */
export function addLine(
  draft: Draft,
  ticket: string,
  words: string,
  files: readonly Attachment[] | undefined,
): void {
  const { session, moment } = draft;
  session.seq += 1;
  const id = nextId(draft);
  act(draft, {
    kind: 'keep',
    message: {
      id,
      contact: session.id,
      seq: session.seq,
      author: session.name === undefined ? { kind: 'customer' } : { kind: 'customer', name: session.name },
      text: words,
      ...(files?.length ? { attachments: files } : {}),
      at: moment.now,
      ticket,
      gathered: true,
    },
  });
  hold(draft, files);
  desk(draft, ticket, { what: 'line', message: id });
}
