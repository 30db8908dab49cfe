// A flow edited for one process is live in the others: with a folder of their own, by the store and a hint.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { followFlows } from '../../src/app/follow.ts';
import { type Library, openLibrary } from '../../src/app/library.ts';
import { createLog } from '../../src/log.ts';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import { openStore } from '../../src/store/open.ts';
import { type Ground, layGround, ROOT } from '../transcript/world.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
});
afterAll(() => ground.stop());

test('the last edit is in use everywhere, and an old folder elsewhere takes nothing back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'otklik-follow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = await openStore({ uri: ground.uri, dbName: 'follow' });
  const runtime = { ...createLocalRuntime(Date.now), shared: true };
  onTestFinished(async () => {
    await runtime.stop();
    await store.stop();
  });
  const open = async (name: string): Promise<Library> => {
    const flows = join(folder, name);
    cpSync(join(ROOT, 'flows'), flows, { recursive: true });
    const library = await openLibrary({
      folders: { flows, locales: join(ROOT, 'locales') },
      releases: store.releases,
      settings: store.settings,
      defaultLocale: 'ru',
      clock: Date.now,
      log: createLog('silent'),
    });
    onTestFinished(followFlows(library, runtime, createLog('silent')));
    return library;
  };
  const edited = await open('edited');
  const other = await open('other');
  const first = edited.current().hash;
  expect(other.current().hash).toBe(first);

  const path = join(folder, 'edited', 'nps.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace('after: 24h', 'after: 23h'));
  expect(await edited.reload()).toEqual([]);
  const second = edited.current().hash;
  expect(second).not.toBe(first);
  runtime.publish('flows', { kind: 'flows' });
  await expect.poll(() => other.current().hash).toBe(second);
  // The other one's folder still holds what was: being read again, it is no edit.
  await other.reload();
  expect(other.current().hash).toBe(second);
  expect(await store.settings.get('release')).toBe(second);
  expect(await other.follow()).toBe(false);
});
