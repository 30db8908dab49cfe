// The shipped word lists, compiled once for the tests of answers.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Expect, Understood } from '../../src/engine/answer/index.ts';
import { compileWords, type RawWords, understand as read } from '../../src/engine/answer/index.ts';

export const rawWords = (language: string): RawWords =>
  parse(readFileSync(new URL(`../../locales/${language}/words.yaml`, import.meta.url), 'utf8')) as RawWords;

export const words = compileWords({ ru: rawWords('ru'), en: rawWords('en') });

/** A Wednesday. */
export const TODAY = { date: '2026-03-18' } as const;

export const understand = (text: string, expect: Expect): Understood => read(text, expect, words, TODAY);

/** A line for tables: the value with "?" when not sure, or the reason with "!". */
export function told(text: string, expect: Expect): string {
  const answer = understand(text, expect);
  if (!answer.ok) return `!${answer.why}`;
  const value = Array.isArray(answer.value) ? answer.value.join('+') : String(answer.value);
  return answer.sure ? value : `${value}?`;
}
