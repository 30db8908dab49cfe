// The server by itself: who may see what, what is refused and how, and what every answer carries.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebDeps } from '../../src/web/deps.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { callsTo, PNG } from './calls.ts';
import { createWorld, type World } from './memory.ts';

let world: World;
let web: Web;

async function open(overrides: Partial<WebDeps> = {}): Promise<void> {
  await web?.stop();
  world = createWorld(overrides);
  web = await createWeb(world.deps);
}

beforeEach(async () => {
  await open();
});
afterEach(async () => {
  await web.stop();
});

const { call, visitor, uploadAs } = callsTo(() => web);

const say = (id: string, text: string, more: object = {}) => ({ id, kind: 'message', text, ...more });

it('tells whoever asks while the store is away to come again, and a fault of its own apart from it', async () => {
  const cookie = await visitor();
  const away = (): Error => Object.assign(new Error('no server'), { name: 'MongoServerSelectionError' });
  const broken = (): Error => Object.assign(new Error('write'), { code: 'ECONNRESET' });
  for (const make of [away, broken]) {
    await open({ intake: () => Promise.reject(make()) });
    const response = await call('POST', '/chat/events', { cookie, body: say('a1', 'x') });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
    expect(response.json()).toMatchObject({ error: 'unavailable' });
  }
  await open({ intake: () => Promise.reject(new Error('a fault')) });
  expect((await call('POST', '/chat/events', { cookie, body: say('a1', 'x') })).statusCode).toBe(500);
});

describe('the visitor', () => {
  it('gets a secret of 128 bits in a cookie no script reads, and the secret is kept nowhere', async () => {
    const response = await call('GET', '/');
    const [cookie] = response.cookies;
    expect(cookie).toMatchObject({
      name: 'otklik_visitor',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/',
      maxAge: 31536000,
    });
    expect(Buffer.from(cookie?.value ?? '', 'base64url')).toHaveLength(16);
    await call('POST', '/chat/events', {
      cookie: `otklik_visitor=${cookie?.value}`,
      body: say('a1', 'привет'),
    });
    expect(world.events).toHaveLength(1);
    const stored = JSON.stringify([world.events, world.messages, [...world.settings], world.log]);
    expect(stored).not.toContain(cookie?.value);
  });

  it('keeps the cookie it has, and gets a secure one where the public address is https', async () => {
    const cookie = await visitor();
    const again = await call('GET', '/c/shop-7', { cookie });
    expect(`otklik_visitor=${again.cookies[0]?.value}`).toBe(cookie);
    await open({ publicUrl: 'https://otklik.example.org' });
    expect((await call('GET', '/')).cookies[0]).toMatchObject({ secure: true });
  });

  it('is refused without a cookie, or with one that is not ours', async () => {
    for (const cookie of ['', 'otklik_visitor=short', 'otklik_visitor=../../etc/passwd-------']) {
      const response = await call('POST', '/chat/events', { cookie, body: say('a1', 'x') });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ error: 'no_visitor' });
    }
    expect((await call('GET', '/chat/stream')).statusCode).toBe(401);
    expect((await call('GET', '/chat/messages')).statusCode).toBe(401);
  });
});

describe('chat events', () => {
  it('take each kind, and the same id again is the same event', async () => {
    const cookie = await visitor();
    const bodies = [
      say('m1', 'Всё хорошо', { locale: 'ru' }),
      { id: 'p1', kind: 'press', button: 'r1.2.9', message: 'c1.1' },
      { id: 'start.shop-7', kind: 'start', payload: 'shop-7' },
      { id: 'e1', kind: 'edit', message: 'm1', text: 'Всё плохо' },
      { id: 'l1', kind: 'locale', locale: 'en' },
    ];
    for (const body of [...bodies, ...bodies]) {
      const response = await call('POST', '/chat/events', { cookie, body });
      expect(response.statusCode).toBe(202);
    }
    expect(world.events.map((event) => event.kind)).toEqual(['message', 'press', 'start', 'edit', 'locale']);
    expect(world.events[0]).toMatchObject({
      channel: 'web',
      account: '',
      text: 'Всё хорошо',
      message: 'm1',
      person: { locale: 'ru' },
    });
  });

  it('of two visitors with the same id are two events', async () => {
    for (const cookie of [await visitor(), await visitor()]) {
      await call('POST', '/chat/events', { cookie, body: say('same', 'x') });
    }
    expect(new Set(world.events.map((event) => event.id)).size).toBe(2);
  });

  it.each([
    [{ $ne: null }],
    [{ id: { $ne: null }, kind: 'message', text: 'x' }],
    [{ id: 'a', kind: 'message', text: { $gt: '' } }],
    [{ id: 'a', kind: 'press', button: { $ne: null } }],
    [{ id: 'a', kind: 'press', button: 'x'.repeat(33) }],
    [{ id: 'a', kind: { $in: ['message'] }, text: 'x' }],
    [{ id: 'a', kind: 'edit', message: { $exists: true }, text: 'x' }],
    [{ id: 'a', kind: 'locale', locale: { $regex: '.*' } }],
    [{ id: 'a', kind: 'start', payload: '$where(1)' }],
    [{ id: 'a', kind: 'message', text: 'x', files: [{ kind: 'photo', ref: 'media:abc' }] }],
    [{ id: 'a', kind: 'message', text: '   ' }],
    [{ id: 'a', kind: 'desk', act: 'close' }],
    [{ id: 'a', kind: 'timer' }],
    [['message']],
    ['message'],
    [null],
  ])('refuse %j', async (body) => {
    const response = await call('POST', '/chat/events', { cookie: await visitor(), body });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toHaveProperty('error');
    expect(world.events).toEqual([]);
  });

  it('refuse broken JSON and what is no JSON', async () => {
    const cookie = await visitor();
    const broken = await call('POST', '/chat/events', {
      cookie,
      raw: '{"id":',
      headers: { 'content-type': 'application/json' },
    });
    expect(broken.statusCode).toBe(400);
    const form = await call('POST', '/chat/events', {
      cookie,
      raw: 'id=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.statusCode).toBe(415);
  });

  it('answer what is too long with 413', async () => {
    const cookie = await visitor();
    for (const text of ['я'.repeat(20_001), 'x'.repeat(5 * 1024 * 1024)]) {
      const response = await call('POST', '/chat/events', { cookie, body: say('a', text) });
      expect(response.statusCode).toBe(413);
      expect(response.json()).toMatchObject({ error: 'too_long' });
    }
    expect(
      (await call('POST', '/chat/events', { cookie, body: say('b', 'я'.repeat(20_000)) })).statusCode,
    ).toBe(202);
  });

  it('are not said to be taken when the journal is away, and no inner word comes out', async () => {
    world.broken = true;
    const response = await call('POST', '/chat/events', { cookie: await visitor(), body: say('a', 'x') });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('journal');
    expect(world.log).toHaveLength(1);
  });

  it('are limited for each visitor by itself', async () => {
    const cookie = await visitor();
    let last = 0;
    for (let n = 0; n < 45; n += 1) {
      const response = await call('POST', '/chat/events', { cookie, body: say(`n${n}`, 'x') });
      last = response.statusCode;
      if (last === 429) expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(last).toBe(429);
    expect(
      (await call('POST', '/chat/events', { cookie: await visitor(), body: say('a', 'x') })).statusCode,
    ).toBe(202);
  });
});

describe('files of a visitor', () => {
  it('go into their own message and come back to them with the same bytes', async () => {
    const cookie = await visitor();
    const { sealed, file } = (await uploadAs(cookie, '../../Чек №1.png', 'image/png', PNG)).json();
    expect(file).toMatchObject({ kind: 'photo', name: 'Чек №1.png' });
    expect(file).not.toHaveProperty('ref');
    const sent = await call('POST', '/chat/events', { cookie, body: say('f1', '', { files: [sealed] }) });
    expect(sent.statusCode).toBe(202);
    const { messages } = (await call('GET', '/chat/messages', { cookie })).json();
    const got = await call('GET', messages[0].files[0].url, { cookie });
    expect(got.rawPayload).toEqual(PNG);
    expect(got.headers).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(got.headers['content-disposition']).toMatch(/^inline/);
    const part = await call('GET', messages[0].files[0].url, { cookie, headers: { range: 'bytes=1-3' } });
    expect(part.statusCode).toBe(206);
    expect(part.body).toBe('PNG');
  });

  it('are nobody else’s: neither to send nor to see', async () => {
    const mine = await visitor();
    const other = await visitor();
    const { sealed } = (await uploadAs(mine, 'a.png', 'image/png', PNG)).json();
    const stolen = await call('POST', '/chat/events', {
      cookie: other,
      body: say('s', 'x', { files: [sealed] }),
    });
    expect(stolen.statusCode).toBe(403);
    const [body, mark] = sealed.split('.');
    const forged = Buffer.from(JSON.stringify({ kind: 'document', ref: 'media:other' })).toString(
      'base64url',
    );
    for (const token of [`${forged}.${mark}`, `${body}.`, body, `${body}.${mark}x`, 'x.y']) {
      const response = await call('POST', '/chat/events', {
        cookie: mine,
        body: say('s', 'x', { files: [token] }),
      });
      expect(response.statusCode).toBe(403);
    }
    await call('POST', '/chat/events', { cookie: mine, body: say('ok', '', { files: [sealed] }) });
    const [message] = world.messages;
    expect((await call('GET', `/chat/media/${message?.id}/0`, { cookie: mine })).statusCode).toBe(200);
    expect((await call('GET', `/chat/media/${message?.id}/0`, { cookie: other })).statusCode).toBe(404);
    expect((await call('GET', `/chat/media/${message?.id}/1`, { cookie: mine })).statusCode).toBe(404);
    expect((await call('GET', `/chat/media/${message?.id}/__proto__`, { cookie: mine })).statusCode).toBe(
      404,
    );
  });

  it.each([
    ['page.html', 'text/html', '<script>alert(1)</script>'],
    ['picture.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['fake.png', 'image/png', '<html><script>alert(1)</script>'],
    ['code.js', 'text/javascript', 'alert(1)'],
  ])('that could run are only ever downloads: %s', async (name, type, text) => {
    const cookie = await visitor();
    const { sealed } = (await uploadAs(cookie, name, type, Buffer.from(text))).json();
    await call('POST', '/chat/events', { cookie, body: say('f', '', { files: [sealed] }) });
    const got = await call('GET', `/chat/media/${world.messages[0]?.id}/0`, { cookie });
    expect(got.headers['content-type']).toBe('application/octet-stream');
    expect(got.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''/);
  });

  it('are refused when empty, missing or beyond 20 MB', async () => {
    const cookie = await visitor();
    expect((await uploadAs(cookie, 'a.png', 'image/png', Buffer.alloc(0))).json()).toMatchObject({
      error: 'empty_file',
    });
    expect((await call('POST', '/chat/files', { cookie, body: {} })).statusCode).toBe(415);
    const big = await uploadAs(cookie, 'a.bin', 'application/zip', Buffer.alloc(20 * 1024 * 1024 + 1, 1));
    expect(big.statusCode).toBe(413);
  });
});

describe('a visitor’s messages', () => {
  it('hold no notes, no refs, nothing of the ticket, and nobody else’s', async () => {
    const cookie = await visitor();
    await call('POST', '/chat/events', { cookie, body: say('m1', 'Моё') });
    const contact = world.messages[0]?.contact ?? '';
    const operator = { kind: 'operator', id: 'console:ольга', name: 'Ольга' } as const;
    world.say(contact, { text: 'секрет' }, { note: true, ticket: 'tk1', author: operator });
    world.say(
      contact,
      {
        text: 'Разобрались',
        attachments: [{ kind: 'document', ref: 'telegram:token-like', name: 'акт.pdf' }],
      },
      { ticket: 'tk1', author: operator, state: 'failed', reason: 'внутреннее' },
    );
    const response = await call('GET', '/chat/messages', { cookie });
    expect(response.json().messages.map((it: { text: string }) => it.text)).toEqual(['Моё', 'Разобрались']);
    expect(response.body).not.toMatch(/секрет|внутреннее|token-like|tk1|"contact"/);
    expect((await call('GET', '/chat/messages', { cookie: await visitor() })).json().messages).toEqual([]);
    expect((await call('GET', '/chat/messages?since=2', { cookie })).json().messages).toHaveLength(1);
    expect((await call('GET', '/chat/messages?since[$gt]=0', { cookie })).json().messages).toHaveLength(2);
    expect((await call('GET', '/chat/messages?since=x', { cookie })).statusCode).toBe(400);
  });
});

describe('every answer', () => {
  it('carries the headers that keep pages safe', async () => {
    for (const url of ['/', '/healthz', '/nowhere', '/console', '/chat/messages']) {
      const { headers } = await call('GET', url);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe/);
    }
    const nonces = await Promise.all(['/console', '/console'].map((url) => call('GET', url)));
    expect(nonces[0]?.headers['content-security-policy']).not.toBe(
      nonces[1]?.headers['content-security-policy'],
    );
  });

  it('about health says what is wrong and nothing secret', async () => {
    await open({
      health: () => ({ ok: false, parts: [{ name: 'store', ok: false, reason: 'no answer since 12:00' }] }),
    });
    expect((await call('GET', '/healthz')).statusCode).toBe(200);
    const ready = await call('GET', '/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.json().parts).toEqual([{ name: 'store', ok: false, reason: 'no answer since 12:00' }]);
  });

  it('without built pages says how to build them', async () => {
    await open({ pages: '/nonexistent' });
    const response = await call('GET', '/');
    expect(response.statusCode).toBe(503);
    expect(response.json().message).toContain('npm run build');
  });
});

describe('webhooks', () => {
  it('get the body byte for byte and answer as their network wants', async () => {
    const seen: { headers: unknown; rawBody: string }[] = [];
    await open({
      hooks: {
        telegram: async ({ headers, rawBody }) => {
          seen.push({ headers, rawBody: Buffer.from(rawBody).toString() });
          return headers['x-secret'] === 's' ? { status: 200, body: 'ok' } : { status: 401 };
        },
      },
    });
    const raw = '{"a" : 1,\n "b":"ё"}';
    const type = { 'content-type': 'application/json' };
    const good = await call('POST', '/hooks/telegram', { raw, headers: { ...type, 'x-secret': 's' } });
    expect([good.statusCode, good.body]).toEqual([200, 'ok']);
    expect(seen[0]?.rawBody).toBe(raw);
    expect((await call('POST', '/hooks/telegram', { raw, headers: type })).statusCode).toBe(401);
    for (const name of ['nobody', '__proto__', 'constructor']) {
      expect((await call('POST', `/hooks/${name}`, { raw, headers: type })).statusCode).toBe(404);
    }
    const big = await call('POST', '/hooks/telegram', {
      raw: 'x'.repeat(4 * 1024 * 1024 + 1),
      headers: type,
    });
    expect(big.statusCode).toBe(413);
    expect(seen).toHaveLength(2);
  });
});
