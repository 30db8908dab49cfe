// A code by which chats are joined: read however it was typed, and nothing else is taken for one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCodes } from '../../src/app/codes.ts';
import { CODE_LENGTH, CODE_SIGNS, readJoinCode, shownJoinCode } from '../../src/engine/join-code.ts';

const settings = {
  get: async () => undefined,
  once: async (_name: string, value: string) => value,
  set: async () => {},
  add: async () => 1,
};

test.each([
  'K7MX-4T92',
  'k7mx-4t92',
  'K7MX4T92',
  ' K7MX 4T92 ',
  'K7MX–4T92',
  'k7mx—4t92.',
  '«K7MX-4T92»',
  // Cyrillic letters that look the same.
  'К7МХ-4Т92',
  'к7мх 4т92',
])('%j is the code', (typed) => expect(readJoinCode(typed)).toBe('K7MX4T92'));

test.each([
  '',
  'K7MX-4T9',
  'K7MX-4T922',
  '23456789',
  '8 912 345-67-89',
  'ACEHKMPT',
  'ТЕХНИКАМ',
  'K0MX-4T92',
  'KIMX-4T92',
  'Ж7MX-4T92',
  'K7-48213',
  'мой код K7MX-4T92',
  'K7MX4T92'.repeat(40),
  '\0K7MX4T92',
])('%j is none', (typed) => expect(readJoinCode(typed)).toBeUndefined());

test('every code made is read back as it is shown, and made of what can be told apart', async () => {
  const codes = await createCodes(settings);
  const made = Array.from({ length: 2_000 }, () => codes.fresh());
  for (const code of made) {
    expect(code).toHaveLength(CODE_LENGTH);
    expect(readJoinCode(shownJoinCode(code).toLowerCase())).toBe(code);
  }
  expect(new Set(made).size).toBe(made.length);
  expect(new Set(made.join(''))).toEqual(new Set(CODE_SIGNS));
  expect(CODE_SIGNS).not.toMatch(/[01OIBZSQ]/);
});

test('what is kept of a code says nothing of it, and differs between installations', async () => {
  const [one, other] = [await createCodes(settings), await createCodes(settings)];
  expect(one.hash('K7MX4T92')).toBe(one.hash('K7MX4T92'));
  expect(one.hash('K7MX4T92')).not.toBe(other.hash('K7MX4T92'));
  expect(one.hash('K7MX4T92')).not.toContain('K7MX');
});

test('reading never fails, whatever is said', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (words) => {
      const read = readJoinCode(words);
      if (read !== undefined) expect(readJoinCode(read)).toBe(read);
    }),
  );
});
