// The words that work at any time, and the sentences that only contain them.
import { expect as check, describe, it } from 'vitest';
import { COMMANDS, commandIn, compileWords, languageIn } from '../../src/engine/answer/index.ts';
import { rawWords, words } from './answer-words.ts';

describe('commands', () => {
  it.each([
    ['отмена', 'cancel'],
    ['Отменить!', 'cancel'],
    ['/cancel', 'cancel'],
    ['/cancel@otklik_bot', 'cancel'],
    ['назад', 'back'],
    ['back', 'back'],
    ['Ещё раз', 'repeat'],
    ['повтори', 'repeat'],
    ['/help', 'help'],
    ['помощь', 'help'],
    ['?', 'help'],
    ['оператор', 'operator'],
    ['Позовите человека!', 'operator'],
    ['живой человек', 'operator'],
    ['talk to a human', 'operator'],
    ['язык', 'language'],
    ['english', 'language'],
    ['по-русски', 'language'],
    ['🇬🇧', 'language'],
    ['СТОП', 'stop'],
    ['хватит', 'stop'],
    ['отпишись', 'stop'],
    ['unsubscribe', 'stop'],
    ['меню', 'menu'],
    ['пропустить', 'skip'],
    ["I don't know", 'skip'],
    ['готово', 'done'],
    ['оперетор', 'operator'],
    ['опреатор', 'operator'],
    ['unsubscibe', 'stop'],
    ['помощьь', 'help'],
  ])('%j is %s', (text, wanted) => check(commandIn(text, words)).toBe(wanted));

  it.each([
    'оператор нагрубил',
    'позовите оператора, он мне нахамил вчера',
    'стоп-кран сломан',
    'хватит ли мне баллов',
    'стол',
    'назат',
    'меня',
    'operator was rude',
    'stopped',
    'отметить',
    'отписка',
    'cancer',
    'оптрер',
    '/9',
    '/',
    '',
    '9',
    'нет',
    'да',
    'a'.repeat(50_000),
  ])('%j is no command', (text) => check(commandIn(text, words)).toBeUndefined());

  it('names the language asked for', () => {
    check(languageIn('English', words)).toBe('en');
    check(languageIn('на русском!', words)).toBe('ru');
    check(languageIn('язык', words)).toBeUndefined();
  });
});

describe('word lists', () => {
  it('have words for every command, number and list in both languages', () => {
    const [ru, en] = [rawWords('ru'), rawWords('en')];
    check(Object.keys(ru).sort()).toEqual(Object.keys(en).sort());
    for (const raw of [ru, en]) {
      check(Object.keys(raw.commands ?? {}).sort()).toEqual([...COMMANDS].sort());
      check(Object.keys(raw.numbers ?? {})).toEqual(Object.keys(en.numbers ?? {}));
      const entries = Object.values(raw).flatMap((list) =>
        Array.isArray(list) ? list : Object.values(list).flat(),
      );
      check(entries.filter((word) => typeof word !== 'string' || word.trim() === '')).toEqual([]);
    }
  });

  it('refuse a word that means two things, naming the word and the language', () => {
    const twice = { ru: { commands: { stop: ['хватит'] } }, xx: { commands: { done: ['Хватит!'] } } };
    check(() => compileWords(twice)).toThrow(
      /locales\/xx\/words.yaml: commands: "Хватит!" means both stop and done/,
    );
    check(() => compileWords({ xx: { yes: ['ok'], no: ['OK'] } })).toThrow(/"ok" is both yes and no/);
  });
});
