// Who may ask: so many at once, of those who wait the newest and the oldest by turns, and none once all is over.
import { expect, test } from 'vitest';
import { createGates, type Place } from '../../src/app/gates.ts';

function enterer(gates: ReturnType<typeof createGates>) {
  const inside: string[] = [];
  const places = new Map<string, Place>();
  return {
    inside,
    enter(name: string): void {
      void gates.enter('gate').then((place) => {
        if (!place) return void inside.push(`${name} not`);
        inside.push(name);
        places.set(name, place);
      });
    },
    leave: (name: string): void => places.get(name)?.leave(),
  };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('so many at once, and nobody waits where there is room', async () => {
  const gates = createGates(2);
  const { enter, leave, inside } = enterer(gates);
  for (const name of ['a', 'b', 'c']) enter(name);
  await settle();
  expect(inside).toEqual(['a', 'b']);
  expect(gates.crowded('gate')).toBe(true);
  expect(gates.crowded('another')).toBe(false);
  leave('a');
  leave('a');
  await settle();
  expect(inside).toEqual(['a', 'b', 'c']);
  expect(gates.crowded('gate')).toBe(false);
});

test('of those who wait the newest and the oldest are let in by turns', async () => {
  const gates = createGates(1);
  const { enter, leave, inside } = enterer(gates);
  for (const name of ['first', '1', '2', '3', '4', '5']) enter(name);
  for (let round = 0; round < 5; round += 1) {
    await settle();
    leave(inside.at(-1) ?? '');
  }
  await settle();
  expect(inside).toEqual(['first', '5', '1', '4', '2', '3']);
});

test('once closed nobody is let in, and nobody waits for ever', async () => {
  const gates = createGates(1);
  const { enter, inside } = enterer(gates);
  enter('a');
  enter('b');
  await settle();
  gates.stop();
  await settle();
  enter('c');
  await settle();
  expect(inside).toEqual(['a', 'b not', 'c not']);
});
