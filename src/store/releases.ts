// The flows' sources by content hash: a talk ends in the release it began with, so none is ever changed.
import type { Model } from 'mongoose';
import { isNew } from './failure.ts';
import type { ReleaseDocument } from './models.ts';
import { text } from './scalar.ts';
import type { Releases } from './store.ts';

export function releases(model: Model<ReleaseDocument>): Releases {
  return {
    async put({ hash, files, at }) {
      const list = Object.entries(files).map(([name, text]) => ({ name, text }));
      const _id = text(hash, 'release');
      await isNew(() => model.insertOne({ _id, at, files: list }));
    },

    async get(hash) {
      const found = await model.findById(text(hash, 'release')).lean<ReleaseDocument>();
      if (!found) return undefined;
      const files = Object.fromEntries(found.files.map(({ name, text }) => [name, text]));
      return { hash: found._id, files, at: found.at };
    },
  };
}
