// The plan of faults in VK's stand-in: each kind does what it says, and the ledger tells the truth of it.
import { expect, test } from 'vitest';
import { startBoth } from './both.ts';

test('every code of VK can be given, by method, person, number and chance', async () => {
  const { vk, codeOf, call, send } = await startBoth();
  const [anna, boris] = [vk.person(), vk.person()];
  anna.say('1');
  boris.say('1');
  const codes = [1, 5, 6, 7, 9, 10, 14, 15, 27, 29, 100, 900, 901, 902, 909, 910, 911, 912, 914, 917, 950];
  for (const code of codes) {
    const rule = vk.faults.add({ when: { method: 'messages.send' }, do: 'refuse', code, times: 1 });
    expect(await codeOf(send(anna.id, 'x'))).toBe(code);
    expect(rule.fired).toBe(1);
  }
  expect(anna.seen()).toHaveLength(1);
  expect(vk.violations).toEqual([]);
  vk.faults.clear();

  vk.faults.add({ when: { peer: boris.id }, do: 'refuse', code: 9 });
  expect(await codeOf(send(boris.id, 'x'))).toBe(9);
  expect(await codeOf(send(anna.id, 'x'))).toBe(0);
  expect(await codeOf(call('messages.send', { peer_ids: boris.id, message: 'x', random_id: 900 }))).toBe(9);
  vk.faults.clear();
  vk.faults.add({ when: { method: 'users.get', nth: 2 }, do: 'refuse' });
  expect([await codeOf(call('users.get')), await codeOf(call('users.get'))]).toEqual([0, 10]);
});

test('an answer that is lost, late, broken or never given', async () => {
  const { vk, call, codeOf } = await startBoth();
  const anna = vk.person();
  anna.say('1');
  const send = (random_id: number) =>
    codeOf(call('messages.send', { peer_id: anna.id, message: `${random_id}`, random_id }));
  const faults = ['drop-before', 'effect-then-drop', '500', 'garbage'] as const;
  for (const [index, kind] of faults.entries()) {
    vk.faults.add({ when: { method: 'messages.send' }, do: kind, times: 1 });
    expect(await send(index + 1)).toBe(-1);
    const request = vk.requests.at(-1);
    expect([request?.fault, request?.effect]).toEqual([kind, index === 1 || index === 3]);
  }
  const shown = () => anna.seen().flatMap((one) => (one.byBot ? [one.text] : []));
  expect(shown()).toEqual(['2', '4']);
  for (const id of [1, 2, 3, 4]) expect(await send(id)).toBe(0);
  expect(shown()).toEqual(['2', '4', '1', '3']);
  vk.faults.add({ when: { method: 'messages.send' }, do: 'hang', ms: 50, times: 1 });
  const began = performance.now();
  expect(await send(5)).toBe(0);
  expect(performance.now() - began).toBeGreaterThan(40);
  expect(vk.requests.at(-1)?.answered).toBe(200);
  expect(vk.violations).toEqual([]);
});

test('a storm refuses everything but polls for a while; nobody is told how long', async () => {
  let shift = 0;
  const { vk, codeOf, call, poll } = await startBoth({ now: () => Date.now() + shift });
  const poller = await poll();
  vk.faults.storm(60_000, 5);
  expect(await codeOf(call('users.get'))).toBe(6);
  expect(await poller.next()).toMatchObject({ updates: [] });
  shift = 60_001;
  expect(await codeOf(call('users.get'))).toBe(0);
});

test('a server that is down, and back at the same address', async () => {
  const { vk, codeOf, call, poll } = await startBoth();
  const anna = vk.person();
  const poller = await poll();
  const waiting = poller.next(90).catch(() => 'cut off');
  await vk.until(() => vk.polls.at(-1), 5000, 'a poll');
  await vk.down();
  expect(await waiting).toBe('cut off');
  await expect(call('users.get')).rejects.toThrow();
  anna.say('пока вас не было');
  await vk.up();
  expect(await codeOf(call('users.get'))).toBe(0);
  expect(await poller.all()).toHaveLength(1);
});
