// What must hold for any message whatever, not only for those somebody thought of.
import fc from 'fast-check';
import { expect as check, describe, it } from 'vitest';
import { fold } from '../../src/engine/answer/fold.ts';
import { commandIn, type Expect, type Option } from '../../src/engine/answer/index.ts';
import { understand, words } from './answer-words.ts';

const options: readonly Option[] = [
  { id: 'yes', labels: ['Да, конечно', 'Yes'] },
  { id: 'no', labels: ['Нет', 'No'] },
  { id: 'later', labels: ['⏰ Позже, не сейчас', 'Later'] },
];
const ids = options.map((one) => one.id);
const everyKind: readonly Expect[] = [
  { kind: 'scale', min: 0, max: 10 },
  { kind: 'scale', min: 1, max: 5 },
  { kind: 'scale', min: 1, max: 3, faces: ['😞', '😐', '🙂'] },
  { kind: 'scale', min: 0, max: 1, faces: ['👎', '👍'] },
  { kind: 'options', options, numbered: true },
  { kind: 'options', options, numbered: false },
  { kind: 'many', options, numbered: true },
  { kind: 'number' },
  { kind: 'number', min: 1, max: 9, integer: true },
  { kind: 'date' },
  { kind: 'phone', defaultCountry: 'RU' },
  { kind: 'phone', defaultCountry: 'XX' },
  { kind: 'email' },
  { kind: 'text', max: 100 },
];
const scale = { kind: 'scale', min: 0, max: 10 } as const;

/** Any unicode, and mixtures of the very pieces our readers look for. */
const pieces = fc.constantFrom(
  ...[
    '-',
    '−',
    '5',
    '10',
    '9',
    ' ',
    '/',
    'из',
    'девять',
    'не',
    '.',
    ',',
    '⭐',
    '👍',
    '🏻',
    '️⃣',
    '🔟',
    '½',
    '９',
  ],
  ...[
    'да',
    'нет',
    '+',
    '@',
    'вчера',
    '12.03',
    'марта',
    'or',
    'и',
    'позже',
    ':',
    '\n',
    '\u0000',
    '\ud83d',
    'e\u0301',
  ],
);
const message = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(' ')),
);

const fullWidth = (value: number): string =>
  String(value).replace(/\d/gu, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
const spoken = [...words.numbers];

describe('any message', () => {
  it('is answered without a fault, and only with a value the question has', () => {
    const run = (text: string, expect: Expect) => {
      commandIn(text, words);
      const answer = understand(text, expect);
      if (!answer.ok) return;
      const { value } = answer;
      switch (expect.kind) {
        case 'scale':
          check(Number.isInteger(value)).toBe(true);
          check(value).toBeGreaterThanOrEqual(expect.min);
          check(value).toBeLessThanOrEqual(expect.max);
          break;
        case 'options':
          check(ids).toContain(value);
          break;
        case 'many': {
          const chosen = value as readonly string[];
          check(chosen.length).toBeGreaterThan(0);
          check(new Set(chosen).size).toBe(chosen.length);
          for (const id of chosen) check(ids).toContain(id);
          break;
        }
        case 'number':
          check(Number.isFinite(value)).toBe(true);
          break;
        case 'date':
          check(value).toMatch(/^\d{4}-\d\d-\d\d$/);
          check(String(value) <= '2026-03-18').toBe(true);
          break;
        case 'phone':
          check(value).toMatch(/^\+\d{5,15}$/);
          break;
        case 'email':
          check(value).toMatch(/^[^\s@]+@[^\s@]+\.[^\s@]+$/u);
          break;
        case 'text':
          check(value).toBe(text.trim());
      }
    };
    fc.assert(
      fc.property(message, fc.constantFrom(...everyKind), (text, expect) => run(text, expect)),
      { numRuns: 4_000 },
    );
  });

  it('with a minus before its digits is never a score', () => {
    const minus = fc.constantFrom('-', '−', '–', '—', '－', 'минус ', 'minus ');
    const before = fc.constantFrom('', ' ', 'ставлю ', 'I say ', '(');
    fc.assert(
      fc.property(before, minus, fc.nat({ max: 10 }), fc.boolean(), (start, sign, value, wide) => {
        const text = `${start}${sign}${wide ? fullWidth(value) : value}`;
        check(understand(text, scale)).toEqual({ ok: false, why: 'out_of_range' });
      }),
    );
  });

  it('is a text exactly as typed, without the space around it', () => {
    fc.assert(
      fc.property(message, (text) => {
        const trimmed = text.trim();
        const wanted =
          trimmed === '' ? { ok: false, why: 'empty' } : { ok: true, value: trimmed, sure: true };
        check(understand(text, { kind: 'text' })).toEqual(wanted);
      }),
    );
  });
});

describe('any whole number', () => {
  const bounds = fc.constantFrom([0, 10], [1, 5], [1, 7], [1, 10], [1, 3], [0, 1]);
  const forms = (value: number, max: number): string[] => [
    String(value),
    ` ${value}. `,
    fullWidth(value),
    `${value}/${max}`,
    `${value} из ${max}`,
    `${value} out of ${max}`,
    `ставлю ${value}`,
    `I give it ${value}!`,
    ...spoken.filter(([, meant]) => meant === value).flatMap(([word]) => [word, word.toUpperCase()]),
  ];

  it('within the scale is heard in every form, for sure', () => {
    fc.assert(
      fc.property(bounds, fc.nat({ max: 10 }), ([min = 0, max = 10], value) => {
        fc.pre(value >= min && value <= max);
        for (const text of forms(value, max)) {
          check([text, understand(text, { kind: 'scale', min, max })]).toEqual([
            text,
            { ok: true, value, sure: true },
          ]);
        }
      }),
    );
  });

  it('outside the scale is heard in none', () => {
    fc.assert(
      fc.property(
        bounds,
        fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
        fc.nat(120),
        (at, far, near) => {
          const [min = 0, max = 10] = at;
          for (const value of [far, near]) {
            if (value >= min && value <= max) continue;
            for (const text of forms(value, max)) {
              check([text, understand(text, { kind: 'scale', min, max }).ok]).toEqual([text, false]);
            }
          }
        },
      ),
    );
  });

  it('as a number is itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), (value) => {
        check(understand(String(value), { kind: 'number' })).toEqual({
          ok: true,
          value: value + 0,
          sure: true,
        });
      }),
    );
  });
});

describe('a label', () => {
  it('is its option in any case, with any punctuation and emoji around', () => {
    const dressed = fc.constantFrom('', ' ', '!', '...', '🙂', ' 👌🏻 ');
    fc.assert(
      fc.property(fc.constantFrom(...options), dressed, fc.boolean(), (one, dress, loud) => {
        for (const label of one.labels) {
          const text = dress + (loud ? label.toUpperCase() : label) + dress;
          check(understand(text, { kind: 'options', options, numbered: false })).toEqual({
            ok: true,
            value: one.id,
            sure: true,
          });
        }
      }),
    );
  });
});

describe('a very long message', () => {
  const long = [
    '9',
    'девять ',
    '⭐',
    '-',
    'a@',
    '1 ',
    '1 000 ',
    '.'.repeat(9),
    'и ',
    '👍',
    '9️⃣',
    "'",
    '(',
    'не ',
  ];
  it.each(long)('of %j is too long for everything but a text', (piece) => {
    const text = piece.repeat(Math.ceil(50_000 / piece.length));
    for (const expect of everyKind) {
      if (expect.kind === 'text') continue;
      check(understand(text, expect)).toEqual({ ok: false, why: 'too_long' });
    }
    // Compared as booleans: a failure must not print fifty thousand characters.
    const whole = understand(text, { kind: 'text' });
    check(whole.ok && whole.value === text.trim()).toBe(true);
    check(understand(text, { kind: 'text', max: 5_000 })).toEqual({ ok: false, why: 'too_long' });
  });
});

it('folds an everyday text as it folds any other', () => {
  const letter = fc.constantFrom(..."aZяЁёЙ7 ,.!?;:()-'’&\u0301\u0306é０½👍\n\t_");
  // A joiner is not seen in a text, but takes the long way.
  fc.assert(
    fc.property(fc.string({ unit: letter }), (text) => {
      check(fold(text)).toBe(fold(`${text}\u2060`));
    }),
    { numRuns: 3000 },
  );
});
