// Kill -9 at any moment, under duplicated and swapped updates, storms of 429, lost answers: nothing lost, nothing
// doubled. The size for every day; the full one is node test/faults/run.ts.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { daily } from './daily.ts';
import { ROOT, runKills } from './kill.ts';

daily(['telegram', 'web'], 32, 7);

it('says at once that the program serves no pages, and waits for nobody', async () => {
  const root = mkdtempSync(join(tmpdir(), 'otklik-unbuilt-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const name of ['src', 'locales', 'package.json']) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  await expect(runKills({ conversations: 2, kills: 0, seed: 1, root })).rejects.toThrow(
    /serves no chat page.*npm run build/,
  );
});
