// What processes share cannot be reached, or answers late, or many want the same limit's next place: what was sent is
// written down all the same, what is decided meanwhile is sent at once, and who asks in vain does not ask without end.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { contactIdOf } from '../../src/core/contact.ts';
import type { CustomerAct, InboundEvent } from '../../src/core/event.ts';
import { RuntimeUnreachable } from '../../src/runtime/redis/connect.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { CHANNEL } from '../transcript/recording-channel.ts';
import { createWorld, type Ground, layGround, type World } from '../transcript/world.ts';

const soon = { timeout: 10_000, interval: 5 };

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
});
afterAll(() => ground.stop());

let count = 0;
const from = (peer: string, act: CustomerAct): InboundEvent => {
  count += 1;
  return { channel: CHANNEL, account: '', peer, id: `a${count}`, at: 0, ...act };
};
const idOf = (peer: string): string => contactIdOf({ channel: CHANNEL, account: '', peer });

const worldOf = (change: (local: Runtime) => Partial<Runtime>): Promise<World> =>
  createWorld(ground, {}, { runtime: (local) => ({ ...local, shared: true, ...change(local) }) });

test('what was sent as Redis went is written down without it, and not sent again', async () => {
  let away = false;
  const world = await worldOf((local) => ({
    async claim(name) {
      if (away && name.startsWith('contact:')) throw new RuntimeUnreachable(new Error('gone'));
      return await local.claim(name);
    },
  }));
  const { channel } = world;
  const real = channel.send.bind(channel);
  channel.send = async (to, out) => {
    const sent = await real(to, out);
    away = true;
    return sent;
  };
  try {
    await world.app().intake([from('ivan', { kind: 'start', payload: 'nps' })]);
    await vi.waitFor(() => expect(channel.arrived).toHaveLength(1), soon);
    const left = async () => (await world.store.sessions.load(idOf('ivan')))?.outbox;
    await vi.waitFor(async () => expect(await left()).toEqual([]), soon);
  } finally {
    await world.stop();
  }
});

test('what is decided after a lane was looked at for the last time does not wait for the sweep', async () => {
  const letGo = Promise.withResolvers<void>();
  let looked = 0;
  const world = await worldOf((local) => ({
    async claim(name) {
      const claim = await local.claim(name);
      if (!claim || !name.endsWith(' contact') || ++looked > 1) return claim;
      return { ...claim, release: () => letGo.promise };
    },
  }));
  const { channel } = world;
  try {
    await world.app().intake([from('anna', { kind: 'start', payload: 'nps' })]);
    await vi.waitFor(() => expect(channel.arrived).toHaveLength(1), soon);
    await world.app().intake([from('anna', { kind: 'message', text: '9' })]);
    await vi.waitFor(async () => {
      const session = await world.store.sessions.load(idOf('anna'));
      expect(session?.outbox.map(({ lane }) => lane)).toContain('contact');
    }, soon);
    letGo.resolve();
    await vi.waitFor(() => expect(channel.arrived.length).toBeGreaterThan(1), soon);
  } finally {
    letGo.resolve();
    await world.stop();
  }
});

test('many who wait for one limit ask a few at a time, and all are served', async () => {
  const people = Array.from({ length: 40 }, (_, index) => `person${index}`);
  const taken: string[] = [];
  const world = await worldOf((local) => ({
    async claim(name) {
      if (name.startsWith('lane:')) taken.push(name);
      return await local.claim(name);
    },
  }));
  const { channel } = world;
  Object.assign(channel.abilities, { rates: { account: { count: 1, per: 40, burst: 1 } } });
  try {
    await world.app().intake(people.map((peer) => from(peer, { kind: 'start', payload: 'nps' })));
    await vi.waitFor(() => expect(channel.arrived).toHaveLength(people.length), soon);
    await world.app().idle();
    expect(new Set(channel.arrived.map(({ peer }) => peer)).size).toBe(people.length);
    // Who is told to wait does so where it stands.
    expect(taken.length).toBeLessThanOrEqual(people.length * 2);
  } finally {
    await world.stop();
  }
});
