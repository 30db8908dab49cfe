// How one option or several are heard: labels in any language, places, yes and no, typos, and opposites that
// must never pass for typos.
import { expect as check, describe, it } from 'vitest';
import type { Expect, Option } from '../../src/engine/answer/index.ts';
import { told, understand } from './answer-words.ts';

const reasons: readonly Option[] = [
  { id: 'delivery', labels: ['🚚 Доставка', 'Delivery'] },
  { id: 'price', labels: ['Цена', 'Price'] },
  { id: 'staff', labels: ['Вежливость персонала', 'Staff manners'] },
  { id: 'quality', labels: ['Качество товара', 'Quality of goods'] },
  { id: 'both', labels: ['Цена и качество, вместе', 'Price and quality together'] },
  { id: 'other', labels: ['Другое 🤔', 'Other'] },
];
const consent: readonly Option[] = [
  { id: 'a', labels: ['Да, свяжитесь со мной', 'Yes, contact me'] },
  { id: 'b', labels: ['Нет, спасибо', 'No, thanks'] },
];
const mood: readonly Option[] = [
  { id: 'happy', labels: ['Доволен', 'Satisfied'] },
  { id: 'so', labels: ['Не очень', 'So-so'] },
];
const opposites: readonly Option[] = [
  { id: 'easy', labels: ['Легко', 'Comfortable'] },
  { id: 'hard', labels: ['Нелегко', 'Uncomfortable'] },
];
const spans: readonly Option[] = [
  { id: 'short', labels: ['5 дней'] },
  { id: 'long', labels: ['10 дней и больше'] },
];
const twins: readonly Option[] = [
  { id: 'one', labels: ['Мария Петрова'] },
  { id: 'two', labels: ['Марина Петрова'] },
];

const one = (options: readonly Option[], numbered = false): Expect => ({
  kind: 'options',
  options,
  numbered,
});
const several = (options: readonly Option[], numbered = false): Expect => ({
  kind: 'many',
  options,
  numbered,
});

const tables: readonly [string, Expect, readonly (readonly [string, string])[]][] = [
  [
    'labels',
    one(reasons),
    [
      ['🚚 Доставка', 'delivery'],
      ['Доставка', 'delivery'],
      ['доставка', 'delivery'],
      [' ДОСТАВКА! ', 'delivery'],
      ['🚚', 'delivery'],
      ['🤔', 'other'],
      ['🍕', '!not_understood'],
      ['delivery', 'delivery'],
      ['price', 'price'],
      ['доставк', 'delivery'],
      ['достваку', 'delivery?'],
      ['дотавка', 'delivery?'],
      ['Вежливость персанала', 'staff?'],
      ['вежл', 'staff'],
      ['kachestvo', '!not_understood'],
      ['качесво товара', 'quality?'],
      ['delivary', 'delivery?'],
      ['Цена', 'price'],
      ['цены', 'price?'],
      ['це', '!not_understood'],
      ['цена и кач', 'both'],
      ['1', '!not_understood'],
      ['не доставка', '!not_understood'],
      ['доставка ужасная, курьер нахамил и уехал', '!not_understood'],
      ['', '!empty'],
    ],
  ],
  [
    'places',
    one(reasons, true),
    [
      ['1', 'delivery'],
      ['2.', 'price'],
      ['2)', 'price'],
      ['№2', 'price'],
      ['2️⃣', 'price'],
      ['два', 'price'],
      ['вариант 3', 'staff'],
      ['второй', 'price'],
      ['Second', 'price'],
      ['the third one', 'staff'],
      ['6', 'other'],
      ['0', '!out_of_range'],
      ['7', '!out_of_range'],
      ['-1', '!out_of_range'],
      ['−1', '!out_of_range'],
      ['1.5', '!not_whole'],
      ['1 или 2', '!ambiguous'],
      ['2 недели жду', '!not_understood'],
      ['не 2', '!not_understood'],
      ['доставка', 'delivery'],
    ],
  ],
  [
    'yes and no',
    one(consent),
    [
      ['да', 'a'],
      ['Да!', 'a'],
      ['yes', 'a'],
      ['ага', 'a'],
      ['+', 'a'],
      ['👍', 'a'],
      ['👍🏽', 'a'],
      ['конечно', 'a'],
      ['нет', 'b'],
      ['no', 'b'],
      ['не надо', 'b'],
      ['-', 'b'],
      ['👎', 'b'],
      ['👍👎', '!ambiguous'],
      ['Нет, спасибо', 'b'],
      ['спасибо', '!not_understood'],
      ['да нет', '!not_understood'],
    ],
  ],
  [
    'thumbs beside other options',
    one(reasons),
    [
      ['👍', '!ambiguous'],
      ['да', '!not_understood'],
    ],
  ],
  [
    'opposites',
    one(mood),
    [
      ['доволен', 'happy'],
      ['даволен', 'happy?'],
      ['недоволен', '!not_understood'],
      ['не доволен', '!not_understood'],
      ['недовален', '!not_understood'],
      ['dissatisfied', '!not_understood'],
      ['unsatisfied', '!not_understood'],
    ],
  ],
  [
    'an option and its opposite',
    one(opposites),
    [
      ['нелегко', 'hard'],
      ['легко', 'easy'],
      ['comfortabel', 'easy?'],
      ['uncomfortabel', 'hard?'],
      ['елегко', '!ambiguous'],
    ],
  ],
  [
    'numbers inside labels',
    one(spans),
    [
      ['5 дней', 'short'],
      ['5 днй', 'short?'],
      ['6 дней', '!not_understood'],
      ['10 дней', 'long'],
    ],
  ],
  [
    'near twins',
    one(twins),
    [
      ['Мария Петрова', 'one'],
      ['Марин Петрова', '!ambiguous'],
      ['мари', '!ambiguous'],
    ],
  ],
  [
    'several',
    several(reasons, true),
    [
      ['1, 3', 'delivery+staff'],
      ['1,3', 'delivery+staff'],
      ['1 3', 'delivery+staff'],
      ['1. 3.', 'delivery+staff'],
      ['3 и 1', 'staff+delivery'],
      ['1 and 3', 'delivery+staff'],
      ['1; 2; 6', 'delivery+price+other'],
      ['1, 1', 'delivery'],
      ['2', 'price'],
      ['первый и третий', 'delivery+staff'],
      ['доставка и цена', 'delivery+price'],
      ['Доставка, цена, другое', 'delivery+price+other'],
      ['- доставка\n- цена', 'delivery+price'],
      ['delivery and price', 'delivery+price'],
      ['delivery, цена', 'delivery+price'],
      ['достваку и цена', 'delivery+price?'],
      ['Цена и качество, вместе', 'both'],
      ['доставка, цена и качество, вместе', 'delivery+both'],
      ['все варианты', 'delivery+price+staff+quality+both+other'],
      ['1, 9', '!out_of_range'],
      ['1, -3', '!out_of_range'],
      ['1 -3', '!ambiguous'],
      ['1-3', '!ambiguous'],
      ['13', '!out_of_range'],
      ['доставка и пицца', '!not_understood'],
      ['не доставка и цена', '!not_understood'],
      [',,,', '!not_understood'],
    ],
  ],
];

for (const [name, expect, rows] of tables) {
  describe(name, () => {
    it.each(rows)('%j is %s', (text, wanted) => check(told(text, expect)).toBe(wanted));
  });
}

it('offers the nearest label when two options are as near', () => {
  check(understand('Марин Петрова', one(twins))).toEqual({
    ok: false,
    why: 'ambiguous',
    near: 'Мария Петрова',
  });
});
