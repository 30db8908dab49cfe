// Public ticket numbers: unique by construction, read back however they are typed, and no counter to a stranger.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTicketNumber, ticketNumber } from '../../src/tickets/number.ts';

const KEY = 'a key of this company';

describe('ticket numbers', () => {
  it('are all different, and look like K7-48213', () => {
    const numbers = Array.from({ length: 30_000 }, (_, counter) => ticketNumber(counter, KEY));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toMatch(/^[ACEHKMPTX]\d-\d{5}$/);
  });

  it('grow by a digit when the short ones are used up, and stay different there', () => {
    const numbers = [899_998, 899_999, 900_000, 900_001, 9_899_999, 9_900_000].map((counter) =>
      ticketNumber(counter, KEY),
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.map((number) => number.length)).toEqual([8, 8, 9, 9, 9, 10]);
    for (const number of numbers) expect(readTicketNumber(number)).toBe(number);
  });

  it('tell nothing of their order: neighbours differ, and another key makes others', () => {
    const [a, b] = [ticketNumber(1, KEY), ticketNumber(2, KEY)];
    const differing = [...a].filter((character, index) => character !== b[index]).length;
    expect(differing).toBeGreaterThan(2);
    expect(ticketNumber(1, 'another key')).not.toBe(a);
  });

  it('are read back as people type them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 899_999 }), (counter) => {
        const number = ticketNumber(counter, KEY);
        const cyrillic = number.replace(/[ACEHKMPTX]/, (letter) => 'АСЕНКМРТХ'['ACEHKMPTX'.indexOf(letter)]!);
        for (const typed of [
          number,
          number.toLowerCase(),
          ` №${number.replace('-', ' ')} `,
          cyrillic,
          cyrillic.toLowerCase(),
        ]) {
          expect(readTicketNumber(typed)).toBe(number);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a slip of one digit, or two neighbours exchanged, is noticed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 899_999 }),
        fc.integer({ min: 3, max: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (counter, at, by) => {
          const number = ticketNumber(counter, KEY);
          const wrong = `${number.slice(0, at)}${(Number(number[at]) + by) % 10}${number.slice(at + 1)}`;
          expect(readTicketNumber(wrong)).toBeUndefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('nonsense is no number', () => {
    for (const text of ['', 'K7', 'K7-1234', 'Z7-48213', '-48213', 'K7-48213; drop', 'K'.repeat(9_999)]) {
      expect(readTicketNumber(text)).toBeUndefined();
    }
    expect(() => ticketNumber(-1, KEY)).toThrow(RangeError);
    expect(() => ticketNumber(1.5, KEY)).toThrow(RangeError);
  });
});
