// The server by itself: who may see what, what is refused and how, and what every answer carries.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebDeps } from '../../src/web/deps.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { createWorld, PASSWORD, ticketOf, type World } from './memory.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

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

type Method = 'GET' | 'POST';
async function call(
  method: Method,
  url: string,
  options: { body?: unknown; cookie?: string; headers?: Record<string, string>; raw?: string | Buffer } = {},
) {
  return await web.app.inject({
    method,
    url,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      ...options.headers,
    },
    ...(options.raw !== undefined
      ? { payload: options.raw }
      : options.body === undefined
        ? {}
        : { payload: JSON.stringify(options.body) }),
  });
}

/** A visitor is whoever opened the page. */
async function visitor(): Promise<string> {
  const [cookie] = (await call('GET', '/')).cookies;
  return `${cookie?.name}=${cookie?.value}`;
}

function multipart(name: string, type: string, bytes: Buffer) {
  const boundary = 'xxBOUNDARYxx';
  const raw = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`,
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { raw, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

async function uploadAs(cookie: string, name: string, type: string, bytes: Buffer) {
  const form = multipart(name, type, bytes);
  return await call('POST', '/chat/files', { cookie, raw: form.raw, headers: form.headers });
}

const say = (id: string, text: string, more: object = {}) => ({ id, kind: 'message', text, ...more });

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
    const operator = { kind: 'operator', id: 'admin', name: 'Ольга' } as const;
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
    const big = await call('POST', '/hooks/telegram', { raw: 'x'.repeat(1024 * 1024 + 1), headers: type });
    expect(big.statusCode).toBe(413);
    expect(seen).toHaveLength(2);
  });
});

describe('the console', () => {
  const ours = { 'x-otklik': '1', origin: 'http://localhost:3000', host: 'localhost:3000' };
  const write = (url: string, body: unknown, cookie = '', headers: Record<string, string> = ours) =>
    call('POST', url, { body, cookie, headers });
  async function signIn(name = 'Ольга'): Promise<string> {
    const response = await write('/console/api/login', { password: PASSWORD, name });
    expect(response.statusCode).toBe(200);
    return `${response.cookies[0]?.name}=${response.cookies[0]?.value}`;
  }

  it('shows nothing and does nothing without signing in', async () => {
    world.tickets.set('tk1', ticketOf());
    const reads = [
      'tickets',
      'tickets/tk1',
      'tickets/tk1/evidence/0',
      'tickets/tk1/media/m/0',
      'responses',
      'flows',
      'status',
      'stream',
    ];
    for (const path of reads) {
      const response = await call('GET', `/console/api/${path}`);
      expect([path, response.statusCode]).toEqual([path, 401]);
    }
    for (const act of ['claim', 'reply', 'note', 'close', 'resend']) {
      const response = await write(`/console/api/tickets/tk1/${act}`, {
        key: '12345678',
        text: 'x',
        message: 'm',
      });
      expect([act, response.statusCode]).toEqual([act, 401]);
    }
    expect((await write('/console/api/files', {})).statusCode).toBe(401);
    expect(world.events).toEqual([]);
    expect((await call('GET', '/console/api/session')).json()).toEqual({ signedIn: false, locale: 'ru' });
  });

  it('keeps the session over a restart, hashed, for twelve hours, and ends it at sign-out', async () => {
    const cookie = await signIn();
    const token = cookie.split('=')[1] ?? '';
    expect(token).toHaveLength(43);
    expect(JSON.stringify([...world.settings])).not.toContain(token);
    await web.stop();
    web = await createWeb(world.deps);
    expect((await call('GET', '/console/api/session', { cookie })).json()).toMatchObject({
      signedIn: true,
      operator: { id: 'admin', name: 'Ольга' },
    });
    world.now += 12 * 3600_000 + 1;
    expect((await call('GET', '/console/api/tickets', { cookie })).statusCode).toBe(401);
    const second = await signIn();
    await write('/console/api/logout', {}, second);
    expect((await call('GET', '/console/api/tickets', { cookie: second })).statusCode).toBe(401);
    expect(world.audit.map((entry) => entry.what)).toEqual(['login', 'login', 'logout']);
  });

  it('has a __Host- cookie where the public address is https', async () => {
    await open({ publicUrl: 'https://otklik.example.org' });
    const headers = { 'x-otklik': '1', origin: 'https://otklik.example.org' };
    const response = await write('/console/api/login', { password: PASSWORD }, '', headers);
    expect(response.cookies[0]).toMatchObject({
      name: '__Host-otklik',
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
    });
  });

  it('makes an address wait 15 minutes after ten wrong passwords, the right one included', async () => {
    for (let n = 0; n < 10; n += 1) {
      const response = await write('/console/api/login', { password: `wrong ${n}` });
      expect(response.statusCode).toBe(401);
    }
    const right = await write('/console/api/login', { password: PASSWORD });
    expect(right.statusCode).toBe(429);
    expect(right.headers['retry-after']).toBe('900');
    expect(JSON.stringify(world.log)).not.toContain('wrong 3');
    world.now += 15 * 60_000;
    await signIn();
  });

  it('takes writes only from its own page', async () => {
    const cookie = await signIn();
    world.tickets.set('tk1', ticketOf());
    const body = { key: 'key-00000001' };
    for (const headers of [
      { 'x-otklik': '1', host: 'localhost:3000' },
      { 'x-otklik': '1', host: 'localhost:3000', origin: 'https://evil.example' },
      { 'x-otklik': '1', host: 'localhost:3000', origin: 'null' },
      { host: 'localhost:3000', origin: 'http://localhost:3000' },
    ]) {
      const response = await write('/console/api/tickets/tk1/claim', body, cookie, headers);
      expect(response.statusCode).toBe(403);
    }
    expect((await write('/console/api/login', { password: PASSWORD }, '', { host: 'x' })).statusCode).toBe(
      403,
    );
    expect(world.events).toEqual([]);
    expect((await write('/console/api/tickets/tk1/claim', body, cookie)).statusCode).toBe(202);
  });

  it('turns acts into desk events, one for each key, and audits them', async () => {
    const cookie = await signIn();
    world.tickets.set('tk1', ticketOf());
    const path = '/console/api/tickets/tk1';
    const early = await write(`${path}/reply`, { key: 'reply-early', text: 'Здравствуйте' }, cookie);
    expect([early.statusCode, early.json().error]).toEqual([409, 'not_yours']);
    const acts: [string, object][] = [
      ['claim', { key: 'claim-0001' }],
      ['reply', { key: 'reply-0001', text: ' Здравствуйте ' }],
      ['note', { key: 'note-00001', text: 'между нами' }],
      ['resend', { key: 'resend-001', message: 'c1.1' }],
      ['close', { key: 'close-0001', text: 'Спасибо' }],
    ];
    for (const [act, body] of acts) {
      expect((await write(`${path}/${act}`, body, cookie)).statusCode).toBe(202);
      expect((await write(`${path}/${act}`, body, cookie)).statusCode).toBe(202);
    }
    const shared = {
      kind: 'desk',
      channel: 'inbox',
      account: '',
      ticket: 'tk1',
      operator: { id: 'admin', name: 'Ольга' },
    };
    expect(world.events).toMatchObject([
      { ...shared, id: 'claim-0001', act: 'claim' },
      { ...shared, id: 'reply-0001', act: 'write', text: 'Здравствуйте' },
      { ...shared, id: 'note-00001', act: 'note', text: 'между нами' },
      { ...shared, id: 'resend-001', act: 'resend', message: 'c1.1' },
      { ...shared, id: 'close-0001', act: 'close', text: 'Спасибо' },
    ]);
    const { ticket } = (await call('GET', path, { cookie })).json();
    expect(ticket).toMatchObject({ number: 'K7-48213', status: 'closed' });
    expect(world.audit.filter((entry) => entry.on === 'tk1').map((entry) => entry.what)).toEqual([
      'ticket.claim',
      'ticket.claim',
      'ticket.reply',
      'ticket.reply',
      'ticket.note',
      'ticket.note',
      'ticket.resend',
      'ticket.resend',
      'ticket.close',
      'ticket.close',
      'ticket.view',
    ]);
  });

  it.each([
    ['claim', { key: { $ne: null } }],
    ['claim', {}],
    ['reply', { key: 'reply-0001', text: { $gt: '' } }],
    ['note', { key: 'note-00001', text: '  ' }],
    ['note', { key: 'note-00001', text: 'x'.repeat(4001) }],
    ['resend', { key: 'resend-001', message: { $ne: '' } }],
    ['close', { key: 'close-0001', text: ['a'] }],
  ])('refuses %s with %j', async (act, body) => {
    const cookie = await signIn();
    world.tickets.set('tk1', ticketOf());
    const response = await write(`/console/api/tickets/tk1/${act}`, body, cookie);
    expect(response.statusCode).toBe(400);
    expect(world.events).toEqual([]);
    const foreign = await write('/console/api/tickets/nope/claim', { key: 'claim-0001' }, cookie);
    expect(foreign.statusCode).toBe(404);
  });

  it('lists, finds by number and pages; a visitor’s files are not the console’s', async () => {
    const cookie = await signIn();
    for (let n = 0; n < 60; n += 1) {
      world.tickets.set(
        `t${n}`,
        ticketOf({
          id: `t${n}`,
          number: `K7-${n}`,
          changedAt: 1000 + n,
          status: n % 2 ? 'closed' : 'received',
        }),
      );
    }
    const closed = (await call('GET', '/console/api/tickets?state=closed', { cookie })).json();
    expect(closed.tickets).toHaveLength(30);
    world.tickets.forEach((ticket) => {
      world.tickets.set(ticket.id, { ...ticket, status: 'received' });
    });
    const first = (await call('GET', '/console/api/tickets', { cookie })).json();
    const second = (await call('GET', `/console/api/tickets?before=${first.next}`, { cookie })).json();
    expect([first.tickets.length, second.tickets.length]).toEqual([50, 10]);
    const found = (await call('GET', '/console/api/tickets?number=k7-7', { cookie })).json();
    expect(found.tickets).toMatchObject([{ id: 't7' }]);
    expect((await call('GET', '/console/api/tickets?number[$ne]=x', { cookie })).json().tickets).toHaveLength(
      50,
    );
    expect((await call('GET', '/console/api/tickets?state=all', { cookie })).statusCode).toBe(400);
    expect((await call('GET', '/console/api/tickets?before=1;drop', { cookie })).statusCode).toBe(400);

    const visiting = await visitor();
    const { sealed } = (await uploadAs(visiting, 'a.png', 'image/png', PNG)).json();
    const stolen = await write(
      '/console/api/tickets/t1/note',
      { key: 'note-00001', text: 'x', files: [sealed] },
      cookie,
    );
    expect(stolen.statusCode).toBe(403);
    world.say('c9', { text: '', attachments: [{ kind: 'photo', ref: 'media:x' }] }, { ticket: 'other' });
    const foreign = await call('GET', `/console/api/tickets/t1/media/${world.messages[0]?.id}/0`, { cookie });
    expect(foreign.statusCode).toBe(404);
  });

  it('is not there when it is switched off', async () => {
    await open({ console: false });
    expect((await call('GET', '/console')).statusCode).toBe(404);
    expect((await call('GET', '/console/api/session')).statusCode).toBe(404);
  });
});
