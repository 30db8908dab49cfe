// Conditions: what they say, what they refuse, and that nothing an author writes can throw, hang or reach JavaScript.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/core/expect.ts';
import { createConditions } from '../../src/flow/condition.ts';
import type { AnswerShape } from '../../src/flow/kind.ts';

const SHAPES = new Map<string, AnswerShape>([
  ['score', { type: 'number' }],
  ['why', { type: 'choices', options: ['price', 'staff'] }],
  ['area', { type: 'choice', options: ['delivery', 'other'] }],
  ['comment', { type: 'text' }],
  ['files', { type: 'files' }],
  ['broken', { type: 'any' }],
]);
const compile = createConditions(SHAPES);

function holds(source: string, answers: Record<string, Value> = {}): boolean {
  const { condition, faults } = compile(source);
  expect(faults).toEqual([]);
  if (!condition) throw new Error('no condition');
  return condition.holds(answers);
}

const GIVEN = {
  score: 6,
  why: ['price'],
  area: 'delivery',
  comment: 'Плохо',
  files: [{ kind: 'photo' }],
} as const;

describe('conditions', () => {
  test.each([
    ['score <= 6', true],
    ['score < 6', false],
    ['score == 6', true],
    ['score != 6', false],
    ['score >= 5.5', true],
    ['score == 6.0', true],
    ['6 >= score', true],
    ['score in [5, 6]', true],
    ['score + 1 == 7', true],
    ['score * 2 > 11 && score - 1 < 6', true],
    ['-score < -5', true],
    ["'price' in why", true],
    ["'staff' in why", false],
    ["!('staff' in why)", true],
    ['size(why) == 1', true],
    ['size(why) > 1', false],
    ['size(files) >= 1', true],
    ["area == 'delivery'", true],
    ["area in ['other']", false],
    ["comment == ''", false],
    ["comment.contains('лох')", true],
    ["comment.startsWith('П') && comment.endsWith('о')", true],
    ['size(comment) > 4', true],
    ['has_answer(score)', true],
    ['has_answer(broken)', false],
    ["score <= 6 ? area == 'delivery' : false", true],
    ["score > 6 || 'price' in why", true],
    ['true', true],
    ["why == ['price']", true],
  ])('%s is %s', (source, expected) => {
    expect(holds(source, GIVEN)).toBe(expected);
  });

  test.each([
    ['score <= 6', false],
    ['score > 6', false],
    ['score != 6', false],
    ['!(score <= 6)', false],
    ['score <= 6 || true', true],
    ['true || score <= 6', true],
    ['!(score <= 6 && false)', true],
    ['has_answer(score) && score <= 6', false],
    ['!has_answer(score)', true],
    ['!has_answer(score) || score <= 6', true],
    ["'price' in why", false],
    ["!('price' in why)", false],
    ['size(why) == 0', false],
  ])('what was not answered is unknown, and unknown is not true: %s is %s', (source, expected) => {
    expect(holds(source)).toBe(expected);
  });

  test('own words where several could be chosen are none of the options', () => {
    expect(holds("'price' in why", { why: 'price is too high' })).toBe(false);
    expect(holds('size(why) == 1', { why: 'price is too high' })).toBe(true);
  });

  test('only own answers count: nothing is inherited', () => {
    const answers: Record<string, Value> = Object.create({ score: 1 });
    expect(holds('score == 1', answers)).toBe(false);
    expect(holds('has_answer(score)', answers)).toBe(false);
  });

  test('arithmetic that fails is false, with a reason', () => {
    const { condition } = compile('score / 0 > 1 || broken + 1 > 2');
    const result = condition?.run({ score: 1, broken: 'words' });
    expect(typeof result?.value).toBe('boolean');
    const odd = compile('broken > 3').condition?.run({ broken: ['x'] });
    expect(odd?.value).toBe(false);
    expect(odd?.fault).toEqual(expect.any(String));
  });

  test.each([
    ['score <', 'condition_syntax'],
    ['', 'condition_syntax'],
    ['score', 'condition_type'],
    ["score == 'x'", 'condition_type'],
    ["area == 'delivry'", 'condition_type'],
    ["'prise' in why", 'condition_type'],
    ["'price' in area", 'condition_type'],
    ['scor < 3', 'unknown_name'],
    ['constructor', 'unknown_name'],
    ['this == 1', 'unknown_name'],
    ['globalThis', 'unknown_name'],
    ['__proto__ == 1', 'condition_syntax'],
    ['score.constructor', 'condition_not_allowed'],
    ['comment.__proto__', 'condition_not_allowed'],
    ["comment['constructor']", 'condition_not_allowed'],
    ["why[0] == 'x'", 'condition_not_allowed'],
    ['process.exit()', 'condition_not_allowed'],
    ["constructor.constructor('return process')()", 'condition_syntax'],
    ["comment.matches('^(a+)+$')", 'condition_not_allowed'],
    ["matches(comment, '^(a+)+$')", 'condition_not_allowed'],
    ['why.exists(x, x == x)', 'condition_not_allowed'],
    ['why.all(a, why.all(b, why.all(c, true)))', 'condition_not_allowed'],
    ['[1].map(x, x) == [1]', 'condition_not_allowed'],
    ["timestamp('2026-01-01T00:00:00Z') > timestamp('2026-01-01T00:00:00Z')", 'condition_not_allowed'],
    ["{'a': 1} == {'a': 1}", 'condition_syntax'],
    ["b'a' == b'a'", 'condition_not_allowed'],
    ['0xFF > score', 'condition_not_allowed'],
    ['99999999999999999999 > score', 'condition_not_allowed'],
    ['has_answer(1)', 'condition_not_allowed'],
    ['has_answer(score + 1)', 'condition_not_allowed'],
    [`[${'1,'.repeat(60)}1] == why`, 'condition_syntax'],
    [`${'('.repeat(100)}1${')'.repeat(100)} == 1`, 'condition_syntax'],
    [`${'!'.repeat(400)}true`, 'condition_syntax'],
    [`score < ${'1+'.repeat(200)}1`, 'condition_syntax'],
    [`comment == '${'x'.repeat(500)}'`, 'condition_too_long'],
  ])('refuses %s as %s', (source, code) => {
    const { condition, faults } = compile(source);
    expect(condition).toBeUndefined();
    expect(faults[0]?.code).toBe(code);
    expect(faults[0]?.offset).toBeLessThanOrEqual(source.length);
  });

  test('the place of a fault is counted in what the author wrote', () => {
    expect(compile("score <= 6 && score == 'x'").faults[0]?.offset).toBe(14);
    expect(compile('has_answer(score) && scor < 3').faults[0]?.offset).toBe(21);
  });

  test('a comparison of numbers says what JavaScript says', () => {
    const number = fc.oneof(
      fc.integer({ min: -1000, max: 1000 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const operators = {
      '<': (a: number, b: number) => a < b,
      '<=': (a: number, b: number) => a <= b,
      '>': (a: number, b: number) => a > b,
      '>=': (a: number, b: number) => a >= b,
      '==': (a: number, b: number) => a === b,
      '!=': (a: number, b: number) => a !== b,
    } as const;
    const operator = fc.constantFrom(...(Object.keys(operators) as (keyof typeof operators)[]));
    fc.assert(
      fc.property(number, operator, fc.integer({ min: 0, max: 1000 }), (score, sign, bound) => {
        expect(holds(`score ${sign} ${bound}`, { score })).toBe(operators[sign](score, bound));
      }),
      { numRuns: 300 },
    );
  });

  test('no program made of the grammar throws, and each is a condition or a fault', () => {
    const words = [
      'score',
      'why',
      'area',
      'comment',
      'files',
      'broken',
      'constructor',
      '__proto__',
      'this',
      'process',
      'null',
      'true',
      '1',
      '6.5',
      '-1',
      '1e308',
      '0x1',
      "'price'",
      "''",
      '"\\u0000"',
      "r'a'",
      "b'a'",
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      '.',
      ',',
      '?',
      ':',
      '&&',
      '||',
      '!',
      '-',
      '+',
      '*',
      '/',
      '%',
      '<',
      '<=',
      '==',
      '!=',
      '>',
      'in',
      'has_answer',
      'size',
      'contains',
      'matches',
      'map',
      'exists',
      'all',
      'dyn',
      'type',
      'int',
      'string',
      'timestamp',
      '\n',
      '//',
      '\\',
    ];
    const program = fc.array(fc.constantFrom(...words), { maxLength: 24 }).map((parts) => parts.join(' '));
    const grown = fc.letrec<{ e: string }>((tie) => ({
      e: fc.oneof(
        { maxDepth: 5, depthIdentifier: 'e' },
        fc.constantFrom(
          'score',
          'why',
          'area',
          'comment',
          'broken',
          '1',
          '6.5',
          "'price'",
          'true',
          '[1, 2]',
          "['price']",
        ),
        fc
          .tuple(
            tie('e'),
            fc.constantFrom('&&', '||', '<', '==', '!=', 'in', '+', '-', '*', '/', '%'),
            tie('e'),
          )
          .map(([a, sign, b]) => `(${a} ${sign} ${b})`),
        tie('e').map((inner) => `!${inner}`),
        tie('e').map((inner) => `size(${inner})`),
        fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
        fc.constantFrom('has_answer(score)', 'has_answer(broken)'),
      ),
    })).e;
    const value = fc.oneof(
      fc.double(),
      fc.string(),
      fc.array(fc.string(), { maxLength: 5 }),
      fc.constant(undefined),
    );
    const answers = fc.record({ score: value, why: value, area: value, comment: value, broken: value });
    let conditions = 0;
    fc.assert(
      fc.property(fc.oneof(program, grown, fc.string()), answers, (source, given) => {
        const { condition, faults } = compile(source);
        expect(condition === undefined).toBe(faults.length > 0);
        if (!condition) return;
        conditions += 1;
        const set: Record<string, Value> = {};
        for (const [name, answer] of Object.entries(given)) if (answer !== undefined) set[name] = answer;
        expect(typeof condition.holds(set)).toBe('boolean');
        expect(typeof condition.holds({})).toBe('boolean');
      }),
      { numRuns: Number(process.env.FUZZ ?? 3000) },
    );
    expect(conditions).toBeGreaterThan(20);
  });
});
