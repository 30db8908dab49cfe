// Server-sent events on one request: frames, a heartbeat, and an end that both sides can bring about.
// It knows nothing of what is sent.
import type { FastifyReply } from 'fastify';

export const HEARTBEAT = 20_000;
/** A reader this far behind is let go: it comes back and catches up by number. */
const BACKLOG_LIMIT = 4 * 1024 * 1024;

export interface Stream {
  send(event: string, data: unknown, id?: string): void;
  /** Called once, whoever ended it. */
  onEnd(handle: () => void): void;
  end(): void;
}

/** The streams that are open, so that a stop can end them. */
export type OpenStreams = Set<Stream>;

export function openStream(reply: FastifyReply, open: OpenStreams): Stream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  raw.write('retry: 1500\n\n');
  const endings: (() => void)[] = [];
  let ended = false;
  // A page cannot see comments: the beat is an event, so that it notices a connection gone deaf.
  const beat = setInterval(() => raw.write('event: beat\ndata: {}\n\n'), HEARTBEAT);
  const finish = () => {
    if (ended) return;
    ended = true;
    clearInterval(beat);
    open.delete(stream);
    for (const handle of endings) handle();
    raw.end();
  };
  const stream: Stream = {
    send(event, data, id) {
      if (ended) return;
      if (raw.writableLength > BACKLOG_LIMIT) {
        raw.destroy();
        return;
      }
      raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    onEnd(handle) {
      if (ended) handle();
      else endings.push(handle);
    },
    end: finish,
  };
  open.add(stream);
  raw.once('close', finish);
  raw.on('error', finish);
  return stream;
}
