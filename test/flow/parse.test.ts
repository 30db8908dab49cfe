// A good release: what the engine gets from the files.
import { describe, expect, test } from 'vitest';
import type { At, Flow, Node } from '../../src/flow/flow.ts';
import { brief, compileWith, goodFiles } from './samples.ts';

function at(more: Partial<At> = {}): At {
  return {
    locale: 'ru',
    answers: {},
    vars: (name) => (name === 'name' ? 'Аня' : undefined),
    tickets: () => [],
    today: '2026-03-12',
    status: () => 'в работе',
    ...more,
  };
}

function good(): ReadonlyMap<string, Flow> {
  const { release, faults } = compileWith({});
  expect(faults).toEqual([]);
  if (!release) throw new Error('no release');
  return release.flows;
}

function node(flow: string, id: string): Node {
  const found = good().get(flow)?.nodes.get(id);
  if (!found) throw new Error(`no node ${flow}.${id}`);
  return found;
}

describe('a good release', () => {
  test('has every flow, command and language', () => {
    const { release } = compileWith({});
    expect([...(release?.flows.keys() ?? [])]).toEqual(['complaint', 'menu', 'nps']);
    expect(Object.fromEntries(release?.commands ?? [])).toEqual({
      complaint: 'complaint',
      menu: 'menu',
      nps: 'nps',
    });
    expect(release?.needsTickets).toBe(true);
    expect([...(release?.locales ?? [])].sort()).toEqual(['en', 'ru']);
  });

  test('changes its hash with its texts and its source, and with nothing else', () => {
    const first = compileWith({}).release;
    expect(compileWith({}).release?.hash).toBe(first?.hash);
    const reworded = compileWith({ 'locales/ru/engine.yaml': 'x: y\n' }).release;
    expect(reworded?.hash).toBe(first?.hash);
    const other = compileWith({ 'flows/menu.yaml': `# a comment\n${MENU_SOURCE}` }).release;
    expect(other?.flows.get('menu')?.hash).not.toBe(first?.flows.get('menu')?.hash);
    expect(other?.flows.get('nps')?.hash).toBe(first?.flows.get('nps')?.hash);
  });

  test('reads files as Windows writes them', () => {
    const windows = Object.fromEntries(
      Object.entries(goodFiles()).map(([file, source]) => [file, `\uFEFF${source.replaceAll('\n', '\r\n')}`]),
    );
    expect(compileWith(windows).faults).toEqual([]);
    const broken = (windows['flows/nps.yaml'] ?? '').replace('rate: nps', 'rate: npz');
    const { faults } = compileWith({ ...windows, 'flows/nps.yaml': broken });
    const line = broken.split('\n').findIndex((text) => text.includes('npz'));
    const column = broken.split('\n')[line]?.indexOf('npz') ?? 0;
    expect(brief(faults)).toEqual([`bad_value flows/nps.yaml:${line + 1}:${column + 1}`]);
  });

  test('follows the file, or go', () => {
    const nps = good().get('nps');
    expect(nps?.first).toBe('score');
    expect(nps?.nodes.get('score')?.next).toBe('keep');
    expect(nps?.nodes.get('bye')?.next).toBe('fin');
    expect(nps?.nodes.get('fin')?.next).toBeUndefined();
    expect(nps?.order.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(nps?.remind?.after).toBe(86_400_000);
    expect(nps?.expire).toBe(7 * 86_400_000);
    expect(nps?.title?.('en')).toBe('Rate us');
    expect(nps?.response).toMatchObject({ metric: 'nps', score: 'score', contact: 'may_contact' });
  });

  test('asks for a score', () => {
    const question = node('nps', 'score').ask?.(at());
    expect(question?.options?.map(({ id }) => id).join(' ')).toBe('0 1 2 3 4 5 6 7 8 9 10');
    expect(question?.expect).toEqual({ kind: 'scale', min: 0, max: 10 });
    expect(question?.text).toBe('Насколько вероятно, что вы нас порекомендуете?');
  });

  test('asks for choices in the order of the file, with labels of all languages', () => {
    const question = node('nps', 'why_unhappy').ask?.(at());
    expect(question?.options?.map(({ id }) => id)).toEqual(['delivery', 'price', '2', '1']);
    expect(question?.expect).toMatchObject({
      kind: 'many',
      options: [{ id: 'delivery', labels: expect.arrayContaining(['Доставка', 'Delivery']) }, {}, {}, {}],
    });
    expect(question).toMatchObject({ optional: true, free: { max: 2000 } });
    expect(node('nps', 'why_unhappy').show?.(['price', '1'], 'en')).toBe('Price, One');
    expect(node('nps', 'why_unhappy').show?.('own words', 'en')).toBe('own words');
  });

  test('branches by the first condition that holds, and by else when an answer is missing', () => {
    const { pass } = node('nps', 'split');
    expect(pass?.(at({ answers: { score: 6 } }))).toEqual({ do: 'go', to: 'why_unhappy' });
    expect(pass?.(at({ answers: { score: 8 } }))).toEqual({ do: 'go', to: 'comment' });
    expect(pass?.(at({ answers: { score: 9 } }))).toEqual({ do: 'go', to: 'bye' });
    expect(pass?.(at())).toEqual({ do: 'go', to: 'bye' });
  });

  test('an option can lead away', () => {
    const contact = node('nps', 'may_contact');
    expect(contact.after?.('yes', at())).toEqual({ to: 'human' });
    expect(contact.after?.('no', at())).toBe('next');
    expect(node('nps', 'may_contact').ask?.(at()).text).toBe('Можно связаться, Аня?');
  });

  test('says with links', () => {
    expect(node('nps', 'bye').pass?.(at({ locale: 'en-GB' }))).toEqual({
      do: 'say',
      message: {
        text: 'Thank you!',
        choices: [{ id: '', label: 'Leave a review', url: 'https://example.com/review' }],
      },
    });
  });

  test('a confirmation lists what was answered and comes back', () => {
    const check = node('complaint', 'check');
    const question = check.ask?.(
      at({
        answers: { area: 'delivery', what: 'Опоздали' },
        vars: (id) => ({ area: 'Доставка', what: 'Опоздали' })[id],
      }),
    );
    expect(question?.text).toBe('Проверьте:\n\nТема: Доставка\nЧто: Опоздали');
    expect(question?.options).toEqual([
      { id: 'ok', label: '✅ Всё верно' },
      { id: 'area', label: '✏️ Тема' },
      { id: 'what', label: '✏️ Что' },
    ]);
    expect(check.after?.('ok', at())).toBe('next');
    expect(check.after?.('what', at())).toEqual({ to: 'what', andBack: true });
    expect(check.after?.('toString', at())).toBe('next');
  });

  test('opens a ticket, adds to one, hands over', () => {
    expect(node('complaint', 'made').pass?.(at())).toEqual({
      do: 'open',
      handoff: false,
      ticket: {
        kind: 'complaint',
        category: ['area'],
        subject: 'what',
        fields: ['what', 'when'],
        evidence: ['files'],
      },
    });
    expect(node('nps', 'human').pass?.(at())).toMatchObject({
      do: 'open',
      handoff: true,
      ticket: { kind: 'contact' },
    });
    const add = node('menu', 'add');
    expect(add.pass?.(at({ answers: { which: 't1', words: 'ещё' } }))).toEqual({
      do: 'add',
      ticket: 't1',
      text: 'ещё',
    });
    expect(add.pass?.(at())).toEqual({ do: 'go', to: 'fin' });
    expect(node('complaint', 'fin').pass?.(at({ vars: () => 'K7-48213' }))).toEqual({
      do: 'end',
      message: { text: 'Принято под номером K7-48213.' },
    });
  });

  test('offers the tickets, or goes elsewhere when there is none', () => {
    const which = node('menu', 'which');
    const ticket = {
      id: 't1',
      number: 'K7-1',
      status: 'received',
      subject: 'с'.repeat(80),
      openedAt: 0,
      kind: 'complaint',
    } as const;
    expect(which.skip?.(at())).toBe('nothing');
    expect(which.skip?.(at({ tickets: () => [ticket] }))).toBeUndefined();
    const question = which.ask?.(at({ tickets: () => [ticket] }));
    expect(question?.options?.[0]?.label).toMatch(/^K7-1 · в работе · с+…$/);
    expect([...(question?.options?.[0]?.label ?? '')]).toHaveLength(40);
    expect(which.show?.('t1', 'ru', [ticket])).toBe('K7-1');
  });

  test('reads dates up to today, phones by country, files by kind', () => {
    expect(node('complaint', 'when').ask?.(at()).expect).toEqual({ kind: 'date', max: '2026-03-12' });
    expect(node('complaint', 'phone').ask?.(at()).expect).toEqual({ kind: 'phone', defaultCountry: 'RU' });
    expect(node('complaint', 'files').ask?.(at()).expect).toEqual({
      kind: 'files',
      accept: ['photo', 'video'],
      max: 5,
    });
    expect(node('complaint', 'files').show?.([{ kind: 'photo' }, { kind: 'photo' }], 'ru')).toBe('2 файла');
    expect(
      node('nps', 'comment').ask?.(at({ vars: (id) => (id === 'score' ? '3' : undefined) })),
    ).toMatchObject({
      text: 'Расскажите подробнее. Ваша оценка — 3',
      expect: { kind: 'text', max: 2000 },
      optional: true,
    });
  });
});

const MENU_SOURCE = `flow: menu
start: { commands: [menu] }
nodes:
  what: { say: { ru: Да, en: Yes } }
`;
