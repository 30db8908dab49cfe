// The chat page in a real browser: the talk, the buttons, files, and what happens when the connection does not hold.
import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message, StoredMessage } from '../../src/core/message.ts';
import type { Contact } from '../../src/store/store.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { builtPages, createStage, openPage, type Stage, startBrowser } from './browser.ts';
import { createWorld, scaleChoices, type World } from './memory.ts';

const SHOTS = process.env.SHOTS;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
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

const QUESTION = 'Насколько вероятно, что вы порекомендуете нас друзьям? 0 — ни за что, 10 — обязательно.';

beforeEach(async () => {
  world = createWorld({ pages: folder, port });
  web = await createWeb(world.deps);
  origin = await web.listen();
  // The same address for every test, so that the browser knows the pages' files already.
  port = Number(new URL(origin).port);
  world.bot = (event, contact) => {
    if (event.kind === 'start') {
      world.say(contact, { text: 'Здравствуйте! Это займёт меньше минуты.' });
      world.say(contact, { text: QUESTION, choices: scaleChoices(1), layout: 'scale' });
    }
    if (event.kind === 'press' && event.button.startsWith('r1.1.')) {
      world.say(contact, {
        text: 'Спасибо! Что больше всего повлияло на оценку?',
        choices: ['Доставка', 'Цена', 'Качество товара', 'Общение с сотрудниками'].map((label, n) => ({
          id: `r1.2.${n}`,
          label,
        })),
      });
    }
    if (event.kind === 'press' && event.button.startsWith('r1.2.')) {
      world.say(contact, { text: 'Спасибо, мы всё передали.' });
    }
  };
});
afterEach(async () => {
  await stage.clear();
  await web.stop();
});

async function visit(options: Parameters<Stage['newcomer']>[1] = {}, path = '/') {
  const opened = await stage.newcomer(origin, options);
  await opened.page.goto(origin + path);
  return { ...opened, log: opened.page.locator('#log') };
}

const contactNow = () => world.messages[0]?.contact ?? '';

describe('the talk', () => {
  it('greets a newcomer once, takes a press and goes on, and is the same after a reload', async () => {
    const { page, log, wrongs } = await visit();
    await log.getByText(QUESTION).waitFor();
    expect(await log.getByRole('button').count()).toBe(11);
    await log.getByRole('button', { name: '9', exact: true }).click();
    await log.getByRole('button', { name: 'Доставка' }).waitFor();
    const chosen = log.locator('.chosen');
    expect(await chosen.allTextContents()).toEqual(['9']);
    // The older question is quiet, the last one live.
    expect(await log.locator('.scale [aria-disabled=false]').count()).toBe(0);
    expect(await log.locator('.choices:not(.scale) [aria-disabled=false]').count()).toBe(4);
    expect(await log.locator('li.mine .text').allTextContents()).toEqual(['9']);
    const before = await log.locator('.text').allTextContents();
    await page.reload();
    await log.getByRole('button', { name: 'Доставка' }).waitFor();
    expect(await log.locator('.text').allTextContents()).toEqual(before);
    expect(world.events.filter((event) => event.kind === 'start')).toHaveLength(1);
    expect(wrongs).toEqual([]);
  });

  it('starts with the payload of a link once', async () => {
    const { page, log } = await visit({}, '/c/shop-7');
    await log.getByText(QUESTION).waitFor();
    expect(new URL(page.url()).pathname).toBe('/');
    await page.goto(`${origin}/c/shop-7`);
    await log.getByText(QUESTION).waitFor();
    expect(world.events).toMatchObject([{ kind: 'start', payload: 'shop-7', person: { locale: 'ru' } }]);
  });

  it('begins anew when the same code is scanned months later, and not by a plain visit', async () => {
    const { page } = await openPage(browser, origin, { locale: 'ru-RU' });
    const log = page.locator('#log');
    await page.clock.install({ time: new Date('2026-05-02T10:00:00') });
    await page.goto(`${origin}/c/shop-7`);
    await log.getByText(QUESTION).waitFor();
    await page.clock.setSystemTime(new Date('2026-08-14T10:00:00'));
    await page.goto(origin);
    await log.getByText(QUESTION).waitFor();
    expect(world.events).toHaveLength(1);
    await page.goto(`${origin}/c/shop-7`);
    await expect.poll(() => log.getByText(QUESTION).count()).toBe(2);
    expect(world.events.map((event) => ('payload' in event ? event.payload : event.kind))).toEqual([
      'shop-7',
      'shop-7',
    ]);
    await page.context().close();
  });

  it('keeps a number whole at the end of a line, and it is copied as it is', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    const number = 'C5-93384';
    // Wherever the line ends, it does not end inside the number.
    for (let n = 0; n < 12; n += 1)
      world.say(contactNow(), { text: `${'и'.repeat(n + 1)} номер обращения ${number}, спасибо` });
    await expect.poll(() => log.getByText(number).count()).toBe(12);
    for (const width of [390, 350, 320, 290, 260]) {
      await page.setViewportSize({ width, height: 800 });
      const rows = await log.locator('.text').evaluateAll(
        (all, number) =>
          all.flatMap((it) => {
            const walker = document.createTreeWalker(it, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const at = node.textContent?.indexOf(number) ?? -1;
              if (at < 0) continue;
              const range = document.createRange();
              range.setStart(node, at);
              range.setEnd(node, at + number.length);
              return [new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size];
            }
            return [];
          }),
        number,
      );
      expect(rows).toEqual(Array.from({ length: 12 }, () => 1));
    }
    const copied = await log
      .locator('.text', { hasText: number })
      .first()
      .evaluate((it) => {
        getSelection()?.selectAllChildren(it);
        return getSelection()?.toString();
      });
    expect(copied).toContain(number);
  });

  it('is answered from the keyboard alone', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    const zero = log.getByRole('button', { name: '0', exact: true });
    for (let n = 0; n < 8 && !(await zero.evaluate((it) => it === document.activeElement)); n += 1) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    const next = log.getByRole('button', { name: 'Доставка' });
    await next.waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'Доставка');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await log.getByText('мы всё передали').waitFor();
    await page.locator('#text').focus();
    await page.keyboard.type('первая');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('вторая');
    await page.keyboard.press('Enter');
    await log.getByText('вторая').waitFor();
    expect(world.events).toMatchObject([
      { kind: 'start' },
      { kind: 'press', button: 'r1.1.9' },
      { kind: 'press', button: 'r1.2.1' },
      { kind: 'message', text: 'первая\nвторая' },
    ]);
    expect(await page.locator('#text').inputValue()).toBe('');
  });

  it('lays a scale in one row on a desk and in 6 and 5 on a phone', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    for (const [size, rows] of [
      [DESK, [11]],
      [PHONE, [6, 5]],
    ] as const) {
      await page.setViewportSize(size.viewport);
      const boxes = await log
        .getByRole('button')
        .evaluateAll((all) => all.map((it) => it.getBoundingClientRect()));
      const tops = new Map<number, number>();
      for (const box of boxes) tops.set(Math.round(box.top), (tops.get(Math.round(box.top)) ?? 0) + 1);
      expect([...tops.values()]).toEqual(rows);
      expect(Math.min(...boxes.map((box) => box.height))).toBeGreaterThanOrEqual(44);
      expect(Math.min(...boxes.map((box) => box.width))).toBeGreaterThanOrEqual(40);
    }
  });

  it('ticks without a bubble or a jump, and shows one with all of it once done', async () => {
    const ticks = new Set<string>();
    const labels = { a: 'Цена', b: 'Выбор' };
    const question = () => ({
      text: 'Что понравилось?',
      choices: [
        ...Object.entries(labels).map(([id, label]) => ({
          id: `r1.1.${id}`,
          label: ticks.has(id) ? `✓ ${label}` : label,
        })),
        ticks.size > 0 ? { id: 'r1.1.done', label: 'Готово' } : { id: 'r1.1.skip', label: 'Пропустить' },
      ],
    });
    const redraw = (contact: string, id: string | undefined, next: Message) => {
      const at = world.messages.findIndex((message) => message.id === id);
      const { choices: _, ...message } = world.messages[at] ?? { id: '' };
      world.messages[at] = { ...message, ...next } as StoredMessage;
      world.publish(`contact:${contact}`, { kind: 'message', ...(id === undefined ? {} : { id }) });
    };
    world.echo = (event) =>
      event.kind === 'press' && event.button === 'r1.1.done' ? 'Цена, Выбор' : undefined;
    world.bot = (event, contact) => {
      if (event.kind === 'start') world.say(contact, question());
      if (event.kind !== 'press') return;
      const id = event.button.slice('r1.1.'.length);
      if (id === 'done') {
        redraw(contact, event.message, { text: 'Что понравилось?' });
        world.say(contact, { text: 'Хотите добавить?', choices: [{ id: 'r1.2.no', label: 'Нет' }] });
      } else if (event.button === 'r1.2.no') {
        redraw(contact, event.message, { text: 'Хотите добавить?' });
        world.say(contact, { text: 'Спасибо!' });
      } else {
        if (!ticks.delete(id)) ticks.add(id);
        redraw(contact, event.message, question());
      }
    };
    const { page, log, wrongs } = await visit();
    const button = (name: string) => log.getByRole('button', { name, exact: true });
    const ticked = (name: string) => log.getByRole('button', { name, exact: true, pressed: true });
    await button('Цена').focus();
    const place = await button('Цена').boundingBox();
    await page.keyboard.press('Enter');
    await ticked('Цена').waitFor();
    expect(await button('Цена').boundingBox()).toEqual(place);
    expect(await button('Цена').evaluate((it) => it === document.activeElement)).toBe(true);
    await button('Цена').click();
    await log.getByRole('button', { name: 'Цена', exact: true, pressed: false }).waitFor();
    await button('Выбор').click();
    await ticked('Выбор').waitFor();
    // A question known to take several does not wait for the answer to the press before.
    world.handle = false;
    await button('Цена').click();
    await expect.poll(() => world.events.length).toBe(5);
    expect(await log.locator('[aria-disabled=true], [aria-busy=true]').count()).toBe(0);
    expect(await log.locator('li.mine').count()).toBe(0);
    world.handle = true;
    await button('Готово').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.textContent === 'Нет');
    expect(await log.locator('li.mine .text').allTextContents()).toEqual(['Цена, Выбор']);
    await page.keyboard.press('Enter');
    await log.getByText('Спасибо!').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'text');
    expect(await page.evaluate(() => Object.keys(localStorage).filter((it) => it.includes('out.')))).toEqual(
      [],
    );
    expect(wrongs).toEqual([]);
  });

  it('shows the top of a message taller than the screen, its changes two in a row', async () => {
    const { page, log } = await visit();
    await page.setViewportSize(PHONE.viewport);
    await log.getByText(QUESTION).waitFor();
    const short = ['Что случилось', 'Где', 'Когда', 'Заказ', 'Фото', 'Пожелание'];
    const choices = ['Отправить', ...short.map((it) => `✏️ ${it}`), '✏️ Как с вами лучше связаться', 'Отмена'];
    world.say(contactNow(), {
      text: `Проверьте, всё ли верно\n${'строка\n'.repeat(18)}`,
      choices: choices.map((label, n) => ({ id: `r1.3.${n}`, label })),
    });
    const question = log.locator('li', { hasText: 'Проверьте, всё ли верно' });
    await question.waitFor();
    await expect
      .poll(async () => {
        const box = await question.boundingBox();
        const view = await page.locator('#scroll').boundingBox();
        return box && view && box.height > view.height && Math.abs(box.y - view.y) < 16;
      })
      .toBe(true);
    const [one, two, long] = await Promise.all(
      ['✏️ Что случилось', '✏️ Где', '✏️ Как с вами лучше связаться'].map((name) =>
        log.getByRole('button', { name, exact: true }).boundingBox(),
      ),
    );
    expect(one?.y).toBe(two?.y);
    expect(long?.width).toBeGreaterThan((one?.width ?? 0) * 1.8);
  });

  it('shows operators by name, links only as links, typing, and never yanks a reader', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    for (let n = 0; n < 30; n += 1) world.say(contactNow(), { text: `Сообщение ${n}\nв две строки` });
    await log.getByText('Сообщение 29').waitFor();
    const scroll = page.locator('#scroll');
    await scroll.evaluate((it) => {
      it.scrollTop = 0;
    });
    await page.waitForFunction(() => document.getElementById('scroll')?.scrollTop === 0);
    world.publish(`contact:${contactNow()}`, { kind: 'typing' });
    await page.locator('#typing').waitFor();
    world.say(
      contactNow(),
      { text: 'Смотрите https://example.org/a?b=1. javascript:alert(1) http://x@evil.example' },
      { author: { kind: 'operator', id: 'o1', name: 'Ольга' } },
    );
    await page.locator('#newer').waitFor();
    expect(await scroll.evaluate((it) => it.scrollTop)).toBe(0);
    await page.locator('#newer').click();
    await log.locator('.author', { hasText: 'Ольга' }).waitFor();
    const links = await log.locator('.text a').evaluateAll((all) => all.map((it) => it.getAttribute('href')));
    expect(links).toEqual(['https://example.org/a?b=1']);
    expect(await page.locator('#typing').isVisible()).toBe(false);
  });

  it('follows the bot into the language that was asked for in words', async () => {
    const address = { channel: 'web', account: '', peer: '' };
    world.bot = (event, id) => {
      const locale = event.kind === 'start' ? 'ru' : 'en';
      const contact: Contact = {
        id,
        address,
        firstSeenAt: 0,
        lastSeenAt: 0,
        reachable: true,
        person: {},
        muted: false,
        locale,
      };
      world.contacts.set(id, contact);
      world.say(id, { text: locale === 'ru' ? QUESTION : 'We speak English now.' });
    };
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    await page.locator('#text').fill('english');
    await page.keyboard.press('Enter');
    await page.locator('html[lang=en]').waitFor();
    expect(world.events.filter(({ kind }) => kind === 'locale')).toEqual([]);
    await page.reload();
    await page.locator('html[lang=en]').waitFor();
  });

  it('changes the language of the page and tells the bot', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Customer care' }).waitFor();
    await expect.poll(() => world.events.at(-1)).toMatchObject({ kind: 'locale', locale: 'en' });
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    await page.reload();
    await page.getByRole('heading', { name: 'Customer care' }).waitFor();
  });
});

describe('files', () => {
  it('are attached, pasted and dropped, shown before sending, and sent in one message', async () => {
    const { page, log, wrongs } = await visit();
    await log.getByText(QUESTION).waitFor();
    await page.locator('#picker').setInputFiles({ name: 'Чек.png', mimeType: 'image/png', buffer: PNG });
    await page.locator('#attached li.done').waitFor();
    for (const [type, name] of [
      ['paste', 'вставлено.txt'],
      ['drop', 'брошено.txt'],
    ] as const) {
      await page.evaluate(
        ([kind, file]) => {
          const data = new DataTransfer();
          data.items.add(new File(['слова'], file, { type: 'text/plain' }));
          const target = document.getElementById('text');
          target?.dispatchEvent(
            kind === 'paste'
              ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
              : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }),
          );
        },
        [type, name] as const,
      );
    }
    await expect.poll(() => page.locator('#attached li.done').count()).toBe(3);
    await page.getByRole('button', { name: 'Убрать вставлено.txt' }).click();
    await page.locator('#text').fill('Вот чек');
    await page.locator('#send').click();
    await log.locator('li.mine a.photo img').waitFor();
    expect(world.events.at(-1)).toMatchObject({
      kind: 'message',
      text: 'Вот чек',
      attachments: [
        { kind: 'photo', name: 'Чек.png' },
        { kind: 'document', name: 'брошено.txt' },
      ],
    });
    expect(await log.locator('a.chip').getAttribute('download')).toBe('брошено.txt');
    await page.waitForFunction(
      () => (document.querySelector('li.mine a.photo img') as HTMLImageElement).naturalWidth === 1,
    );
    expect(wrongs).toEqual([]);
  });

  it('that are too big or empty are refused with the reason, and the words stay', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    await page.locator('#text').fill('мои слова');
    await page
      .locator('#picker')
      .setInputFiles({ name: 'пусто.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) });
    await page.locator('#problem', { hasText: 'пустой' }).waitFor();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(20 * 1024 * 1024 + 1)], 'большой.bin'));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await page.locator('#problem', { hasText: '20 МБ' }).waitFor();
    expect(await page.locator('#text').inputValue()).toBe('мои слова');
    expect(await page.locator('#attached li').count()).toBe(0);
  });
});

describe('when things fail', () => {
  it('a message of 5 MB gets a clear answer and stays in the field, a reload included', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    await page.locator('#text').focus();
    await page.evaluate(
      (size) => {
        const field = document.getElementById('text') as HTMLTextAreaElement;
        field.value = 'x'.repeat(size);
        field.dispatchEvent(new Event('input', { bubbles: true }));
      },
      5 * 1024 * 1024,
    );
    await page.keyboard.press('Enter');
    await page.locator('#problem', { hasText: 'слишком длинное' }).waitFor({ timeout: 20_000 });
    const over = (await page.locator('#left').textContent())?.replace(/\s/g, ' ');
    expect(over).toBe('На 5 222 880 знаков больше, чем можно');
    expect(await page.evaluate(() => localStorage.getItem('otklik.draft')?.length)).toBe(20_000);
    const stays = page.locator('#text').evaluate((it) => (it as HTMLTextAreaElement).value.length);
    expect(await stays).toBe(5 * 1024 * 1024);
    await page.locator('#text').evaluate((it) => {
      (it as HTMLTextAreaElement).value = 'Коротко и ясно';
      it.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.reload();
    expect(await page.locator('#text').inputValue()).toBe('Коротко и ясно');
    expect(world.events.filter((event) => event.kind === 'message')).toEqual([]);
  });

  it('what was said without a connection is sent once it is back, once, a reload in between', async () => {
    const { page, log } = await visit({ allow: /Failed to load|ERR_/ });
    await log.getByText(QUESTION).waitFor();
    // The answers are lost after the server took the event: the worst case.
    let lost = 0;
    await page.route('**/chat/events', async (route) => {
      await route.fetch();
      lost += 1;
      await route.abort();
    });
    world.handle = false;
    await page.locator('#text').fill('раз');
    await page.keyboard.press('Enter');
    await page.locator('#text').fill('два');
    await page.keyboard.press('Enter');
    await expect.poll(() => lost, { timeout: 10_000 }).toBeGreaterThan(1);
    expect(await log.locator('li.mine').count()).toBe(2);
    await page.unroute('**/chat/events');
    world.handle = true;
    await page.reload();
    await expect
      .poll(() => world.events.flatMap((event) => ('text' in event ? [event.text] : [])), { timeout: 10_000 })
      .toEqual(['раз', 'два']);
  });

  it('a lost connection is shown, and what came meanwhile is caught up without a reload', async () => {
    const { page, log } = await visit({ allow: /Failed to load|ERR_/ });
    await log.getByText(QUESTION).waitFor();
    await web.stop();
    await page.locator('#connection').waitFor();
    await page.locator('#text').fill('пока нет связи');
    await page.keyboard.press('Enter');
    world.say(contactNow(), { text: 'Пока вас не было' });
    web = await createWeb({ ...world.deps, port });
    await web.listen();
    await log.getByText('Пока вас не было').waitFor({ timeout: 20_000 });
    await log.locator('li.mine:not(.waiting):not(.sending)', { hasText: 'пока нет связи' }).waitFor();
    await page.locator('#connection').waitFor({ state: 'hidden' });
    expect(world.events.filter((event) => event.kind === 'message')).toHaveLength(1);
    expect(await log.locator('li.mine').count()).toBe(1);
  });

  it('a refused message offers to try again or to delete', async () => {
    const { page, log } = await visit({ allow: /Failed to load/ });
    await log.getByText(QUESTION).waitFor();
    await page.route('**/chat/events', (route) =>
      route.fulfill({ status: 400, json: { error: 'bad_request', message: '' } }),
    );
    await page.locator('#text').fill('упрямое');
    await page.keyboard.press('Enter');
    await log.getByText('Сервер не принял').waitFor();
    await page.unroute('**/chat/events');
    await log.getByRole('button', { name: 'Повторить' }).click();
    await expect.poll(() => world.events.at(-1)).toMatchObject({ kind: 'message', text: 'упрямое' });
    await log.locator('.failed').waitFor({ state: 'detached' });
  });

  it('a draft that was too long comes back as far as it can be sent, and says so', async () => {
    const { page, log } = await visit();
    await log.getByText(QUESTION).waitFor();
    await page.locator('#text').fill('я'.repeat(20_001));
    await page.reload();
    await page.locator('#problem', { hasText: 'Сохранились первые 20' }).waitFor();
    expect((await page.locator('#text').inputValue()).length).toBe(20_000);
  });

  it('a wrong address says so in the reader’s words, and leads to the chat', async () => {
    const { page, wrongs } = await visit({ allow: /404/ }, '/nowhere');
    await page.getByRole('heading', { name: 'Здесь ничего нет' }).waitFor();
    expect(await page.locator('h1').evaluate((it) => getComputedStyle(it).marginTop)).toBe('0px');
    await page.getByRole('link', { name: 'Открыть чат' }).click();
    await page.locator('#log').getByText(QUESTION).waitFor();
    const asked = async (path: string, headers: Record<string, string>) => {
      const response = await fetch(origin + path, { headers });
      return [response.status, (await response.text()).includes('There is nothing here')];
    };
    const browserLike = { accept: 'text/html,*/*;q=0.8', 'accept-language': 'en-GB,en;q=0.9,ru;q=0.5' };
    expect(await asked('/nowhere?a=1', browserLike)).toEqual([404, true]);
    for (const path of ['/chat/nothing', '/console/api/nothing', '/hooks/nothing'])
      expect([path, ...(await asked(path, browserLike))]).toEqual([path, 404, false]);
    expect(await asked('/nowhere', { accept: '*/*' })).toEqual([404, false]);
    expect(wrongs).toEqual([]);
  });

  it('without cookies says what to do', async () => {
    const { page } = await stage.newcomer(origin, { allow: /Failed to load/ });
    const { body } = await web.app.inject({ url: '/' });
    await page.route(`${origin}/`, (route) => route.fulfill({ contentType: 'text/html', body }));
    await page.goto(`${origin}/`);
    await page.getByText('Разрешите cookie').waitFor();
  });
});

if (SHOTS)
  describe('as it looks', () => {
    for (const locale of ['ru-RU', 'en-GB']) {
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const [size, options] of Object.entries({ phone: PHONE, desk: DESK })) {
          it(`${locale} ${colorScheme} ${size}`, async () => {
            const name = `${SHOTS}/chat-${locale.slice(0, 2)}-${colorScheme}-${size}`;
            const { page } = await openPage(browser, origin, { ...options, locale, colorScheme });
            await page.goto(origin);
            const log = page.locator('#log');
            await log.getByText(QUESTION).waitFor();
            await page.screenshot({ path: `${name}-1.png` });
            await log.getByRole('button', { name: '9', exact: true }).click();
            await log.getByRole('button', { name: 'Доставка' }).waitFor();
            world.now += 24 * 3600_000;
            const author = { kind: 'operator', id: 'o1', name: 'Ольга Петрова' } as const;
            world.say(
              contactNow(),
              { text: 'Здравствуйте! Уже разбираюсь: https://example.org/k7-48213' },
              { author },
            );
            world.say(contactNow(), { text: 'Пришлите, пожалуйста, фото чека.' }, { author });
            await page.locator('#picker').setInputFiles([
              {
                name: 'Очень длинное название файла с чеком из магазина.pdf',
                mimeType: 'application/pdf',
                buffer: Buffer.from('%PDF-1.4'),
              },
            ]);
            await page.locator('#attached li.done').waitFor();
            await page.locator('#text').fill('Вот чек, спасибо, что ответили так быстро!');
            await page.screenshot({ path: `${name}-2.png` });
            await page.locator('#send').click();
            await log.locator('a.chip').waitFor();
            world.publish(`contact:${contactNow()}`, { kind: 'typing' });
            await page.locator('#typing').waitFor();
            await page.screenshot({ path: `${name}-3.png` });
            await page.context().close();
          });
        }
      }
    }
  });
