// The stand-in refuses what Meta refuses, tells its own number of it, and lists what nobody should ask.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Person } from './person.ts';
import {
  startWhatsAppCloud,
  TEST_APP_SECRET,
  TEST_PHONE_ID,
  TEST_TOKEN,
  type WhatsAppCloudStandIn,
} from './whatsapp-cloud.ts';

let wa: WhatsAppCloudStandIn;
let person: Person;

beforeEach(async () => {
  wa = await startWhatsAppCloud({
    templates: ['waits:ru'],
    limits: { pair: { burst: 3, every: 60_000 } },
    secondMs: 10,
  });
  person = wa.person({ name: 'Anna' });
  person.silentFor(1_000);
});
afterEach(() => wa.stop());

async function send(body: object, token = TEST_TOKEN): Promise<{ status: number; code: number | undefined }> {
  const answer = await fetch(`${wa.url}/${TEST_PHONE_ID}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messaging_product: 'whatsapp', to: person.phone, ...body }),
  });
  const said = (await answer.json()) as { error?: { code: number } };
  return { status: answer.status, code: said.error?.code };
}

const text = (body: string) => ({ type: 'text', text: { body } });
const buttons = (titles: readonly string[]) => ({
  type: 'interactive',
  interactive: {
    type: 'button',
    body: { text: 'q' },
    action: { buttons: titles.map((title, index) => ({ type: 'reply', reply: { id: `b${index}`, title } })) },
  },
});
const list = (rows: number, more: object = {}) => ({
  type: 'interactive',
  interactive: {
    type: 'list',
    body: { text: 'q' },
    action: {
      button: 'Choose',
      sections: [
        {
          rows: Array.from({ length: rows }, (_, index) => ({
            id: `r${index}`,
            title: `Row ${index}`,
            ...more,
          })),
        },
      ],
    },
  },
});
const template = (name: string, said: string) => ({
  type: 'template',
  template: {
    name,
    language: { code: 'ru' },
    components: [{ type: 'body', parameters: [{ type: 'text', text: said }] }],
  },
});

test.each([
  ['an empty text', text('  ')],
  ['a text too long', text('x'.repeat(4_097))],
  ['an unknown key', { ...text('x'), preview: true }],
  ['an unknown type', { type: 'poll', poll: {} }],
  ['another product', { ...text('x'), messaging_product: 'sms' }],
  ['a number with a plus', { ...text('x'), to: '+79990000001' }],
  ['nobody', { ...text('x'), to: '79990000000' }],
  ['four buttons', buttons(['a', 'b', 'c', 'd'])],
  ['a button too long', buttons(['x'.repeat(21)])],
  ['two buttons alike', buttons(['same', 'same'])],
  ['eleven rows', list(11)],
  ['a row title too long', list(1, { title: 'x'.repeat(25) })],
  ['a row description too long', list(1, { description: 'x'.repeat(73) })],
  ['a file that was not uploaded', { type: 'image', image: { id: '404' } }],
  ['a quoted message that is none', { ...text('x'), context: { message_id: '7' } }],
  ['data for the status too long', { ...text('x'), biz_opaque_callback_data: 'x'.repeat(513) }],
])('%s is refused and listed', async (_name, body) => {
  expect(await send(body)).toEqual({ status: 400, code: 100 });
  expect(wa.violations).toHaveLength(1);
  expect(person.seen()).toEqual([]);
});

test('a wrong token, a closed window, an unknown template and too many messages are no mistakes of the caller', async () => {
  expect(await send(text('x'), 'another')).toEqual({ status: 401, code: 190 });
  person.silentFor(25 * 3_600_000);
  expect((await send(text('x'))).code).toBe(131047);
  expect((await send(template('other', 'x'))).code).toBe(132001);
  expect((await send(template('waits', 'x'))).code).toBeUndefined();
  person.silentFor(0);
  for (const word of ['one', 'two']) expect((await send(text(word))).code).toBeUndefined();
  expect((await send(text('three'))).code).toBe(131056);
  expect(wa.violations).toEqual([]);
  expect(person.seen().map((seen) => seen.text)).toEqual(['x', 'one', 'two']);
});

test.each([
  ['application/octet-stream', 10, 100],
  ['image/gif', 10, 100],
  ['image/jpeg', 5 * 1024 * 1024 + 1, 131053],
  ['audio/ogg', 16 * 1024 * 1024 + 1, 131053],
])('an upload of %s with %d bytes is refused with %d', async (type, size, code) => {
  const form = new FormData();
  form.set('messaging_product', 'whatsapp');
  form.set('file', new Blob([new Uint8Array(size)], { type }), 'a');
  const answer = await fetch(`${wa.url}/${TEST_PHONE_ID}/media`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_TOKEN}` },
    body: form,
  });
  expect(((await answer.json()) as { error: { code: number } }).error.code).toBe(code);
  expect(wa.violations).toHaveLength(1);
});

test('notifications are signed over their bytes and come again until they are taken, and hold up no other', async () => {
  const posts: { body: string; signature: unknown }[] = [];
  let refusals = 2;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') return response.end(url.searchParams.get('hub.challenge'));
      const body = Buffer.concat(chunks).toString('utf8');
      posts.push({ body, signature: request.headers['x-hub-signature-256'] });
      const no = body.includes('first') && refusals > 0;
      if (no) refusals -= 1;
      response.writeHead(no ? 503 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await wa.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
  person.say('first — ё');
  person.say('second');
  await wa.until(() => (wa.pending === 0 ? true : undefined), 5_000, 'all taken');
  const said = posts.map(({ body }) => (body.includes('first') ? 'first' : 'second'));
  expect(said.filter((one) => one === 'first')).toHaveLength(3);
  expect(said.filter((one) => one === 'second')).toHaveLength(1);
  for (const { body, signature } of posts) {
    expect(signature).toBe(`sha256=${createHmac('sha256', TEST_APP_SECRET).update(body).digest('hex')}`);
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
