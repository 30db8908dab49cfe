// The parts of a linked phone that need no browser: what the page's data mean, who is who, how far it is, how much goes
// out, and what is wrong in the settings.
import { describe, expect, test, vi } from 'vitest';
import { createCursor } from '../../src/channels/whatsapp/web/cursor.ts';
import { createDeliver, PACE } from '../../src/channels/whatsapp/web/deliver.ts';
import { createIdentities } from '../../src/channels/whatsapp/web/identities.ts';
import { rawOf, voteOf } from '../../src/channels/whatsapp/web/raw.ts';
import { TIMES } from '../../src/channels/whatsapp/web/times.ts';
import { createWatch } from '../../src/channels/whatsapp/web/watch.ts';
import { fromMessage, fromVote, toContent } from '../../src/channels/whatsapp/web/wire.ts';
import { readConfig } from '../../src/config.ts';
import { ConfigError, DeliveryError } from '../../src/core/errors.ts';
import { createGround, createSet, settingsOf } from './whatsapp-web-set.ts';

const OWN = ['15550000001@c.us', '97000000000001@lid'];
const chat = '15551110001@c.us';
const data = (more: object = {}) => ({
  id: { id: 'ABC', fromMe: false, remote: chat },
  from: chat,
  to: OWN[0],
  type: 'chat',
  t: 1_700_000_000,
  body: 'hello',
  notifyName: 'Anna',
  ...more,
});

describe('what the page holds', () => {
  test('is read as it comes: ids as text or objects, numbers as text', () => {
    const whole = { chat, id: 'ABC', text: 'hello', at: 1_700_000_000_000, name: 'Anna', fromMe: false };
    expect(rawOf(data(), OWN)).toMatchObject(whole);
    const objects = {
      from: { _serialized: chat },
      id: { id: 'ABC', fromMe: false, remote: { user: '15551110001', server: 'c.us' } },
      t: '1700000000',
    };
    expect(rawOf(data(objects), OWN)).toMatchObject(whole);
  });

  test('is nothing unless it is a talk with one person', () => {
    const nothing = [
      undefined,
      null,
      'text',
      {},
      data({ id: {} }),
      data({ id: { id: 'A', remote: 'status@broadcast', fromMe: false } }),
      data({ isStatusV3: true }),
      data({ broadcast: true }),
      data({
        from: '120363000000000000@g.us',
        id: { id: 'A', fromMe: false, remote: '120363000000000000@g.us' },
      }),
      data({ from: '1@newsletter', id: { id: 'A', fromMe: false, remote: '1@newsletter' } }),
      data({ from: '0@c.us', id: { id: 'A', fromMe: false, remote: '0@c.us' } }),
      data({ from: OWN[0], to: OWN[0], id: { id: 'A', fromMe: true, remote: OWN[0] } }),
      data({ from: OWN[1], to: OWN[1], id: { id: 'A', fromMe: true, remote: OWN[1] } }),
    ];
    for (const one of nothing) expect(rawOf(one, OWN)).toBeUndefined();
  });

  test('holds no event in notices, calls and what else the network itself writes', () => {
    for (const type of [
      'e2e_notification',
      'call_log',
      'notification_template',
      'revoked',
      'album',
      'unknown',
    ]) {
      const raw = rawOf(data({ type }), OWN);
      expect(raw && fromMessage(raw, '15551110001')).toBeUndefined();
    }
  });

  test('never gives a number out of a hidden id', () => {
    const lid = '98000000000001@lid';
    const raw = rawOf(data({ from: lid, id: { id: 'A', fromMe: false, remote: lid } }), OWN);
    expect(raw).toMatchObject({ chat: lid });
    expect(raw).not.toHaveProperty('phone');
  });

  test('a vote is believed only with a place there is', () => {
    const vote = voteOf({ voter: chat, selectedOptions: [{ localId: 7 }], interractedAtTs: 5 }, 'P')!;
    expect(fromVote(vote, '1', ['a', 'b'], 9)).toBeUndefined();
    expect(fromVote({ ...vote, chosen: [] }, '1', ['a'], 9)).toBeUndefined();
    expect(fromVote({ ...vote, chosen: [1] }, '1', ['a', 'b'], 9)).toMatchObject({ button: 'b', at: 5 });
    expect(voteOf({ voter: chat, selectedOptions: [{ localId: 1, name: 'b' }] }, 'P')?.words).toEqual(['b']);
    expect(voteOf({ voter: 'x@g.us' }, 'P')).toBeUndefined();
    expect(voteOf('what', 'P')).toBeUndefined();
  });
});

describe('who is who', () => {
  const lid = '98000000000001@lid';
  const people = () => createIdentities(settingsOf(new Map()));

  test('a number and its hidden id are one, whichever is met first', async () => {
    const first = people();
    expect(await first.peerOf(chat, undefined)).toBe('15551110001');
    expect(await first.peerOf(lid, chat)).toBe('15551110001');
    const other = people();
    expect(await other.peerOf(lid, chat)).toBe('15551110001');
    expect(await other.peerOf(chat, undefined)).toBe('15551110001');
    expect(await other.peerOf(lid, undefined)).toBe('15551110001');
  });

  test('who was met under a hidden id alone stays who they are when the number is learnt', async () => {
    const all = people();
    const peer = await all.peerOf(lid, undefined);
    expect(peer).toBe('lid:98000000000001');
    await all.wrote(peer, lid);
    expect(await all.peerOf(lid, chat)).toBe(peer);
    expect(await all.peerOf(chat, undefined)).toBe(peer);
  });

  test('met under both apart, the number is who they are from then on', async () => {
    const all = people();
    const hidden = await all.peerOf(lid, undefined);
    await all.wrote(hidden, lid);
    await all.wrote(await all.peerOf(chat, undefined), chat);
    expect(await all.peerOf(lid, chat)).toBe('15551110001');
    expect((await all.get(hidden))?.chat).toBe(lid);
  });

  test('what is learnt outlives a restart', async () => {
    const kept = new Map<string, string>();
    await createIdentities(settingsOf(kept)).peerOf(lid, chat);
    expect(await createIdentities(settingsOf(kept)).peerOf(lid, undefined)).toBe('15551110001');
  });
});

describe('how far it is', () => {
  test('begins with the link, lags by ten minutes, and begins anew with another account', async () => {
    const kept = new Map<string, string>();
    const linked = 1_700_000_000_000;
    let now = linked;
    const cursor = createCursor(settingsOf(kept), () => now);
    expect(await cursor.open('me')).toEqual({ since: linked - 5_000, from: linked - 5_000 });
    now += 3_600_000;
    cursor.kept(now);
    await cursor.settle();
    const next = createCursor(settingsOf(kept), () => now);
    expect(await next.open('me')).toEqual({ since: now - 600_000, from: linked - 5_000 });
    expect(await next.open('other')).toEqual({ since: now - 5_000, from: now - 5_000 });
  });

  test('believes no clock that is ahead', async () => {
    const kept = new Map<string, string>();
    let now = 1_700_000_000_000;
    const cursor = createCursor(settingsOf(kept), () => now);
    await cursor.open('me');
    now += 1_000;
    cursor.kept(now + 86_400_000);
    await cursor.settle(true);
    expect((await cursor.open('me')).since).toBeLessThanOrEqual(now);
  });
});

describe('what goes out', () => {
  const to = { channel: 'whatsapp', account: '', peer: '15551110001' };
  async function delivery(
    now: () => number,
    kept = new Map<string, string>(),
    daily = PACE.daily,
    answer: () => Promise<unknown> = async () => ({ id: 'X', arrived: true }),
  ) {
    const settings = settingsOf(kept);
    const identities = createIdentities(settings);
    await identities.wrote(to.peer, chat);
    return createDeliver({
      ask: async () => (await answer()) as never,
      state: () => ({ is: 'ready', since: 0 }),
      identities,
      records: { contact: async () => undefined },
      settings,
      media: { open: () => Promise.reject(new DeliveryError('never', 'gone')) },
      pace: { ...PACE, jitter: 0, daily },
      clock: now,
    });
  }

  test('is counted, over a restart too, and waits for the next day beyond the limit', async () => {
    let now = 1_700_000_000_000;
    const kept = new Map<string, string>();
    const say = (deliver: Awaited<ReturnType<typeof delivery>>, key: string) =>
      deliver.send(to, { key, message: { text: 'hi' } });
    const first = await delivery(() => now, kept, 3);
    await say(first, '1');
    await say(first, '2');
    const second = await delivery(() => now, kept, 3);
    await say(second, '3');
    const late = await say(second, '4').catch((error: unknown) => error as DeliveryError);
    expect(late).toMatchObject({ verdict: 'later', reason: 'flood', wide: true });
    now += (late as DeliveryError).retryAfter ?? 0;
    await expect(say(second, '4')).resolves.toEqual({ message: 'X' });
  });

  test('is tried again ever later when the server refuses it without a cause, and then given up', async () => {
    let refuses = true;
    const deliver = await delivery(
      () => 1_700_000_000_000,
      new Map(),
      PACE.daily,
      async () => {
        if (refuses) throw new DeliveryError('later', 'refused', { retryAfter: 5_000 });
        return { id: 'X', arrived: true };
      },
    );
    const say = (key: string) =>
      deliver.send(to, { key, message: { text: 'hi' } }).then(
        () => 'sent',
        (error: unknown) => error,
      );
    const waits: number[] = [];
    for (const retryAfter of PACE.refused) {
      const error = await say('1');
      expect(error).toMatchObject({ verdict: 'later', reason: 'refused', retryAfter });
      waits.push(retryAfter);
    }
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits);
    expect(waits.length).toBeGreaterThan(0);
    expect(await say('1')).toMatchObject({ verdict: 'never', reason: 'refused' });
    expect(await say('2')).toMatchObject({ verdict: 'later' });
    refuses = false;
    expect(await say('2')).toBe('sent');
  });

  test('is refused where there is nothing to send, and becomes a document where WhatsApp shows no such picture', () => {
    expect(() => toContent({ text: ' ' }, undefined)).toThrow(DeliveryError);
    const attachment = { kind: 'photo', ref: 'media:1' } as const;
    const bytes = new Uint8Array(3);
    const made = toContent({ text: 'x', attachments: [attachment] }, { bytes, mime: 'image/heic' });
    expect(made).toMatchObject({ as: 'document', mime: 'image/heic', text: 'x' });
    const card = toContent(
      { text: '', attachments: [{ kind: 'contact', contact: { name: 'A\nEND:VCARD', phone: '+7 999' } }] },
      undefined,
    );
    expect(card).toMatchObject({ as: 'card' });
    expect((card as { card: string }).card.match(/^END:VCARD$/gm)).toHaveLength(1);
  });
});

test('without a browser it says so, and all else goes on', async () => {
  const ground = await createGround();
  const set = await createSet(ground, {}, {}, { chromiumPath: '/nowhere/chromium' });
  await set.start();
  await vi.waitFor(() => expect(set.channel.linking?.state().is).toBe('broken'));
  expect(set.channel.health(Date.now())).toMatchObject({
    ok: false,
    reason: expect.stringContaining('WHATSAPP_CHROMIUM_PATH'),
  });
  const sending = set.channel.send(
    { channel: 'whatsapp', account: '', peer: '1' },
    { key: '1', message: { text: 'x' } },
  );
  await expect(sending).rejects.toMatchObject({ verdict: 'later' });
  await set.stop();
  await ground.end();
});

test('a picture nobody scans and an account that is never ready end the life', async () => {
  const life = { ask: () => new Promise<never>(() => undefined), memory: async () => 0 };
  const tell = { deaf: () => undefined, state: () => undefined, beaten: () => undefined };
  const slow = createWatch({ ...TIMES, boot: 30 }, 1, life, tell);
  await expect(slow.over).resolves.toBe('boot_deadline');
  slow.stop();
  const dead = createWatch({ ...TIMES, boot: 30, picture: 60 }, 1, life, tell);
  dead.linking();
  await expect(dead.over).resolves.toBe('stale_picture');
  dead.stop();
});

describe('settings', () => {
  const faultsOf = (values: Record<string, string>): string[] => {
    try {
      readConfig(values);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.faults.map(({ setting }) => setting);
    }
  };

  test('are off by default, and read whole', () => {
    expect(readConfig({}).channels).not.toHaveProperty('whatsapp');
    const { channels } = readConfig({
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_CHROMIUM_ARGS: '--no-sandbox "--host-resolver-rules=MAP a b,MAP * ~NOTFOUND"',
      WHATSAPP_PROXY_URL: 'http://me:pass@127.0.0.1:8080',
    });
    expect(channels.whatsapp).toEqual({
      web: {
        memory: 1_500,
        chromiumArgs: ['--no-sandbox', '--host-resolver-rules=MAP a b,MAP * ~NOTFOUND'],
        proxyUrl: 'http://me:pass@127.0.0.1:8080',
      },
    });
  });

  test('tell all that is wrong', () => {
    const wrong = {
      WHATSAPP_ENABLED: 'maybe',
      WHATSAPP_CHROMIUM_ARGS: '--one "--two',
      WHATSAPP_MEMORY_MB: '10',
      WHATSAPP_PROXY_URL: 'socks5://me:pass@127.0.0.1:1080',
    };
    expect(faultsOf(wrong).sort()).toEqual(Object.keys(wrong).sort());
    expect(faultsOf({ WHATSAPP_CHROMIUM_ARGS: 'rm -rf' })).toEqual(['WHATSAPP_CHROMIUM_ARGS']);
  });

  test('two ways to the same network at once are a fault', () => {
    const both = {
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_CLOUD_TOKEN: 'EAAG0123456789abcdef',
      WHATSAPP_CLOUD_PHONE_ID: '1234567890',
      WHATSAPP_CLOUD_APP_SECRET: '0123456789abcdef0123456789abcdef',
      WHATSAPP_CLOUD_VERIFY_TOKEN: 'a-word-of-ours',
    };
    expect(faultsOf(both)).toEqual(['WHATSAPP_ENABLED']);
  });
});
