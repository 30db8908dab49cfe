// Sessions on their collection: one document a contact, guarded by its version; of a known one only what changed is
// written. The writes of one moment are one command; where it does not tell which of them found their version, their
// marks do.
import { randomBytes } from 'node:crypto';
import type { Model, mongo } from 'mongoose';
import type { Session } from '../core/session.ts';
import { duplicatesOf, isUnfit } from './failure.ts';
import { groupCommit } from './group-commit.ts';
import { plain } from './models.ts';
import { limit as checkedLimit, number, text } from './scalar.ts';
import { changesOf } from './session-changes.ts';
import { fromDocument, type SessionDocument, toDocument } from './session-document.ts';
import type { Sessions } from './store.ts';

const GROUP = 200;

type Update = Extract<
  mongo.AnyBulkWriteOperation<SessionDocument>,
  { updateOne: unknown } | { replaceOne: unknown }
>;

export function sessions(model: Model<SessionDocument>): Sessions & { idle(): Promise<void> } {
  const documents = plain(model);
  const writer = randomBytes(6).toString('base64url');
  let writes = 0;

  const inserts = groupCommit<SessionDocument, boolean>(
    async (made) => {
      try {
        await documents.insertMany([...made], { ordered: false });
        return made.map(() => true);
      } catch (error) {
        const known = duplicatesOf(error, made.length);
        return made.map((_, at) => !known.has(at));
      }
    },
    { size: GROUP, separable: isUnfit },
  );

  const updates = groupCommit<{ readonly _id: string; readonly w: string; readonly update: Update }, boolean>(
    async (asked) => {
      const { matchedCount } = await documents.bulkWrite(
        asked.map(({ update }) => update),
        { ordered: false },
      );
      if (matchedCount === asked.length) return asked.map(() => true);
      if (matchedCount === 0) return asked.map(() => false);
      const stands = await documents
        .find({ _id: { $in: asked.map(({ _id }) => _id) } }, { projection: { w: 1 } })
        .toArray();
      const marks = new Set(stands.map(({ w }) => w));
      // One that somebody wrote anew since counts as not written: its caller reads again, as after a lost answer.
      return asked.map(({ w }) => marks.has(w));
    },
    { size: GROUP, separable: isUnfit },
  );

  const loads = groupCommit<string, Session | undefined>(
    async (ids) => {
      const found = await documents.find({ _id: { $in: [...ids] } }).toArray();
      const byId = new Map(found.map((document) => [document._id, document]));
      return ids.map((id) => {
        const document = byId.get(id);
        return document && fromDocument(document);
      });
    },
    { size: GROUP, separable: (error) => error instanceof TypeError },
  );

  return {
    async load(contact) {
      return (await loads.commit([text(contact, 'contact')]))[0];
    },

    async commit(session, before) {
      const _id = text(session.id, 'session id');
      const v = number(session.v, 'session version');
      writes += 1;
      const w = `${writer}${writes.toString(36)}`;
      const document: SessionDocument = { ...toDocument(session, v + 1), w };
      if (v === 0) return (await inserts.commit([document]))[0] ?? false;
      const known = before?.id === _id && before.v === v ? before : undefined;
      const filter = { _id, v };
      const update: Update = known
        ? { updateOne: { filter, update: changesOf(toDocument(known, v), document) } }
        : { replaceOne: { filter, replacement: document } };
      return (await updates.commit([{ _id, w, update }]))[0] ?? false;
    },

    async due(now, limit) {
      const found = await documents
        .find({ due: { $lte: number(now, 'now') } }, { projection: { _id: 1 } })
        .sort({ due: 1 })
        .limit(checkedLimit(limit))
        .toArray();
      return found.map(({ _id }) => _id);
    },

    async idle() {
      await Promise.all([inserts.idle(), updates.idle()]);
    },
  };
}
