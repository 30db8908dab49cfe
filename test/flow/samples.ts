// The sample flows as sources by path, and ways to break them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Fault } from '../../src/core/errors.ts';
import { compileRelease } from '../../src/flow/parse.ts';

const ROOT = join(import.meta.dirname, 'samples/good');

export function goodFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(ROOT, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(ROOT, path).replaceAll('\\', '/')] = readFileSync(path, 'utf8');
  }
  return files;
}

/** The good files with some replaced. */
export function compileWith(changed: Readonly<Record<string, string>>): ReturnType<typeof compileRelease> {
  return compileRelease({ ...goodFiles(), ...changed }, { defaultLocale: 'ru', country: 'RU' });
}

/** As `code file:line:column`, one a line. */
export function brief(faults: readonly Fault[]): string[] {
  return faults.map(({ code, file, line, column }) => `${code} ${file}:${line}:${column}`);
}
