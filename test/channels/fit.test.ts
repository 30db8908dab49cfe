// What a message looks like in each kind of channel, and what fitting never does: lose words or choices.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Abilities } from '../../src/channels/channel.ts';
import { type FitWords, fit as fitted, isNumbered } from '../../src/channels/fit.ts';
import { rows } from '../../src/channels/rows.ts';
import { shorten, split } from '../../src/channels/split.ts';
import { ATTACHMENT_KINDS, type Attachment, type Choice, type Message } from '../../src/core/message.ts';
import { ABILITIES } from './abilities.ts';

const words: FitWords = {
  choose: 'Ответьте номером.',
  scale: (from, to) => `Ответьте числом от ${from} до ${to}.`,
};

const list = (...labels: string[]): Choice[] =>
  labels.map((label, index) => ({ id: `r1.1.${index}`, label }));
const photo: Attachment = { kind: 'photo', ref: `media:${'a'.repeat(64)}`, name: 'чек.jpg' };

const EXAMPLES: Record<string, Message> = {
  'NPS question': {
    text: 'Насколько вероятно, что вы порекомендуете нас?',
    choices: list('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10'),
    layout: 'scale',
  },
  '12 categories': {
    text: 'О чём обращение?',
    choices: list(
      'Доставка',
      'Качество товара',
      'Обслуживание в точке',
      'Чистота',
      'Цена и чек',
      'Возврат денег',
      'Сайт',
      'Приложение',
      'Программа лояльности и начисление баллов за покупки',
      'Безопасность',
      'Сотрудник',
      'Другое',
    ),
  },
  'long text with a link': {
    text: `${'Мы разобрали ваше обращение и вот что сделали. '.repeat(60).trim()}\n\n${'Подробно о каждом шаге. '.repeat(80).trim()}`,
    choices: [{ id: '', label: 'Оставить отзыв', url: 'https://example.org/review' }],
  },
  'photo with a caption': { text: 'Так выглядит новая упаковка.', attachments: [photo] },
  confirmation: {
    text: 'Проверьте: доставка, вчера, опоздали на два часа. Всё верно?',
    choices: list('Да, отправить', 'Исправить', 'Отмена'),
  },
};

/** A part as a reader sees it; the middle of a long text is left out. */
function drawn(message: Message, abilities: Abilities): string {
  return fitted(message, abilities, words)
    .map((part) => {
      const files = (part.attachments ?? []).map((file) => `<${file.kind}>`).join(' ');
      const text =
        part.text.length > 400
          ? `${part.text.slice(0, 20)}(…${part.text.length}…)${part.text.slice(-40)}`
          : part.text;
      const buttons = rows(part.choices ?? [], part.layout, abilities)
        .map((row) => row.map((choice) => `[${choice.label}${choice.url ? ' →' : ''}]`).join(' '))
        .join('\n');
      return [files, text, buttons].filter(Boolean).join('\n');
    })
    .join('\n~~~\n');
}

function gallery(abilities: Abilities): string {
  return Object.entries(EXAMPLES)
    .map(([name, message]) => `## ${name}\n${drawn(message, abilities)}`)
    .join('\n');
}

describe('the same messages', () => {
  test('like telegram', () => {
    expect(gallery(ABILITIES.telegram)).toMatchInlineSnapshot(`
      "## NPS question
      Насколько вероятно, что вы порекомендуете нас?
      [0] [1] [2] [3] [4] [5]
      [6] [7] [8] [9] [10]
      ## 12 categories
      О чём обращение?
      [Доставка]
      [Качество товара]
      [Обслуживание в точке]
      [Чистота] [Цена и чек]
      [Возврат денег]
      [Сайт] [Приложение]
      [Программа лояльности и начисление…]
      [Безопасность] [Сотрудник] [Другое]
      ## long text with a link
      Мы разобрали ваше об(…2819…)обрали ваше обращение и вот что сделали.
      ~~~
      Подробно о каждом ша(…1919…)о о каждом шаге. Подробно о каждом шаге.
      [Оставить отзыв →]
      ## photo with a caption
      <photo>
      Так выглядит новая упаковка.
      ## confirmation
      Проверьте: доставка, вчера, опоздали на два часа. Всё верно?
      [Да, отправить]
      [Исправить] [Отмена]"
    `);
  });

  test('like vk', () => {
    expect(gallery(ABILITIES.vk)).toMatchInlineSnapshot(`
      "## NPS question
      Насколько вероятно, что вы порекомендуете нас?
      [0] [1] [2] [3]
      [4] [5] [6] [7]
      [8] [9] [10]
      ## 12 categories
      О чём обращение?
      [Доставка]
      [Качество товара]
      [Обслуживание в точке]
      [Чистота] [Цена и чек]
      [Возврат денег]
      [Сайт] [Приложение]
      [Программа лояльности и начисление…]
      [Безопасность] [Сотрудник] [Другое]
      ## long text with a link
      Мы разобрали ваше об(…2819…)обрали ваше обращение и вот что сделали.
      ~~~
      Подробно о каждом ша(…1919…)о о каждом шаге. Подробно о каждом шаге.
      [Оставить отзыв →]
      ## photo with a caption
      <photo>
      Так выглядит новая упаковка.
      ## confirmation
      Проверьте: доставка, вчера, опоздали на два часа. Всё верно?
      [Да, отправить]
      [Исправить] [Отмена]"
    `);
  });

  test('like whatsapp', () => {
    expect(gallery(ABILITIES.whatsapp)).toMatchInlineSnapshot(`
      "## NPS question
      Насколько вероятно, что вы порекомендуете нас?

      Ответьте числом от 0 до 10.
      ## 12 categories
      О чём обращение?

      Ответьте номером.
      ## long text with a link
      Мы разобрали ваше об(…2819…)обрали ваше обращение и вот что сделали.
      ~~~
      Подробно о каждом ша(…1963…)тавить отзыв: https://example.org/review
      ## photo with a caption
      <photo>
      Так выглядит новая упаковка.
      ## confirmation
      Проверьте: доставка, вчера, опоздали на два часа. Всё верно?

      Ответьте номером."
    `);
  });

  test('like max', () => {
    expect(gallery(ABILITIES.max)).toMatchInlineSnapshot(`
      "## NPS question
      Насколько вероятно, что вы порекомендуете нас?
      [0] [1] [2] [3] [4] [5]
      [6] [7] [8] [9] [10]
      ## 12 categories
      О чём обращение?
      [Доставка]
      [Качество товара]
      [Обслуживание в точке]
      [Чистота] [Цена и чек]
      [Возврат денег]
      [Сайт] [Приложение]
      [Программа лояльности и начисление баллов за покупки]
      [Безопасность] [Сотрудник] [Другое]
      ## long text with a link
      Мы разобрали ваше об(…2819…)обрали ваше обращение и вот что сделали.
      ~~~
      Подробно о каждом ша(…1919…)о о каждом шаге. Подробно о каждом шаге.
      [Оставить отзыв →]
      ## photo with a caption
      <photo>
      Так выглядит новая упаковка.
      ## confirmation
      Проверьте: доставка, вчера, опоздали на два часа. Всё верно?
      [Да, отправить]
      [Исправить] [Отмена]"
    `);
  });

  test('like web', () => {
    expect(gallery(ABILITIES.web)).toMatchInlineSnapshot(`
      "## NPS question
      Насколько вероятно, что вы порекомендуете нас?
      [0] [1] [2] [3] [4] [5] [6] [7] [8] [9] [10]
      ## 12 categories
      О чём обращение?
      [Доставка]
      [Качество товара]
      [Обслуживание в точке]
      [Чистота] [Цена и чек]
      [Возврат денег]
      [Сайт] [Приложение]
      [Программа лояльности и начисление баллов за покупки]
      [Безопасность] [Сотрудник] [Другое]
      ## long text with a link
      Мы разобрали ваше об(…2819…)обрали ваше обращение и вот что сделали.
      ~~~
      Подробно о каждом ша(…1919…)о о каждом шаге. Подробно о каждом шаге.
      [Оставить отзыв →]
      ## photo with a caption
      <photo>
      Так выглядит новая упаковка.
      ## confirmation
      Проверьте: доставка, вчера, опоздали на два часа. Всё верно?
      [Да, отправить]
      [Исправить] [Отмена]"
    `);
  });

  test('like terminal', () => {
    expect(gallery(ABILITIES.terminal)).toMatchInlineSnapshot(`
      "## NPS question
      Насколько вероятно, что вы порекомендуете нас?

      Ответьте числом от 0 до 10.
      ## 12 categories
      О чём обращение?

      1. Доставка
      2. Качество товара
      3. Обслуживание в точке
      4. Чистота
      5. Цена и чек
      6. Возврат денег
      7. Сайт
      8. Приложение
      9. Программа лояльности и начисление баллов за покупки
      10. Безопасность
      11. Сотрудник
      12. Другое

      Ответьте номером.
      ## long text with a link
      Мы разобрали ваше об(…4784…)тавить отзыв: https://example.org/review
      ## photo with a caption
      <photo>
      Так выглядит новая упаковка.
      ## confirmation
      Проверьте: доставка, вчера, опоздали на два часа. Всё верно?

      1. Да, отправить
      2. Исправить
      3. Отмена

      Ответьте номером."
    `);
  });
});

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(' ', '\n', '\n\n', '. ', 'слово', '👩‍👩‍👧', '👍🏽', 'é', '🇷🇺', '1. '),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  ),
  maxLength: 120,
});
const anyChoice = fc.record({
  label: fc.oneof(
    fc.constantFrom('Да', '0', '7', 'Очень длинное название категории обращения'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((label) => label.trim() !== ''),
  ),
  url: fc.option(fc.constant('https://example.org/x'), { nil: undefined, freq: 6 }),
});
const anyMessage: fc.Arbitrary<Message> = fc
  .record({
    text: anyText,
    choices: fc.array(anyChoice, { maxLength: 30 }),
    layout: fc.constantFrom('scale' as const, 'list' as const),
    attachments: fc.array(fc.constantFrom(...ATTACHMENT_KINDS), { maxLength: 14 }),
  })
  .map(({ text, choices, layout, attachments }) => ({
    text,
    layout,
    choices: choices.map(({ label, url }, index) =>
      url === undefined ? { id: `r1.1.${index}`, label } : { id: '', label, url },
    ),
    attachments: attachments.map((kind, index) => ({ kind, ref: `x:${index}` })),
  }));
const anyAbilities: fc.Arbitrary<Abilities> = fc
  .record({
    textLimit: fc.integer({ min: 40, max: 300 }),
    captionLimit: fc.integer({ min: 0, max: 100 }),
    media: fc.subarray([...ATTACHMENT_KINDS], { minLength: 0 }),
    buttons: fc.option(
      fc.record({
        perRow: fc.integer({ min: 1, max: 8 }),
        rows: fc.integer({ min: 1, max: 8 }),
        label: fc.integer({ min: 8, max: 40 }),
        scalePerRow: fc.integer({ min: 1, max: 11 }),
        links: fc.boolean(),
      }),
      { nil: undefined },
    ),
    polls: fc.option(
      fc.record({
        most: fc.integer({ min: 2, max: 12 }),
        label: fc.integer({ min: 10, max: 100 }),
        text: fc.integer({ min: 20, max: 255 }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ buttons, polls, ...rest }) => ({
    ...ABILITIES.terminal,
    ...rest,
    ...(buttons && { buttons }),
    ...(polls && { polls }),
  }));

const solid = (text: string) => text.replace(/\s+/g, '');

describe('polls', () => {
  const abilities: Abilities = { ...ABILITIES.whatsapp, polls: { most: 12, label: 100, text: 255 } };
  const labels = (message: Message) => {
    const [part, ...more] = fitted(message, abilities, words);
    expect(more).toEqual([]);
    return part?.choices?.map(({ label }) => label);
  };

  test('stand in place of a short list, its numbers before the options, and are typed all the same', () => {
    const message: Message = { text: 'Что случилось?', choices: list('Доставка', 'Персонал') };
    expect(fitted(message, abilities, words)).toEqual([
      {
        text: 'Что случилось?\n\nОтветьте номером.',
        choices: [
          { id: 'r1.1.0', label: '1. Доставка' },
          { id: 'r1.1.1', label: '2. Персонал' },
        ],
      },
    ]);
    expect(isNumbered(message, abilities)).toBe(true);
  });

  test('are not made of scales of numbers, of one choice, of too many, of long words, of links, or under files', () => {
    const many = Array.from({ length: 13 }, (_, index) => `choice ${index}`);
    const link = { id: '', label: 'Сайт', url: 'https://example.org' };
    const lists: Message[] = [
      { text: 'NPS', choices: list('0', '1', '2'), layout: 'scale' },
      { text: 'one', choices: list('Дальше') },
      { text: 'many', choices: list(...many) },
      { text: 'long', choices: list('x'.repeat(98), 'y') },
      { text: 'question '.repeat(30), choices: list('да', 'нет') },
      { text: 'link', choices: [...list('да', 'нет'), link] },
      { text: 'file', choices: list('да', 'нет'), attachments: [photo] },
    ];
    for (const message of lists) expect(labels(message)).toBeUndefined();
    expect(isNumbered(lists[1]!, abilities)).toBe(true);
    expect(isNumbered(lists[0]!, abilities)).toBe(false);
    expect(labels({ text: 'faces', choices: list('😞', '😐', '🙂'), layout: 'scale' })).toEqual([
      '1. 😞',
      '2. 😐',
      '3. 🙂',
    ]);
  });

  test('give way to buttons', () => {
    const [part] = fitted(
      { text: 'Well?', choices: list('да', 'нет') },
      { ...ABILITIES.vk, polls: { most: 12, label: 100, text: 255 } },
      words,
    );
    expect(part?.choices?.map(({ label }) => label)).toEqual(['да', 'нет']);
  });
});

describe('whatever the message and the abilities', () => {
  test('split loses nothing but white space, keeps the limit and never cuts a surrogate pair', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 80 }), (text, limit) => {
        const parts = split(text, limit);
        expect(solid(parts.join(''))).toBe(solid(text));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(limit);
          expect(part.trim()).not.toBe('');
          expect(part.isWellFormed()).toBe(text.isWellFormed());
        }
      }),
      { numRuns: 500 },
    );
  });

  test('split keeps graphemes whole where one fits a part', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('👩‍👩‍👧', '👍🏽', 'é', '🇷🇺', 'я'), { maxLength: 60 }), (signs) => {
        const parts = split(signs.join(''), 20);
        const graphemes = (text: string) =>
          [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map((s) => s.segment);
        expect(parts.flatMap(graphemes)).toEqual(graphemes(signs.join('')));
      }),
    );
  });

  test('every part is within the limits, and no word of the text is lost', () => {
    fc.assert(
      fc.property(anyMessage, anyAbilities, (message, abilities) => {
        const parts = fitted(message, abilities, words);
        expect(solid(parts.map((part) => part.text).join(''))).toContain(solid(message.text));
        for (const part of parts) {
          const limit = part.attachments ? abilities.captionLimit : abilities.textLimit;
          expect(part.text.length).toBeLessThanOrEqual(limit);
          expect(part.text.trim() !== '' || (part.attachments?.length ?? 0) > 0).toBe(true);
          for (const file of part.attachments ?? []) expect(abilities.media).toContain(file.kind);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('every choice can be made: by a button under the last part, by its number, or by its own words', () => {
    fc.assert(
      fc.property(anyMessage, anyAbilities, (message, abilities) => {
        const parts = fitted(message, abilities, words);
        for (const part of parts.slice(0, -1)) expect(part.choices).toBeUndefined();
        const shown = parts.at(-1)?.choices ?? [];
        // A poll's numbers stand before its options.
        const options = abilities.buttons ? [] : shown.map((choice) => choice.label);
        const text = solid([...parts.map((part) => part.text), ...options].join(''));
        const numbered = isNumbered(message, abilities);
        let number = 0;
        for (const choice of message.choices ?? []) {
          const label = solid(choice.label);
          if (choice.url !== undefined) {
            const button = abilities.buttons?.links && shown.some((one) => one.url === choice.url);
            expect(button || text.includes(`${label}:${choice.url}`)).toBe(true);
            continue;
          }
          number++;
          const button = shown.find((one) => one.id === choice.id);
          if (!abilities.buttons && button) {
            expect(button.label.length).toBeLessThanOrEqual(abilities.polls?.label ?? 0);
            expect(shown.length).toBeLessThanOrEqual(abilities.polls?.most ?? 0);
            expect(parts.at(-1)?.text.length).toBeLessThanOrEqual(abilities.polls?.text ?? 0);
          }
          if (numbered) expect(text).toContain(`${number}.${label}`);
          else if (!button) expect(/^\d+$/.test(label) || text.includes(`–${label}`)).toBe(true);
          else expect(button.label.length).toBeLessThanOrEqual(abilities.buttons?.label ?? 0);
        }
        const laid = rows(shown, message.layout, abilities);
        if (abilities.buttons) {
          expect(laid.flat()).toEqual(shown);
          expect(laid.length).toBeLessThanOrEqual(abilities.buttons.rows);
          const { perRow, scalePerRow } = abilities.buttons;
          const most = message.layout === 'scale' ? Math.max(perRow, scalePerRow) : perRow;
          for (const row of laid) expect(row.length).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('every file is sent, or written where the channel has no way to show it', () => {
    fc.assert(
      fc.property(anyMessage, anyAbilities, (message, abilities) => {
        const parts = fitted(message, abilities, words);
        const sent = parts.flatMap((part) => part.attachments ?? []);
        const written = (message.attachments ?? []).filter(
          (file) =>
            !sent.some((one) => one.ref === file.ref) &&
            !parts.some((p) => p.text.includes(`[${file.kind}]`)),
        );
        expect(written).toEqual([]);
      }),
    );
  });
});

describe('rows', () => {
  const sizes = (count: number, scalePerRow: number) =>
    rows(list(...Array.from({ length: count }, (_, step) => String(step))), 'scale', {
      ...ABILITIES.telegram,
      buttons: { ...ABILITIES.telegram.buttons!, scalePerRow },
    }).map((row) => row.length);

  test.each([
    [11, 6, [6, 5]],
    [11, 11, [11]],
    [7, 7, [7]],
    [7, 6, [4, 3]],
    [5, 5, [5]],
    [11, 5, [4, 4, 3]],
  ])('a scale of %i with %i a row', (count, perRow, expected) => {
    expect(sizes(count, perRow)).toEqual(expected);
  });
});

describe('words', () => {
  test('a paragraph is preferred to a line, a line to a sentence, a sentence to a word', () => {
    expect(split('Раз два.\n\nТри. Четыре', 16)).toEqual(['Раз два.', 'Три. Четыре']);
    expect(split('Раз два. Три\nчетыре пять', 16)).toEqual(['Раз два. Три', 'четыре пять']);
    expect(split('Раз два три. Четыре', 16)).toEqual(['Раз два три.', 'Четыре']);
    expect(split('Раз два три четыре', 12)).toEqual(['Раз два три', 'четыре']);
  });

  test('a link is never cut while it fits a part', () => {
    const link = 'https://example.org/a/very/long/path';
    expect(split(`Смотрите ${link} здесь`, 40)).toContain(link);
  });

  test('a label is cut at a word', () => {
    expect(shorten('Программа лояльности и баллы', 22)).toBe('Программа лояльности…');
    expect(shorten('Достопримечательности', 10)).toBe('Достоприм…');
    expect(shorten('👍🏽👍🏽👍🏽', 6)).toBe('👍🏽…');
  });

  test('labels that would look the same when cut are written out in full', () => {
    const message: Message = {
      text: 'Где?',
      choices: list('Магазин на улице Большая Садовая, дом 1', 'Магазин на улице Большая Садовая, дом 2'),
    };
    const narrow = { ...ABILITIES.telegram, buttons: { ...ABILITIES.telegram.buttons!, label: 20 } };
    expect(isNumbered(message, narrow)).toBe(true);
    expect(isNumbered(message, ABILITIES.telegram)).toBe(false);
    expect(fitted(message, narrow, words)[0]?.text).toContain('2. Магазин на улице Большая Садовая, дом 2');
  });

  test('an answer is threaded by its first part only', () => {
    const parts = fitted({ text: 'слово '.repeat(2000), replyTo: 'm1' }, ABILITIES.telegram, words);
    expect(parts.map((part) => part.replyTo)).toEqual(['m1', undefined, undefined]);
  });

  test('a caption too long for the file follows it', () => {
    const parts = fitted({ text: 'слово '.repeat(300), attachments: [photo] }, ABILITIES.telegram, words);
    expect(parts.map((part) => [part.attachments?.length ?? 0, part.text.length > 0])).toEqual([
      [1, false],
      [0, true],
    ]);
  });
});
