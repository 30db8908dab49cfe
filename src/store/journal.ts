// The journal on its collection: the unique index is the dedupe, group commits are the speed.
// It never looks into an event beyond what the row needs.
import type { Model } from 'mongoose';
import { monotonicFactory } from 'ulid';
import { type InboundEvent, lineOf } from '../core/event.ts';
import { duplicatesOf, isUnfit } from './failure.ts';
import { groupCommit } from './group-commit.ts';
import { type JournalDocument, plain } from './models.ts';
import { limit as checkedLimit, reason, text, texts } from './scalar.ts';
import type { Journal, JournalRow } from './store.ts';

/** Longer than any network repeats an update it got no answer for. */
const REMEMBERED_MS = 7 * 86_400_000;
const GROUP = 1_000;
const MOST_PARKED = 1_000;

export function journal(
  model: Model<JournalDocument>,
  clock: () => number,
): Journal & { idle(): Promise<void> } {
  const rows = plain(model);
  const nextId = monotonicFactory();

  const inserts = groupCommit<JournalDocument, boolean>(
    async (documents) => {
      try {
        await rows.insertMany([...documents], { ordered: false });
        return documents.map(() => true);
      } catch (error) {
        const known = duplicatesOf(error, documents.length);
        return documents.map((_, at) => !known.has(at));
      }
    },
    { size: GROUP, separable: isUnfit },
  );

  const marks = groupCommit<string, void>(
    async (ids) => {
      const $set = { state: 'applied', expireAt: new Date(clock() + REMEMBERED_MS) } as const;
      await rows.updateMany({ _id: { $in: [...ids] } }, { $set, $unset: { reason: '', parkedAt: '' } });
      return ids.map(() => undefined);
    },
    { size: GROUP, separable: () => false },
  );

  /** True: not marked as applied. */
  const states = groupCommit<string, boolean>(
    async (ids) => {
      const found = await rows
        .find({ _id: { $in: [...ids] }, state: { $ne: 'applied' } }, { projection: { _id: 1 } })
        .toArray();
      const open = new Set(found.map(({ _id }) => _id));
      return ids.map((id) => open.has(id));
    },
    { size: GROUP, separable: () => false },
  );

  const waitingIn = (line: string | { readonly $in: string[] }, limit: number) =>
    rows.find({ state: 'pending', line }).sort({ _id: 1 }).limit(limit).toArray();

  /** Lines asked for in one moment are looked up together. */
  const looks = groupCommit<{ readonly line: string; readonly limit: number }, readonly JournalRow[]>(
    async (asked) => {
      const lines = [...new Set(asked.map(({ line }) => line))];
      const most = asked.reduce((sum, { limit }) => sum + limit, 0);
      const found = await waitingIn(lines.length === 1 ? lines[0]! : { $in: lines }, most);
      const byLine = Map.groupBy(found, ({ line }) => line);
      // Where there is more than was asked for, one line may have taken the others' share.
      const look = async ({ line, limit }: (typeof asked)[number]) =>
        found.length < most ? (byLine.get(line) ?? []).slice(0, limit) : await waitingIn(line, limit);
      return await Promise.all(asked.map(async (one) => (await look(one)).map(fromRow)));
    },
    { size: 100, separable: () => false },
  );

  return {
    async insert(events) {
      const documents = events.map((event) => toRow(event, nextId(clock())));
      const isNew = await inserts.commit(documents);
      return documents.filter((_, at) => isNew[at]).map(fromRow);
    },

    async pending(line, limit) {
      const most = checkedLimit(limit);
      if (line !== undefined)
        return (await looks.commit([{ line: text(line, 'line'), limit: most }]))[0] ?? [];
      const found = await rows.find({ state: 'pending' }).sort({ _id: 1 }).limit(most).toArray();
      return found.map(fromRow);
    },

    async mark(ids) {
      await marks.commit(texts(ids, 'ids'));
    },

    async unapplied(ids) {
      const asked = texts(ids, 'ids');
      const open = await states.commit(asked);
      return new Set(asked.filter((_, at) => open[at]));
    },

    async fail(id, why, park) {
      const $set = { reason: reason(why), ...(park && { state: 'parked' as const, parkedAt: clock() }) };
      await rows.updateOne({ _id: text(id, 'id'), state: { $ne: 'applied' } }, { $inc: { tries: 1 }, $set });
    },

    async parked() {
      const found = await rows
        .find({ parkedAt: { $gt: 0 } })
        .sort({ parkedAt: 1 })
        .limit(MOST_PARKED)
        .toArray();
      return found.map((row) => ({ ...fromRow(row), reason: row.reason ?? '' }));
    },

    async replay(id) {
      const { matchedCount } = await rows.updateOne(
        { _id: text(id, 'id'), state: 'parked' },
        { $set: { state: 'pending', tries: 0 }, $unset: { reason: '', parkedAt: '' } },
      );
      return matchedCount === 1;
    },

    async idle() {
      await Promise.all([inserts.idle(), marks.idle()]);
    },
  };
}

function toRow(event: InboundEvent, _id: string): JournalDocument {
  const { id, channel, account, ...body } = event;
  return {
    _id,
    channel: text(channel, 'channel'),
    account: text(account, 'account'),
    eventId: text(id, 'event id'),
    line: text(lineOf(event), 'line'),
    state: 'pending',
    tries: 0,
    event: body,
  };
}

function fromRow(row: JournalDocument): JournalRow {
  const event: InboundEvent = {
    ...row.event,
    id: row.eventId,
    channel: row.channel,
    account: row.account,
  };
  return { id: row._id, line: row.line, event, tries: row.tries };
}
