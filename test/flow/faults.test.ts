// Every fault an author can make, with the place it is shown at. A row breaks the good sample in one way.
import { describe, expect, test } from 'vitest';
import { compileRelease } from '../../src/flow/parse.ts';
import { formatFaults } from '../../src/flow/report.ts';
import { brief, compileWith, goodFiles } from './samples.ts';

/** A flow of its own beside the good ones; texts in place, so that rows stay short. */
function flow(nodes: string, head = ''): Record<string, string> {
  return { 'flows/try.yaml': `flow: try\n${head}nodes:\n${nodes}\n` };
}
const T = '{ ru: Т, en: T }';

const ROWS: readonly [name: string, files: Record<string, string>, faults: readonly string[]][] = [
  [
    'yaml syntax',
    { 'flows/try.yaml': 'flow: try\nnodes:\n  a: { say: "open\n' },
    ['yaml_syntax flows/try.yaml:4:1'],
  ],
  [
    'a tab for indentation',
    { 'flows/try.yaml': 'flow: try\nnodes:\n\ta: 1\n' },
    ['yaml_syntax flows/try.yaml:3:1'],
  ],
  [
    'two documents',
    { 'flows/try.yaml': 'flow: try\n---\nflow: other\n' },
    ['yaml_syntax flows/try.yaml:2:1'],
  ],
  ['a key twice', flow(`  a: { say: ${T} }\n  a: { say: ${T} }`), ['duplicate_key flows/try.yaml:4:3']],
  ['a node that is no mapping', flow('  a: hello'), ['bad_value flows/try.yaml:3:6']],
  ['an unknown kind', flow(`  a: { asc: text, text: ${T} }`), ['unknown_kind flows/try.yaml:3:8']],
  ['two kinds', flow(`  a: { say: ${T}, end: true }`), ['two_kinds flows/try.yaml:3:31']],
  [
    'an unknown key of a node',
    flow(`  a: { rate: nps, text: ${T}, optinal: true }`),
    ['unknown_key flows/try.yaml:3:43'],
  ],
  [
    'an unknown key of the flow',
    flow(`  a: { say: ${T} }`, 'titel: x\n'),
    ['unknown_key flows/try.yaml:2:1'],
  ],
  ['a missing key', flow('  a: { rate: nps }'), ['missing_key flows/try.yaml:3:3']],
  ['a wrong value', flow(`  a: { rate: npz, text: ${T} }`), ['bad_value flows/try.yaml:3:14']],
  [
    'a wrong type',
    flow(`  a: { ask: text, text: ${T}, optional: please }`),
    ['bad_value flows/try.yaml:3:53'],
  ],
  ['a number for a text', flow('  a: { say: 5 }'), ['bad_value flows/try.yaml:3:13']],
  ['a name that cannot be one', flow(`  Ask-Me: { say: ${T} }`), ['bad_id flows/try.yaml:3:3']],
  ['a name of the language of conditions', flow(`  true: { say: ${T} }`), ['bad_id flows/try.yaml:3:3']],
  [
    'an option id that cannot be one',
    flow(`  a: { choose: one, text: ${T}, options: { 'да': ${T} } }`),
    ['bad_id flows/try.yaml:3:56'],
  ],
  [
    'an unknown node',
    flow(`  a: { say: ${T}, go: ennd }\n  endd: { end: true }`),
    ['unknown_node flows/try.yaml:3:35'],
  ],
  ['an unknown flow', flow('  a: { call: npz }'), ['unknown_flow flows/try.yaml:3:14']],
  ['no nodes', { 'flows/try.yaml': 'flow: try\nnodes: {}\n' }, ['no_nodes flows/try.yaml:2:8']],
  ['an unreachable node', flow(`  a: { end: true }\n  b: { say: ${T} }`), ['unreachable flows/try.yaml:4:3']],
  [
    'a silent loop',
    flow(`  a: { say: ${T} }\n  b: { branch: [{ if: 1 < 2, go: a }, { else: c }] }\n  c: { end: true }`),
    ['silent_loop flows/try.yaml:3:3'],
  ],
  [
    'flows that call each other without asking',
    { ...flow('  a: { call: tri }'), 'flows/tri.yaml': 'flow: tri\nnodes:\n  b: { call: try }\n' },
    ['silent_loop flows/tri.yaml:3:3'],
  ],
  ['a talk without an end', flow(`  a: { ask: text, text: ${T}, go: a }`), ['no_end flows/try.yaml:3:3']],
  [
    'a text that is nowhere',
    { 'flows/nps.yaml': (goodFiles()['flows/nps.yaml'] ?? '').replace('say: thanks', 'say: thnks') },
    [
      'missing_text flows/nps.yaml:41:15',
      'unused_text locales/en/nps.yaml:8:1',
      'unused_text locales/ru/nps.yaml:8:1',
    ],
  ],
  [
    'a text missing in one language',
    { 'locales/en/nps.yaml': (goodFiles()['locales/en/nps.yaml'] ?? '').replace('price: Price\n', '') },
    ['missing_locale flows/nps.yaml:30:16'],
  ],
  ['a language missing in place', flow('  a: { say: { ru: Т } }'), ['missing_locale flows/try.yaml:3:13']],
  [
    'a language that we do not hold',
    flow('  a: { say: { ru: Т, en: T, de: T } }'),
    ['unknown_locale flows/try.yaml:3:29'],
  ],
  [
    'placeholders that differ',
    {
      'locales/en/nps.yaml': (goodFiles()['locales/en/nps.yaml'] ?? '').replace(
        'Your score is {{score}}',
        '',
      ),
    },
    ['placeholder_mismatch locales/ru/nps.yaml:6:14'],
  ],
  [
    'a placeholder that names nothing',
    flow("  a: { say: { ru: '{{scor}}', en: '{{scor}}' } }"),
    ['unknown_placeholder flows/try.yaml:3:19', 'unknown_placeholder flows/try.yaml:3:35'],
  ],
  [
    'a plural form missing',
    {
      ...flow('  count: { ask: number, text: days }\n  a: { say: days }'),
      'locales/ru/try.yaml': 'days_one: день\ndays_other: дня\n',
      'locales/en/try.yaml': 'days_one: day\ndays_other: days\n',
    },
    ['missing_plural locales/ru/try.yaml:1:11'],
  ],
  [
    'a branch without else',
    flow(`  a: { rate: nps, text: ${T} }\n  b: { branch: [{ if: a < 7, go: c }] }\n  c: { end: true }`),
    ['no_else flows/try.yaml:4:16'],
  ],
  [
    'something after else',
    flow(`  a: { branch: [{ else: c }, { if: 1 < 2, go: c }] }\n  c: { end: true }`),
    ['else_not_last flows/try.yaml:3:25'],
  ],
  [
    'a condition that is none',
    flow(
      `  a: { rate: nps, text: ${T} }\n  b: { branch: [{ if: a <, go: c }, { else: c }] }\n  c: { end: true }`,
    ),
    ['condition_syntax flows/try.yaml:4:23'],
  ],
  [
    'a condition over nothing known',
    flow(
      `  a: { rate: nps, text: ${T} }\n  b: { branch: [{ if: ab < 7, go: c }, { else: c }] }\n  c: { end: true }`,
    ),
    ['unknown_name flows/try.yaml:4:23'],
  ],
  [
    'a condition that compares apples with pears',
    flow(
      `  a: { rate: nps, text: ${T} }\n  b: { branch: [{ if: "a == 'x'", go: c }, { else: c }] }\n  c: { end: true }`,
    ),
    ['condition_type flows/try.yaml:4:23'],
  ],
  [
    'a condition with a pattern',
    flow(
      `  a: { ask: text, text: ${T} }\n  b: { branch: [{ if: "a.matches('^(a+)+$')", go: c }, { else: c }] }\n  c: { end: true }`,
    ),
    ['condition_not_allowed flows/try.yaml:4:23'],
  ],
  [
    'a condition too long',
    flow(
      `  a: { ask: text, text: ${T} }\n  b: { branch: [{ if: "a == '${'x'.repeat(500)}'", go: c }, { else: c }] }\n  c: { end: true }`,
    ),
    ['condition_too_long flows/try.yaml:4:23'],
  ],
  [
    'a command twice',
    flow(`  a: { say: ${T} }`, 'start: { commands: [nps] }\n'),
    ['duplicate_command flows/try.yaml:2:21'],
  ],
  [
    "a command of the machine's own",
    flow(`  a: { say: ${T} }`, 'start: { commands: [stop] }\n'),
    ['reserved_command flows/try.yaml:2:21'],
  ],
  [
    'plural forms with no number to go by',
    {
      ...flow('  a: { say: days }'),
      'locales/ru/try.yaml': 'days_one: день\ndays_few: дня\ndays_many: дней\ndays_other: дня\n',
      'locales/en/try.yaml': 'days_one: day\ndays_other: days\n',
    },
    ['plural_without_count locales/ru/try.yaml:1:11', 'plural_without_count locales/en/try.yaml:1:11'],
  ],
  [
    'another file name',
    { 'flows/try.yaml': `flow: tri\nnodes:\n  a: { say: ${T} }\n` },
    ['file_name flows/try.yaml:1:7'],
  ],
  [
    'a name that is taken',
    { 'flows/engine.yaml': `flow: engine\nnodes:\n  a: { say: ${T} }\n` },
    ['reserved_name flows/engine.yaml:1:1'],
  ],
  [
    'a score that is none',
    flow(`  a: { rate: csat, text: ${T} }`, 'response: { metric: nps, touchpoint: delivery, score: a }\n'),
    ['wrong_kind flows/try.yaml:2:55'],
  ],
  [
    'a contact without a yes',
    flow(
      `  a: { rate: nps, text: ${T} }\n  b: { choose: one, text: ${T}, options: { sure: ${T} } }`,
      'response: { metric: nps, touchpoint: delivery, score: a, contact: b }\n',
    ),
    ['wrong_kind flows/try.yaml:2:67'],
  ],
  [
    'a field that has no answer',
    flow(`  a: { say: ${T} }\n  b: { ticket: open, subject: a }`),
    ['no_answer flows/try.yaml:4:31'],
  ],
  [
    'evidence that is no files',
    flow(`  a: { ask: text, text: ${T} }\n  b: { ticket: open, evidence: [a] }`),
    ['wrong_kind flows/try.yaml:4:33'],
  ],
  [
    'a field without a title',
    flow(`  a: { ask: text, text: ${T} }\n  b: { confirm: [a], text: ${T} }`),
    ['missing_title flows/try.yaml:4:18'],
  ],
  [
    'a key that does not go with the rest',
    flow(`  a: { ask: email, text: ${T}, integer: true }`),
    ['unknown_key flows/try.yaml:3:53'],
  ],
  [
    'bounds the wrong way round',
    flow(`  a: { ask: number, text: ${T}, min: 9, max: 1 }`),
    ['bad_value flows/try.yaml:3:50'],
  ],
  [
    'a reminder after the end',
    flow(`  a: { ask: text, text: ${T} }`, `remind: { after: 8d, text: ${T} }\n`),
    ['bad_value flows/try.yaml:2:18'],
  ],
  [
    'a link that is no https',
    flow(`  a: { say: ${T}, links: [{ text: ${T}, url: 'javascript:alert(1)' }] }`),
    ['bad_value flows/try.yaml:3:70'],
  ],
  [
    'tickets without a way out',
    flow(`  a: { choose: one, from: tickets, text: ${T} }`),
    ['bad_value flows/try.yaml:3:27'],
  ],
  [
    'an alias',
    { 'flows/try.yaml': `flow: try\nnodes: &n\n  a: { say: *n }\n` },
    ['yaml_reference flows/try.yaml:2:8'],
  ],
  [
    'a forbidden key',
    flow(`  constructor: { say: ${T} }`),
    ['forbidden_key flows/try.yaml:3:3', 'no_nodes flows/try.yaml:3:3'],
  ],
  [
    'a language file that is no mapping',
    { 'locales/en/nps.yaml': '- a\n' },
    ['bad_value locales/en/nps.yaml:1:1'],
  ],
  [
    'a long label',
    flow(`  a: { choose: one, text: ${T}, options: { x: { ru: ${'д'.repeat(41)}, en: T } } }`),
    ['label_too_long flows/try.yaml:3:65'],
  ],
  [
    'a long text',
    flow(`  a: { say: { ru: ${'д'.repeat(3901)}, en: T } }`),
    ['text_too_long flows/try.yaml:3:19'],
  ],
  [
    'many options',
    flow(
      `  a: { choose: one, text: ${T}, options: { ${Array.from({ length: 11 }, (_, n) => `o${n}: { ru: Т${n}, en: T${n} }`).join(', ')} } }`,
    ),
    ['many_options flows/try.yaml:3:54'],
  ],
  [
    'options that read the same',
    flow(`  a: { choose: one, text: ${T}, options: { x: { ru: Да, en: A }, y: { ru: да, en: B } } }`),
    ['same_label flows/try.yaml:3:81'],
  ],
  [
    'too many options',
    flow(
      `  a: { choose: one, text: ${T}, options: { ${Array.from({ length: 51 }, (_, n) => `o${n}: { ru: Т${n}, en: T${n} }`).join(', ')} } }`,
    ),
    ['too_many_options flows/try.yaml:3:54'],
  ],
];

describe('faults', () => {
  test.each(ROWS)('%s', (_name, files, expected) => {
    const { release, faults } = compileWith(files);
    const found = brief(faults);
    if (_name !== 'a text that is nowhere' && _name !== 'a text missing in one language') {
      expect(
        found.filter(
          (line) => /\bflows\/(nps|menu|complaint)/.test(line) && !_name.includes('language file'),
        ),
      ).toEqual([]);
    }
    for (const line of expected) expect(found).toContain(line);
    if (!_name.includes('language file')) expect(found).toHaveLength(expected.length);
    for (const fault of faults) {
      expect(fault.message).toMatch(/[.)]$/);
      expect(fault.remedy).not.toBe('');
      expect(formatFaults([fault], { ...goodFiles(), ...files })).toContain(fault.remedy);
    }
    expect(release === undefined).toBe(faults.some(({ severity }) => severity === 'error'));
  });

  test('the remedy names what was meant', () => {
    const { faults } = compileWith(
      flow(`  begin: { asc: text, text: ${T} }\n  b: { rate: nps, text: ${T}, go: begn }\n  c: { call: np }`),
    );
    const remedies = faults.map(({ remedy }) => remedy).join('\n');
    expect(remedies).toContain('Did you mean "ask"?');
    expect(remedies).toContain('Did you mean "begin"?');
    expect(remedies).toContain('Did you mean "nps"?');
  });

  test('all faults of a file come at once', () => {
    const { faults } = compileWith(
      flow(
        `  a: { rate: npz, text: ${T} }\n  b: { say: nowhere, go: c1 }\n  c: { branch: [{ if: zzz, go: b }] }\n  d: { ask: text, txt: ${T} }`,
        'expire: soon\n',
      ),
    );
    expect(faults.map(({ code }) => code)).toEqual([
      'bad_value',
      'bad_value',
      'missing_text',
      'unknown_node',
      'no_else',
      'unknown_name',
      'missing_key',
      'unknown_key',
    ]);
  });

  test('a menu must be there', () => {
    const { 'flows/menu.yaml': _, ...rest } = goodFiles();
    const { release, faults } = compileWith({});
    expect(release).toBeDefined();
    expect(faults).toEqual([]);
    const without = compileRelease(rest, { defaultLocale: 'ru' });
    expect(brief(without.faults)).toEqual(['no_menu flows/menu.yaml:1:1']);
  });

  test('a terminal shows the line with a caret and the count', () => {
    const files = flow(`  a: { say: ${T}, go: ennd }\n  endd: { end: true }`);
    const { faults } = compileWith(files);
    const shown = formatFaults(faults, files);
    expect(shown).toContain(`flows/try.yaml:3:35: error: There is no node "ennd". (a.go) [unknown_node]
  3 |   a: { say: { ru: Т, en: T }, go: ennd }
                                        ^
  → Did you mean "endd"?`);
    expect(shown.split('\n').at(-1)).toBe('1 error in 1 file.');
  });
});
