// The console in a real browser: signing in, the list, a ticket's talk, and that a note is never a reply.
import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Response } from '../../src/core/response.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { builtPages, createStage, openPage, type Stage, startBrowser, type Watched } from './browser.ts';
import { createWorld, PASSWORD, ticketOf, type World } from './memory.ts';

const SHOTS = process.env.SHOTS;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DESK = { viewport: { width: 1280, height: 800 } };

let browser: Browser;
let stage: Stage;
let port = 0;
let folder: string;
let world: World;
let web: Web;
let origin: string;

beforeAll(async () => {
  [folder, browser] = await Promise.all([builtPages(), startBrowser()]);
  stage = await createStage(browser, { locale: 'ru-RU', ...DESK, reducedMotion: 'reduce' });
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
}, 90_000);
afterAll(async () => {
  await browser?.close();
});

function responseOf(set: Partial<Response>): Response {
  return {
    id: 'r1',
    contact: 'c1',
    channel: 'web',
    account: '',
    locale: 'ru',
    flow: 'nps',
    flowVersion: 'v',
    state: 'complete',
    metric: 'nps',
    reasons: [],
    touchpoint: 'visit',
    answers: {},
    lastNode: 'end',
    startedAt: 0,
    at: Date.now(),
    ...set,
  };
}

beforeEach(async () => {
  world = createWorld({
    pages: folder,
    port,
    label: (_locale, _kind, id) => ({ delivery: 'Доставка', price: 'Цена' })[id],
    flows: {
      status: () => [
        { name: 'nps', title: 'Оценка NPS', hash: '3f9a1c77d2e4', nodes: 7, faults: [] },
        {
          name: 'complaint',
          hash: '81bc02aa90f1',
          nodes: 12,
          faults: [
            {
              file: 'flows/complaint.yaml',
              line: 14,
              column: 9,
              at: 'ask_photo.next',
              code: 'unknown_node',
              message: 'There is no node "summry".',
              remedy: 'Write "summary", or add a node of that name.',
              severity: 'error',
            },
          ],
        },
      ],
    },
    health: () => ({
      ok: false,
      parts: [
        { name: 'store', ok: true },
        { name: 'telegram', ok: false, reason: 'api.telegram.org has not answered for 3 minutes' },
      ],
    }),
  });
  web = await createWeb(world.deps);
  origin = await web.listen();
  // The same address for every test, so that the browser knows the pages' files already.
  port = Number(new URL(origin).port);
  world.tickets.set(
    'tk1',
    ticketOf({
      fields: [
        { id: 'order', label: 'Номер заказа', value: '100-345' },
        { id: 'wanted', label: 'Чего хотите', value: 'Вернуть деньги за доставку' },
      ],
    }),
  );
  world.tickets.set(
    'tk2',
    ticketOf({
      id: 'tk2',
      number: 'K7-48214',
      status: 'received',
      kind: 'contact',
      subject: 'Перезвоните мне',
      customer: 'Пётр',
      category: [],
    }),
  );
  world.tickets.set(
    'tk3',
    ticketOf({ id: 'tk3', number: 'K7-40001', status: 'closed', closedAt: Date.now() }),
  );
  const ticket = 'tk1';
  world.say(
    'c1',
    { text: 'Курьер опоздал на два часа и не позвонил' },
    { ticket, author: { kind: 'customer' } },
  );
  world.say('c1', { text: 'Мы получили ваше обращение K7-48213.' }, { ticket, state: 'sent' });
});
afterEach(async () => {
  await stage.clear();
  await web.stop();
});

async function visit(options: Parameters<Stage['newcomer']>[1] = {}, path = '/console'): Promise<Watched> {
  const opened = await stage.newcomer(origin, options);
  await opened.page.goto(origin + path);
  return opened;
}

/** By the form, as a person does. */
async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Ваше имя').fill('Ольга');
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Войти' }).click();
  await page.getByRole('navigation').waitFor();
}

/** Already signed in, with the same request that the form makes. */
async function visitAsOlga(
  options: Parameters<Stage['newcomer']>[1] = {},
  path = '/console',
): Promise<Watched> {
  const opened = await stage.newcomer(origin, options);
  await opened.page.request.post(`${origin}/console/api/login`, {
    headers: { origin, 'x-otklik': '1' },
    data: { password: PASSWORD, name: 'Ольга' },
  });
  await opened.page.goto(origin + path);
  await opened.page.getByRole('navigation').waitFor();
  return opened;
}

const TICKET = '/console/tickets/tk1';
const acts = () => world.events.flatMap((event) => (event.kind === 'desk' ? [event.act] : []));

describe('signing in', () => {
  it('tells a wrong password from the right one, and signs out', async () => {
    const { page } = await visit({ allow: /Failed to load/ });
    await page.locator('input[type=password]').fill('мимо');
    await page.getByRole('button', { name: 'Войти' }).click();
    await page.getByText('Пароль не подходит').waitFor();
    await signIn(page);
    await page.getByText('K7-48214').waitFor();
    await page.getByRole('button', { name: 'Выйти' }).click();
    await page.locator('input[type=password]').waitFor();
  });

  it('returns to the form when the session has run out', async () => {
    const { page } = await visit({ allow: /Failed to load/ });
    await signIn(page);
    world.now += 13 * 3600_000;
    // The page may have noticed by itself, and then there is no link any more.
    await page
      .getByRole('link', { name: 'Отклики' })
      .click({ timeout: 2_000 })
      .catch(() => undefined);
    await page.locator('input[type=password]').waitFor();
  });
});

describe('the list', () => {
  it('shows open tickets, finds by number, and is live', async () => {
    const { page, wrongs } = await visitAsOlga();
    await page.getByText('K7-48213').waitFor();
    expect(await page.getByText('K7-40001').count()).toBe(0);
    world.tickets.set('tk4', ticketOf({ id: 'tk4', number: 'K7-50000', changedAt: Date.now() }));
    world.publish('tickets', { kind: 'ticket', id: 'tk4' });
    await page.getByText('K7-50000').waitFor();
    await page.getByRole('searchbox').fill('k7-40001');
    await page.getByText('K7-40001').waitFor();
    expect(await page.getByText('K7-48213').count()).toBe(0);
    await page.getByRole('searchbox').fill('K7-00000');
    await page.getByText('Обращения с номером K7-00000 нет').waitFor();
    await page.getByRole('button', { name: 'Очистить' }).click();
    await page.getByText('Мои', { exact: true }).click();
    await page.getByText('За вами нет обращений').waitFor();
    expect(wrongs).toEqual([]);
  });
});

describe('a ticket', () => {
  it('is claimed, answered, noted and closed from the keyboard, each shown once it is so', async () => {
    const { page, wrongs } = await visitAsOlga({}, TICKET);
    await page.getByText('Чтобы ответить клиенту, возьмите').waitFor();
    await page.keyboard.press('c');
    await page.keyboard.press('r');
    const reply = page.getByRole('textbox', { name: 'Ответ клиенту' });
    await reply.fill('Здравствуйте, Марина!');
    await page.keyboard.press('Control+Enter');
    await page.locator('.line.ours', { hasText: 'Здравствуйте, Марина!' }).getByText('Доставлено').waitFor();
    await page.locator('h1').click();
    await page.keyboard.press('n');
    const note = page.getByRole('textbox', { name: 'Заметка для своих' });
    await note.fill('Позвонить курьерам');
    await page.keyboard.press('Control+Enter');
    await page.locator('.line.note', { hasText: 'Позвонить курьерам' }).getByText('Заметка').waitFor();
    await page.getByRole('button', { name: 'Закрыть', exact: true }).click();
    await page.getByLabel('Что сказать клиенту').fill('Спасибо за терпение');
    await page.getByRole('button', { name: 'Закрыть обращение' }).click();
    await page.getByText('Обращение закрыто.').waitFor();
    expect(acts()).toEqual(['claim', 'write', 'note', 'close']);
    expect(world.events.at(-1)).toMatchObject({
      operator: { id: 'console:ольга', name: 'Ольга' },
      text: 'Спасибо за терпение',
    });
    expect(wrongs).toEqual([]);
  });

  it('never carries words from a note into a reply', async () => {
    world.tickets.set('tk1', ticketOf({ assignee: { id: 'console:ольга', name: 'Ольга' } }));
    const { page } = await visitAsOlga({}, TICKET);
    await page.getByText('Заметка для своих').click();
    await page.getByRole('textbox', { name: 'Заметка для своих' }).fill('клиент скандальный');
    await page.locator('.compose').getByText('Ответ клиенту', { exact: true }).click();
    const reply = page.getByRole('textbox', { name: 'Ответ клиенту' });
    expect(await reply.inputValue()).toBe('');
    expect(await page.getByRole('button', { name: 'Отправить клиенту' }).isDisabled()).toBe(true);
    await page.getByText('Заметка для своих').click();
    expect(await page.getByRole('textbox', { name: 'Заметка для своих' }).inputValue()).toBe(
      'клиент скандальный',
    );
    await page.reload();
    await page.getByText('Заметка для своих').click();
    expect(await page.getByRole('textbox', { name: 'Заметка для своих' }).inputValue()).toBe(
      'клиент скандальный',
    );
    expect(acts()).toEqual([]);
  });

  it('sends words once when the answer is lost, and shows them as pending until the ticket has them', async () => {
    world.tickets.set('tk1', ticketOf({ assignee: { id: 'console:ольга', name: 'Ольга' } }));
    const { page } = await visitAsOlga({ allow: /Failed to load|ERR_/ }, TICKET);
    let lost = 0;
    await page.route('**/reply', async (route) => {
      if (lost > 0) return await route.fallback();
      lost += 1;
      await route.fetch();
      await route.abort();
    });
    world.handle = false;
    await page.getByRole('textbox', { name: 'Ответ клиенту' }).fill('Один раз');
    await page.keyboard.press('Control+Enter');
    await page.locator('.pending', { hasText: 'Один раз' }).getByText('Принято, обрабатывается').waitFor();
    expect(lost).toBe(1);
    expect(acts()).toEqual(['write']);
    const [event] = world.events;
    world.say(
      'c1',
      { text: 'Один раз' },
      {
        ticket: 'tk1',
        author: { kind: 'operator', id: 'console:ольга', name: 'Ольга' },
        state: 'failed',
        reason: 'заблокировал бота',
        origin: `inbox::${event?.id}`,
      },
    );
    await page.locator('.line.ours', { hasText: 'Один раз' }).getByText('Не доставлено').waitFor();
    expect(await page.locator('.pending').count()).toBe(0);
    await page.getByText('заблокировал бота').waitFor();
    await page.getByRole('button', { name: 'Отправить ещё раз' }).click();
    await expect
      .poll(() => world.events.at(-1))
      .toMatchObject({ act: 'resend', message: world.messages.at(-1)?.id });
  });

  it('keeps the words when the server refuses them', async () => {
    world.tickets.set('tk1', ticketOf({ assignee: { id: 'console:ольга', name: 'Ольга' } }));
    const { page } = await visitAsOlga({ allow: /Failed to load/ }, TICKET);
    const reply = page.getByRole('textbox', { name: 'Ответ клиенту' });
    await reply.fill('Не потеряйте');
    world.tickets.set('tk1', ticketOf({ assignee: { id: 'o2', name: 'Иван' } }));
    await page.keyboard.press('Control+Enter');
    await page.getByText('Отвечает клиенту тот, кто взял').waitFor();
    expect(await reply.inputValue()).toBe('Не потеряйте');
    world.publish('tickets', { kind: 'ticket', id: 'tk1' });
    await page.getByText('Сейчас его ведёт Иван').waitFor();
    expect(await page.getByRole('button', { name: 'Закрыть', exact: true }).count()).toBe(0);
    await page.locator('.compose').getByRole('button', { name: 'Взять себе' }).click();
    await expect.poll(() => world.events.at(-1)).toMatchObject({ act: 'claim', force: true });
  });
});

describe('a ticket on a phone', () => {
  it('is no wider than the screen, however long the name of a file: the name is cut', async () => {
    const named = (letters: number) => ({
      kind: 'document' as const,
      ref: 'media:x',
      name: `${'Претензия_'.repeat(letters / 10)}.pdf`,
      size: 123_456,
    });
    world.tickets.set(
      'tk1',
      ticketOf({ evidence: [named(40), { ...named(250), caption: 'ш'.repeat(200) }] }),
    );
    world.say(
      'c1',
      { text: 'ы'.repeat(300), attachments: [named(250)] },
      { ticket: 'tk1', author: { kind: 'customer', name: 'Щ'.repeat(60) } },
    );
    const { page, wrongs } = await openPage(browser, origin, { locale: 'ru-RU', ...PHONE });
    await page.request.post(`${origin}/console/api/login`, {
      headers: { origin, 'x-otklik': '1' },
      data: { password: PASSWORD, name: 'Ольга' },
    });
    await page.goto(origin + TICKET);
    const names = page.locator('.chipName');
    await names.nth(2).waitFor();
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/console-phone-names.png`, fullPage: true });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(PHONE.viewport.width);
    const edges = await names.evaluateAll((all) =>
      all.map((it) => ({
        cut: it.scrollWidth > it.clientWidth && getComputedStyle(it).textOverflow === 'ellipsis',
        inside: it.getBoundingClientRect().right <= 390,
      })),
    );
    expect(edges).toEqual(Array(3).fill({ cut: true, inside: true }));
    expect(wrongs).toEqual([]);
    await page.context().close();
  });
});

describe('a claim', () => {
  it('that changed nothing does not stay pending', async () => {
    const { page, wrongs } = await visitAsOlga({}, TICKET);
    world.handle = false;
    const claim = page.getByRole('button', { name: 'Взять', exact: true }).first();
    await claim.click();
    await expect.poll(acts).toEqual(['claim']);
    await expect.poll(() => claim.getAttribute('data-loading'), { timeout: 6_000 }).toBe(null);
    expect(wrongs).toEqual([]);
  });

  it('that lost the race shows who has the ticket, without a hint from the server', async () => {
    const { page } = await visitAsOlga({}, TICKET);
    world.handle = false;
    await page.getByRole('button', { name: 'Взять', exact: true }).first().click();
    await expect.poll(acts).toEqual(['claim']);
    world.tickets.set('tk1', ticketOf({ v: 2, assignee: { id: 'o2', name: 'Иван' } }));
    await page.getByText('Сейчас его ведёт Иван').waitFor();
  });
});

describe('a claim that comes too late', () => {
  it('is told on the page, which then shows who has the ticket and offers to take it over', async () => {
    const { page, wrongs } = await visitAsOlga({ allow: /Failed to load/ }, TICKET);
    const claim = page.getByRole('button', { name: 'Взять', exact: true }).first();
    await claim.waitFor();
    // Somebody is quicker by a moment: not before the button is pressed, or the page might show it already.
    await page.route('**/console/api/**', async (route) => {
      if (route.request().method() === 'POST')
        world.tickets.set('tk1', ticketOf({ v: 2, assignee: { id: 'o2', name: 'Иван' } }));
      await route.continue();
    });
    await claim.click();
    await page.getByText('Обращение уже ведёт другой сотрудник').waitFor();
    await page.getByText('Сейчас его ведёт Иван').waitFor();
    expect(acts()).toEqual([]);
    await page.getByRole('button', { name: 'Взять себе' }).first().click();
    await expect.poll(() => world.events.at(-1)).toMatchObject({ act: 'claim', force: true });
    expect(wrongs).toEqual([]);
  });
});

describe('the other sections', () => {
  it('show responses with their colour, flows with their faults, and the state of the parts, in two languages', async () => {
    world.responses.push(
      responseOf({ score: 3, comment: 'Долго ждал', reasons: ['delivery'], contactAllowed: true }),
      responseOf({ id: 'r2', metric: 'csat', score: 5 }),
      responseOf({ id: 'r3', state: 'partial' }),
    );
    const { page, wrongs } = await visitAsOlga();
    await page.getByRole('link', { name: 'Отклики' }).click();
    await page.getByText('Долго ждал').waitFor();
    expect(await page.locator('.score').evaluateAll((all) => all.map((it) => it.className))).toEqual([
      'score bad',
      'score good',
      'score none',
    ]);
    world.responses.unshift(responseOf({ id: 'r0', score: 9, comment: 'Новый' }));
    world.publish('responses', { kind: 'response', id: 'r0' });
    await page.getByText('Новый').waitFor();
    await page.getByRole('link', { name: 'Диалоги' }).click();
    await page.getByText('строка 14, столбец 9').waitFor();
    await page.getByText('Write "summary"').waitFor();
    await page.getByText('Работает прежняя исправная версия').waitFor();
    await page.getByRole('link', { name: 'Состояние' }).click();
    await page.getByText('api.telegram.org has not answered').waitFor();
    await page.getByText('Таких событий нет').waitFor();
    await page.getByText('EN', { exact: true }).click();
    await page.getByText('Something is wrong').waitFor();
    expect(wrongs).toEqual([]);
  });
});

describe('events that could not be handled', () => {
  it('are told without their words, and are tried again by a button', async () => {
    for (const [id, kind] of [
      ['01A', 'message'],
      ['01B', 'desk'],
    ] as const)
      world.parked.push({ id, kind, line: `line-of-${id}`, at: Date.now(), reason: 'TypeError' });
    const { page, wrongs } = await visitAsOlga({}, '/console/status');
    const first = page.locator('.parked', { hasText: 'Сообщение клиента' });
    await first.getByText('line-of-01A').waitFor();
    await first.getByText('TypeError').waitFor();
    await first.getByRole('button', { name: 'Попробовать ещё раз' }).click();
    await first.waitFor({ state: 'detached' });
    expect(world.parked.map(({ id }) => id)).toEqual(['01B']);
    expect(await page.locator('.parked').count()).toBe(1);
    expect(wrongs).toEqual([]);
  });
});

if (SHOTS)
  describe('as it looks', () => {
    for (const locale of ['ru', 'en']) {
      for (const [size, options] of Object.entries({ phone: PHONE, desk: DESK })) {
        it(`${locale} ${size}`, async () => {
          world.responses.push(
            responseOf({
              score: 3,
              comment: 'Долго ждал курьера, никто не позвонил',
              reasons: ['delivery', 'price'],
              contactAllowed: true,
            }),
            responseOf({ id: 'r2', metric: 'csat', score: 5, comment: 'Всё отлично!' }),
            responseOf({ id: 'r3', metric: 'ces', score: 4 }),
            responseOf({ id: 'r4', metric: 'faces', score: 3 }),
            responseOf({ id: 'r5', state: 'partial' }),
          );
          const operator = { id: 'console:ольга', name: 'Ольга' };
          world.tickets.set(
            'tk1',
            ticketOf({
              assignee: operator,
              fields: [
                { id: 'order', label: 'Номер заказа', value: '100-345' },
                { id: 'wanted', label: 'Чего хотите', value: 'Вернуть деньги за доставку' },
              ],
            }),
          );
          const shown = { ticket: 'tk1', author: { kind: 'operator', ...operator } as const };
          world.say('c1', { text: 'Курьеры молчат второй час' }, { ...shown, note: true });
          world.say('c1', { text: 'Марина, здравствуйте! Уже разбираюсь.' }, { ...shown, state: 'sent' });
          world.say(
            'c1',
            { text: 'Деньги вернём сегодня.' },
            { ...shown, state: 'unknown', reason: 'ответ сети потерян' },
          );
          const { page } = await openPage(browser, origin, { locale: 'ru-RU', ...options });
          await page.goto(`${origin}/console`);
          const shot = (name: string) =>
            page.screenshot({ path: `${SHOTS}/console-${locale}-${size}-${name}.png` });
          await page.locator('input[type=password]').waitFor();
          if (locale === 'en') await page.getByText('EN', { exact: true }).click();
          await shot('0-login');
          await page.locator('input[type=password]').fill(PASSWORD);
          await page.locator('button[type=submit]').click();
          await page.getByText('K7-48213').waitFor();
          await shot('1-tickets');
          await page.getByText('K7-48213').click();
          await page.locator('.compose').waitFor();
          await page.locator('.compose textarea').first().fill('Ещё пара минут');
          await shot('2-ticket');
          await page.screenshot({
            path: `${SHOTS}/console-${locale}-${size}-3-ticket-whole.png`,
            fullPage: true,
          });
          await page
            .locator('.compose')
            .getByText(locale === 'ru' ? 'Заметка для своих' : 'Note for the team')
            .click();
          await shot('4-note');
          for (const section of ['responses', 'flows', 'status']) {
            await page.locator(`a[href="/console/${section}"]`).evaluate((it: HTMLElement) => it.click());
            await page.locator('.content h1').waitFor();
            await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
            await shot(`5-${section}`);
          }
          if (size === 'desk') {
            await page.emulateMedia({ colorScheme: 'dark' });
            await page.goto(`${origin}/console/tickets/tk1`);
            await page.locator('.compose').waitFor();
            await shot('6-dark');
          }
          await page.context().close();
        });
      }
    }
  });
