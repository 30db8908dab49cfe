// The plain bot's three dialogues, each a function of @grammyjs/conversations: the NPS survey, a complaint, a question to
// a person. Their words and order are those of the flows in test/faults/flows, so that the same people can play both.
import type { Conversation, ConversationFlavor } from '@grammyjs/conversations';
import { type Context, InlineKeyboard } from 'grammy';

export type Outer = ConversationFlavor<Context>;
type Talk = Conversation<Outer, Context>;

export interface Field {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}

export interface Outcome {
  readonly score: number;
  readonly reasons: readonly string[];
  readonly comment: string;
  readonly mayContact: boolean;
}

/** What a talk asks of the rest of the bot. `id` is the same whenever the same talk asks. */
export interface Doings {
  begun(id: string, chat: number): Promise<void>;
  ended(id: string): Promise<void>;
  save(id: string, who: Who, outcome: Outcome): Promise<void>;
  /** Gives the ticket's number. */
  openTicket(id: string, who: Who, fields: readonly Field[], files: readonly string[]): Promise<string>;
}

export interface Who {
  readonly chat: number;
  readonly name: string;
}

const OPTIONS = { quality: 'Quality', delivery: 'Delivery', price: 'Price' } as const;
const AREAS = { delivery: 'Delivery', product: 'Product', other: 'Something else' } as const;

const button = (label: string, data: string) => InlineKeyboard.text(label, data);
const keyboard = (...rows: ReturnType<typeof button>[][]) => ({ reply_markup: InlineKeyboard.from(rows) });
const scores = Array.from({ length: 11 }, (_, score) => button(String(score), `score:${score}`));
const reasonsWith = (ticked: readonly string[]) => [
  ...Object.entries(OPTIONS).map(([id, label]) => [
    button(ticked.includes(id) ? `✓ ${label}` : label, `why:${id}`),
  ]),
  [button('Done', 'why:done')],
];

/** What follows `prefix:` in the button pressed. */
const pressed = (ctx: Context, prefix: string): string | undefined => {
  const data = ctx.callbackQuery?.data;
  return data?.startsWith(`${prefix}:`) ? data.slice(prefix.length + 1) : undefined;
};
const scoreIn = (ctx: Context): string | undefined =>
  pressed(ctx, 'score') ?? /^\s*(10|\d)\s*$/.exec(ctx.message?.text ?? '')?.[1];
const areaIn = (ctx: Context): string | undefined => {
  const said = ctx.message?.text?.trim().toLowerCase();
  return pressed(ctx, 'area') ?? Object.entries(AREAS).find(([, label]) => label.toLowerCase() === said)?.[0];
};
/** Says what is wanted to whoever wrote something else; a press on an old button is nothing to talk about. */
const hint = (text: string) => ({
  otherwise: async (ctx: Context) => void (ctx.message && (await ctx.reply(text))),
});

const whoIn = (ctx: Context): Who => ({ chat: ctx.chatId ?? 0, name: ctx.from?.first_name ?? '' });

export function createTalks(doings: Doings) {
  /** The message that began it names a talk. */
  async function begin(talk: Talk, ctx: Context): Promise<string> {
    const id = `${ctx.chatId}-${ctx.msgId}`;
    await talk.external(() => doings.begun(id, ctx.chatId ?? 0));
    return id;
  }

  async function rating(talk: Talk, ctx: Context): Promise<void> {
    const id = await begin(talk, ctx);
    await ctx.reply('R1 Would you recommend us?', keyboard(scores.slice(0, 6), scores.slice(6)));
    const scored = await talk.waitUntil(
      (heard) => scoreIn(heard) !== undefined,
      hint('R1 A number from 0 to 10, please.'),
    );
    const score = Number(scoreIn(scored));
    await ctx.reply(
      score <= 6 ? 'R2 What let you down?' : 'R2 What did you like?',
      keyboard(...reasonsWith([])),
    );
    const reasons = await reasonsOf(talk);
    await ctx.reply('R3 Anything to add?');
    const comment = (await talk.waitFor('message:text', hint('R3 In words, please.'))).message.text;
    await ctx.reply(
      'R4 May we write to you?',
      keyboard([button('Yes, you may', 'contact:yes'), button('No, thanks', 'contact:no')]),
    );
    const contact = await talk.waitUntil(
      (heard) => pressed(heard, 'contact') !== undefined,
      hint('R4 One of the buttons, please.'),
    );
    const outcome = { score, reasons, comment, mayContact: pressed(contact, 'contact') === 'yes' };
    await talk.external(() => doings.save(id, whoIn(ctx), outcome));
    if (outcome.mayContact) {
      const fields = [
        { id: 'score', label: 'Score', value: String(score) },
        { id: 'comment', label: 'Comment', value: comment },
      ];
      const number = await talk.external(() => doings.openTicket(id, whoIn(ctx), fields, []));
      await ctx.reply(`R5 The number is ${number}.`);
    } else await ctx.reply(score <= 6 ? 'R5 We are sorry.' : 'R5 Thank you.');
    await talk.external(() => doings.ended(id));
  }

  async function reasonsOf(talk: Talk): Promise<readonly string[]> {
    const ticked: string[] = [];
    for (;;) {
      const heard = await talk.waitUntil(
        (one) => pressed(one, 'why') !== undefined || one.message?.text !== undefined,
        hint('R2 A button or your own words, please.'),
      );
      const option = pressed(heard, 'why');
      if (option === undefined) return [heard.message?.text ?? ''];
      if (option === 'done') return ticked;
      if (ticked.includes(option)) ticked.splice(ticked.indexOf(option), 1);
      else ticked.push(option);
      // Refused where a lost answer is made up for, as it looks so already.
      await heard.editMessageReplyMarkup(keyboard(...reasonsWith(ticked))).catch(() => undefined);
    }
  }

  async function trouble(talk: Talk, ctx: Context): Promise<void> {
    const id = await begin(talk, ctx);
    const areas = Object.entries(AREAS).map(([area, label]) => [button(label, `area:${area}`)]);
    await ctx.reply('T1 What is it about?', keyboard(...areas));
    const chosen = await talk.waitUntil(
      (heard) => areaIn(heard) !== undefined,
      hint('T1 One of the three, please.'),
    );
    const area = AREAS[areaIn(chosen) as keyof typeof AREAS];
    await ctx.reply('T2 What happened?');
    const what = (await talk.waitFor('message:text', hint('T2 In words, please.'))).message.text;
    await ctx.reply('T3 Any files?', keyboard([button('Skip', 'files:done')]));
    const files = await filesOf(talk);
    await ctx.reply(`T4 Is all right?\n${area}\n${what}`, keyboard([button('Send it', 'send:it')]));
    await talk.waitUntil(
      (heard) => pressed(heard, 'send') !== undefined,
      hint('T4 Press the button, please.'),
    );
    const fields = [
      { id: 'area', label: 'About', value: area },
      { id: 'what', label: 'What happened', value: what },
    ];
    const number = await talk.external(() => doings.openTicket(id, whoIn(ctx), fields, files));
    await ctx.reply(`T5 The number is ${number}.`);
    await talk.external(() => doings.ended(id));
  }

  async function filesOf(talk: Talk): Promise<readonly string[]> {
    const files: string[] = [];
    for (;;) {
      const heard = await talk.waitUntil(
        (one) => pressed(one, 'files') !== undefined || one.message?.photo !== undefined,
        hint('T3 A picture or a button, please.'),
      );
      const file = heard.message?.photo?.at(-1)?.file_id;
      if (file === undefined) return files;
      files.push(file);
      const count = `Got ${files.length} ${files.length === 1 ? 'file' : 'files'}.`;
      await heard.reply(count, keyboard([button('Done', 'files:done')]));
    }
  }

  async function operator(talk: Talk, ctx: Context): Promise<void> {
    const id = await begin(talk, ctx);
    await ctx.reply('O1 How can we help?');
    const question = (await talk.waitFor('message:text', hint('O1 In words, please.'))).message.text;
    const fields = [{ id: 'question', label: 'Question', value: question }];
    const number = await talk.external(() => doings.openTicket(id, whoIn(ctx), fields, []));
    await ctx.reply(`O2 The number is ${number}.`);
    await talk.external(() => doings.ended(id));
  }

  return { rating, trouble, operator };
}
