// Which index a find uses, told by explain on every server; and, on the tables themselves, that no index changes an
// answer and that expired documents go.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Double, Long } from 'bson';
import fc from 'fast-check';
import type { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { find } from '../../../src/store/embedded/find.ts';
import { compileFilter } from '../../../src/store/embedded/match.ts';
import { createIndexes, purgeExpired } from '../../../src/store/embedded/schema.ts';
import { Tables } from '../../../src/store/embedded/tables.ts';
import { type Doc, readDoc, writeDoc } from '../../../src/store/embedded/value.ts';
import { insertOne } from '../../../src/store/embedded/write.ts';
import { type OpenServer, servers } from './servers.ts';

describe.each(servers)('explain on $name', (server) => {
  let open: OpenServer;
  let jobs: mongo.Collection<{ _id: number }>;
  beforeAll(async () => {
    open = await server.open();
    jobs = open.db.collection('jobs');
    await jobs.createIndex({ status: 1, due: -1 });
    await jobs.createIndex({ phone: 1 }, { sparse: true });
    await jobs.createIndex({ code: 1 }, { partialFilterExpression: { open: true } });
    const docs = Array.from({ length: 50 }, (_, _id) => ({
      _id,
      status: `s${_id % 5}`,
      due: _id,
      phone: `+${_id}`,
      open: _id % 2 === 0,
      code: _id,
    }));
    await jobs.insertMany(docs);
  });
  afterAll(() => open.close());

  const stagesOf = (stage: Doc): Doc[] => [
    stage,
    ...(stage.inputStage ? stagesOf(stage.inputStage as Doc) : []),
  ];
  const explained = async (filter: Doc, sort: Record<string, 1 | -1> = {}) => {
    const plan = await jobs.find(filter).sort(sort).explain('queryPlanner');
    const stages = stagesOf((plan.queryPlanner as { winningPlan: Doc }).winningPlan);
    return {
      index: stages.find(({ stage }) => stage === 'IXSCAN')?.indexName,
      sorts: stages.some(({ stage }) => stage === 'SORT'),
    };
  };

  test.each([
    ['equality and order', { status: 's1' }, { due: -1 }, 'status_1_due_-1', false],
    ['the order backwards', { status: 's1' }, { due: 1 }, 'status_1_due_-1', false],
    ['equality and range', { status: 's1', due: { $lte: 9 } }, {}, 'status_1_due_-1', false],
    ['a list', { status: { $in: ['s1', 's2'] } }, {}, 'status_1_due_-1', false],
    ['a range', { status: { $gte: 's4' } }, {}, 'status_1_due_-1', false],
    ['order alone', {}, { status: 1, due: -1 }, 'status_1_due_-1', false],
    ['another order', { status: 's1' }, { code: 1 }, 'status_1_due_-1', true],
    ['sparse with a value', { phone: '+1' }, {}, 'phone_1', false],
    ['sparse with null', { phone: null }, {}, undefined, false],
    ['partial, implied', { code: 4, open: true }, {}, 'code_1', false],
    ['partial, not implied', { code: 4 }, {}, undefined, false],
    ['no index', { due: 3 }, {}, undefined, false],
  ] as [string, Doc, Record<string, 1 | -1>, string | undefined, boolean][])(
    '%s',
    async (_, filter, sort, index, sorts) => {
      expect(await explained(filter, sort)).toEqual({ index, sorts });
      const found = await jobs.find(filter).sort(sort).toArray();
      const all = await jobs.find().toArray();
      expect(found.length).toBe(all.filter((doc) => compileFilter(filter)(readDoc(writeDoc(doc)))).length);
    },
  );
});

function withTables<T>(work: (tables: Tables) => T): T {
  const file = join(tmpdir(), `otklik-plan-${process.pid}-${Math.random().toString(36).slice(2)}.sqlite`);
  const tables = new Tables(file);
  try {
    return work(tables);
  } finally {
    tables.close();
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  }
}

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(
    null,
    true,
    false,
    '',
    'a',
    'ab',
    'b',
    '\0',
    1.5,
    Number.NaN,
    new Date(0),
    new Date(5),
    Number.POSITIVE_INFINITY,
  ),
  fc.constantFrom(Long.fromNumber(2), new Double(2)),
);
const value = fc.oneof(
  { weight: 5, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.record({ c: scalar }),
  fc.array(fc.record({ c: scalar }, { requiredKeys: [] }), { maxLength: 2 }),
);
const field = fc.constantFrom('a', 'b', 'a.c', 'b.c');
const condition = fc.oneof(
  value,
  fc.record({ $in: fc.array(scalar, { maxLength: 3 }) }),
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$eq', '$ne'), scalar)
    .map(([op, arg]) => ({ [op]: arg })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.constant({ $exists: true }),
);
const filter = fc.oneof(
  fc.dictionary(field, condition, { maxKeys: 3 }),
  fc.tuple(field, condition, field, condition).map(([f, x, g, y]) => ({ $and: [{ [f]: x }, { [g]: y }] })),
);
const way = fc.constantFrom(1, -1);
const index = fc.record({
  keys: fc.uniqueArray(fc.tuple(field, way), { minLength: 1, maxLength: 3, selector: ([name]) => name }),
  extra: fc.constantFrom<Doc>(
    {},
    {},
    { sparse: true },
    { partialFilterExpression: { b: { $gt: 0 } } },
    { partialFilterExpression: { a: { $exists: true } } },
  ),
});

test('a find through any indexes gives what a full scan gives, in the order asked for', () => {
  const docs = fc.array(fc.record({ a: value, b: scalar }, { requiredKeys: [] }), { maxLength: 12 });
  const sort = fc.uniqueArray(fc.tuple(field, way), { maxLength: 2, selector: ([name]) => name });
  fc.assert(
    fc.property(
      docs,
      fc.array(index, { minLength: 1, maxLength: 2 }),
      fc.array(filter, { minLength: 1, maxLength: 6 }),
      sort,
      (given, indexes, filters, order) =>
        withTables((tables) =>
          tables.atomic(() => {
            const [bare, indexed] = [tables.create('t', 'bare'), tables.create('t', 'indexed')];
            const specs = indexes.map(({ keys, extra }, i) => ({
              key: Object.fromEntries(keys),
              name: `i${i}`,
              ...extra,
            }));
            const seen = new Set<string>();
            createIndexes(
              tables,
              't',
              'indexed',
              specs
                .map((spec) => readDoc(writeDoc(spec)))
                .filter(({ key }) => {
                  const text = JSON.stringify(Object.entries(key as Doc));
                  return !seen.has(text) && seen.add(text);
                }),
            );
            given.forEach((doc, _id) => {
              const one = readDoc(writeDoc({ _id, ...doc }));
              try {
                insertOne(tables, indexed, one);
              } catch (fault) {
                expect(fault).toMatchObject({ code: 171 });
                return;
              }
              insertOne(tables, bare, one);
            });
            for (const asked of filters) {
              const query = {
                filter: readDoc(writeDoc(asked as Doc)),
                sort: readDoc(writeDoc(Object.fromEntries([...order, ['_id', 1]]))),
              };
              const ids = (of: typeof bare) => [...find(tables, of, query)].map(({ doc }) => String(doc._id));
              expect(ids(indexed)).toEqual(ids(bare));
            }
          }),
        ),
    ),
    { numRuns: 150 },
  );
});

test('what has expired goes, and nothing else', () =>
  withTables((tables) => {
    const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms);
    createIndexes(tables, 't', 'seen', [{ key: { when: 1 }, name: 'when_1', expireAfterSeconds: 60 }]);
    createIndexes(tables, 't', 'half', [
      { key: { when: -1 }, name: 'when_-1', expireAfterSeconds: 0, partialFilterExpression: { gone: true } },
    ]);
    const [seen, half] = [tables.find('t', 'seen')!, tables.find('t', 'half')!];
    const whens = [at(0), at(59_000), [at(90_000), at(0)], 'text', 5, null];
    for (const [_id, when] of whens.entries()) insertOne(tables, seen, { _id, when });
    for (const [_id, gone] of [true, false].entries()) insertOne(tables, half, { _id, when: at(0), gone });
    const left = (of: typeof seen) => [...find(tables, of, {})].map(({ doc }) => Number(doc._id));
    expect(purgeExpired(tables, at(-1))).toBe(0);
    expect(purgeExpired(tables, at(61_000))).toBe(3);
    expect([left(seen), left(half)]).toEqual([[1, 3, 4, 5], [1]]);
  }));
