// The shipped flows: they check clean, and a walk over all answers through the engine itself finds every node and
// comes to an end from everywhere.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSources } from '../src/app/library.ts';
import { contactIdOf } from '../src/core/contact.ts';
import type { CustomerAct, CustomerEvent } from '../src/core/event.ts';
import type { Choice } from '../src/core/message.ts';
import { newSession, type Session } from '../src/core/session.ts';
import type { TicketSummary } from '../src/core/ticket.ts';
import { advance } from '../src/engine/advance.ts';
import { compileWords, type RawWords } from '../src/engine/answer/index.ts';
import type { Moment, Rules } from '../src/engine/draft.ts';
import type { At } from '../src/flow/flow.ts';
import { compileRelease } from '../src/flow/parse.ts';
import { loadTexts } from '../src/text/load.ts';
import { createTexts } from '../src/text/texts.ts';
import { watchedRelease } from './transcript/watched-release.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const folders = { flows: join(ROOT, 'flows'), locales: join(ROOT, 'locales') };
const sources = readSources(folders);
const compiled = compileRelease(sources, { defaultLocale: 'ru' });
const FLOWS = ['ces', 'complaint', 'csat', 'menu', 'nps', 'operator', 'status'];
const SURVEYS = ['ces', 'csat', 'nps'];

const { resources } = loadTexts(folders.locales);
const texts = createTexts(resources, { defaultLocale: 'ru' });
const words = compileWords(
  Object.fromEntries(Object.entries(resources).map(([locale, all]) => [locale, all.words as RawWords])),
);

/** Far more than there are; a walk that comes near it has lost its way. */
const MOST = 40_000;
const ADDRESS = { channel: 'paper', account: '', peer: '1' };
const TICKET: TicketSummary = {
  id: 't1',
  number: 'K1-00001',
  status: 'in_progress',
  subject: 'Где мой заказ',
  openedAt: 0,
  kind: 'request',
};

/** Words that answer one kind of question or another, and a file. */
const ANSWERS: readonly CustomerAct[] = [
  ...['Слова ответа', 'вчера', '+7 912 345-67-89', 'ivan@example.com'].map(
    (text): CustomerAct => ({ kind: 'message', text }),
  ),
  { kind: 'message', text: '', attachments: [{ kind: 'photo', ref: 'paper:1' }] },
];

interface Place {
  readonly session: Session;
  /** What can be pressed under the question. */
  readonly choices: readonly Choice[];
}

interface Walked {
  readonly visited: ReadonlySet<string>;
  /** Place → places it leads to; an ended talk is the empty place. */
  readonly ways: ReadonlyMap<string, ReadonlySet<string>>;
  readonly longest: number;
  /** Questions answered on the longest way to an end. */
  readonly most: number;
}

/** Nodes whose answers a condition looks at. */
const looked = new Set(
  Object.values(sources).flatMap((source) =>
    [...source.matchAll(/\bif: ([^,]+),/g)].flatMap(([, condition]) => condition?.match(/[a-z_]+/g) ?? []),
  ),
);

/** Where the talk stands, as far as it decides what can follow. */
function keyOf({ run }: Session): string {
  if (!run) return '';
  const frames = run.frames.map(({ flow, node, answers, back = '' }) => {
    const given = Object.entries(answers).flatMap(([id, value]) =>
      looked.has(id) && value !== '' ? [typeof value === 'number' ? `${id}=${value}` : id] : [],
    );
    return [flow, node, back, ...given.sort()].join(' ');
  });
  return [...frames, run.ticks?.length ? 'ticked' : '', run.files?.length ?? ''].join('|');
}

function walk(name: string, tickets: readonly TicketSummary[]): Walked {
  const visited = new Set<string>();
  const release = watchedRelease(compiled.release!, visited);
  const rules: Rules = {
    current: release,
    release: () => release,
    texts,
    words,
    locales: release.locales,
    deskLocale: 'ru',
    country: 'RU',
  };
  const moment: Moment = {
    now: 0,
    today: '2026-03-12',
    channel: { ours: false, marksChoice: true, edits: true, numbered: () => false },
    numbers: ['K1-00002', 'K1-00003', 'K1-00004'],
    tickets,
  };
  let longest = 0;
  let most = 0;
  const after = (place: Place, act: CustomerAct): Place => {
    const event: CustomerEvent = { ...ADDRESS, id: 'e', at: 0, ...act };
    const { session, acts } = advance(place.session, event, rules, moment);
    let choices: readonly Choice[] = [];
    for (const { effect } of acts) {
      const shown =
        effect.kind === 'say' ? effect.message : effect.kind === 'redraw' ? effect.next : undefined;
      if (shown) longest = Math.max(longest, shown.text.length);
      if (shown) choices = shown.choices ?? [];
    }
    // A talk with an operator is another matter: here the talk with the bot is walked.
    const { talk: _, ...rest } = session;
    return { session: rest, choices };
  };
  const fresh = newSession(contactIdOf(ADDRESS), ADDRESS, 'ru');
  const first = after({ session: fresh, choices: [] }, { kind: 'start', payload: name });
  const ways = new Map<string, Set<string>>();
  const waiting = [first];
  for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
    const here = keyOf(place.session);
    if (here === '' || ways.has(here)) continue;
    const asked = Object.keys(place.session.run?.frames.at(-1)?.answers ?? {}).filter(
      (id) => !id.startsWith('_'),
    );
    most = Math.max(most, asked.length + 1);
    const to = new Set<string>();
    ways.set(here, to);
    if (ways.size > MOST) throw new Error(`${name}: more than ${MOST} places`);
    const presses = place.choices.map(({ id }): CustomerAct => ({ kind: 'press', button: id, message: 'm' }));
    for (const act of [...presses, ...ANSWERS]) {
      const next = after(place, act);
      const there = keyOf(next.session);
      if (there === here) continue;
      to.add(there);
      if (!ways.has(there)) waiting.push(next);
    }
  }
  return { visited, ways, longest, most };
}

/** A talk's first moment. */
const atFirst = (locale: string): At => ({
  locale,
  answers: {},
  vars: () => undefined,
  tickets: () => [],
  today: '2026-03-12',
  status: () => '',
});

/** Places from which no answers lead to an end. */
function stuck({ ways }: Walked): readonly string[] {
  const before = new Map<string, string[]>();
  for (const [from, to] of ways)
    for (const place of to) before.set(place, [...(before.get(place) ?? []), from]);
  const ending = new Set(['']);
  for (const place of ending) for (const from of before.get(place) ?? []) ending.add(from);
  return [...ways.keys()].filter((place) => !ending.has(place));
}

describe('the shipped flows', () => {
  test('check clean: no error, no warning', () => {
    expect(compiled.faults).toEqual([]);
    expect([...(compiled.release?.flows.keys() ?? [])].sort()).toEqual(FLOWS);
  });

  test.each(FLOWS)('%s begins with its schema and a line on what it is for', (name) => {
    const [schema, about] = readFileSync(join(folders.flows, `${name}.yaml`), 'utf8').split('\n');
    expect(schema).toBe('# yaml-language-server: $schema=./flow.schema.json');
    expect(about).toMatch(/^# \S.{20,}$/);
  });

  test.each(SURVEYS)('%s says at once how long it takes, and asks four questions at most', (name) => {
    const flow = compiled.release?.flows.get(name);
    const first = flow?.nodes.get(flow.first);
    for (const [locale, sentence] of [
      ['ru', /меньше минуты/],
      ['en', /under a minute/],
    ] as const) {
      expect(first?.ask?.(atFirst(locale)).text).toMatch(sentence);
    }
    expect(walk(name, []).most).toBeLessThanOrEqual(4);
  });

  test.each(FLOWS)('%s: every node is come to, and every way leads to an end', (name) => {
    const walks = [walk(name, []), walk(name, [TICKET])];
    const visited = new Set(walks.flatMap((one) => [...one.visited]));
    const nodes = [...(compiled.release?.flows.get(name)?.nodes.keys() ?? [])].map((id) => `${name}.${id}`);
    expect(nodes.filter((node) => !visited.has(node))).toEqual([]);
    for (const one of walks) {
      expect(stuck(one)).toEqual([]);
      expect(one.longest).toBeLessThan(4096);
    }
  });
});
