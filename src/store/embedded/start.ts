// Starts the embedded store in a worker thread and says where a MongoDB driver finds it.
// Knows nothing of commands or documents.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkerData, WorkerMessage } from './server.ts';

export interface EmbeddedStore {
  /** For mongoose.connect; the database's name goes into the options. */
  readonly uri: string;
  /** Writes everything into the one file and lets go of the folder. */
  stop(): Promise<void>;
}

/** Another process holds the folder. */
export class StoreInUseError extends Error {
  readonly code = 'store_in_use';

  constructor(folder: string) {
    super(
      `The data folder ${folder} is in use by another running process. ` +
        'Stop that process, give this one a DATA_DIR of its own, or let both use one MongoDB through MONGODB_URI.',
    );
    this.name = 'StoreInUseError';
  }
}

/** Something else than our own store lies in the folder, or it cannot be read. */
export class StoreUnreadableError extends Error {
  readonly code = 'store_unreadable';

  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `The store ${join(folder, 'otklik.sqlite')} cannot be opened: ${why}. ` +
        'Bring it back from a backup, or move the folder away to begin with an empty store.',
      { cause },
    );
    this.name = 'StoreUnreadableError';
  }
}

/** The longest path a unix socket can have. */
const LONGEST_SOCKET = 107;

export async function startEmbedded(dataDir: string): Promise<EmbeddedStore> {
  const folder = resolve(dataDir, 'store');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const near = join(folder, 'otklik.sock');
  const fits = Buffer.byteLength(near) <= LONGEST_SOCKET;
  const socket = fits ? near : join(mkdtempSync(join(tmpdir(), 'otklik-')), 'otklik.sock');
  const cleared = () => {
    if (!fits) rmSync(dirname(socket), { recursive: true, force: true });
  };
  const cache = getCompileCacheDir();
  const worker = new Worker(new URL('./server.ts', import.meta.url), {
    workerData: { folder, socket } satisfies WorkerData,
    // What the program itself was started with, such as --eval, is not meant for this file.
    execArgv: [],
    // Of the environment it needs nothing but where the program keeps its compiled code.
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) },
    // Its turns are short and leave little behind; a larger nursery is only held, not used.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  const exited = new Promise<void>((done) => worker.once('exit', () => done()));
  try {
    const kind = await firstWord(worker);
    if (kind === 'in_use') throw new StoreInUseError(folder);
  } catch (fault) {
    await exited;
    cleared();
    throw fault instanceof StoreInUseError ? fault : new StoreUnreadableError(folder, fault);
  }
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    worker.postMessage('stop');
    await exited;
    cleared();
  };
  return {
    uri: `mongodb://${encodeURIComponent(socket)}/?directConnection=true`,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** What the worker says first. A fault later has no listener and ends the process, which is right for a lost store. */
function firstWord(worker: Worker): Promise<WorkerMessage['kind']> {
  return new Promise((said, failed) => {
    const settle = (after: () => void) => {
      worker.removeAllListeners('message');
      worker.removeAllListeners('error');
      after();
    };
    worker.once('message', ({ kind }: WorkerMessage) => settle(() => said(kind)));
    worker.once('error', (fault) => settle(() => failed(fault)));
  });
}
