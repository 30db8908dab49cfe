// The commands served, each with the arguments it takes; any other command or argument is refused, never overlooked.
import { Double, Int32, Long } from 'bson';
import { aggregate } from './aggregate.ts';
import type { Cursors } from './cursors.ts';
import { notServed, StoreFault } from './fault.ts';
import { explain, find, type Query } from './find.ts';
import { compileFilter } from './match.ts';
import { someAt } from './path.ts';
import { compileProjection } from './project.ts';
import { createIndexes, dropIndexes } from './schema.ts';
import type { Collection, Tables } from './tables.ts';
import { compileUpdate } from './update.ts';
import { type Doc, isDoc, isNumber, keyOf, toNumber, writeDoc } from './value.ts';
import { type Change, change, insertOne, MOST_DOC_BYTES, remove } from './write.ts';

export interface Engine {
  readonly tables: Tables;
  readonly cursors: Cursors;
}
interface Call extends Engine {
  readonly db: string;
  readonly args: Doc;
  /** What stands behind the command's own name: mostly the collection. */
  readonly name: string;
  readonly now: Date;
}
interface Command {
  /** Absent: anything, as a greeting may tell whatever a newer driver has to say. */
  readonly takes?: readonly string[];
  readonly run: (call: Call) => Doc | Buffer;
}

const COMMON = [
  '$db',
  '$readPreference',
  '$clusterTime',
  'lsid',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
];
const TRANSACTION = ['txnNumber', 'startTransaction', 'autocommit'];

export function execute(engine: Engine, args: Doc, now: Date): Doc | Buffer {
  const [verb] = Object.keys(args);
  const command = verb !== undefined && Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (!verb || !command) throw new StoreFault('CommandNotFound', `no such command: '${verb}'`);
  for (const [name, value] of Object.entries(args)) {
    if (TRANSACTION.includes(name))
      throw new StoreFault(
        'IllegalOperation',
        'Transaction numbers are only allowed on a replica set member or mongos',
      );
    const known = name === verb || COMMON.includes(name) || (command.takes?.includes(name) ?? true);
    if (!known && value !== false) throw notServed(`'${name}' of the command ${verb}`);
  }
  const db = typeof args.$db === 'string' ? args.$db : '';
  const name = typeof args[verb] === 'string' ? (args[verb] as string) : '';
  return command.run({ ...engine, db, args, name, now });
}

export function refusal(fault: unknown): Doc {
  const full = (fault as { errcode?: number }).errcode === 13;
  const known =
    fault instanceof StoreFault
      ? fault
      : new StoreFault(
          full ? 'OutOfDiskSpace' : 'InternalError',
          fault instanceof Error ? fault.message : String(fault),
        );
  return {
    ok: new Double(0),
    errmsg: known.message,
    code: known.code,
    codeName: known.codeName,
    ...known.extra,
  };
}

const collectionOf = ({ tables, db, name }: Call): Collection | undefined => tables.find(db, name);
const made = (call: Call): Collection => collectionOf(call) ?? call.tables.create(call.db, call.name);

function existing(call: Call): Collection {
  const collection = collectionOf(call);
  if (!collection) throw new StoreFault('NamespaceNotFound', `ns does not exist: ${call.db}.${call.name}`);
  return collection;
}

function natural(args: Doc, name: string): number | undefined {
  const given = args[name];
  if (given === undefined || given === null) return undefined;
  const value = toNumber(given);
  if (isNumber(given) && Number.isInteger(value) && value >= 0) return value;
  throw new StoreFault('BadValue', `Field '${name}' value must be >= 0 and whole`);
}

function queryOf(args: Doc, filter = 'filter'): Query {
  const query = { filter: args[filter] ?? {}, sort: args.sort ?? {} };
  return { ...query, skip: natural(args, 'skip') ?? 0, limit: natural(args, 'limit') ?? 0 };
}

function docsOf(args: Doc, name: string): Doc[] {
  const docs = args[name];
  if (Array.isArray(docs) && docs.length > 0 && docs.every(isDoc)) return docs;
  throw new StoreFault('BadValue', `'${name}' must be a non-empty array of objects`);
}

function docOf(args: Doc, name: string): Doc {
  const doc = args[name];
  if (isDoc(doc)) return doc;
  throw new StoreFault('TypeMismatch', `'${name}' must be an object`);
}

/** Runs the parts of a batch; the faults of single parts are answers, in order to the first or past them all. */
function each(
  call: Call,
  parts: readonly Doc[],
  takes: readonly string[],
  run: (part: Doc, index: number) => void,
): Doc {
  const writeErrors: Doc[] = [];
  for (const [index, part] of parts.entries()) {
    try {
      for (const [name, value] of Object.entries(part))
        if (takes.length > 0 && !takes.includes(name) && value !== false)
          throw notServed(`'${name}' of a write`);
      run(part, index);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      const { ok: _, codeName: __, ...error } = refusal(fault);
      writeErrors.push({ index, ...error });
      if (call.args.ordered !== false) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

function runInsert(call: Call): Doc {
  const documents = docsOf(call.args, 'documents');
  const collection = made(call);
  let n = 0;
  const errors = each(call, documents, [], (doc) => {
    insertOne(call.tables, collection, doc);
    n++;
  });
  return { n, ...errors, ok: 1 };
}

function runUpdate(call: Call): Doc {
  const updates = docsOf(call.args, 'updates');
  const collection = made(call);
  let [n, nModified] = [0, 0];
  const upserted: Doc[] = [];
  const errors = each(call, updates, ['q', 'u', 'upsert', 'multi', 'sort'], (part, index) => {
    const { u: update, sort } = part;
    const asked: Change = {
      filter: docOf(part, 'q'),
      update,
      sort,
      upsert: part.upsert === true,
      multi: part.multi === true,
    };
    const result = change(call.tables, collection, asked, call.now);
    n += result.changed.length + (result.upserted ? 1 : 0);
    nModified += result.changed.filter(({ modified }) => modified).length;
    if (result.upserted) upserted.push({ index, _id: result.upserted._id });
  });
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors, ok: 1 };
}

function runDelete(call: Call): Doc {
  const collection = collectionOf(call);
  let n = 0;
  const errors = each(call, docsOf(call.args, 'deletes'), ['q', 'limit'], (part) => {
    const filter = docOf(part, 'q');
    const limit = natural(part, 'limit') ?? 0;
    if (limit > 1) throw new StoreFault('FailedToParse', 'The limit of a delete must be 0 or 1');
    compileFilter(filter);
    if (collection) n += remove(call.tables, collection, filter, limit).length;
  });
  return { n, ...errors, ok: 1 };
}

function runFindAndModify(call: Call): Doc {
  const { args, tables, now } = call;
  const filter = isDoc(args.query) ? args.query : {};
  const sort = args.sort ?? {};
  const project = compileProjection(args.fields) ?? ((doc: Doc) => doc);
  if (args.remove === true) {
    if (args.update !== undefined || args.upsert === true || args.new === true)
      throw new StoreFault('FailedToParse', "Cannot specify 'update', 'upsert' or 'new' along with 'remove'");
    const collection = collectionOf(call);
    const [gone] = collection ? remove(tables, collection, filter, 1, sort) : [];
    return { lastErrorObject: { n: gone ? 1 : 0 }, value: gone ? project(gone) : null, ok: 1 };
  }
  if (args.update === undefined)
    throw new StoreFault('FailedToParse', "Either 'update' or 'remove' must be given");
  compileUpdate(args.update);
  const asked: Change = { filter, update: args.update, sort, upsert: args.upsert === true, multi: false };
  const { changed, upserted } = change(tables, made(call), asked, now);
  const [hit] = changed;
  const value = args.new === true ? (hit?.after ?? upserted) : hit?.before;
  const lastErrorObject: Doc = { n: hit || upserted ? 1 : 0, updatedExisting: hit !== undefined };
  if (upserted) lastErrorObject.upserted = upserted._id;
  return { lastErrorObject, value: value ? project(value) : null, ok: 1 };
}

function runFind(call: Call): Buffer {
  const { args, tables, cursors, db, name, now } = call;
  const project = compileProjection(args.projection);
  const found = find(tables, collectionOf(call), queryOf(args));
  const docs = found.map(({ raw, doc }) => (project ? writeDoc(project(doc)) : raw));
  return cursors.first(`${db}.${name}`, docs, natural(args, 'batchSize'), args.singleBatch === true, now);
}

function runAggregate(call: Call): Buffer {
  const { args, tables, cursors, db, name, now } = call;
  if (name === '') throw notServed('aggregation of a whole database');
  const batchSize = natural(docOf(args, 'cursor'), 'batchSize');
  return cursors.first(
    `${db}.${name}`,
    aggregate(tables, collectionOf(call), args.pipeline),
    batchSize,
    false,
    now,
  );
}

function runExplain(call: Call): Doc {
  const inner = docOf(call.args, 'explain');
  const allowed = [...(COMMANDS.find?.takes ?? []), ...COMMON, 'find'];
  const [verb] = Object.keys(inner);
  if (verb !== 'find') throw notServed(`explaining the command ${verb}`);
  for (const key of Object.keys(inner))
    if (!allowed.includes(key)) throw notServed(`'${key}' of the command find`);
  const collection = call.tables.find(call.db, String(inner.find));
  return {
    ...explain(call.tables, collection, queryOf(inner), call.args.verbosity ?? 'allPlansExecution'),
    ok: 1,
  };
}

function runCount(call: Call): Doc {
  const collection = collectionOf(call);
  const query = queryOf(call.args, 'query');
  const all = Object.keys(query.filter as Doc).length === 0 && !query.skip && !query.limit;
  if (all) return { n: collection ? call.tables.count(collection) : 0, ok: 1 };
  let n = 0;
  for (const _ of find(call.tables, collection, query)) n++;
  return { n, ok: 1 };
}

function runDistinct(call: Call): Doc {
  if (typeof call.args.key !== 'string') throw new StoreFault('TypeMismatch', "'key' must be a string");
  const parts = call.args.key.split('.');
  const values = new Map<string, unknown>();
  const take = (value: unknown) => {
    if (value !== undefined) values.set(keyOf(value).toString('latin1'), value);
    return false;
  };
  for (const { doc } of find(call.tables, collectionOf(call), queryOf(call.args, 'query')))
    someAt(doc, parts, false, (value) => (Array.isArray(value) ? value.some(take) : take(value)));
  return { values: [...values.values()], ok: 1 };
}

function listed(call: Call, ns: string, docs: readonly Doc[]): Buffer {
  const cursor = isDoc(call.args.cursor) ? call.args.cursor : {};
  return call.cursors.first(ns, docs.map(writeDoc).values(), natural(cursor, 'batchSize'), false, call.now);
}

function runListCollections(call: Call): Buffer {
  const test = compileFilter(call.args.filter ?? {});
  const docs = call.tables.list(call.db).map(({ name }): Doc => {
    const rest = { options: {}, info: { readOnly: false }, idIndex: { v: 2, key: { _id: 1 }, name: '_id_' } };
    return { name, type: 'collection', ...(call.args.nameOnly === true ? {} : rest) };
  });
  return listed(call, `${call.db}.$cmd.listCollections`, docs.filter(test));
}

function drop(call: Call, collections: readonly Collection[]): void {
  for (const collection of collections) {
    call.cursors.killUnder(`${collection.db}.${collection.name}`);
    call.tables.drop(collection);
  }
}

function runDrop(call: Call): Doc {
  const collection = collectionOf(call);
  if (collection) drop(call, [collection]);
  return {
    ...(collection ? { nIndexesWas: collection.indexes.length, ns: `${call.db}.${call.name}` } : {}),
    ok: 1,
  };
}

function runDropDatabase(call: Call): Doc {
  drop(call, call.tables.list(call.db));
  return { dropped: call.db, ok: 1 };
}

function runCreate(call: Call): Doc {
  if (collectionOf(call))
    throw new StoreFault('NamespaceExists', `Collection ${call.db}.${call.name} already exists.`);
  call.tables.create(call.db, call.name);
  return { ok: 1 };
}

function runGetMore(call: Call): Buffer {
  const { args, cursors, db, now } = call;
  const id = args.getMore;
  if (!(id instanceof Long)) throw new StoreFault('TypeMismatch', "'getMore' must be a long");
  return cursors.more(`${db}.${String(args.collection)}`, id, natural(args, 'batchSize'), now);
}

function runKillCursors({ args, cursors }: Call): Doc {
  const ids = Array.isArray(args.cursors) ? args.cursors.filter((id) => id instanceof Long) : [];
  return { ...cursors.kill(ids), cursorsAlive: [], cursorsUnknown: [], ok: 1 };
}

const hello = ({ now }: Call): Doc => ({
  ...{ helloOk: true, ismaster: true, isWritablePrimary: true, readOnly: false, localTime: now },
  ...{ maxBsonObjectSize: MOST_DOC_BYTES, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 },
  ...{ minWireVersion: 0, maxWireVersion: 25, connectionId: new Int32(1), ok: 1 },
});
const handshake: Command = { run: hello };
const findAndModify: Command = {
  takes: ['query', 'update', 'remove', 'new', 'upsert', 'sort', 'fields', 'bypassDocumentValidation'],
  run: runFindAndModify,
};
/** Schema changes are all or nothing: an index that meets a duplicate halfway is not there at all. */
const whole =
  (run: (call: Call) => Doc) =>
  (call: Call): Doc =>
    call.tables.atomic(() => run(call));

const COMMANDS: Readonly<Record<string, Command>> = {
  hello: handshake,
  isMaster: handshake,
  ismaster: handshake,
  ping: { takes: [], run: () => ({ ok: 1 }) },
  buildInfo: {
    takes: [],
    run: () => ({ version: '8.0.0', versionArray: [8, 0, 0, 0], modules: ['otklik'], ok: 1 }),
  },
  connectionStatus: {
    takes: [],
    run: () => ({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
  },
  endSessions: { takes: [], run: () => ({ ok: 1 }) },
  insert: { takes: ['documents', 'ordered', 'bypassDocumentValidation'], run: runInsert },
  update: { takes: ['updates', 'ordered', 'bypassDocumentValidation'], run: runUpdate },
  delete: { takes: ['deletes', 'ordered'], run: runDelete },
  findAndModify,
  findandmodify: findAndModify,
  find: {
    takes: [
      'filter',
      'sort',
      'projection',
      'skip',
      'limit',
      'batchSize',
      'singleBatch',
      'noCursorTimeout',
      'allowDiskUse',
    ],
    run: runFind,
  },
  getMore: { takes: ['collection', 'batchSize'], run: runGetMore },
  killCursors: { takes: ['cursors'], run: runKillCursors },
  aggregate: { takes: ['pipeline', 'cursor', 'allowDiskUse', 'bypassDocumentValidation'], run: runAggregate },
  count: { takes: ['query', 'limit', 'skip'], run: runCount },
  distinct: { takes: ['key', 'query'], run: runDistinct },
  explain: { takes: ['verbosity'], run: runExplain },
  create: { takes: [], run: whole(runCreate) },
  drop: { takes: [], run: whole(runDrop) },
  dropDatabase: { takes: [], run: whole(runDropDatabase) },
  createIndexes: {
    takes: ['indexes', 'commitQuorum'],
    run: whole((call) => createIndexes(call.tables, call.db, call.name, docsOf(call.args, 'indexes'))),
  },
  dropIndexes: {
    takes: ['index'],
    run: whole((call) => {
      call.cursors.killUnder(`${call.db}.${call.name}`);
      return dropIndexes(call.tables, existing(call), call.args.index);
    }),
  },
  listIndexes: {
    takes: ['cursor'],
    run: (call) =>
      listed(
        call,
        `${call.db}.${call.name}`,
        existing(call).indexes.map(({ spec }) => spec),
      ),
  },
  listCollections: {
    takes: ['filter', 'nameOnly', 'authorizedCollections', 'cursor'],
    run: runListCollections,
  },
};
