// Live hints of the server: what is newer, so that a view reads it again. Comes back by itself.
import { useEffect, useRef, useState } from 'react';

export interface Hint {
  readonly kind: string;
  readonly id?: string;
}

const DEAF_AFTER = 50_000;
const REOPEN_AFTER = 3000;

/** Calls `heard` for each hint, and with kind `open` each time the connection is there again. Gives whether it is. */
export function useLive(ticket: string | undefined, heard: (hint: Hint) => void): boolean {
  const [connected, setConnected] = useState(true);
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(() => {
    let source: EventSource;
    let timer: number | undefined;
    let lost: number | undefined;
    const alive = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(open, DEAF_AFTER);
    };
    function open() {
      source?.close();
      source = new EventSource(
        `/console/api/stream${ticket === undefined ? '' : `?ticket=${encodeURIComponent(ticket)}`}`,
      );
      const here = source;
      alive();
      here.addEventListener('beat', alive);
      here.addEventListener('hint', (event) => {
        alive();
        window.clearTimeout(lost);
        setConnected(true);
        latest.current(JSON.parse(event.data) as Hint);
      });
      here.addEventListener('error', () => {
        window.clearTimeout(lost);
        lost = window.setTimeout(() => setConnected(false), 2000);
        if (here.readyState !== EventSource.CLOSED) return;
        window.clearTimeout(timer);
        timer = window.setTimeout(open, REOPEN_AFTER);
      });
    }
    open();
    return () => {
      window.clearTimeout(timer);
      window.clearTimeout(lost);
      source.close();
    };
  }, [ticket]);
  return connected;
}
