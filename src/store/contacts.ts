// Contacts on their collection: what is known of a person as one channel knows them. Seen first once, only ever.
import type { Model } from 'mongoose';
import { isDuplicate } from './failure.ts';
import type { ContactDocument } from './models.ts';
import { number, text } from './scalar.ts';
import type { Contact, Records } from './store.ts';

export function contacts(model: Model<ContactDocument>): Pick<Records, 'putContact' | 'contact'> {
  return {
    async putContact({ id, address, lastSeenAt, ...given }, now) {
      const _id = text(id, 'contact id');
      number(now, 'now');
      const first: Omit<Contact, 'id' | 'lastSeenAt'> = {
        address: {
          channel: text(address.channel, 'channel'),
          account: text(address.account, 'account'),
          peer: text(address.peer, 'peer'),
        },
        person: {},
        // The tag for a language nobody has told yet.
        locale: given.person?.locale ?? 'und',
        reachable: true,
        muted: false,
        firstSeenAt: now,
      };
      const added = Object.fromEntries(Object.entries(first).filter(([field]) => !(field in given)));
      const update = {
        $set: given,
        $setOnInsert: { ...added, ...(lastSeenAt === undefined && { lastSeenAt: now }) },
        ...(lastSeenAt !== undefined && { $max: { lastSeenAt: number(lastSeenAt, 'lastSeenAt') } }),
      };
      const put = (upsert: boolean) => model.updateOne({ _id }, update, { upsert, runValidators: true });
      try {
        await put(true);
      } catch (error) {
        // Two first sights at once: the other one's stands, ours changes it.
        if (!isDuplicate(error)) throw error;
        const { matchedCount } = await put(false);
        if (matchedCount === 0) throw error;
      }
    },

    async contact(id) {
      const found = await model.findById(text(id, 'contact id')).lean<ContactDocument>();
      if (!found) return undefined;
      const { _id, ...rest } = found;
      return { id: _id, ...rest };
    },
  };
}
