// The operators against a table of what MongoDB's manual says. Runs on every server available.
import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenServer, servers } from './servers.ts';

const { Binary, Double, Int32, Long, ObjectId } = mongo as unknown as typeof import('bson');
type Doc = Record<string, unknown>;
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

/** Name, the values of field `a` (undefined: missing), the filter, the places of the matches. */
const finds: readonly (readonly [string, readonly unknown[], Doc, readonly number[]])[] = [
  ['equality takes any number type', [1, new Double(1), Long.fromNumber(1), '1'], { a: 1 }, [0, 1, 2]],
  ['null is null or missing', [null, undefined, 0, '', []], { a: null }, [0, 1]],
  ['null in an array', [[null], [1]], { a: null }, [0]],
  ['an array contains', [[1, 2], [3], 2, [[2]]], { a: 2 }, [0, 2]],
  ['an array whole', [[1, 2], [2, 1], [[1, 2]], [1, 2, 3]], { a: [1, 2] }, [0, 2]],
  ['the empty array', [[], null, [[]], undefined], { a: [] }, [0, 2]],
  ['a subdocument whole, in order', [{ x: 1, y: 2 }, { y: 2, x: 1 }, { x: 1 }], { a: { x: 1, y: 2 } }, [0]],
  ['a subdocument in an array', [[{ x: 1 }], { x: 1 }], { a: { x: 1 } }, [0, 1]],
  ['dotted', [{ x: 1 }, [{ x: 2 }, { x: 1 }], { x: [1] }, 1], { 'a.x': 1 }, [0, 1, 2]],
  [
    'dotted null',
    [{}, { x: null }, 5, [1, 2], [], [{}], [{ x: 1 }], undefined],
    { 'a.x': null },
    [0, 1, 2, 5, 7],
  ],
  ['dotted index', [[5, 6], [6, 5], { 0: 5 }], { 'a.0': 5 }, [0, 2]],
  [
    'dotted index and field',
    [
      [{ x: 1 }, { x: 2 }],
      [{ x: 2 }, { x: 1 }],
    ],
    { 'a.1.x': 2 },
    [0],
  ],
  ['nested arrays are not walked twice', [[[{ x: 1 }]], [{ x: 1 }]], { 'a.x': 1 }, [1]],
  [
    'a name of Object.prototype is missing',
    [{}, { constructor: 1 }],
    { 'a.constructor': { $exists: true } },
    [1],
  ],
  ['$eq with a date', [day(1), day(2), 1], { a: { $eq: day(2) } }, [1]],
  ['$ne', [1, 2, undefined, [1, 2]], { a: { $ne: 1 } }, [1, 2]],
  ['$ne null', [null, undefined, 0], { a: { $ne: null } }, [2]],
  ['$gt keeps to the type', [5, '5', day(5), null, 10, true], { a: { $gt: 4 } }, [0, 4]],
  ['$lt of strings', ['a', 'b', 'B', 1], { a: { $lt: 'b' } }, [0, 2]],
  ['strings compare as UTF-8', ['\u{1f600}', '\uffee'], { a: { $gt: '\uffff' } }, [0]],
  ['$gte of dates', [day(1), day(2), day(3), 99999999999999], { a: { $gte: day(2) } }, [1, 2]],
  ['$gte null', [null, undefined, 1], { a: { $gte: null } }, [0, 1]],
  ['$gt null', [null, undefined, 1], { a: { $gt: null } }, []],
  ['both bounds by different elements', [[1, 9], 5, [1], [9]], { a: { $gt: 4, $lt: 6 } }, [0, 1]],
  ['NaN is in no range', [Number.NaN, 1, -1], { a: { $lt: 0 } }, [2]],
  ['NaN equals NaN', [Number.NaN, 1], { a: Number.NaN }, [0]],
  ['$lte of NaN', [Number.NaN, 1], { a: { $lte: Number.NaN } }, [0]],
  ['$lt of booleans', [true, false, 0], { a: { $lt: true } }, [1]],
  ['$gt of arrays', [[1, 3], [1, 1], 5], { a: { $gt: [1, 2] } }, [0]],
  [
    'long beyond the doubles',
    [Long.fromString('9007199254740993'), 9007199254740992],
    { a: Long.fromString('9007199254740993') },
    [0],
  ],
  ['$in', [1, 2, 'x', null, undefined, [2, 7]], { a: { $in: [2, 'x'] } }, [1, 2, 5]],
  ['$in with null', [1, null, undefined], { a: { $in: [null] } }, [1, 2]],
  ['$in with a pattern', ['abc', 'xbc', 'x'], { a: { $in: [/^a/, 'x'] } }, [0, 2]],
  ['$in nothing', [1, null], { a: { $in: [] } }, []],
  ['$nin', [1, 2, undefined, [1, 3]], { a: { $nin: [1] } }, [1, 2]],
  ['$exists', [1, null, undefined, []], { a: { $exists: true } }, [0, 1, 3]],
  ['$exists false', [1, null, undefined], { a: { $exists: false } }, [2]],
  ['$exists within an array', [[{ x: 1 }], [{}], []], { 'a.x': { $exists: true } }, [0]],
  ['$type', [1, 'x', 1.5, day(1), null, true], { a: { $type: 'string' } }, [1]],
  ['$type number', [1, new Double(2), Long.fromNumber(3), 'x'], { a: { $type: 'number' } }, [0, 1, 2]],
  [
    '$type int and double',
    [new Int32(1), new Double(1), Long.fromNumber(1)],
    { a: { $type: ['int', 1] } },
    [0, 1],
  ],
  ['$type of an element or the array', [['x'], [1], 'x'], { a: { $type: 'string' } }, [0, 2]],
  ['$type array', [[1], 1, []], { a: { $type: 'array' } }, [0, 2]],
  ['$and of two elements', [[1, 2], [1], 1], { $and: [{ a: 1 }, { a: 2 }] }, [0]],
  ['$or', [1, 2, 3], { $or: [{ a: 1 }, { a: { $gt: 2 } }] }, [0, 2]],
  ['$nor', [1, 2, undefined], { $nor: [{ a: 1 }, { a: 2 }] }, [2]],
  ['$not', [1, 5, undefined, 'x'], { a: { $not: { $gt: 3 } } }, [0, 2, 3]],
  ['$not of a pattern', ['ab', 'b', 1], { a: { $not: /^a/ } }, [1, 2]],
  ['$not of two', [1, 5, 9], { a: { $not: { $gt: 3, $lt: 7 } } }, [0, 2]],
  ['$all', [[1, 2, 3], [1], 1], { a: { $all: [1, 2] } }, [0]],
  ['$all of one', [[1], 1, 2], { a: { $all: [1] } }, [0, 1]],
  ['$all of nothing', [[], 1], { a: { $all: [] } }, []],
  [
    '$all with $elemMatch',
    [[{ x: 1 }, { x: 2 }], [{ x: 1 }]],
    { a: { $all: [{ $elemMatch: { x: 1 } }, { $elemMatch: { x: 2 } }] } },
    [0],
  ],
  [
    '$elemMatch of documents',
    [[{ x: 1, y: 1 }], [{ x: 1 }, { y: 1 }], { x: 1, y: 1 }],
    { a: { $elemMatch: { x: 1, y: 1 } } },
    [0],
  ],
  ['$elemMatch of values', [[1, 9], [5], 5], { a: { $elemMatch: { $gt: 4, $lt: 6 } } }, [1]],
  [
    '$elemMatch with $or',
    [[{ x: 1 }], [{ y: 2 }], [{ z: 3 }]],
    { a: { $elemMatch: { $or: [{ x: 1 }, { y: 2 }] } } },
    [0, 1],
  ],
  ['$size', [[1, 2], [1], 2, [[1, 2]]], { a: { $size: 2 } }, [0]],
  ['$mod', [4, 5, -4, 4.9, 'x', [3, 8]], { a: { $mod: [4, 0] } }, [0, 2, 3, 5]],
  ['$regex', ['Abc', 'abc', ['x', 'ab'], 5], { a: { $regex: '^ab' } }, [1, 2]],
  ['$regex with options', ['Привет', 'привет мир', 'мир'], { a: { $regex: '^ПРИ', $options: 'i' } }, [0, 1]],
  ['a pattern ends before a last newline', ['ab\n', 'ab', 'abc'], { a: /b$/ }, [0, 1]],
  ['a dot is all but a newline', ['a\rb', 'a\nb', 'a\u2028b'], { a: /a.b/ }, [0, 2]],
  ['lines', ['x\nab', 'x ab', 'ab'], { a: /^ab/m }, [0, 2]],
  ['an escaped bracket and hyphen', ['a-b', 'a[b'], { a: { $regex: 'a\\-b' } }, [0]],
  [
    'object ids',
    [new ObjectId('65a000000000000000000001'), '65a000000000000000000001'],
    { a: new ObjectId('65a000000000000000000001') },
    [0],
  ],
  [
    'bytes',
    [new Binary(Buffer.from('ab')), new Binary(Buffer.from('b'))],
    { a: { $gt: new Binary(Buffer.from('b')) } },
    [0],
  ],
  ['several conditions', [1, 2, 3], { a: { $gte: 2 }, _id: { $lt: 2 } }, [1]],
];

/** Name, the document before, the update, the document after (without _id), whether it counts as modified. */
const updates: readonly (readonly [string, Doc, Doc, Doc, boolean?])[] = [
  ['$set', { a: 1 }, { $set: { b: 2, a: 3 } }, { a: 3, b: 2 }],
  ['$set of the same', { a: 1 }, { $set: { a: 1 } }, { a: 1 }, false],
  ['$set deep', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  ['$set of an element', { a: [1, 2] }, { $set: { 'a.1': 5 } }, { a: [1, 5] }],
  ['$set behind the end', { a: [1] }, { $set: { 'a.3': 5 } }, { a: [1, null, null, 5] }],
  ['$unset', { a: 1, b: 2 }, { $unset: { a: '' } }, { b: 2 }],
  ['$unset of an element', { a: [1, 2] }, { $unset: { 'a.0': '' } }, { a: [null, 2] }],
  ['$unset of what is missing', { a: 1 }, { $unset: { 'b.c': '' } }, { a: 1 }, false],
  ['$unset through a scalar', { a: 1 }, { $unset: { 'a.c': '' } }, { a: 1 }, false],
  ['$inc', { a: 1 }, { $inc: { a: 2, b: 5 } }, { a: 3, b: 5 }],
  ['$inc by nothing', { a: 1 }, { $inc: { a: 0 } }, { a: 1 }, false],
  ['$inc beyond 32 bits', { a: 2147483647 }, { $inc: { a: 1 } }, { a: 2147483648 }],
  ['$inc of a double', { a: 1 }, { $inc: { a: 0.5 } }, { a: 1.5 }],
  ['$mul', { a: 3 }, { $mul: { a: 2, b: 7 } }, { a: 6, b: 0 }],
  ['$min and $max', { a: 5, b: 5 }, { $min: { a: 3, c: 1 }, $max: { b: 9 } }, { a: 3, b: 9, c: 1 }],
  ['$min above', { a: 5 }, { $min: { a: 7 } }, { a: 5 }, false],
  ['$max over types', { a: 5 }, { $max: { a: 'x' } }, { a: 'x' }],
  ['$push', { a: [1] }, { $push: { a: 2, b: 3 } }, { a: [1, 2], b: [3] }],
  ['$push of an array', { a: [1] }, { $push: { a: [2, 3] } }, { a: [1, [2, 3]] }],
  ['$push $each $slice', { a: [1, 2] }, { $push: { a: { $each: [3, 4], $slice: -3 } } }, { a: [2, 3, 4] }],
  ['$push $position', { a: [1, 2] }, { $push: { a: { $each: [0], $position: 1 } } }, { a: [1, 0, 2] }],
  [
    '$push $sort by field',
    { a: [{ x: 2 }, { x: 1 }] },
    { $push: { a: { $each: [{ x: 3 }], $sort: { x: -1 }, $slice: 2 } } },
    { a: [{ x: 3 }, { x: 2 }] },
  ],
  ['$push $sort of values', { a: [2, 3] }, { $push: { a: { $each: [1], $sort: 1 } } }, { a: [1, 2, 3] }],
  ['$addToSet', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
  ['$addToSet of what is there', { a: [{ x: 1 }] }, { $addToSet: { a: { x: 1 } } }, { a: [{ x: 1 }] }, false],
  ['$addToSet makes', {}, { $addToSet: { a: 1 } }, { a: [1] }],
  ['$pull a value', { a: [1, 2, 1] }, { $pull: { a: 1 } }, { a: [2] }],
  ['$pull by condition', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  ['$pull documents', { a: [{ x: 1, y: 1 }, { x: 2 }] }, { $pull: { a: { x: 1 } } }, { a: [{ x: 2 }] }],
  ['$pull nothing', { a: [1] }, { $pull: { a: 2, b: 1 } }, { a: [1] }, false],
  ['$pullAll', { a: [1, 2, 3, 1] }, { $pullAll: { a: [1, 3] } }, { a: [2] }],
  ['$pop', { a: [1, 2, 3], b: [1, 2] }, { $pop: { a: 1, b: -1 } }, { a: [1, 2], b: [2] }],
  ['$rename', { a: 1, b: 2 }, { $rename: { a: 'c.d' } }, { b: 2, c: { d: 1 } }],
  ['$rename of what is missing', { a: 1 }, { $rename: { x: 'a' } }, { a: 1 }, false],
  ['$setOnInsert of what is there', { a: 1 }, { $setOnInsert: { a: 2, b: 3 } }, { a: 1 }, false],
  [
    'new fields come in the order of their paths',
    { z: 1 },
    { $set: { c: 1, a: 1 }, $inc: { b: 1 } },
    { z: 1, a: 1, b: 1, c: 1 },
  ],
];

const refusedUpdates: readonly (readonly [string, Doc, Doc, number])[] = [
  ['a path twice', {}, { $set: { a: 1 }, $inc: { a: 1 } }, 40],
  ['a path within a path', {}, { $set: { a: {}, 'a.b': 1 } }, 40],
  ['another _id', {}, { $set: { _id: 'other' } }, 66],
  ['$inc of text', { a: 'x' }, { $inc: { a: 1 } }, 14],
  ['$inc of null', { a: null }, { $inc: { a: 1 } }, 14],
  ['$inc by text', {}, { $inc: { a: 'x' } }, 14],
  ['$push to a scalar', { a: 1 }, { $push: { a: 2 } }, 2],
  ['$pull from a scalar', { a: 1 }, { $pull: { a: 2 } }, 2],
  ['$pop of a scalar', { a: 1 }, { $pop: { a: 1 } }, 14],
  ['a path through a scalar', { a: 1 }, { $set: { 'a.b': 1 } }, 28],
  ['a path through null', { a: null }, { $set: { 'a.b': 1 } }, 28],
  ['a field of an array', { a: [] }, { $set: { 'a.b': 1 } }, 28],
  ['an empty part', {}, { $set: { 'a..b': 1 } }, 56],
  ['an unknown modifier', {}, { $frob: { a: 1 } }, 9],
];

const refusedFilters: readonly (readonly [string, Doc, number])[] = [
  ['an unknown operator', { a: { $frob: 1 } }, 2],
  ['an unknown operator at the top', { $frob: [] }, 2],
  ['an empty $or', { $or: [] }, 2],
  ['$in without an array', { a: { $in: 1 } }, 2],
  ['a negative $size', { a: { $size: -1 } }, 2],
  ['$mod by zero', { a: { $mod: [0, 0] } }, 2],
  ['an unbalanced pattern', { a: { $regex: '(' } }, 51091],
];

describe.each(servers)('operators on $name', (server) => {
  let open: OpenServer;
  let things: mongo.Collection<{ _id: number | string }>;
  beforeAll(async () => {
    open = await server.open();
    things = open.db.collection('things');
  });
  afterAll(() => open.close());

  test.each(finds)('find: %s', async (_, values, filter, expected) => {
    await things.deleteMany({});
    await things.insertMany(values.map((a, _id) => (a === undefined ? { _id } : { _id, a })));
    const found = async () => (await things.find(filter).toArray()).map(({ _id }) => _id).sort();
    expect(await found()).toEqual(expected);
    // An index at the same field must not change the answer.
    await things.createIndex({ a: 1 });
    expect(await found()).toEqual(expected);
    await things.dropIndex('a_1');
    await things.createIndex({ a: -1 });
    expect(await found()).toEqual(expected);
    await things.dropIndex('a_-1');
  });

  const cases = updates.map(([name, before, update, after, modified = true]) => ({
    ...{ name, before, update, after, modified },
  }));
  test.each(cases)('update: $name', async ({ before, update, after, modified }) => {
    await things.deleteMany({});
    await things.insertOne({ _id: 'x', ...before });
    const result = await things.updateOne({ _id: 'x' }, update);
    expect([result.matchedCount, result.modifiedCount]).toEqual([1, modified ? 1 : 0]);
    const found = await things.findOne({ _id: 'x' });
    expect(found).toEqual({ _id: 'x', ...after });
    if (modified) expect(Object.keys(found!)).toEqual(['_id', ...Object.keys(after)]);
  });

  const refused = refusedUpdates.map(([name, before, update, code]) => ({ name, before, update, code }));
  test.each(refused)('update refused: $name', async ({ before, update, code }) => {
    await things.deleteMany({});
    await things.insertOne({ _id: 'x', ...before });
    await expect(things.updateOne({ _id: 'x' }, update)).rejects.toMatchObject({ code });
    expect(await things.findOne({ _id: 'x' })).toEqual({ _id: 'x', ...before });
  });

  test.each(refusedFilters)('filter refused: %s', async (_, filter, code) => {
    await expect(things.find(filter).toArray()).rejects.toMatchObject({ code });
    await expect(things.deleteMany(filter)).rejects.toMatchObject({ code });
  });

  test('values sort in the order of the types, with an index and without', async () => {
    // Each stands in its place already.
    const values = [[], null, Number.NaN, -5, 1.5, Long.fromNumber(2), '', 'Z', 'a', { x: 1 }, { y: 1 }, new Binary(Buffer.from('a')),
      new ObjectId('65a000000000000000000001'), false, true, day(1), day(2)]; // biome-ignore format: one order
    await things.drop();
    await things.insertMany(values.map((a, _id) => ({ _id, a })).reverse());
    const sorted = async (way: 1 | -1) =>
      (await things.find().sort({ a: way }).toArray()).map(({ _id }) => _id);
    const expected = values.map((_, i) => i);
    expect(await sorted(1)).toEqual(expected);
    await things.createIndex({ a: 1 });
    expect(await sorted(1)).toEqual(expected);
    expect(await sorted(-1)).toEqual([...expected].reverse());
    await things.drop();
  });

  test('an array sorts by its least element upwards and its greatest downwards', async () => {
    await things.drop();
    await things.insertMany([
      { _id: 1, a: [5, 9] },
      { _id: 2, a: 6 },
      { _id: 3, a: [1, 7] },
    ] as never[]);
    const sorted = async (way: 1 | -1) =>
      (await things.find().sort({ a: way }).toArray()).map(({ _id }) => _id);
    expect([await sorted(1), await sorted(-1)]).toEqual([
      [3, 1, 2],
      [1, 3, 2],
    ]);
  });

  test('projections keep or leave out, through arrays too', async () => {
    await things.drop();
    await things.insertOne({ _id: 'x', a: { b: 1, c: 2 }, l: [{ b: 1, c: 2 }, 5, { c: 3 }], z: 1 } as never);
    const shown = (projection: Doc) => things.findOne({ _id: 'x' }, { projection });
    expect(await shown({ 'a.b': 1 })).toEqual({ _id: 'x', a: { b: 1 } });
    expect(await shown({ 'l.b': 1, _id: 0 })).toEqual({ l: [{ b: 1 }, {}] });
    expect(await shown({ l: 0, 'a.c': 0 })).toEqual({ _id: 'x', a: { b: 1 }, z: 1 });
    expect(await shown({ 'l.c': 0, a: 0, z: 0 })).toEqual({ _id: 'x', l: [{ b: 1 }, 5, {}] });
    expect(await shown({ _id: 0, z: 1 })).toEqual({ z: 1 });
    await expect(shown({ a: 1, z: 0 })).rejects.toMatchObject({ code: 31254 });
    await expect(shown({ a: 0, z: 1 })).rejects.toMatchObject({ code: 31253 });
  });

  test('BSON types come back as they went in', async () => {
    await things.drop();
    const doc = { _id: 't', i: new Int32(1), d: new Double(1), l: Long.fromString('9007199254740993'), n: null, when: day(1),
      b: new Binary(Buffer.from('ab'), 5), o: new ObjectId(), s: 'ё\u0000\u{1f600}', deep: { list: [[], {}, [1.5]] } }; // biome-ignore format: one document
    await things.insertOne(doc as never);
    await things.updateOne({ _id: 't' }, { $set: { more: true } as never });
    const found = await things.findOne({ _id: 't' }, { promoteValues: false });
    expect(found).toEqual({ ...doc, deep: { list: [[], {}, [new Double(1.5)]] }, more: true });
  });
});
