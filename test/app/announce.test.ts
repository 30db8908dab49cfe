// What operators are told of channels and desks that fall ill: once, and once when they are well; and that nobody who
// hangs holds up anybody else.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Announcer, createAnnouncer } from '../../src/app/announce.ts';
import type { Channel, Health } from '../../src/channels/channel.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Desk } from '../../src/desk/desk.ts';
import { createLog } from '../../src/log.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { readTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';
import { createRecordingChannel } from '../transcript/recording-channel.ts';
import { createRecordingDesk } from '../transcript/recording-desk.ts';
import { createWorld, type Ground, layGround, ROOT } from '../transcript/world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const WELL: Health = { ok: true };
const ILL: Health = { ok: false, reason: 'Set VK_TOKEN anew.' };
const ALONE = { shared: false, claim: async () => ({ stale: false, release: async () => undefined }) };
const soon = { timeout: 10_000, interval: 10 };

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
});
afterAll(() => ground.stop());

const source = (path: string) => ({ [path]: readFileSync(join(ROOT, path), 'utf8') });
const { resources } = readTexts({
  ...source('locales/ru/desk.yaml'),
  ...source('locales/ru/channels.yaml'),
  ...source('locales/en/desk.yaml'),
  ...source('locales/en/channels.yaml'),
});
const texts = createTexts(resources, { defaultLocale: 'ru' });

interface Patient extends Desk {
  now: Health;
  readonly told: string[];
  /** What happens to the next announcements, one each. */
  readonly troubles: ('later' | 'unknown' | 'hang')[];
}

function patientDesk(id: string): Patient {
  const desk: Patient = {
    ...createRecordingDesk(async () => undefined),
    id,
    now: WELL,
    told: [],
    troubles: [],
    health: () => desk.now,
    async announce(text) {
      const trouble = desk.troubles.shift();
      if (trouble === 'hang') return new Promise(() => undefined);
      if (trouble === 'later') throw new DeliveryError('later', 'flood', { retryAfter: 30 * SECOND });
      desk.told.push(text);
      if (trouble === 'unknown') throw new DeliveryError('unknown', 'network');
    },
  };
  return desk;
}

describe('the announcer', () => {
  let store: Store;
  let announcer: Announcer;
  let forum: Patient;
  let board: Patient;
  let vk: Health;
  let now: number;
  let opened = 0;

  const make = (
    runtime: Parameters<typeof createAnnouncer>[0]['runtime'] = ALONE,
    own?: Health,
  ): Announcer => {
    const channel: Channel = { ...createRecordingChannel({}), name: 'vk', health: () => own ?? vk };
    return createAnnouncer({
      store,
      runtime,
      channels: new Map([['vk', channel]]),
      desks: [forum, board],
      rules: () =>
        ({ texts, deskLocale: 'ru' }) as ReturnType<Parameters<typeof createAnnouncer>[0]['rules']>,
      clock: () => now,
      log: createLog('silent'),
    });
  };
  /** A look every ten seconds, as the program does. */
  const goes = async (milliseconds: number): Promise<void> => {
    for (const end = now + milliseconds; now < end; now += 10 * SECOND) await announcer.look();
  };

  beforeEach(async () => {
    opened += 1;
    store = await openStore({ uri: ground.uri, dbName: `announce_${opened}` });
    now = Date.UTC(2026, 2, 12, 7);
    vk = WELL;
    forum = patientDesk('forum');
    board = patientDesk('board');
    announcer = make();
  });
  afterEach(async () => {
    await announcer.stop();
    await store.stop();
  });

  const SICK = '⚠️ ВКонтакте: не работает. Set VK_TOKEN anew.';
  const FINE = '✅ ВКонтакте: снова работает.';

  test('every desk is told once, after a minute, and once when it is over', async () => {
    await goes(5 * MINUTE);
    vk = ILL;
    await goes(MINUTE);
    expect(forum.told).toEqual([]);
    await goes(10 * MINUTE);
    expect(forum.told).toEqual([SICK]);
    vk = WELL;
    await goes(MINUTE);
    expect(forum.told).toEqual([SICK]);
    await goes(10 * MINUTE);
    expect(forum.told).toEqual([SICK, FINE]);
    expect(board.told).toEqual([SICK, FINE]);
  });

  test('of several processes one tells, and none that leaves the part to another', async () => {
    const names = new Set<string>();
    const together = {
      shared: true,
      async claim(name: string) {
        if (names.has(name)) return undefined;
        names.add(name);
        return { stale: false, release: async () => void names.delete(name) };
      },
    };
    const all = [make(together), make(together), make(together, { ok: true, elsewhere: true })];
    const goTogether = async (milliseconds: number): Promise<void> => {
      for (const end = now + milliseconds; now < end; now += 10 * SECOND)
        await Promise.all(all.map((one) => one.look()));
    };
    vk = ILL;
    await goTogether(10 * MINUTE);
    expect(forum.told).toEqual([SICK]);
    vk = WELL;
    await goTogether(10 * MINUTE);
    expect(forum.told).toEqual([SICK, FINE]);
    expect(board.told).toEqual([SICK, FINE]);
  });

  test('a start that finds it ill tells it; a restart repeats nothing, and tells the end', async () => {
    vk = ILL;
    await goes(2 * MINUTE);
    expect(forum.told).toEqual([SICK]);
    announcer = make();
    await goes(5 * MINUTE);
    expect(forum.told).toEqual([SICK]);
    vk = WELL;
    announcer = make();
    await goes(2 * MINUTE);
    expect(forum.told).toEqual([SICK, FINE]);
    announcer = make();
    await goes(5 * MINUTE);
    expect(forum.told).toEqual([SICK, FINE]);
  });

  test('what falters for less than a minute is not told at all', async () => {
    for (let turn = 0; turn < 30; turn++) {
      vk = turn % 2 ? WELL : ILL;
      await goes(50 * SECOND);
    }
    expect(forum.told).toEqual([]);
  });

  test('what comes and goes every two minutes is told a few times, not sixty', async () => {
    for (let turn = 0; turn < 60; turn++) {
      vk = turn % 2 ? WELL : ILL;
      await goes(2 * MINUTE);
    }
    expect(forum.told.slice(0, 2)).toEqual([SICK, FINE]);
    expect(forum.told.length).toBeGreaterThanOrEqual(2);
    expect(forum.told.length).toBeLessThanOrEqual(8);
    // They alternate: nobody is told twice that it is ill.
    for (const [at, text] of forum.told.entries()) expect(text).toBe(at % 2 ? FINE : SICK);
    // In the end the truth is told.
    vk = ILL;
    await goes(90 * MINUTE);
    expect(forum.told.at(-1)).toBe(SICK);
  });

  test('a desk that is ill is told of by the others, and is itself told what lasts when it is back', async () => {
    forum.now = { ok: false, reason: 'В группе нет тем.' };
    vk = ILL;
    await goes(3 * MINUTE);
    expect(forum.told).toEqual([]);
    expect([...board.told].sort()).toEqual(
      [SICK, '⚠️ Рабочее место операторов (forum): не работает. В группе нет тем.'].sort(),
    );
    forum.now = WELL;
    await goes(3 * MINUTE);
    expect(forum.told).toEqual([SICK]);
    expect(board.told.at(-1)).toBe('✅ Рабочее место операторов (forum): снова работает.');
    // It was not told of its own illness, nor is it of its recovery.
    vk = WELL;
    await goes(3 * MINUTE);
    expect(forum.told).toEqual([SICK, FINE]);
  });

  test('a desk that refuses is told later; one whose answer was lost is not told twice', async () => {
    forum.troubles.push('later');
    board.troubles.push('unknown');
    vk = ILL;
    await goes(80 * SECOND);
    expect([forum.told, board.told]).toEqual([[], [SICK]]);
    await goes(5 * MINUTE);
    expect([forum.told, board.told]).toEqual([[SICK], [SICK]]);
  });

  test('a desk that hangs holds up no other, nor the end of the program', async () => {
    forum.troubles.push('hang');
    vk = ILL;
    await vi.waitFor(() => {
      now += 10 * SECOND;
      announcer.glance();
      expect(board.told).toEqual([SICK]);
    }, soon);
    expect(forum.told).toEqual([]);
    await announcer.stop();
  });

  test('without a reason it says where to look', async () => {
    vk = { ok: false };
    await goes(2 * MINUTE);
    expect(forum.told).toEqual([
      '⚠️ ВКонтакте: не работает. Причина неизвестна, она стоит в журнале программы.',
    ]);
  });
});

test('a channel whose sends hang holds up no other channel, nor its announcement', async () => {
  const started = performance.now();
  const hanging: (() => void)[] = [];
  let hangs = true;
  const stuck: Channel = {
    ...createRecordingChannel({}, 'stuck'),
    send: async () => {
      if (hangs) await new Promise<void>((resolve) => hanging.push(resolve));
      return { message: 'late' };
    },
    health: () => (hangs ? ILL : WELL),
  };
  const board = patientDesk('loud');
  const world = await createWorld(ground, {}, { channels: [stuck], desks: [board] });
  try {
    const says = (channel: string, peer: string, id: string, text: string) =>
      world.app().intake([
        {
          id,
          channel,
          account: '',
          peer,
          at: world.now(),
          kind: 'message',
          text,
          person: { name: peer, locale: 'ru' },
        },
      ]);
    for (const n of [1, 2, 3, 4, 5, 6]) await says('stuck', `stuck${n}`, `s${n}`, 'меню');
    await vi.waitFor(() => expect(hanging.length).toBe(6), soon);
    // People elsewhere are answered in the meantime, each of them, through several questions and to a ticket.
    for (const n of [1, 2, 3]) {
      await says('paper', `p${n}`, `a${n}`, 'оператор');
      await says('paper', `p${n}`, `b${n}`, `Где мой заказ ${n}?`);
    }
    const heard = () => world.channel.arrived.filter(({ peer }) => /^p\d/.test(peer));
    await vi.waitFor(() => expect(heard()).toHaveLength(6), soon);
    for (const n of [1, 2, 3]) {
      const mine = heard().filter(({ peer }) => peer === `p${n}`);
      expect(mine.map(({ message }) => /Передали/.test(message.text))).toEqual([false, true]);
    }
    await vi.waitFor(
      () => expect(world.desk.seen.filter(({ show }) => show.what === 'open')).toHaveLength(3),
      soon,
    );
    expect(hanging.length).toBe(6);
    await world.app().sweep();
    world.pass(2 * MINUTE);
    await vi.waitFor(async () => {
      await world.app().sweep();
      expect(board.told).toEqual(['⚠️ stuck: не работает. Set VK_TOKEN anew.']);
    }, soon);
    expect(performance.now() - started).toBeLessThan(30_000);
  } finally {
    hangs = false;
    for (const go of hanging) go();
    await world.stop();
  }
});
