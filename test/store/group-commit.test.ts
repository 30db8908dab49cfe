// The joining of writes: how many are made, in which order, and who hears of which fault.
import { expect, test } from 'vitest';
import { groupCommit } from '../../src/store/group-commit.ts';

interface Write {
  readonly items: readonly string[];
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

function slowWrites(separable: (error: unknown) => boolean = () => false, size = 4) {
  const writes: Write[] = [];
  let begun = Promise.withResolvers<Write>();
  const group = groupCommit<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        const write = { items, finish: () => resolve(items.map((item) => item.toUpperCase())), fail: reject };
        writes.push(write);
        begun.resolve(write);
      }),
    { size, separable },
  );
  /** The write that begins next, or has begun since the last one was asked for. */
  const next = async (): Promise<Write> => {
    const write = await begun.promise;
    begun = Promise.withResolvers();
    return write;
  };
  return { group, writes, next };
}

test('calls of one turn are one write, calls during it the next, and everyone hears of their own', async () => {
  const { group, writes, next } = slowWrites();
  const [first, second] = [group.commit(['a', 'b']), group.commit(['c'])];
  const one = await next();
  expect(one.items).toEqual(['a', 'b', 'c']);
  const [third, fourth] = [group.commit(['d']), group.commit(['e'])];
  expect(writes).toHaveLength(1);
  one.finish();
  expect(await Promise.all([first, second])).toEqual([['A', 'B'], ['C']]);
  const two = await next();
  expect(two.items).toEqual(['d', 'e']);
  two.finish();
  expect(await Promise.all([third, fourth])).toEqual([['D'], ['E']]);
  await group.idle();
  expect(writes).toHaveLength(2);
});

test('a write has no more than its size, but a large call is not cut', async () => {
  const { group, next } = slowWrites();
  const calls = [
    ['a', 'b', 'c'],
    ['d', 'e'],
    ['1', '2', '3', '4', '5', '6'],
  ].map((items) => group.commit(items));
  for (const expected of ['abc', 'de', '123456']) {
    const write = await next();
    expect(write.items.join('')).toBe(expected);
    write.finish();
  }
  expect((await Promise.all(calls)).map((items) => items.join(''))).toEqual(['ABC', 'DE', '123456']);
});

test('a fault that may be one caller’s is told to that one only', async () => {
  const { group, next } = slowWrites(() => true);
  const calls = Promise.allSettled([group.commit(['a']), group.commit(['bad'])]);
  (await next()).fail(new Error('too large'));
  const alone = await next();
  expect(alone.items).toEqual(['a']);
  alone.finish();
  (await next()).fail(new Error('too large'));
  expect((await calls).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('any other fault is told to all of the write, and the next goes on', async () => {
  const { group, writes, next } = slowWrites();
  const calls = Promise.allSettled([group.commit(['a']), group.commit(['b'])]);
  (await next()).fail(new Error('gone'));
  expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const later = group.commit(['c']);
  (await next()).finish();
  expect(await later).toEqual(['C']);
  expect(writes).toHaveLength(2);
});

test('nothing asked is nothing written', async () => {
  const { group, writes } = slowWrites();
  expect(await group.commit([])).toEqual([]);
  await group.idle();
  expect(writes).toHaveLength(0);
});
