// What the visitor did and the server has not taken yet: kept in the browser, sent in order, sent again under the
// same id until taken. Nothing is lost with a connection or a reload, and nothing is doubled.
import type { PostedEvent } from '../../channels/web/wire.ts';
import type { Keep } from './keep.ts';

export interface Waiting {
  readonly event: PostedEvent;
  readonly at: number;
  /** The words a press stands for. */
  readonly label?: string;
  /** The newest message there was when it was pressed: what is newer may be all there is to see of it. */
  readonly after?: number;
  readonly files?: readonly { readonly kind: string; readonly name: string }[];
  /** `taken`: the server has it, its echo is still to come. */
  readonly state: 'waiting' | 'sending' | 'taken' | 'failed';
  /** Of a refusal that sending again cannot mend. */
  readonly code?: string;
}

export interface Outbox {
  all(): readonly Waiting[];
  add(waiting: Omit<Waiting, 'state' | 'at'>): void;
  retry(id: string): void;
  remove(id: string): void;
  /** Tries at once: the connection is back. */
  hurry(): void;
}

const PREFIX = 'out.';
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

export function createOutbox(keep: Keep, changed: () => void, delivered: (item: Waiting) => void): Outbox {
  const items = new Map<string, Waiting>();
  for (const name of keep.names()) {
    if (!name.startsWith(PREFIX)) continue;
    const item = JSON.parse(keep.get(name) ?? 'null') as Waiting | null;
    if (item) items.set(item.event.id, { ...item, state: item.state === 'failed' ? 'failed' : 'waiting' });
  }
  let pause = FIRST_PAUSE;
  let timer: number | undefined;
  let busy = false;

  const put = (item: Waiting) => {
    items.set(item.event.id, item);
    // What the server took needs no keeping; its echo comes from there.
    if (item.state === 'taken') keep.remove(PREFIX + item.event.id);
    else keep.set(PREFIX + item.event.id, JSON.stringify(item));
    changed();
  };

  const later = (wait: number) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void pump(), wait);
  };

  const pump = async () => {
    if (busy) return;
    window.clearTimeout(timer);
    busy = true;
    try {
      for (;;) {
        const next = [...items.values()]
          .filter((item) => item.state === 'waiting' || item.state === 'sending')
          .sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        put({ ...next, state: 'sending' });
        const answer = await post(next.event);
        // It may have been echoed, or taken back, while we waited.
        if (!items.has(next.event.id)) continue;
        if (answer.kind === 'taken') {
          pause = FIRST_PAUSE;
          put({ ...next, state: 'taken' });
          delivered(next);
        } else if (answer.kind === 'refused') {
          put({ ...next, state: 'failed', code: answer.code });
        } else {
          put({ ...next, state: 'waiting' });
          later(answer.after ?? pause);
          pause = Math.min(pause * 2, LONGEST_PAUSE);
          break;
        }
      }
    } finally {
      busy = false;
    }
  };

  // Not before the page that is told of changes has come to be.
  queueMicrotask(() => void pump());
  return {
    all: () => [...items.values()].sort((a, b) => a.at - b.at),
    add(waiting) {
      const last = Math.max(0, ...[...items.values()].map((item) => item.at));
      put({ ...waiting, at: Math.max(Date.now(), last + 1), state: 'waiting' });
      void pump();
    },
    retry(id) {
      const item = items.get(id);
      if (item?.state !== 'failed') return;
      const { code: _, ...rest } = item;
      put({ ...rest, state: 'waiting' });
      void pump();
    },
    remove(id) {
      if (!items.delete(id)) return;
      keep.remove(PREFIX + id);
      changed();
    },
    hurry() {
      pause = FIRST_PAUSE;
      void pump();
    },
  };
}

type Answer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'later'; readonly after?: number };

const PATIENCE = 20_000;

async function post(event: PostedEvent): Promise<Answer> {
  try {
    const response = await fetch('/chat/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.ok) return { kind: 'taken' };
    if (response.status === 401) {
      // The cookie ran out while the page stood open: the page's address gives another.
      await fetch('/', { signal: AbortSignal.timeout(PATIENCE) });
      return { kind: 'later', after: 3000 };
    }
    if (response.status === 429 || response.status >= 500) {
      const seconds = Number(response.headers.get('retry-after'));
      return seconds > 0 ? { kind: 'later', after: seconds * 1000 } : { kind: 'later' };
    }
    const body = (await response.json().catch(() => ({}))) as { error?: string };
    return { kind: 'refused', code: body.error ?? 'rejected' };
  } catch {
    return { kind: 'later' };
  }
}
