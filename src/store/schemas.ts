// What mongoose checks and casts in each collection, and the indexes it must have. The shapes themselves are drawn in
// models.ts; `satisfies` keeps the two and core in step: a field added there must be answered here.
import { Schema, type SchemaOptions } from 'mongoose';
import type { Person } from '../core/contact.ts';
import type { Member } from '../core/customer.ts';
import type { Attachment } from '../core/message.ts';
import { METRICS } from '../core/response.ts';
import {
  TICKET_KINDS,
  TICKET_STATUSES,
  type TicketChange,
  type TicketField,
  type TicketPlace,
} from '../core/ticket.ts';
import type {
  AuditDocument,
  CodeDocument,
  ContactDocument,
  CustomerDocument,
  JournalDocument,
  LinkDocument,
  MessageDocument,
  ReleaseDocument,
  ResponseDocument,
  SettingDocument,
  TicketDocument,
} from './models.ts';

/** A field the schema does not name is a fault, not something to drop; nothing is added that was not given. */
const options = {
  strict: 'throw',
  strictQuery: 'throw',
  versionKey: false,
  minimize: false,
  id: false,
  autoIndex: false,
  autoCreate: false,
} as const satisfies SchemaOptions;
type Fields<D> = Record<keyof D, unknown>;
const part = { ...options, _id: false } as const;

// A required text may be empty (an account, a subject), which mongoose's own `required` refuses.
const given = (value: unknown): boolean => typeof value === 'string';
const text = { type: String, default: undefined, validate: given } as const;
const id = { type: String, required: true } as const;
const words = { type: String } as const;
const moment = { type: Number, required: true } as const;
const count = { type: Number, required: true } as const;
const flag = { type: Boolean, required: true } as const;
const whatever = { type: Schema.Types.Mixed } as const;
const list = (of: unknown, required = true) => ({ type: [of], default: undefined, required }) as const;

const operator = new Schema({ id, name: text }, part);
const attachment = new Schema(
  {
    kind: id,
    ref: words,
    name: words,
    mime: words,
    caption: words,
    size: Number,
    location: whatever,
    contact: whatever,
  } satisfies Fields<Attachment>,
  part,
);

const journal = new Schema(
  {
    _id: id,
    channel: id,
    account: text,
    eventId: id,
    line: id,
    state: { type: String, required: true, enum: ['pending', 'applied', 'parked'] },
    tries: count,
    event: { ...whatever, required: true },
    reason: words,
    parkedAt: Number,
    expireAt: Date,
  } satisfies Fields<JournalDocument>,
  options,
);
journal.index({ channel: 1, account: 1, eventId: 1 }, { name: 'event', unique: true });
// What waits is few, what was applied is a week of everything: only the former is worth an entry.
journal.index({ state: 1, line: 1, _id: 1 }, { name: 'line', partialFilterExpression: { state: 'pending' } });
journal.index({ state: 1, _id: 1 }, { name: 'backlog', partialFilterExpression: { state: 'pending' } });
journal.index({ parkedAt: 1 }, { name: 'parked', sparse: true });
journal.index({ expireAt: 1 }, { name: 'expiry', sparse: true, expireAfterSeconds: 0 });

const sessions = new Schema({ _id: id, v: count, due: Number }, { ...options, strict: false });
sessions.index({ due: 1 }, { name: 'due', sparse: true });

const contacts = new Schema(
  {
    _id: id,
    address: { type: new Schema({ channel: id, account: text, peer: id }, part), required: true },
    person: {
      type: new Schema({ name: words, username: words, locale: words } satisfies Fields<Person>, part),
      required: true,
    },
    locale: id,
    reachable: flag,
    muted: flag,
    firstSeenAt: moment,
    lastSeenAt: moment,
  } satisfies Fields<ContactDocument>,
  options,
);
contacts.index(
  { 'address.channel': 1, 'address.account': 1, 'address.peer': 1 },
  { name: 'address', unique: true },
);

const responses = new Schema(
  {
    _id: id,
    contact: id,
    channel: id,
    account: text,
    locale: id,
    flow: id,
    flowVersion: id,
    state: { type: String, required: true, enum: ['partial', 'complete'] },
    metric: { type: String, required: true, enum: METRICS },
    score: Number,
    reasons: list(String),
    comment: words,
    contactAllowed: Boolean,
    touchpoint: text,
    answers: { ...whatever, required: true },
    lastNode: text,
    startedAt: moment,
    at: moment,
  } satisfies Fields<ResponseDocument>,
  options,
);
responses.index({ at: -1, _id: -1 }, { name: 'time' });
responses.index({ metric: 1, touchpoint: 1, at: -1 }, { name: 'measure' });

const change = new Schema(
  {
    at: moment,
    by: operator,
    what: { type: String, required: true, enum: ['opened', 'status', 'assigned', 'note', 'field'] },
    from: words,
    to: words,
  } satisfies Fields<TicketChange>,
  part,
);
const tickets = new Schema(
  {
    _id: id,
    v: count,
    number: id,
    kind: { type: String, required: true, enum: TICKET_KINDS },
    status: { type: String, required: true, enum: TICKET_STATUSES },
    open: flag,
    contact: id,
    channel: id,
    account: text,
    locale: id,
    customer: text,
    category: list(String),
    subject: text,
    fields: list(new Schema({ id, label: text, value: text } satisfies Fields<TicketField>, part)),
    evidence: list(attachment),
    assignee: operator,
    reachable: flag,
    history: list(change),
    places: list(
      new Schema({ desk: id, key: id, live: flag, card: words } satisfies Fields<TicketPlace>, part),
      false,
    ),
    applied: list(String, false),
    response: words,
    openedAt: moment,
    changedAt: moment,
    closedAt: Number,
  } satisfies Fields<TicketDocument>,
  options,
);
tickets.index({ number: 1 }, { name: 'number', unique: true });
tickets.index({ 'places.key': 1 }, { name: 'place', unique: true, sparse: true });
tickets.index({ open: 1, changedAt: -1, _id: -1 }, { name: 'state' });
tickets.index({ 'assignee.id': 1, changedAt: -1, _id: -1 }, { name: 'assignee' });
tickets.index({ changedAt: -1, _id: -1 }, { name: 'changed' });
tickets.index({ contact: 1, openedAt: -1 }, { name: 'contact' });

const messages = new Schema(
  {
    _id: id,
    contact: id,
    seq: count,
    author: { ...whatever, required: true },
    at: moment,
    text,
    choices: whatever,
    layout: words,
    attachments: list(attachment, false),
    replyTo: words,
    ticket: words,
    note: Boolean,
    gathered: Boolean,
    state: { type: String, enum: ['pending', 'sent', 'failed', 'unknown'] },
    reason: words,
    revisions: list(new Schema({ text, at: moment }, part), false),
    origin: words,
  } satisfies Fields<MessageDocument>,
  options,
);
messages.index({ contact: 1, seq: 1 }, { name: 'talk', unique: true });
messages.index(
  { ticket: 1, seq: 1 },
  { name: 'ticket', partialFilterExpression: { ticket: { $exists: true } } },
);
messages.index(
  { contact: 1, origin: 1, seq: -1 },
  { name: 'origin', partialFilterExpression: { origin: { $exists: true } } },
);

const links = new Schema(
  { _id: id, place: id, network: id, message: id, ticket: words } satisfies Fields<LinkDocument>,
  options,
);
links.index({ place: 1, network: 1 }, { name: 'network', unique: true });
links.index({ place: 1, message: 1 }, { name: 'message' });

const releases = new Schema(
  {
    _id: id,
    at: moment,
    files: list(new Schema({ name: id, text }, part)),
  } satisfies Fields<ReleaseDocument>,
  options,
);
const settings = new Schema(
  { _id: id, value: words, count: Number } satisfies Fields<SettingDocument>,
  options,
);

const member = new Schema({ contact: id, channel: id } satisfies Fields<Member>, part);
const customers = new Schema(
  {
    _id: id,
    v: count,
    members: list(member, false),
    applied: list(String),
    former: list(member, false),
    expireAt: Date,
  } satisfies Fields<CustomerDocument>,
  options,
);
customers.index({ 'members.contact': 1 }, { name: 'member', unique: true, sparse: true });
customers.index({ applied: 1 }, { name: 'change' });
customers.index({ expireAt: 1 }, { name: 'expiry', sparse: true, expireAfterSeconds: 0 });
const codes = new Schema(
  {
    _id: id,
    contact: id,
    channel: id,
    until: moment,
    usedBy: words,
    expireAt: { type: Date, required: true },
  } satisfies Fields<CodeDocument>,
  options,
);
codes.index({ contact: 1 }, { name: 'contact' });
codes.index({ expireAt: 1 }, { name: 'expiry', expireAfterSeconds: 0 });

const audit = new Schema(
  { _id: id, at: moment, by: operator, what: id, on: words } satisfies Fields<AuditDocument>,
  options,
);

export const schemas = {
  journal,
  sessions,
  contacts,
  responses,
  tickets,
  messages,
  links,
  releases,
  settings,
  customers,
  codes,
  audit,
} as const;
