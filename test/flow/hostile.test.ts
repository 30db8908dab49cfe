// Files made to hurt: each is refused with a remedy, before anything heavy is done with it. And: no file throws.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRelease } from '../../src/flow/parse.ts';
import { readYaml } from '../../src/text/yaml.ts';
import { compileWith, goodFiles } from './samples.ts';

const LAUGHS = `a: &a ["lol","lol","lol"]\n${'bcdefghij'
  .split('')
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
  .join('\n')}\n`;

const HOSTILE: readonly [name: string, source: string, code: string][] = [
  ['a file too big', `a: ${'x'.repeat(300_000)}`, 'yaml_too_big'],
  ['a file too big in bytes', `a: ${'я'.repeat(140_000)}`, 'yaml_too_big'],
  ['a million keys', Array.from({ length: 1_000_000 }, (_, n) => `k${n}: 1`).join('\n'), 'yaml_too_big'],
  [
    'as many keys as fit',
    Array.from({ length: 30_000 }, (_, n) => `k${n}: 1`)
      .join('\n')
      .slice(0, 260_000),
    'yaml_too_many',
  ],
  [
    'as many keys as fit in one line',
    `{${Array.from({ length: 60_000 }, (_, n) => n.toString(36)).join(',')}}`.slice(0, 260_000),
    'yaml_too_many',
  ],
  ['as many items as fit', '- \n'.repeat(85_000), 'yaml_too_many'],
  ['a billion laughs', LAUGHS, 'yaml_reference'],
  ['merge keys', `a: 1\n${'<<: {a: 1}\n'.repeat(1500)}`, 'forbidden_key'],
  ['a merge of an anchor', 'a: &a {x: 1}\nb:\n  <<: *a\n', 'yaml_reference'],
  ['a tag', 'a: !!js/function "function(){}"\n', 'yaml_reference'],
  ['a directive', '%YAML 1.1\n---\na: yes\n', 'yaml_reference'],
  ['anchors in a row', `a: ${'&a '.repeat(80_000)}`, 'yaml_reference'],
  ['tags in a row', `a: ${'!a '.repeat(80_000)}`, 'yaml_reference'],
  ['brackets', '['.repeat(250_000), 'yaml_too_deep'],
  ['braces', '{a: '.repeat(60_000), 'yaml_too_deep'],
  ['dashes', `${'- '.repeat(120_000)}a`, 'yaml_too_deep'],
  ['question marks', `${'? '.repeat(120_000)}a`, 'yaml_too_deep'],
  ['colons', `${': '.repeat(120_000)}a`, 'yaml_too_deep'],
  [
    'ever deeper lines',
    Array.from({ length: 700 }, (_, n) => `${' '.repeat(n)}k:`).join('\n'),
    'yaml_too_deep',
  ],
  ['__proto__', '__proto__: {polluted: true}\n', 'forbidden_key'],
  ['"__proto__" in quotes', '"__proto__": {polluted: true}\n', 'forbidden_key'],
  ['constructor.prototype', 'constructor: {prototype: {polluted: true}}\n', 'forbidden_key'],
  ['a key that is a list', '? [a, b]\n: 1\n', 'bad_key'],
];

describe('hostile files', () => {
  test.each(HOSTILE)('%s', (_name, source, code) => {
    const began = performance.now();
    const { tree, faults } = readYaml('flows/x.yaml', source);
    const took = performance.now() - began;
    expect(faults[0]?.code).toBe(code);
    expect(faults[0]?.remedy).not.toBe('');
    expect(faults[0]?.line).toBeGreaterThan(0);
    if (tree === undefined) expect(faults).toHaveLength(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    // The bound is 100 ms on a quiet machine; a test's machine is shared.
    expect(took).toBeLessThan(1000);
  });

  test('what is read has no prototype', () => {
    const { tree } = readYaml('x.yaml', 'a: {b: {c: 1}}\n');
    const value = tree?.value as { a: { b: object } };
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.getPrototypeOf(value.a.b)).toBeNull();
  });

  test('texts with the characters of references are texts', () => {
    const { tree, faults } = readYaml(
      'x.yaml',
      'a: R&D *now* !!! {{name}}\nb: "* & !"\nc: |\n  &a *b !c\n  [[[[\n',
    );
    expect(faults).toEqual([]);
    expect(tree?.value).toEqual({ a: 'R&D *now* !!! {{name}}', b: '* & !', c: '&a *b !c\n[[[[\n' });
  });
});

describe('any change of a good file', () => {
  const files = goodFiles();
  const names = Object.keys(files);
  const junk = fc.oneof(
    fc.constantFrom(
      '\n',
      ' ',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a',
      '*a',
      '!t',
      '|',
      '>',
      '#',
      '<<: ',
      '{{x}}',
      '\t',
      '\0',
      '\u2028',
      '💥',
      'go: ',
      'null',
      '~',
      '1',
      'true',
      '__proto__',
    ),
    fc.string({ maxLength: 8 }),
  );
  const change = fc.record({
    file: fc.constantFrom(...names),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 40 }),
    put: junk,
  });

  test('compiles or tells a fault, and never throws', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = { ...files };
        for (const { file, at, cut, put } of changes) {
          const source = changed[file] ?? '';
          const from = Math.floor(at * source.length);
          changed[file] = source.slice(0, from) + put + source.slice(from + cut);
        }
        const { release, faults } = compileRelease(changed, { defaultLocale: 'ru' });
        const errors = faults.filter(({ severity }) => severity === 'error');
        expect(release === undefined).toBe(errors.length > 0);
        for (const fault of faults) {
          expect(fault.line).toBeGreaterThan(0);
          expect(fault.column).toBeGreaterThan(0);
          expect(fault.remedy).not.toBe('');
        }
        for (const flow of release?.flows.values() ?? []) {
          for (const { next, targets } of flow.order) {
            for (const to of next === undefined ? targets : [next, ...targets])
              expect(flow.nodes.has(to)).toBe(true);
          }
        }
      }),
      { numRuns: Number(process.env.FUZZ ?? 150) },
    );
  }, 60_000);

  test('a value of another type anywhere is a fault or fine', () => {
    const odd = fc.constantFrom(
      'null',
      '5',
      'true',
      '[]',
      '{}',
      '[1]',
      '{a: 1}',
      '""',
      "'{{score}}'",
      '.nan',
      '-1e999',
    );
    const lines = (files['flows/complaint.yaml'] ?? '').split('\n');
    fc.assert(
      fc.property(fc.nat({ max: lines.length - 1 }), odd, (index, value) => {
        const changed = lines.map((line, at) => (at === index ? line.replace(/:\s.*$/, `: ${value}`) : line));
        const { release, faults } = compileWith({ 'flows/complaint.yaml': changed.join('\n') });
        expect(release !== undefined || faults.length > 0).toBe(true);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
