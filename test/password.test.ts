// The console's password: made once, kept as a hash, never given back.
import { expect, it } from 'vitest';
import { adminPassword } from '../src/password.ts';
import type { Settings } from '../src/store/store.ts';

function settings(): Settings & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (name) => kept.get(name),
    once: async (name, value) => {
      if (!kept.has(name)) kept.set(name, value);
      return kept.get(name)!;
    },
    set: async (name, value) => void kept.set(name, value),
    add: async () => 0,
  };
}

it('is made once and shown once', async () => {
  const store = settings();
  const first = await adminPassword(store, undefined);
  const made = first.made ?? '';
  expect(made).toMatch(/^[\w-]{16}$/);
  expect([...store.kept.values()].join()).not.toContain(made);
  const second = await adminPassword(store, undefined);
  expect(second.made).toBeUndefined();
  expect(await second.verify(made)).toBe(true);
  expect(await second.verify(`${made}x`)).toBe(false);
  expect(await second.verify('')).toBe(false);
});

it('two first starts at once agree on one', async () => {
  const store = settings();
  const both = await Promise.all([adminPassword(store, undefined), adminPassword(store, undefined)]);
  const made = both.flatMap((one) => one.made ?? []);
  expect(made).toHaveLength(1);
  expect(await both[0]!.verify(made[0]!)).toBe(true);
  expect(await both[1]!.verify(made[0]!)).toBe(true);
});

it('given in the settings, it stands over the one that was made, whatever its letters are composed of', async () => {
  const store = settings();
  await adminPassword(store, undefined);
  const given = await adminPassword(store, 'пароль с й');
  expect(given.made).toBeUndefined();
  expect(await given.verify('пароль с й'.normalize('NFD'))).toBe(true);
  expect(await given.verify('пароль')).toBe(false);
});
