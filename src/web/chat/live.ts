// The live connection: messages and typing as they happen, and whether we are connected. It comes back by itself
// and catches up by number; it knows nothing of how messages are shown.
import type { MessageView } from '../../channels/web/wire.ts';

export interface Live {
  /** Tries at once instead of waiting. */
  hurry(): void;
}

/** Longer than two heartbeats: by then a silent connection is a dead one. */
const DEAF_AFTER = 50_000;

export function createLive(handlers: {
  readonly since: () => number;
  readonly message: (message: MessageView) => void;
  readonly typing: () => void;
  readonly locale: (locale: string) => void;
  readonly connected: (is: boolean) => void;
}): Live {
  let source: EventSource | undefined;
  let again: number | undefined;
  let watchdog: number | undefined;
  let pause = 1000;

  const heard = () => {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(open, DEAF_AFTER);
  };
  function open() {
    window.clearTimeout(again);
    source?.close();
    const here = new EventSource(`/chat/stream?since=${handlers.since()}`);
    source = here;
    heard();
    here.addEventListener('open', () => {
      pause = 1000;
      heard();
      handlers.connected(true);
    });
    here.addEventListener('beat', heard);
    here.addEventListener('message', (event) => {
      heard();
      handlers.message(JSON.parse(event.data) as MessageView);
    });
    here.addEventListener('typing', () => {
      heard();
      handlers.typing();
    });
    here.addEventListener('locale', (event) => {
      heard();
      handlers.locale((JSON.parse(event.data) as { locale: string }).locale);
    });
    here.addEventListener('error', () => {
      handlers.connected(false);
      // The browser retries a broken connection, but not one that was refused.
      if (here.readyState !== EventSource.CLOSED) return;
      again = window.setTimeout(open, pause);
      pause = Math.min(pause * 2, 30_000);
    });
  }
  open();
  return {
    hurry() {
      if (source?.readyState !== EventSource.OPEN) open();
    },
  };
}
