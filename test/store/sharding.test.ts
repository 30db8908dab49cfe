// The keys by which collections are parted: none breaks a unique index, and the page for those who set them up tells them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { describe, expect, test } from 'vitest';
import { declaredIndexes } from '../../src/store/indexes.ts';
import { COLLECTIONS, models } from '../../src/store/models.ts';
import { SHARDING } from '../../src/store/sharding.ts';

const indexes = declaredIndexes(models(new mongoose.Mongoose().createConnection()));

describe.each(COLLECTIONS)('%s', (name) => {
  const { key, why } = SHARDING[name];
  const unique = indexes.filter(({ collection, options }) => collection === name && options.unique === true);

  test('every unique index begins with its key', () => {
    const wanted = Object.keys(key ?? {});
    for (const { keys } of unique)
      expect(Object.keys(keys as object).slice(0, wanted.length)).toEqual(wanted);
  });

  test('the page on growth tells its key and the reason', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/growth.md'), 'utf8');
    const told = key
      ? `\`${JSON.stringify(key).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ': ')}\``
      : 'stays whole';
    expect(page).toContain(`| \`${name}\` | ${told} | ${why} |`);
  });
});
