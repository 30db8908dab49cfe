// A message that went out is not sent again because the store failed just afterwards.
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CustomerAct, InboundEvent } from '../../src/core/event.ts';
import type { Store } from '../../src/store/store.ts';
import { DESK } from '../transcript/recording-desk.ts';
import { createWorld, type Ground, layGround, type World } from '../transcript/world.ts';

const soon = { timeout: 10_000, interval: 5 };
const away = (): Error => Object.assign(new Error('the store is away'), { name: 'MongoNetworkTimeoutError' });

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
});
afterAll(() => ground.stop());

/** A store that fails so many times in a row once a message has been shown. */
async function play(
  failing: (store: Store) => object & { fail: number },
  talk: readonly ((world: World) => InboundEvent)[],
) {
  let made: { fail: number } | undefined;
  const world = await createWorld(
    ground,
    {},
    {
      store(store) {
        const port = failing(store);
        made = port as { fail: number };
        return { ...store, ...port };
      },
    },
  );
  const { channel } = world;
  const real = channel.send.bind(channel);
  let shown = 0;
  channel.send = async (to, out) => {
    const sent = await real(to, out);
    shown += 1;
    if (shown === talk.length && made) made.fail = 3;
    return sent;
  };
  try {
    for (const event of talk) {
      await world.app().intake([event(world)]);
      await vi.waitFor(() => expect(channel.arrived.length).toBeGreaterThan(0), soon);
      await world.app().idle();
    }
    await vi.waitFor(async () => {
      world.pass(3_000);
      await world.app().sweep();
      await world.app().idle();
      expect(made?.fail).toBe(0);
    }, soon);
    world.pass(60_000);
    await world.app().sweep();
    await world.app().idle();
    return channel.arrived.map(({ message }) => message.text.slice(0, 30));
  } finally {
    await world.stop();
  }
}

let count = 0;
const customer = (act: CustomerAct) => (): InboundEvent => ({
  channel: 'paper',
  account: '',
  peer: 'ivan',
  id: `w${++count}`,
  at: 0,
  ...act,
});

test('when the session cannot be written', async () => {
  const failing = (store: Store) => {
    const port = {
      fail: 0,
      sessions: {
        ...store.sessions,
        commit: async (...args: Parameters<Store['sessions']['commit']>) => {
          if (port.fail > 0) {
            port.fail -= 1;
            throw away();
          }
          return await store.sessions.commit(...args);
        },
      },
    };
    return port;
  };
  const said = await play(failing, [customer({ kind: 'start', payload: 'nps' })]);
  expect(said).toHaveLength(1);
});

test('when the links of a ticket\u2019s message cannot be written', async () => {
  const failing = (store: Store) => {
    const port = {
      fail: 0,
      records: {
        ...store.records,
        putLinks: async (...args: Parameters<Store['records']['putLinks']>) => {
          if (port.fail > 0) {
            port.fail -= 1;
            throw away();
          }
          return await store.records.putLinks(...args);
        },
      },
    };
    return port;
  };
  const said = await play(failing, [
    customer({ kind: 'message', text: 'оператор', message: 'u1' }),
    customer({ kind: 'message', text: 'Где мой заказ?', message: 'u2' }),
    ({ desk }) => ({
      kind: 'desk',
      id: `w${++count}`,
      channel: DESK,
      account: '',
      at: 0,
      operator: { id: 'op:Анна', name: 'Анна' },
      place: desk.places.at(-1)!,
      message: 'o1',
      act: 'claim',
    }),
  ]);
  expect(said).toHaveLength(3);
});
