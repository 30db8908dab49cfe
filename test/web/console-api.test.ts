// The console's server side: who gets in, what is written only from its own page, what becomes a desk event.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Response as Filled } from '../../src/core/response.ts';
import type { WebDeps } from '../../src/web/deps.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { callsTo, PNG } from './calls.ts';
import { createWorld, PASSWORD, ticketOf, type World } from './memory.ts';

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
      'parked',
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

  it('tells of parked events without their words, and tries one again, audited', async () => {
    const odd = { text: 'секрет' };
    world.parked.push({ id: '01A', kind: 'message', line: 'c1', at: 5, reason: 'TypeError', ...odd });
    expect((await write('/console/api/parked/01A/replay', {})).statusCode).toBe(401);
    const cookie = await signIn();
    const told = await call('GET', '/console/api/parked', { cookie });
    expect(told.json()).toEqual({
      parked: [{ id: '01A', kind: 'message', line: 'c1', at: 5, reason: 'TypeError' }],
    });
    const foreign = await write('/console/api/parked/01A/replay', {}, cookie, {
      origin: 'http://evil.example',
    });
    expect(foreign.statusCode).toBe(403);
    for (const id of ['nobody', '$ne', `${'x'.repeat(65)}`]) {
      const response = await write(`/console/api/parked/${id}/replay`, {}, cookie);
      expect([id, response.statusCode]).toEqual([id, 404]);
    }
    expect(world.parked).toHaveLength(1);
    expect((await write('/console/api/parked/01A/replay', {}, cookie)).statusCode).toBe(202);
    expect(world.parked).toEqual([]);
    expect(world.audit.at(-1)).toMatchObject({ what: 'event.replay', on: '01A', by: { name: 'Ольга' } });
    expect(world.audit.filter(({ what }) => what === 'event.replay')).toHaveLength(1);
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
      operator: { id: 'console:ольга', name: 'Ольга' },
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
      operator: { id: 'console:ольга', name: 'Ольга' },
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

  it('shows what was gathered before the ticket as the customer’s words, and never to the customer', async () => {
    const cookie = await signIn();
    const visiting = await visitor();
    await call('POST', '/chat/events', { cookie: visiting, body: { id: 'first-0001', kind: 'start' } });
    await call('POST', '/chat/events', {
      cookie: visiting,
      body: { id: 'first-0002', kind: 'message', text: 'а' },
    });
    const contact = world.messages[0]?.contact ?? '';
    world.tickets.set('tk1', ticketOf({ contact }));
    const photo = { kind: 'photo', ref: 'media:x', name: 'box.png' } as const;
    world.say(
      contact,
      { text: 'Коробка помята', attachments: [photo] },
      { author: { kind: 'customer' }, ticket: 'tk1', gathered: true },
    );
    const { ticket } = (await call('GET', '/console/api/tickets/tk1', { cookie })).json();
    expect(ticket.messages).toMatchObject([
      { text: 'Коробка помята', author: { kind: 'customer' }, files: [{ name: 'box.png' }] },
    ]);
    const { messages } = (await call('GET', '/chat/messages', { cookie: visiting })).json();
    expect(messages.map(({ text }: { text: string }) => text)).toEqual(['а']);
  });

  it('says where else the same customer may be met', async () => {
    await open({ alsoOn: async (contact) => (contact === 'c1' ? ['vk', 'vk', 'telegram'] : []) });
    world.tickets.set('tk1', ticketOf());
    const { ticket } = (await call('GET', '/console/api/tickets/tk1', { cookie: await signIn() })).json();
    expect(ticket.alsoOn).toEqual(['vk', 'telegram']);
  });

  it('tells why an answer did not arrive in the words of the console’s language, an unknown code as it is', async () => {
    const words: Record<string, string> = { 'ru network': 'нет связи', 'en network': 'no connection' };
    await open({ why: (locale, code) => words[`${locale} ${code}`] });
    world.tickets.set('tk1', ticketOf());
    for (const reason of ['network', 'brand_new'])
      world.say('c1', { text: reason }, { ticket: 'tk1', state: 'failed', reason });
    const cookie = await signIn();
    const reasons = async (query: string) => {
      const { ticket } = (await call('GET', `/console/api/tickets/tk1${query}`, { cookie })).json();
      return ticket.messages.map(({ reason }: { reason?: string }) => reason);
    };
    expect(await reasons('?locale=en')).toEqual(['no connection', 'brand_new']);
    expect(await reasons('?locale=ru')).toEqual(['нет связи', 'brand_new']);
    expect(await reasons('')).toEqual(['нет связи', 'brand_new']);
  });

  it('names a response’s flow by its title', async () => {
    const status = () => [{ name: 'nps', title: 'Оценить нас', nodes: 3, faults: [] }];
    await open({ flows: { status } });
    const cookie = await signIn();
    const shared = { id: 'r', contact: 'c', channel: 'web', account: '', locale: 'ru', flowVersion: 'h' };
    const filled = { state: 'complete', metric: 'nps', reasons: [], touchpoint: '', answers: {} } as const;
    const one: Filled = { ...shared, ...filled, flow: 'nps', lastNode: 'x', startedAt: 1, at: 5 };
    world.responses.push(one, { ...one, id: 's', flow: 'mine', at: 4 });
    const { responses } = (await call('GET', '/console/api/responses', { cookie })).json();
    expect(responses.map(({ flow, title }: { flow: string; title?: string }) => [flow, title])).toEqual([
      ['nps', 'Оценить нас'],
      ['mine', undefined],
    ]);
  });

  it('tells two operators apart by their names: one has the ticket, the other must take it over', async () => {
    const [olga, ivan, again] = [await signIn(), await signIn(' Иван  Петров '), await signIn('иван петров')];
    world.tickets.set('tk1', ticketOf());
    const path = '/console/api/tickets/tk1';
    const mine = async (cookie: string) =>
      (await call('GET', '/console/api/tickets?state=mine', { cookie })).json().tickets.length;
    const reply = async (cookie: string, key: string) =>
      (await write(`${path}/reply`, { key, text: 'Здравствуйте' }, cookie)).statusCode;
    await write(`${path}/claim`, { key: 'claim-0001' }, olga);
    expect([await mine(olga), await mine(ivan)]).toEqual([1, 0]);
    expect([await reply(olga, 'reply-0001'), await reply(ivan, 'reply-0002')]).toEqual([202, 409]);
    const late = await write(`${path}/claim`, { key: 'claim-0003' }, ivan);
    expect([late.statusCode, late.json().error]).toEqual([409, 'taken']);
    expect(world.events.some(({ id }) => id === 'claim-0003')).toBe(false);
    expect((await write(`${path}/claim`, { key: 'claim-0004' }, olga)).statusCode).toBe(202);
    await write(`${path}/claim`, { key: 'claim-0002', force: true }, ivan);
    expect([await mine(olga), await mine(ivan), await mine(again)]).toEqual([0, 1, 1]);
    expect([await reply(olga, 'reply-0003'), await reply(again, 'reply-0004')]).toEqual([409, 202]);
    expect(world.events.at(-2)).toMatchObject({
      act: 'claim',
      force: true,
      operator: { id: 'console:иван петров', name: 'Иван Петров' },
    });
    // What one of them uploaded is not the other's to send.
    const form = new FormData();
    form.append('file', new Blob([PNG], { type: 'image/png' }), 'a.png');
    const raw = new Response(form);
    const uploaded = await call('POST', '/console/api/files', {
      cookie: olga,
      raw: Buffer.from(await raw.arrayBuffer()),
      headers: { ...ours, 'content-type': raw.headers.get('content-type') ?? '' },
    });
    const body = { key: 'note-00001', text: '', files: [uploaded.json().sealed] };
    expect((await write(`${path}/note`, body, ivan)).statusCode).toBe(403);
    expect((await write(`${path}/note`, body, olga)).statusCode).toBe(202);
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
