// Every language says everything: the same keys, the same placeholders, its own plural forms, and each key that the
// code names. The word lists are data of another kind and have tests of their own.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ATTACHMENT_KINDS } from '../src/core/message.ts';
import { TICKET_KINDS, TICKET_STATUSES } from '../src/core/ticket.ts';
import type { Why } from '../src/engine/answer/expect.ts';
import { loadTexts } from '../src/text/load.ts';
import { PLURAL_FORMS, templateOf } from '../src/text/texts.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const { resources, faults } = loadTexts(join(ROOT, 'locales'));
const locales = Object.keys(resources);
const namespaces = [...new Set(locales.flatMap((locale) => Object.keys(resources[locale] ?? {})))].filter(
  (name) => name !== 'words',
);

/** Full key → text. */
function flat(value: unknown, above = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value ?? {})) {
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      for (const [name, text] of flat(inner, `${above}${key}.`)) found.set(name, text);
    else found.set(above + key, inner);
  }
  return found;
}

/** A key with plural forms is one key. */
function baseOf(key: string, all: ReadonlyMap<string, unknown>): string {
  const base = key.replace(new RegExp(`_(?:${PLURAL_FORMS.join('|')})$`), '');
  return base !== key && all.has(`${base}_one`) && all.has(`${base}_other`) ? base : key;
}

const textsOf = (locale: string, namespace: string): Map<string, unknown> =>
  flat(resources[locale]?.[namespace]);
const basesOf = (locale: string, namespace: string): Set<string> => {
  const all = textsOf(locale, namespace);
  return new Set([...all.keys()].map((key) => baseOf(key, all)));
};

/** The placeholders of each key; where the forms of a plural differ, of `other`. */
function placeholdersOf(locale: string, namespace: string): Record<string, string> {
  const all = textsOf(locale, namespace);
  const found: Record<string, string> = {};
  for (const [key, text] of all) {
    const base = baseOf(key, all);
    if (base !== key && !key.endsWith('_other')) continue;
    const names = templateOf(String(text)).flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
    found[base] = [...new Set(names)].sort().join(' ');
  }
  return found;
}

test('the files can be read, and there is more than one language', () => {
  expect(faults).toEqual([]);
  expect(locales).toEqual(expect.arrayContaining(['ru', 'en']));
});

describe.each(namespaces)('%s', (namespace) => {
  test('has the same keys in every language', () => {
    const [first = '', ...others] = locales;
    for (const locale of others)
      expect([...basesOf(locale, namespace)].sort(), locale).toEqual([...basesOf(first, namespace)].sort());
  });

  test('has the same placeholders in every language', () => {
    const [first = '', ...others] = locales;
    for (const locale of others)
      expect(placeholdersOf(locale, namespace), locale).toEqual(placeholdersOf(first, namespace));
  });

  test.each(locales)('has all plural forms of %s and no other', (locale) => {
    const all = textsOf(locale, namespace);
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const base of new Set([...all.keys()].map((key) => baseOf(key, all)))) {
      if (all.has(base)) continue;
      const there = PLURAL_FORMS.filter((form) => all.has(`${base}_${form}`));
      expect([...there].sort(), base).toEqual([...forms].sort());
    }
  });

  test.each(locales)('has no empty text in %s', (locale) => {
    const empty = [...textsOf(locale, namespace)].filter(
      ([, text]) => typeof text !== 'string' || !text.trim(),
    );
    expect(empty.map(([key]) => key)).toEqual([]);
  });
});

const sources = new Map(
  globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
);

const WHYS = {
  empty: true,
  not_understood: true,
  out_of_range: true,
  too_long: true,
  too_short: true,
  ambiguous: true,
  not_a_date: true,
  in_the_future: true,
  not_a_phone: true,
  not_an_email: true,
  not_whole: true,
} as const satisfies Record<Why, true>;

/** Keys put together in the code, by what stands before the part that varies. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  'engine:again.': Object.keys(WHYS),
  'engine:kind.': TICKET_KINDS,
  'engine:status.': TICKET_STATUSES,
  'engine:command.': ['operator', 'language', 'join', 'help', 'stop'],
  'desk:kind.': TICKET_KINDS,
  'desk:status.': TICKET_STATUSES,
  'desk:file.': ATTACHMENT_KINDS,
};

/** Keys that stand whole in the code. */
function namedKeys(): Map<string, string> {
  const named = new Map<string, string>();
  for (const [file, source] of sources) {
    for (const [, key] of source.matchAll(/['"`]((?:engine|desk|channels):[a-z_]+(?:\.[a-z_]+)*)['"`]/g))
      named.set(key!, file);
    if (!/^src\/(engine|app)\//.test(file)) continue;
    for (const [, does, rest] of source.matchAll(/\b(text|again|deskText)\(\s*draft,([^)]*)/g))
      for (const [, key] of rest!.matchAll(/(?<!=== )'([a-z_]+(?:\.[a-z_]+)*)'/g))
        named.set(`${does === 'deskText' ? 'desk' : 'engine'}:${key}`, file);
    for (const [, key] of source.matchAll(/'(notice\.[a-z_]+)'/g)) named.set(`desk:${key}`, file);
    for (const [, key] of source.matchAll(/'((?:again|button|hint)\.[a-z_]+)'/g))
      named.set(`engine:${key}`, file);
  }
  return named;
}

describe('keys in the code', () => {
  const named = namedKeys();
  const wanted = [
    ...named.keys(),
    ...Object.entries(FAMILIES).flatMap(([before, ends]) => ends.map((end) => before + end)),
  ];
  const has = (locale: string, full: string): boolean => {
    const [namespace = '', key = ''] = full.split(':');
    return basesOf(locale, namespace).has(key);
  };

  test.each(locales)('exist in %s', (locale) => {
    expect(named.size).toBeGreaterThan(50);
    const missing = wanted.filter((key) => !has(locale, key));
    expect(missing.map((key) => `${key} (${named.get(key) ?? 'a family'})`)).toEqual([]);
  });

  test('are all that the machine’s own texts hold', () => {
    const unused = [...basesOf('ru', 'engine')].filter((key) => !wanted.includes(`engine:${key}`));
    expect(unused).toEqual([]);
  });
});
