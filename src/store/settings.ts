// Small values by name: texts, and counters that are only ever added to. It does not know what they mean.
import { type Model, trusted } from 'mongoose';
import { isNew } from './failure.ts';
import type { SettingDocument } from './models.ts';
import { number, text } from './scalar.ts';
import type { Settings } from './store.ts';

export function settings(model: Model<SettingDocument>): Settings {
  async function get(name: string): Promise<string | undefined> {
    const found = await model.findById(text(name, 'setting')).lean<SettingDocument>();
    return found?.value ?? (found?.count === undefined ? undefined : `${found.count}`);
  }
  return {
    get,

    async once(name, value) {
      const _id = text(name, 'setting');
      const ours = plainText(value, _id);
      if (await isNew(() => model.insertOne({ _id, value: ours }))) return ours;
      const standing = await get(_id);
      if (standing === undefined) throw new Error(`setting ${_id} was taken away while it was being made`);
      return standing;
    },

    async set(name, value) {
      const _id = text(name, 'setting');
      const update = { $set: { value: plainText(value, _id) }, $unset: { count: '' } };
      const put = (upsert: boolean) => model.updateOne({ _id }, update, { upsert });
      if (!(await isNew(() => put(true)))) await put(false);
    },

    async add(name, by) {
      const _id = text(name, 'setting');
      const update = { $inc: { count: number(by, 'by') } };
      const put = (upsert: boolean) =>
        model
          .findOneAndUpdate({ _id, value: trusted({ $exists: false }) } as object, update, {
            upsert,
            returnDocument: 'after',
          })
          .lean<SettingDocument>();
      let after: SettingDocument | null = null;
      const added = await isNew(async () => {
        after = await put(true);
      });
      if (!added) after = await put(false);
      const count = (after as SettingDocument | null)?.count;
      if (count === undefined) throw new TypeError(`setting ${_id} is a text: nothing can be added to it`);
      return count;
    },
  };
}

/** A value may be long, but it is text. */
function plainText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new TypeError(`setting ${name} must be text`);
  return value;
}
