// Telegram as the bots of this bench see it: a Bot API over HTTP that takes every call, and people who answer at once
// whatever is asked. Each talk is the same: /start, a score, own words, a remark, a press, closing words.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Pool } from 'undici';

export const TOKEN = '700700:BENCHBENCHBENCHBENCHBENCHBENCHBENCH';
export const SECRET = 'bench_secret_of_the_hook';
/** What people say after each of the bot's messages; the fourth is answered by the button whose label this is. */
const SAYS = ['/start rating', '9', 'quick and kind', 'nothing to add'] as const;
const PRESSED = 'No, thanks';
/** Updates of one talk. */
export const TURNS = SAYS.length + 1;

export interface Figures {
  /** Messages of people that the bot has answered. */
  readonly answered: number;
  readonly talks: number;
  /** Milliseconds from the post of an update to the bot's message that answers it, each. */
  readonly waits: readonly number[];
  /** Posts that were not taken at once. */
  readonly refused: number;
}

export interface Network {
  readonly url: string;
  /** Starts so many people; each begins the next talk when one is over. */
  begin(people: number, hooks: readonly string[]): void;
  /** The figures since the last call. */
  take(): Figures;
  /** No more talks are begun; resolves when all have ended. */
  drain(withinMs: number): Promise<boolean>;
  /** A sign of a bot that is set up: it has told where it wants its updates. */
  stop(): Promise<void>;
}

interface Button {
  readonly text: string;
  readonly callback_data?: string;
}
interface Call {
  readonly chat_id?: number;
  readonly text?: string;
  readonly reply_markup?: { readonly inline_keyboard?: readonly (readonly Button[])[] };
}

export async function startNetwork(): Promise<Network> {
  const steps = new Map<number, number>();
  const since = new Map<number, number>();
  let pools: { readonly pool: Pool; readonly path: string }[] = [];
  let update = 1;
  let message = 1;
  let draining = false;
  let figures = { answered: 0, talks: 0, waits: [] as number[], refused: 0 };

  function post(chat: number, body: object): void {
    const { pool, path } = pools[chat % pools.length]!;
    const payload = JSON.stringify({ update_id: update++, ...body });
    const send = (tries: number): void => {
      pool
        .request({
          method: 'POST',
          path,
          headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET },
          body: payload,
        })
        .then(async (answer) => {
          await answer.body.dump();
          if (answer.statusCode >= 300) throw new Error(String(answer.statusCode));
        })
        .catch(() => {
          figures.refused += 1;
          if (tries < 50) setTimeout(send, 200, tries + 1);
        });
    };
    since.set(chat, performance.now());
    send(0);
  }

  const person = (id: number) => ({ id, is_bot: false, first_name: `P${id}`, language_code: 'en' });
  const place = (id: number) => ({ id, type: 'private', first_name: `P${id}` });
  const date = (): number => Math.floor(Date.now() / 1000);

  function say(chat: number, text: string): void {
    const entities = text.startsWith('/')
      ? { entities: [{ type: 'bot_command', offset: 0, length: 6 }] }
      : {};
    post(chat, {
      message: {
        message_id: message++,
        from: person(chat),
        chat: place(chat),
        date: date(),
        text,
        ...entities,
      },
    });
  }

  /** The bot has said something to the person: they go on. */
  function hear(chat: number, call: Call, id: number): void {
    const step = steps.get(chat);
    const began = since.get(chat);
    if (step === undefined || began === undefined) return;
    since.delete(chat);
    figures.answered += 1;
    figures.waits.push(performance.now() - began);
    if (step === TURNS) {
      figures.talks += 1;
      if (draining) return void steps.delete(chat);
      steps.set(chat, 1);
      return say(chat, SAYS[0]);
    }
    steps.set(chat, step + 1);
    if (step < SAYS.length) return say(chat, SAYS[step]!);
    const button = call.reply_markup?.inline_keyboard?.flat().find(({ text }) => text === PRESSED);
    if (!button) throw new Error(`step ${step} has no button ${PRESSED}: ${JSON.stringify(call)}`);
    post(chat, {
      callback_query: {
        id: String(update),
        from: person(chat),
        chat_instance: '1',
        data: button.callback_data,
        message: { message_id: id, chat: place(chat), date: date(), text: call.text ?? '' },
      },
    });
  }

  function result(method: string, call: Call): unknown {
    if (method === 'getMe')
      return { id: 700_700, is_bot: true, first_name: 'Bench', username: 'bench_bot', can_join_groups: true };
    if (method === 'getWebhookInfo')
      return { url: '', has_custom_certificate: false, pending_update_count: 0 };
    if (method !== 'sendMessage') return true;
    const id = message++;
    const chat = Number(call.chat_id);
    // After the answer, as the real network would bring it.
    setImmediate(hear, chat, call, id);
    return { message_id: id, chat: place(chat), date: date(), text: call.text };
  }

  const server = createServer(async (request, response) => {
    const method = request.url?.split('/').at(-1) ?? '';
    const body = await read(request);
    const call = body === '' ? {} : (JSON.parse(body) as Call);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: true, result: result(method, call) }));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    begin(people, hooks) {
      pools = hooks.map((hook) => {
        const { origin, pathname } = new URL(hook);
        return { pool: new Pool(origin, { connections: 64 }), path: pathname };
      });
      draining = false;
      for (let index = 0; index < people; index += 1) {
        const chat = 10_000 + index;
        steps.set(chat, 1);
        say(chat, SAYS[0]);
      }
    },
    take() {
      const taken = figures;
      figures = { answered: 0, talks: 0, waits: [], refused: 0 };
      return taken;
    },
    async drain(withinMs) {
      draining = true;
      for (const end = performance.now() + withinMs; performance.now() < end; ) {
        if (steps.size === 0) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return false;
    },
    async stop() {
      await Promise.all(pools.map(({ pool }) => pool.destroy()));
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
