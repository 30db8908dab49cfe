// The whole job in Telegram, the same by polling and by webhook: the real program against the stand-in of the Bot API, with
// customers in private chats and two operators in a forum group. Judged by what the stand-in's people saw.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Forum } from '../standins/telegram/forum.ts';
import type { Person } from '../standins/telegram/person.ts';
import { startTelegram, TEST_TOKEN, type TelegramStandIn } from '../standins/telegram/telegram.ts';
import { freePort, type Program, startProgram } from './program.ts';

const NUMBER = /[ACEHKMPTX]\d-\d{5}/;
const PHOTO = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const SECRET = 'a-secret-of-the-webhook-0001';

export function telegramJob(mode: 'poll' | 'webhook'): void {
  describe(`Telegram by ${mode}`, () => {
    let tg: TelegramStandIn;
    let forum: Forum;
    let anna: Person;
    let boris: Person;
    let program: Program;
    let dir: string;

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'otklik-tg-'));
      tg = await startTelegram({ secondMs: 100 });
      anna = tg.person({ first_name: 'Анна', language_code: 'ru' });
      boris = tg.person({ first_name: 'Борис', language_code: 'ru' });
      forum = tg.forum({ title: 'Операторы', members: [anna, boris] });
      const port = String(await freePort());
      program = await startProgram({
        PORT: port,
        DATA_DIR: dir,
        LOG_LEVEL: 'warn',
        ADMIN_PASSWORD: 'correct horse',
        TELEGRAM_BOT_TOKEN: TEST_TOKEN,
        TELEGRAM_API_ROOT: tg.url,
        TELEGRAM_OPERATOR_CHAT_ID: String(forum.id),
        TELEGRAM_MODE: mode,
        ...(mode === 'webhook'
          ? { TELEGRAM_WEBHOOK_SECRET: SECRET, PUBLIC_URL: `http://127.0.0.1:${port}` }
          : {}),
      });
      await readiness(200);
    }, 60_000);
    afterAll(async () => {
      await program?.stop();
      await tg?.stop();
      rmSync(dir, { recursive: true, force: true });
    });

    async function readiness(status: number): Promise<void> {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await fetch(`${program.url}/readyz`)).status === status) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`not ready: ${await (await fetch(`${program.url}/readyz`)).text()}`);
    }

    const topicOf = async (number: string): Promise<number> => {
      await forum
        .waitFor((seen) => seen.text?.includes(number) ?? false, { ms: 15_000 })
        .catch(() => undefined);
      const topic = forum.topics().find((one) => one.name.includes(number) && !one.deleted);
      if (!topic)
        throw new Error(
          `no topic of ${number}: ${forum
            .topics()
            .map((one) => one.name)
            .join('; ')}`,
        );
      return topic.id;
    };
    const numberIn = (text: string | undefined): string => NUMBER.exec(text ?? '')?.[0] ?? '';

    it('hears a detractor, a passive and a promoter', async () => {
      const people: readonly [string, string, RegExp, RegExp][] = [
        ['ru', '3', /Что подвело/, /Простите, что подвели/],
        ['en', '8', /What kept it/, /Thank you for your answer/],
        ['ru', '10', /понравилось/, /тёплые слова/],
      ];
      const hear = async ([
        language_code,
        score,
        second,
        closing,
      ]: (typeof people)[number]): Promise<void> => {
        const person = tg.person({ first_name: 'Клиент', language_code });
        person.start('nps');
        await person.waitFor(/0/);
        person.press(score);
        await person.waitFor((seen) => seen.edited && (seen.text?.endsWith(`✓ ${score}`) ?? false));
        await person.waitFor(second);
        person.say(language_code === 'ru' ? 'доставка' : 'delivery');
        await person.waitFor(language_code === 'ru' ? /добавить/ : /add/);
        person.press(language_code === 'ru' ? 'Пропустить' : 'Skip');
        await person.waitFor(language_code === 'ru' ? /Можно нам/ : /May we/);
        person.press(language_code === 'ru' ? 'Нет, не стоит' : 'No, thanks');
        await person.waitFor(closing);
      };
      await Promise.all(people.map(hear));
      expect(tg.violations).toEqual([]);
    }, 40_000);

    it('carries a complaint with an album through the forum: claim, answer, note, edits, files, close', async () => {
      const customer = tg.person({ first_name: 'Вера', language_code: 'ru' });
      customer.say('/complaint');
      await customer.waitFor(/С чем это связано/);
      customer.press('Товар');
      await customer.waitFor(/Что именно/);
      customer.press('Сломан или с браком');
      await customer.waitFor(/Опишите/);
      customer.say('Чайник не включается');
      await customer.waitFor(/Добавим подробности/);
      customer.press('Добавить подробности');
      await customer.waitFor(/Где это было/);
      customer.press('Пропустить');
      await customer.waitFor(/Когда/);
      customer.press('Пропустить');
      await customer.waitFor(/Номер заказа/);
      customer.say('A-77');
      await customer.waitFor(/до пяти файлов/);
      customer.sendAlbum([
        { kind: 'photo', file: PHOTO, caption: 'вот так' },
        { kind: 'photo', file: PHOTO },
      ]);
      await customer.waitFor(/Получили 2 файла/, 10_000);
      customer.press('Готово');
      await customer.waitFor(/Как было бы правильно/);
      customer.press('Пропустить');
      await customer.waitFor(/Как с вами связаться/);
      customer.press('Здесь, в чате');
      await customer.waitFor(/Проверьте/);
      customer.press(/отправить/.exec(customer.last()?.buttons.flat()[0]?.text ?? '')?.input ?? '');
      const told = await customer.waitFor(NUMBER);
      const number = numberIn(told.text);

      const thread = await topicOf(number);
      await forum.waitFor(/Чайник не включается/, { thread, ms: 10_000 });
      await forum.waitFor((seen) => seen.media?.kind === 'photo', { thread, ms: 10_000 });
      const asAnna = forum.member(anna);
      const asBoris = forum.member(boris);

      // Nothing goes out before somebody has claimed it, and never a colleague's words.
      asBoris.say('я посмотрю', { thread });
      await forum.waitFor(/Сохранено как заметка/, { thread });
      asAnna.say('/claim', { thread });
      await forum.waitFor(/Анна отвечает клиенту/, { thread });
      await customer.waitFor(/занимается Анна/);
      asBoris.say('/claim', { thread });
      await forum.waitFor(/Обращение ведёт Анна/, { thread });
      asBoris.say('клиенту этого не видно', { thread });
      await forum.waitFor(/Клиенту отвечает Анна/, { thread });
      asAnna.say('// заметка от Анны', { thread });
      const sent = asAnna.say('Здравствуйте, разбираемся!', { thread });
      await customer.waitFor(/Здравствуйте, разбираемся!/);
      asAnna.edit(sent.message_id, 'Здравствуйте! Уже разобрались.');
      await customer.waitFor(/Уже разобрались/);
      asAnna.sendPhoto(PHOTO, { caption: 'новый чайник', thread });
      await customer.waitFor((seen) => seen.media?.kind === 'photo' && /новый чайник/.test(seen.text ?? ''));

      const said = customer.say('Спасибо, а когда?');
      await forum.waitFor(/Спасибо, а когда\?/, { thread });
      customer.edit(said.message_id, 'Спасибо, а когда приедет?');
      await forum.waitFor(/Стало: Спасибо, а когда приедет\?/, { thread });
      customer.sendVoice(Buffer.from('OggS voice'));
      await forum.waitFor((seen) => seen.media?.kind === 'voice', { thread, ms: 10_000 });

      // Strangers to the desk: an anonymous administrator, the channel, a bot, and one who has left.
      forum.asAnonymousAdmin().say('от имени группы', { thread });
      forum.asChannel().say('от имени канала', { thread });
      forum.asBot().say('от бота', { thread });

      // A deleted topic is made anew with what was said.
      forum.deleteTopic(thread);
      customer.say('Вы ещё здесь?');
      await forum.waitFor(/Вы ещё здесь\?/, { ms: 15_000 });
      const again = await topicOf(number);
      expect(again).not.toBe(thread);
      await forum.waitFor(/прежней темы больше нет/, { thread: again });

      customer.block();
      await forum.waitFor(/заблокировал бота/, { thread: again });
      customer.unblock();
      customer.say('Я вернулась');
      await forum.waitFor(/Клиент вернулся/, { thread: again });

      forum.migrate();
      asAnna.say('Группа переехала, я здесь', { thread: again });
      await customer.waitFor(/Группа переехала/, 15_000);
      asAnna.say('/close Хорошего дня!', { thread: again });
      await customer.waitFor(/Хорошего дня!/, 15_000);
      await customer.waitFor(new RegExp(`Обращение ${number} закрыто`));

      const seen = customer
        .messages()
        .map((one) => one.text ?? '')
        .join('\n');
      for (const secret of ['не видно', 'заметка от Анны', 'от имени', 'от бота', 'я посмотрю']) {
        expect(seen).not.toContain(secret);
      }
      forum.removeMember(boris, 'left');
      expect(tg.violations).toEqual([]);
    }, 90_000);

    if (mode === 'webhook') {
      it('takes no update without the secret', async () => {
        const update = {
          update_id: 99_999_001,
          message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: 'x' },
        };
        const post = (headers: Record<string, string>) =>
          fetch(`${program.url}/hooks/telegram`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body: JSON.stringify(update),
          });
        expect((await post({})).status).toBe(401);
        expect((await post({ 'x-telegram-bot-api-secret-token': `${SECRET}x` })).status).toBe(401);
        expect((await post({ 'x-telegram-bot-api-secret-token': SECRET })).status).toBe(200);
      });
    }
  });
}
