// What the stand-in refuses and in which words, and that the longest of everything passes.
import { InputFile } from 'grammy';
import { describe, expect, test } from 'vitest';
import { callRaw, picture, startBoth } from './both.ts';

describe('strictness', () => {
  const button = (data: string) => ({ inline_keyboard: [[{ text: 'x', callback_data: data }]] });
  const wide = {
    inline_keyboard: Array.from({ length: 101 }, (_, index) => [{ text: 'x', callback_data: `${index}` }]),
  };
  const table: readonly [string, string, Record<string, unknown>, number, RegExp, string | undefined][] = [
    ['unknown method', 'sendPigeon', {}, 404, /^Not Found: method not found$/, 'unknown-method'],
    [
      'unknown parameter',
      'sendMessage',
      { text: 'x', reply_to_message_id: 1 },
      400,
      /"reply_to_message_id"/,
      'unknown-parameter',
    ],
    ['no text', 'sendMessage', {}, 400, /message text is empty$/, 'missing-parameter'],
    ['blank text', 'sendMessage', { text: ' \n ' }, 400, /message text is empty$/, undefined],
    ['no chat', 'sendMessage', { chat_id: null, text: 'x' }, 400, /chat_id is empty$/, 'missing-parameter'],
    ['wrong type', 'sendMessage', { text: 5 }, 400, /"text" must be of type String$/, 'wrong-type'],
    ['long text', 'sendMessage', { text: 'ы'.repeat(4097) }, 400, /message is too long$/, 'too-long'],
    [
      'Cyrillic data over 64 bytes',
      'sendMessage',
      { text: 'x', reply_markup: button('Категория:Благоустройство:Дворы:4200') },
      400,
      /BUTTON_DATA_INVALID$/,
      'too-long',
    ],
    [
      'empty data',
      'sendMessage',
      { text: 'x', reply_markup: button('') },
      400,
      /BUTTON_DATA_INVALID$/,
      'too-long',
    ],
    [
      'button without an action',
      'sendMessage',
      { text: 'x', reply_markup: { inline_keyboard: [[{ text: 'x' }]] } },
      400,
      /Text buttons are unallowed/,
      'bad-markup',
    ],
    [
      'unknown button field',
      'sendMessage',
      { text: 'x', reply_markup: { inline_keyboard: [[{ text: 'x', callback: 'y' }]] } },
      400,
      /unknown field "callback"/,
      'unknown-parameter',
    ],
    [
      'over 100 buttons',
      'sendMessage',
      { text: 'x', reply_markup: wide },
      400,
      /reply markup is too long$/,
      'too-long',
    ],
    [
      'reply keyboard on an edit',
      'editMessageText',
      { message_id: 1, text: 'x', reply_markup: { keyboard: [['x']] } },
      400,
      /inline keyboard expected/,
      'bad-markup',
    ],
    [
      'tag left open',
      'sendMessage',
      { text: '<b>x', parse_mode: 'HTML' },
      400,
      /Can't find end tag corresponding to start tag "b"$/,
      'bad-markup',
    ],
    [
      'tags crossed',
      'sendMessage',
      { text: '<b><i>x</b></i>', parse_mode: 'HTML' },
      400,
      /Unmatched end tag at byte offset 7, expected "<\/i>", found "<\/b>"$/,
      'bad-markup',
    ],
    [
      'unknown tag',
      'sendMessage',
      { text: 'a <div>x</div>', parse_mode: 'HTML' },
      400,
      /Unsupported start tag "div" at byte offset 2$/,
      'bad-markup',
    ],
    [
      'bare <',
      'sendMessage',
      { text: '1 < 2', parse_mode: 'HTML' },
      400,
      /Unsupported start tag ""/,
      'bad-markup',
    ],
    [
      'Markdown',
      'sendMessage',
      { text: 'x', parse_mode: 'MarkdownV2' },
      400,
      /unsupported parse_mode/,
      'bad-markup',
    ],
    [
      'entity beyond the text',
      'sendMessage',
      { text: 'xy', entities: [{ type: 'bold', offset: 1, length: 2 }] },
      400,
      /entity beginning at UTF-16 offset 1/,
      'bad-markup',
    ],
    [
      'reply to nothing',
      'sendMessage',
      { text: 'x', reply_parameters: { message_id: 4040 } },
      400,
      /message to be replied not found$/,
      undefined,
    ],
    [
      'thread in a private chat',
      'sendMessage',
      { text: 'x', message_thread_id: 5 },
      400,
      /message thread not found$/,
      undefined,
    ],
    ['unknown file', 'sendPhoto', { photo: 'AgACxxx' }, 400, /wrong remote file identifier/, undefined],
    ['no photo', 'sendPhoto', {}, 400, /there is no photo in the request$/, 'missing-parameter'],
    [
      'long toast',
      'answerCallbackQuery',
      { chat_id: undefined, callback_query_id: '1', text: 'x'.repeat(201) },
      400,
      /MESSAGE_TOO_LONG$/,
      'too-long',
    ],
    ['unknown action', 'sendChatAction', { action: 'dancing' }, 400, /wrong parameter action/, 'wrong-type'],
    [
      'unknown reaction',
      'setMessageReaction',
      { message_id: 1, reaction: [{ type: 'emoji', emoji: '✅' }] },
      400,
      /REACTION_INVALID$/,
      'bad-markup',
    ],
    [
      'long topic name',
      'createForumTopic',
      { chat_id: -100, name: 'т'.repeat(129) },
      400,
      /TOPIC_TITLE_TOO_LONG$/,
      'too-long',
    ],
    [
      'wrong icon colour',
      'createForumTopic',
      { chat_id: -100, name: 'x', icon_color: 1 },
      400,
      /invalid icon color/,
      'bad-markup',
    ],
    [
      'wrong command',
      'setMyCommands',
      { chat_id: undefined, commands: [{ command: 'Да', description: 'x' }] },
      400,
      /BOT_COMMAND_INVALID$/,
      'bad-markup',
    ],
  ];

  test.each(table)('%s', async (_name, method, params, code, text, violation) => {
    const { tg } = await startBoth();
    const anna = tg.person({ id: 77 });
    anna.start();
    tg.forum({ id: -100 });
    const given =
      method in { answerCallbackQuery: 0, setMyCommands: 0, sendPigeon: 0 }
        ? params
        : { chat_id: 77, ...params };
    const answer = await callRaw(tg, method, given);
    expect(answer).toMatchObject({ ok: false, error_code: code });
    expect(answer.description).toMatch(text);
    expect(tg.violations.map((one) => one.kind)).toEqual(violation === undefined ? [] : [violation]);
    expect(anna.last()).toBeUndefined();
  });

  test('the longest text, data and caption allowed do pass, in every form of body', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    anna.start();
    await api.sendMessage(anna.id, 'ы'.repeat(4096), { reply_markup: button('ы'.repeat(32)) });
    await api.sendPhoto(anna.id, new InputFile(picture), {
      caption: `<b>${'ы'.repeat(1024)}</b>`,
      parse_mode: 'HTML',
    });
    const root = `${tg.url}/bot${tg.token}`;
    const form = new URLSearchParams({
      chat_id: String(anna.id),
      text: 'форма',
      disable_notification: 'true',
    });
    expect(
      ((await (await fetch(`${root}/sendMessage`, { method: 'POST', body: form })).json()) as { ok: boolean })
        .ok,
    ).toBe(true);
    expect(((await (await fetch(`${root}/sendmessage?${form}`)).json()) as { ok: boolean }).ok).toBe(true);
    const parts = new FormData();
    parts.set('chat_id', String(anna.id));
    parts.set('document', new Blob([picture]), 'имя "в кавычках".txt');
    expect(
      (
        (await (await fetch(`${root}/sendDocument`, { method: 'POST', body: parts })).json()) as {
          ok: boolean;
        }
      ).ok,
    ).toBe(true);
    expect(anna.last()?.media?.file?.bytes).toEqual(Buffer.from(picture));
    expect(tg.violations).toEqual([]);
  });
});
