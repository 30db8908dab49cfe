// The registry: every entry loads what it names, and none is loaded before it is asked for.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { CHANNELS, type ChannelEntry } from '../../src/channels/index.ts';

const entries = Object.entries<ChannelEntry>(CHANNELS);

test('every channel of ours is registered under its own name', () => {
  const folders = readdirSync(new URL('../../src/channels', import.meta.url), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(entries.map(([name]) => name).sort()).toEqual(names.sort());
  for (const [name, entry] of entries) expect(entry.name).toBe(name);
});

test.each(entries)('%s loads its factory', async (_name, entry) => {
  expect(await entry.load()).toBeTypeOf('function');
});

test('reading the registry loads no channel', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { CHANNELS } = await import(process.argv[1]);
    const before = loaded.length;
    await CHANNELS.terminal.load();
    console.log(JSON.stringify({ before, after: loaded.length }));`;
  const registry = new URL('../../src/channels/index.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
    registry,
  ]);
  const { before, after } = JSON.parse(stdout) as { before: number; after: number };
  expect(before).toBe(1);
  expect(after).toBeGreaterThan(1);
});
