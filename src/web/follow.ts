// Follows one visitor's messages onto their stream: what is new, what was reworded, and typing. It reads the store
// on each hint and looks a little back, since a message may be kept after one with a higher number.
import type { MessageView } from '../channels/web/wire.ts';
import { toWire } from '../channels/web/wire.ts';
import type { StoredMessage } from '../core/message.ts';
import type { WebDeps } from './deps.ts';
import type { Stream } from './stream.ts';

const LOOK_BACK = 24;
const PAGE = 200;

export function followMessages(
  deps: Pick<WebDeps, 'records' | 'runtime' | 'log'>,
  contact: string,
  since: number,
  stream: Stream,
): void {
  /** What this stream has shown, as message id → how it was then. */
  const shown = new Map<string, string>();
  let reached = since;
  let wanted = true;
  let reading = false;
  let over = false;

  const show = (message: StoredMessage) => {
    reached = Math.max(reached, message.seq);
    const view = toWire(message);
    if (!view) return;
    const now = `${message.revisions?.length ?? 0}`;
    if (shown.get(view.id) === now) return;
    shown.set(view.id, now);
    if (shown.size > PAGE * 2) {
      const [oldest] = shown.keys();
      if (oldest !== undefined) shown.delete(oldest);
    }
    stream.send('message', view satisfies MessageView, String(reached));
  };

  const read = async () => {
    if (reading || over) return;
    reading = true;
    try {
      while (wanted && !over) {
        wanted = false;
        let from = Math.max(0, reached - LOOK_BACK);
        for (;;) {
          const page = await deps.records.messagesSince(contact, from, PAGE);
          for (const message of page) show(message);
          const last = page.at(-1);
          if (page.length < PAGE || !last) break;
          from = last.seq;
        }
      }
    } catch (error) {
      deps.log.warn({ err: error, contact }, 'a chat stream could not read messages; it ends and comes back');
      stream.end();
    } finally {
      reading = false;
    }
  };

  const unsubscribe = deps.runtime.subscribe(`contact:${contact}`, (update) => {
    if (update.kind === 'typing') return stream.send('typing', {});
    if (update.kind !== 'message') return;
    if (update.seq !== undefined && update.seq < reached - LOOK_BACK) reached = update.seq - 1;
    wanted = true;
    void read();
  });
  stream.onEnd(() => {
    over = true;
    unsubscribe();
  });
  void read();
}
