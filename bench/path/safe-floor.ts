// The least that is still safe: the dialogue as a hand-written switch; one Lua script drops a repeated update, compares
// the version and keeps the state, the outcome and what is to be sent together; then one call over undici.
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { Pool } from 'undici';

const { PORT, REDIS_URL, TELEGRAM_API_ROOT, TELEGRAM_BOT_TOKEN, TELEGRAM_WEBHOOK_SECRET } = process.env;
const redis = new Redis(REDIS_URL ?? '', { enableAutoPipelining: true });
const api = new Pool(TELEGRAM_API_ROOT ?? '', { connections: 64 });

interface State {
  readonly v: number;
  readonly step: number;
  readonly answers: Readonly<Record<string, string>>;
}
interface Update {
  readonly update_id: number;
  readonly message?: { readonly chat: { readonly id: number }; readonly text?: string };
  readonly callback_query?: {
    readonly id: string;
    readonly from: { readonly id: number };
    readonly data?: string;
  };
}

const COMMIT = `
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', 86400) == false then return 0 end
local before = redis.call('HGET', KEYS[2], 'v')
if (before or '0') ~= ARGV[1] then redis.call('DEL', KEYS[1]) return -1 end
redis.call('HSET', KEYS[2], 'v', ARGV[2], 's', ARGV[3])
redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[4], ARGV[4], ARGV[6]) end
return 1`;

const scores = (): object[][] => [
  Array.from({ length: 6 }, (_, n) => ({ text: String(n), callback_data: `s:${n}` })),
  Array.from({ length: 5 }, (_, n) => ({ text: String(n + 6), callback_data: `s:${n + 6}` })),
];
const reasons = (): object[][] =>
  ['Quality', 'Delivery', 'Price', 'Done'].map((text) => [{ text, callback_data: `r:${text}` }]);
const contact = (): object[][] =>
  ['Yes, you may', 'No, thanks'].map((text) => [{ text, callback_data: `c:${text}` }]);

interface Turn {
  readonly state: State;
  readonly text: string;
  readonly buttons?: object[][];
  readonly outcome?: string;
}

/** The dialogue itself. */
function turn(state: State, said: string): Turn {
  const on = (step: number, key?: string): State => ({
    v: state.v + 1,
    step,
    answers: key === undefined ? (step === 1 ? {} : state.answers) : { ...state.answers, [key]: said },
  });
  if (said.startsWith('/start'))
    return { state: on(1), text: 'R1 Would you recommend us?', buttons: scores() };
  switch (state.step) {
    case 1:
      if (!/^(10|\d)$/.test(said)) return { state: on(1), text: 'R1 A number from 0 to 10, please.' };
      return { state: on(2, 'score'), text: 'R2 What did you like?', buttons: reasons() };
    case 2:
      return { state: on(3, 'reason'), text: 'R3 Anything to add?' };
    case 3:
      return { state: on(4, 'comment'), text: 'R4 May we write to you?', buttons: contact() };
    case 4: {
      const next = on(0, 'contact');
      return {
        state: { ...next, answers: {} },
        text: 'R5 Thank you.',
        outcome: JSON.stringify(next.answers),
      };
    }
    default:
      return { state: on(state.step), text: 'Send /start to begin.' };
  }
}

async function call(method: string, body: object): Promise<void> {
  const answer = await api.request({
    method: 'POST',
    path: `/bot${TELEGRAM_BOT_TOKEN}/${method}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await answer.body.dump();
}

async function take(update: Update): Promise<void> {
  const chat = update.message?.chat.id ?? update.callback_query?.from.id;
  if (chat === undefined) return;
  const said = update.message?.text ?? update.callback_query?.data ?? '';
  for (;;) {
    const [, kept] = await redis.hmget(`talk:${chat}`, 'v', 's');
    const state = kept ? (JSON.parse(kept) as State) : { v: 0, step: 0, answers: {} };
    const next = turn(state, said);
    const out = {
      chat_id: chat,
      text: next.text,
      ...(next.buttons && { reply_markup: { inline_keyboard: next.buttons } }),
    };
    const done = await redis.eval(
      COMMIT,
      4,
      `seen:${update.update_id}`,
      `talk:${chat}`,
      'outbox',
      'outcomes',
      state.v,
      next.state.v,
      JSON.stringify(next.state),
      `${chat}:${next.state.v}`,
      JSON.stringify(out),
      next.outcome ?? '',
    );
    if (done === -1) continue;
    if (done === 0) return;
    if (update.callback_query)
      void call('answerCallbackQuery', { callback_query_id: update.callback_query.id });
    await call('sendMessage', out);
    await redis.hdel('outbox', `${chat}:${next.state.v}`);
    return;
  }
}

createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.headers['x-telegram-bot-api-secret-token'] !== TELEGRAM_WEBHOOK_SECRET)
    return void response.writeHead(401).end();
  const update = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Update;
  await take(update);
  response.writeHead(200).end('ok');
}).listen(Number(PORT), '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ msg: 'ready' })}\n`));
