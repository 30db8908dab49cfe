// The life of a linked device under the real library and browser: what ends it, what it survives, and what the stand-in
// must not forgive.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import wweb, { type Message } from 'whatsapp-web.js';
import { type Bot, createBot, dropProfile, newProfile, ONE_ANSWER, withBody } from './bot.ts';
import type { Person } from './person.ts';
import { startWhatsAppWeb, type WhatsAppWebStandIn } from './whatsapp-web.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('the life of a linked device', () => {
  let wa: WhatsAppWebStandIn;
  let bot: Bot;
  let boris: Person;
  const profile = newProfile();

  beforeAll(async () => {
    wa = await startWhatsAppWeb();
  });

  afterAll(async () => {
    await bot?.stop();
    await wa?.stop();
    dropProfile(profile);
  });

  async function start(options: { readonly phone?: string } = {}) {
    bot = createBot(wa, { profile, ...options });
    await bot.client.initialize();
  }

  /** Every process of the browsers connected now; they must end. */
  async function ended(pids: readonly number[]): Promise<void> {
    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
  }

  it('offers a new picture now and then, and takes only the one shown', async () => {
    await start();
    const [first] = (await bot.until('qr')) as [string];
    bot.forget();
    wa.rotateQr();
    const [second] = (await bot.until('qr')) as [string];
    expect(second).not.toBe(first);
    await expect(wa.scanQr(first)).rejects.toThrow('not valid');
    await wa.scanQr(second);
    await bot.until('ready');
    boris = wa.person({ name: 'Boris' });
    boris.say('before');
    await bot.until('message', withBody('before'));
    await bot.client.sendMessage(boris.id, new wweb.Poll('Before?', ['Yes', 'No'], ONE_ANSWER));
    await boris.waitFor('Before?');
  });

  it('lives on in the profile, even when the browser is killed, and finds what came meanwhile', async () => {
    const gone = new Promise((resolve) => bot.client.pupBrowser?.once('disconnected', resolve));
    const pids = wa.browsers().flatMap(({ all }) => all);
    expect(pids.length).toBeGreaterThan(3);
    wa.killBrowser();
    await gone;
    await ended(pids);
    for (const text of ['one', 'two', 'three']) boris.say(text);
    await start();
    await bot.until('ready');
    expect(bot.heard.map(({ event }) => event)).not.toContain('qr');
    expect(bot.heard.map(({ event }) => event)).not.toContain('message');
    const [chat] = (await bot.client.getChats()).filter(({ unreadCount }) => unreadCount > 0);
    expect(chat).toMatchObject({ unreadCount: 3 });
    expect(wa.pending).toBe(3);
    const fetched = (await chat?.fetchMessages({ limit: 10 })) ?? [];
    expect(fetched.map(({ body }) => body)).toEqual(['before', 'Before?', 'one', 'two', 'three']);
    await chat?.sendSeen();
    await expect.poll(() => wa.pending).toBe(0);
    boris.press('No');
    const [vote] = (await bot.until('vote_update')) as [wweb.PollVote];
    expect(vote.selectedOptions).toEqual([{ name: 'No', localId: 1 }]);
  });

  it('goes deaf without a sign, and hears again after a reload', async () => {
    wa.silence();
    boris.say('into silence');
    expect(await bot.client.getState()).toBe('CONNECTED');
    await bot.client.sendMessage(boris.id, 'are you there');
    await boris.waitFor('are you there');
    expect(bot.heard.some(({ args }) => (args[0] as Message)?.body === 'into silence')).toBe(false);
    bot.forget();
    await bot.client.pupPage?.reload();
    await bot.until('ready');
    expect((await bot.client.getChats())[0]?.unreadCount).toBe(1);
    bot.forget();
    wa.resync();
    await bot.until('ready');
    boris.say('out of silence');
    await bot.until('message', withBody('out of silence'));
  });

  it('crashes as a page, and freezes', async () => {
    const crashed = new Promise((resolve) => bot.client.pupPage?.once('error', resolve));
    wa.crashPage();
    await crashed;
    await bot.stop();
    await start();
    await bot.until('ready');
    wa.freezePage();
    const state = (): Promise<unknown> =>
      Promise.race([bot.client.getState().catch(() => 'gone'), pause(500, 'no answer')]);
    await expect.poll(state, { timeout: 5000 }).toBe('no answer');
    const pids = wa.browsers().flatMap(({ all }) => all);
    await bot.stop();
    await ended(pids);
  });

  it('may have synced before anybody listens', async () => {
    wa.syncEarly(true);
    await start();
    await wa.until(() => (wa.linked === 1 ? true : undefined), 5000, 'the page to connect');
    expect(bot.heard).toEqual([]);
    await bot.client.pupPage?.evaluate(() => {
      const page = window as unknown as { onAppStateHasSyncedEvent(): void };
      page.onAppStateHasSyncedEvent();
    });
    await bot.until('ready');
    wa.syncEarly(false);
  });

  it('is put out by a conflict', async () => {
    wa.conflict();
    await bot.until('disconnected', (why: string) => why === 'CONFLICT');
    expect(bot.heard.map(({ event }) => event)).toContain('change_state');
    await expect.poll(() => bot.client.pupBrowser?.connected).toBe(false);
  });

  it('is unlinked on the phone, and begins anew with a code', async () => {
    await start();
    await bot.until('ready');
    bot.forget();
    wa.unlink();
    await bot.until('disconnected', (why: string) => why === 'LOGOUT');
    await wa.scanQr(((await bot.until('qr')) as [string])[0]);
    await bot.until('ready');
    await bot.stop();
    dropProfile(profile);
    await start({ phone: '15550000001' });
    const [code] = (await bot.until('code')) as [string];
    expect(code).toMatch(/^[1-9A-Z]{8}$/);
    expect(() => wa.enterCode('WRONGONE')).toThrow('wrong');
    wa.enterCode(code);
    await bot.until('ready');
    expect(wa.linked).toBe(1);
    await bot.client.logout();
    await expect.poll(() => wa.linked).toBe(0);
  });

  it('cannot be opened while the site is down', async () => {
    await wa.down();
    await expect(start()).rejects.toThrow('ERR_CONNECTION_REFUSED');
    await bot.stop();
    await wa.up();
    expect(wa.missing).toEqual([]);
    expect(wa.pageErrors).toEqual([]);
    expect(wa.violations).toEqual([]);
  });
});

describe('what the stand-in must not forgive', () => {
  let wa: WhatsAppWebStandIn;
  let bot: Bot;
  let vera: Person;
  const profile = newProfile();

  beforeAll(async () => {
    wa = await startWhatsAppWeb({ keyField: '$1' });
    bot = createBot(wa, { profile, mend: false });
    await bot.client.initialize();
    await wa.scanQr();
    await bot.until('ready');
    vera = wa.person({ name: 'Vera' });
  }, 30_000);

  afterAll(async () => {
    await bot?.stop();
    await wa?.stop();
    dropProfile(profile);
  });

  it('leaves the library without keys on the newer page', async () => {
    vera.say('hello');
    const [message] = (await bot.until('message')) as [Message];
    expect(message.id._serialized).toBeUndefined();
    expect(await bot.client.sendMessage(vera.id, 'sent all the same')).toBeUndefined();
    await vera.waitFor('sent all the same');
    await bot.client.sendMessage(vera.id, new wweb.Poll('Heard?', ['Yes', 'No'], ONE_ANSWER));
    await vera.waitFor('Heard?');
    vera.press('Yes');
    await wa.until(() => wa.pageErrors[0], 5000, 'the error of the vote');
    expect(wa.pageErrors[0]).toContain('No key or key range');
    expect(bot.heard.map(({ event }) => event)).not.toContain('vote_update');
  });

  it('names a module that the page has not', async () => {
    await expect(bot.client.setStatus('busy')).rejects.toThrow('WAWebContactStatusBridge');
    await wa.until(() => wa.missing[0], 5000, 'the report');
    expect(wa.missing).toEqual(['WAWebContactStatusBridge']);
  });

  it('refuses what does not arrive in the real network', async () => {
    const options = Array.from({ length: 13 }, (_, index) => `option ${index}`);
    await bot.client.sendMessage(vera.id, new wweb.Poll('Too many?', options, ONE_ANSWER));
    await bot.client.sendMessage(vera.id, 'x'.repeat(65_537));
    await wa.until(() => wa.violations[1], 5000, 'two refusals');
    expect(wa.violations).toEqual(['send: a poll with 13 options', 'send: a text of 65537 characters']);
    expect(vera.seen().some(({ text }) => text === 'Too many?')).toBe(false);
  });
});
