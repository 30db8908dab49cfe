// The registry: every channel's folder is in it, and none is loaded before it is asked for.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../src/channels/index.ts';

/** It belongs to one command and one person at a keyboard, and is never turned on by settings. */
const BY_COMMAND = ['terminal'];

test('every channel of ours is registered', () => {
  const folders = readdirSync(new URL('../../src/channels', import.meta.url), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect([...Object.keys(CHANNELS), ...BY_COMMAND].sort()).toEqual(names.sort());
});

test.each(Object.entries(CHANNELS))('%s loads what makes it', async (_name, entry) => {
  expect(await entry.load()).toBeTypeOf('function');
});

test('reading the registry loads settings only', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { CHANNELS } = await import(process.argv[1]);
    const before = [...loaded];
    await CHANNELS.web.load();
    console.log(JSON.stringify({ before, after: loaded.length }));`;
  const registry = new URL('../../src/channels/index.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    registry,
  ]);
  const { before, after } = JSON.parse(stdout) as { before: string[]; after: number };
  expect(before.filter((url) => !/\/(index|settings)\.ts$/.test(url))).toEqual([]);
  expect(after).toBeGreaterThan(before.length);
});
