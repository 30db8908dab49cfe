// A TCP proxy that goes wrong on purpose, between a program and a server it needs: late, in small pieces, silent, cut
// off, unreachable, or losing an answer that the server has given. It knows no protocol.
import { once } from 'node:events';
import { createServer, connect as dial, type NetConnectOpts, type Socket } from 'node:net';

export interface Losing {
  /** Which pieces of what the program says have their answer lost. */
  readonly fits: (asked: Buffer) => boolean;
  /** At most so many. */
  readonly times: number;
}

export interface FaultProxy {
  readonly port: number;
  /** Every piece, both ways, comes so many milliseconds later. */
  latency(ms: number): void;
  /** Pieces are at most so many bytes. */
  slices(bytes: number): void;
  /** Takes connections and words and gives nothing. Who was connected in that time is answered never again. */
  blackhole(): void;
  /** The answer is read from the server, so what was asked is done; then the connection ends without it. */
  loseAnswers(losing: Losing): void;
  /** How many answers were lost. */
  readonly lost: number;
  /** Cuts every connection off, as a restarted server's machine does. */
  reset(): void;
  /** Nobody listens. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** New connections work as they should, and so do those that no silence has fallen on. */
  pass(): void;
  /** Connections open now. */
  readonly open: number;
  stop(): Promise<void>;
}

interface Pair {
  readonly program: Socket;
  readonly server: Socket;
  silent: boolean;
  losing: boolean;
}

export async function startProxy(target: NetConnectOpts): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let delay = 0;
  let piece = Number.POSITIVE_INFINITY;
  let hole = false;
  let losing: Losing | undefined;
  let lost = 0;

  /** In order, whatever becomes of the delay meanwhile. */
  function carrier(pair: Pair, to: Socket): (bytes: Buffer) => void {
    let free = 0;
    const put = (bytes: Buffer): void => {
      if (pair.silent || to.destroyed) return;
      for (let at = 0; at < bytes.length; at += piece)
        to.write(bytes.subarray(at, Math.min(bytes.length, at + piece)));
    };
    return (bytes) => {
      const now = performance.now();
      if (delay === 0 && free <= now) return put(bytes);
      free = Math.max(free, now + delay);
      setTimeout(put, free - now, bytes);
    };
  }

  function join(program: Socket): void {
    const server = dial(target);
    const pair: Pair = { program, server, silent: hole, losing: false };
    pairs.add(pair);
    const ask = carrier(pair, server);
    const answer = carrier(pair, program);
    program.setNoDelay(true);
    server.setNoDelay(true);
    program.on('data', (bytes: Buffer) => {
      if (losing && lost < losing.times && losing.fits(bytes)) {
        lost += 1;
        pair.losing = true;
      }
      ask(bytes);
    });
    server.on('data', (bytes: Buffer) => {
      if (pair.losing) return end(pair);
      answer(bytes);
    });
    for (const socket of [program, server]) {
      // A connection nobody answers on stays: its end would tell what only silence should.
      socket.on('error', () => pair.silent || end(pair));
      socket.on('close', () => (pair.silent && socket === server) || end(pair));
    }
  }

  function end(pair: Pair, how: 'close' | 'reset' = 'close'): void {
    if (!pairs.delete(pair)) return;
    if (how === 'reset') pair.program.resetAndDestroy();
    else pair.program.destroy();
    pair.server.destroy();
  }

  const listener = createServer(join);
  const listen = async (at: number): Promise<void> => {
    listener.listen(at, '127.0.0.1');
    await once(listener, 'listening');
  };
  const port = await quietPort();
  await listen(port);
  const reset = (): void => {
    for (const pair of [...pairs]) end(pair, 'reset');
  };
  const down = async (): Promise<void> => {
    if (!listener.listening) return;
    const closed = once(listener, 'close');
    listener.close();
    reset();
    await closed;
  };
  return {
    port,
    latency(ms) {
      delay = ms;
    },
    slices(bytes) {
      piece = bytes;
    },
    blackhole() {
      hole = true;
      for (const pair of pairs) pair.silent = true;
    },
    loseAnswers(wanted) {
      losing = wanted;
      lost = 0;
    },
    get lost() {
      return lost;
    },
    reset,
    down,
    async up() {
      if (!listener.listening) await listen(port);
    },
    pass() {
      delay = 0;
      piece = Number.POSITIVE_INFINITY;
      hole = false;
      losing = undefined;
    },
    get open() {
      return pairs.size;
    },
    stop: down,
  };
}

/** Free, and below those the system gives to outgoing connections: it is still free after a while of not listening. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => done(true));
    });
    if (!free) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}
