// Follows one visitor's messages onto their stream: what is new, what was reworded, typing, and another
// language of the talk. It reads the store
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
  /** What this stream has shown: message id → how it looked then. */
  const shown = new Map<string, string>();
  let reached = since;
  let wanted = true;
  let reading = false;
  let over = false;
  let locale: string | undefined;

  /** Only a change is told: what language a page opens in is its reader's matter. */
  const readLocale = async () => {
    const now = (await deps.records.contact(contact))?.locale;
    if (now !== undefined && locale !== undefined && now !== locale && !over)
      stream.send('locale', { locale: now });
    locale = now ?? locale;
  };

  const show = (message: StoredMessage) => {
    reached = Math.max(reached, message.seq);
    const view = toWire(message);
    if (!view) return;
    const now = JSON.stringify(view);
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
        await readLocale();
      }
    } catch (error) {
      deps.log.warn({ err: error, contact }, 'a chat stream could not read messages; it ends and comes back');
      stream.end();
    } finally {
      reading = false;
    }
  };

  /** One that changed may lie further back than reading looks. */
  const readOne = async (id: string) => {
    try {
      const message = await deps.records.message(id);
      if (message?.contact === contact && !over) show(message);
    } catch (error) {
      deps.log.warn({ err: error, contact }, 'a chat stream could not read a changed message');
      stream.end();
    }
  };

  const unsubscribe = deps.runtime.subscribe(`contact:${contact}`, (update) => {
    if (update.kind === 'typing') return stream.send('typing', {});
    if (update.kind !== 'message') return;
    wanted = true;
    void read();
    if (update.id !== undefined) void readOne(update.id);
  });
  stream.onEnd(() => {
    over = true;
    unsubscribe();
  });
  void read();
}
