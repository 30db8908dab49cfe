// The in-process runtime: the common contract, and what only a clock of the test's own can show.
import { describe, expect, test, vi } from 'vitest';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import { runtimeConformance } from './conformance.ts';

runtimeConformance('the local runtime', async () => {
  const runtime = createLocalRuntime(Date.now);
  return { runtime, other: runtime, stop: () => runtime.stop() };
});

describe('the local runtime', () => {
  test('a bucket refills by the monotonic clock, whatever the wall clock does', async () => {
    let wall = 1_000_000;
    let mono = 0;
    const runtime = createLocalRuntime(
      () => wall,
      () => mono,
    );
    const rate = { count: 30, per: 1000, burst: 2 };
    expect([await runtime.budget('a', rate), await runtime.budget('a', rate)]).toEqual([0, 0]);
    expect(await runtime.budget('a', rate)).toBe(34);
    wall += 3_600_000;
    expect(await runtime.budget('a', rate)).toBe(34);
    mono += 34;
    expect(await runtime.budget('a', rate)).toBe(0);
    await runtime.pause('a', wall + 5_000);
    mono += 4_999;
    expect(await runtime.budget('a', rate)).toBe(1);
    mono += 1;
    expect([await runtime.budget('a', rate), await runtime.budget('a', rate)]).toEqual([0, 0]);
    expect(await runtime.budget('a', rate)).toBeGreaterThan(0);
    await runtime.stop();
  });

  test('over a long time no more is given than the rate allows', async () => {
    let mono = 0;
    const runtime = createLocalRuntime(Date.now, () => mono);
    const rate = { count: 20, per: 60_000, burst: 20 };
    let given = 0;
    while (mono < 600_000) {
      const wait = await runtime.budget('group', rate);
      if (wait === 0) given++;
      else mono += wait;
    }
    expect(given).toBeGreaterThanOrEqual(219);
    expect(given).toBeLessThanOrEqual(221);
    await runtime.stop();
  });

  test('buckets of many chats are forgotten once full, and a pause is not', async () => {
    let mono = 0;
    const runtime = createLocalRuntime(
      () => mono,
      () => mono,
    );
    const rate = { count: 1, per: 1000, burst: 1 };
    await runtime.budget('slow', { count: 1, per: 1_000_000, burst: 1 });
    await runtime.pause('held', 900_000);
    for (let chat = 0; chat < 5_000; chat++) {
      mono += 10;
      expect(await runtime.budget(`chat${chat}`, rate)).toBe(0);
    }
    expect(await runtime.budget('slow', { count: 1, per: 1_000_000, burst: 1 })).toBeGreaterThan(900_000);
    expect(await runtime.budget('held', rate)).toBe(850_000);
    await runtime.stop();
  });

  test('ten thousand alarms ring in the order they are due', async () => {
    let now = 0;
    const runtime = createLocalRuntime(() => now);
    const rung: number[] = [];
    for (let i = 0; i < 10_000; i++) runtime.alarm(String((i * 7919) % 10_000), 1 + ((i * 7919) % 10_000));
    now = 20_000;
    runtime.onAlarm((contact) => rung.push(Number(contact)));
    await vi.waitFor(() => expect(rung).toHaveLength(10_000));
    expect(rung).toEqual([...rung].sort((a, b) => a - b));
    await runtime.stop();
  });

  test('wakes asked for before anyone handles them are kept', async () => {
    const runtime = createLocalRuntime(Date.now);
    runtime.wake('a');
    const woken: string[] = [];
    runtime.onWake((line) => void woken.push(line));
    await vi.waitFor(() => expect(woken).toEqual(['a']));
    await runtime.stop();
  });
});
