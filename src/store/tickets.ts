// Tickets on their collection: each change applied once, found by number, place, contact, or as a list.
// Which status may follow which is not decided here.
import { type Model, trusted } from 'mongoose';
import type { Ticket, TicketPlace, TicketStatus } from '../core/ticket.ts';
import { isDuplicate } from './failure.ts';
import type { TicketDocument } from './models.ts';
import { limit as checkedLimit, number, text } from './scalar.ts';
import type { Records } from './store.ts';

/** Change keys kept: far more changes than one ticket has under way. */
const REMEMBERED = 256;
const MOST_OF_ONE_CONTACT = 100;
const ATTEMPTS = 20;
const ENDED: readonly TicketStatus[] = ['closed', 'rejected'];

const isOpen = (status: TicketStatus): boolean => !ENDED.includes(status);

/** Another ticket has this number already. */
export class TicketNumberTakenError extends Error {
  readonly code = 'ticket_number_taken';
  constructor(id: string, cause: unknown) {
    super(`ticket ${id} cannot be opened: its number or a place of it belongs to another ticket`, { cause });
    this.name = 'TicketNumberTakenError';
  }
}

type TicketRecords = Pick<
  Records,
  | 'openTicket'
  | 'ticket'
  | 'ticketAt'
  | 'ticketByNumber'
  | 'tickets'
  | 'ticketsOf'
  | 'changeTicket'
  | 'setPlaces'
  | 'movePlaces'
>;

export function tickets(model: Model<TicketDocument>): TicketRecords {
  const one = async (filter: object): Promise<Ticket | undefined> => {
    const found = await model.findOne(filter).lean<TicketDocument>();
    return found ? fromDocument(found) : undefined;
  };

  return {
    async openTicket(ticket) {
      const document = toDocument(ticket);
      try {
        await model.insertOne(document);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        if (!(await model.exists({ _id: document._id })))
          throw new TicketNumberTakenError(document._id, error);
      }
    },

    ticket: async (id) => one({ _id: text(id, 'ticket id') }),
    ticketAt: async (place) => one({ 'places.key': text(place, 'place') }),
    ticketByNumber: async (value) => one({ number: text(value, 'ticket number') }),

    async tickets({ state, assignee, before, limit }) {
      const found = await model
        .find({
          ...(state !== undefined && { open: state === 'open' }),
          ...(assignee !== undefined && { 'assignee.id': text(assignee, 'assignee') }),
          ...(before && olderThan(number(before.changedAt, 'changedAt'), text(before.id, 'ticket id'))),
        } as object)
        .sort({ changedAt: -1, _id: -1 })
        .limit(checkedLimit(limit))
        .lean<TicketDocument[]>();
      return found.map(fromDocument);
    },

    async ticketsOf(contact, joined = []) {
      const own = text(contact, 'contact');
      const all = [own, ...joined.map((member) => text(member.contact, 'contact'))];
      const found = await model
        .find({ contact: all.length === 1 ? own : trusted({ $in: all }) } as object)
        .select({ number: 1, status: 1, subject: 1, openedAt: 1, kind: 1, contact: 1, channel: 1 })
        .sort({ openedAt: -1 })
        .limit(MOST_OF_ONE_CONTACT)
        .lean<TicketDocument[]>();
      return found.map(({ _id, number, status, subject, openedAt, kind, contact: by, channel }) => ({
        id: _id,
        number,
        status,
        subject,
        openedAt,
        kind,
        ...(by !== own && { elsewhere: { contact: by, channel } }),
      }));
    },

    async changeTicket(id, key, { set, history }) {
      const filter = { _id: text(id, 'ticket id'), applied: trusted({ $ne: text(key, 'change key') }) };
      const changedAt = Math.max(set.changedAt ?? 0, ...history.map(({ at }) => number(at, 'at')));
      const changed = await model
        .findOneAndUpdate(
          filter as object,
          {
            $set: toChange(set),
            ...(set.status &&
              isOpen(set.status) &&
              set.closedAt === undefined && { $unset: { closedAt: '' } }),
            ...(changedAt > 0 && { $max: { changedAt } }),
            $inc: { v: 1 },
            $push: {
              applied: { $each: [key], $slice: -REMEMBERED },
              ...(history.length > 0 && { history: { $each: [...history] } }),
            },
          } as object,
          { returnDocument: 'after', runValidators: true },
        )
        .lean<TicketDocument>();
      return changed ? fromDocument(changed) : one({ _id: id });
    },

    async setPlaces(id, places) {
      await model.updateOne({ _id: text(id, 'ticket id') }, placesUpdate(places), { runValidators: true });
    },

    async movePlaces(desk, from, to) {
      const [old, now] = [from, to].map((chat) => `${text(desk, 'desk')}:${text(chat, 'chat')}:`);
      // ';' is the character after ':', so this range is every key that begins with the old chat's.
      const range = trusted({ $gte: old!, $lt: `${old!.slice(0, -1)};` });
      const moved = (places: readonly TicketPlace[]) =>
        places.map((place) =>
          place.key.startsWith(old!) ? { ...place, key: `${now}${place.key.slice(old!.length)}` } : place,
        );
      // A ticket written between our reading and our writing keeps its old places until the next round.
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const found = await model
          .find({ 'places.key': range } as object)
          .select({ v: 1, places: 1 })
          .lean<TicketDocument[]>();
        const behind = found.filter(({ places }) => places?.some(({ key }) => key.startsWith(old!)));
        if (behind.length === 0) return;
        for (const { _id, v, places } of behind)
          await model.updateOne({ _id, v }, placesUpdate(moved(places ?? [])), { runValidators: true });
      }
      throw new Error(`places of desk ${desk} could not be moved: their tickets are being written too often`);
    },
  };
}

/** In a list that goes from the newest change down. The first bound is what the index reads by. */
function olderThan(changedAt: number, id: string): object {
  return {
    changedAt: trusted({ $lte: changedAt }),
    $or: [{ changedAt: trusted({ $lt: changedAt }) }, { _id: trusted({ $lt: id }) }],
  };
}

function placesUpdate(places: readonly TicketPlace[]): object {
  for (const place of places) text(place.key, 'place');
  return { ...(places.length > 0 ? { $set: { places } } : { $unset: { places: '' } }), $inc: { v: 1 } };
}

function toDocument(ticket: Ticket): TicketDocument {
  const { id, places, ...rest } = ticket;
  return {
    ...rest,
    _id: text(id, 'ticket id'),
    open: isOpen(ticket.status),
    ...(places.length > 0 && { places }),
  };
}

/** What a change may set; ids, versions, history and places have their own ways. */
function toChange(set: Partial<Ticket>): object {
  const { id: _id, v: _v, history: _history, places: _places, changedAt: _changedAt, ...rest } = set;
  return { ...rest, ...(set.status && { open: isOpen(set.status) }) };
}

function fromDocument(stored: TicketDocument): Ticket {
  const { _id, open: _open, applied: _applied, places, ...rest } = stored;
  return { ...rest, id: _id, places: places ?? [] };
}
