// Joining, parting and adding from another chat, cut off by the end of the process wherever it hurts: nothing is lost,
// nothing is done or told twice.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { contactIdOf } from '../../src/core/contact.ts';
import type { CustomerAct, InboundEvent } from '../../src/core/event.ts';
import type { Store } from '../../src/store/store.ts';
import { createWorld, type Ground, layGround, type World } from '../transcript/world.ts';

const soon = { timeout: 10_000, interval: 5 };

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
});
afterAll(() => ground.stop());

/** A call of the store at which the process ends: just before it is done, or when it is done and nobody knows. */
interface End {
  readonly call: string;
  readonly at: 'before' | 'after';
  /** `told`: the contacts were told of something already. */
  readonly when?: (args: readonly unknown[], told: boolean) => boolean;
}

const gone = (): Error =>
  Object.assign(new Error('the process is at its end'), { name: 'MongoNetworkError' });

/** The store as a process sees it that ends at that call: after it nothing is answered any more. */
function ending(
  store: Store,
  end: () => (End & { readonly told: boolean }) | undefined,
  seen: (events: readonly InboundEvent[]) => void,
  ended: () => void,
): Store {
  let dead = false;
  const die = (): never => {
    dead = true;
    ended();
    throw gone();
  };
  const watched = <T extends object>(name: string, port: T): T =>
    new Proxy(port, {
      get(target, method: string) {
        const real = (target as Record<string, unknown>)[method];
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]) => {
          if (dead) throw gone();
          const plan = end();
          const here = plan?.call === `${name}.${method}` && (plan.when?.(args, plan.told) ?? true);
          if (here && plan?.at === 'before') die();
          const result: unknown = await real.apply(target, args);
          if (name === 'journal' && method === 'insert') seen(args[0] as readonly InboundEvent[]);
          return here ? die() : result;
        };
      },
    });
  return {
    ...store,
    journal: watched('journal', store.journal),
    sessions: watched('sessions', store.sessions),
    customers: watched('customers', store.customers),
  };
}

const told = ([events]: readonly unknown[]): boolean =>
  (events as readonly InboundEvent[]).some(({ channel }) => channel === 'joining');
/** The outbox is written without the entry that was done. */
const taken = ([session]: readonly unknown[], told: boolean): boolean => {
  const { outbox } = session as { outbox: readonly { lane: string }[] };
  return told && outbox.every(({ lane }) => lane !== 'join');
};

const ENDS = (call: string): readonly (readonly [string, End])[] => [
  ['before it is done', { call, at: 'before' }],
  ['when it is done and nobody knows', { call, at: 'after' }],
  ['before anybody is told', { call: 'journal.insert', at: 'before', when: told }],
  ['when all are told and nobody knows', { call: 'journal.insert', at: 'after', when: told }],
  ['before it is written down as done', { call: 'sessions.commit', at: 'before', when: taken }],
];

interface House {
  readonly world: World;
  readonly events: InboundEvent[];
  /** The process ends there, the next time. */
  end(plan: End | undefined): void;
  does(channel: string, act: CustomerAct): Promise<void>;
  says(channel: string, text: string): Promise<void>;
  press(channel: string, label: string): Promise<void>;
  /** Texts that arrived in the chat on that channel. */
  heard(channel: string): readonly string[];
  /** How many sends said so there; copies of one, whose first may have been lost, count once. */
  times(channel: string, words: string): number;
  contact(channel: string): string;
}

async function createHouse(): Promise<House> {
  let plan: End | undefined;
  let wereTold = false;
  let count = 0;
  const events: InboundEvent[] = [];
  const world = await createWorld(
    ground,
    {},
    {
      store: (store) =>
        ending(
          store,
          () => plan && { ...plan, told: wereTold },
          (came) => {
            events.push(...came);
            if (told([came])) wereTold = true;
          },
          () => {
            plan = undefined;
          },
        ),
    },
  );
  const address = (channel: string) => ({ channel, account: '', peer: `one@${channel}` });
  const mine = (channel: string) => world.channel.arrived.filter(({ peer }) => peer === `one@${channel}`);
  const house: House = {
    world,
    events,
    end(next) {
      plan = next;
      wereTold = false;
    },
    async does(channel, act) {
      count += 1;
      await world.app().intake([
        {
          ...address(channel),
          id: `e${count}`,
          at: world.now(),
          person: { name: 'Иван', locale: 'ru' },
          ...act,
        },
      ]);
      // A process that is to end has done so; any other has nothing more to do.
      if (plan) await vi.waitFor(() => expect(plan).toBeUndefined(), soon);
      else await world.app().idle();
    },
    says: (channel, text) => house.does(channel, { kind: 'message', text, message: `u${count + 1}` }),
    async press(channel, label) {
      const under = mine(channel).findLast(({ choices }) => choices.some((one) => one.label.includes(label)));
      const button = under?.choices.find((one) => one.label.includes(label));
      if (!under || !button) throw new Error(`there is no button ${label}`);
      await house.does(channel, { kind: 'press', button: button.id, message: under.id });
    },
    heard: (channel) => mine(channel).map(({ message }) => message.text),
    times: (channel, words) =>
      new Set(mine(channel).flatMap(({ key, message }) => (message.text.includes(words) ? key : []))).size,
    contact: (channel) => contactIdOf(address(channel)),
  };
  return house;
}

async function join(house: House, end?: End): Promise<void> {
  await house.says('radio', '/join');
  const code = /\/join (\S+)/.exec(house.heard('radio').at(-1) ?? '')?.[1];
  house.end(end);
  await house.says('paper', `/join ${code}`);
}

/** Begins again over what is there, as after a crash, and lets it come to rest. */
async function beginAgain(house: House): Promise<void> {
  house.end(undefined);
  await house.world.restart();
  await house.world.app().idle();
}

describe('the process ends', () => {
  test.each(ENDS('customers.join'))('at a join, %s', async (_when, end) => {
    const house = await createHouse();
    try {
      await join(house, end);
      await beginAgain(house);
      for (const channel of ['radio', 'paper']) expect(house.times(channel, 'Чаты связаны')).toBe(1);
      const { customers } = house.world.store;
      const [radio, paper] = ['radio', 'paper'].map((channel) => ({
        contact: house.contact(channel),
        channel,
      }));
      expect(await customers.joinedWith(radio!.contact)).toEqual([paper]);
      expect(await customers.joinedWith(paper!.contact)).toEqual([radio]);
    } finally {
      await house.world.stop();
    }
  });

  test.each(ENDS('customers.part'))('at a parting, %s', async (_when, end) => {
    const house = await createHouse();
    try {
      await join(house);
      house.end(end);
      await house.says('paper', '/unjoin');
      await beginAgain(house);
      expect(house.times('paper', 'Этот чат отделён')).toBe(1);
      expect(house.times('radio', 'Отделён ваш чат: paper')).toBe(1);
      for (const channel of ['radio', 'paper'])
        expect(await house.world.store.customers.joinedWith(house.contact(channel))).toEqual([]);
    } finally {
      await house.world.stop();
    }
  });

  test.each(ENDS('').slice(2))('at words for the other chat’s ticket, %s', async (_when, end) => {
    const house = await createHouse();
    try {
      await house.says('radio', 'оператор');
      await house.says('radio', 'Где мой заказ?');
      await join(house);
      await house.says('paper', '/status');
      await house.press('paper', 'Где мой заказ');
      await house.press('paper', 'Добавить');
      await house.says('paper', 'Заказ на имя Ивана');
      house.end(end);
      await house.press('paper', 'Пропустить');
      await beginAgain(house);
      const [ticket] = await house.world.store.records.ticketsOf(house.contact('radio'));
      const messages = await house.world.store.records.ticketMessages(ticket?.id ?? '');
      expect(messages.filter(({ text }) => text === 'Заказ на имя Ивана')).toHaveLength(1);
      const lines = house.world.desk.seen.filter(({ message }) => message?.text === 'Заказ на имя Ивана');
      expect(lines).toHaveLength(1);
      expect(house.times('paper', 'Добавили к обращению')).toBe(1);
    } finally {
      await house.world.stop();
    }
  });
});

test('what became of a join, told again, changes nothing and is not said again', async () => {
  const house = await createHouse();
  try {
    await join(house);
    const { customers, sessions } = house.world.store;
    const state = async () => ({
      joined: await customers.joinedWith(house.contact('radio')),
      said: house.world.channel.arrived.length,
      versions: [
        (await sessions.load(house.contact('radio')))?.v,
        (await sessions.load(house.contact('paper')))?.v,
      ],
    });
    const before = await state();
    const again = house.events.filter(({ channel }) => channel === 'joining');
    expect(again).toHaveLength(2);
    await house.world.app().intake(again);
    await house.world.app().idle();
    expect(await state()).toEqual(before);
    await beginAgain(house);
    await house.world.app().intake(again);
    await house.world.app().idle();
    expect(await state()).toEqual(before);
  } finally {
    await house.world.stop();
  }
});

test('no session keeps the code once it was shown, nor once it was typed', async () => {
  const house = await createHouse();
  try {
    await house.says('radio', '/join');
    const code = /\/join (\S+)/.exec(house.heard('radio').at(-1) ?? '')?.[1] ?? '';
    const { sessions } = house.world.store;
    expect(JSON.stringify(await sessions.load(house.contact('radio')))).not.toContain(code.slice(0, 4));
    await house.says('paper', `/join ${code}`);
    expect(JSON.stringify(await sessions.load(house.contact('paper')))).not.toContain(code.slice(0, 4));
  } finally {
    await house.world.stop();
  }
});

test('nobody gets past the limit of guesses by being quick', async () => {
  const house = await createHouse();
  try {
    const guesses = Array.from('234567892', (sign, n) => ({
      channel: 'radio',
      account: '',
      peer: 'one@radio',
      id: `guess${n}`,
      at: house.world.now(),
      kind: 'message' as const,
      text: `/join AAAA-222${sign}`,
    }));
    await house.world.app().intake(guesses);
    await house.world.app().idle();
    expect(house.times('radio', 'Такого кода нет')).toBe(5);
    expect(house.times('radio', 'Слишком много')).toBe(4);
  } finally {
    await house.world.stop();
  }
});

test('somebody who was erased in the meantime is joined with nobody, and holds up nobody', async () => {
  const house = await createHouse();
  try {
    await join(house);
    const { customers } = house.world.store;
    await customers.forget(house.contact('radio'));
    expect(await customers.joinedWith(house.contact('paper'))).toEqual([]);
    await house.says('paper', '/unjoin');
    expect(house.heard('paper').at(-1)).toContain('не связан ни с каким другим');
    await house.says('paper', '/status');
    expect(house.heard('paper').at(-1)).toContain('Обращений у вас пока нет');
    await house.world.app().intake([
      {
        id: 'late',
        channel: 'joining',
        account: '',
        at: house.world.now(),
        kind: 'joining',
        contact: 'cNobody',
        outcome: 'left',
        others: ['paper'],
      },
    ]);
    await house.world.app().idle();
    expect(await house.world.store.journal.parked()).toEqual([]);
  } finally {
    await house.world.stop();
  }
});
