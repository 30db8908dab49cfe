// The worker's entry: the socket, and the turns. All requests that arrived in one turn of the event loop run in one
// transaction, so that writers share an fsync; no reply leaves before what it tells of is on the disk.
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type Engine, execute, refusal } from './commands.ts';
import { Cursors } from './cursors.ts';
import { purgeExpired } from './schema.ts';
import { Tables } from './tables.ts';
import type { Doc } from './value.ts';
import { framesOf, MOST_FRAME_BYTES, type Request, readRequest, writeReply } from './wire.ts';

export interface WorkerData {
  readonly folder: string;
  readonly socket: string;
}
export type WorkerMessage = { readonly kind: 'ready' | 'in_use' | 'stopped' };
interface Waiting {
  readonly socket: Socket;
  readonly request: Request;
}

const PURGE_MS = 60_000;

/** Held as long as the process lives, whatever end it meets: the system itself lets go of the lock. */
function lock(folder: string): DatabaseSync | undefined {
  const db = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return db;
  } catch (fault) {
    db.close();
    if ((fault as { errcode?: number }).errcode === 5) return undefined;
    throw fault;
  }
}

type Answer = Doc | Buffer;

function runTurn(engine: Engine, waiting: readonly Waiting[], now: Date): Answer[] {
  const run = ({ request }: Waiting): Answer => {
    try {
      return execute(engine, request.body, now);
    } catch (fault) {
      // Anything but a refusal may have left half a write behind, so it takes the transaction with it.
      if ((fault as Error).name === 'StoreFault') return refusal(fault);
      throw fault;
    }
  };
  try {
    return engine.tables.atomic(() => waiting.map(run));
  } catch {
    engine.cursors.killUnder('');
    return waiting.map((one) => {
      try {
        return engine.tables.atomic(() => run(one));
      } catch (fault) {
        return refusal(fault);
      }
    });
  }
}

function serve({ folder, socket: path }: WorkerData, port: NonNullable<typeof parentPort>): void {
  const say = (kind: WorkerMessage['kind']) => port.postMessage({ kind } satisfies WorkerMessage);
  const held = lock(folder);
  if (!held) {
    say('in_use');
    port.close();
    return;
  }
  const engine: Engine = { tables: new Tables(join(folder, 'otklik.sqlite')), cursors: new Cursors() };
  const sockets = new Set<Socket>();
  let waiting: Waiting[] = [];

  const turn = (): void => {
    const now = waiting;
    waiting = [];
    const answers = runTurn(engine, now, new Date());
    for (const [i, { socket, request }] of now.entries())
      if (request.answered && !socket.destroyed) socket.write(writeReply(request, answers[i]!));
  };

  const server = createServer((socket) => {
    let pending: Buffer[] = [];
    let size = 0;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      pending.push(chunk);
      size += chunk.length;
      // A long message comes in many pieces; they are joined once, when the last is there.
      const head = pending[0]!;
      const awaited = head.length >= 4 ? head.readInt32LE(0) : 0;
      if (awaited > size && awaited <= MOST_FRAME_BYTES) return;
      try {
        const bytes = Buffer.concat(pending, size);
        const { frames, used } = framesOf(bytes);
        pending = used === size ? [] : [bytes.subarray(used)];
        size -= used;
        if (frames.length > 0 && waiting.length === 0) setImmediate(turn);
        for (const frame of frames) waiting.push({ socket, request: readRequest(frame) });
      } catch {
        // Whoever sends what is no message of this protocol is not talked to further.
        socket.destroy();
      }
    });
  });

  const purge = (): void => {
    engine.cursors.killIdle(new Date());
    const purged = engine.tables.atomic(() => purgeExpired(engine.tables, new Date()));
    if (purged >= 1000) setImmediate(purge);
  };
  const purging = setInterval(purge, PURGE_MS);

  port.on('message', () => {
    clearInterval(purging);
    server.close();
    turn();
    for (const socket of sockets) socket.destroySoon();
    engine.tables.close();
    held.close();
    say('stopped');
    port.close();
  });

  rmSync(path, { force: true });
  server.listen(path, () => {
    chmodSync(path, 0o600);
    say('ready');
  });
}

serve(workerData as WorkerData, parentPort!);
