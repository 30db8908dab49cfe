// One customer on the chat page and in Telegram, through the real program: joined by a code, seen from both, answered where
// the ticket was opened, over a kill, and parted again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Forum } from '../standins/telegram/forum.ts';
import type { Person } from '../standins/telegram/person.ts';
import { startTelegram, TEST_TOKEN, type TelegramStandIn } from '../standins/telegram/telegram.ts';
import { freePort, type Program, startProgram } from './program.ts';

interface View {
  readonly id: string;
  readonly from: 'me' | 'bot' | 'operator';
  readonly text: string;
  readonly choices?: readonly { readonly id: string; readonly label: string }[];
}

const soon = { timeout: 15_000, interval: 50 };
let tg: TelegramStandIn;
let forum: Forum;
let anna: Person;
let program: Program;
let dir: string;
let port: string;

const start = (): Promise<Program> =>
  startProgram({
    PORT: port,
    DATA_DIR: dir,
    LOG_LEVEL: 'warn',
    ADMIN_PASSWORD: 'correct horse',
    TELEGRAM_BOT_TOKEN: TEST_TOKEN,
    TELEGRAM_API_ROOT: tg.url,
    TELEGRAM_OPERATOR_CHAT_ID: String(forum.id),
    TELEGRAM_MODE: 'poll',
  });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-join-'));
  port = String(await freePort());
  tg = await startTelegram({ secondMs: 100 });
  anna = tg.person({ first_name: 'Анна', language_code: 'ru' });
  forum = tg.forum({ title: 'Операторы', members: [anna] });
  program = await start();
}, 60_000);
afterAll(async () => {
  await program?.stop();
  await tg?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Somebody on the chat page, as the page speaks with the program. */
async function visitor() {
  const entered = await fetch(`${program.url}/`);
  await entered.text();
  const cookie = /otklik_visitor=[^;]+/.exec(entered.headers.get('set-cookie') ?? '')?.[0] ?? '';
  let made = 0;
  const post = async (event: Readonly<Record<string, unknown>>): Promise<void> => {
    made += 1;
    const answer = await fetch(`${program.url}/chat/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ id: `e${made}`, locale: 'ru', ...event }),
    });
    expect(answer.status, await answer.text()).toBe(202);
  };
  const talk = async (): Promise<readonly View[]> => {
    const answer = await fetch(`${program.url}/chat/messages`, { headers: { cookie } });
    return ((await answer.json()) as { messages: readonly View[] }).messages;
  };
  const hears = async (words: RegExp): Promise<View> => {
    let last: View | undefined;
    await vi.waitFor(async () => {
      last = (await talk()).filter(({ from }) => from !== 'me').at(-1);
      expect(last?.text).toMatch(words);
    }, soon);
    return last!;
  };
  return {
    says: (text: string) => post({ kind: 'message', text }),
    async presses(label: RegExp): Promise<void> {
      const shown = (await talk()).findLast(({ choices }) => choices?.some((one) => label.test(one.label)));
      const button = shown?.choices?.find((one) => label.test(one.label));
      expect(button, `no button ${label}`).toBeDefined();
      await post({ kind: 'press', button: button?.id, message: shown?.id });
    },
    talk,
    hears,
  };
}

test('a ticket opened in Telegram is seen, added to and answered across both chats, and parted again', async () => {
  const vera = tg.person({ first_name: 'Вера', language_code: 'ru' });
  vera.say('/operator');
  await vera.waitFor(/Чем помочь/);
  vera.say('Где мой заказ A-77?');
  await vera.waitFor(/Передали/);
  await vi.waitFor(() => expect(forum.topics()).toHaveLength(1), soon);
  const thread = forum.topics()[0]!.id;
  const card = () =>
    forum.messages(thread).find(({ byBot, text }) => byBot && text?.includes('Обращение'))?.text;
  await vi.waitFor(() => expect(card()).toContain('Вера'), soon);
  expect(card()).not.toContain('Он же пишет из');

  vera.say('/join');
  const shown = await vera.waitFor(/Ваш код/);
  const code = /\/join (\S+)/.exec(shown.text ?? '')?.[1] ?? '';
  const page = await visitor();
  await page.says('/status');
  await page.hears(/Обращений у вас пока нет/);
  // Somebody else's guess.
  await page.says('/join AAAA-2222');
  await page.hears(/Такого кода нет/);
  await page.says(`/join ${code.toLowerCase()}`);
  await page.hears(/Чаты связаны[\s\S]*Telegram/);
  await vera.waitFor(/Чаты связаны[\s\S]*Чат на сайте/);
  await vi.waitFor(() => expect(card()).toContain('Он же пишет из: Чат на сайте'), soon);

  await program.stop('SIGKILL');
  program = await start();

  await page.says('/status');
  await page.hears(/Вот ваши обращения/);
  await page.presses(/Где мой заказ/);
  await page.hears(/Хотите что-нибудь добавить/);
  await page.presses(/Добавить/);
  await page.hears(/Что добавить/);
  await page.says('Заказ на имя Веры');
  await page.hears(/Можно прислать/);
  await page.presses(/Пропустить/);
  await page.hears(/Добавили к обращению/);
  expect((await page.talk()).map(({ text }) => text).join('\n')).toMatch(
    /открыто в другом вашем чате \(Telegram\)/,
  );
  await forum.waitFor(/Заказ на имя Веры/, { thread, ms: 15_000 });
  await forum.waitFor(/из другого чата клиента \(Чат на сайте\)/, { thread, ms: 15_000 });

  const asAnna = forum.member(anna);
  asAnna.say('/claim', { thread });
  await vera.waitFor(/занимается Анна/);
  asAnna.say('Заказ выехал', { thread });
  await vera.waitFor(/Заказ выехал/);
  expect((await page.talk()).some(({ text }) => /Заказ выехал|занимается Анна/.test(text))).toBe(false);

  vera.say('/unjoin');
  await vera.waitFor(/Этот чат отделён/);
  await page.hears(/Отделён ваш чат: Telegram/);
  await vi.waitFor(() => expect(card()).not.toContain('Он же пишет из'), soon);
  await page.says('/status');
  await page.hears(/Обращений у вас пока нет/);
  expect(program.output()).not.toContain(code);
  expect(tg.violations).toEqual([]);
}, 90_000);
