// Which message of ours is which of a network's: the only way a reply or an edit finds its twin.
import type { Model } from 'mongoose';
import { monotonicFactory } from 'ulid';
import { duplicatesOf } from './failure.ts';
import { type LinkDocument, plain } from './models.ts';
import { text } from './scalar.ts';
import type { Link, Records } from './store.ts';

/** One message of ours is a handful of a network's. */
const MOST_OF_ONE_MESSAGE = 1_000;

export function links(model: Model<LinkDocument>): Pick<Records, 'putLinks' | 'linkOf' | 'linksOf'> {
  const documents = plain(model);
  const nextId = monotonicFactory();
  return {
    async putLinks(links) {
      if (links.length === 0) return;
      const made = links.map((link) => toDocument(link, nextId()));
      try {
        await documents.insertMany(made, { ordered: false });
      } catch (error) {
        duplicatesOf(error, made.length);
      }
    },

    async linkOf(place, network) {
      const found = await documents.findOne(
        { place: text(place, 'place'), network: text(network, 'network id') },
        { projection: { _id: 0 } },
      );
      return found ?? undefined;
    },

    async linksOf(place, message) {
      const found = await documents
        .find({ place: text(place, 'place'), message: text(message, 'message id') })
        .sort({ _id: 1 })
        .limit(MOST_OF_ONE_MESSAGE)
        .toArray();
      return found.map(({ network }) => network);
    },
  };
}

function toDocument(link: Link, _id: string): LinkDocument {
  return {
    _id,
    place: text(link.place, 'place'),
    network: text(link.network, 'network id'),
    message: text(link.message, 'message id'),
    ...(link.ticket !== undefined && { ticket: text(link.ticket, 'ticket id') }),
  };
}
