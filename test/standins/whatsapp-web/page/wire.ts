// The page's connection: asks, answers, and what the server says unasked. What was asked and not answered is asked
// again on the next connection, as the real page does with a message that shows a clock.
import type { Answer, Ask, Push } from '../wire-format.ts';

export class WireError extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.name = 'ServerStatusCodeError';
    this.code = code;
  }
}

export interface Wire {
  ask(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Lets go of the connection and makes a new one. */
  reconnect(): void;
}

interface Hooks {
  /** What to say on connecting: which device this is, and what it knows already. */
  hello(): Readonly<Record<string, string>>;
  pushed(push: Push): void;
  closed(): void;
}

interface Open {
  readonly ask: Ask;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const AGAIN_MS = 250;

export function createWire(hooks: Hooks): Wire & { connect(): void } {
  const open = new Map<number, Open>();
  let socket: WebSocket | undefined;
  let asked = 0;

  const send = (ask: Ask): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(ask));
  };

  function take(message: Push | Answer): void {
    if ('push' in message) return hooks.pushed(message);
    const waiting = open.get(message.answer);
    open.delete(message.answer);
    if ('error' in message) waiting?.reject(new WireError(message.error, message.text));
    else waiting?.resolve(message.result);
  }

  function connect(): void {
    const query = new URLSearchParams(hooks.hello());
    const mine = new WebSocket(`wss://${location.host}/ws/chat?${query}`);
    socket = mine;
    mine.addEventListener('open', () => {
      for (const { ask } of open.values()) send(ask);
    });
    mine.addEventListener('message', (event) => take(JSON.parse(String(event.data)) as Push | Answer));
    mine.addEventListener('close', () => {
      if (socket !== mine) return;
      hooks.closed();
      setTimeout(connect, AGAIN_MS);
    });
  }

  return {
    connect,
    ask(method, params) {
      asked += 1;
      const ask: Ask = { ask: asked, method, params };
      return new Promise((resolve, reject) => {
        open.set(ask.ask, { ask, resolve, reject });
        send(ask);
      });
    },
    reconnect: () => socket?.close(),
  };
}
