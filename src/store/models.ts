// The collections: what a document of each looks like. The schemas that cast and check it, and the indexes, stand in
// schemas.ts; queries in the repositories. Nothing here knows a rule of the field.
//
// Moments are milliseconds since 1970, as everywhere in core; only `expireAt` is a date, because MongoDB's own
// purge asks for one. What is absent is not stored: no nulls, no empty lists where a `?` stands.
//
// journal    { _id: ulid, channel, account, eventId, line, state: pending | applied | parked, tries,
//              event: {the rest of the InboundEvent}, reason?, parkedAt?, expireAt? (applied only) }
// sessions   { _id: contact, v, …short names, see session-document.ts…, due? }
// contacts   { _id, address: {channel, account, peer}, person, locale, reachable, muted, firstSeenAt, lastSeenAt }
// responses  { _id, …Response without its id }
// tickets    { _id, …Ticket without its id, open, places?: [{desk, key, live, card?}], applied?: [change key] }
// messages   { _id, …StoredMessage without its id }
// links      { _id, place, network, message, ticket? }
// releases   { _id: content hash, at, files: [{name, text}] }     names have dots, so they cannot be field names
// settings   { _id: name, value? | count? }                       text, or a counter, never both
// customers  { _id: key of the first join, v, members?: [{contact, channel}], applied: [change key],
//              former?, expireAt? (in place of members, once nobody is joined any more) }
// codes      { _id: the code's hash, contact, channel, until, usedBy?: change key, expireAt }
// audit      { _id: ulid, at, by?: {id, name}, what, on? }
import type { Connection, Model, mongo, Schema } from 'mongoose';
import type { Operator } from '../core/contact.ts';
import type { Member } from '../core/customer.ts';
import type { InboundEvent } from '../core/event.ts';
import type { StoredMessage } from '../core/message.ts';
import type { Response } from '../core/response.ts';
import type { Ticket } from '../core/ticket.ts';
import { schemas } from './schemas.ts';
import type { SessionDocument } from './session-document.ts';
import type { Contact, Link } from './store.ts';

export interface JournalDocument {
  readonly _id: string;
  readonly channel: string;
  readonly account: string;
  readonly eventId: string;
  readonly line: string;
  readonly state: 'pending' | 'applied' | 'parked';
  readonly tries: number;
  readonly event: Body<InboundEvent>;
  readonly reason?: string;
  readonly parkedAt?: number;
  readonly expireAt?: Date;
}
/** An event without the fields that the row itself holds. */
type Body<E> = E extends unknown ? Omit<E, 'id' | 'channel' | 'account'> : never;

type Stored<T extends { readonly id: string }> = Omit<T, 'id'> & { readonly _id: string };
export type ContactDocument = Stored<Contact>;
export type ResponseDocument = Stored<Response>;
export type TicketDocument = Omit<Stored<Ticket>, 'places'> & {
  readonly open: boolean;
  /** Absent instead of empty: the unique index skips a document without places, not one with an empty list. */
  readonly places?: Ticket['places'];
  /** Keys of the last changes: the same change again is recognised by it. */
  readonly applied?: readonly string[];
};
export type MessageDocument = Stored<StoredMessage>;
export type LinkDocument = Link & { readonly _id: string };
export interface ReleaseDocument {
  readonly _id: string;
  readonly at: number;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}
export interface SettingDocument {
  readonly _id: string;
  readonly value?: string;
  readonly count?: number;
}
export interface CustomerDocument {
  readonly _id: string;
  readonly v: number;
  /** At least two; absent once they were parted: the unique index skips the document then. */
  readonly members?: readonly Member[];
  /** Keys of the last changes: the same change again is recognised by it. */
  readonly applied: readonly string[];
  /** Who was left alone by the last parting. */
  readonly former?: readonly Member[];
  readonly expireAt?: Date;
}
export interface CodeDocument extends Member {
  /** The code's hash. */
  readonly _id: string;
  readonly until: number;
  /** Key of the join it was good for. */
  readonly usedBy?: string;
  readonly expireAt: Date;
}
export interface AuditDocument {
  readonly _id: string;
  readonly at: number;
  readonly by?: Operator;
  readonly what: string;
  readonly on?: string;
}

interface Documents {
  journal: JournalDocument;
  sessions: SessionDocument;
  contacts: ContactDocument;
  responses: ResponseDocument;
  tickets: TicketDocument;
  messages: MessageDocument;
  links: LinkDocument;
  releases: ReleaseDocument;
  settings: SettingDocument;
  customers: CustomerDocument;
  codes: CodeDocument;
  audit: AuditDocument;
}
export type CollectionName = keyof Documents;
export const COLLECTIONS = Object.keys(schemas) as readonly CollectionName[];
export type Models = { readonly [N in CollectionName]: Model<Documents[N]> };

export function models(connection: Connection): Models {
  const made = COLLECTIONS.map((name) => [name, connection.model(name, schemas[name] as Schema, name)]);
  return Object.fromEntries(made) as Models;
}

/** The driver's own collection: for the hot path, where neither casting nor documents are wanted. */
export function plain<D extends mongo.Document>(model: Model<D>): mongo.Collection<D> {
  return model.db.getClient().db(model.db.name).collection<D>(model.collection.collectionName);
}
