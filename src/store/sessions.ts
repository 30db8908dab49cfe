// Sessions on their collection: one document a contact, guarded by its version; of a known one only what changed is written.
// One write a call: a joined write would not tell which of its replacements found their version.
import type { Model } from 'mongoose';
import { isNew } from './failure.ts';
import { plain } from './models.ts';
import { limit as checkedLimit, number, text } from './scalar.ts';
import { changesOf } from './session-changes.ts';
import { fromDocument, type SessionDocument, toDocument } from './session-document.ts';
import type { Sessions } from './store.ts';

export function sessions(model: Model<SessionDocument>): Sessions {
  const documents = plain(model);
  return {
    async load(contact) {
      const found = await documents.findOne({ _id: text(contact, 'contact') });
      return found ? fromDocument(found) : undefined;
    },

    async commit(session, before) {
      const _id = text(session.id, 'session id');
      const v = number(session.v, 'session version');
      const document = toDocument(session, v + 1);
      if (v === 0) return isNew(() => documents.insertOne(document));
      const { matchedCount } =
        before?.id === _id && before.v === v
          ? await documents.updateOne({ _id, v }, changesOf(toDocument(before, v), document))
          : await documents.replaceOne({ _id, v }, document);
      return matchedCount === 1;
    },

    async due(now, limit) {
      const found = await documents
        .find({ due: { $lte: number(now, 'now') } }, { projection: { _id: 1 } })
        .sort({ due: 1 })
        .limit(checkedLimit(limit))
        .toArray();
      return found.map(({ _id }) => _id);
    },
  };
}
