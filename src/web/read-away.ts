// What is too large is read on and thrown away, within bounds, before it is refused: a connection that is closed while
// its client still sends shows the client a broken pipe in place of the answer.
import type { IncomingMessage } from 'node:http';

/** Bytes. */
const AT_MOST = 64 * 1024 * 1024;
/** Milliseconds. */
const WITHIN = 10_000;

/** Resolves at the request's end, or as soon as it has sent or taken more than a fair client needs. Never rejects. */
export function readAway(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) return resolve();
    let read = 0;
    const done = (): void => {
      clearTimeout(patience);
      request.off('data', count).off('end', done).off('error', done).off('close', done);
      resolve();
    };
    const count = (chunk: Buffer): void => {
      read += chunk.length;
      if (read > AT_MOST) done();
    };
    const patience = setTimeout(done, WITHIN);
    request.on('data', count).once('end', done).once('error', done).once('close', done);
    request.resume();
  });
}
