// Kept messages on their collection: every one once, every wording of it, in the contact's order.
import type { Model } from 'mongoose';
import type { DeliveryState, StoredMessage } from '../core/message.ts';
import { isDuplicate } from './failure.ts';
import { type MessageDocument, plain } from './models.ts';
import { limit as checkedLimit, number, reason, text } from './scalar.ts';
import type { Records } from './store.ts';

const ATTEMPTS = 20;
const MOST_OF_ONE_TICKET = 10_000;

type MessageRecords = Pick<
  Records,
  | 'keepMessage'
  | 'message'
  | 'messageByOrigin'
  | 'messagesSince'
  | 'lastMessages'
  | 'ticketMessages'
  | 'rewordMessage'
  | 'redrawMessage'
  | 'setFate'
>;

export function messages(model: Model<MessageDocument>): MessageRecords {
  const documents = plain(model);
  return {
    async keepMessage(message) {
      const document = toDocument(message);
      try {
        await documents.insertOne(document);
      } catch (error) {
        // Only the same message again is no fault: another one under its number would be lost.
        const again = isDuplicate(error) && (await documents.findOne({ _id: document._id }));
        if (!again) throw error;
      }
    },

    async message(id) {
      const found = await documents.findOne({ _id: text(id, 'message id') });
      return found ? fromDocument(found) : undefined;
    },

    async messageByOrigin(contact, origin) {
      const found = await documents.findOne(
        { contact: text(contact, 'contact'), origin: text(origin, 'origin') },
        { sort: { seq: -1 } },
      );
      return found ? fromDocument(found) : undefined;
    },

    async messagesSince(contact, seq, limit) {
      const found = await documents
        .find({ contact: text(contact, 'contact'), seq: { $gt: number(seq, 'seq') } })
        .sort({ seq: 1 })
        .limit(checkedLimit(limit))
        .toArray();
      return found.map(fromDocument);
    },

    async lastMessages(contact, limit) {
      const found = await documents
        .find({ contact: text(contact, 'contact') })
        .sort({ seq: -1 })
        .limit(checkedLimit(limit))
        .toArray();
      return found.reverse().map(fromDocument);
    },

    async ticketMessages(ticket) {
      const found = await documents
        .find({ ticket: text(ticket, 'ticket id') })
        .sort({ seq: 1 })
        .limit(MOST_OF_ONE_TICKET)
        .toArray();
      return found.map(fromDocument);
    },

    async rewordMessage(id, wording, at) {
      const _id = text(id, 'message id');
      if (typeof wording !== 'string') throw new TypeError('the new wording must be text');
      number(at, 'at');
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const found = await documents.findOne({ _id }, { projection: { text: 1, revisions: 1 } });
        const replacedAt = found?.revisions?.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
        // An edit that comes again after a later one must not bring its wording back.
        if (!found || found.text === wording || replacedAt > at) return;
        // The moment beside an old wording is when the next one took its place.
        const { matchedCount } = await documents.updateOne(
          { _id, text: found.text },
          { $set: { text: wording }, $push: { revisions: { text: found.text, at } } },
        );
        if (matchedCount === 1) return;
      }
      throw new Error(`message ${_id} could not be reworded: it is being written too often`);
    },

    async redrawMessage(id, { text: wording, choices, layout }) {
      if (typeof wording !== 'string') throw new TypeError('the new text must be text');
      await documents.updateOne(
        { _id: text(id, 'message id') },
        {
          $set: { text: wording, ...(choices && { choices }), ...(layout && { layout }) },
          $unset: { ...(!choices && { choices: '' }), ...(!layout && { layout: '' }) },
        },
      );
    },

    async setFate(id, state, why) {
      const because = why === undefined ? {} : { reason: reason(why) };
      await documents.updateOne(
        { _id: text(id, 'message id') },
        {
          $set: { state: text(state, 'state') as DeliveryState, ...because },
          ...(why === undefined && { $unset: { reason: '' } }),
        },
      );
    },
  };
}

function toDocument({ id, ...rest }: StoredMessage): MessageDocument {
  text(rest.contact, 'contact');
  number(rest.seq, 'seq');
  return { ...rest, _id: text(id, 'message id') };
}

function fromDocument({ _id, ...rest }: MessageDocument): StoredMessage {
  return { id: _id, ...rest };
}
