// Everything a stranger can write, shown on both pages in a real browser: it must come out as the words it is.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attachment } from '../../src/core/message.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { builtPages, openPage, startBrowser } from './browser.ts';
import { createWorld, PASSWORD, ticketOf, type World } from './memory.ts';
import { PAYLOADS } from './payloads.ts';

let browser: Browser;
let world: World;
let web: Web;
let origin: string;

beforeAll(async () => {
  const [pages, started] = await Promise.all([builtPages(), startBrowser()]);
  browser = started;
  world = createWorld({ pages, label: (_locale, _kind, id) => id });
  web = await createWeb(world.deps);
  origin = await web.listen();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await web?.stop();
});

/** A file called so, as if a network had called it a photo: a picture's name first, a download's when it shows none. */
const fileCalled = async (name: string): Promise<Attachment> => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
  );
  return { ...(await world.deps.media.keep({ bytes: svg, name }, 'document')), kind: 'photo' };
};

/** What would have run leaves its mark: an element or a handler that only markup can make. */
const MADE_BY_MARKUP =
  'script:not([src^="/assets/"]), iframe, object, embed, marquee, base, [onerror], [onload], [onfocus], [onmouseover], a[href^="javascript" i], a[href^="data:"], [formaction], link[href^="http"]';

it('knows at least fifty ways', () => {
  expect(new Set(PAYLOADS).size).toBeGreaterThanOrEqual(50);
});

it('the chat page shows hostile words as words', async () => {
  const { page, wrongs } = await openPage(browser, origin, {
    locale: 'ru-RU',
    allow: /Failed to load resource/,
  });
  await page.goto(origin);
  await page.locator('#text').fill('начало');
  await page.keyboard.press('Enter');
  await expect.poll(() => world.messages.length, { timeout: 20_000 }).toBe(1);
  const contact = world.messages[0]?.contact ?? '';
  for (const payload of PAYLOADS) {
    world.say(
      contact,
      {
        text: payload,
        attachments: [await fileCalled(payload)],
        choices: [
          { id: 'a1', label: payload },
          { id: '', label: payload, url: payload },
          { id: '', label: 'ссылка', url: 'javascript:alert(1)' },
        ],
      },
      { author: { kind: 'operator', id: 'o', name: payload } },
    );
    world.say(contact, { text: payload }, { author: { kind: 'customer', name: payload }, origin: payload });
  }
  await expect
    .poll(() => page.locator('#log li:not(.day)').count(), { timeout: 20_000 })
    .toBe(PAYLOADS.length * 2 + 1);
  const shown = await page
    .locator('#log li.mine .text')
    .evaluateAll((all) => all.map((it) => it.textContent));
  // A null character cannot stand in a page's text by itself.
  expect(shown.slice(1)).toEqual(PAYLOADS.map((payload) => payload.trim()));
  await page.locator('#log .choices button').evaluateAll((all) => {
    for (const button of all) (button as HTMLElement).focus();
  });
  // Pictures that show nothing have all become downloads, under the same names.
  await page.locator('#log').evaluate((log) => {
    for (const image of log.querySelectorAll('img')) image.loading = 'eager';
  });
  const chips = () => page.locator('#log a.chip .name').count();
  await expect.poll(chips, { timeout: 20_000 }).toBe(PAYLOADS.length);
  expect(await page.locator(MADE_BY_MARKUP).count()).toBe(0);
  const links = await page
    .locator('#log a.link, #log .text a')
    .evaluateAll((all) => all.map((it) => (it as HTMLAnchorElement).protocol));
  expect(new Set(links)).toEqual(new Set(['https:']));
  expect(wrongs).toEqual([]);
  await page.context().close();
}, 90_000);

it('the console shows hostile words as words', async () => {
  for (const [n, payload] of PAYLOADS.entries()) {
    world.tickets.set(
      `x${n}`,
      ticketOf({
        id: `x${n}`,
        number: payload,
        subject: payload,
        customer: payload,
        category: [payload],
        changedAt: n,
      }),
    );
  }
  const evidence = await Promise.all(PAYLOADS.map(fileCalled));
  world.tickets.set(
    'tk1',
    ticketOf({
      subject: PAYLOADS.join(' '),
      customer: PAYLOADS.join(' '),
      fields: PAYLOADS.map((payload, n) => ({ id: `f${n}`, label: payload, value: payload })),
      evidence,
      assignee: { id: 'console:other', name: PAYLOADS[0] ?? '' },
      history: PAYLOADS.map((payload) => ({
        at: 1,
        what: 'field',
        to: payload,
        by: { id: 'o', name: payload },
      })),
    }),
  );
  for (const payload of PAYLOADS) {
    world.say('c1', { text: payload }, { ticket: 'tk1', author: { kind: 'customer', name: payload } });
    world.say(
      'c1',
      { text: payload },
      {
        ticket: 'tk1',
        author: { kind: 'operator', id: 'o', name: payload },
        state: 'failed',
        reason: payload,
      },
    );
  }
  PAYLOADS.forEach((payload, n) => {
    world.responses.push({
      id: `r${n}`,
      contact: 'c1',
      channel: payload,
      account: '',
      locale: 'ru',
      flow: payload,
      flowVersion: 'v',
      state: 'complete',
      metric: 'nps',
      score: 1,
      reasons: [payload],
      comment: payload,
      touchpoint: 't',
      answers: {},
      lastNode: 'n',
      startedAt: 0,
      at: n + 1,
    });
  });
  const { page, wrongs } = await openPage(browser, origin, {
    locale: 'ru-RU',
    allow: /Failed to load resource/,
  });
  await page.request.post(`${origin}/console/api/login`, {
    headers: { origin, 'x-otklik': '1' },
    data: { password: PASSWORD, name: '<img src=x onerror=alert(1)>' },
  });
  await page.goto(`${origin}/console/tickets/tk1`);
  await expect.poll(() => page.locator('.lineText').count(), { timeout: 20_000 }).toBe(PAYLOADS.length * 2);
  const shown = await page
    .locator('.line.theirs .lineText')
    .evaluateAll((all) => all.map((it) => it.textContent));
  expect(shown).toEqual(PAYLOADS);
  expect(await page.locator(MADE_BY_MARKUP).count()).toBe(0);
  for (const section of ['tickets', 'responses']) {
    await page.locator(`nav a[href="/console/${section}"]`).click();
    await page.locator('.rows > li').nth(40).waitFor();
    expect(await page.locator(MADE_BY_MARKUP).count()).toBe(0);
  }
  expect(wrongs).toEqual([]);
}, 90_000);
