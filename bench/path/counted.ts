// Stands between a bot and the store and counts the round trips by the command's name. For a pass of its own: it costs
// time, so nothing is timed through it.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const HEADER = 16;
const OP_MSG = 2013;
/** What drivers ask of themselves: no message needs it. */
const OWN = new Set(['hello', 'ismaster', 'isMaster', 'ping', 'endSessions']);

export interface Counted {
  readonly uri: string;
  /** Since the last call, by command and collection. */
  take(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export async function startCounted(uri: string, at: string): Promise<Counted> {
  const target = decodeURIComponent(/^mongodb:\/\/([^/]+)\//.exec(uri)?.[1] ?? '');
  let counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target);
    sockets.add(client).add(upstream);
    let rest = Buffer.alloc(0);
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= HEADER && rest.length >= rest.readInt32LE(0)) {
        const length = rest.readInt32LE(0);
        const name = nameOf(rest.subarray(0, length));
        if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
        rest = rest.subarray(length);
      }
    });
    client.pipe(upstream).pipe(client);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  server.listen(at);
  await once(server, 'listening');
  return {
    uri: `mongodb://${encodeURIComponent(at)}/?directConnection=true`,
    take() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** `find sessions`, of a message's first section. */
function nameOf(message: Buffer): string | undefined {
  if (message.readInt32LE(12) !== OP_MSG || message[HEADER + 4] !== 0) return undefined;
  const document = HEADER + 5;
  const keyAt = document + 5;
  const end = message.indexOf(0, keyAt);
  const name = message.toString('latin1', keyAt, end);
  if (OWN.has(name)) return undefined;
  const isText = message[document + 4] === 2;
  const size = isText ? message.readInt32LE(end + 1) : 0;
  return isText ? `${name} ${message.toString('utf8', end + 5, end + 4 + size)}` : name;
}
