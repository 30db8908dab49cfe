// The stand-in of Telegram, tried with a real client: what it accepts, refuses, delivers and remembers.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api, InputFile } from 'grammy';
import type { Update } from 'grammy/types';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nine, picture, refusal, startBoth } from './telegram/both.ts';

describe('a talk', () => {
  test('send, press, answer, edit: each side sees what the other did', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person({ first_name: 'Анна', username: 'anna', language_code: 'ru' });
    anna.start('r_abc-1');
    const [first] = await api.getUpdates();
    expect(first?.message?.text).toBe('/start r_abc-1');
    expect(first?.message?.from).toEqual(anna.user);
    expect(first?.message?.entities).toEqual([{ type: 'bot_command', offset: 0, length: 6 }]);

    const sent = await api.sendMessage(anna.id, '<b>Оцените</b> &lt;нас&gt;', {
      parse_mode: 'HTML',
      ...nine,
    });
    expect(sent.entities).toEqual([{ type: 'bold', offset: 0, length: 7 }]);
    expect(anna.last()).toMatchObject({ text: 'Оцените <нас>', buttons: [[{ text: '9', data: 's:9' }]] });

    const press = anna.press('9');
    const [, pressed] = await api.getUpdates();
    expect(pressed?.callback_query).toMatchObject({ data: 's:9', message: { message_id: sent.message_id } });
    await api.answerCallbackQuery(pressed?.callback_query?.id ?? '', { text: 'Спасибо', show_alert: true });
    expect(await press.answered()).toMatchObject({ text: 'Спасибо', showAlert: true });

    const waiting = anna.waitFor(/Записано/);
    await api.editMessageText(anna.id, sent.message_id, 'Записано: 9');
    const now = await waiting;
    expect(now).toMatchObject({ text: 'Записано: 9', buttons: [], edited: true });
    expect(now.history).toMatchObject([{ text: 'Оцените <нас>', buttons: [[{ data: 's:9' }]] }]);
    const ids = tg.requests.map((request) => request.method);
    expect(tg.requests.find((request) => request.id === now.history[0]?.request)?.method).toBe(
      'editMessageText',
    );
    expect(ids).toEqual(['sendMessage', 'answerCallbackQuery', 'editMessageText']);

    expect((await refusal(api.editMessageText(anna.id, sent.message_id, 'Записано: 9'))).text).toMatch(
      /^Bad Request: message is not modified: specified new message content/,
    );
    expect((await refusal(api.editMessageText(anna.id, 4040, 'x'))).text).toBe(
      'Bad Request: message to edit not found',
    );
    expect((await refusal(api.editMessageText(anna.id, 1, 'x'))).text).toBe(
      "Bad Request: message can't be edited",
    );
    await api.deleteMessage(anna.id, sent.message_id);
    expect(anna.last()).toBeUndefined();
    expect(tg.everything(anna.id).find((one) => one.byBot)?.deletedAt).toBeTypeOf('number');
    expect(tg.violations).toEqual([]);
  });

  test('a press of a button that was edited away still carries its data; one that never was is impossible', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    anna.start();
    const sent = await api.sendMessage(anna.id, 'x', nine);
    await api.editMessageReplyMarkup(anna.id, sent.message_id);
    expect(() => anna.press('9')).toThrow(/no button "9"/);
    expect(anna.press({ messageId: sent.message_id, data: 's:9' }).data).toBe('s:9');
    expect(() => anna.press({ messageId: sent.message_id, data: 's:8' })).toThrow(/never had a button/);
  });

  test('people edit, react, send media and use the keyboard under the text field', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    anna.start();
    await api.getUpdates({
      offset: -1,
      allowed_updates: ['message', 'edited_message', 'message_reaction', 'callback_query'],
    });
    const keyboard = [[{ text: 'Мой телефон', request_contact: true }], [{ text: 'Отмена' }]];
    const asked = await api.sendMessage(anna.id, 'Как с вами связаться?', { reply_markup: { keyboard } });
    anna.tap('Мой телефон');
    anna.tap('Отмена');
    anna.edit(anna.messages().at(-1)?.message_id ?? 0, 'Отменить');
    anna.react(asked.message_id, '👍');
    anna.sendSticker('🔥');
    anna.sendLocation(55.75, 37.62);
    anna.sendVoice({ size: 1000 }, { seconds: 7 });
    const seen = await api.getUpdates({ offset: 700_000_002 });
    expect(seen.map((update) => Object.keys(update)[1])).toEqual([
      ...['message', 'message', 'edited_message', 'message_reaction', 'message', 'message', 'message'],
    ]);
    expect(seen[0]?.message?.contact?.user_id).toBe(anna.id);
    expect(seen[2]?.edited_message).toMatchObject({ text: 'Отменить' });
    expect(seen[3]?.message_reaction?.new_reaction).toEqual([{ type: 'emoji', emoji: '👍' }]);
    expect(seen[4]?.message?.sticker?.emoji).toBe('🔥');
    expect(seen[6]?.message?.voice?.duration).toBe(7);
    expect((await refusal(api.editMessageText(anna.id, asked.message_id, 'x'))).text).toBe(
      "Bad Request: message can't be edited",
    );
  });

  test('who never started, blocked the bot or left Telegram cannot be written to', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    const boris = tg.person();
    const write = () => refusal(api.sendMessage(anna.id, 'x'));
    expect(await write()).toMatchObject({
      code: 403,
      text: "Forbidden: bot can't initiate conversation with a user",
    });
    expect((await refusal(api.sendMessage(99, 'x'))).text).toBe('Bad Request: chat not found');
    anna.start();
    anna.block();
    expect(await write()).toMatchObject({ code: 403, text: 'Forbidden: bot was blocked by the user' });
    anna.say('снова я');
    await api.sendMessage(anna.id, 'x');
    const updates = await api.getUpdates();
    expect(
      updates.map((update) => update.my_chat_member?.new_chat_member.status ?? update.message?.text),
    ).toEqual([...['/start', 'kicked', 'member', 'снова я']]);
    boris.start();
    boris.deactivate();
    expect((await refusal(api.sendMessage(boris.id, 'x'))).text).toBe('Forbidden: user is deactivated');
  });

  test('a query is forgotten after 150 seconds, in the queue and for its answer', async () => {
    let now = Date.UTC(2026, 0, 1);
    const { tg, api } = await startBoth({ now: () => now });
    const anna = tg.person();
    anna.start();
    await api.sendMessage(anna.id, 'x', nine);
    const press = anna.press('9');
    now += 151_000;
    expect((await api.getUpdates()).map((update) => update.message?.text)).toEqual(['/start']);
    expect((await refusal(api.answerCallbackQuery(press.id))).text).toBe(
      'Bad Request: query is too old and response timeout expired or query ID is invalid',
    );
    now += 24 * 3600_000;
    expect(await api.getUpdates()).toEqual([]);
  });
});

describe('files', () => {
  test('media go both ways, and a file is served under the token', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    anna.start();
    anna.sendPhoto(picture, 'чек');
    const [update] = await api.getUpdates({ offset: -1 });
    const sizes = update?.message?.photo ?? [];
    expect(sizes.map((size) => size.width)).toEqual([90, 320, 1280]);
    const file = await api.getFile(sizes.at(-1)?.file_id ?? '');
    const bytes = await fetch(`${tg.url}/file/bot${tg.token}/${file.file_path}`);
    expect(new Uint8Array(await bytes.arrayBuffer())).toEqual(picture);
    expect((await fetch(`${tg.url}/file/bot123456:wrong/${file.file_path}`)).status).toBe(401);

    const sent = await api.sendDocument(anna.id, new InputFile(picture, 'отчёт.pdf'), {
      caption: 'Ваш отчёт',
    });
    expect(sent.document).toMatchObject({ file_name: 'отчёт.pdf', file_size: picture.length });
    expect(anna.last()?.media?.file?.bytes).toEqual(Buffer.from(picture));
    await api.sendDocument(anna.id, sent.document?.file_id ?? '');
    expect((await refusal(api.sendPhoto(anna.id, sent.document?.file_id ?? ''))).text).toMatch(
      /can't use file/,
    );

    anna.sendDocument({ size: 21 * 1024 * 1024, name: 'видео.mov' });
    const big = (await api.getUpdates({ offset: -1 }))[0]?.message?.document?.file_id ?? '';
    expect((await refusal(api.getFile(big))).text).toBe('Bad Request: file is too big');
    await api.copyMessage(anna.id, anna.id, anna.messages().at(-1)?.message_id ?? 0);
    expect(anna.last()?.media?.file?.name).toBe('видео.mov');
    expect(tg.violations).toEqual([]);
  });

  test('an album is as many updates as it has parts, under one group id, and can be sent and copied', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    anna.start();
    const parts = anna.sendAlbum([
      { kind: 'photo', file: picture, caption: 'подъезд' },
      { kind: 'photo', file: picture },
      { kind: 'video', file: { size: 500_000 } },
    ]);
    const updates = (await api.getUpdates()).slice(1);
    expect(new Set(updates.map((update) => update.message?.media_group_id)).size).toBe(1);
    expect(updates.map((update) => update.message?.caption)).toEqual(['подъезд', undefined, undefined]);
    const copies = await api.copyMessages(
      anna.id,
      anna.id,
      parts.map((part) => part.message_id),
    );
    expect(copies).toHaveLength(3);
    const group = await api.sendMediaGroup(anna.id, [
      { type: 'photo', media: new InputFile(picture, 'a.jpg') },
      { type: 'photo', media: new InputFile(picture, 'b.jpg'), caption: 'второй' },
    ]);
    expect(
      new Set(
        anna
          .messages()
          .slice(-2)
          .map((message) => message.mediaGroup),
      ).size,
    ).toBe(1);
    expect(group).toHaveLength(2);
    expect(anna.last()?.text).toBe('второй');
    const one = [{ type: 'photo', media: parts[0]?.media?.file?.id ?? '' }] as const;
    expect((await refusal(api.sendMediaGroup(anna.id, [...one]))).text).toMatch(/too few messages/);
    const many = Array.from({ length: 11 }, () => one[0]);
    expect((await refusal(api.sendMediaGroup(anna.id, many))).text).toMatch(/too many messages/);
  });
});

describe('receiving', () => {
  test('an offset confirms, a lower one does not bring back, a negative one looks from the end', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    for (const text of ['1', '2', '3', '4', '5']) anna.say(text);
    const texts = async (offset?: number, limit = 100) =>
      (await api.getUpdates({ ...(offset !== undefined && { offset }), limit })).map(
        (one) => one.message?.text,
      );
    const [first] = await api.getUpdates({ limit: 1 });
    const id = first?.update_id ?? 0;
    expect(await texts(undefined, 2)).toEqual(['1', '2']);
    expect(await texts(id + 2)).toEqual(['3', '4', '5']);
    expect(await texts(id)).toEqual(['3', '4', '5']);
    expect(await texts(-1)).toEqual(['5']);
    expect(await texts()).toEqual(['5']);
    expect(await texts(id + 5)).toEqual([]);
    expect(tg.pending).toBe(0);
    expect(tg.updates.map((update) => update.update_id)).toEqual([id, id + 1, id + 2, id + 3, id + 4]);
  });

  test('a long poll ends with the first update, and by itself', async () => {
    const { tg, api } = await startBoth({ secondMs: 10 });
    const anna = tg.person();
    expect(await api.getUpdates({ timeout: 2 })).toEqual([]);
    const waiting = api.getUpdates({ timeout: 50 });
    await tg.until(() => (tg.polls.length === 2 ? true : undefined), 2000, 'the poll');
    anna.say('пришло');
    expect((await waiting)[0]?.message?.text).toBe('пришло');
  });

  test('a second poller throws the first one out', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    const older = refusal(api.getUpdates({ timeout: 50 }));
    await tg.until(() => (tg.polls.length === 1 ? true : undefined), 2000, 'the poll');
    const newer = api.getUpdates({ timeout: 50 });
    expect(await older).toMatchObject({
      code: 409,
      text: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    });
    anna.say('кому?');
    expect(await newer).toHaveLength(1);
  });

  test('only the kinds asked for come, and some only when asked for', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    anna.start();
    const sent = await api.sendMessage(anna.id, 'x', nine);
    anna.react(sent.message_id, '👍');
    await api.getUpdates({ offset: -1, allowed_updates: ['callback_query'] });
    anna.say('не услышат');
    anna.press('9');
    expect((await api.getUpdates()).map((one) => Object.keys(one)[1])).toEqual(['message', 'callback_query']);
  });

  test('a wrong token, a wrong path', async () => {
    const { tg } = await startBoth();
    const stranger = new Api('123456:wrong', { apiRoot: tg.url });
    expect(await refusal(stranger.getMe())).toMatchObject({ code: 401, text: 'Unauthorized' });
    expect((await fetch(`${tg.url}/hello`)).status).toBe(404);
  });

  test('repeated, overtaken and late updates come from the seed, and none is lost', async () => {
    const run = async () => {
      const { tg, api } = await startBoth({ seed: 7, secondMs: 1 });
      tg.faults.inbound({ duplicate: 0.2, reorder: 0.2 });
      const anna = tg.person();
      for (let index = 0; index < 40; index += 1) anna.say(String(index));
      // The last one may be held back with nothing behind it.
      await tg
        .until(() => (tg.updates.length === 40 ? true : undefined), 2000, 'all updates')
        .catch(() => {});
      const got: string[] = [];
      let offset = 0;
      for (;;) {
        const batch = await api.getUpdates({ offset, limit: 10 });
        if (batch.length === 0) break;
        got.push(...batch.map((one) => one.message?.text ?? ''));
        offset = Math.max(offset, ...batch.map((one) => one.update_id + 1));
      }
      return { got, fired: tg.faults.inboundFired };
    };
    const [one, two] = [await run(), await run()];
    expect(two.got).toEqual(one.got);
    expect(new Set(one.got).size).toBe(40);
    expect(one.fired.duplicated).toBeGreaterThan(0);
    expect(one.fired.reordered).toBeGreaterThan(0);
    expect(one.got.length).toBe(40 + one.fired.duplicated);
    expect([...new Set(one.got)]).not.toEqual([...new Set(one.got)].sort((a, b) => Number(a) - Number(b)));
  });

  test('an update held back comes after those that happened later', async () => {
    const { tg, api } = await startBoth();
    const anna = tg.person();
    tg.faults.inbound({ delay: 1, delayMs: 30 });
    anna.say('раньше');
    tg.faults.inbound({});
    anna.say('позже');
    await tg.until(() => (tg.pending === 2 ? true : undefined), 2000, 'both updates');
    expect((await api.getUpdates()).map((one) => one.message?.text)).toEqual(['позже', 'раньше']);
    expect(tg.faults.inboundFired).toEqual({ duplicated: 0, reordered: 0, delayed: 1 });
  });
});

describe('webhook', () => {
  interface Delivered {
    readonly secret: unknown;
    readonly update: Update;
  }

  async function listen(answer: (update: Update, count: number) => [number, Record<string, string>?]) {
    const delivered: Delivered[] = [];
    const server: Server = createServer(async (request: IncomingMessage, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const update = JSON.parse(Buffer.concat(chunks).toString()) as Update;
      delivered.push({ secret: request.headers['x-telegram-bot-api-secret-token'], update });
      const [status, headers] = answer(update, delivered.length);
      response.writeHead(status, headers).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve(undefined));
          server.closeAllConnections();
        }),
    );
    return { delivered, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  }

  test('the secret is sent, a failure is repeated and holds up its chat, a press overtakes', async () => {
    const { tg, api } = await startBoth({ secondMs: 5, webhookTimeoutSeconds: 2_000 });
    const anna = tg.person();
    const boris = tg.person();
    anna.start();
    await api.sendMessage(anna.id, 'x', nine);
    await api.getUpdates({ offset: -1 });
    await api.getUpdates({ offset: 700_000_002 });
    let failing = 4;
    const hook = await listen((update) => {
      if (update.message?.text !== 'первое') return [200];
      failing -= 1;
      return [failing >= 0 ? 500 : 200];
    });
    await api.setWebhook(hook.url, { secret_token: 'secret_1-A' });
    expect((await refusal(api.getUpdates())).text).toMatch(
      /^Conflict: can't use getUpdates method while webhook/,
    );
    anna.say('первое');
    anna.say('второе');
    anna.press('9');
    boris.say('другое');
    await tg.until(() => (tg.pending === 0 ? true : undefined), 5000, 'all deliveries');
    const order = hook.delivered.map(({ update }) => update.message?.text ?? update.callback_query?.data);
    expect(order.filter((text) => text === 'первое')).toHaveLength(5);
    expect(order.indexOf('второе')).toBe(order.length - 1);
    expect(order.indexOf('s:9')).toBeLessThan(order.lastIndexOf('первое'));
    expect(order).toContain('другое');
    expect(new Set(hook.delivered.map(({ secret }) => secret))).toEqual(new Set(['secret_1-A']));
    const tries = tg.webhookDeliveries.filter((one) => one.status === 500).map((one) => one.at);
    expect(tries).toHaveLength(4);
    expect((await api.getWebhookInfo()).last_error_message).toMatch(/^Wrong response from the webhook: 500/);
    await api.deleteWebhook();
    expect(await api.getUpdates()).toEqual([]);
  });

  test('Retry-After is kept, a bad address or secret is refused', async () => {
    const { tg, api } = await startBoth({ secondMs: 20 });
    const hook = await listen((_update, count) => (count === 1 ? [503, { 'retry-after': '10' }] : [200]));
    await api.setWebhook(hook.url);
    tg.person().say('x');
    await tg.until(() => (tg.pending === 0 ? true : undefined), 5000, 'the delivery');
    const [first, second] = tg.webhookDeliveries;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(195);
    expect((await refusal(api.setWebhook('http://example.org/'))).text).toMatch(/HTTPS URL must be provided/);
    expect((await refusal(api.setWebhook('https://example.org:8080/'))).text).toMatch(/only on ports/);
    expect((await refusal(api.setWebhook(hook.url, { secret_token: 'a b' }))).text).toMatch(/unallowed/);
  });
});
