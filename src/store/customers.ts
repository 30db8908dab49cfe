// Customers on their collections: which contacts one person proved to be theirs, and the codes it is proved by.
// One document holds all contacts of a customer, so that each change is one write; a contact stands in one at the most.
import type { Model } from 'mongoose';
import type { Member } from '../core/customer.ts';
import { isNew } from './failure.ts';
import { type CodeDocument, type CustomerDocument, plain } from './models.ts';
import { number, text } from './scalar.ts';
import type { Customers, Joined } from './store.ts';

/** Change keys kept: far more than one customer has under way. */
const REMEMBERED = 64;
const ATTEMPTS = 20;
/** So long a code that is over is told from one that never was. */
const OVER = 86_400_000;
/** Longer than anything waits that has a part in a change. */
const DISSOLVED = 7 * 86_400_000;

export function customers(
  model: Model<CustomerDocument>,
  codeModel: Model<CodeDocument>,
  clock: () => number,
): Customers {
  const documents = plain(model);
  const codes = plain(codeModel);
  const customerOf = (contact: string) => documents.findOne({ 'members.contact': contact });

  /** The contacts that stay after one is taken away; one alone is no customer of several. */
  const without = (members: readonly Member[], contact: string) => {
    const rest = members.filter((member) => member.contact !== contact);
    return rest.length > 1
      ? { $set: { members: rest } }
      : { $set: { former: rest, expireAt: new Date(clock() + DISSOLVED) }, $unset: { members: '' as const } };
  };

  /** Joins them under the key; false where somebody else changed one of the two meanwhile. */
  async function link(
    key: string,
    there: CustomerDocument | null,
    pair: readonly [Member, Member],
  ): Promise<boolean> {
    if (!there) return isNew(() => documents.insertOne({ _id: key, v: 1, members: pair, applied: [key] }));
    const before = there.members ?? [];
    const added = pair.filter(({ contact }) => !before.some((member) => member.contact === contact));
    let matched = 0;
    const free = await isNew(async () => {
      const { matchedCount } = await documents.updateOne(
        { _id: there._id, v: there.v },
        {
          $set: { members: [...before, ...added] },
          $push: { applied: { $each: [key], $slice: -REMEMBERED } },
          $inc: { v: 1 },
        },
      );
      matched = matchedCount;
    });
    return free && matched === 1;
  }

  /** One look and one try; undefined: somebody else was faster, look again. */
  async function tryJoin(key: string, hash: string, by: Member, now: number): Promise<Joined | undefined> {
    const done = await documents.findOne({ applied: key });
    if (done) return { outcome: 'joined', members: done.members ?? done.former ?? [] };
    const code = await codes.findOne({ _id: hash });
    if (!code) return { outcome: 'wrong' };
    if (code.contact === by.contact) return { outcome: 'own' };
    const claimed = code.usedBy === key;
    if (code.usedBy !== undefined && !claimed) return { outcome: 'used' };
    if (!claimed && code.until <= now) return { outcome: 'expired' };
    const [theirs, ours] = await Promise.all([customerOf(code.contact), customerOf(by.contact)]);
    if (theirs && ours) return { outcome: theirs._id === ours._id ? 'already' : 'both' };
    if (!claimed) {
      const claim = { $set: { usedBy: key } };
      const { matchedCount } = await codes.updateOne({ _id: hash, usedBy: { $exists: false } }, claim);
      if (matchedCount === 0) return undefined;
    }
    await link(key, theirs ?? ours, [{ contact: code.contact, channel: code.channel }, by]);
    return undefined;
  }

  return {
    async joinedWith(contact) {
      const found = await customerOf(text(contact, 'contact'));
      return (found?.members ?? []).filter((member) => member.contact !== contact);
    },

    async offer({ hash, contact, channel, until }) {
      const _id = text(hash, 'code');
      const owner = text(contact, 'contact');
      const code: CodeDocument = {
        _id,
        contact: owner,
        channel: text(channel, 'channel'),
        until: number(until, 'until'),
        expireAt: new Date(until + OVER),
      };
      await isNew(() => codes.insertOne(code));
      // The newest code alone is good; of the earlier ones it is still known that they were.
      await codes.updateMany(
        { contact: owner, _id: { $ne: _id }, usedBy: { $exists: false } },
        { $set: { until: 0 } },
      );
    },

    async join(key, hash, { contact, channel }, now) {
      const by: Member = { contact: text(contact, 'contact'), channel: text(channel, 'channel') };
      const wanted = [text(key, 'join key'), text(hash, 'code')] as const;
      number(now, 'now');
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const joined = await tryJoin(...wanted, by, now);
        if (joined) return joined;
      }
      throw new Error(`contact ${by.contact} could not be joined: its customer is being written too often`);
    },

    async part(key, contact) {
      const wanted = text(key, 'part key');
      const one = text(contact, 'contact');
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const done = await documents.findOne({ applied: wanted });
        if (done) return done.members ?? done.former ?? [];
        const there = await customerOf(one);
        if (!there?.members) return undefined;
        const { $set, ...more } = without(there.members, one);
        await documents.updateOne(
          { _id: there._id, v: there.v },
          {
            $set,
            ...more,
            $push: { applied: { $each: [wanted], $slice: -REMEMBERED } },
            $inc: { v: 1 },
          },
        );
      }
      throw new Error(`contact ${one} could not be parted: its customer is being written too often`);
    },

    async forget(contact) {
      const one = text(contact, 'contact');
      await codes.deleteMany({ contact: one });
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const there = await customerOf(one);
        if (!there?.members) {
          await documents.updateMany({ 'former.contact': one }, { $pull: { former: { contact: one } } });
          return;
        }
        const update = { ...without(there.members, one), $inc: { v: 1 } };
        await documents.updateOne({ _id: there._id, v: there.v }, update);
      }
      throw new Error(`contact ${one} could not be forgotten: its customer is being written too often`);
    },
  };
}
