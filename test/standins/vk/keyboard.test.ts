// Keyboards as VK's stand-in takes and refuses them, and as old clients see them.
import { describe, expect, test } from 'vitest';
import { button, inline, startBoth } from './both.ts';

describe('a keyboard', () => {
  const text = (label: string) => button(label, {}, 'text');
  const grid = (rows: number, perRow: number, kind: string) =>
    Array.from({ length: rows }, () => Array.from({ length: perRow }, () => button('x', {}, kind)));
  const GOOD = {
    'forty under the field': { buttons: grid(8, 5, 'text') },
    'ten inside the message': { inline: true, buttons: grid(5, 2, 'callback') },
    'six rows inside': { inline: true, buttons: grid(6, 1, 'callback') },
    'a link': {
      inline: true,
      buttons: [[{ action: { type: 'open_link', label: 'Сайт', link: 'https://example.org/' } }]],
    },
    'a color': { one_time: true, buttons: [[{ ...text('x'), color: 'positive' }]] },
    'a label of forty': { buttons: [[text('x'.repeat(40))]] },
    'a payload of 255': { buttons: [[button('x', 'p'.repeat(253), 'text')]] },
    'an empty one hides it': { buttons: [], one_time: true },
  };
  const BAD = {
    'no JSON': 'what',
    'forty-one': { buttons: [...grid(8, 5, 'text'), [text('x')]] },
    'eleven rows': { buttons: grid(11, 1, 'text') },
    'six in a row': { buttons: grid(1, 6, 'text') },
    'eleven inside': { inline: true, buttons: [...grid(5, 2, 'callback'), [button('x')]] },
    'seven rows inside': { inline: true, buttons: grid(7, 1, 'callback') },
    'once and inside': { inline: true, one_time: true, buttons: [[button('x')]] },
    'an empty one inside': { inline: true, buttons: [] },
    'an empty row': { buttons: [[]] },
    'a label of forty-one': { buttons: [[text('x'.repeat(41))]] },
    'no label': { buttons: [[text('')]] },
    'a payload of 256': { buttons: [[button('x', 'p'.repeat(254), 'text')]] },
    'a payload that is no JSON': { buttons: [[{ action: { type: 'text', label: 'x', payload: '{' } }]] },
    'a payload that is an object': { buttons: [[{ action: { type: 'text', label: 'x', payload: {} } }]] },
    'a link without a link': { buttons: [[{ action: { type: 'open_link', label: 'x' } }]] },
    'a color on a link': {
      buttons: [[{ color: 'primary', action: { type: 'open_link', label: 'x', link: 'https://a.b' } }]],
    },
    'an unknown color': { buttons: [[{ ...text('x'), color: 'red' }]] },
    'an unknown type': { buttons: [[button('x', {}, 'say')]] },
    'an unknown field': { buttons: [[text('x')]], resize: true },
  };

  test.each(Object.entries(GOOD))('taken: %s', async (_, keyboard) => {
    const { vk, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    expect(await codeOf(send(anna.id, 'x', { keyboard }))).toBe(0);
    expect(vk.violations).toEqual([]);
  });

  test.each(Object.entries(BAD))('refused: %s', async (_, keyboard) => {
    const { vk, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    expect(await codeOf(send(anna.id, 'x', { keyboard }))).toBe(911);
    expect(anna.seen()).toHaveLength(1);
    expect(vk.violations).toHaveLength(1);
  });

  test('what a client does not list is not shown, and noted', async () => {
    const { vk, send } = await startBoth();
    const anna = vk.person({ client: 'old' });
    anna.say('1');
    expect(vk.events[0]).toMatchObject({
      object: { client_info: { button_actions: ['text'], keyboard: true, inline_keyboard: false } },
    });
    await send(anna.id, 'x', { keyboard: { buttons: [[text('Да')]] } });
    expect(anna.keyboard()).toEqual(['Да']);
    expect(vk.violations).toEqual([]);
    await send(anna.id, 'x', { keyboard: { buttons: [[button('Да')]] } });
    await send(anna.id, 'x', { keyboard: inline('Да') });
    expect(anna.last()?.buttons).toEqual([]);
    anna.useClient('plain');
    await send(anna.id, 'x', { keyboard: { buttons: [[text('Да')]] } });
    expect(vk.violations).toEqual([
      `messages.send: the client of ${anna.id} cannot show a button of type "callback"`,
      `messages.send: the client of ${anna.id} cannot show an inline keyboard`,
      `messages.send: the client of ${anna.id} cannot show a keyboard`,
    ]);
  });
});
