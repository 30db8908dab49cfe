// A person who came by the chat page: posts with a cookie as the page does, again under the same id until it is taken,
// and reads the talk again and again. What was shown once must stay.
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../standins/telegram/random.ts';
import { choiceOn, type Face, type Shown, type Who } from './face.ts';
import type { Watch } from './watch.ts';

interface View {
  readonly id: string;
  readonly seq: number;
  readonly from: 'me' | 'bot' | 'operator';
  readonly name?: string;
  readonly text: string;
  readonly choices?: readonly { readonly id: string; readonly label: string }[];
  readonly origin?: string;
}

export interface WebOptions {
  readonly port: number;
  readonly who: Who;
  readonly watch: Watch;
  readonly random: Random;
  /** Called as soon as an event of theirs was answered with 202. */
  readonly taken?: () => void;
}

export interface WebFace extends Face {
  /** All they saw of their own words, by the page's ids. */
  own(): readonly View[];
  readonly posted: ReadonlyMap<string, string>;
  close(): void;
}

const POLL = 200;

export function createWebFace(options: WebOptions): WebFace {
  const { who, watch, random } = options;
  const root = `http://127.0.0.1:${options.port}`;
  const first = new Map<string, View>();
  let now = new Map<string, View>();
  const wrongs: string[] = [];
  const posted = new Map<string, string>();
  let cookie: string | undefined;
  let closed = false;
  let waits = 0;
  /** Answers that were shown. */
  let shownOf = 0;
  let made = 0;

  async function ask(path: string, init: RequestInit = {}): Promise<Response | undefined> {
    try {
      const headers = { ...init.headers, ...(cookie === undefined ? {} : { cookie }) };
      return await fetch(`${root}${path}`, { ...init, headers, signal: AbortSignal.timeout(10_000) });
    } catch {
      return undefined;
    }
  }

  /** Until it is taken: whatever is no answer, or "later", is tried again with the very same content. */
  async function insist(path: string, init: () => RequestInit): Promise<Response> {
    for (;;) {
      if (closed) throw new Error('the run is over');
      const answer = await ask(path, init());
      if (answer?.ok) return answer;
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
        throw new Error(`${path} was refused: ${answer.status} ${await answer.text()}`);
      }
      await answer?.body?.cancel();
      await pause(50 + random() * 100);
    }
  }

  async function enter(): Promise<void> {
    if (cookie !== undefined) return;
    const answer = await insist('/', () => ({}));
    await answer.text();
    cookie = /otklik_visitor=[^;]+/.exec(answer.headers.get('set-cookie') ?? '')?.[0];
    if (cookie === undefined) throw new Error('the page gave no cookie');
  }

  async function post(event: Readonly<Record<string, unknown>>): Promise<void> {
    await enter();
    made += 1;
    const id = `e${made}`;
    posted.set(id, String(event.kind));
    const init = (): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, locale: who.locale, name: who.name, ...event }),
    });
    const answer = await insist('/chat/events', init);
    options.taken?.();
    await answer.text();
    // As a page does whose answer was lost on the way.
    if (random() < 0.05) await (await insist('/chat/events', init)).text();
  }

  async function upload(bytes: Uint8Array): Promise<string> {
    await enter();
    const answer = await insist('/chat/files', () => {
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'photo.jpg');
      return { method: 'POST', body: form };
    });
    return ((await answer.json()) as { sealed: string }).sealed;
  }

  async function read(): Promise<void> {
    const before = shownOf;
    const answer = await ask('/chat/messages');
    if (!answer?.ok) return void (await answer?.body?.cancel());
    let messages: readonly View[];
    try {
      ({ messages } = (await answer.json()) as { messages: readonly View[] });
    } catch {
      // The program died while it answered.
      return;
    }
    // Of two that were under way at once nobody knows which tells of the past.
    if (shownOf !== before) return;
    shownOf += 1;
    const next = new Map(messages.map((view) => [view.id, view]));
    if (next.size !== messages.length) wrongs.push('one answer held the same message twice');
    for (const id of now.keys()) if (!next.has(id)) wrongs.push(`message ${id} vanished`);
    for (const [id, view] of next) if (!first.has(id)) first.set(id, view);
    now = next;
    watch.look();
  }

  async function follow(): Promise<void> {
    while (waits > 0 && !closed) {
      if (cookie !== undefined) await read();
      await pause(POLL * (0.75 + random() / 2));
    }
  }

  return {
    wrongs,
    posted,
    begin: (flow) => post({ kind: 'start', payload: flow }),
    say: (text) => post({ kind: 'message', text }),
    async press(label, on) {
      const choice = choiceOn(on, label);
      if (choice === undefined) throw new Error(`no button "${label}" on "${on.text}"`);
      await post({ kind: 'press', button: choice.id, message: on.id });
    },
    async send(files) {
      const sealed: string[] = [];
      for (const file of files) sealed.push(await upload(file));
      await post({ kind: 'message', text: '', files: sealed });
    },
    shown: () => [...first.values()].filter((view) => view.from !== 'me').map((view) => toShown(view, now)),
    own: () => [...first.values()].filter((view) => view.from === 'me'),
    async until(look, what) {
      waits += 1;
      if (waits === 1) void follow();
      try {
        return await watch.until(look, `${who.name}: ${what}`);
      } finally {
        waits -= 1;
      }
    },
    close() {
      closed = true;
    },
  };
}

function toShown(view: View, now: ReadonlyMap<string, View>): Shown {
  return {
    id: view.id,
    key: JSON.stringify([view.text, (view.choices ?? []).map((one) => one.id)]),
    text: view.text,
    choices: (now.get(view.id) ?? view).choices ?? [],
    from: view.from === 'operator' ? 'operator' : 'bot',
  };
}
