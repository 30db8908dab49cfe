// Flows, texts and conditions made to hurt: what an author could paste in by mistake, and what somebody could who means
// harm. Each is made from a chance alone.
import { HOSTILE_TEXTS } from './hostile-values.ts';
import type { Random } from './random.ts';

const NAMES = ['score', 'why', 'comment', 'place', 'photos', 'extra'] as const;
/** What stands in a condition where a name may. */
const STRANGE_NAMES = [
  'constructor',
  '__proto__',
  'process',
  'globalThis',
  'HAS_score',
  'this',
  'request.auth',
  'score.constructor',
  'why[0]',
  'type(score)',
  'dyn(score)',
  'null',
  'b"x"',
  '0x1f',
  '1u',
  '99999999999999999999',
  '1e999',
  '.5',
];
const OPERATORS = [
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&&',
  '||',
  'in',
  '+',
  '-',
  '*',
  '/',
  '%',
  '?',
  '=~',
  '**',
];
const CALLS = [
  'size',
  'has_answer',
  'matches',
  'has',
  'int',
  'timestamp',
  'duration',
  'string',
  'eval',
  'map',
];
const METHODS = [
  'contains',
  'startsWith',
  'endsWith',
  'matches',
  'size',
  'map',
  'all',
  'exists',
  'filter',
  'toString',
];

/** A condition of CEL's grammar, or near it. */
export function conditionFrom(random: Random, depth = 0): string {
  const again = (): string => conditionFrom(random, depth + 1);
  if (depth > 5 || random.once(3)) return leaf(random);
  switch (random.below(14)) {
    case 0:
      return `!${again()}`;
    case 1:
      return `(${again()})`;
    case 2:
      return `${random.pick(CALLS)}(${again()})`;
    case 3:
      return `${again()}.${random.pick(METHODS)}(${again()})`;
    case 4:
      return `[${again()}, ${again()}]`;
    case 5:
      return `${again()} ? ${again()} : ${again()}`;
    case 6:
      return `${again()} in [${again()}, ${again()}]`;
    case 7:
      if (depth > 0) return leaf(random);
      return costly(random);
    case 8:
      return `${again()}.${random.pick(STRANGE_NAMES)}`;
    default:
      return `${again()} ${random.pick(OPERATORS)} ${again()}`;
  }
}

function leaf(random: Random): string {
  switch (random.below(6)) {
    case 0:
    case 1:
      return random.pick(NAMES);
    case 2:
      return String(random.below(12));
    case 3:
      return `'${random.pick(['price', 'a', '', 'да', '\\\\', '\\n', '\\u0000', '{{x}}'])}'`;
    case 4:
      return random.pick(STRANGE_NAMES);
    default:
      return random.pick([
        'true',
        'false',
        '-1',
        '0.5',
        'score <= 6',
        "'price' in why",
        'has_answer(comment)',
      ]);
  }
}

function costly(random: Random): string {
  switch (random.below(9)) {
    case 0:
      return '('.repeat(200 + random.below(300));
    case 1:
      return `${'('.repeat(100)}score${')'.repeat(100)}`;
    case 2:
      return `${'!'.repeat(400)}true`;
    case 3:
      return `${'-'.repeat(400)}1 < score`;
    case 4:
      return Array.from({ length: 60 }, () => 'score == 1').join(random.pick([' && ', ' || ']));
    case 5:
      return `comment.contains('${'a'.repeat(400)}')`;
    case 6:
      return `${'[1, '.repeat(60)}1${']'.repeat(60)} == why`;
    case 7:
      return `size([1].map(x, [1].map(y, [1].map(z, size(why))))) > 1`;
    default:
      return `comment.matches('(a+)+$') || ${'true ? '.repeat(60)}true${' : false'.repeat(60)}`;
  }
}

const BOMB = `a: &a ["lol","lol","lol"]\n${[...'bcdefghij']
  .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
  .join('\n')}\n`;

/** Whole files, each a known way to bring a reader of YAML down. */
export const BOMBS: readonly string[] = [
  BOMB,
  `a: &a {x: 1}\n${Array.from({ length: 15_000 }, (_, index) => `b${index}: {<<: *a}`).join('\n')}`,
  `x:\n${'  <<: {a: 1}\n'.repeat(19_000)}`,
  `{${'<<: {},'.repeat(30_000)}}`,
  `m: {<<: [${'{a: 1},'.repeat(30_000)}]}`,
  '<<: '.repeat(60_000),
  '['.repeat(200_000),
  '{a: '.repeat(60_000),
  '- '.repeat(120_000),
  '? '.repeat(120_000),
  ': '.repeat(120_000),
  `a: ${'&a '.repeat(80_000)}`,
  `a: ${'!!x '.repeat(60_000)}`,
  `a: "${'\\u0000'.repeat(40_000)}"`,
  `a: "${'\\'.repeat(100_001)}"`,
  `a: |\n${'  x\n'.repeat(19_000)}`,
  `a: >${'9'.repeat(1_000)}\n  x`,
  `${'"a": '.repeat(40_000)}1`,
  `a: '${"''".repeat(120_000)}'`,
  `a: ${'x '.repeat(120_000)}`,
  `${'a\n'.repeat(19_999)}`,
  `${'# c\n'.repeat(19_000)}a: 1`,
  `${'---\n'.repeat(19_000)}`,
  `${'%YAML 1.2\n'.repeat(9_000)}---\na: 1`,
  `a: ${'9'.repeat(250_000)}`,
  `a: 1${'0'.repeat(200)}e${'9'.repeat(200)}`,
  `${Array.from({ length: 60 }, (_, index) => `${' '.repeat(index)}k${index}:`).join('\n')} 1`,
  `? {a: [b, {c: d}]}\n: {? [x] : y}`,
  '\ufeff\ufeffa: 1',
  '\0\0\0\0',
  '\ud800: \udfff',
  '\t\ta:\n\t\t\t- b',
  `a: {${'"k": 1, '.repeat(9_000)}}`,
  `__proto__:\n  polluted: true\nconstructor:\n  prototype:\n    polluted: true\n`,
  `nodes:\n  __proto__: {say: {en: x, ru: x}}\n  "constructor": {say: {en: x, ru: x}}\n`,
  `nodes: {? __proto__ : {polluted: 1}, ? ["__proto__"] : 2}`,
  `"\\x5f_proto__": {polluted: true}`,
];

const JUNK: readonly string[] = [
  '\n',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a ',
  '!!js/function ',
  '<<: ',
  '|\n',
  '>\n',
  '# ',
  '{{',
  '}}',
  '{{name, number(minimumFractionDigits: 9999)}}',
  '{{__proto__}}',
  '{{count, datetime}}',
  '$t(nps.ask)',
  '\t',
  '\0',
  '\u2028',
  '\ud800',
  '💥',
  'null',
  '~',
  '.nan',
  '-1e999',
  '0x7fffffffffffffff',
  '2026-01-01T00:00:00Z',
  '__proto__: ',
  'constructor: ',
  'toString: ',
  'hasOwnProperty: ',
  'if: ',
  'go: ',
  'when: score.constructor',
];

/** The same source with a few things put in, taken out or said twice. */
export function changedSource(random: Random, source: string): string {
  let text = source;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(text.length + 1);
    const put = random.once(4) ? random.pick(HOSTILE_TEXTS) : random.pick(JUNK);
    switch (random.below(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + random.below(60));
        break;
      case 1:
        text = text.slice(0, at) + text.slice(at, at + 40).repeat(random.pick([2, 30, 400])) + text.slice(at);
        break;
      case 2: {
        // The value of one line.
        const from = text.lastIndexOf(': ', at);
        const to = text.indexOf('\n', at);
        if (from >= 0 && to > from) text = `${text.slice(0, from)}: ${put}${text.slice(to)}`;
        break;
      }
      case 3: {
        // The key of one line.
        const from = text.lastIndexOf('\n', at) + 1;
        const to = text.indexOf(':', from);
        const indent = /^\s*/.exec(text.slice(from))?.[0].length ?? 0;
        if (to > from) text = text.slice(0, from + indent) + put.replace(/: $/, '') + text.slice(to);
        break;
      }
      default:
        text = text.slice(0, at) + put + text.slice(at);
    }
    if (text.length > 400_000) text = text.slice(0, 400_000);
  }
  return text;
}
