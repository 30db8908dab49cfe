// The stand-in held against the unmodified library on a real Chromium: whatever the library asks of the page must be
// answered as the real page answers, with both shapes of message keys.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from 'whatsapp-web.js';
import { type Bot, createBot } from './whatsapp-web/bot.ts';
import type { Person } from './whatsapp-web/person.ts';
import { startWhatsAppWeb, type WhatsAppWebStandIn } from './whatsapp-web/whatsapp-web.ts';

const profiles: string[] = [];

function newProfile(): string {
  const profile = mkdtempSync(join(tmpdir(), 'otklik-wa-'));
  profiles.push(profile);
  return profile;
}

afterAll(() => {
  for (const profile of profiles) rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

const withBody =
  (body: string) =>
  (message: Message): boolean =>
    message.body === body;

describe.each(['_serialized', '$1'] as const)('with message keys named %s', (keyField) => {
  let wa: WhatsAppWebStandIn;
  let bot: Bot;
  let anna: Person;

  beforeAll(async () => {
    wa = await startWhatsAppWeb({ keyField });
    bot = createBot(wa, { profile: newProfile() });
    await bot.client.initialize();
  }, 30_000);

  afterAll(async () => {
    await bot?.stop();
    await wa?.stop();
  });

  beforeEach(() => bot.forget());

  afterEach(() => {
    expect(wa.missing).toEqual([]);
    expect(wa.pageErrors).toEqual([]);
    expect(wa.violations).toEqual([]);
  });

  it('is linked by the picture', async () => {
    wa.rotateQr();
    const [picture] = (await bot.until('qr')) as [string];
    expect(picture.split(',')).toHaveLength(5);
    await wa.scanQr(picture);
    await bot.until('ready');
    expect(bot.client.info.wid._serialized).toBe(wa.me.pn);
    expect(await bot.client.getState()).toBe('CONNECTED');
    anna = wa.person({ name: 'Anna' });
  });

  it('takes a text and answers it', async () => {
    const said = anna.say('hello');
    const [message] = (await bot.until('message')) as [Message];
    expect(message).toMatchObject({ body: 'hello', type: 'chat', from: anna.id, fromMe: false });
    expect(message.id._serialized).toBe(`false_${anna.id}_${said.id}`);
    expect(message.timestamp).toBe(Math.floor(said.at / 1000));
    const sent = await bot.client.sendMessage(message.from, 'reply *bold*');
    expect(sent?.id._serialized).toMatch(/^true_15551110001@c\.us_3EB0/);
    const seen = await anna.waitFor('reply');
    expect(seen).toMatchObject({ text: 'reply *bold*', byBot: true, id: sent?.id.id });
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === sent?.id.id && ack === 2);
    anna.read();
    await bot.until('message_ack', (of: Message, ack: number) => of.id.id === sent?.id.id && ack === 3);
    expect(wa.requests.filter((one) => one.method === 'send' && one.answered !== undefined)).toHaveLength(1);
    expect(bot.heard.filter(({ event }) => event === 'message')).toHaveLength(1);
    bot.forget();
    anna.say('again');
    await bot.until('message', withBody('again'));
  });
});
