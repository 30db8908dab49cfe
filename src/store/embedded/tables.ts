// Collections and their indexes as SQLite tables: raw BSON by row, and memcmp-ordered keys that lead to rows.
// Knows nothing of filters or commands. One connection, used by one thread.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { StoreFault } from './fault.ts';
import { compileFilter, type Test } from './match.ts';
import { indexedValues } from './path.ts';
import { type SortField, sortFields } from './sort.ts';
import { type Doc, EMPTY, keyOf, readDoc, writeDoc } from './value.ts';

export interface Index {
  /** The table of its keys; 0 is the collection's own column of ids. */
  readonly id: number;
  readonly name: string;
  /** As createIndexes gave it, and as listIndexes answers. */
  readonly spec: Doc;
  readonly fields: readonly SortField[];
  readonly unique: boolean;
  readonly sparse: boolean;
  readonly covers?: Test;
  /** Some document has an array at one of the fields. */
  multikey: boolean;
}
export interface Collection {
  readonly id: number;
  readonly db: string;
  readonly name: string;
  readonly indexes: Index[];
}
export interface Row {
  readonly row: number;
  readonly key: Uint8Array;
  readonly doc: Uint8Array;
}
/** Keys from `lo` up to, without, `hi`. */
export interface Range {
  readonly lo: Uint8Array;
  readonly hi: Uint8Array;
}
interface Entry {
  readonly key: Buffer;
  readonly values: readonly unknown[];
}

export function makeIndex(id: number, spec: Doc, multikey: boolean): Index {
  const partial = spec.partialFilterExpression;
  return {
    id,
    name: String(spec.name),
    spec,
    fields: sortFields(spec.key),
    unique: spec.unique === true || id === 0,
    sparse: spec.sparse === true,
    ...(partial === undefined ? {} : { covers: compileFilter(partial) }),
    multikey,
  };
}

/** A key turned over for a descending field, so that bytes still compare upwards. */
export const turned = (key: Uint8Array, direction: 1 | -1): Uint8Array =>
  direction === 1 ? key : key.map((byte) => 255 - byte);

/** The entries of one document: several where a field is an array, none where the index leaves it out. */
function entriesOf(index: Index, doc: Doc): { entries: Entry[]; array: boolean } {
  if (index.covers && !index.covers(doc)) return { entries: [], array: false };
  const found = index.fields.map(({ parts }) => indexedValues(doc, parts));
  if (index.sparse && found.every(({ values }) => values.every((value) => value === undefined)))
    return { entries: [], array: false };
  const arrays = index.fields.filter((_, i) => found[i]!.array);
  if (
    found.filter(({ values }) => values.length > 1).length > 1 ||
    new Set(arrays.map((f) => f.parts[0])).size > 1
  )
    throw new StoreFault(
      'CannotIndexParallelArrays',
      `cannot index parallel arrays [${arrays.map(({ path }) => path).join('] [')}]`,
    );
  let entries: Entry[] = [{ key: Buffer.alloc(0), values: [] }];
  index.fields.forEach(({ direction }, i) => {
    entries = entries.flatMap(({ key, values }) =>
      found[i]!.values.map((value) => ({
        key: Buffer.concat([key, turned(keyOf(value), direction)]),
        values: [...values, value === EMPTY ? null : (value ?? null)],
      })),
    );
  });
  const distinct = new Map(entries.map((entry) => [entry.key.toString('latin1'), entry]));
  return { entries: [...distinct.values()], array: arrays.length > 0 };
}

export class Tables {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #collections = new Map<string, Collection>();

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000;
      CREATE TABLE IF NOT EXISTS collections (id INTEGER PRIMARY KEY AUTOINCREMENT, db TEXT NOT NULL,
        name TEXT NOT NULL, UNIQUE (db, name));
      CREATE TABLE IF NOT EXISTS indexes (id INTEGER PRIMARY KEY AUTOINCREMENT, collection INTEGER NOT NULL,
        spec BLOB NOT NULL, multikey INTEGER NOT NULL);`);
    this.#load();
  }

  #sql(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  #load(): void {
    const all = this.#db.prepare('SELECT id, db, name FROM collections').all() as unknown as Collection[];
    this.#collections = new Map(all.map((c) => [`${c.db}.${c.name}`, { ...c, indexes: [idIndex()] }]));
    const byId = new Map([...this.#collections.values()].map((c) => [c.id, c]));
    for (const row of this.#db
      .prepare('SELECT id, collection, spec, multikey FROM indexes ORDER BY id')
      .iterate()) {
      const spec = readDoc(row.spec as Uint8Array);
      byId.get(row.collection as number)!.indexes.push(makeIndex(row.id as number, spec, row.multikey === 1));
    }
  }

  /** All of `work` or nothing of it; inside another atomic call, a part of that one. */
  atomic<T>(work: () => T): T {
    const inner = this.#db.isTransaction;
    this.#db.exec(inner ? 'SAVEPOINT part' : 'BEGIN');
    try {
      const result = work();
      this.#db.exec(inner ? 'RELEASE part' : 'COMMIT');
      return result;
    } catch (fault) {
      // SQLite may have ended the transaction itself, as on a full disk.
      if (this.#db.isTransaction) this.#db.exec(inner ? 'ROLLBACK TO part; RELEASE part' : 'ROLLBACK');
      this.#load();
      throw fault;
    }
  }

  find(db: string, name: string): Collection | undefined {
    return this.#collections.get(`${db}.${name}`);
  }

  list(db?: string): Collection[] {
    return [...this.#collections.values()].filter((c) => db === undefined || c.db === db);
  }

  create(db: string, name: string): Collection {
    if (name === '' || name.includes('$') || name.includes('\0') || name.startsWith('system.') || db === '')
      throw new StoreFault('InvalidNamespace', `Invalid namespace specified '${db}.${name}'`);
    const id = Number(
      this.#sql('INSERT INTO collections (db, name) VALUES (?, ?)').run(db, name).lastInsertRowid,
    );
    this.#db.exec(
      `CREATE TABLE c${id} (row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, doc BLOB NOT NULL)`,
    );
    const made: Collection = { id, db, name, indexes: [idIndex()] };
    this.#collections.set(`${db}.${name}`, made);
    return made;
  }

  drop(collection: Collection): void {
    for (const index of collection.indexes.slice(1)) this.dropIndex(collection, index);
    this.#statements.clear();
    this.#db.exec(`DROP TABLE c${collection.id}`);
    this.#sql('DELETE FROM collections WHERE id = ?').run(collection.id);
    this.#collections.delete(`${collection.db}.${collection.name}`);
  }

  createIndex(collection: Collection, spec: Doc): void {
    const { lastInsertRowid } = this.#sql(
      'INSERT INTO indexes (collection, spec, multikey) VALUES (?, ?, 0)',
    ).run(collection.id, writeDoc(spec));
    const index = makeIndex(Number(lastInsertRowid), spec, false);
    this.#db.exec(
      `CREATE TABLE i${index.id} (key BLOB NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (key, row)) WITHOUT ROWID`,
    );
    collection.indexes.push(index);
    for (const { row, doc } of this.scan(collection))
      this.#reindex(collection, index, row, undefined, readDoc(doc))();
  }

  dropIndex(collection: Collection, index: Index): void {
    this.#statements.clear();
    this.#db.exec(`DROP TABLE i${index.id}`);
    this.#sql('DELETE FROM indexes WHERE id = ?').run(index.id);
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
  }

  count(collection: Collection): number {
    return (this.#sql(`SELECT count(*) AS n FROM c${collection.id}`).get() as { n: number }).n;
  }

  insert(collection: Collection, doc: Doc, raw: Uint8Array): void {
    const id = keyOf(doc._id);
    const [primary, ...others] = collection.indexes;
    if (this.#sql(`SELECT row FROM c${collection.id} WHERE id = ?`).get(id))
      throw duplicate(collection, primary!, [doc._id]);
    const writes = others.map((index) => this.#reindex(collection, index, -1, undefined, doc));
    const { lastInsertRowid } = this.#sql(`INSERT INTO c${collection.id} (id, doc) VALUES (?, ?)`).run(
      id,
      raw,
    );
    for (const write of writes) write(Number(lastInsertRowid));
  }

  /** The _id must be the old one. */
  replace(collection: Collection, row: number, old: Doc, doc: Doc, raw: Uint8Array): void {
    const writes = collection.indexes
      .slice(1)
      .map((index) => this.#reindex(collection, index, row, old, doc));
    this.#sql(`UPDATE c${collection.id} SET doc = ? WHERE row = ?`).run(raw, row);
    for (const write of writes) write();
  }

  remove(collection: Collection, row: number, doc: Doc): void {
    for (const index of collection.indexes.slice(1)) this.#reindex(collection, index, row, doc, undefined)();
    this.#sql(`DELETE FROM c${collection.id} WHERE row = ?`).run(row);
  }

  get(collection: Collection, row: number): Uint8Array | undefined {
    return this.#sql(`SELECT doc FROM c${collection.id} WHERE row = ?`).get(row)?.doc as
      | Uint8Array
      | undefined;
  }

  /** Checks at once that the change of keys is allowed; what it returns writes it. */
  #reindex(collection: Collection, index: Index, row: number, old: Doc | undefined, doc: Doc | undefined) {
    const before = old ? entriesOf(index, old).entries : [];
    const after = doc ? entriesOf(index, doc) : { entries: [], array: false };
    const within = (entries: readonly Entry[], { key }: Entry) =>
      entries.some((entry) => entry.key.equals(key));
    const added = after.entries.filter((entry) => !within(before, entry));
    const removed = before.filter((entry) => !within(after.entries, entry));
    if (index.unique)
      for (const { key, values } of added)
        if (this.#sql(`SELECT row FROM i${index.id} WHERE key = ? AND row <> ? LIMIT 1`).get(key, row))
          throw duplicate(collection, index, values);
    return (at = row): void => {
      for (const { key } of removed)
        this.#sql(`DELETE FROM i${index.id} WHERE key = ? AND row = ?`).run(key, at);
      for (const { key } of added)
        this.#sql(`INSERT INTO i${index.id} (key, row) VALUES (?, ?)`).run(key, at);
      if (!after.array || index.multikey) return;
      index.multikey = true;
      this.#sql('UPDATE indexes SET multikey = 1 WHERE id = ?').run(index.id);
    };
  }

  /**
   * Rows in the order of an index, or of insertion. No statement stays open between two pages, so a paused scan
   * bears writes: it goes on behind the last key it gave.
   */
  *scan(collection: Collection, index?: Index, range?: Range, backward = false): Generator<Row> {
    const table = `c${collection.id}`;
    let limit = 4;
    let key = backward ? range?.hi : range?.lo;
    let row = 0;
    const edge = backward ? range?.lo : range?.hi;
    const [after, beyond, order] = backward ? ['<', '>=', 'DESC'] : ['>', '<', 'ASC'];
    const text = !index
      ? `SELECT row, doc, id AS key FROM ${table} WHERE row > ? ORDER BY row LIMIT ?`
      : index.id === 0
        ? `SELECT row, doc, id AS key FROM ${table} WHERE (id, row) ${after} (?, ?) AND id ${beyond} ?
            ORDER BY id ${order}, row ${order} LIMIT ?`
        : `SELECT i.row AS row, d.doc AS doc, i.key AS key FROM i${index.id} i CROSS JOIN ${table} d ON d.row = i.row
            WHERE (i.key, i.row) ${after} (?, ?) AND i.key ${beyond} ?
            ORDER BY i.key ${order}, i.row ${order} LIMIT ?`;
    for (;;) {
      const page = this.#sql(text).all(...(index ? [key!, row, edge!] : [row]), limit) as unknown as Row[];
      yield* page;
      if (page.length < limit) return;
      ({ key, row } = page.at(-1)!);
      limit = Math.min(limit * 8, 1024);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }
}

const idIndex = (): Index => makeIndex(0, { v: 2, key: { _id: 1 }, name: '_id_' }, false);

function duplicate(collection: Collection, index: Index, values: readonly unknown[]): StoreFault {
  const keyValue = Object.fromEntries(index.fields.map(({ path }, i) => [path, values[i]]));
  const shown = index.fields.map(({ path }, i) => `${path}: ${show(values[i])}`).join(', ');
  const where = `collection: ${collection.db}.${collection.name} index: ${index.name}`;
  return new StoreFault('DuplicateKey', `E11000 duplicate key error ${where} dup key: { ${shown} }`, {
    keyPattern: index.spec.key,
    keyValue,
  });
}

function show(value: unknown): string {
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  const bson = value as { _bsontype?: string } | null;
  if (bson?._bsontype === 'ObjectId') return `ObjectId('${String(value)}')`;
  return bson?._bsontype === 'Double' || bson?._bsontype === 'Int32' ? String(value) : JSON.stringify(value);
}
