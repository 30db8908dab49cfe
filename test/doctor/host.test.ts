// Doctor on the host: settings, secrets, folders, flows, the program near by and by its public address, Redis.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { nearUrl } from '../../src/doctor/program.ts';
import { examineRedis } from '../../src/doctor/redis.ts';
import { createFolders, examine, expectFinding, FLOWS, LOCALES, problems } from './set.ts';

const folders = createFolders('doctor-host');
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => folders.clear());
const closed = (): string => {
  const folder = folders.fresh('data');
  chmodSync(folder, 0o700);
  return folder;
};

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}
const answering = (status: number, body: unknown): Promise<number> =>
  listening(
    createHttp((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    }),
  );

test('a sound set-up that never ran has nothing to complain of', async () => {
  const found = await examine({ DATA_DIR: closed() });
  expect(problems(found)).toEqual([]);
  for (const code of [
    'settings.sound',
    'secrets.strong',
    'data.room',
    'flows.sound',
    'program.rests',
    'store.none',
  ])
    expectFinding(found, 'ok', code);
});

test('all wrong settings are told together, and no value of theirs', async () => {
  const found = await examine({ PORT: 'canary-1', REDIS_URL: 'canary-2', ADMIN_PASSWORD: 'can-3' });
  const wrong = found.filter(({ code }) => code === 'settings.wrong');
  expect(wrong.map(({ vars }) => vars?.setting).sort()).toEqual(['ADMIN_PASSWORD', 'PORT', 'REDIS_URL']);
  expectFinding(found, 'error', 'settings.wrong', /Put it right in \.env/);
  expect(JSON.stringify(found)).not.toMatch(/canary|can-3/);
});

describe('secrets', () => {
  test.each([
    ['ADMIN_PASSWORD', 'Canary-9', 'secrets.password', /12 characters or more/],
    ['ADMIN_PASSWORD', 'aaaaaaaaaaaaaaaa', 'secrets.password', /no row of the same ones/],
    ['TELEGRAM_WEBHOOK_SECRET', 'abcabcabcabcabcabc', 'secrets.weak', /openssl rand -hex 16/],
    ['VK_SECRET', 'Canary-9', 'secrets.weak', /16 random characters/],
    ['WHATSAPP_CLOUD_VERIFY_TOKEN', 'Canary-9', 'secrets.weak', /the same at the network/],
  ])('%s %s', async (setting, value, code, remedy) => {
    const found = await examine({ DATA_DIR: closed(), [setting]: value });
    expectFinding(found, 'warning', code, remedy);
    expect(JSON.stringify(found)).not.toContain(value);
  });

  test('a file of tokens that others may read', async () => {
    const envFile = join(closed(), '.env');
    writeFileSync(envFile, 'A=b\n', { mode: 0o644 });
    expectFinding(
      await examine({ DATA_DIR: closed() }, { envFile }),
      'warning',
      'secrets.env_open',
      /^chmod 600 /,
    );
    chmodSync(envFile, 0o600);
    expectFinding(await examine({ DATA_DIR: closed() }, { envFile }), 'ok', 'secrets.env_closed');
  });
});

describe('the folder of data', () => {
  test('that is not there yet', async () => {
    expectFinding(await examine({ DATA_DIR: join(closed(), 'later') }), 'ok', 'data.absent');
  });
  test('that is a file', async () => {
    const file = join(closed(), 'file');
    writeFileSync(file, '');
    expectFinding(await examine({ DATA_DIR: file }), 'error', 'data.unusable', /choose another folder/);
  });
  test('that others may read', async () => {
    const folder = closed();
    chmodSync(folder, 0o755);
    expectFinding(await examine({ DATA_DIR: folder }), 'warning', 'data.open', /^chmod 700 /);
  });
  test('on a disk with little room, and with none', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const little = await examine({ DATA_DIR: closed() }, { room: { warning: most, error: 0 } });
    expectFinding(little, 'warning', 'data.little_room', /Make room/);
    const none = await examine({ DATA_DIR: closed() }, { room: { warning: most, error: most } });
    expectFinding(none, 'error', 'data.little_room', /Make room/);
  });
});

describe('flows', () => {
  test('with a fault: file, line and the remedy that `check` gives', async () => {
    const flows = folders.fresh('flows');
    writeFileSync(
      join(flows, 'menu.yaml'),
      'flow: menu\nnodes:\n  a: { say: { ru: а, en: a }, go: nowhere }\n',
    );
    const found = await examine({ DATA_DIR: closed(), FLOWS_DIR: flows });
    expectFinding(found, 'error', 'flows.fault');
    expect(found.find(({ code }) => code === 'flows.fault')?.vars).toMatchObject({
      file: 'flows/menu.yaml',
      line: 3,
    });
  });
  test('in no folder, and in a language without texts', async () => {
    const none = await examine({ DATA_DIR: closed(), FLOWS_DIR: '/nowhere/flows' });
    expectFinding(none, 'error', 'flows.no_folder', /Name the folder/);
    const language = await examine({ DATA_DIR: closed(), DEFAULT_LOCALE: 'fr', FLOWS_DIR: FLOWS });
    expectFinding(language, 'error', 'flows.no_language', /Choose one of: en, ru/);
  });
});

describe('the program', () => {
  test('that works, and a part of it that does not', async () => {
    const well = await answering(200, { ok: true, parts: [{ name: 'store', ok: true }] });
    expectFinding(await examine({ DATA_DIR: closed(), PORT: String(well) }), 'ok', 'program.ready');
    const parts = [{ name: 'telegram', ok: false, reason: 'another process polls with this token (409)' }];
    const ill = await answering(503, { ok: false, parts });
    const found = await examine({ DATA_DIR: closed(), PORT: String(ill) });
    const one = expectFinding(found, 'error', 'program.ill', /Do what it says/);
    expect(one.vars).toMatchObject({ name: 'telegram', why: expect.stringContaining('409') });
  });
  test('whose port somebody else holds', async () => {
    const port = await answering(200, 'hello');
    const found = await examine({ DATA_DIR: closed(), PORT: String(port) });
    expectFinding(found, 'warning', 'program.stranger', /another PORT/);
  });
  test('is asked where it listens', () => {
    expect(nearUrl('0.0.0.0', 3000)).toBe('http://127.0.0.1:3000');
    expect(nearUrl('::', 3000)).toBe('http://[::1]:3000');
    expect(nearUrl('10.0.0.7', 80)).toBe('http://10.0.0.7:80');
  });
  test.each([
    [200, 'ok', 'address.reached', undefined],
    [502, 'error', 'address.other', /Let the proxy/],
  ] as const)('by its public address, which answers %i', async (status, level, code, remedy) => {
    const near = await answering(200, { ok: true, parts: [] });
    const far = await answering(status, {});
    const PUBLIC_URL = `http://127.0.0.1:${far}`;
    expectFinding(await examine({ DATA_DIR: closed(), PORT: String(near), PUBLIC_URL }), level, code, remedy);
  });
  test('by a public address that nobody answers at, or while the program rests', async () => {
    const near = await answering(200, { ok: true, parts: [] });
    const settings = { DATA_DIR: closed(), PUBLIC_URL: 'http://127.0.0.1:1' };
    const found = await examine({ ...settings, PORT: String(near) });
    expectFinding(found, 'warning', 'address.unreached', /port 443 is open/);
    expectFinding(await examine(settings), 'ok', 'address.unasked');
    expectFinding(await examine({ DATA_DIR: closed() }), 'ok', 'address.none');
  });
});

/** So much of a Redis as is asked: it tells of itself. */
async function redis(info: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      // Each command is an array of bulk strings; its name is the first.
      const names = [...chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)].map(([, name]) =>
        name!.toLowerCase(),
      );
      for (const name of names) {
        if (name === 'info') socket.write(`$${Buffer.byteLength(info)}\r\n${info}\r\n`);
        else if (name === 'hello') socket.write('%1\r\n$5\r\nproto\r\n:3\r\n');
        else socket.write(name === 'ping' ? '+PONG\r\n' : '+OK\r\n');
      }
    });
  });
  open.push({ close: () => [...sockets].map((socket) => socket.destroy()) && server.close() });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `redis://:canary-secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('Redis', () => {
  const info = (version: string, policy: string): string =>
    `# Server\r\nredis_version:${version}\r\n# Memory\r\nmaxmemory_policy:${policy}\r\n`;
  test('as it should be', async () => {
    const found = await examineRedis(await redis(info('7.4.1', 'noeviction')));
    expect(found).toHaveLength(1);
    expect(expectFinding(found, 'ok', 'redis.reached').vars).toMatchObject({ version: '7.4.1' });
  });
  test('that throws data away, or is old', async () => {
    const found = await examineRedis(await redis(info('6.0.16', 'allkeys-lru')));
    expectFinding(found, 'error', 'redis.evicts', /maxmemory-policy noeviction/);
    expectFinding(found, 'error', 'redis.old', /6\.2 or later/);
  });
  test('that is not there; its password is not told', async () => {
    const found = await examine({ DATA_DIR: closed(), REDIS_URL: 'redis://:canary-secret@127.0.0.1:1' });
    expectFinding(found, 'error', 'redis.unreachable', /leave REDIS_URL empty/);
    expect(JSON.stringify(found)).not.toContain('canary-secret');
  });
});

test('every sentence of the texts is one that the code can say', () => {
  const source = [
    'src/doctor/doctor.ts',
    ...['settings', 'flows', 'program', 'redis', 'store'].map((name) => `src/doctor/${name}.ts`),
    ...['nothing-lost', 'one-effect', 'no-cross-talk', 'as-replayed'].map(
      (name) => `src/doctor/invariants/${name}.ts`,
    ),
    'src/channels/examine.ts',
    ...['telegram', 'vk', 'max', 'whatsapp'].map((name) => `src/channels/${name}/examine.ts`),
  ]
    .map((file) => readFileSync(join(LOCALES, '..', file), 'utf8'))
    .join('\n');
  const yaml = readFileSync(join(LOCALES, 'en', 'cli.yaml'), 'utf8');
  const codes: string[] = [];
  let group = '';
  for (const line of yaml.slice(yaml.indexOf('\ndoctor:'), yaml.indexOf('\nbackup:')).split('\n')) {
    group = /^ {2}(\w+):$/.exec(line)?.[1] ?? group;
    const name = /^ {4}(\w+):$/.exec(line)?.[1];
    if (name !== undefined) codes.push(`${group}.${name}`);
  }
  expect(codes.length).toBeGreaterThan(70);
  expect(codes.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
});

test('a part whose examination itself fails is a finding, without its words', async () => {
  const broken = async () => {
    throw new TypeError('canary');
  };
  const found = await examine({ DATA_DIR: closed() }, { networks: [{ name: 'paper', examine: broken }] });
  const one = expectFinding(found, 'error', 'failed', /Run doctor again/);
  expect(one.vars).toEqual({ part: 'paper', why: 'TypeError' });
});
