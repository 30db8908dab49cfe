// The list of planted bugs cannot rot: every change still fits the program, and leaves what can be read as one.
import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { changed } from './plant.ts';

it('holds at least 32 bugs, each by a name of its own', () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
  expect(BUGS.length).toBeGreaterThanOrEqual(32);
});

describe.each(BUGS)('$name', ({ changes }) => {
  it('can be planted', () => {
    expect(changes).not.toEqual([]);
    for (const { from, to } of changes) expect(to).not.toBe(from);
    for (const text of changed(changes).values()) expect(() => stripTypeScriptTypes(text)).not.toThrow();
  });
});
