// What the stand-in must not forgive, and what it must do as MAX does: else a test that passes over it would show nothing.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type MaxStandIn, startMax } from './max.ts';
import type { Person } from './person.ts';

let max: MaxStandIn;
let person: Person;
beforeEach(async () => {
  max = await startMax({ secondMs: 5 });
  person = max.person({ started: true });
});
afterEach(() => max.stop());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${max.url}${path}`, {
    method,
    headers: { authorization: max.token, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: JSON.parse(text) as Record<string, unknown> };
}

const button = (more: object = {}) => ({ type: 'callback', text: 'Yes', payload: 'a', ...more });
const keyboard = (buttons: unknown) => ({
  text: 'q',
  attachments: [{ type: 'inline_keyboard', payload: { buttons } }],
});
const link = { type: 'link', text: 'Go', url: 'https://example.org' };
const place = { type: 'location', latitude: 1, longitude: 2 };

test.each([
  ['an empty message', { text: null, attachments: [] }],
  ['4,001 characters', { text: 'x'.repeat(4_001) }],
  ['a field nobody knows', { text: 'x', parse_mode: 'html' }],
  ['a format nobody knows', { text: 'x', format: 'plain' }],
  ['8 buttons in a row', keyboard([Array(8).fill(button())])],
  ['4 in a row with a link', keyboard([[link, link, link, button()]])],
  ['31 rows', keyboard(Array(31).fill([button()]))],
  ['an empty row', keyboard([[]])],
  ['a label of 129 characters', keyboard([[button({ text: 'x'.repeat(129) })]])],
  ['a payload of 1,025 characters', keyboard([[button({ payload: 'x'.repeat(1_025) })]])],
  ['a link without its address', keyboard([[{ type: 'link', text: 'Go' }]])],
  [
    'two keyboards',
    {
      text: 'q',
      attachments: [...keyboard([[button()]]).attachments, ...keyboard([[button()]]).attachments],
    },
  ],
  ['two things that must be alone', { text: 'q', attachments: [place, place] }],
  ['a file nobody uploaded', { text: 'q', attachments: [{ type: 'image', payload: { token: 'none' } }] }],
  [
    '13 attachments',
    { text: 'q', attachments: Array(13).fill({ type: 'image', payload: { token: 'none' } }) },
  ],
])('refuses %s, and writes it down', async (_what, body) => {
  expect((await call('POST', `/messages?user_id=${person.id}`, body)).status).toBe(400);
  expect(max.violations).toHaveLength(1);
  expect(person.seen()).toEqual([]);
});

test.each([
  ['GET', '/me?access_token=x'],
  ['GET', '/chats'],
  ['GET', '/updates?limit=101'],
  ['GET', '/updates?timeout=31'],
  ['GET', '/updates?types=everything'],
  ['POST', '/answers?callback_id=x', {}],
  ['POST', '/uploads?type=photo'],
  ['POST', '/messages?user_id=1&key=2', { text: 'x' }],
  ['PUT', '/messages', { text: 'x' }],
  ['POST', '/subscriptions', { url: 'http://example.org/hook' }],
  ['POST', '/subscriptions', { url: 'https://example.org:8443/hook' }],
  ['POST', '/subscriptions', { url: 'https://example.org/hook', secret: 'shor' }],
])('takes no %s %s', async (method, path, body?: unknown) => {
  expect((await call(method, path, body)).status).toBeGreaterThanOrEqual(400);
  expect(max.violations).toHaveLength(1);
});

test('knows its token alone, without a word before it', async () => {
  expect((await call('GET', '/me', undefined, { authorization: 'another' })).body).toMatchObject({
    code: 'verify.token',
  });
  expect(max.violations).toEqual([]);
  expect((await call('GET', '/me', undefined, { authorization: `Bearer ${max.token}` })).status).toBe(401);
  expect(max.violations).toHaveLength(1);
});

test('polled without end, says so', async () => {
  const slow = await startMax();
  const poll = () => fetch(`${slow.url}/updates?timeout=0`, { headers: { authorization: slow.token } });
  const answers = await Promise.all(Array.from({ length: 40 }, poll));
  expect(answers.some(({ status }) => status === 429)).toBe(true);
  expect(slow.violations.length).toBeGreaterThan(0);
  await slow.stop();
});

test('gives again what no marker has committed, and nothing that one has', async () => {
  person.say('one');
  person.say('two');
  const first = await call('GET', '/updates?timeout=0&limit=1');
  const again = await call('GET', '/updates?timeout=0&limit=1');
  expect(again.body).toEqual(first.body);
  const rest = await call('GET', `/updates?timeout=0&marker=${first.body.marker}`);
  expect(rest.body.updates).toMatchObject([{ message: { body: { text: 'two' } } }]);
  expect(max.pending).toBe(1);
});

test('an update that is on its way is not overtaken, so none is committed unseen', async () => {
  max.faults.inbound({ reorder: 1 });
  person.say('one');
  const { body } = await call('GET', '/updates?timeout=0');
  person.say('two');
  person.say('three');
  const rest = await call('GET', `/updates?timeout=0&marker=${body.marker}`);
  const texts = (rest.body.updates as { message: { body: { text: string } } }[]).map(
    (one) => one.message.body.text,
  );
  expect(texts).toEqual(['three', 'two']);
});

test('limits a dialogue to two messages a second where asked to', async () => {
  const limited = await startMax({ limited: true });
  const other = limited.person({ started: true });
  const send = () =>
    fetch(`${limited.url}/messages?user_id=${other.id}`, {
      method: 'POST',
      headers: { authorization: limited.token, 'content-type': 'application/json' },
      body: '{"text":"x"}',
    });
  const answers = await Promise.all([send(), send(), send()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  await limited.stop();
});

test('a refused delivery comes again, behind what followed', async () => {
  const got: string[] = [];
  let refuse = true;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const text = (JSON.parse(body) as { message: { body: { text: string } } }).message.body.text;
    const status = text === 'one' && refuse ? 500 : 200;
    got.push(`${text} ${status}`);
    refuse = false;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  expect((await call('POST', '/subscriptions', { url })).status).toBe(200);
  expect((await call('GET', '/updates?timeout=0')).status).toBe(405);
  person.say('one');
  person.say('two');
  await vi.waitFor(() => expect(got).toEqual(['one 500', 'two 200', 'one 200']), { timeout: 5_000 });
  await vi.waitFor(() => expect(max.pending).toBe(0));
  server.close();
  server.closeAllConnections();
});
