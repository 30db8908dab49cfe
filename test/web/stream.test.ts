// The live streams over a real connection: nothing missed, nothing of anybody else, and a stop that does not hang.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWebChannel } from '../../src/channels/web/adapter.ts';
import { contactIdOf } from '../../src/core/contact.ts';
import type { LiveUpdate } from '../../src/runtime/runtime.ts';
import { createWeb, type Web } from '../../src/web/server.ts';
import { createWorld, type World } from './memory.ts';

let world: World;
let web: Web;
let origin: string;

beforeEach(async () => {
  world = createWorld();
  web = await createWeb(world.deps);
  origin = await web.listen();
});
afterEach(async () => {
  await web.stop();
});

interface Frame {
  readonly event: string;
  readonly id?: string;
  readonly data: { readonly text?: string; readonly choices?: readonly unknown[] };
}

async function visitor(): Promise<{ cookie: string; contact: string }> {
  const cookie = (await fetch(origin)).headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const before = world.messages.length;
  await fetch(`${origin}/chat/events`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'first', kind: 'message', text: 'первое' }),
  });
  return { cookie, contact: world.messages[before]?.contact ?? '' };
}

/** Reads frames of a stream until the wanted many messages came. */
function listen(cookie: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const response = fetch(`${origin}/chat/stream`, {
    headers: { cookie, ...headers },
    signal: controller.signal,
  });
  const frames: Frame[] = [];
  let ended = false;
  const reading = (async () => {
    let rest = '';
    const body = (await response).body;
    if (!body) throw new Error('the stream has no body');
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const fields = Object.fromEntries(part.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (fields.event) frames.push({ ...fields, data: JSON.parse(fields.data) } as Frame);
      }
    }
    ended = true;
  })().catch(() => {
    ended = true;
  });
  const texts = () => frames.filter((it) => it.event === 'message').map((it) => it.data.text);
  return { frames, texts, ended: () => ended, close: () => controller.abort(), reading };
}

it('brings what is new, what was kept late under a lower number, and what changed', async () => {
  const { cookie, contact } = await visitor();
  const stream = listen(cookie);
  await expect.poll(stream.texts).toEqual(['первое']);
  const late = world.say(contact, { text: 'второе' });
  world.messages.splice(world.messages.indexOf(late), 1);
  world.say(contact, { text: 'третье' });
  await expect.poll(stream.texts).toContain('третье');
  world.messages.push(late);
  world.publish(`contact:${contact}`, { kind: 'message' });
  await expect.poll(stream.texts).toContain('второе');
  const at = world.messages.findIndex((message) => message.text === 'третье');
  const third = world.messages[at];
  if (third) world.messages[at] = { ...third, text: 'третье, иначе', choices: [{ id: 'a', label: 'A' }] };
  world.publish(`contact:${contact}`, { kind: 'message', id: third?.id ?? '' });
  await expect.poll(stream.texts).toContain('третье, иначе');
  world.publish(`contact:${contact}`, { kind: 'typing' });
  await expect.poll(() => stream.frames.at(-1)?.event).toBe('typing');
  expect(new Set(stream.texts()).size).toBe(stream.texts().length);
  // Back after a while, by number.
  stream.close();
  for (let n = 0; n < 300; n += 1) world.say(contact, { text: `ещё ${n}` });
  const again = listen(cookie, { 'last-event-id': '3' });
  await expect.poll(() => again.texts().filter((text) => text?.startsWith('ещё')).length).toBe(300);
  again.close();
});

it('holds nothing of another visitor, no notes and nothing gathered for operators', async () => {
  const one = await visitor();
  const two = await visitor();
  const stream = listen(one.cookie);
  await expect.poll(stream.texts).toEqual(['первое']);
  world.say(two.contact, { text: 'чужое' });
  world.say(one.contact, { text: 'заметка' }, { note: true });
  world.say(one.contact, { text: 'собранное' }, { gathered: true });
  world.say(one.contact, { text: 'своё' });
  await expect.poll(stream.texts).toEqual(['первое', 'своё']);
  // A hint that names another's message brings nothing.
  world.publish(`contact:${one.contact}`, { kind: 'message', id: `${two.contact}.1` });
  world.say(one.contact, { text: 'последнее' });
  await expect.poll(stream.texts).toEqual(['первое', 'своё', 'последнее']);
  stream.close();
});

it('ends at a stop, at once', async () => {
  const { cookie } = await visitor();
  const stream = listen(cookie);
  await expect.poll(stream.texts).toEqual(['первое']);
  const began = performance.now();
  await web.stop();
  await stream.reading;
  expect(stream.ended()).toBe(true);
  expect(performance.now() - began).toBeLessThan(2000);
});

it('is limited for one visitor', async () => {
  const { cookie } = await visitor();
  const streams = Array.from({ length: 8 }, () => listen(cookie));
  for (const stream of streams) await expect.poll(stream.texts).toEqual(['первое']);
  const ninth = await fetch(`${origin}/chat/stream`, { headers: { cookie } });
  expect(ninth.status).toBe(429);
  for (const stream of streams) stream.close();
  await expect
    .poll(async () => {
      const next = listen(cookie);
      await expect.poll(() => next.texts().length > 0 || next.ended()).toBe(true);
      next.close();
      return next.texts().length;
    })
    .toBe(1);
});

it('the channel tells the visitor’s pages and nobody else, and sends nothing itself', async () => {
  const told: [string, LiveUpdate][] = [];
  const channel = createWebChannel({ publish: (topic, update) => void told.push([topic, update]) });
  const to = { channel: 'web', account: '', peer: 'p1' };
  const topic = `contact:${contactIdOf(to)}`;
  expect(await channel.send(to, { key: 'c1.7', message: { text: 'привет' } })).toEqual({ message: 'c1.7' });
  await channel.revise?.(to, 'c1.7', 'иначе');
  await channel.typing?.(to);
  expect(told).toEqual([
    [topic, { kind: 'message' }],
    [topic, { kind: 'message', id: 'c1.7' }],
    [topic, { kind: 'typing' }],
  ]);
  expect(channel.health(0)).toEqual({ ok: true });
});
