// The commands as a host calls them: what they print, and how they end.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbedded } from '../../src/backup/database.ts';
import { live } from '../backup/life.ts';
import { createFolders } from './set.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folders = createFolders('doctor-cli');
const lived = folders.fresh('lived');
chmodSync(lived, 0o700);

async function otklik(words: readonly string[], env: Readonly<Record<string, string>>) {
  const run = promisify(execFile)(process.execPath, ['src/cli.ts', ...words], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: '1', DEFAULT_LOCALE: 'en', ...env },
  });
  return await run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

beforeAll(async () => {
  const life = await live({ DATA_DIR: lived });
  await life.say('anna', '/nps');
  await life.told('anna', '0 — ни за что');
  await life.stop();
}, 60_000);
afterAll(() => folders.clear());

test('doctor: findings line by line, each trouble with its remedy; 1 where there is an error', async () => {
  const env = { DATA_DIR: lived, ADMIN_PASSWORD: 'canary-7', REDIS_URL: 'redis://:canary@127.0.0.1:1' };
  const { code, stdout, stderr } = await otklik(['doctor'], env);
  expect(stderr).toBe('');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^warning +secrets +ADMIN_PASSWORD is weak\n +→ Choose one of 12/m);
  expect(stdout).toMatch(/^error +redis +REDIS_URL is set, but/m);
  expect(stdout).toMatch(/^ok +invariants +I6, no cross-talk/m);
  expect(stdout).toMatch(/\nerrors: 1, warnings: 1\n$/);
  expect(stdout).not.toContain('canary');
});

test('doctor for machines, in another language; 0 where there is none', async () => {
  const { code, stdout } = await otklik(['doctor', '--json', '--locale', 'ru'], { DATA_DIR: lived });
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ ok: true, errors: 0, warnings: 0 });
  expect(report.findings).toContainEqual({
    part: 'secrets',
    level: 'ok',
    code: 'secrets.strong',
    says: 'слабых секретов нет',
  });
});

test('doctor with wrong settings tells them and ends with 1', async () => {
  const { code, stdout } = await otklik(['doctor'], { DATA_DIR: lived, TIME_ZONE: 'Moscow' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^error +settings +TIME_ZONE must be an IANA name/m);
});

test('backup, then restore: progress, the end, and what stops them in words', async () => {
  const file = join(folders.root, 'b.tar.gz');
  const made = await otklik(['backup', file], { DATA_DIR: lived });
  expect(made).toMatchObject({ code: 0, stdout: `backup written: ${file}\n` });
  expect(made.stderr).toMatch(/^sessions: 1$/m);
  expect(existsSync(file)).toBe(true);
  const again = await otklik(['backup', file], { DATA_DIR: lived });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
  const filled = await otklik(['restore', file], { DATA_DIR: lived });
  expect(filled).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
  const back = await otklik(['restore', file], { DATA_DIR: folders.fresh('back') });
  expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('start the program') });
  expect(back.stderr).toMatch(/^comparing the hashes…$/m);
  expect(back.stderr).toMatch(/^sessions: 1$/m);
});

test('a backup that is broken off leaves neither a draft nor a copy', async () => {
  const folder = folders.fresh('broken');
  const target = join(folder, 'b.tar.gz');
  const large = folders.fresh('large');
  await (await openEmbedded(large)).close();
  mkdirSync(join(large, 'media', 'aa'), { recursive: true });
  writeFileSync(join(large, 'media', 'aa', 'aa'.repeat(32)), randomBytes(60_000_000));
  const child = spawn(process.execPath, ['src/cli.ts', 'backup', target], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: '1', DATA_DIR: large },
  });
  const ended = once(child, 'exit');
  // The copy is there from before the first collection is told of.
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(readdirSync(folder)).toEqual([]);
});
