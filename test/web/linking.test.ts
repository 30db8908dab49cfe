// The console's part for an account that a person must link: who may see the picture, what each button does, and how
// the page shows it. The account here obeys the port as WhatsApp's does; WhatsApp's own is tried in its channel's tests.
import { mkdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Channel, Linking, LinkState } from '../../src/channels/channel.ts';
import { createWebChannel } from '../../src/channels/web/adapter.ts';
import { watchHealth } from '../../src/health.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { builtPages, openPage, startBrowser } from './browser.ts';
import { callsTo } from './calls.ts';
import { createWorld, PASSWORD, type World } from './memory.ts';

const QR = '2@secretOfTheLink,part,part,part,part';
const SHOTS = process.env.SHOTS;

function createAccount(): Linking & { readonly asked: string[]; now: LinkState } {
  const account = {
    asked: [] as string[],
    now: { is: 'linking', since: Date.now(), qr: QR } as LinkState,
    state: () => account.now,
    async requestCode(phone: string) {
      account.asked.push(`code ${phone}`);
      if (phone.startsWith('000')) throw new Error('no such number');
      account.now = { ...account.now, code: 'ABCD-1234' };
      return 'ABCD-1234';
    },
    async unlink() {
      account.asked.push('unlink');
      account.now = { is: 'logged_out', since: Date.now() };
    },
    async restart() {
      account.asked.push('restart');
    },
    async turn(on: boolean) {
      account.asked.push(`turn ${on}`);
      account.now = { is: on ? 'starting' : 'off', since: Date.now() };
    },
  };
  return account;
}

let browser: Browser;
let folder: string;
let world: World;
let web: Web;
let account: ReturnType<typeof createAccount>;
let origin: string;

beforeAll(async () => {
  [folder, browser] = await Promise.all([builtPages(), startBrowser()]);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
}, 90_000);
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  account = createAccount();
  world = createWorld({ pages: folder, port: 0, linkings: { whatsapp: account } });
  web = await createWeb(world.deps);
  origin = await web.listen();
});
afterEach(async () => {
  await web.stop();
});

const { call } = callsTo(() => web);
const ours = { 'x-otklik': '1', origin: 'http://localhost:3000', host: 'localhost:3000' };

it('shows the picture to nobody who is not signed in, nor at /readyz, and takes nothing from another page', async () => {
  for (const path of ['/console/api/linking', '/readyz', '/healthz', '/', '/console'])
    expect((await call('GET', path)).body).not.toContain('secretOfTheLink');
  expect((await call('GET', '/console/api/linking')).statusCode).toBe(401);
  const ask = (body: object, headers: Record<string, string> = ours) =>
    call('POST', '/console/api/linking/whatsapp', { body, headers });
  expect((await ask({ do: 'unlink' })).statusCode).toBe(401);
  const login = await call('POST', '/console/api/login', { body: { password: PASSWORD }, headers: ours });
  const cookie = `${login.cookies[0]?.name}=${login.cookies[0]?.value}`;
  const signed = (path: string, body: object, headers: Record<string, string> = ours) =>
    call('POST', path, { body, cookie, headers });
  expect((await signed('/console/api/linking/whatsapp', { do: 'unlink' }, {})).statusCode).toBe(403);
  expect((await signed('/console/api/linking/other', { do: 'unlink' })).statusCode).toBe(404);
  expect((await signed('/console/api/linking/whatsapp', { do: 'explode' })).statusCode).toBe(400);
  expect((await signed('/console/api/linking/whatsapp', { do: 'code', phone: 'x' })).statusCode).toBe(400);
  expect(account.asked).toEqual([]);
  const shown = await call('GET', '/console/api/linking', { cookie });
  expect(shown.json()).toMatchObject({ linkings: [{ name: 'whatsapp', state: { is: 'linking', qr: QR } }] });
  expect(shown.headers['cache-control']).toBe('no-store');
  const refused = await signed('/console/api/linking/whatsapp', { do: 'code', phone: '0001234567' });
  expect([refused.statusCode, refused.json().error]).toEqual([409, 'link_refused']);
});

it.each([
  ['8 900 123-45-67', '79001234567'],
  ['8(900)1234567', '79001234567'],
  ['+7 900 123-45-67', '79001234567'],
  ['79001234567', '79001234567'],
  ['+84 91 234 56 78', '84912345678'],
  ['8 900 123-45-6', '8900123456'],
  ['86 138 0013 8000', '8613800138000'],
])('takes the number %s for %s', async (phone, meant) => {
  const login = await call('POST', '/console/api/login', { body: { password: PASSWORD }, headers: ours });
  const cookie = `${login.cookies[0]?.name}=${login.cookies[0]?.value}`;
  const body = { do: 'code', phone };
  const answer = await call('POST', '/console/api/linking/whatsapp', { body, cookie, headers: ours });
  expect(answer.statusCode).toBe(200);
  expect(account.asked).toEqual([`code ${meant}`]);
});

it('shows what a person turned off as turned off, neither as working nor as a fault', async () => {
  const channel: Channel = {
    ...createWebChannel({ publish: () => undefined }),
    name: 'whatsapp',
    health: () => ({ ok: true }),
    linking: account,
  };
  const health = watchHealth({
    store: { ping: async () => undefined },
    runtime: {},
    channels: new Map([['whatsapp', channel]]),
    desks: [],
  });
  health.stop();
  account.now = { is: 'ready', since: Date.now() };
  expect(health.report(0).parts.at(-1)).toEqual({ name: 'whatsapp', ok: true });
  await web.stop();
  world = createWorld({ pages: folder, port: 0, linkings: { whatsapp: account }, health: health.report });
  web = await createWeb(world.deps);
  origin = await web.listen();
  account.now = { is: 'off', since: Date.now() };
  const ready = await call('GET', '/readyz');
  expect([ready.statusCode, ready.json().parts.at(-1)]).toEqual([
    200,
    { name: 'whatsapp', ok: true, off: true },
  ]);

  const { page, wrongs } = await openPage(browser, origin, { locale: 'ru-RU' });
  await page.goto(`${origin}/console/status`);
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  const part = page.locator('.part', { hasText: 'WhatsApp' });
  await part.getByText('Выключено').waitFor();
  expect(await part.locator('.lamp').getAttribute('class')).toBe('lamp off');
  await page.getByText('Всё, что включено, работает').waitFor();
  expect(await page.locator('.part', { hasText: 'База данных' }).locator('.lamp.good').count()).toBe(1);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/status-off.png`, fullPage: true });
  account.now = { is: 'ready', since: Date.now() };
  await page.getByText('Всё работает').waitFor();
  expect(wrongs).toEqual([]);
  await page.context().close();
});

for (const [size, options] of Object.entries({
  desk: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
}))
  it(`is linked, restarted, unlinked and turned off from the page (${size})`, async () => {
    const { page, wrongs } = await openPage(browser, origin, { locale: 'ru-RU', ...options });
    const shot = async (name: string) => {
      if (SHOTS) await page.screenshot({ path: `${SHOTS}/linking-${size}-${name}.png`, fullPage: true });
    };
    await page.goto(`${origin}/console/status`);
    await page.locator('input[type=password]').fill(PASSWORD);
    await page.locator('button[type=submit]').click();
    const part = page.getByRole('region', { name: 'WhatsApp: наш аккаунт' });
    await part.getByRole('img', { name: 'Картинка, которую сканирует телефон' }).waitFor();
    await shot('1-linking');
    await part.getByLabel('Номер этого телефона').fill('+7 (900) 123-45-67');
    await part.getByRole('button', { name: 'Получить код' }).click();
    await part.getByText('ABCD-1234').waitFor();
    expect(account.asked).toEqual(['code 79001234567']);
    account.now = { is: 'ready', since: Date.now(), account: '+7 900 123-45-67' };
    await part.getByText('Привязан, работает').waitFor();
    expect(await part.getByRole('img', { name: 'Картинка, которую сканирует телефон' }).count()).toBe(0);
    await shot('2-ready');
    await part.getByRole('button', { name: 'Отвязать телефон…' }).click();
    expect(account.asked).not.toContain('unlink');
    await part.getByRole('button', { name: 'Да, отвязать' }).click();
    await part.getByText('Телефон отвязал нас').waitFor();
    await part.getByRole('button', { name: 'Выключить' }).click();
    await part.getByText('Выключен').waitFor();
    await shot('3-off');
    await part.getByRole('button', { name: 'Включить' }).click();
    await part.getByText('Запускается').waitFor();
    expect(account.asked.slice(1)).toEqual(['unlink', 'turn false', 'turn true']);
    expect(wrongs).toEqual([]);
    await page.context().close();
  });
