// Texts: languages, plural forms, what is missing, and answers that try to be more than data.
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadTexts, readTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';

const RESOURCES = {
  ru: {
    desk: {
      hello: 'Привет, {{ name }}!',
      plain: 'Просто',
      only: 'Только по-русски',
      two: '{{a}} и {{b}}',
      nested: { deep: { er: 'глубже' } },
    },
    flow: {
      files_one: '{{count}} файл',
      files_few: '{{count}} файла',
      files_many: '{{count}} файлов',
      files_other: '{{count}} файла',
      sum: 'Итого {{n, number}}',
      '$t(desk:plain)': 'x',
      nest: '$t(desk:plain)',
    },
  },
  en: {
    desk: {
      hello: 'Hello, {{name}}!',
      plain: 'Plain',
      two: '{{a}} and {{b}}',
      nested: { deep: { er: 'deeper' } },
    },
    flow: { files_one: '{{count}} file', files_other: '{{count}} files', sum: 'Total {{n, number}}' },
  },
};
const texts = createTexts(RESOURCES, { defaultLocale: 'ru' });

describe('texts', () => {
  test('are found by language, falling back by tag and then to the default', () => {
    expect(texts.t('en', 'desk:plain')).toBe('Plain');
    expect(texts.t('en-GB', 'desk:plain')).toBe('Plain');
    expect(texts.t('EN_us', 'desk:plain')).toBe('Plain');
    expect(texts.t('de', 'desk:plain')).toBe('Просто');
    expect(texts.t('en', 'desk:only')).toBe('Только по-русски');
    expect(texts.t('en', 'desk:nested.deep.er')).toBe('deeper');
    expect(texts.localeFor(undefined)).toBe('ru');
    expect(texts.has('en', 'desk:only')).toBe(false);
    expect(texts.has('ru', 'desk:only')).toBe(true);
    expect(texts.has('ru', 'flow:files')).toBe(true);
    expect([...texts.locales]).toEqual(['ru', 'en']);
  });

  test.each([
    ['ru', 1, '1 файл'],
    ['ru', 3, '3 файла'],
    ['ru', 5, '5 файлов'],
    ['ru', 21, '21 файл'],
    ['ru', 111, '111 файлов'],
    ['ru', 1.5, '1.5 файла'],
    ['en', 1, '1 file'],
    ['en', 0, '0 files'],
    ['en', 21, '21 files'],
  ])('plural forms: %s %d', (locale, count, expected) => {
    expect(texts.t(locale, 'flow:files', { count })).toBe(expected);
    expect(texts.t(locale, 'flow:files', { count: String(count) })).toBe(expected);
    expect(texts.sayOf('flow', 'files')(locale, { count })).toBe(expected);
  });

  test('numbers can be written as the language writes them', () => {
    expect(texts.t('en', 'flow:sum', { n: 12345.5 })).toBe('Total 12,345.5');
    expect(texts.t('ru', 'flow:sum', { n: 12345.5 }).replace(/\s/g, ' ')).toBe('Итого 12 345,5');
  });

  test('a missing key comes back as itself and is told', () => {
    const missing: string[] = [];
    const told = createTexts(RESOURCES, {
      defaultLocale: 'ru',
      onMissing: (locale, key) => missing.push(`${locale} ${key}`),
    });
    expect(told.t('en', 'desk:nowhere')).toBe('desk:nowhere');
    expect(told.sayOf('desk', 'nowhere')('en')).toBe('desk:nowhere');
    expect(told.t('en', 'no')).toBe('no');
    expect(told.t('en', 'desk:nested')).toBe('desk:nested');
    expect(missing).toEqual(['en desk:nowhere', 'en desk:nowhere', 'en no', 'en desk:nested']);
  });

  test('what is put in is data, whatever it looks like', () => {
    const evil = [
      '{{b}}',
      '{{name}}',
      '$t(desk:plain)',
      '$&',
      "$'",
      '$1',
      '<b>&',
      '{{',
      '}}',
      '{{secret}}',
      '\\{{b}}',
    ];
    for (const word of evil) {
      expect(texts.t('en', 'desk:two', { a: word, b: 'B', secret: 'no' })).toBe(`${word} and B`);
      expect(texts.sayOf('desk', 'two')('ru', { a: word, b: word })).toBe(`${word} и ${word}`);
      expect(texts.sayOfText({ ru: '{{a}}{{a}}', en: 'x' })('ru', { a: word })).toBe(word + word);
    }
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(texts.t('en', 'desk:two', { a, b })).toBe(`${a} and ${b}`);
      }),
    );
  });

  test('names that i18next gives a meaning of its own are plain names', () => {
    const say = texts.sayOfText({
      ru: '{{lng}}|{{context}}|{{ns}}|{{defaultValue}}|{{replace}}|{{constructor}}|{{toString}}|{{a.b}}',
    });
    const vars = { lng: 'en', context: 'c', ns: 'desk', defaultValue: 'd', replace: 'r' };
    expect(say('ru', vars)).toBe('en|c|desk|d|r|||');
    expect(texts.t('en', 'desk:plain', { lng: 'ru', ns: 'flow', context: 'x', defaultValue: 'y' })).toBe(
      'Plain',
    );
  });

  test('a text given in place falls back to the default language', () => {
    const say = texts.sayOfText({ en: 'Yes', ru: 'Да' });
    expect([say('en'), say('en-GB'), say('de'), say('ru')]).toEqual(['Yes', 'Yes', 'Да', 'Да']);
  });
});

describe('reading the files', () => {
  test('a language is a folder, a namespace a file; faults name the place', () => {
    const { resources, faults } = readTexts({
      'locales/ru/desk.yaml': 'a: Да\nb: {c: "Нет"}\n',
      'locales/en/desk.yaml': 'a: "Yes\n',
      'locales/en/words.yaml': 'yes: [yes, yeah]\n',
      'locales/README.md': 'nothing',
    });
    expect(resources).toEqual({
      ru: { desk: { a: 'Да', b: { c: 'Нет' } } },
      en: { words: { yes: ['yes', 'yeah'] } },
    });
    expect(faults).toMatchObject([{ code: 'yaml_syntax', file: 'locales/en/desk.yaml', severity: 'error' }]);
  });

  test('from a folder on the disk', () => {
    const { resources, faults, sources } = loadTexts(
      join(import.meta.dirname, '../flow/samples/good/locales'),
    );
    expect(faults).toEqual([]);
    expect(Object.keys(resources).sort()).toEqual(['en', 'ru']);
    expect(sources['locales/en/nps.yaml']).toContain('menu_title: Rate us');
    const texts = createTexts(resources, { defaultLocale: 'ru' });
    expect(texts.t('en', 'nps:thanks')).toBe('Thank you!');
  });

  test('an empty file is a language without those texts', () => {
    expect(readTexts({ 'locales/en/desk.yaml': '# nothing yet\n' })).toMatchObject({
      resources: { en: { desk: {} } },
      faults: [],
    });
  });
});
