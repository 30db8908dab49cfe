// The whole job with no token at all: a customer is heard in a browser, the outcome is kept, an operator answers
// from the console, and all of it is still there when the program was killed and started again.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, startBrowser } from '../web/browser.ts';
import { type Program, startProgram } from './program.ts';

const SHOTS = process.env.SHOTS;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PASSWORD = 'correct horse';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAACgAAAAoCAIAAAADnC86AAAAM0lEQVR42u3NMQ0AAAwDoPo33VnYBQYkaYpIPBaLxWKxWCwWi8VisVgsFovFYrFYLBaLxWIHvpgAAbnY7ZkAAAAASUVORK5CYII=',
  'base64',
);

let browser: Browser;
let program: Program;
let dir: string;
const port = { PORT: '' };

const start = (): Promise<Program> =>
  startProgram({ DATA_DIR: dir, ADMIN_PASSWORD: PASSWORD, LOG_LEVEL: 'warn', ...(port.PORT ? port : {}) });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-e2e-'));
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  [program, browser] = await Promise.all([start(), startBrowser()]);
  port.PORT = new URL(program.url).port;
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function visitor(options: BrowserContextOptions): Promise<Page> {
  // Nothing to look at moves, so that a press need not wait for it.
  const { page } = await openPage(browser, program.url, { reducedMotion: 'reduce', ...options });
  await page.goto(program.url);
  return page;
}

const shot = async (page: Page, name: string): Promise<void> => {
  if (!SHOTS) return;
  // Bubbles come in softly.
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
};

async function choose(page: Page, label: string | RegExp): Promise<void> {
  const exact = typeof label === 'string';
  await page.getByRole('button', { name: label, exact, disabled: false }).last().click();
}

async function write(page: Page, words: string): Promise<void> {
  await page.locator('textarea').fill(words);
  await page.locator('textarea').press('Enter');
}

const says = (page: Page, words: string | RegExp): Promise<void> =>
  page.getByText(words).last().waitFor({ timeout: 15_000 });

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto(`${program.url}/console`);
  await page.getByLabel('Ваше имя').fill(name);
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Войти' }).click();
  await page.getByRole('navigation').waitFor();
}

describe('the main job in a browser', () => {
  it('hears a detractor on a phone in Russian, a passive in English and a promoter', async () => {
    const detractor = async (): Promise<void> => {
      const unhappy = await visitor({ ...PHONE, locale: 'ru-RU' });
      await choose(unhappy, /Оценить нас/);
      await says(unhappy, /порекомендуете/);
      await shot(unhappy, 'nps-phone-ru');
      await choose(unhappy, '3');
      await says(unhappy, /Что подвело/);
      await choose(unhappy, 'Доставка');
      await choose(unhappy, /Цена/);
      await choose(unhappy, 'Готово');
      await says(unhappy, /добавить/);
      await write(unhappy, 'Курьер опоздал на два часа');
      await says(unhappy, /Можно нам написать/);
      await choose(unhappy, 'Да, можно');
      await says(unhappy, /номер обращения [ACEHKMPTX]\d-\d{5}/);
      await shot(unhappy, 'nps-detractor-end-phone-ru');
      // Only the talk scrolls: the page itself never moves away.
      expect(await unhappy.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
    };
    const passive = async (): Promise<void> => {
      const middling = await visitor({ ...DESKTOP, locale: 'en-GB' });
      await choose(middling, /Rate us/);
      await says(middling, /recommend/);
      await shot(middling, 'nps-desktop-en');
      await write(middling, 'eight');
      await says(middling, /ten/);
      await choose(middling, 'Skip');
      await says(middling, /add/);
      await choose(middling, 'Skip');
      await says(middling, /May we/);
      await choose(middling, /No/);
      await says(middling, /Thank/);
      await shot(middling, 'nps-passive-end-desktop-en');
    };
    const promoter = async (): Promise<void> => {
      const happy = await visitor({ ...DESKTOP, locale: 'ru-RU' });
      await write(happy, '/nps');
      await says(happy, /порекомендуете/);
      await write(happy, '10 из 10');
      await says(happy, /понравилось/);
      await write(happy, 'Ваши люди');
      await says(happy, /добавить/);
      await choose(happy, 'Пропустить');
      await says(happy, /Можно нам написать/);
      await choose(happy, 'Нет, не стоит');
      await says(happy, /тёплые слова/);
      await shot(happy, 'nps-promoter-end-desktop-ru');
    };
    await Promise.all([detractor(), passive(), promoter()]);

    const lead = await visitor({ ...DESKTOP, locale: 'ru-RU' });
    await signIn(lead, 'Анна');
    await lead.getByRole('link', { name: 'Отклики' }).click();
    await says(lead, 'Курьер опоздал на два часа');
    expect(await lead.getByText(/Ваши люди/).count()).toBeGreaterThan(0);
    await shot(lead, 'console-responses-ru');
  }, 90_000);

  it('takes a complaint with a photo; an answer from the console reaches the page, also over a kill', async () => {
    const customer = await visitor({ ...PHONE, locale: 'ru-RU' });
    await choose(customer, /Пожаловаться|Жалоба|пожаловаться/);
    await says(customer, /С чем это связано/);
    await choose(customer, 'Товар');
    await choose(customer, 'Сломан или с браком');
    await write(customer, 'Чайник перестал включаться на второй день');
    await choose(customer, 'Добавить подробности');
    await choose(customer, 'Пропустить');
    await write(customer, 'вчера');
    await write(customer, 'A-1042');
    await says(customer, /до пяти файлов/);
    await customer
      .locator('input[type=file]')
      .setInputFiles({ name: 'чайник.png', mimeType: 'image/png', buffer: PNG });
    await customer.locator('li.done', { hasText: 'чайник.png' }).waitFor();
    await customer.locator('textarea').press('Enter');
    await says(customer, /Получили 1 файл/);
    await choose(customer, 'Готово');
    await choose(customer, 'Заменить товар');
    await choose(customer, 'Здесь, в чате');
    await says(customer, /Проверьте, всё ли верно/);
    await shot(customer, 'complaint-check-phone-ru');
    await choose(customer, /Заказ/);
    await write(customer, 'A-1043');
    // The check is said anew; the one before still has its buttons for a moment.
    await expect
      .poll(() => customer.getByText(/Проверьте, всё ли верно/).count(), { timeout: 15_000 })
      .toBe(2);
    await choose(customer, /Всё верно/);
    await says(customer, /номер обращения ([ACEHKMPTX]\d-\d{5})/);
    const told = await customer.getByText(/Приняли, номер обращения/).textContent();
    const number = /[ACEHKMPTX]\d-\d{5}/.exec(told ?? '')?.[0] ?? '';
    await shot(customer, 'complaint-end-phone-ru');

    const operator = await visitor({ ...DESKTOP, locale: 'ru-RU' });
    await signIn(operator, 'Анна');
    await operator.getByRole('link', { name: 'Обращения' }).click();
    await operator.getByText(number).first().click();
    await says(operator, 'A-1043');
    expect(await operator.getByText('A-1042').count()).toBe(0);
    await shot(operator, 'console-ticket-ru');
    await operator.getByRole('button', { name: 'Взять', exact: false }).first().click();
    await says(customer, /занимается Анна/);

    // Killed and started again: both pages come back by themselves, and nothing is missing.
    await program.stop('SIGKILL');
    program = await start();
    const reply = operator.getByRole('textbox', { name: 'Ответ клиенту' });
    await reply.fill('Здравствуйте! Заменим чайник, курьер приедет завтра.');
    await reply.press('Control+Enter');
    await says(customer, 'Заменим чайник');
    await shot(customer, 'answer-phone-ru');
    await write(customer, 'Спасибо, жду');
    await says(operator, 'Спасибо, жду');
    await shot(operator, 'console-talk-ru');
    await customer.reload();
    await says(customer, 'Спасибо, жду');
    expect(await customer.getByText('Заменим чайник').count()).toBe(1);

    await operator.getByRole('button', { name: 'Закрыть', exact: true }).click();
    await operator.getByRole('button', { name: 'Закрыть обращение' }).click();
    await says(customer, `Обращение ${number} закрыто`);
    await shot(customer, 'closed-phone-ru');
  }, 90_000);
});
