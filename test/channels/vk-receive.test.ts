// What happens to people's words when VK, the network or this program fails on the way, and to ours when an answer is
// lost: nothing is lost and nothing is seen twice.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { randomIdOf } from '../../src/channels/vk/random-id.ts';
import { createLocalRuntime } from '../../src/runtime/local.ts';
import { PNG } from '../standins/vk/both.ts';
import { startVk, type VkOptions, type VkStandIn } from '../standins/vk/vk.ts';
import { createSettings, ofKind, setUp, type VkSet, type VkSetOptions } from './vk-set.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-vk-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const soon = { timeout: 10_000, interval: 10 };
const GROUP_SECRET = 'secret-of-the-callback';

/** A network of its own for a test, with as many processes on it as wanted. */
async function network(options: VkOptions = {}) {
  const vk = await startVk({ secondMs: 20, ...options });
  const settings = createSettings();
  onTestFinished(async () => {
    await vk.stop();
    expect(vk.violations).toEqual([]);
  });
  /** A process of the program, receiving. */
  async function run(more: Partial<VkSetOptions> = {}): Promise<VkSet> {
    const set = await setUp({ dir, vk, settings, ...more });
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= set.stop();
      return stopped;
    };
    onTestFinished(stop);
    await set.start();
    return { ...set, stop };
  }
  return { vk, settings, run };
}

const receiving = (set: VkSet) =>
  vi.waitFor(() => expect(set.channel.health(Date.now())).toEqual({ ok: true }), soon);
const texts = (set: VkSet) => ofKind(set.events, 'message').map((event) => event.text);
const said = (set: VkSet, ...wanted: string[]) => vi.waitFor(() => expect(texts(set)).toEqual(wanted), soon);

describe('receiving by long poll', () => {
  test('what happened while nobody listened comes in order with the next start, each once', async () => {
    const { vk, run } = await network();
    const first = await run();
    await receiving(first);
    const person = vk.person();
    const hello = person.say('hello');
    await said(first, 'hello');
    const { message } = await first.channel.send(first.address(person), {
      key: 'q',
      message: { text: 'Ну?', choices: [{ id: 'r1.1.a', label: 'Да' }] },
    });
    await first.stop();
    person.press('Да');
    person.say('one');
    person.edit(hello.id, 'hello there');
    person.say('two');
    person.block();
    const second = await run();
    await vi.waitFor(() => expect(second.events.some((event) => event.kind === 'reach')).toBe(true), soon);
    expect(second.events.map((event) => event.kind)).toEqual([
      'press',
      'message',
      'edit',
      'message',
      'reach',
    ]);
    expect(second.events[0]).toMatchObject({ button: 'r1.1.a', message });
    // Reading back the dialogues found nothing more, and said it under the same ids.
    await vi.waitFor(
      () => expect(second.given.filter((event) => event.id.startsWith('m:')).length).toBeGreaterThan(2),
      soon,
    );
    const known = new Set(first.events.map((event) => event.id));
    const news = second.events.filter((event) => event.kind === 'message' && !known.has(event.id));
    expect(news).toMatchObject([{ text: 'one' }, { text: 'two' }]);
  });

  test('what was said while the very first start failed is not lost, and nothing older is answered', async () => {
    let ago = 60_000;
    const { vk, run } = await network({ now: () => Date.now() - ago });
    vk.person().say('to a human, before');
    ago = 0;
    const down = vk.faults.add({ when: { method: 'groups.getLongPollServer' }, do: '500' });
    const first = await run();
    await vi.waitFor(() => expect(down.fired).toBeGreaterThan(1), soon);
    vk.person().say('one');
    await first.stop();
    down.remove();
    const second = await run();
    await said(second, 'one');
    await receiving(second);
    expect(texts(second)).toEqual(['one']);
  });

  test('failed 1: what VK has lost is read back from the dialogues before anything newer', async () => {
    const { vk, run } = await network();
    const first = await run();
    await receiving(first);
    const [anna, boris] = [vk.person(), vk.person()];
    anna.say('hello');
    await said(first, 'hello');
    await first.stop();
    anna.say('one');
    boris.start('nps');
    anna.say('two');
    vk.admin().reply(anna.id, 'a human answer');
    vk.longPoll.fail(1);
    const second = await run();
    await vi.waitFor(() => expect(ofKind(second.events, 'outside')).toHaveLength(1), soon);
    await receiving(second);
    anna.say('three');
    await vi.waitFor(() => expect(texts(second)).toContain('three'), soon);
    expect(texts(second).filter((text) => text !== 'hello')).toEqual(['one', 'two', 'three']);
    expect(ofKind(second.events, 'start')).toMatchObject([{ payload: 'nps', peer: String(boris.id) }]);
  });

  test('a dialogue VK does not show hides no other, and a key that may not read hears all the same', async () => {
    const { vk, run } = await network();
    const first = await run();
    await receiving(first);
    const [anna, boris] = [vk.person(), vk.person()];
    await first.stop();
    anna.say('unseen');
    boris.say('one');
    vk.longPoll.fail(1);
    vk.faults.add({ when: { method: 'messages.getHistory', peer: anna.id }, do: 'refuse', code: 936 });
    const second = await run();
    await said(second, 'one');
    await receiving(second);
    await second.stop();
    vk.faults.add({ when: { method: 'messages.getConversations' }, do: 'refuse', code: 15 });
    vk.longPoll.fail(1);
    const third = await run({ pace: { watch: 0 } });
    await receiving(third);
    boris.say('two');
    await said(third, 'two');
    expect(third.log.told.some((one) => /cannot be read back/.test(one.text))).toBe(true);
  });

  test('failed 2: a new key, the same place; an event between the two is not lost', async () => {
    const { vk, run } = await network();
    const set = await run();
    await receiving(set);
    const person = vk.person();
    person.say('one');
    await said(set, 'one');
    const opened = () => vk.requests.filter((one) => one.method === 'groups.getLongPollServer').length;
    const before = opened();
    vk.faults.add({ when: { method: 'groups.getLongPollServer' }, do: '500', times: 2 });
    vk.longPoll.expireKeys();
    person.say('two');
    person.say('three');
    await said(set, 'one', 'two', 'three');
    expect(opened()).toBeGreaterThan(before);
    expect(
      vk.requests.filter((one) => one.method === 'messages.getHistory' && one.answered).length,
    ).toBeLessThan(3);
  });

  test.each([undefined, 1])('failed 3, its numbers beginning anew from %s: nothing is lost', async (ts) => {
    const { vk, run } = await network({ firstTs: 5_000 });
    const set = await run();
    await receiving(set);
    const person = vk.person();
    person.say('one');
    await said(set, 'one');
    await set.stop();
    person.say('two');
    vk.longPoll.fail(3, ts);
    const next = await run();
    await vi.waitFor(() => expect(texts(next)).toContain('two'), soon);
    person.say('three');
    await vi.waitFor(() => expect(texts(next)).toContain('three'), soon);
    expect(texts(next).filter((text) => text !== 'one')).toEqual(['two', 'three']);
  });

  test('a server that answers and tells nothing is found out, and what it kept back is read', async () => {
    const { vk, run } = await network();
    const set = await run({ pace: { watch: 50, grace: 0 } });
    await receiving(set);
    const person = vk.person();
    person.say('heard');
    await said(set, 'heard');
    vk.longPoll.deafen();
    person.say('unheard');
    await said(set, 'heard', 'unheard');
    expect(set.log.told.some((one) => one.level === 'error' && /told nothing/.test(one.text))).toBe(true);
    person.say('heard again');
    await said(set, 'heard', 'unheard', 'heard again');
  });

  test('the session is opened anew from time to time, and nothing falls between two', async () => {
    const { vk, run } = await network();
    const set = await run({ pace: { renew: 0 } });
    await receiving(set);
    const person = vk.person();
    const words = Array.from({ length: 12 }, (_, count) => `word ${count}`);
    for (const [count, word] of words.entries()) {
      person.say(word);
      if (count % 3 === 0) await vi.waitFor(() => expect(texts(set)).toContain(word), soon);
    }
    await said(set, ...words);
    const opened = vk.requests.filter((one) => one.method === 'groups.getLongPollServer');
    expect(opened.length).toBeGreaterThan(4);
  });

  test('an event that comes twice and one that is overtaken have their own ids still', async () => {
    const { vk, run } = await network();
    const set = await run();
    await receiving(set);
    vk.faults.inbound({ duplicate: 1 });
    const person = vk.person();
    person.say('one');
    await vi.waitFor(() => expect(set.given).toHaveLength(2), soon);
    await said(set, 'one');
    vk.faults.inbound({ reorder: 1 });
    person.say('two');
    person.say('three');
    await vi.waitFor(() => expect(texts(set).toSorted()).toEqual(['one', 'three', 'two']), soon);
  });

  test('what the store refuses comes again; one thing it never takes is put aside', async () => {
    const { vk, run, settings } = await network();
    const set = await run({ refusals: 6 });
    const person = vk.person();
    await vi.waitFor(() => expect(settings.kept.has(`vk.poll.${vk.groupId}`)).toBe(true), soon);
    person.say('one');
    await said(set, 'one');
    person.say('two');
    await said(set, 'one', 'two');
    expect([...settings.kept.keys()].filter((name) => name.startsWith('vk.bad.'))).toHaveLength(1);
  });

  test('two processes never poll at once, and one takes over from the other', async () => {
    const { vk, run } = await network();
    const runtime = createLocalRuntime(Date.now);
    const [one, other] = [await run({ runtime }), await run({ runtime })];
    await receiving(one);
    const person = vk.person();
    person.say('first');
    await said(one, 'first');
    expect(other.events).toEqual([]);
    expect(vk.longPoll.together).toBe(1);
    await one.stop();
    person.say('second');
    await vi.waitFor(() => expect(texts(other)).toContain('second'), soon);
    expect(vk.longPoll.together).toBe(1);
    await other.stop();
    await runtime.stop();
  });

  test('a message cut short by VK is fetched whole', async () => {
    const { vk, run } = await network({ cropAbove: 2 });
    const set = await run();
    await receiving(set);
    vk.person().sendPhotos(
      [1, 2, 3, 4].map((one) => Buffer.from(`picture ${one}`)),
      { caption: 'all four' },
    );
    await said(set, 'all four');
    expect(ofKind(set.events, 'message')[0]?.attachments).toHaveLength(4);
  });

  test('the kinds of event that are off are turned on; where the key may not, it is told how', async () => {
    const { vk, run } = await network({ longPoll: false, events: ['message_read'] });
    vk.faults.add({ when: { method: 'groups.setLongPollSettings' }, do: 'refuse', code: 15, times: 1 });
    const set = await run();
    await vi.waitFor(() => expect(set.channel.health(Date.now()).reason).toMatch(/Long Poll API/), soon);
    expect(set.log.told.some((one) => JSON.stringify(one.fields).includes('Event types'))).toBe(true);
    await receiving(set);
    vk.person().say('heard');
    await said(set, 'heard');
    expect([...vk.settings.longPoll.events].toSorted()).toEqual(
      [
        'message_allow',
        'message_deny',
        'message_edit',
        'message_event',
        'message_new',
        'message_read',
        'message_reply',
      ].toSorted(),
    );
  });

  test('a wrong key is told as such, and receiving goes on once it is right', async () => {
    const { vk, run } = await network();
    const rule = vk.faults.add({ do: 'refuse', code: 5 });
    const set = await run();
    await vi.waitFor(() => expect(set.channel.health(Date.now()).reason).toMatch(/VK_TOKEN/), soon);
    rule.remove();
    await receiving(set);
  });
});

describe('receiving by callback', () => {
  /** VK waits ten of its seconds for an answer. */
  const PATIENT = 300;
  /** An address of ours on loopback, before the hook of whichever process runs now. */
  async function address(current: () => VkSet) {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const method = request.method === 'GET' ? 'GET' : 'POST';
        const answer = await current().hook(Buffer.concat(chunks).toString(), method);
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/vk`;
  }
  const config = { mode: 'callback', secret: GROUP_SECRET } as const;

  test('it is confirmed, takes events with the secret, each once, and answers presses', async () => {
    const { vk, run } = await network({ secondMs: PATIENT });
    const set = await run({ config });
    const url = await address(() => set);
    expect(await vk.callback.set({ url, secret: GROUP_SECRET })).toBe(true);
    await receiving(set);
    vk.faults.inbound({ duplicate: 1 });
    const person = vk.person();
    person.say('once');
    await said(set, 'once');
    await vi.waitFor(() => expect(vk.callback.pending).toBe(0), soon);
    expect(set.given).toHaveLength(2);
    await set.channel.send(set.address(person), {
      key: 'q',
      message: { text: 'Ну?', choices: [{ id: 'r1.1.a', label: 'Да' }] },
    });
    await person.press('Да')?.answered();
    expect(ofKind(set.events, 'press')).toHaveLength(1);
    expect(vk.polls).toEqual([]);
  });

  test('a string of our own confirms it too', async () => {
    const { vk, run } = await network({ secondMs: PATIENT, confirmation: 'abc123' });
    const set = await run({ config: { ...config, confirmation: 'abc123' } });
    expect(await vk.callback.set({ url: await address(() => set) })).toBe(true);
    expect(vk.requests.some((one) => one.method === 'groups.getCallbackConfirmationCode')).toBe(false);
  });

  test('nobody else is heard: neither without the secret, nor for another community, nor what is no event', async () => {
    const { vk, run } = await network({ secondMs: PATIENT });
    const set = await run({ config });
    const message = { peer_id: 5, from_id: 5, text: 'x', date: 1, conversation_message_id: 1 };
    const event = { type: 'message_new', group_id: vk.groupId, event_id: 'x', object: { message } };
    expect((await set.hook(event)).status).toBe(403);
    expect((await set.hook({ ...event, secret: `${GROUP_SECRET}x` })).status).toBe(403);
    const reason = 'posts arrive that do not show the secret; check VK_SECRET';
    await vi.waitFor(() => expect(set.channel.health(Date.now())).toEqual({ ok: true, reason }), soon);
    expect(set.log.told.filter((one) => one.text === reason)).toHaveLength(1);
    expect((await set.hook({ ...event, secret: GROUP_SECRET, group_id: 1 })).status).toBe(403);
    expect((await set.hook({ type: 'confirmation', group_id: 1 })).status).toBe(403);
    expect((await set.hook({ type: 'confirmation', group_id: vk.groupId, secret: 'no' })).status).toBe(403);
    expect((await set.hook('no json')).status).toBe(400);
    expect((await set.hook('"text"')).status).toBe(400);
    expect((await set.hook('', 'GET')).status).toBe(405);
    expect((await set.hook('x'.repeat(1024 * 1024 + 1))).status).toBe(413);
    expect(set.events).toEqual([]);
    expect(await set.hook({ ...event, secret: GROUP_SECRET })).toEqual({ status: 200, body: 'ok' });
    expect(set.events).toHaveLength(1);
  });

  test('what could not be kept is not confirmed and comes again; what was missed is read back', async () => {
    const { vk, run } = await network({ secondMs: PATIENT });
    let current = await run({ config, refusals: 1 });
    const url = await address(() => current);
    await vk.callback.set({ url, secret: GROUP_SECRET });
    await receiving(current);
    const person = vk.person();
    person.say('one');
    await said(current, 'one');
    // The words are kept before VK has our answer.
    await vi.waitFor(() => expect(vk.callback.deliveries.map((one) => one.status)).toEqual([503, 200]), soon);
    await vk.callback.set(undefined);
    await current.stop();
    person.say('two');
    current = await run({ config, pace: { watch: 50, grace: 0 } });
    await vi.waitFor(() => expect(texts(current)).toContain('two'), soon);
    person.say('three');
    await vi.waitFor(() => expect(texts(current)).toContain('three'), soon);
    expect(texts(current).filter((text) => text !== 'one')).toEqual(['two', 'three']);
  });
});

/** Two keys whose ids are the same: among so many there is a pair. */
function colliding(): readonly [string, string] {
  const keys = new Map<number, string>();
  for (let count = 0; ; count += 1) {
    const key = `entry.${count}`;
    const id = randomIdOf(key);
    const before = keys.get(id);
    if (before !== undefined) return [before, key];
    keys.set(id, key);
  }
}

describe('sending', () => {
  const alike = colliding();
  const copies = (vk: VkStandIn, person: ReturnType<VkStandIn['person']>, text: string) =>
    vk.everything(person).filter((one) => one.byBot && one.text === text).length;

  test('an answer that is lost, a timeout and a restart leave exactly one visible copy', async () => {
    const { vk, run } = await network();
    const first = await run();
    const person = vk.person();
    person.say('hello');
    await said(first, 'hello');
    const to = first.address(person);
    for (const fault of ['effect-then-drop', 'drop-before', '500'] as const) {
      const out = { key: `k.${fault}`, message: { text: `by ${fault}` } };
      vk.faults.add({ when: { method: 'messages.send' }, do: fault, times: 1 });
      await expect(first.channel.send(to, out)).rejects.toMatchObject({
        reason: expect.stringMatching(/network|server/),
      });
      const sent = await first.channel.send(to, out);
      const other = await run();
      expect(await other.channel.send(to, out)).toEqual(sent);
      await other.stop();
      expect(copies(vk, person, `by ${fault}`)).toBe(1);
    }
  });

  test('a storm of refusals for haste ends with one copy', async () => {
    const { vk, run } = await network();
    const set = await run();
    const person = vk.person();
    person.say('hello');
    await said(set, 'hello');
    vk.faults.storm(500);
    await set.channel.send(set.address(person), { key: 'k', message: { text: 'after the storm' } });
    expect(copies(vk, person, 'after the storm')).toBe(1);
  });

  test.each(['peer', 'sender'] as const)(
    'another message of the same random_id swallows none, where it counts for each %s',
    async (randomIdScope) => {
      const { vk, run } = await network({ randomIdScope });
      const set = await run();
      const [anna, boris] = [vk.person(), vk.person()];
      anna.say('hello');
      boris.say('hello');
      await said(set, 'hello', 'hello');
      const [one, other] = alike;
      await set.channel.send(set.address(anna), { key: one, message: { text: 'to Anna' } });
      const sent = await set.channel.send(set.address(anna), {
        key: other,
        message: { text: 'more to Anna' },
      });
      expect(
        await set.channel.send(set.address(anna), { key: other, message: { text: 'more to Anna' } }),
      ).toEqual(sent);
      await set.channel.send(set.address(boris), { key: other, message: { text: 'to Boris' } });
      // A process that has seen nothing yet finds out as well.
      const fresh = await run({ settings: createSettings() });
      await fresh.channel.send(set.address(boris), { key: one, message: { text: 'more to Boris' } });
      expect(vk.everything(anna).flatMap((seen) => (seen.byBot ? [seen.text] : []))).toEqual([
        'to Anna',
        'more to Anna',
      ]);
      expect(vk.everything(boris).flatMap((seen) => (seen.byBot ? [seen.text] : []))).toEqual([
        'to Boris',
        'more to Boris',
      ]);
    },
  );
});

describe('the wall', () => {
  test('a comment is a message with its source, answered under it in public, once', async () => {
    const { vk, run } = await network();
    const set = await run({ config: { wall: true } });
    await receiving(set);
    const person = vk.person({ first_name: 'Вера', last_name: 'К' });
    const post = vk.post('We are open');
    const comment = person.comment(post.id, 'Your [id1|lift] is broken', { photo: Buffer.from('png') });
    await said(set, 'Your [id1|lift] is broken');
    const [event] = ofKind(set.events, 'message');
    expect(event).toMatchObject({
      channel: 'vk-wall',
      account: String(vk.groupId),
      peer: `-${vk.groupId}_${post.id}_${comment.id}_${person.id}`,
      message: String(comment.id),
      person: { name: 'Вера К' },
      source: `https://vk.com/wall-${vk.groupId}_${post.id}?reply=${comment.id}`,
      attachments: [{ kind: 'photo' }],
    });
    const file = await set.media.open(event!.attachments![0]!);
    expect(Buffer.from(file.bytes).toString()).toBe('png');
    expect(set.wall?.abilities).toMatchObject({ isPublic: true, sendsOnce: true });
    const out = { key: 'w1', message: { text: 'We are sorry, [id1|lift]' }, replyTo: String(comment.id) };
    vk.faults.add({ when: { method: 'wall.createComment' }, do: 'effect-then-drop', times: 1 });
    const to = { channel: 'vk-wall', account: String(vk.groupId), peer: event!.peer };
    await expect(set.wall?.send(to, out)).rejects.toMatchObject({ verdict: 'unknown' });
    const sent = await set.wall?.send(to, out);
    const ours = vk.wall(post.id).filter((one) => one.byBot);
    expect(ours).toMatchObject([{ id: Number(sent?.message), replyTo: comment.id }]);
    expect(ours[0]?.text.replaceAll('\u2060', '')).toBe('We are sorry, [id1|lift]');
    // An answer to the answer stays in the thread, and the same person in the same contact.
    const more = person.comment(post.id, 'When?', { replyTo: Number(sent?.message) });
    person.editComment(comment.id, 'Your lift is still broken');
    await vi.waitFor(() => expect(ofKind(set.events, 'edit')).toHaveLength(1), soon);
    expect(ofKind(set.events, 'message')[1]).toMatchObject({
      peer: event!.peer,
      source: `https://vk.com/wall-${vk.groupId}_${post.id}?reply=${more.id}&thread=${comment.id}`,
    });
    expect(ofKind(set.events, 'edit')[0]).toMatchObject({ message: String(comment.id), peer: event!.peer });
    vk.faults.add({ when: { method: 'wall.createComment' }, do: 'refuse', code: 213, times: 1 });
    await expect(set.wall?.send(to, { ...out, key: 'w2' })).rejects.toMatchObject({ verdict: 'never' });
  });

  test('files are shown to one who never allowed messages; a refused one is no sign of being blocked', async () => {
    const { vk, run } = await network();
    const set = await run({ config: { wall: true } });
    await receiving(set);
    const person = vk.person();
    const post = vk.post('We are open');
    person.comment(post.id, 'Show me');
    await said(set, 'Show me');
    const [event] = ofKind(set.events, 'message');
    const to = { channel: 'vk-wall', account: String(vk.groupId), peer: event!.peer };
    const png = PNG;
    const photo = await set.media.keep({ bytes: png, name: 'a.png' }, 'photo');
    const ogg = Buffer.from('OggS and a voice');
    const voice = {
      ...(await set.media.keep({ bytes: ogg, name: 'v.ogg' }, 'document')),
      kind: 'voice' as const,
    };
    const answer = (key: string, file: typeof photo) =>
      set.wall!.send(to, { key, message: { text: 'Here', attachments: [file] } });
    await answer('p', photo);
    await answer('v', voice);
    const ours = () => vk.wall(post.id).filter((one) => one.byBot);
    expect(ours().map((one) => one.files.map((file) => Buffer.from(file)))).toEqual([[png], [ogg]]);
    const other = await set.media.keep(
      { bytes: Buffer.concat([png, Buffer.from('more')]), name: 'b.png' },
      'photo',
    );
    vk.faults.add({ when: { method: 'photos.getMessagesUploadServer' }, do: 'refuse', code: 901, times: 1 });
    await expect(answer('r', other)).rejects.toMatchObject({ verdict: 'never', reason: 'wall_file' });
    vk.faults.add({ when: { method: 'photos.getMessagesUploadServer' }, do: 'refuse', code: 10, times: 1 });
    await expect(answer('s', other)).rejects.toMatchObject({ verdict: 'later' });
    await answer('s', other);
    vk.faults.add({ when: { method: 'wall.createComment' }, do: 'refuse', code: 901, times: 1 });
    await expect(answer('t', photo)).rejects.toMatchObject({ verdict: 'never', reason: 'refused' });
    expect(ours()).toHaveLength(3);
  });

  test('turned off, a comment is nothing', async () => {
    const { vk, run } = await network();
    const set = await run();
    await receiving(set);
    const person = vk.person();
    person.comment(vk.post('We are open').id, 'hm');
    person.say('end');
    await said(set, 'end');
    expect(set.events).toHaveLength(1);
    expect(set.wall).toBeUndefined();
  });
});
