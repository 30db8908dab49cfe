// Why an answer did not arrive, as the console says it: in the words of the texts that are shipped, by language.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { whyIn } from '../../src/serve.ts';
import { loadTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';

const missing: string[] = [];
const { resources } = loadTexts(join(import.meta.dirname, '../../locales'));
const texts = createTexts(resources, {
  defaultLocale: 'ru',
  onMissing: (locale, key) => missing.push(`${locale} ${key}`),
});

it.each([
  ['ru', 'network', 'нет связи с мессенджером'],
  ['en', 'network', 'no connection to the messenger'],
  ['en-GB', 'network', 'no connection to the messenger'],
  ['xx', 'network', 'нет связи с мессенджером'],
  ['ru', 'window_closed', expect.stringContaining('больше суток')],
  ['en', 'window_closed', expect.stringContaining('24 hours')],
  ['en', 'brand_new', undefined],
  ['en', 'ответ сети потерян', undefined],
  ['en', '', undefined],
])('says in %s why: %s', (locale, code, words) => {
  expect(whyIn(texts, locale, code)).toEqual(words);
  expect(missing).toEqual([]);
});
