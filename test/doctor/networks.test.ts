// Doctor at the networks, over their stand-ins: what each is asked changes nothing, and no token is told.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/channels/examine.ts';
import { CHANNELS, type ChannelEntry } from '../../src/channels/index.ts';
import { startMax } from '../standins/max/max.ts';
import { startTelegram, type TelegramStandIn } from '../standins/telegram/telegram.ts';
import { startVk } from '../standins/vk/vk.ts';
import {
  TEST_TOKEN as CLOUD_TOKEN,
  startWhatsAppCloud,
  TEST_PHONE_ID,
} from '../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { createFolders, expectFinding, problems } from './set.ts';

const folders = createFolders('doctor-networks');
const TOKEN = '123456:CANARY-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const publicUrl = 'https://otklik.example';
const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});
afterAll(() => folders.clear());

async function examined(
  name: keyof typeof CHANNELS,
  config: object,
  now = Date.now,
): Promise<readonly Finding[]> {
  const { examine } = CHANNELS[name] as ChannelEntry;
  const found = await (await examine!())(config, { publicUrl, now });
  expect(JSON.stringify(found)).not.toMatch(/canary/i);
  return found;
}

describe('Telegram', () => {
  async function world(more: Parameters<typeof startTelegram>[0] = {}): Promise<TelegramStandIn> {
    const made = await startTelegram({ token: TOKEN, ...more });
    open.push(made);
    return made;
  }
  const call = async (telegram: TelegramStandIn, method: string, body: object): Promise<void> => {
    const answer = await fetch(`${telegram.url}/bot${TOKEN}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  };
  const polling = (telegram: TelegramStandIn) => ({ token: TOKEN, apiRoot: telegram.url, mode: 'poll' });
  const posted = (telegram: TelegramStandIn) => ({ ...polling(telegram), mode: 'webhook' });

  test('as it should be; it never asks for updates', async () => {
    const telegram = await world();
    const forum = telegram.forum({ members: [telegram.person()] });
    const found = await examined('telegram', { ...polling(telegram), operatorChatId: String(forum.id) });
    expect(problems(found)).toEqual([]);
    expect(expectFinding(found, 'ok', 'telegram.bot').vars).toEqual({ name: 'otklik_test_bot' });
    for (const code of ['telegram.group', 'telegram.polled', 'clock.right']) expectFinding(found, 'ok', code);
    expect(telegram.polls).toEqual([]);
    expect(telegram.violations).toEqual([]);
  });

  test('with a webhook of somebody else while polling', async () => {
    const telegram = await world();
    await call(telegram, 'setWebhook', { url: 'https://other.example/canary-path' });
    const found = await examined('telegram', polling(telegram));
    const one = expectFinding(
      found,
      'warning',
      'telegram.webhook_while_polling',
      /make a new one with BotFather/,
    );
    expect(one.vars).toEqual({ host: 'other.example' });
  });

  test('by webhook: none, another, ours', async () => {
    const telegram = await world();
    expectFinding(
      await examined('telegram', posted(telegram)),
      'warning',
      'telegram.webhook_none',
      /start it/,
    );
    await call(telegram, 'setWebhook', { url: 'https://other.example/hooks' });
    expectFinding(
      await examined('telegram', posted(telegram)),
      'error',
      'telegram.webhook_other',
      /same token/,
    );
    await call(telegram, 'setWebhook', { url: `${publicUrl}/hooks/telegram` });
    const found = await examined('telegram', posted(telegram));
    expect(problems(found).filter((code) => code !== 'telegram.webhook_failed')).toEqual([]);
  });

  test('by webhook that cannot be delivered: what waits, and the last failure', async () => {
    const telegram = await world({ secondMs: 5 });
    await call(telegram, 'setWebhook', { url: 'http://127.0.0.1:1/hooks/telegram' });
    const person = telegram.person();
    for (let n = 0; n < 120; n += 1) person.say(`${n}`);
    await expect
      .poll(async () => problems(await examined('telegram', posted(telegram))), { timeout: 10_000 })
      .toContain('telegram.webhook_failed');
    const found = await examined('telegram', posted(telegram));
    expectFinding(found, 'warning', 'telegram.webhook_failed', /valid certificate/);
    expectFinding(found, 'warning', 'telegram.webhook_pending', /reachable from outside/);
  });

  test('whose group has no topics, where the bot has no rights or is not, or that moved', async () => {
    const telegram = await world();
    const inGroup = async (id: number): Promise<readonly Finding[]> =>
      examined('telegram', { ...polling(telegram), operatorChatId: String(id) });
    const basic = telegram.forum({ members: [telegram.person()], type: 'group' });
    expectFinding(await inGroup(basic.id), 'error', 'telegram.group_no_topics', /Turn on Topics/);
    const forum = telegram.forum({ members: [telegram.person()], botRights: false });
    expectFinding(await inGroup(forum.id), 'error', 'telegram.group_no_rights', /right to manage topics/);
    expectFinding(await inGroup(-1009999999999), 'error', 'telegram.group_unknown', /Add the bot/);
    const before = basic.id;
    basic.migrate();
    const moved = expectFinding(
      await inGroup(before),
      'warning',
      'telegram.group_moved',
      /TELEGRAM_OPERATOR_CHAT_ID=-/,
    );
    expect(moved.vars).toMatchObject({ to: basic.id });
  });

  test('that refuses the token, that is not there, whose clock is another', async () => {
    const telegram = await world();
    const wrong = await examined('telegram', { ...polling(telegram), token: '99:CANARY-bbbbbbbbbbbb' });
    expectFinding(wrong, 'error', 'network.auth', /make a new one/);
    const away = await examined('telegram', { ...polling(telegram), apiRoot: 'http://127.0.0.1:1' });
    expectFinding(away, 'error', 'network.unreachable', /proxy of this channel/);
    const late = await examined('telegram', polling(telegram), () => Date.now() + 20_000);
    expectFinding(late, 'warning', 'clock.wrong', /set-ntp/);
    const wild = await examined('telegram', polling(telegram), () => Date.now() - 600_000);
    expectFinding(wild, 'error', 'clock.wrong', /set-ntp/);
  });
});

test('VK: as it should be, and with a wrong key', async () => {
  const vk = await startVk({ token: 'vk1.a.CANARY-token-of-a-community' });
  open.push(vk);
  const config = { token: vk.token, group: vk.groupId, apiBaseUrl: vk.url, mode: 'poll', wall: false };
  expectFinding(await examined('vk', config), 'ok', 'vk.community');
  const wrong = await examined('vk', { ...config, token: 'vk1.a.CANARY-another-one-of-them' });
  expectFinding(wrong, 'error', 'network.auth', /make a new one/);
});

test('MAX: as it should be, not subscribed, with a wrong token, without its certificates', async () => {
  const max = await startMax({ secondMs: 20 });
  open.push(max);
  const config = { token: max.token, apiRoot: max.url, mode: 'poll' };
  const found = await examined('max', config);
  expect(expectFinding(found, 'ok', 'max.bot').vars).toEqual({ id: String(max.bot) });
  expect(problems(found)).toEqual([]);
  expectFinding(
    await examined('max', { ...config, mode: 'webhook' }),
    'warning',
    'max.not_subscribed',
    /by itself/,
  );
  const wrong = await examined('max', { ...config, token: 'CANARY-another-token-of-nobody' });
  expectFinding(wrong, 'error', 'network.auth', /make a new one/);
  const caFile = join(folders.fresh('ca'), 'root.pem');
  writeFileSync(caFile, 'no certificate');
  chmodSync(caFile, 0o600);
  expectFinding(await examined('max', { ...config, caFile }), 'error', 'max.no_certificates', /gosuslugi/);
});

test('WhatsApp: the number at Meta, a wrong token, a linked phone', async () => {
  const world = await startWhatsAppCloud({ secondMs: 20 });
  open.push(world);
  const cloud = { token: CLOUD_TOKEN, phoneId: TEST_PHONE_ID, apiRoot: world.url };
  expectFinding(await examined('whatsapp', { cloud }), 'ok', 'whatsapp.number');
  const wrong = await examined('whatsapp', {
    cloud: { ...cloud, token: 'EAAGanotherCANARYtoken000000000000' },
  });
  expectFinding(wrong, 'error', 'network.auth', /make a new one/);
  expectFinding(await examined('whatsapp', { web: {} }), 'ok', 'whatsapp.linked');
});
