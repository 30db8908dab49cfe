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

/** The customer has called an operator, who has taken the ticket; `links` is what the first shell's links are written by. */
async function answering(links: (real: Store['records']['putLinks']) => Store['records']['putLinks']) {
  const world = await createWorld(
    ground,
    {},
    {
      store: (store, nth) =>
        nth > 0
          ? store
          : { ...store, records: { ...store.records, putLinks: links(store.records.putLinks) } },
    },
  );
  const act = async (event: InboundEvent): Promise<void> => {
    await world.app().intake([event]);
    await world.app().idle();
  };
  const operator = (words: object): InboundEvent =>
    ({
      kind: 'desk',
      id: `w${++count}`,
      channel: DESK,
      account: '',
      at: 0,
      operator: { id: 'op:Анна', name: 'Анна' },
      place: world.desk.places.at(-1)!,
      message: `o${count}`,
      ...words,
    }) as InboundEvent;
  await act(customer({ kind: 'message', text: 'оператор', message: 'u1' })());
  await act(customer({ kind: 'message', text: 'Где мой заказ?', message: 'u2' })());
  await act(operator({ act: 'claim' }));
  return { world, act, operator };
}

test('a line is shown at the desk once, however long the store keeps its link waiting', async () => {
  let fail = 0;
  const { world, act } = await answering((real) => async (links) => {
    if (fail > 0 && links.some(({ place }) => place.startsWith(DESK))) {
      fail -= 1;
      throw away();
    }
    return await real(links);
  });
  try {
    // Longer than a fault of our own would be tried.
    fail = 4;
    await act(customer({ kind: 'message', text: 'Алло?', message: 'u3' })());
    await vi.waitFor(async () => {
      world.pass(61_000);
      await world.app().sweep();
      await world.app().idle();
      expect(fail).toBe(0);
    }, soon);
    world.pass(61_000);
    await world.app().sweep();
    await world.app().idle();
    const lines = world.desk.seen.filter(({ message }) => message?.text === 'Алло?');
    expect(lines).toHaveLength(1);
    const [line] = lines;
    expect(await world.store.records.linksOf(line!.place, line!.message!.id)).toEqual([line!.id]);
  } finally {
    await world.stop();
  }
});

test('an operator\u2019s word that is there is not sent again by a program that begins before it is written down', async () => {
  let fail = false;
  const { world, operator } = await answering((real) => async (links) => {
    if (fail && links.some(({ place }) => place.startsWith('paper'))) throw away();
    return await real(links);
  });
  try {
    fail = true;
    await world.app().intake([operator({ act: 'write', text: 'Уже едет' })]);
    await vi.waitFor(() => expect(world.channel.arrived.at(-1)?.message.text).toContain('Уже едет'), soon);
    await world.restart();
    world.pass(61_000);
    await world.app().sweep();
    await world.app().idle();
    const words = world.channel.arrived.filter(({ message }) => message.text.includes('Уже едет'));
    expect(words).toHaveLength(1);
    const told = world.desk.seen.filter(
      ({ show }) => show.what === 'notice' && show.text.includes('Уже едет'),
    );
    expect(told).toHaveLength(1);
  } finally {
    await world.stop();
  }
});
