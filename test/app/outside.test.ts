// Whatever the driver says when its server is away is trouble around us: no event is parked for it. The names are asked
// of the driver itself, which may change them.
import { createRequire } from 'node:module';
import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import { isOutside } from '../../src/app/outside.ts';

const require = createRequire(createRequire(import.meta.url).resolve('mongoose'));
const pool: Readonly<Record<string, { readonly prototype: Error }>> = require('mongodb/lib/cmap/errors.js');

/** An error of the class's own name, without what its constructor wants. */
const named = (type: { readonly prototype: Error }): Error => Object.create(type.prototype);

test.each(Object.entries(pool))('%s', (_name, type) => {
  expect(isOutside(named(type))).toBe(true);
});

test('a server that does not answer, and a connection that breaks', () => {
  const { MongoNetworkError, MongoNetworkTimeoutError, MongoServerSelectionError } = mongoose.mongo;
  for (const type of [MongoNetworkError, MongoNetworkTimeoutError, MongoServerSelectionError])
    expect(isOutside(named(type as never))).toBe(true);
  expect(isOutside(Object.assign(new Error('write ECONNRESET'), { code: 'ECONNRESET' }))).toBe(true);
});

test('a fault of our own, or a refusal of the server, is none', () => {
  expect(isOutside(new TypeError('x is undefined'))).toBe(false);
  expect(isOutside(named(mongoose.mongo.MongoServerError))).toBe(false);
  expect(isOutside('a word')).toBe(false);
});
