// One round trip with somebody else's double of Telegram (nine methods only), so that ours and we cannot be wrong
// in the same way unnoticed.
import { createRequire } from 'node:module';
import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTelegramChannel } from '../../src/channels/telegram/adapter.ts';
import type { InboundEvent } from '../../src/core/event.ts';
import { compose, createLeases, createLog, FAST, type Telegram, TOKEN } from './telegram-set.ts';

interface OtherMessage {
  readonly messageId: number;
  readonly message: { readonly text?: string; readonly reply_markup?: unknown; readonly chat_id?: unknown };
}

/** What of it is used here; its own types describe another module shape than it has. */
interface OtherDouble {
  readonly config: { readonly apiURL: string };
  readonly storage: { readonly botMessages: readonly OtherMessage[] };
  start(): Promise<void>;
  stop(): Promise<boolean>;
  getClient(token: string): {
    makeMessage(text: string): object;
    sendMessage(message: object): Promise<unknown>;
    makeCallbackQuery(data: string, more: object): object;
    sendCallback(query: object): Promise<unknown>;
  };
}

const TelegramServer: new (config: object) => OtherDouble = createRequire(import.meta.url)(
  'telegram-test-api',
);

let double: OtherDouble;
let telegram: Telegram;
beforeEach(async () => {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  double = new TelegramServer({ port, host: '127.0.0.1' });
  await double.start();
  telegram = compose({
    token: TOKEN,
    apiRoot: double.config.apiURL,
    lease: createLeases().lease,
    onBad: async () => undefined,
    clock: Date.now,
    pace: FAST,
    log: createLog(),
  });
});
afterEach(async () => {
  await telegram.receive.leave('channel');
  await telegram.close();
  await double.stop();
});

test('words in, a question out, a press in, the choice shown', async () => {
  const { client, receive } = telegram;
  const events: InboundEvent[] = [];
  const channel = createTelegramChannel({
    client,
    receive,
    media: { open: async () => ({ bytes: new Uint8Array() }) },
    onBad: async () => undefined,
    clock: Date.now,
    log: createLog(),
  });
  await channel.start(async (batch) => void events.push(...batch));
  const person = double.getClient(TOKEN);
  await person.sendMessage(person.makeMessage('здравствуйте'));
  await vi.waitFor(
    () => expect(events).toMatchObject([{ kind: 'message', text: 'здравствуйте', peer: '1' }]),
    5_000,
  );
  const to = { channel: 'telegram', account: client.account, peer: '1' };
  const choices = [{ id: 'r1.1.9', label: '9' }];
  const sent = await channel.send(to, { key: 'k', message: { text: 'NPS?', choices } });
  const shown = () =>
    double.storage.botMessages.find((one) => String(one.messageId) === sent.message)?.message;
  expect(shown()).toMatchObject({
    text: 'NPS?',
    reply_markup: { inline_keyboard: [[{ text: '9', callback_data: 'r1.1.9' }]] },
  });
  const about = { message: { message_id: Number(sent.message), date: 1 } };
  await person.sendCallback(person.makeCallbackQuery('r1.1.9', about));
  await vi.waitFor(
    () => expect(events.at(-1)).toMatchObject({ kind: 'press', button: 'r1.1.9', message: sent.message }),
    5_000,
  );
  await channel.redraw?.(to, sent.message, { text: 'NPS?\n\n✓ 9' });
  expect(shown()?.text).toBe('NPS?\n\n✓ 9');
  await channel.stop();
});
