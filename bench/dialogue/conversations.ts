// grammY with @grammyjs/conversations, all in memory: a conversation is a function that is replayed from its log.
// Calls to Telegram are answered as a server would answer them; nothing goes over a network.
import {
  type Conversation,
  type ConversationData,
  type ConversationFlavor,
  conversations,
  createConversation,
  type VersionedState,
} from '@grammyjs/conversations';
import { type ApiClientOptions, Bot, type Context } from 'grammy';
import type { Update, UserFromGetMe } from 'grammy/types';
import {
  askComment,
  askContact,
  askQuestion,
  askReason,
  askScore,
  closing,
  farewell,
  readComment,
  readContact,
  readReason,
  readScore,
} from './by-hand.ts';
import type { Contact, Contender, Dialogue, Heard, Outcome, Said, Save } from './dialogue.ts';

type Outer = ConversationFlavor<Context>;
type Talk = Conversation<Outer, Context>;
type Kept = VersionedState<ConversationData>;

interface SendMessage {
  readonly chat_id: number | string;
  readonly text: string;
  readonly reply_markup?: {
    readonly inline_keyboard: readonly (readonly {
      readonly text: string;
      readonly callback_data: string;
    }[])[];
  };
}

const ME = {
  id: 1,
  is_bot: true,
  first_name: 'Bench',
  username: 'bench_bot',
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
} as const;
const AT = 1_767_603_600;

export function createConversations(dialogue: Dialogue, save: Save): Contender {
  const kept = new Map<string, Kept>();
  const contacts = new Map<number, Contact>();
  let said: Said | undefined;
  let counter = 0;

  // The plugin makes a client of its own for every replay and logs what that one is answered, so the answer has to come
  // from the lowest place there is: a fetch that answers without a network.
  const fetch = (_url: string, { body }: { body: string }) => {
    const { chat_id, text, reply_markup } = JSON.parse(body) as SendMessage;
    const buttons = reply_markup?.inline_keyboard.flat() ?? [];
    said = { text, buttons: buttons.map((one) => ({ id: one.callback_data, label: one.text })) };
    const message = { message_id: ++counter, from: ME, chat: chatOf(Number(chat_id)), date: AT, text };
    const result = reply_markup ? { ...message, reply_markup } : message;
    return Promise.resolve({ json: () => Promise.resolve({ ok: true, result }) });
  };
  const bot = new Bot<Outer>('1:bench', {
    botInfo: ME as unknown as UserFromGetMe,
    client: { fetch: fetch as unknown as NonNullable<ApiClientOptions['fetch']> },
  });
  bot.use(
    conversations<Outer, Context>({
      storage: {
        type: 'key',
        adapter: {
          read: (key) => kept.get(key),
          write: (key, state) => void kept.set(key, state),
          delete: (key) => void kept.delete(key),
        },
      },
    }),
  );
  const play =
    dialogue.kind === 'nps' ? npsTalk(contacts, save) : surveyTalk(dialogue.questions, contacts, save);
  bot.use(createConversation<Outer, Context>(play, 'talk'));
  bot.command('start', (ctx) => ctx.conversation.enter('talk'));

  return {
    kept: ({ id }) => kept.get(String(id)),
    async hear(contact: Contact, heard: Heard): Promise<Said> {
      contacts.set(contact.id, contact);
      said = undefined;
      await bot.handleUpdate(updateOf(++counter, contact, heard));
      if (said === undefined) throw new Error('the conversation said nothing');
      return said;
    },
  };
}

const chatOf = (id: number) =>
  ({ id, type: 'private', first_name: 'Person', username: `person${id}` }) as const;

function updateOf(update_id: number, contact: Contact, heard: Heard): Update {
  const { id } = contact;
  const from = {
    id,
    is_bot: false,
    first_name: 'Person',
    username: `person${id}`,
    language_code: contact.locale,
  };
  const message = { message_id: update_id, date: AT, chat: chatOf(id) };
  if (heard.kind === 'press') {
    return {
      update_id,
      callback_query: {
        id: String(update_id),
        from,
        chat_instance: '1',
        data: heard.button,
        message: { ...message, from: ME, text: '…' },
      },
    };
  }
  if (heard.kind === 'text') return { update_id, message: { ...message, from, text: heard.text } };
  const entities = [{ type: 'bot_command', offset: 0, length: 6 }] as const;
  return { update_id, message: { ...message, from, text: '/start', entities: [...entities] } };
}

const heardIn = (ctx: Context): Heard => {
  const button = ctx.callbackQuery?.data;
  return button === undefined ? { kind: 'text', text: ctx.message?.text ?? '' } : { kind: 'press', button };
};

async function tell(ctx: Context, { text, buttons }: Said): Promise<void> {
  await ctx.reply(
    text,
    buttons.length === 0
      ? undefined
      : {
          reply_markup: {
            inline_keyboard: [buttons.map(({ id, label }) => ({ text: label, callback_data: id }))],
          },
        },
  );
}

async function ask<T>(
  talk: Talk,
  ctx: Context,
  question: Said,
  read: (heard: Heard) => T | undefined,
): Promise<T> {
  for (;;) {
    await tell(ctx, question);
    const value = read(heardIn(await talk.wait()));
    if (value !== undefined) return value;
  }
}

const npsTalk =
  (contacts: ReadonlyMap<number, Contact>, save: Save) =>
  async (talk: Talk, ctx: Context): Promise<void> => {
    const contact = contacts.get(ctx.chatId ?? 0)!;
    const { locale } = contact;
    const score = await ask(talk, ctx, askScore(locale), readScore);
    const reason = await ask(talk, ctx, askReason(locale, score), (heard) => readReason(heard, locale));
    const comment = await ask(talk, ctx, askComment(locale, score), readComment);
    const allowed = await ask(talk, ctx, askContact(locale), readContact);
    const outcome: Outcome = { score, reason, comment, contact: allowed };
    await talk.external(() => save(contact, outcome));
    await tell(ctx, closing(locale, outcome));
  };

const surveyTalk =
  (questions: number, contacts: ReadonlyMap<number, Contact>, save: Save) =>
  async (talk: Talk, ctx: Context): Promise<void> => {
    const contact = contacts.get(ctx.chatId ?? 0)!;
    const { locale } = contact;
    const outcome: Record<string, number> = {};
    for (let n = 1; n <= questions; n += 1)
      outcome[`q${n}`] = await ask(talk, ctx, askQuestion(locale, n), readScore);
    await talk.external(() => save(contact, outcome));
    await tell(ctx, farewell(locale));
  };
