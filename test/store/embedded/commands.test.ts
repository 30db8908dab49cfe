// Batches, upserts, cursors, indexes, aggregation and refusals as a driver sees them. Runs on every server available.
import { mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type OpenServer, servers } from './servers.ts';

interface Thing {
  _id: string | number;
  n?: number;
  half?: unknown;
  tags?: string[];
  text?: string;
  [field: string]: unknown;
}

describe.each(servers)('commands on $name', ({ name, open: start }) => {
  let open: OpenServer;
  let things: mongo.Collection<Thing>;
  beforeAll(async () => {
    open = await start();
    things = open.db.collection('things');
  });
  beforeEach(async () => {
    await things.drop();
    await things.insertMany([1, 2, 3, 4].map((n) => ({ _id: n, n, half: Math.floor(n / 2) })));
  });
  afterAll(() => open.close());
  const ids = async () => (await things.find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id);

  test('a duplicate key tells its pattern and its value', async () => {
    await things.createIndex({ channel: 1, event: -1 }, { unique: true, sparse: true });
    await things.insertOne({ _id: 'a', channel: 'vk', event: 7 });
    await expect(things.insertOne({ _id: 'b', channel: 'vk', event: 7 })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { channel: 1, event: -1 },
      keyValue: { channel: 'vk', event: 7 },
      message: expect.stringMatching(
        /^E11000 duplicate key error collection: .*\.things index: channel_1_event_-1 dup key: \{ channel: "vk", event: 7 \}$/,
      ),
    });
    await expect(things.updateOne({ _id: 1 }, { $set: { channel: 'vk', event: 7 } })).rejects.toMatchObject({
      code: 11000,
    });
    await expect(
      things.findOneAndUpdate({ _id: 1 }, { $set: { channel: 'vk', event: 7 } }),
    ).rejects.toMatchObject({ code: 11000, keyValue: { channel: 'vk', event: 7 } });
    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1, half: 0 });
  });

  test('a unique index holds every element of an array, and a missing field once', async () => {
    await things.deleteMany({});
    await things.createIndex({ tags: 1 }, { unique: true });
    await things.insertMany([{ _id: 'a', tags: ['x', 'x', 'y'] }, { _id: 'b' }]);
    await expect(things.insertOne({ _id: 'c', tags: ['z', 'y'] })).rejects.toMatchObject({
      code: 11000,
      keyValue: { tags: 'y' },
    });
    await expect(things.insertOne({ _id: 'd' })).rejects.toMatchObject({
      code: 11000,
      keyValue: { tags: null },
    });
    await things.updateOne({ _id: 'a' }, { $pull: { tags: 'y' } as never });
    await things.insertOne({ _id: 'c', tags: ['z', 'y'] });
    expect(await ids()).toEqual(['a', 'b', 'c']);
  });

  test('a partial unique index leaves the others alone', async () => {
    await things.createIndex({ who: 1 }, { unique: true, partialFilterExpression: { open: true } });
    await things.insertMany([
      { _id: 'a', who: 1, open: true },
      { _id: 'b', who: 1, open: false },
      { _id: 'c', who: 1 },
    ]);
    await expect(things.updateOne({ _id: 'b' }, { $set: { open: true } })).rejects.toMatchObject({
      code: 11000,
    });
    await things.updateOne({ _id: 'a' }, { $set: { open: false } });
    expect((await things.updateOne({ _id: 'b' }, { $set: { open: true } })).modifiedCount).toBe(1);
  });

  test('an ordered batch ends at its first fault, an unordered one goes on', async () => {
    const batch = [{ _id: 'a' }, { _id: 1 }, { _id: 'b' }, { _id: 2 }];
    const ordered = await things.insertMany(batch).catch((fault: mongo.MongoBulkWriteError) => fault);
    expect(ordered).toMatchObject({ code: 11000, insertedCount: 1 });
    const unordered = (await things
      .insertMany([{ _id: 'c' }, { _id: 1 }, { _id: 'd' }, { _id: 2 }], { ordered: false })
      .catch((fault) => fault)) as mongo.MongoBulkWriteError;
    expect(unordered.insertedCount).toBe(2);
    expect([unordered.writeErrors].flat().map(({ index, code }) => [index, code])).toEqual([
      [1, 11000],
      [3, 11000],
    ]);
    expect(await ids()).toEqual([1, 2, 3, 4, 'a', 'c', 'd']);
  });

  test('updates of one, of many, of none', async () => {
    const counts = ({ matchedCount, modifiedCount, upsertedCount }: mongo.UpdateResult) => [
      matchedCount,
      modifiedCount,
      upsertedCount,
    ];
    expect(counts(await things.updateMany({ half: 1 }, { $set: { n: 3 } }))).toEqual([2, 1, 0]);
    expect(counts(await things.updateOne({ half: 9 }, { $set: { n: 3 } }))).toEqual([0, 0, 0]);
    expect(counts(await things.replaceOne({ _id: 4 }, { n: 9 }))).toEqual([1, 1, 0]);
    expect(await things.findOne({ _id: 4 })).toEqual({ _id: 4, n: 9 });
    await expect(things.replaceOne({ _id: 4 }, { _id: 5, n: 9 })).rejects.toMatchObject({ code: 66 });
  });

  test('a compare-and-set is won once', async () => {
    const tries = Array.from({ length: 20 }, (_, i) =>
      things.updateOne({ _id: 1, n: 1 }, { $set: { by: i }, $inc: { n: 1 } as never }),
    );
    const won = (await Promise.all(tries)).filter(({ modifiedCount }) => modifiedCount === 1);
    expect(won.length).toBe(1);
    expect((await things.findOne({ _id: 1 }))?.n).toBe(2);
  });

  test('an upsert takes over the equalities of its filter', async () => {
    const filter = { _id: 'new', 'a.b': 1, $and: [{ c: { $eq: 2 } }], d: { $gt: 5 } };
    const result = await things.updateOne(
      filter,
      { $setOnInsert: { first: true }, $inc: { n: 1 } as never },
      { upsert: true },
    );
    expect([result.matchedCount, result.upsertedCount, result.upsertedId]).toEqual([0, 1, 'new']);
    expect(await things.findOne({ _id: 'new' })).toEqual({
      _id: 'new',
      a: { b: 1 },
      c: 2,
      first: true,
      n: 1,
    });
    const replaced = await things.replaceOne({ _id: 'other', x: 1 }, { y: 2 }, { upsert: true });
    expect(replaced.upsertedId).toBe('other');
    expect(await things.findOne({ _id: 'other' })).toEqual({ _id: 'other', y: 2 });
    const free = await things.updateOne({ x: 77 }, { $set: { y: 1 } }, { upsert: true });
    expect(free.upsertedId).toBeInstanceOf(mongo.ObjectId);
    await expect(
      things.updateOne({ x: 1, 'x.y': 2 }, { $set: { z: 1 } }, { upsert: true }),
    ).rejects.toMatchObject({ code: 54 });
  });

  test('find and modify: before, after, removed, made', async () => {
    const up = { $inc: { n: 10 } as never };
    expect(await things.findOneAndUpdate({}, up, { sort: { n: -1 } })).toEqual({ _id: 4, n: 4, half: 2 });
    const after = { returnDocument: 'after', projection: { n: 1 } } as const;
    expect(await things.findOneAndUpdate({ half: 2 }, up, after)).toEqual({ _id: 4, n: 24 });
    expect(await things.findOneAndReplace({ _id: 1 }, { z: 1 }, { returnDocument: 'after' })).toEqual({
      _id: 1,
      z: 1,
    });
    expect(await things.findOneAndDelete({ half: 1 }, { sort: { _id: -1 } })).toMatchObject({ _id: 3 });
    expect(await things.findOneAndUpdate({ _id: 'no' }, up)).toBeNull();
    const made = await things.findOneAndUpdate({ _id: 'm' }, up, {
      upsert: true,
      returnDocument: 'after',
      includeResultMetadata: true,
    });
    expect(made).toMatchObject({
      value: { _id: 'm', n: 10 },
      lastErrorObject: { n: 1, updatedExisting: false, upserted: 'm' },
    });
  });

  test('deletes, counts, distinct values', async () => {
    expect(await things.countDocuments({ n: { $gt: 1 } })).toBe(3);
    expect(await things.countDocuments({}, { skip: 1, limit: 2 })).toBe(2);
    expect(await things.estimatedDocumentCount()).toBe(4);
    await things.updateOne({ _id: 1 }, { $set: { half: [7, 1] } });
    expect((await things.distinct('half')).sort()).toEqual([1, 2, 7]);
    expect((await things.deleteOne({ half: 1 })).deletedCount).toBe(1);
    expect((await things.deleteMany({})).deletedCount).toBe(3);
    expect((await things.deleteMany({})).deletedCount).toBe(0);
  });

  test('a cursor pages, skips, ends, and bears writes meanwhile', async () => {
    await things.insertMany(Array.from({ length: 996 }, (_, i) => ({ _id: i + 5, n: i + 5, half: 0 })));
    await things.createIndex({ n: 1 });
    const cursor = things.find({ n: { $gte: 1 } }, { sort: { n: 1 }, batchSize: 50, skip: 3, limit: 900 });
    const seen: number[] = [];
    for await (const { n } of cursor) {
      seen.push(n as number);
      if (seen.length === 60) await things.deleteMany({ n: { $in: [2, 1000] } });
    }
    expect(seen).toEqual(Array.from({ length: 900 }, (_, i) => i + 4));
    const page = await open.db.command({ find: 'things', batchSize: 2 });
    expect(page.cursor.firstBatch.length).toBe(2);
    const id = mongo.Long.fromBigInt(BigInt(page.cursor.id));
    const killed = await open.db.command({ killCursors: 'things', cursors: [id] });
    expect(killed.cursorsKilled.length).toBe(1);
    const gone = open.db.command({
      getMore: id,
      collection: 'things',
    });
    await expect(gone).rejects.toMatchObject({ code: 43 });
  });

  test('documents of megabytes pass in batches', async () => {
    const text = 'я'.repeat(1_500_000);
    await things.deleteMany({});
    for (let i = 0; i < 8; i++) await things.insertOne({ _id: i, text });
    expect((await things.find().toArray()).map(({ text }) => text?.length)).toEqual(
      Array(8).fill(text.length),
    );
    // The driver refuses what the greeting says is too large.
    await expect(things.insertOne({ _id: 'big', text: text.repeat(6) })).rejects.toThrow();
  });

  test('indexes are made once, listed, dropped', async () => {
    await things.createIndex({ n: 1, half: -1 }, { name: 'both', unique: true });
    await things.createIndex({ n: 1, half: -1 }, { name: 'both', unique: true });
    expect((await things.indexes()).map(({ key, name: of, unique }) => [key, of, unique])).toEqual([
      [{ _id: 1 }, '_id_', undefined],
      [{ n: 1, half: -1 }, 'both', true],
    ]);
    await expect(things.createIndex({ n: 1 }, { name: 'both' })).rejects.toMatchObject({ code: 86 });
    await expect(
      things.createIndex({ n: 1, half: -1 }, { name: 'twin', unique: true }),
    ).rejects.toMatchObject({ code: 85 });
    await things.dropIndex('both');
    await expect(things.dropIndex('both')).rejects.toMatchObject({ code: 27 });
    await things.insertOne({ _id: 'x', n: 1 });
    await expect(things.createIndex({ n: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    expect((await things.indexes()).length).toBe(1);
    await things.insertOne({ _id: 'y', n: 1 });
    await things.createIndex({ a: 1, b: 1 });
    await expect(things.insertOne({ _id: 'p', a: [1, 2], b: [3, 4] })).rejects.toMatchObject({ code: 171 });
  });

  test('collections come and go', async () => {
    await open.db.createCollection('fresh');
    await expect(open.db.command({ create: 'fresh', capped: false })).rejects.toMatchObject({ code: 48 });
    expect((await open.db.listCollections({ name: 'fresh' }).toArray()).map(({ name: of }) => of)).toEqual([
      'fresh',
    ]);
    await open.db.collection('fresh').drop();
    expect(await open.db.listCollections({ name: 'fresh' }, { nameOnly: true }).toArray()).toEqual([]);
    expect(await open.db.collection('never').find({}).toArray()).toEqual([]);
    await expect(open.db.collection('never').indexes()).rejects.toMatchObject({ code: 26 });
  });

  test('aggregation', async () => {
    const run = (...pipeline: mongo.Document[]) => things.aggregate(pipeline).toArray();
    expect(
      await run({ $match: { n: { $gt: 1 } } }, { $sort: { n: -1 } }, { $skip: 1 }, { $limit: 1 }),
    ).toEqual([{ _id: 3, n: 3, half: 1 }]);
    expect(
      await run(
        { $group: { _id: '$half', n: { $sum: '$n' }, all: { $push: '$_id' } } },
        { $sort: { _id: 1 } },
      ),
    ).toEqual([
      { _id: 0, n: 1, all: [1] },
      { _id: 1, n: 5, all: [2, 3] },
      { _id: 2, n: 4, all: [4] },
    ]);
    expect(await run({ $match: { n: 99 } }, { $count: 'n' })).toEqual([]);
    expect(await run({ $count: 'n' })).toEqual([{ n: 4 }]);
    expect(await run({ $sortByCount: '$half' }, { $limit: 1 })).toEqual([{ _id: 1, count: 2 }]);
    expect(
      await run({
        $facet: {
          few: [{ $match: { n: { $lt: 2 } } }, { $project: { n: 1 } }],
          none: [{ $match: { n: 9 } }, { $count: 'n' }],
        },
      }),
    ).toEqual([{ few: [{ _id: 1, n: 1 }], none: [] }]);
    await things.updateOne(
      { _id: 1 },
      { $set: { tags: ['a', 'b'], when: new Date(Date.UTC(2026, 4, 17, 23)) } },
    );
    expect(await run({ $unwind: '$tags' }, { $project: { tags: 1, _id: 0 } })).toEqual([
      { tags: 'a' },
      { tags: 'b' },
    ]);
    expect(
      await run(
        { $match: { when: { $exists: true } } },
        {
          $project: {
            _id: 0,
            day: { $dateToString: { date: '$when', format: '%Y-%m-%d' } },
            big: { $cond: [{ $gt: ['$n', 2] }, 1, 0] },
          },
        },
      ),
    ).toEqual([{ day: '2026-05-17', big: 0 }]);
    expect(
      await run({ $bucket: { groupBy: '$n', boundaries: [0, 3, 10], output: { n: { $sum: 1 } } } }),
    ).toEqual([
      { _id: 0, n: 2 },
      { _id: 3, n: 2 },
    ]);
    expect(await run({ $match: { _id: 2 } }, { $addFields: { twice: { $multiply: ['$n', 2] } } })).toEqual([
      { _id: 2, n: 2, half: 1, twice: 4 },
    ]);
    expect((await things.aggregate([{ $sort: { n: 1 } }], { batchSize: 1 }).toArray()).length).toBe(4);
  });

  test('expressions order values by type and tell missing from null', async () => {
    await things.deleteMany({});
    await things.insertMany([
      { _id: 1, a: 1 },
      { _id: 2, a: null },
      { _id: 3 },
      { _id: 4, a: 's' },
      { _id: 5, a: '' },
    ]);
    const [grouped] = await things
      .aggregate([
        { $sort: { _id: 1 } },
        {
          $group: {
            _id: null,
            ...{
              all: { $push: '$a' },
              sum: { $sum: '$a' },
              mean: { $avg: '$a' },
              least: { $min: '$a' },
              none: { $max: '$z' },
            },
            ...{ set: { $addToSet: '$a' }, roots: { $push: '$$ROOT' } },
            set0: { $sum: { $cond: [{ $ne: ['$a', null] }, 1, 0] } },
          },
        },
      ])
      .toArray();
    expect(grouped).toMatchObject({
      all: [1, null, 's', ''],
      sum: 1,
      mean: 1,
      least: 1,
      none: null,
      set0: 4,
    });
    expect([grouped?.set.length, grouped?.roots.length]).toEqual([4, 5]);
    const compared = await things
      .aggregate([
        {
          $project: {
            eq: { $eq: ['$a', null] },
            gt: { $gt: ['$a', 0] },
            lt: { $lt: ['$a', 0] },
            lte: { $lte: ['$a', null] },
            not: { $not: ['$a'] },
          },
        },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(compared).toEqual([
      { _id: 1, eq: false, gt: true, lt: false, lte: false, not: false },
      { _id: 2, eq: true, gt: false, lt: true, lte: true, not: true },
      { _id: 3, eq: false, gt: false, lt: true, lte: true, not: true },
      { _id: 4, eq: false, gt: true, lt: false, lte: false, not: false },
      { _id: 5, eq: false, gt: true, lt: false, lte: false, not: false },
    ]);
    const day = new Date(Date.UTC(2026, 0, 1));
    await things.deleteMany({});
    await things.insertMany([
      { _id: 1, d: day },
      { _id: 2, d: new Date(day) },
      { _id: 3, d: day, o: { x: 1 } },
    ]);
    expect(await things.aggregate([{ $group: { _id: '$d', n: { $sum: 1 } } }]).toArray()).toEqual([
      { _id: day, n: 3 },
    ]);
    expect(
      await things.aggregate([{ $group: { _id: '$o.x', n: { $sum: 1 } } }, { $sort: { n: 1 } }]).toArray(),
    ).toEqual([
      { _id: 1, n: 1 },
      { _id: null, n: 2 },
    ]);
  });

  test('unknown commands and transactions are refused', async () => {
    await expect(open.db.command({ frobnicate: 1 })).rejects.toMatchObject({ code: 59 });
    await expect(things.aggregate([{ $frob: 1 }]).toArray()).rejects.toThrow();
    await expect(things.aggregate([{ $match: {}, $sort: { a: 1 } }]).toArray()).rejects.toMatchObject({
      code: 40323,
    });
  });

  test.runIf(name === 'embedded')(
    'what only a MongoDB server does is refused, never overlooked',
    async () => {
      const refused = { code: 238 };
      await expect(things.find({}).collation({ locale: 'ru' }).toArray()).rejects.toMatchObject(refused);
      await expect(things.find({}, { projection: { a: { $slice: 1 } } }).toArray()).rejects.toMatchObject(
        refused,
      );
      await expect(things.find({}, { projection: { a: '$n' } }).toArray()).rejects.toMatchObject(refused);
      await expect(things.updateOne({}, [{ $set: { a: 1 } }])).rejects.toMatchObject(refused);
      await expect(things.updateOne({ n: 1 }, { $set: { 'a.$': 1 } })).rejects.toMatchObject(refused);
      await expect(
        things.updateOne({}, { $set: { 'a.$[x]': 1 } }, { arrayFilters: [{ x: 1 }] }),
      ).rejects.toMatchObject(refused);
      await expect(
        things.aggregate([{ $lookup: { from: 'x', as: 'y', pipeline: [] } }]).toArray(),
      ).rejects.toMatchObject(refused);
      await expect(
        things.aggregate([{ $project: { a: { $function: {} } } }]).toArray(),
      ).rejects.toMatchObject(refused);
      await expect(things.createIndex({ a: 'text' })).rejects.toMatchObject(refused);
      await expect(things.createIndex({ a: 1 }, { collation: { locale: 'ru' } })).rejects.toMatchObject(
        refused,
      );
      await expect(things.find({ $where: '1' }).toArray()).rejects.toMatchObject({ code: 2 });
      await expect(things.find({ a: { $regex: '(?<=x)[[:alpha:]]' } }).toArray()).rejects.toMatchObject({
        code: 51091,
      });
      await expect(things.insertOne({ _id: 'p', a: mongo.Decimal128.fromString('1') })).resolves.toBeTruthy();
      await expect(things.find({ a: 1 }).toArray()).rejects.toMatchObject(refused);
      await expect(
        open.db.command({ insert: 'things', documents: [{}], txnNumber: mongo.Long.fromNumber(1) }),
      ).rejects.toMatchObject({ code: 20 });
      await expect(open.db.watch().next()).rejects.toMatchObject({ code: 238 });
    },
  );
});
