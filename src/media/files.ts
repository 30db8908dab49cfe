// Bytes on the disk, each once, under the hash of what they are; and which hash a network's file turned out to be.
// Only hashes made here become paths: nothing a person or a network wrote ever does.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A temporary file this old was left by a crash. */
const ABANDONED = 3_600_000;

/** What was learnt of a network's file when it was fetched. */
export interface Alias {
  readonly id: string;
  readonly name?: string;
  readonly mime?: string;
}

export interface Files {
  /** Gives the id, once the bytes are safely on the disk. */
  write(bytes: Uint8Array): Promise<string>;
  /** Absent: no such file. */
  read(id: string): Promise<Uint8Array | undefined>;
  alias(ref: string): Promise<Alias | undefined>;
  setAlias(ref: string, alias: Alias): Promise<void>;
}

export function isFileId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

export function createFiles(dir: string, now: () => number): Files {
  const pathOf = (id: string) => join(dir, id.slice(0, 2), id);
  const aliasPath = (ref: string) => {
    const hash = sha256(ref);
    return join(dir, 'alias', hash.slice(0, 2), hash);
  };
  const temporary = join(dir, 'tmp');
  let prepared: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await mkdir(temporary, { recursive: true, mode: 0o700 });
    for (const name of await readdir(temporary)) {
      const path = join(temporary, name);
      const age = now() - ((await orAbsent(stat(path)))?.mtimeMs ?? 0);
      if (age > ABANDONED) await rm(path, { force: true });
    }
  }

  /** All of it or nothing, also when the power goes. */
  async function put(path: string, bytes: Uint8Array): Promise<void> {
    prepared ??= prepare().catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    await prepared;
    const draft = join(temporary, randomUUID());
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await rename(draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
    await syncFolder(dirname(dirname(path)));
  }

  return {
    async write(bytes) {
      const id = sha256(bytes);
      const there = await orAbsent(stat(pathOf(id)));
      if (there?.size !== bytes.length) await put(pathOf(id), bytes);
      return id;
    },
    async read(id) {
      return isFileId(id) ? await orAbsent(readFile(pathOf(id))) : undefined;
    },
    async alias(ref) {
      const text = await orAbsent(readFile(aliasPath(ref), 'utf8'));
      if (text === undefined) return undefined;
      const alias = JSON.parse(text) as Alias;
      return isFileId(alias.id) ? alias : undefined;
    },
    async setAlias(ref, alias) {
      await put(aliasPath(ref), Buffer.from(JSON.stringify(alias)));
    },
  };
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

async function orAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
