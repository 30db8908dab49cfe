// The stream of updates over the stand-in: confirmed to Telegram only after it is kept, whatever goes wrong between.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Update } from '../../src/networks/telegram/api.ts';
import { createOperatorChat, route } from '../../src/networks/telegram/route.ts';
import { createLeases, setUp, type TelegramSet, TOKEN } from './telegram-set.ts';

const soon = { timeout: 10_000, interval: 10 };
let set: TelegramSet | undefined;
afterEach(async () => {
  await set?.stop();
  set = undefined;
});

const textsOf = (updates: readonly Update[]) => updates.flatMap((update) => update.message?.text ?? []);
const wellNow = () => set!.telegram.receive.health(Date.now());

describe('polling', () => {
  test('what could not be kept stays at Telegram and comes again, in order', async () => {
    set = await setUp();
    const { world, telegram } = set;
    const kept: Update[] = [];
    const tried: number[] = [];
    let refusals = 2;
    telegram.receive.join('channel', async (updates) => {
      tried.push(...updates.map((update) => update.update_id));
      if (refusals-- > 0) throw new Error('the store is down');
      kept.push(...updates);
    });
    const person = world.person();
    person.say('one');
    person.say('two');
    await vi.waitFor(() => expect(textsOf(kept)).toEqual(['one', 'two']), soon);
    expect(tried.length).toBeGreaterThan(kept.length);
    await vi.waitFor(() => expect(world.pending).toBe(0), soon);
    const offsets = world.polls.flatMap((poll) =>
      poll.params.offset === undefined ? [] : [poll.params.offset],
    );
    expect(offsets[0]).toBe((kept.at(-1)?.update_id ?? 0) + 1);
    expect(world.polls[0]?.params.allowed_updates).toEqual([
      'message',
      'edited_message',
      'callback_query',
      'my_chat_member',
    ]);
    expect(wellNow()).toEqual({ ok: true });
    expect(world.violations).toEqual([]);
  });

  test('stopping before it is kept confirms nothing: the next process gets it', async () => {
    set = await setUp();
    const { world, telegram } = set;
    const person = world.person();
    let seen = 0;
    telegram.receive.join('channel', async () => {
      seen += 1;
      throw new Error('the process is about to die');
    });
    person.say('mine');
    await vi.waitFor(() => expect(seen).toBeGreaterThan(0), soon);
    await telegram.receive.leave('channel');
    expect(world.pending).toBe(1);
    const kept: Update[] = [];
    telegram.receive.join('channel', async (updates) => void kept.push(...updates));
    await vi.waitFor(() => expect(textsOf(kept)).toEqual(['mine']), soon);
  });

  test('nothing is fetched before every part takes its own', async () => {
    set = await setUp({ operators: { chat: -100_1, onMoved: async () => undefined } });
    const { world, telegram } = set;
    world.person().say('early');
    telegram.receive.join('channel', async () => undefined);
    expect(world.polls).toHaveLength(0);
    expect(wellNow().ok).toBe(false);
    telegram.receive.join('desk', async () => undefined);
    await vi.waitFor(() => expect(world.pending).toBe(0), soon);
  });

  test('a webhook left behind is taken away without dropping what waits', async () => {
    set = await setUp();
    const { world, telegram } = set;
    await telegram.client.call.setWebhook({ url: 'https://127.0.0.1:1/hook', secret_token: 'x' });
    const person = world.person();
    person.say('waited');
    const kept: Update[] = [];
    telegram.receive.join('channel', async (updates) => void kept.push(...updates));
    await vi.waitFor(() => expect(textsOf(kept)).toEqual(['waited']), soon);
    const taken = world.requests.find((request) => request.method === 'deleteWebhook');
    expect(taken?.params).toEqual({});
  });

  test('a rival is waited out, then told of, and outlived', async () => {
    set = await setUp({ pace: { first: 5, longest: 40, patience: 150 } });
    const { world, telegram } = set;
    const kept: Update[] = [];
    const rule = world.faults.add({ when: { method: 'getUpdates' }, do: '409' });
    telegram.receive.join('channel', async (updates) => void kept.push(...updates));
    await vi.waitFor(() => expect(rule.fired).toBeGreaterThan(2), soon);
    expect(wellNow().reason ?? '').not.toContain('another program');
    await vi.waitFor(() => expect(wellNow().reason).toContain('another program'), soon);
    const before = rule.fired;
    await vi.waitFor(() => expect(rule.fired).toBeGreaterThan(before), soon);
    rule.remove();
    world.person().say('after');
    await vi.waitFor(() => expect(textsOf(kept)).toEqual(['after']), soon);
    await vi.waitFor(() => expect(wellNow()).toEqual({ ok: true }), soon);
  });

  test('of a rival that takes turns with us is told too, and it is over only once it has been quiet', async () => {
    let now = Date.now();
    set = await setUp({ clock: () => now, pace: { first: 5, longest: 20, patience: 60_000 } });
    const { world, telegram } = set;
    const kept: Update[] = [];
    telegram.receive.join('channel', async (updates) => void kept.push(...updates));
    await vi.waitFor(() => expect(telegram.receive.health(now)).toEqual({ ok: true }), soon);
    for (let turn = 0; turn < 6; turn += 1) {
      const rule = world.faults.add({ when: { method: 'getUpdates' }, do: '409' });
      world.person().say(`turn ${turn}`);
      await vi.waitFor(() => expect(rule.fired).toBeGreaterThan(0), soon);
      rule.remove();
      now += 20_000;
    }
    world.person().say('last');
    await vi.waitFor(() => expect(textsOf(kept)).toContain('last'), soon);
    expect(set.telegram.receive.health(now).reason).toContain('another program');
    now += 60_001;
    world.person().say('quiet');
    await vi.waitFor(() => expect(telegram.receive.health(now)).toEqual({ ok: true }), soon);
  });

  test('a refused token ends it with an alarm', async () => {
    set = await setUp({ token: '123456:CANARY-wrong-wrong-wrong-wrong' });
    const { telegram, log, leases } = set;
    telegram.receive.join('channel', async () => undefined);
    await vi.waitFor(() => expect(wellNow().reason).toContain('TELEGRAM_BOT_TOKEN'), soon);
    await vi.waitFor(() => expect(log.told.some((one) => one.level === 'error')).toBe(true), soon);
    // It holds the bot no longer and does not come back for it.
    await vi.waitFor(() => expect(leases.holders.map((holder) => holder.released)).toEqual([true]), soon);
    expect(wellNow().ok).toBe(false);
  });

  test('the network goes and comes back', async () => {
    set = await setUp();
    const { world, telegram } = set;
    const kept: Update[] = [];
    telegram.receive.join('channel', async (updates) => void kept.push(...updates));
    await vi.waitFor(() => expect(wellNow()).toEqual({ ok: true }), soon);
    await world.down();
    await vi.waitFor(() => expect(wellNow().ok).toBe(false), soon);
    world.person().say('while away');
    await world.up();
    await vi.waitFor(() => expect(textsOf(kept)).toEqual(['while away']), soon);
    expect(wellNow()).toEqual({ ok: true });
  });

  test('silence of more than ninety seconds is not health', async () => {
    set = await setUp();
    set.telegram.receive.join('channel', async () => undefined);
    await vi.waitFor(() => expect(wellNow()).toEqual({ ok: true }), soon);
    expect(set.telegram.receive.health(Date.now() + 91_000).ok).toBe(false);
  });

  test('after many days without updates one call goes out without an offset', async () => {
    let now = Date.now();
    set = await setUp({ clock: () => now, pace: { first: 5, longest: 20, patience: 100, idle: 1_000 } });
    const { world, telegram } = set;
    telegram.receive.join('channel', async () => undefined);
    const person = world.person();
    person.say('one');
    await vi.waitFor(
      () => expect(world.polls.some((poll) => poll.params.offset !== undefined)).toBe(true),
      soon,
    );
    now += 2_000;
    const before = world.polls.length;
    // Something must end the long poll under way.
    await world.down();
    await world.up();
    await vi.waitFor(() => expect(world.polls.length).toBeGreaterThan(before), soon);
    await vi.waitFor(() => expect(world.polls.at(-1)?.params).not.toHaveProperty('offset'), soon);
  });

  test('a lease that is lost ends the poll, and it begins again under the next', async () => {
    const leases = createLeases();
    set = await setUp({ lease: leases.lease });
    const { world, telegram } = set;
    telegram.receive.join('channel', async () => undefined);
    await vi.waitFor(() => expect(world.polls.length).toBeGreaterThan(0), soon);
    leases.holders[0]?.lose();
    await vi.waitFor(() => expect(leases.holders).toHaveLength(2), soon);
    expect(leases.holders[0]?.released).toBe(true);
  });

  test('one update the store never takes is put aside, and the rest goes on', async () => {
    set = await setUp();
    const { world, telegram, bad } = set;
    const kept: string[] = [];
    telegram.receive.join('channel', async (updates) => {
      if (textsOf(updates).includes('poison')) throw new Error('cannot be stored');
      kept.push(...textsOf(updates));
    });
    const person = world.person();
    for (const text of ['before', 'poison', 'after']) person.say(text);
    await vi.waitFor(() => expect(kept).toEqual(['before', 'after']), soon);
    expect(bad).toHaveLength(1);
    expect(JSON.parse(bad[0]?.raw ?? '')).toHaveProperty('message.text', 'poison');
    await vi.waitFor(() => expect(world.pending).toBe(0), soon);
  });

  test('a press is answered once it is kept', async () => {
    set = await setUp();
    const { world, telegram } = set;
    const person = world.person();
    person.start();
    let tries = 0;
    let press: ReturnType<typeof person.press> | undefined;
    telegram.receive.join('channel', async (updates) => {
      if (!updates.some((update) => update.callback_query)) return;
      tries += 1;
      expect(press?.answers).toEqual([]);
      if (tries === 1) throw new Error('down');
    });
    const reply_markup = { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] };
    await telegram.client.call.sendMessage({ chat_id: person.id, text: 'q', reply_markup });
    press = person.press('Yes');
    const answer = await press.answered();
    expect(answer.text).toBeUndefined();
    expect(press.answers).toHaveLength(1);
    expect(tries).toBe(2);
  });

  test('nothing of the token or of people is logged while all goes wrong', async () => {
    set = await setUp();
    const { world, telegram, log } = set;
    telegram.receive.join('channel', async () => {
      throw new Error('CANARY in an error of the store');
    });
    world.person({ first_name: 'CANARY' }).say('CANARY words');
    world.faults.add({ when: { method: 'getUpdates', chance: 0.5 }, do: 'garbage' });
    await vi.waitFor(() => expect(log.told.length).toBeGreaterThan(6), soon);
    expect(JSON.stringify(log.told)).not.toContain('CANARY');
    expect(JSON.stringify(log.told)).not.toContain(TOKEN.split(':')[1]);
  });
});

describe('the webhook', () => {
  const webhook = { url: 'https://bot.example.org/hooks/telegram', secret: 'a-secret_1' };
  const headers = { 'x-telegram-bot-api-secret-token': webhook.secret };
  const update = {
    update_id: 5,
    message: { message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: 'x' },
  };
  const post = (rawBody: string, given: Record<string, string> = headers) =>
    set!.telegram.receive.hook({ headers: given, rawBody });

  async function hooked() {
    set = await setUp({ webhook });
    const kept: Update[] = [];
    const store = { down: false };
    set.telegram.receive.join('channel', async (updates) => {
      if (store.down) throw new Error('the store is down');
      kept.push(...updates);
    });
    await vi.waitFor(() => expect(wellNow()).toEqual({ ok: true }), soon);
    return { kept, store };
  }

  test('it is set at the start with its secret and its kinds', async () => {
    await hooked();
    const call = set!.world.requests.find((request) => request.method === 'setWebhook');
    expect(call?.params).toMatchObject({ url: webhook.url, secret_token: webhook.secret });
    expect(call?.params.allowed_updates).toContain('my_chat_member');
    expect(set!.world.polls).toHaveLength(0);
  });

  test('only who knows the secret is heard', async () => {
    const { kept } = await hooked();
    expect((await post(JSON.stringify(update), {})).status).toBe(401);
    const wrong = { 'x-telegram-bot-api-secret-token': 'a-secret_2' };
    expect((await post(JSON.stringify(update), wrong)).status).toBe(401);
    expect((await post('not even json', wrong)).status).toBe(401);
    expect(kept).toEqual([]);
    expect((await post(JSON.stringify(update))).status).toBe(200);
    expect(kept).toHaveLength(1);
  });

  test('what is no update is refused, and what is too large', async () => {
    const { kept } = await hooked();
    for (const body of ['', '{', 'null', '[]', '"x"', '{}', '{"update_id":"5"}']) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post(JSON.stringify({ ...update, pad: 'x'.repeat(1024 * 1024) }))).status).toBe(413);
    expect(kept).toEqual([]);
  });

  test('while the store is down Telegram is asked to come again', async () => {
    const { kept, store } = await hooked();
    store.down = true;
    expect((await post(JSON.stringify(update))).status).toBe(503);
    store.down = false;
    expect((await post(JSON.stringify(update))).status).toBe(200);
    expect(kept).toHaveLength(1);
  });

  test('kinds that nobody takes are counted and hold up nothing', async () => {
    const { kept } = await hooked();
    expect((await post(JSON.stringify({ update_id: 6, something_new: { text: 'CANARY' } }))).status).toBe(
      200,
    );
    expect((await post('{"update_id":7}')).status).toBe(200);
    expect(kept).toEqual([]);
    expect(set!.telegram.receive.unknown()).toEqual({ something_new: 1, empty: 1 });
    expect(JSON.stringify(set!.log.told)).not.toContain('CANARY');
  });

  test('through the web, from the stand-in, with its retries', async () => {
    const kept: Update[] = [];
    let refusals = 2;
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await set!.telegram.receive.hook({
        headers: request.headers,
        rawBody: Buffer.concat(chunks),
      });
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/hooks/telegram`;
    set = await setUp({ webhook: { url, secret: 'a-secret_1' } }, { secondMs: 20 });
    set.telegram.receive.join('channel', async (updates) => {
      if (refusals-- > 0) throw new Error('the store is down');
      kept.push(...updates);
    });
    await vi.waitFor(() => expect(wellNow()).toEqual({ ok: true }), soon);
    set.world.person().say('by hook');
    await vi.waitFor(() => expect(textsOf(kept)).toEqual(['by hook']), soon);
    expect(refusals).toBe(-1);
    server.closeAllConnections();
    server.close();
  });

  test('without a webhook set up nobody is let in', async () => {
    set = await setUp();
    set.telegram.receive.join('channel', async () => undefined);
    expect((await post(JSON.stringify(update))).status).toBe(503);
  });
});

describe('routing', () => {
  const message = (chat: number, more = {}) =>
    ({ update_id: 1, message: { message_id: 1, date: 1, chat: { id: chat }, ...more } }) as Update;

  test('of an unknown group Telegram is asked once whether it is ours under another id', async () => {
    const asked: number[] = [];
    const moves: string[] = [];
    const chat = createOperatorChat({
      id: -5,
      onMoved: async (from, to) => void moves.push(`${from} ${to}`),
      ask: async (id) => {
        asked.push(id);
        return asked.length === 2 ? -9 : undefined;
      },
    });
    expect([await chat.knows(-5), await chat.knows(-7), await chat.knows(-7)]).toEqual([true, false, false]);
    expect([await chat.knows(-9), chat.current()]).toEqual([true, -9]);
    expect([asked, moves]).toEqual([[-5, -5], ['-5 -9']]);
  });

  test("the operators' group is the desk's, also in the very batch in which it moves", async () => {
    const operatorChat = createOperatorChat({ id: -5, onMoved: async () => undefined });
    const batch = [message(-5, { migrate_to_chat_id: -100_5 }), message(-100_5), message(-6), message(7)];
    expect(route(batch, operatorChat).map((one) => one.part)).toEqual(['desk', 'desk', 'channel', 'channel']);
    const other = createOperatorChat({ id: -5, onMoved: async () => undefined });
    expect(route([message(-100_5, { migrate_from_chat_id: -5 })], other)[0]?.part).toBe('desk');
  });

  test('a move is kept before it is used', async () => {
    const order: string[] = [];
    const chat = createOperatorChat({
      id: -5,
      onMoved: async (from, to) => void order.push(`${from}>${to} while ${chat.current()}`),
    });
    await chat.move(-100_5);
    await chat.move(-100_5);
    expect(order).toEqual(['-5>-1005 while -5']);
    expect([chat.current(), chat.has(-5), chat.has(-100_5)]).toEqual([-100_5, true, true]);
  });
});
