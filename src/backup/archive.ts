// The file a backup is: a tar.gz that begins with its format and ends with a manifest of everything before it, so that a
// file cut short or changed is recognised. It knows nothing of collections.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { clearAtExit } from './clear-at-exit.ts';
import { BackupFault } from './fault.ts';

export const FORMAT = 'otklik-backup';
export const VERSION = 1;
const HEAD = 'otklik.json';
const MANIFEST = 'manifest.json';
/** More than any entry we write: what is larger was not written by us. */
const LARGEST_ENTRY = 64 * 1024 * 1024;
const LARGEST_MANIFEST = 1024 * 1024 * 1024;

export interface Manifest<About> {
  readonly about: About;
  readonly entries: Readonly<Record<string, { readonly size: number; readonly sha256: string }>>;
}
export interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);

/** Under its name only once it is whole and on the disk; `fill` gives what the manifest tells besides. */
export async function writeArchive<About>(
  file: string,
  at: number,
  fill: (add: (name: string, bytes: Uint8Array) => Promise<void>) => Promise<About>,
): Promise<void> {
  const draft = `${file}.${randomBytes(4).toString('hex')}.part`;
  const gone = clearAtExit(draft);
  const tar = pack();
  const written = pipeline(
    async function* () {
      yield* tar;
    },
    createGzip(),
    createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }),
  );
  const broken = written.then(() => new Promise<never>(() => undefined));
  broken.catch(() => undefined);
  const entries: Record<string, { size: number; sha256: string }> = {};
  const put = (name: string, bytes: Uint8Array): Promise<void> => {
    const added = Promise.withResolvers<void>();
    const header = { name, size: bytes.length, mode: 0o600, mtime: new Date(at) };
    tar.entry(header, bytes, (error) => (error ? added.reject(error) : added.resolve()));
    return Promise.race([added.promise, broken]);
  };
  const add = async (name: string, bytes: Uint8Array): Promise<void> => {
    await put(name, bytes);
    entries[name] = { size: bytes.length, sha256: sha256(bytes) };
  };
  try {
    await add(HEAD, json({ format: FORMAT, version: VERSION, madeAt: new Date(at).toISOString() }));
    const about = await fill(add);
    await put(MANIFEST, json({ about, entries } satisfies Manifest<About>));
    tar.finalize();
    await written;
    // A link, unlike a rename, never takes the place of a file that came to be there meanwhile.
    await link(draft, file);
    await rm(draft, { force: true });
    const folder = await open(dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    tar.destroy();
    await written.catch(() => undefined);
    await rm(draft, { force: true });
    if (isCode(error, 'EEXIST')) throw new BackupFault('target_exists', { file }, { cause: error });
    throw isCode(error)
      ? new BackupFault('target_failed', { file, why: String(error.code) }, { cause: error })
      : error;
  } finally {
    gone();
  }
}

const isCode = (error: unknown, code?: string): error is Error & { code: unknown } =>
  error instanceof Error &&
  'syscall' in error &&
  'code' in error &&
  (code === undefined || error.code === code);

/** Every entry in order, the manifest last. Throws where it is no backup of ours, or cannot be read to its end. */
export async function* readArchive(file: string): AsyncGenerator<Entry> {
  const tar = extract();
  const flowing = pipeline(createReadStream(file), createGunzip(), tar as unknown as NodeJS.WritableStream);
  flowing.catch(() => undefined);
  let first = true;
  try {
    for await (const stream of tar) {
      const { name, size = 0, type } = stream.header;
      const most = name === MANIFEST ? LARGEST_MANIFEST : LARGEST_ENTRY;
      if ((first && name !== HEAD) || type !== 'file' || size > most)
        throw new BackupFault('not_a_backup', { file });
      const pieces: Buffer[] = [];
      for await (const piece of stream) pieces.push(piece as Buffer);
      const bytes = Buffer.concat(pieces);
      if (first) checkHead(file, bytes);
      first = false;
      yield { name, bytes };
    }
    await flowing;
  } catch (error) {
    if (error instanceof BackupFault) throw error;
    if (isCode(error)) throw new BackupFault('no_file', { file, why: String(error.code) }, { cause: error });
    throw new BackupFault(first ? 'not_a_backup' : 'damaged', { file, entry: '' }, { cause: error });
  }
  if (first) throw new BackupFault('not_a_backup', { file });
}

function checkHead(file: string, bytes: Buffer): void {
  const head = parsed<{ format?: unknown; version?: unknown }>(bytes);
  if (head?.format !== FORMAT || typeof head.version !== 'number')
    throw new BackupFault('not_a_backup', { file });
  if (head.version > VERSION) throw new BackupFault('newer_format', { file, version: head.version });
}

function parsed<T extends object>(bytes: Buffer): T | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads it to its end, every hash compared; nothing is believed before. */
export async function verifyArchive<About>(
  file: string,
  look: (entry: Entry) => void,
): Promise<Manifest<About>> {
  const damaged = (entry: string): BackupFault => new BackupFault('damaged', { file, entry });
  const found = new Map<string, string>();
  let manifest: Manifest<About> | undefined;
  for await (const { name, bytes } of readArchive(file)) {
    if (manifest || found.has(name)) throw damaged(name);
    if (name === MANIFEST) {
      manifest = parsed<Manifest<About>>(bytes);
      if (typeof manifest?.entries !== 'object' || !manifest.about) throw damaged(MANIFEST);
      continue;
    }
    found.set(name, `${bytes.length} ${sha256(bytes)}`);
    if (name !== HEAD) look({ name, bytes });
  }
  if (!manifest) throw damaged(MANIFEST);
  const told = Object.entries(manifest.entries);
  for (const [name, { size, sha256: hash }] of told)
    if (found.get(name) !== `${size} ${hash}`) throw damaged(name);
  if (told.length !== found.size)
    throw damaged([...found.keys()].find((one) => !manifest.entries[one]) ?? '');
  return manifest;
}

/** The entries once more, each compared again before it is given: the file may have changed since it was verified. */
export async function* verifiedEntries(file: string, { entries }: Manifest<unknown>): AsyncGenerator<Entry> {
  for await (const { name, bytes } of readArchive(file)) {
    if (name === HEAD || name === MANIFEST) continue;
    if (entries[name]?.sha256 !== sha256(bytes)) throw new BackupFault('damaged', { file, entry: name });
    yield { name, bytes };
  }
}
