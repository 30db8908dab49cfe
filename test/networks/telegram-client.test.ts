// The client over real connections: every way a call can fail becomes the right verdict, through proxies too, and
// nothing that is thrown or logged ever holds the token or the words of a message.
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryError } from '../../src/core/errors.ts';
import { createTelegramClient, type TelegramClient } from '../../src/networks/telegram/client.ts';
import { fromRefusal, MigratedError } from '../../src/networks/telegram/errors.ts';
import { startTelegram } from '../standins/telegram/telegram.ts';
import { TOKEN, type World } from './telegram-set.ts';

const WORDS = 'CANARY words of a person';

async function listen(server: Server | net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}

async function thrown(work: Promise<unknown>): Promise<DeliveryError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  expectClean(error);
  return error as DeliveryError;
}

/** Everything a logger could make of it, causes included. */
function expectClean(error: unknown): void {
  const views = [String(error), inspect(error, { depth: 20, showHidden: true, getters: true })];
  for (let one = error; one instanceof Error; one = one.cause) {
    views.push(one.message, one.stack ?? '', JSON.stringify(one), JSON.stringify(Object.entries(one)));
  }
  for (const view of views) {
    expect(view).not.toContain('CANARY');
    expect(view).not.toContain(TOKEN.split(':')[1]);
  }
}

describe('over the stand-in', () => {
  let world: World;
  let client: TelegramClient;
  let chat: number;
  beforeEach(async () => {
    world = await startTelegram({ token: TOKEN });
    client = createTelegramClient({ token: TOKEN, apiRoot: `${world.url}/`, timeout: 2_000 });
    const person = world.person();
    person.start();
    chat = person.id;
  });
  afterEach(async () => {
    await client.close();
    await world.stop();
  });
  const say = () => client.call.sendMessage({ chat_id: chat, text: WORDS });

  test('a call that succeeds', async () => {
    expect(client.account).toBe('123456');
    expect((await say()).text).toBe(WORDS);
  });

  test.each([
    [
      { do: 'refuse429', retryAfter: 7 },
      { verdict: 'later', reason: 'flood', retryAfter: 7_000, wide: false },
    ],
    [{ do: '500' }, { verdict: 'later', reason: 'server' }],
    [{ do: '403' }, { verdict: 'blocked', reason: 'blocked' }],
    [
      { do: '403', text: 'user is deactivated' },
      { verdict: 'blocked', reason: 'deactivated' },
    ],
    [{ do: '409' }, { verdict: 'later', reason: 'conflict' }],
    [{ do: 'effect-then-drop' }, { verdict: 'unknown', reason: 'network' }],
    [{ do: 'drop-before' }, { verdict: 'unknown', reason: 'network' }],
    [
      { do: 'garbage', effect: true },
      { verdict: 'unknown', reason: 'network' },
    ],
    [
      { do: 'hang', ms: 4_000 },
      { verdict: 'unknown', reason: 'network' },
    ],
  ] as const)('%o', async (fault, wanted) => {
    const rule = world.faults.add({ ...fault, when: { method: 'sendMessage' } });
    expect(await thrown(say())).toMatchObject(wanted);
    expect(rule.fired).toBe(1);
  });

  test('a host that refuses or does not exist was never reached', async () => {
    await world.down();
    expect(await thrown(say())).toMatchObject({ verdict: 'later', reason: 'network', wide: true });
    const lost = createTelegramClient({ token: TOKEN, apiRoot: 'http://no-such-host.invalid' });
    const error = await thrown(lost.call.sendMessage({ chat_id: chat, text: WORDS }));
    expect(error).toMatchObject({ verdict: 'later', reason: 'network', wide: true });
    await lost.close();
  });

  test('a wrong token is told as such', async () => {
    const other = createTelegramClient({ token: '9:CANARY-bbbbbbbbbbbbbbbbbbbbbbb', apiRoot: world.url });
    const error = await thrown(other.call.getMe());
    expect(error).toMatchObject({ verdict: 'later', reason: 'auth', wide: true });
    await other.close();
  });

  test('what is so already is no failure', async () => {
    const { message_id } = await say();
    await client.call.editMessageText({ chat_id: chat, message_id, text: WORDS });
    await client.call.answerCallbackQuery({ callback_query_id: '1' });
  });

  test('people that cannot be reached, and messages that cannot be', async () => {
    const stranger = world.person();
    const to = (chat_id: number, text: string) => client.call.sendMessage({ chat_id, text });
    expect(await thrown(to(stranger.id, WORDS))).toMatchObject({ verdict: 'blocked', reason: 'not_started' });
    expect(await thrown(to(1, WORDS))).toMatchObject({ verdict: 'blocked', reason: 'chat_not_found' });
    expect(await thrown(to(chat, 'x'.repeat(5_000)))).toMatchObject({ verdict: 'never', reason: 'too_long' });
    expect(await thrown(to(chat, ''))).toMatchObject({ verdict: 'never', reason: 'refused' });
  });

  test('files come down whole, and not when they are too big', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const person = world.person();
    const file = person.sendDocument(bytes, { name: 'a.bin' }).media?.file;
    expect(Buffer.from((await client.download(file?.id ?? '')).bytes).equals(bytes)).toBe(true);
    const big = person.sendDocument({ size: 21 * 1024 * 1024 }).media?.file;
    expect(await thrown(client.download(big?.id ?? ''))).toMatchObject({
      verdict: 'never',
      reason: 'too_big',
    });
    expect(await thrown(client.download('nonsense'))).toMatchObject({ verdict: 'never', reason: 'gone' });
  });

  test('through an http proxy', async () => {
    const seen: string[] = [];
    const proxy = createServer(async (request, response) => {
      seen.push(request.url ?? '');
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk as Buffer);
      const answer = await fetch(request.url ?? '', {
        method: request.method ?? 'POST',
        headers: { 'content-type': request.headers['content-type'] ?? '' },
        body: Buffer.concat(body),
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
    const port = await listen(proxy);
    const proxied = createTelegramClient({
      token: TOKEN,
      apiRoot: world.url,
      proxyUrl: `http://127.0.0.1:${port}`,
    });
    expect((await proxied.call.sendMessage({ chat_id: chat, text: 'by proxy' })).text).toBe('by proxy');
    expect(seen).toHaveLength(1);
    await proxied.close();
    proxy.closeAllConnections();
    proxy.close();
    const dead = createTelegramClient({
      token: TOKEN,
      apiRoot: world.url,
      proxyUrl: `http://127.0.0.1:${port}`,
    });
    expect(await thrown(dead.call.getMe())).toMatchObject({ verdict: 'later', reason: 'network' });
    await dead.close();
  });

  test('through a socks proxy', async () => {
    let tunnels = 0;
    const proxy = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (asked: Buffer) => {
          tunnels += 1;
          const at = asked.length - 2;
          const target = net.connect(asked.readUInt16BE(at), '127.0.0.1', () => {
            socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            socket.pipe(target).pipe(socket);
          });
          target.on('error', () => socket.destroy());
        });
      });
    });
    const port = await listen(proxy);
    const proxyUrl = `socks5://127.0.0.1:${port}`;
    const proxied = createTelegramClient({ token: TOKEN, apiRoot: world.url, proxyUrl });
    expect((await proxied.call.sendMessage({ chat_id: chat, text: 'by socks' })).text).toBe('by socks');
    expect(tunnels).toBe(1);
    world.faults.add({ when: { method: 'sendMessage' }, do: 'effect-then-drop', times: 1 });
    const lost = await thrown(proxied.call.sendMessage({ chat_id: chat, text: WORDS }));
    expect(lost.verdict).toBe('unknown');
    await proxied.close();
    proxy.close();
    const dead = createTelegramClient({ token: TOKEN, apiRoot: world.url, proxyUrl: 'socks5://127.0.0.1:9' });
    expect(await thrown(dead.call.getMe())).toMatchObject({ verdict: 'later', reason: 'network' });
    await dead.close();
  });
});

describe('between us and Telegram', () => {
  test.each([
    [502, 'later'],
    [504, 'unknown'],
    [404, 'later'],
    [200, 'unknown'],
  ])('a gateway that answers %i with a page is %s', async (status, verdict) => {
    const gateway = createServer((_, response) => void response.writeHead(status).end('<html>'));
    const port = await listen(gateway);
    const client = createTelegramClient({ token: TOKEN, apiRoot: `http://127.0.0.1:${port}` });
    expect(await thrown(client.call.sendMessage({ chat_id: 1, text: WORDS }))).toMatchObject({ verdict });
    await client.close();
    gateway.closeAllConnections();
    gateway.close();
  });
});

describe('before the request is written', () => {
  const say = (client: TelegramClient) => client.call.sendMessage({ chat_id: 1, text: WORDS });

  test('a connection cut during the TLS handshake carried nothing', async () => {
    const cutter = net.createServer((socket) => void socket.once('data', () => socket.destroy()));
    const port = await listen(cutter);
    const client = createTelegramClient({ token: TOKEN, apiRoot: `https://127.0.0.1:${port}` });
    expect(await thrown(say(client))).toMatchObject({ verdict: 'later', reason: 'network' });
    await client.close();
    cutter.close();
  });

  test('a tunnel that the proxy refuses carried nothing', async () => {
    let asked = '';
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked = request.url ?? '';
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const port = await listen(proxy);
    const proxyUrl = `http://user:CANARY-secret@127.0.0.1:${port}`;
    const client = createTelegramClient({ token: TOKEN, apiRoot: 'https://127.0.0.1:1', proxyUrl });
    expect(await thrown(say(client))).toMatchObject({ verdict: 'later', reason: 'network' });
    expect(asked).toBe('127.0.0.1:1');
    await client.close();
    proxy.closeAllConnections();
    proxy.close();
  });
});

describe("Telegram's sentences", () => {
  test.each([
    [400, 'Bad Request: message thread not found', 'never', 'gone_thread'],
    [400, 'Bad Request: TOPIC_DELETED', 'never', 'gone_thread'],
    [400, 'Bad Request: TOPIC_ID_INVALID', 'never', 'gone_thread'],
    [400, 'Bad Request: TOPIC_CLOSED', 'never', 'closed_thread'],
    [400, 'Bad Request: chat not found', 'blocked', 'chat_not_found'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'blocked', 'not_member'],
    [403, 'Forbidden: something else', 'blocked', 'forbidden'],
    [400, 'Bad Request: not enough rights to create a topic', 'never', 'no_rights'],
    [400, 'Bad Request: wrong file identifier/HTTP URL specified', 'never', 'bad_file'],
    [400, 'Bad Request: PHOTO_INVALID_DIMENSIONS', 'never', 'bad_photo'],
    [400, 'Bad Request: message to edit not found', 'never', 'not_editable'],
    [400, 'Bad Request: something new', 'never', 'refused'],
    [401, 'Unauthorized', 'later', 'auth'],
    [502, 'Bad Gateway', 'later', 'server'],
  ] as const)('%i %s', (error_code, description, verdict, reason) => {
    expect(fromRefusal('sendMessage', { error_code, description })).toMatchObject({ verdict, reason });
  });

  test('a group that moved tells where to', () => {
    const error = fromRefusal('sendMessage', {
      error_code: 400,
      description: 'Bad Request: group chat was upgraded to a supergroup chat',
      parameters: { migrate_to_chat_id: -100_5 },
    });
    expect(error).toBeInstanceOf(MigratedError);
    expect(error).toMatchObject({ to: -100_5, reason: 'migrated', verdict: 'later' });
  });

  test('a token in a sentence of theirs is taken out', () => {
    const description = `wrong url https://x/file/bot${TOKEN}/a`;
    expectClean(fromRefusal('getFile', { error_code: 400, description }));
  });
});
