// What every runtime must do, in one process or over many: used by each implementation's own test file.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LiveUpdate, Runtime } from '../../src/runtime/runtime.ts';

export interface RuntimeHarness {
  readonly runtime: Runtime;
  /** Another one over the same coordination: a second worker, or the same runtime where there is one only. */
  readonly other: Runtime;
  stop(): Promise<void>;
}

const soon = { timeout: 5_000, interval: 5 };

export function runtimeConformance(name: string, make: () => Promise<RuntimeHarness>): void {
  describe(`${name} keeps the runtime's contract`, () => {
    let harness: RuntimeHarness;
    beforeEach(async () => {
      harness = await make();
    });
    afterEach(() => harness.stop());
    const never = () => new AbortController().signal;

    test('wakes of one line before its turn are one', async () => {
      const { runtime } = harness;
      const woken: string[] = [];
      runtime.onWake((line) => void woken.push(line));
      for (let i = 0; i < 5; i++) runtime.wake('a');
      runtime.wake('b');
      await vi.waitFor(() => expect([...woken].sort()).toEqual(['a', 'b']), soon);
    });

    test('a wake while the line is handled brings another round', async () => {
      const { runtime } = harness;
      let rounds = 0;
      runtime.onWake(() => {
        if (++rounds === 1) runtime.wake('a');
      });
      runtime.wake('a');
      await vi.waitFor(() => expect(rounds).toBe(2), soon);
    });

    test('an alarm rings once, not early, and an earlier one wins', async () => {
      const { runtime } = harness;
      const rung: { contact: string; at: number }[] = [];
      runtime.onAlarm((contact) => rung.push({ contact, at: Date.now() }));
      const base = Date.now();
      runtime.alarm('late', base + 3_600_000);
      runtime.alarm('c', base + 120);
      runtime.alarm('c', base + 60);
      runtime.alarm('c', base + 200);
      runtime.alarm('past', base - 1_000);
      runtime.alarm('end', base + 300);
      await vi.waitFor(() => expect(rung.map((one) => one.contact)).toEqual(['past', 'c', 'end']), soon);
      expect(rung[1]?.at).toBeGreaterThanOrEqual(base + 60);
      expect(rung[2]?.at).toBeGreaterThanOrEqual(base + 300);
    });

    test('a lease has one holder, passes on, and its tokens grow', async () => {
      const { runtime, other } = harness;
      const first = await runtime.lease('poll', never());
      const order: string[] = [];
      const second = other.lease('poll', never()).then((lease) => {
        order.push('second holds');
        return lease;
      });
      const free = await other.lease('another', never());
      order.push('released');
      await first.release();
      const taken = await second;
      expect(order).toEqual(['released', 'second holds']);
      expect(taken.token).toBeGreaterThan(first.token);
      await first.release();
      await taken.release();
      await free.release();
      const third = await runtime.lease('poll', never());
      expect(third.token).toBeGreaterThan(taken.token);
      await third.release();
    });

    test('who gives up waiting for a lease is not given it', async () => {
      const { runtime, other } = harness;
      const held = await runtime.lease('poll', never());
      const giveUp = new AbortController();
      const waiting = other.lease('poll', giveUp.signal);
      const patient = other.lease('poll', never());
      giveUp.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      await expect(other.lease('poll', AbortSignal.abort(new Error('at once')))).rejects.toThrow('at once');
      await held.release();
      await (await patient).release();
    });

    test('a budget gives its burst, then says how long to wait, and takes nothing meanwhile', async () => {
      const { runtime, other } = harness;
      const rate = { count: 1, per: 60_000, burst: 3 };
      expect(await runtime.budget('chat', rate)).toBe(0);
      expect(await other.budget('chat', rate)).toBe(0);
      expect(await runtime.budget('chat', rate)).toBe(0);
      const wait = await runtime.budget('chat', rate);
      expect(wait).toBeGreaterThan(50_000);
      expect(wait).toBeLessThanOrEqual(60_000);
      expect(await other.budget('chat', rate)).toBeLessThanOrEqual(wait);
      expect(await runtime.budget('another', rate)).toBe(0);
    });

    test('a budget fills up again', async () => {
      const { runtime } = harness;
      const rate = { count: 1, per: 50, burst: 1 };
      expect(await runtime.budget('chat', rate)).toBe(0);
      expect(await runtime.budget('chat', rate)).toBeGreaterThan(0);
      await vi.waitFor(async () => expect(await runtime.budget('chat', rate)).toBe(0), soon);
    });

    test('a pause holds for everyone, and a shorter one does not end it', async () => {
      const { runtime, other } = harness;
      const rate = { count: 1000, per: 1, burst: 1000 };
      const until = Date.now() + 30_000;
      await runtime.pause('chat', until);
      await runtime.pause('chat', Date.now() + 10);
      const wait = await other.budget('chat', rate);
      expect(wait).toBeGreaterThan(25_000);
      expect(wait).toBeLessThanOrEqual(30_100);
    });

    test('updates reach who listens to the topic, until they end it', async () => {
      const { runtime, other } = harness;
      const heard: LiveUpdate[] = [];
      const last: LiveUpdate[] = [];
      const end = runtime.subscribe('contact:1', (data) => heard.push(data));
      runtime.subscribe('contact:2', (data) => last.push(data));
      other.publish('contact:1', { kind: 'message', seq: 4 });
      await vi.waitFor(() => expect(heard).toEqual([{ kind: 'message', seq: 4 }]), soon);
      end();
      other.publish('contact:1', { kind: 'message', seq: 5 });
      other.publish('contact:2', { kind: 'typing' });
      await vi.waitFor(() => expect(last).toEqual([{ kind: 'typing' }]), soon);
      expect(heard).toHaveLength(1);
    });

    test('stop ends leases held and refuses those awaited', async () => {
      const { runtime } = harness;
      const held = await runtime.lease('poll', never());
      const refused = expect(runtime.lease('poll', never())).rejects.toThrow();
      await runtime.stop();
      await held.lost;
      await refused;
    });
  });
}
