// The parts of MAX one by one: which refusal means what, numbers beyond a JavaScript number, settings, certificates and
// proxies.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Parts } from '../../src/channels/index.ts';
import { createMaxClient } from '../../src/channels/max/client.ts';
import { composeMax } from '../../src/channels/max/compose.ts';
import { fromStranger, isUntrusted, verdictOf } from '../../src/channels/max/errors.ts';
import { fromRef, toRef } from '../../src/channels/max/file-ref.ts';
import { readJson } from '../../src/channels/max/read-json.ts';
import { createRecent } from '../../src/channels/max/recent.ts';
import { MAX_SETTINGS, readMax } from '../../src/channels/max/settings.ts';
import { fromUpdate, toKeyboard } from '../../src/channels/max/wire.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { type MaxStandIn, startMax } from '../standins/max/max.ts';
import { HOST_KEY, HOST_PEM, ROOT_PEM } from '../standins/max/tls.ts';

describe('a refusal', () => {
  test.each([
    [429, 'too.many.requests', '', 'later', 'flood'],
    [400, 'too.many.requests', '', 'later', 'flood'],
    [400, 'attachment.not.ready', 'Key: errors.process.attachment.file.not.processed', 'later', 'not_ready'],
    [401, 'verify.token', 'Invalid access_token', 'later', 'auth'],
    [403, 'verify.token', 'Invalid access_token', 'later', 'auth'],
    [405, 'method.not.allowed', '', 'later', 'conflict'],
    [403, 'chat.denied', 'error.dialog.suspended', 'blocked', 'blocked'],
    [403, 'chat.denied', 'error.dialog.notfound', 'blocked', 'not_started'],
    [403, 'chat.denied', 'Invalid chatId: 0', 'blocked', 'forbidden'],
    [404, 'chat.not.found', 'Chat 5 not found', 'blocked', 'chat_not_found'],
    [404, 'user.not.found', '', 'blocked', 'no_such_user'],
    [403, 'access.denied', '', 'blocked', 'forbidden'],
    [404, 'not.found', 'Message not found', 'never', 'not_editable'],
    [404, 'not.found', 'Video not found', 'never', 'bad_file'],
    [404, 'not.found', '', 'never', 'gone'],
    [413, '', '', 'never', 'too_big'],
    [400, 'proto.payload', 'Text is too long: max length is 4000', 'never', 'too_long'],
    [400, 'proto.payload', 'too many buttons in a row', 'never', 'bad_buttons'],
    [400, 'proto.payload', 'Missing `token` in video attachment', 'never', 'bad_file'],
    [400, 'proto.payload', 'something else', 'never', 'refused'],
    [500, 'internal.error', 'attachment went wrong', 'later', 'server'],
    [503, 'service.unavailable', '', 'later', 'server'],
  ] as const)('%i %s "%s" is %s: %s', (status, code, message, verdict, reason) => {
    const found = verdictOf({ status, code, message });
    expect(found).toMatchObject({ verdict, reason });
    if (verdict === 'later') expect(found.retryAfter).toBeGreaterThan(0);
    else expect(found.retryAfter).toBeUndefined();
  });

  test('waits as long as MAX asks, the whole account only where the token is at fault', () => {
    expect(verdictOf({ status: 429, code: '', message: '', retryAfter: 7 }).retryAfter).toBe(7_000);
    expect(verdictOf({ status: 401, code: '', message: '' })).toMatchObject({
      wide: true,
      retryAfter: 60_000,
    });
    expect(verdictOf({ status: 429, code: '', message: '' }).wide).toBeUndefined();
  });

  test('of a gateway that gave up waiting is no refusal: nobody knows', () => {
    expect([200, 502, 504].map((status) => fromStranger('x', status).verdict)).toEqual(
      Array(3).fill('unknown'),
    );
    expect([301, 404, 500, 503].map((status) => fromStranger('x', status).verdict)).toEqual(
      Array(4).fill('later'),
    );
  });
});

describe('what is read', () => {
  test('keeps numbers that are larger than a JavaScript number can tell', () => {
    const read = readJson(Buffer.from('{"marker":9223372036854775807,"small":-7,"share":1.5,"big":1e300}'));
    expect(read).toEqual({ marker: '9223372036854775807', small: -7, share: 1.5, big: 1e300 });
    expect(readJson(Buffer.from('[1]'))).toBeUndefined();
    expect(readJson(Buffer.from('{'))).toBeUndefined();
  });

  test('a ref leads back to its message', () => {
    const ref = { account: '42', within: 'forwarded', index: 11, mid: 'mid.00.ff' } as const;
    expect(fromRef(toRef(ref))).toEqual(ref);
    for (const other of [undefined, 'max:x', 'telegram:1.photo.A', 'media:abc'])
      expect(fromRef(other)).toBeUndefined();
  });

  test('an update without what makes it one is not understood, rather than half taken', () => {
    const user = { user_id: 5, first_name: 'A' };
    expect(() => fromUpdate({ update_type: 'bot_started', user } as never, '1')).toThrow(TypeError);
    expect(() => fromUpdate({ update_type: 'bot_started', timestamp: 1, user: {} } as never, '1')).toThrow(
      TypeError,
    );
    expect(fromUpdate({ update_type: 'bot_started', timestamp: 1 } as never, '1')).toEqual([]);
    expect(fromUpdate({ update_type: 'dialog_muted', timestamp: 1, user } as never, '1')).toEqual([]);
  });

  test('"/start" typed is a start, and a press on a message that is gone is still one', () => {
    const sender = { user_id: 5, first_name: 'A' };
    const message = (text: string) => ({
      sender,
      recipient: { chat_type: 'dialog', chat_id: 1 },
      body: { mid: 'mid.1', text, attachments: null },
    });
    const said = (text: string) =>
      fromUpdate({ update_type: 'message_created', timestamp: 1, message: message(text) }, '1')[0];
    expect(said('/start nps')).toMatchObject({ kind: 'start', payload: 'nps' });
    expect(said('/started')).toMatchObject({ kind: 'message', text: '/started' });
    const callback = { timestamp: 2, callback_id: 'c', payload: 'r1', user: sender };
    const [press] = fromUpdate(
      { update_type: 'message_callback', timestamp: 2, callback, message: null },
      '1',
    );
    expect(press).toEqual({
      ...{ id: 'press.c.2', channel: 'max', account: '1', at: 2, peer: '5', person: { name: 'A' } },
      ...{ kind: 'press', button: 'r1' },
    });
  });

  test('rows that links make too many are refused before MAX has to', () => {
    const choices = Array.from({ length: 210 }, (_, index) => ({ id: `${index}`, label: 'x' }));
    expect(toKeyboard({ text: '', choices })).toBeDefined();
    const links = choices.map((one) => ({ ...one, url: 'https://a.b' }));
    expect(() => toKeyboard({ text: '', choices: links })).toThrow('bad_buttons');
  });

  test('a memory of the latest forgets the oldest', () => {
    const recent = createRecent<number>(2);
    for (const key of ['a', 'b', 'a', 'c']) recent.set(key, 1);
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([1, undefined, 1]);
  });
});

describe('the settings', () => {
  const read = (values: Record<string, string>, publicUrl?: string) => {
    const faults: string[] = [];
    const config = readMax({
      value: (name) => values[name] ?? MAX_SETTINGS[name as keyof typeof MAX_SETTINGS]?.default ?? '',
      url: (name) => values[name] || undefined,
      fault: (name) => void faults.push(name),
      publicUrl,
    } as Parameters<typeof readMax>[0]);
    return { config, faults };
  };
  const token = 'abcdefgh.token';

  test('turn MAX on by its token, posted to by default', () => {
    expect(read({})).toEqual({ config: undefined, faults: [] });
    expect(read({ MAX_TOKEN: token }).faults).toEqual(['MAX_WEBHOOK_SECRET', 'PUBLIC_URL']);
    const secret = 'a-secret-of-16-letters';
    for (const address of ['http://a.example', 'https://a.example:8443']) {
      expect(read({ MAX_TOKEN: token, MAX_WEBHOOK_SECRET: secret }, address).faults).toEqual(['PUBLIC_URL']);
    }
    expect(read({ MAX_TOKEN: token, MAX_WEBHOOK_SECRET: secret }, 'https://a.b')).toEqual({
      config: { token, mode: 'webhook', webhookSecret: secret },
      faults: [],
    });
    expect(read({ MAX_TOKEN: token, MAX_MODE: 'poll' })).toEqual({
      config: { token, mode: 'poll' },
      faults: [],
    });
  });

  test('are told wrong with their names', () => {
    expect(read({ MAX_TOKEN: 'Bearer abcdefgh', MAX_MODE: 'push' }).faults).toEqual([
      'MAX_TOKEN',
      'MAX_MODE',
    ]);
    expect(read({ MAX_TOKEN: token, MAX_WEBHOOK_SECRET: 'short' }, 'https://a.b').faults).toEqual([
      'MAX_WEBHOOK_SECRET',
    ]);
  });

  test('name a file of certificates that is none', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'otklik-max-ca-'));
    const caFile = join(dir, 'ca.pem');
    const compose = () => composeMax({ token, mode: 'poll', caFile }, {} as Parts);
    await expect(compose()).rejects.toThrow(ConfigError);
    writeFileSync(caFile, 'no certificate');
    await expect(compose()).rejects.toThrow(/MAX_CA_FILE/);
    rmSync(dir, { recursive: true });
  });
});

describe('the way to MAX', () => {
  let world: MaxStandIn;
  const ends: (() => void)[] = [];
  beforeEach(async () => {
    world = await startMax();
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) end();
    await world.stop();
  });
  const open = (more: Partial<Parameters<typeof createMaxClient>[0]> = {}) => {
    const client = createMaxClient({ token: world.token, apiRoot: world.url, ...more });
    ends.push(() => client.close());
    return client;
  };
  const listening = async (server: ReturnType<typeof createServer>): Promise<number> => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    ends.push(() => void server.close().closeAllConnections());
    return (server.address() as AddressInfo).port;
  };

  test('a certificate of the state root is trusted once it is named, and never before', async () => {
    const secure = createSecureServer({ cert: HOST_PEM, key: HOST_KEY }, (incoming, outgoing) => {
      const { method, headers } = incoming;
      forward(`${world.url}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 0);
        answer.pipe(outgoing);
      }).end();
    });
    const apiRoot = `https://127.0.0.1:${await listening(secure)}`;
    const refused = await open({ apiRoot })
      .me()
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ verdict: 'later', reason: 'network', wide: true });
    expect(isUntrusted(refused)).toBe(true);
    expect(await open({ apiRoot, ca: ROOT_PEM }).me()).toBe(String(world.bot));
  });

  test('leads through a proxy, in the clear and in a tunnel', async () => {
    const seen: string[] = [];
    const proxy = createServer((incoming, outgoing) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      const { method, headers } = incoming;
      forward(incoming.url ?? '', { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 0);
        answer.pipe(outgoing);
      }).end();
    });
    proxy.on('connect', (incoming, socket) => {
      seen.push(`CONNECT ${incoming.url}`);
      const [host, port] = (incoming.url ?? '').split(':');
      const far = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        far.pipe(socket).pipe(far);
      });
      far.on('error', () => socket.destroy());
      socket.on('error', () => far.destroy());
    });
    const proxyUrl = `http://127.0.0.1:${await listening(proxy)}`;
    expect(await open({ proxyUrl }).me()).toBe(String(world.bot));
    expect(seen).toEqual([`GET ${world.url}/me`]);
    const body = JSON.stringify({ user_id: 77 });
    const secure = createSecureServer(
      { cert: HOST_PEM, key: HOST_KEY },
      (_, outgoing) => void outgoing.end(body),
    );
    const port = await listening(secure);
    expect(await open({ proxyUrl, apiRoot: `https://127.0.0.1:${port}`, ca: ROOT_PEM }).me()).toBe('77');
    expect(seen[1]).toBe(`CONNECT 127.0.0.1:${port}`);
  });

  test('a call that gets no answer in time is unknown once it was said, late before', async () => {
    const client = open({ timeout: 100 });
    world.faults.add({ when: { method: 'sendMessage' }, do: 'hang', ms: 2_000, times: 1 });
    const person = world.person({ started: true });
    const message = { text: 'x', attachments: [] };
    await expect(client.send(String(person.id), message)).rejects.toMatchObject({ verdict: 'unknown' });
    const nobody = open({ apiRoot: 'http://127.0.0.1:1' });
    await expect(nobody.send('1', message)).rejects.toMatchObject({ verdict: 'later', wide: true });
  });

  test("files are fetched from addresses of the API's own kind only, and given up when too big", async () => {
    const client = open();
    for (const url of ['file:///etc/passwd', 'not an address', 'ftp://127.0.0.1/a'])
      await expect(client.download(url, 10)).rejects.toMatchObject({ verdict: 'never', reason: 'gone' });
    const file = world.world.store('file', 'a', Buffer.alloc(1_000));
    const url = `${world.url}/files/${file.token}`;
    await expect(client.download(url, 999)).rejects.toMatchObject({ verdict: 'never', reason: 'too_big' });
    expect(await client.download(url, 1_000)).toHaveLength(1_000);
    world.faults.add({ when: { method: 'download' }, do: 'drop-before', times: 1 });
    await expect(client.download(url, 1_000)).rejects.toMatchObject({ verdict: 'later' });
  });
});
