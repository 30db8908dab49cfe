// A copy of the program with some words changed. It knows nothing of what they mean.
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from './bugs.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The text of every file that the changes touch, changed. Throws where the words to change do not stand there once. */
export function changed(changes: readonly Change[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { file, from, to } of changes) {
    const text = texts.get(file) ?? readFileSync(join(ROOT, file), 'utf8');
    const times = text.split(from).length - 1;
    if (times !== 1) throw new Error(`stands ${times} times in ${file} in place of once: ${from}`);
    texts.set(
      file,
      text.replace(from, () => to),
    );
  }
  return texts;
}

/** Gives the copy's folder; it is the caller's to remove. */
export function plant(changes: readonly Change[]): string {
  const texts = changed(changes);
  const folder = mkdtempSync(join(tmpdir(), 'otklik-planted-'));
  for (const name of ['src', 'locales', 'package.json'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'dist']) symlinkSync(join(ROOT, name), join(folder, name));
  for (const [file, text] of texts) writeFileSync(join(folder, file), text);
  return folder;
}
