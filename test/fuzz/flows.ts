// Hostile flows, texts and conditions through the real compiler: each is refused with faults that name a place and a
// remedy, or it can be played. Nothing throws, nothing takes for ever, and no prototype is touched.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../src/core/errors.ts';
import type { Value } from '../../src/core/expect.ts';
import { createConditions } from '../../src/flow/condition.ts';
import type { At, Release } from '../../src/flow/flow.ts';
import type { AnswerShape } from '../../src/flow/kind.ts';
import { compileRelease } from '../../src/flow/parse.ts';
import { readTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';
import { readYaml } from '../../src/text/yaml.ts';
import { goodFiles } from '../flow/samples.ts';
import { BOMBS, changedSource, conditionFrom } from './hostile-flows.ts';
import { HOSTILE_TEXTS } from './hostile-values.ts';
import { createRandom, type Random } from './random.ts';
import { strays } from './strays.ts';
import type { Found } from './updates.ts';

/** Of a thousand: a file costs a hundred times what a condition does. */
const SHARES = { condition: 984, yaml: 10, texts: 4, release: 2 } as const;
export type Sort = keyof typeof SHARES;

export interface FlowsRan {
  readonly counts: Readonly<Record<Sort, number>>;
  /** Microseconds. */
  readonly p99: Readonly<Record<Sort, number>>;
  readonly most: Readonly<Record<Sort, number>>;
  /** Of the conditions, and of the releases, that were good enough to be run. */
  readonly played: number;
  readonly found: readonly Found[];
}

const ROOT = join(import.meta.dirname, '../..');
const SHIPPED = [
  'flows/complaint.yaml',
  'flows/nps.yaml',
  'flows/menu.yaml',
  'flows/csat.yaml',
  'locales/ru/complaint.yaml',
  'locales/en/nps.yaml',
  'locales/ru/engine.yaml',
].map((file) => readFileSync(join(ROOT, file), 'utf8'));

const SHAPES: ReadonlyMap<string, AnswerShape> = new Map<string, AnswerShape>([
  ['score', { type: 'number' }],
  ['why', { type: 'choices', options: ['price', 'a'] }],
  ['comment', { type: 'text' }],
  ['place', { type: 'choice', options: ['a', 'b'] }],
  ['photos', { type: 'files' }],
  ['extra', { type: 'any' }],
]);
const conditions = createConditions(SHAPES);
const ANSWERS: readonly Readonly<Record<string, Value>>[] = [
  {},
  {
    score: 3,
    why: ['price'],
    comment: 'да',
    place: 'a',
    photos: [{ kind: 'photo', ref: 'media:1' }],
    extra: 'x',
  },
  { score: Number.NaN, why: 'own words', comment: 'a'.repeat(4_000), place: '__proto__', extra: 5 },
  { score: 0, why: [], comment: '', place: 'constructor', photos: [], extra: [] },
];

/** Seconds of the processor's own time that one case may take: far beyond any sense, far below a stop. */
const LONGEST = 3;

export interface FlowCase {
  readonly sort: Sort;
  run(): { readonly faults: readonly string[]; readonly played: boolean };
  readonly shown: string;
}

export function flowCase(seed: number, nth: number): FlowCase {
  const random = createRandom(seed, nth);
  let at = random.below(1_000);
  const sort = (Object.keys(SHARES) as Sort[]).find((one) => {
    at -= SHARES[one];
    return at < 0;
  });
  return MAKERS[sort ?? 'condition'](random);
}

const MAKERS: Readonly<Record<Sort, (random: Random) => FlowCase>> = {
  condition(random) {
    const source = random.once(40) ? random.pick(HOSTILE_TEXTS) : conditionFrom(random);
    return { sort: 'condition', shown: source, run: () => ofCondition(source) };
  },
  yaml(random) {
    const source = random.once(12) ? random.pick(BOMBS) : changedSource(random, random.pick(SHIPPED));
    return { sort: 'yaml', shown: source, run: () => ofYaml(source) };
  },
  texts(random) {
    const source = changedSource(random, random.pick(SHIPPED.slice(4)));
    return { sort: 'texts', shown: source, run: () => ofTexts(source) };
  },
  release(random) {
    const files = goodFiles();
    const name = random.pick(Object.keys(files));
    const source = random.once(12) ? random.pick(BOMBS) : changedSource(random, files[name] ?? '');
    return {
      sort: 'release',
      shown: `${name}:\n${source}`,
      run: () => ofRelease({ ...files, [name]: source }),
    };
  },
};

function ofCondition(source: string) {
  const { condition, faults } = conditions(source);
  const wrong: string[] = [];
  if ((condition === undefined) !== faults.length > 0) wrong.push('neither a condition nor a fault, or both');
  for (const { message, offset } of faults)
    if (message === '' || !(offset >= 0 && offset <= source.length + 40))
      wrong.push('a fault without a place');
  for (const answers of ANSWERS)
    if (condition && typeof condition.run(answers).value !== 'boolean') wrong.push('neither true nor false');
  return { faults: wrong, played: condition !== undefined };
}

const placed = (faults: readonly Fault[]): string[] =>
  faults.flatMap(({ line, column, message, remedy, code }) =>
    line > 0 && column > 0 && message !== '' && remedy !== '' && code !== ''
      ? []
      : [`a fault that tells too little: ${code}`],
  );

function ofYaml(source: string) {
  const { tree, faults } = readYaml('flows/x.yaml', source);
  const wrong = placed(faults);
  if (tree === undefined && faults.length === 0) wrong.push('neither a tree nor a fault');
  if (tree && !isPlain(tree.value)) wrong.push('a value with a prototype, or a forbidden name');
  return { faults: wrong, played: false };
}

/** Iterative: what is judged may be deep. */
function isPlain(value: unknown): boolean {
  const waiting = [value];
  for (let one = waiting.pop(); waiting.length > 0 || one !== undefined; one = waiting.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    if (Array.isArray(one)) waiting.push(...one);
    else {
      if (Object.getPrototypeOf(one) !== null || Object.hasOwn(one, '__proto__')) return false;
      waiting.push(...Object.values(one));
    }
  }
  return true;
}

function ofTexts(source: string) {
  const files = { 'locales/ru/nps.yaml': source, 'locales/en/nps.yaml': 'ask: "{{name}}"' };
  const { resources, files: read, faults } = readTexts(files);
  const wrong = placed(faults);
  const texts = createTexts(resources, { defaultLocale: 'ru' });
  for (const name of HOSTILE_TEXTS.slice(0, 20))
    for (const key of ['ask', '__proto__', 'constructor', 'nps', name.slice(0, 20)])
      if (typeof texts.t('ru', `nps:${key}`, { name, count: 3 }) !== 'string')
        wrong.push('a text that is no text');
  for (const { tree } of read)
    for (const key of tree.keys([]))
      if (typeof texts.sayOf('nps', key)('ru', { name: '{{count}}', count: -1 }) !== 'string')
        wrong.push('a text that is no text');
  return { faults: wrong, played: faults.length === 0 };
}

const TICKETS = [
  {
    id: 't1',
    number: 'A1-00001',
    kind: 'complaint',
    status: 'received',
    subject: '{{name}}',
    openedAt: 1,
    changedAt: 1,
  },
] as never;

function ofRelease(files: Readonly<Record<string, string>>) {
  const { release, faults } = compileRelease(files, { defaultLocale: 'ru', country: 'RU' });
  const wrong = placed(faults);
  const errors = faults.filter(({ severity }) => severity === 'error');
  if ((release === undefined) !== errors.length > 0) wrong.push('neither a release nor an error, or both');
  if (release) play(release);
  return { faults: wrong, played: release !== undefined };
}

/** Asks every question of every flow, in every language, with answers of every sort. */
function play(release: Release): void {
  for (const flow of release.flows.values())
    for (const node of flow.order)
      for (const locale of release.locales)
        for (const answers of ANSWERS) {
          const at: At = {
            locale,
            answers,
            vars: (name) => (name === 'name' ? '{{name}}' : 3),
            tickets: () => TICKETS,
            today: '2026-03-12',
            status: () => 's',
          };
          node.title?.(locale, at.vars);
          node.skip?.(at);
          node.ask?.(at);
          node.pass?.(at);
          for (const value of ['a', 3, ['a']] as const) {
            node.after?.(value, at);
            node.show?.(value, locale, TICKETS);
          }
        }
}

export function runFlows(options: {
  readonly count: number;
  readonly seed: number;
  readonly only?: number;
}): FlowsRan {
  const { seed, only } = options;
  const own = strays();
  const times: Record<Sort, number[]> = { condition: [], yaml: [], texts: [], release: [] };
  const found = new Map<string, Found>();
  let played = 0;
  const last = only === undefined ? options.count : only + 1;
  for (let nth = only ?? 0; nth < last; nth++) {
    const one = flowCase(seed, nth);
    const wrong: string[] = [];
    const cpu = process.cpuUsage();
    const began = performance.now();
    try {
      const result = one.run();
      wrong.push(...result.faults);
      if (result.played) played += 1;
    } catch (error) {
      wrong.push(
        `it throws ${error instanceof Error ? `${error.name}: ${error.message}\n${error.stack?.split('\n')[1]}` : String(error)}`.slice(
          0,
          300,
        ),
      );
    }
    times[one.sort].push((performance.now() - began) * 1_000);
    const spent = process.cpuUsage(cpu);
    const seconds = (spent.user + spent.system) / 1_000_000;
    if (seconds > LONGEST) wrong.push(`it takes ${seconds.toFixed(1)} s`);
    for (const what of [...wrong, ...own.taken()]) {
      const kind = `${one.sort} ${what.replace(/".*|\d+/gs, '').slice(0, 60)}`;
      if (found.has(kind)) continue;
      found.set(kind, {
        network: one.sort,
        what,
        command: `node test/fuzz/run.ts --updates 0 --whole 0 --flows 1 --seed ${seed} --flow ${nth}`,
        shown: one.shown.slice(0, 600),
      });
    }
  }
  own.stop();
  const each = (pick: (sorted: number[]) => number | undefined) =>
    Object.fromEntries(
      (Object.keys(times) as Sort[]).map((sort) => [
        sort,
        Math.round(pick(times[sort].toSorted((a, b) => a - b)) ?? 0),
      ]),
    ) as Record<Sort, number>;
  return {
    counts: each((all) => all.length),
    p99: each((all) => all[Math.floor(all.length * 0.99)]),
    most: each((all) => all.at(-1)),
    played,
    found: [...found.values()],
  };
}
