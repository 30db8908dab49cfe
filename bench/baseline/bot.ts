// A plain survey bot as its libraries' own guides would have it built: grammY, its runner, its conversations kept in
// Redis, its auto-retry, a BullMQ queue, mongoose. It is what Otklik is compared with; it uses nothing of Otklik's.
// node bench/baseline/bot.ts, or with --webhook: updates by POST to /telegram, no desk, and no MongoDB needed.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { autoRetry } from '@grammyjs/auto-retry';
import {
  type ConversationData,
  conversations,
  createConversation,
  type VersionedState,
} from '@grammyjs/conversations';
import { run, sequentialize } from '@grammyjs/runner';
import { Bot, type Context, webhookCallback } from 'grammy';
import { Redis } from 'ioredis';
import { connectRecords, disconnectRecords, Responses, Tickets } from './records.ts';
import { createRelay } from './relay.ts';
import { createTalks, type Doings, type Outer } from './talks.ts';

const { values } = parseArgs({ options: { webhook: { type: 'boolean', default: false } } });
const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};
const { TELEGRAM_API_ROOT, MONGODB_URI, TELEGRAM_WEBHOOK_SECRET } = process.env;
const operators = Number(process.env.TELEGRAM_OPERATOR_CHAT_ID ?? 0);

const redis = new Redis(need('REDIS_URL'));
redis.on('error', (error) => console.error('redis', error.message));
if (MONGODB_URI) await connectRecords(MONGODB_URI);

const bot = new Bot<Outer>(need('TELEGRAM_BOT_TOKEN'), {
  client: TELEGRAM_API_ROOT === undefined ? {} : { apiRoot: TELEGRAM_API_ROOT },
});
bot.api.config.use(autoRetry());
bot.catch(({ message }) => console.error('update', message));

const talkKey = (chat: number | string): string => `talk:${chat}`;
const relay = values.webhook
  ? undefined
  : createRelay({
      redis: new Redis(need('REDIS_URL'), { maxRetriesPerRequest: null }),
      api: bot.api,
      operators,
      lockMs: Number(process.env.LOCK_MS ?? 30_000),
      talk: async (chat, what) =>
        (await (what === 'end' ? redis.del(talkKey(chat)) : redis.exists(talkKey(chat)))) > 0,
    });

const doings: Doings = {
  begun: async (id, chat) => void (await relay?.begun(id, chat)),
  ended: async (id) => void (await relay?.ended(id)),
  async save(id, who, outcome) {
    const record = { ...who, ...outcome, reasons: [...outcome.reasons], at: Date.now() };
    if (MONGODB_URI) await Responses.updateOne({ _id: id }, { $setOnInsert: record }, { upsert: true });
    else await redis.hset('responses', id, JSON.stringify(record));
  },
  async openTicket(id, who, fields, files) {
    const number = `B-${String(await redis.incr('tickets')).padStart(5, '0')}`;
    if (!relay) return number;
    const record = { number, ...who, fields: [...fields], files: [...files], at: Date.now() };
    const ticket = await Tickets.findOneAndUpdate(
      { _id: id },
      { $setOnInsert: record },
      { upsert: true, returnDocument: 'after' },
    ).lean();
    await relay.card(id);
    return ticket?.number ?? number;
  },
};

bot.use(sequentialize((ctx) => String(ctx.chatId)));
// Telegram may deliver an update twice.
bot.use(async (ctx, next) => {
  const key = `seen:${ctx.update.update_id}`;
  if (await redis.exists(key)) return;
  await next();
  await redis.set(key, 1, 'EX', 86_400);
});
bot.on('callback_query', async (ctx, next) => {
  const answered = ctx.answerCallbackQuery().catch((error: Error) => console.error('press', error.message));
  await Promise.all([answered, next()]);
});
bot.use(
  conversations<Outer, Context>({
    storage: {
      type: 'key',
      adapter: {
        async read(chat) {
          const kept = await redis.get(talkKey(chat));
          return kept === null ? undefined : (JSON.parse(kept) as VersionedState<ConversationData>);
        },
        write: async (chat, state) => void (await redis.set(talkKey(chat), JSON.stringify(state))),
        delete: async (chat) => void (await redis.del(talkKey(chat))),
      },
    },
    plugins: [
      async (ctx, next) => {
        ctx.api.config.use(autoRetry());
        await next();
      },
    ],
  }),
);
for (const [name, talk] of Object.entries(createTalks(doings)))
  bot.use(createConversation<Outer, Context>(talk, name));
bot.chatType('private').command('start', async (ctx) => {
  const flow = ['rating', 'trouble', 'operator'].find((name) => name === ctx.match) ?? 'rating';
  await ctx.conversation.enter(flow);
});
if (relay) {
  bot.chatType('private').on('message:text', async (ctx) => {
    const ticket = await Tickets.findOne({ chat: ctx.chatId }).sort({ at: -1 }).lean();
    if (ticket)
      await relay.tellDesk(`said-${ctx.chatId}-${ctx.msgId}`, String(ticket._id), `👤 ${ctx.message.text}`);
    else await ctx.reply('Send /start to begin.');
  });
  bot.chatType('supergroup').on('message:text', async (ctx) => {
    const thread = ctx.message.message_thread_id;
    if (ctx.chatId !== operators || thread === undefined) return;
    const ticket = await Tickets.findOne({ thread }).lean();
    if (!ticket) return;
    await relay.tellCustomer(
      `answer-${ctx.msgId}`,
      String(ticket._id),
      ctx.from.first_name,
      ctx.message.text,
    );
  });
}

const stop = values.webhook ? await startWebhook() : startPolling();
process.stdout.write(`${JSON.stringify({ msg: 'ready' })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    await stop();
    await relay?.stop();
    await disconnectRecords();
    process.exit(0);
  });

function startPolling(): () => Promise<void> {
  const runner = run(bot);
  return async () => void (await runner.stop());
}

async function startWebhook(): Promise<() => Promise<void>> {
  await bot.init();
  const take = webhookCallback(bot, 'http', {
    ...(TELEGRAM_WEBHOOK_SECRET === undefined ? {} : { secretToken: TELEGRAM_WEBHOOK_SECRET }),
  });
  const server = createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/telegram') return void response.writeHead(404).end();
    take(request, response).catch((error: Error) => {
      console.error('webhook', error.message);
      if (!response.headersSent) response.writeHead(500).end();
    });
  });
  await new Promise<void>((done) => server.listen(Number(need('PORT')), '127.0.0.1', done));
  return async () => void server.close();
}
