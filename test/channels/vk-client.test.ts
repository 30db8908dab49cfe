// VK's calls over their own connections: through a proxy, to addresses that lead on, and to servers that do not answer.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createSocketServer,
  type Server as SocketServer,
} from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createVkClient } from '../../src/channels/vk/client.ts';
import { startVk } from '../standins/vk/vk.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

async function listen(server: Server | SocketServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function network() {
  const vk = await startVk({ secondMs: 20 });
  onTestFinished(() => vk.stop());
  return vk;
}

/** A socks5 proxy without names or passwords, which counts whom it lets through. */
async function socks(): Promise<{ readonly url: string; readonly passed: () => number }> {
  let passed = 0;
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        // Version, command, reserved, IPv4 or a name, address, port.
        const isName = request[3] === 3;
        const port = request.readUInt16BE(request.length - 2);
        const host = isName ? request.subarray(5, -2).toString() : [...request.subarray(4, 8)].join('.');
        const onward = connect(port, host, () => {
          passed += 1;
          socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          socket.pipe(onward).pipe(socket);
        });
        onward.on('error', () => socket.destroy());
      });
    });
  });
  return { url: `socks5://127.0.0.1:${await listen(server)}`, passed: () => passed };
}

describe('through a proxy', () => {
  test('calls, uploads, files and long polls go by a socks proxy', async () => {
    const vk = await network();
    const proxy = await socks();
    const api = await createVkClient({ token: vk.token, apiBaseUrl: vk.url, proxyUrl: proxy.url });
    onTestFinished(() => api.close());
    const person = vk.person();
    person.sendPhoto(PNG);
    const session = await api.call<{ server: string; key: string; ts: string }>('groups.getLongPollServer', {
      group_id: vk.groupId,
    });
    expect(proxy.passed()).toBeGreaterThan(0);
    const attachment = await api.upload('photo', { peer: person.id }, { bytes: PNG, name: 'a.png' });
    expect(attachment).toMatch(/^photo-\d+_\d+_\w+$/);
    const query = new URLSearchParams({ act: 'a_check', key: session.key, ts: '1', wait: '0' });
    const options = { timeout: 5_000, limit: 1_000_000 };
    const { body } = await api.get(`${session.server}?${query}`, options);
    expect(JSON.parse(body.toString())).toHaveProperty('updates');
    const [photo] = (person.seen()[0]?.wire.attachments ?? []) as {
      readonly photo: { readonly sizes: readonly { readonly type: string; readonly url: string }[] };
    }[];
    const url = photo?.photo.sizes.find((size) => size.type === 'w')?.url ?? '';
    const file = await api.get(url, { ...options, allows: () => true });
    expect(file.body.equals(PNG)).toBe(true);
    expect(vk.violations).toEqual([]);
  });

  test('a proxy that is gone is a network that was never reached', async () => {
    const vk = await network();
    const api = await createVkClient({ token: vk.token, apiBaseUrl: vk.url, proxyUrl: 'http://127.0.0.1:9' });
    onTestFinished(() => api.close());
    const refused = await api.call('users.get', {}).catch((error: unknown) => error);
    expect(refused).toMatchObject({ verdict: 'later', reason: 'network', wide: true });
    expect(vk.requests).toEqual([]);
  });
});

describe('addresses VK gives', () => {
  test('one that leads on is followed only where it may be asked, and not without end', async () => {
    const asked: string[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/away')
        response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
      else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
      else if (request.url === '/on') response.writeHead(301, { location: '/file' }).end();
      else response.end('bytes');
    });
    const root = `http://127.0.0.1:${await listen(server)}`;
    const api = await createVkClient({ token: 'x', apiBaseUrl: `${root}/method` });
    onTestFinished(() => api.close());
    const options = { timeout: 5_000, limit: 100, allows: (url: URL) => url.origin === root };
    expect((await api.get(`${root}/on`, options)).body.toString()).toBe('bytes');
    await expect(api.get(`${root}/away`, options)).rejects.toMatchObject({ reason: 'gone' });
    await expect(api.get(`${root}/round`, options)).rejects.toMatchObject({ reason: 'gone' });
    await expect(api.get(`${root}/file`, { ...options, limit: 3 })).rejects.toMatchObject({
      reason: 'too_big',
    });
    expect(asked.filter((path) => path === '/round').length).toBeLessThan(10);
  });

  test('a server that hangs, or answers with what is no answer, leaves the fate unknown', async () => {
    const server = createServer((request, response) => {
      if (request.url?.endsWith('/users.get')) response.end('<html>gateway</html>');
    });
    const root = `http://127.0.0.1:${await listen(server)}`;
    onTestFinished(() => server.closeAllConnections());
    const api = await createVkClient({ token: 'x', apiBaseUrl: `${root}/method`, timeout: 100 });
    onTestFinished(() => api.close());
    await expect(api.call('users.get', {})).rejects.toMatchObject({ verdict: 'unknown', reason: 'network' });
    await expect(api.call('messages.send', {})).rejects.toMatchObject({ verdict: 'unknown' });
    const lost = await api
      .upload('doc', { peer: 1 }, { bytes: PNG, name: 'a.bin' })
      .catch((error: unknown) => error);
    expect(lost, 'an upload is seen by nobody').toMatchObject({ verdict: 'later', reason: 'network' });
    await expect(api.get(`${root}/x?key=canary`, { timeout: 100, limit: 10 })).rejects.toMatchObject({
      verdict: 'unknown',
      message: expect.not.stringContaining('canary'),
    });
  });
});
