// What doctor's tests share: the examination of a set-up with everything given, and findings in a person's words.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Finding } from '../../src/channels/examine.ts';
import { readConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/core/errors.ts';
import { doctor, type Setup } from '../../src/doctor/doctor.ts';
import { told } from '../../src/doctor/report.ts';
import { loadTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';

export const LOCALES = fileURLToPath(new URL('../../locales', import.meta.url));
export const FLOWS = fileURLToPath(new URL('../../flows', import.meta.url));

const texts = createTexts(loadTexts(LOCALES).resources, {
  defaultLocale: 'ru',
  onMissing: (locale, key) => {
    throw new Error(`no text ${key} in ${locale}`);
  },
});

/** Folders under one that is taken away at the end. */
export function createFolders(name: string) {
  const root = mkdtempSync(join(tmpdir(), `otklik-${name}-`));
  return {
    root,
    fresh: (of: string): string => mkdtempSync(join(root, `${of}-`)),
    clear: (): void => rmSync(root, { recursive: true, force: true }),
  };
}

function settingsOf(values: Readonly<Record<string, string>>): Setup['settings'] {
  try {
    return readConfig(values);
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults };
    throw error;
  }
}

/** Nothing answers at port 1. */
export async function examine(
  values: Readonly<Record<string, string>>,
  more: Partial<Setup> = {},
): Promise<readonly Finding[]> {
  const given = { PORT: '1', FLOWS_DIR: FLOWS, ...values };
  const found: Finding[] = [];
  for await (const one of doctor({
    values: given,
    envFile: join(LOCALES, 'no.env'),
    locales: LOCALES,
    settings: settingsOf(given),
    networks: [],
    now: Date.now,
    ...more,
  }))
    found.push(one);
  return found;
}

/** It is among them, of that level, and says in both languages what to do. */
export function expectFinding(
  found: readonly Finding[],
  level: Finding['level'],
  code: string,
  remedy?: RegExp,
): Finding {
  const one = found.find((each) => each.code === code);
  expect(found.map((each) => each.code)).toContain(code);
  expect(one).toMatchObject({ level });
  const [english, russian] = ['en', 'ru'].map((locale) =>
    told(one!, (key, vars) => texts.t(locale, key, vars)),
  );
  expect(english!.says).toMatch(/\S/);
  expect(russian!.says).toMatch(/\S/);
  for (const text of [english!.says, english!.remedy, russian!.says, russian!.remedy])
    expect(text ?? '').not.toMatch(/\{\{|undefined/);
  if (level === 'ok') expect(english!.remedy).toBeUndefined();
  else {
    expect(english!.remedy).toMatch(remedy ?? /\S/);
    expect(russian!.remedy).toMatch(/\S/);
  }
  return one!;
}

export const problems = (found: readonly Finding[]): readonly string[] =>
  found.filter(({ level }) => level !== 'ok').map(({ code }) => code);
