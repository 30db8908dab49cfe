// The life of a linked account: links, restarts, losses. Whatever dies comes back by itself, what was said meanwhile
// comes in, nothing of a browser is left behind. The times it takes are printed.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LinkState } from '../../src/channels/channel.ts';
import { isCustomerEvent } from '../../src/core/event.ts';
import type { Person } from '../standins/whatsapp-web/person.ts';
import {
  acquaint,
  createGround,
  createSet,
  type Ground,
  holdersOf,
  soon,
  type WhatsAppWebSet,
} from './whatsapp-web-set.ts';

/** Milliseconds: what takes minutes in the field. */
const HASTE = {
  beatEvery: 400,
  beatWithin: 2_000,
  deafRestart: 3_000,
  echoWithin: 2_000,
  firstPause: 200,
  lastPause: 1_000,
} as const;

const address = (peer: string) => ({ channel: 'whatsapp', account: '', peer });

let ground: Ground;
let set: WhatsAppWebSet;
let anna: Person;
const secrets: string[] = [];

beforeAll(async () => {
  ground = await createGround({ keyField: '$1' });
});
afterEach(() => {
  expect(ground.wa.missing).toEqual([]);
  expect(ground.wa.violations).toEqual([]);
});
afterAll(async () => {
  await set.stop();
  expect(holdersOf(ground.dir), 'processes left behind').toEqual([]);
  await ground.end();
});

const state = (): LinkState => set.channel.linking!.state();

async function becomes(is: LinkState['is'], timeout = 20_000): Promise<void> {
  await vi.waitFor(() => expect(state()).toMatchObject({ is }), { timeout, interval: 5 });
}

/** Begins anew as the program would after a restart. */
async function again(times: Parameters<typeof createSet>[1] = HASTE): Promise<void> {
  set = await createSet(ground, times);
  await set.start();
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  console.log(`${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
}

async function answers(): Promise<void> {
  const key = `alive.${Math.random()}`;
  await set.channel.send(address(anna.phone), { key, message: { text: key } });
  await anna.waitFor(key);
}

describe('a linked account', () => {
  test('is linked by the picture, which is told to nobody else', async () => {
    set = await createSet(ground, HASTE);
    await set.start();
    await becomes('linking');
    const { qr } = state();
    secrets.push(qr!);
    expect(set.channel.health(Date.now())).toMatchObject({ ok: false });
    expect(JSON.stringify(set.channel.health(Date.now()))).not.toContain(qr);
    await timed('from the scan to ready', async () => {
      await ground.wa.scanQr(qr);
      await becomes('ready');
    });
    expect(state()).not.toHaveProperty('qr');
    expect(state().account).toBe(ground.wa.me.pn.replace('@c.us', ''));
    anna = ground.wa.person({ name: 'Anna' });
    await acquaint(anna, set);
    expect(statSync(join(ground.dir, 'whatsapp')).mode & 0o777).toBe(0o700);
  });

  test('stays linked over a restart, and what was said meanwhile comes in once and in order', async () => {
    const { message: poll } = await set.channel.send(address(anna.phone), {
      key: 'poll',
      message: { text: 'Well?', choices: ['0', '1'].map((id) => ({ id, label: `${id}. option` })) },
    });
    await set.stop();
    expect(holdersOf(ground.dir)).toEqual([]);
    for (const text of ['one', 'two', 'three']) anna.say(text);
    anna.vote(poll, ['1. option']);
    const typed = ground.wa.owner.say(anna, 'by the owner meanwhile');
    await timed('from the start to ready, linked before', async () => {
      await again();
      await becomes('ready');
    });
    const came = () => set.events.filter(isCustomerEvent);
    await vi.waitFor(() => expect(came().map(({ kind }) => kind)).toContain('outside'), soon);
    await vi.waitFor(() => expect(came().map(({ kind }) => kind)).toContain('press'), soon);
    const texts = came().flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    expect(texts.filter((text) => ['one', 'two', 'three'].includes(text))).toEqual(['one', 'two', 'three']);
    expect(came()).toContainEqual(expect.objectContaining({ kind: 'press', button: '1' }));
    expect(came()).toContainEqual(expect.objectContaining({ kind: 'outside', message: typed.id }));
    await vi.waitFor(() => expect(ground.wa.pending).toBe(0), soon);
  });

  test('a vote on a poll is understood although nobody lived to hear what the page called it', async () => {
    await becomes('ready');
    const begun = set.events.length;
    const stop = ground.wa.listen(() => {
      const { method, effect } = ground.wa.requests.at(-1) ?? {};
      if (method !== 'send' || effect !== true) return;
      stop();
      process.kill(driver(), 'SIGKILL');
    });
    const choices = ['a', 'b'].map((id, index) => ({ id: `r9.${id}`, label: `${index + 1}. ${id}` }));
    const message = { text: 'Which?', choices };
    await expect(set.channel.send(address(anna.phone), { key: 'dies', message })).rejects.toMatchObject({
      verdict: 'unknown',
    });
    const [poll, ...more] = ground.wa.everything(anna).filter(({ text }) => text === 'Which?');
    expect(more).toEqual([]);
    anna.vote(poll!.id, ['2. b']);
    // What is caught up with comes once more under the same id, which the journal knows.
    const pressed = (): string[] => {
      const came = set.events.slice(begun).filter(isCustomerEvent);
      const buttons = new Map(came.flatMap((one) => (one.kind === 'press' ? [[one.id, one.button]] : [])));
      return [...buttons.values()].filter((button) => button.startsWith('r9.'));
    };
    await vi.waitFor(() => expect(pressed()).toEqual(['r9.b']), soon);
    await becomes('ready');
    anna.vote(poll!.id, ['1. a']);
    await vi.waitFor(() => expect(pressed()).toEqual(['r9.b', 'r9.a']), soon);
  });

  test.each([
    ['a killed browser', () => ground.wa.killBrowser()],
    ['a crashed page', () => ground.wa.crashPage()],
    ['a killed driver', () => process.kill(driver(), 'SIGKILL')],
    ['a page that hangs', () => ground.wa.freezePage()],
  ])(
    'comes back by itself after %s',
    async (what, hurt) => {
      await vi.waitFor(() => expect(ground.wa.linked).toBe(1), soon);
      hurt();
      await timed(`from ${what} to words taken again`, async () => {
        await vi.waitFor(() => expect(state().is).not.toBe('ready'), { timeout: 20_000, interval: 5 });
        anna.say(`after ${what}`);
        await set.heard(`after ${what}`);
      });
      await becomes('ready');
      await answers();
      await vi.waitFor(() => expect(holdersOf(ground.dir).length).toBeGreaterThan(0), soon);
      expect(ground.wa.linked).toBe(1);
    },
    60_000,
  );

  test('that hears nothing although it is connected is found out, and recovers', async () => {
    await set.stop();
    await again({ ...HASTE, silence: 1_000 });
    await becomes('ready');
    const echoes = () => ground.wa.requests.filter(({ method }) => method === 'send').length;
    const before = echoes();
    await vi.waitFor(() => expect(echoes()).toBeGreaterThan(before), soon);
    ground.wa.silence();
    anna.say('said into the void');
    await timed('from silence to words taken again', async () => {
      await becomes('deaf');
      await set.heard('said into the void');
    });
    await becomes('ready');
    expect(ground.logged).toContain('WhatsApp Web ended; it is started anew');
  }, 60_000);

  test('is started anew when the browser takes too much memory', async () => {
    await set.stop();
    const times = ground.logged.length;
    set = await createSet(ground, HASTE, {}, { memory: 60 });
    await set.start();
    await vi.waitFor(
      () => {
        expect(ground.logged.slice(times)).toContain('WhatsApp Web ended; it is started anew');
        expect(state().reason).toContain('WHATSAPP_MEMORY_MB');
      },
      { timeout: 20_000, interval: 5 },
    );
  }, 40_000);

  test('is renewed in a quiet moment once it is old', async () => {
    await set.stop();
    const times = ground.logged.length;
    await again({ ...HASTE, recycleAfter: 1_500, quiet: 500 });
    await vi.waitFor(
      () => expect(ground.logged.slice(times)).toContain('WhatsApp Web is started anew'),
      soon,
    );
    await becomes('ready');
  }, 40_000);

  test('turned off neither sends nor hears, over a restart too, until it is turned on', async () => {
    await set.stop();
    await again();
    await becomes('ready');
    await set.channel.linking!.turn(false);
    expect(state().is).toBe('off');
    expect(holdersOf(ground.dir)).toEqual([]);
    await set.stop();
    await again();
    expect(state().is).toBe('off');
    anna.say('said while it was off');
    const sending = set.channel.send(address(anna.phone), { key: 'off', message: { text: 'no' } });
    await expect(sending).rejects.toMatchObject({ verdict: 'later', reason: 'channel_off', wide: true });
    expect(set.channel.health(Date.now())).toEqual({ ok: true });
    await set.channel.linking!.turn(true);
    await becomes('ready');
    await set.heard('said while it was off');
  }, 60_000);

  test('taken over elsewhere comes back by itself', async () => {
    ground.wa.conflict();
    await vi.waitFor(() => expect(state().is).not.toBe('ready'), soon);
    await becomes('ready');
    await answers();
  }, 60_000);

  test('unlinked on the phone shows a new picture, and can be linked by a code', async () => {
    await timed('from the unlinking to a new picture', async () => {
      ground.wa.unlink();
      await vi.waitFor(() => expect(state().is).not.toBe('ready'), soon);
      await becomes('linking');
      await vi.waitFor(() => expect(state().qr).toBeDefined(), soon);
    });
    expect(state().qr).not.toBe(secrets[0]);
    secrets.push(state().qr!);
    await expect(set.channel.linking!.requestCode('12')).rejects.toThrow('WhatsApp gave no code');
    // The stand-in notes what only a mistake brings about; this one was on purpose.
    (ground.wa.violations as string[]).length = 0;
    const code = await set.channel.linking!.requestCode(ground.wa.me.pn.replace('@c.us', ''));
    expect(state().code).toBe(code);
    secrets.push(code);
    ground.wa.enterCode(code);
    await becomes('ready');
    anna.say('after the code');
    await set.heard('after the code');
    await vi.waitFor(() => expect(ground.wa.pending).toBe(0), soon);
  }, 60_000);

  test('let go of from here shows a new picture too', async () => {
    await set.channel.linking!.unlink();
    await becomes('linking');
    secrets.push(state().qr!);
    expect(state()).not.toHaveProperty('account');
    await set.ready();
    await set.channel.linking!.restart();
    await vi.waitFor(() => expect(state().is).not.toBe('ready'), soon);
    await becomes('ready');
  }, 60_000);

  test('has its secrets neither in the log nor in the store', () => {
    const kept = [...ground.settings.entries()].join('\n') + ground.logged.join('\n');
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(kept).not.toContain(secret);
  });
});

/** The process between us and the browser. */
function driver(): number {
  const [pid] = holdersOf(ground.dir).toSorted((one, other) => one - other);
  if (pid === undefined) throw new Error('nobody holds the account');
  return pid;
}
