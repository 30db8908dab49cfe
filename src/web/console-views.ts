// What the console's page is shown of our records: nothing but what an operator reads. Pure; the page shares the types.
import { type FileView, fileView } from '../channels/web/wire.ts';
import type { StoredMessage } from '../core/message.ts';
import type { Response } from '../core/response.ts';
import type { Ticket } from '../core/ticket.ts';

export type Label = (kind: 'category' | 'reason', id: string) => string;
/** Why a message did not arrive, in words. */
export type Why = (code: string) => string;

export interface TicketRow
  extends Pick<
    Ticket,
    | 'id'
    | 'number'
    | 'kind'
    | 'status'
    | 'channel'
    | 'customer'
    | 'subject'
    | 'assignee'
    | 'reachable'
    | 'openedAt'
    | 'changedAt'
    | 'closedAt'
  > {
  /** In words. */
  readonly category: readonly string[];
}

export interface LineView {
  readonly id: string;
  readonly at: number;
  readonly author: StoredMessage['author'];
  readonly text: string;
  readonly note?: boolean;
  readonly state?: StoredMessage['state'];
  readonly reason?: string;
  readonly files: readonly FileView[];
  readonly before: readonly { readonly text: string; readonly at: number }[];
  readonly origin?: string;
}

export interface TicketView extends TicketRow {
  readonly v: number;
  readonly locale: string;
  readonly fields: Ticket['fields'];
  readonly evidence: readonly FileView[];
  readonly history: Ticket['history'];
  readonly messages: readonly LineView[];
  readonly response?: string;
  /** Other channels of the same customer. */
  readonly alsoOn: readonly string[];
}

export interface ResponseRow
  extends Pick<
    Response,
    | 'id'
    | 'channel'
    | 'flow'
    | 'state'
    | 'metric'
    | 'score'
    | 'comment'
    | 'contactAllowed'
    | 'touchpoint'
    | 'at'
  > {
  readonly reasons: readonly string[];
  /** The flow's, where it has one. */
  readonly title?: string;
}

export function ticketRow(ticket: Ticket, label: Label): TicketRow {
  const { id, number, kind, status, channel, customer, subject, reachable, openedAt, changedAt } = ticket;
  return {
    id,
    number,
    kind,
    status,
    channel,
    customer,
    subject,
    reachable,
    openedAt,
    changedAt,
    category: ticket.category.map((it) => label('category', it)),
    ...(ticket.assignee === undefined ? {} : { assignee: ticket.assignee }),
    ...(ticket.closedAt === undefined ? {} : { closedAt: ticket.closedAt }),
  };
}

export function ticketView(
  ticket: Ticket,
  messages: readonly StoredMessage[],
  alsoOn: readonly string[],
  label: Label,
  why: Why,
): TicketView {
  const base = `/console/api/tickets/${encodeURIComponent(ticket.id)}`;
  return {
    ...ticketRow(ticket, label),
    v: ticket.v,
    alsoOn,
    locale: ticket.locale,
    fields: ticket.fields,
    evidence: ticket.evidence.map((file, n) => fileView(file, `${base}/evidence/${n}`)),
    history: ticket.history,
    messages: messages.map((message) => ({
      id: message.id,
      at: message.at,
      author: message.author,
      text: message.text,
      files: (message.attachments ?? []).map((file, n) =>
        fileView(file, `${base}/media/${encodeURIComponent(message.id)}/${n}`),
      ),
      before: message.revisions ?? [],
      ...(message.note ? { note: true } : {}),
      ...(message.state === undefined ? {} : { state: message.state }),
      ...(message.reason === undefined ? {} : { reason: why(message.reason) }),
      ...(message.origin === undefined ? {} : { origin: message.origin }),
    })),
    ...(ticket.response === undefined ? {} : { response: ticket.response }),
  };
}

export function responseRow(response: Response, label: Label, title: string | undefined): ResponseRow {
  const { id, channel, flow, state, metric, touchpoint, at } = response;
  return {
    id,
    channel,
    flow,
    state,
    metric,
    touchpoint,
    at,
    reasons: response.reasons.map((it) => label('reason', it)),
    ...(title === undefined ? {} : { title }),
    ...(response.score === undefined ? {} : { score: response.score }),
    ...(response.comment === undefined ? {} : { comment: response.comment }),
    ...(response.contactAllowed === undefined ? {} : { contactAllowed: response.contactAllowed }),
  };
}
