// I6: what was written to somebody belongs to them. Every pair of our message and a network's lies in the place of that
// message's contact or ticket; every message, ticket and session belongs to the contact its id says.
import { type Finding, finding } from '../../channels/examine.ts';
import { type Address, contactIdOf, placeOf } from '../../core/contact.ts';
import type { ContactDocument, LinkDocument, MessageDocument, TicketDocument } from '../../store/models.ts';
import type { SessionDocument } from '../../store/session-document.ts';
import { byId, createOffenders, type Look } from './look.ts';

const PART = 'invariants';
/** A contact's messages together, so that its session is looked up once. */
const TALKS = { contact: 1, seq: 1 } as const;
type SessionPlace = Pick<SessionDocument, '_id' | 'c' | 'a' | 'p' | 'q' | 't' | 'o'>;
type Message = Pick<MessageDocument, '_id' | 'contact' | 'ticket' | 'seq'>;
type Ticket = Pick<TicketDocument, '_id' | 'contact' | 'places'>;

const addressOf = ({ c, a, p }: SessionPlace): Address => ({ channel: c, account: a ?? '', peer: p });

export async function noCrossTalk(look: Look): Promise<readonly Finding[]> {
  const links = await checkLinks(look);
  const messages = await checkMessages(look);
  const contacts = await checkContacts(look);
  const found = [...links.found, ...messages.found, ...contacts.found];
  if (found.length > 0) return found;
  const { count } = links;
  return [
    finding(PART, 'ok', 'i6.holds', { links: count, messages: messages.count, contacts: contacts.count }),
  ];
}

interface Checked {
  readonly count: number;
  readonly found: readonly Finding[];
}

async function checkLinks(look: Look): Promise<Checked> {
  const strayed = createOffenders(PART);
  let count = 0;
  for await (const batch of look.batches<LinkDocument>('links', {}, [
    'place',
    'network',
    'message',
    'ticket',
  ])) {
    count += batch.length;
    const messages = byId(
      await look.among<Message>(
        'messages',
        '_id',
        batch.map(({ message }) => message),
        ['contact', 'ticket'],
      ),
    );
    const contacts = [...messages.values()].map(({ contact }) => contact);
    const sessions = byId(await look.among<SessionPlace>('sessions', '_id', contacts, ['c', 'a', 'p']));
    const places = batch.map(({ place }) => place);
    const tickets = await look.among<Ticket>('tickets', 'places.key', places, ['contact', 'places']);
    const ownerOf = new Map(
      tickets.flatMap((one) => (one.places ?? []).map(({ key }) => [key, one] as const)),
    );
    for (const link of batch) {
      const message = messages.get(link.message);
      if (!message) continue;
      const session = sessions.get(message.contact);
      const owner = ownerOf.get(link.place);
      // At the desk: the ticket's own place. A group that moved leaves places behind that are nobody's now.
      const isAtTicket = owner === undefined || owner.contact === message.contact;
      // In a chat: the contact's own. What looks like another contact's chat is that.
      const isElsewhere =
        owner === undefined &&
        session !== undefined &&
        isChat(link.place, session) &&
        placeOf(addressOf(session)) !== link.place;
      const isOtherTicket =
        link.ticket !== undefined && message.ticket !== undefined && link.ticket !== message.ticket;
      if (!isAtTicket || isElsewhere || isOtherTicket) strayed.add(`${link.place}/${link.network}`);
    }
  }
  return { count, found: strayed.findings('error', 'i6.link') };
}

/** A place in the contact's own channel and account. */
const isChat = (place: string, session: SessionPlace): boolean =>
  place.startsWith(`${session.c}:${session.a ?? ''}:`);

async function checkMessages(look: Look): Promise<Checked> {
  const strayed = createOffenders(PART);
  const ahead = createOffenders(PART);
  let count = 0;
  for await (const batch of look.batches<Message>('messages', {}, ['contact', 'ticket', 'seq'], TALKS)) {
    count += batch.length;
    const tickets = byId(
      await look.among<Ticket>(
        'tickets',
        '_id',
        batch.flatMap(({ ticket }) => ticket ?? []),
        ['contact'],
      ),
    );
    const contacts = batch.map(({ contact }) => contact);
    const sessions = byId(await look.among<SessionPlace>('sessions', '_id', contacts, ['q']));
    for (const { _id, contact, ticket, seq } of batch) {
      const owner = ticket === undefined ? undefined : tickets.get(ticket);
      if (ticket !== undefined && owner?.contact !== contact) strayed.add(_id);
      if (seq > (sessions.get(contact)?.q ?? 0)) ahead.add(_id);
    }
  }
  return { count, found: [...strayed.findings('error', 'i6.message'), ...ahead.findings('error', 'i9.seq')] };
}

async function checkContacts(look: Look): Promise<Checked> {
  const strayed = createOffenders(PART);
  const foreign = createOffenders(PART);
  let count = 0;
  for await (const batch of look.batches<SessionPlace>('sessions', {}, ['c', 'a', 'p', 't', 'o'])) {
    count += batch.length;
    const pairs = batch.flatMap((one) => [...(one.o ?? []), ...(one.t ? [one.t] : [])]);
    const tickets = byId(
      await look.among<Ticket>(
        'tickets',
        '_id',
        pairs.map(([id]) => id),
        ['contact'],
      ),
    );
    for (const session of batch) {
      if (contactIdOf(addressOf(session)) !== session._id) strayed.add(session._id);
      const held = [...(session.o ?? []), ...(session.t ? [session.t] : [])];
      if (held.some(([id]) => (tickets.get(id)?.contact ?? session._id) !== session._id))
        foreign.add(session._id);
    }
  }
  for await (const batch of look.batches<ContactDocument>('contacts', {}, ['address']))
    for (const { _id, address } of batch) if (contactIdOf(address) !== _id) strayed.add(_id);
  return {
    count,
    found: [...strayed.findings('error', 'i6.address'), ...foreign.findings('error', 'i6.ticket')],
  };
}
