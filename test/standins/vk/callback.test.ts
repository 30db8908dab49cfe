// Callback delivery of VK's stand-in: an address is confirmed, and every event comes again until it is taken.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startBoth } from './both.ts';
import type { VkStandIn } from './vk.ts';

describe('callback', () => {
  /** Hears what VK posts; `answer` decides what is said back. */
  async function listener(answer: (body: Record<string, unknown>) => [status: number, body: string]) {
    const heard: { body: Record<string, unknown>; retry: string | undefined }[] = [];
    const server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
      heard.push({ body, retry: request.headers['x-retry-counter'] as string | undefined });
      const [status, text] = answer(body);
      response.writeHead(status, status === 503 ? { 'retry-after': '1' } : {}).end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  }

  const settled = (vk: VkStandIn) =>
    vk.until(() => (vk.callback.pending === 0 ? true : undefined), 15_000, 'all to be delivered');

  test('an address is confirmed with the word VK gives, else nothing is sent to it', async () => {
    const { vk, call } = await startBoth({ secondMs: 200, confirmation: 'abc' });
    const { code } = await call<{ code: string }>('groups.getCallbackConfirmationCode', {
      group_id: vk.groupId,
    });
    expect(code).toBe('abc');
    const wrong = await listener(() => [200, 'ok']);
    expect(await vk.callback.set({ url: wrong.url, secret: 's' })).toBe(false);
    vk.person().say('1');
    expect(wrong.heard).toHaveLength(1);
    expect(wrong.heard[0]?.body).toMatchObject({ type: 'confirmation', group_id: vk.groupId });
    expect(wrong.heard[0]?.body.secret).toBeUndefined();
    const right = await listener((body) => [200, body.type === 'confirmation' ? code : 'ok']);
    expect(await vk.callback.set({ url: right.url, secret: 's' })).toBe(true);
    vk.person().say('2');
    await settled(vk);
    expect(right.heard[1]?.body).toMatchObject({
      type: 'message_new',
      secret: 's',
      v: '5.199',
      group_id: vk.groupId,
      object: { message: { text: '2' } },
    });
  });

  test('an event is posted again, with its id, until the answer is ok', async () => {
    const { vk } = await startBoth({ secondMs: 200 });
    const answers: [number, string][] = [
      [200, '"ok"'],
      [500, 'no'],
      [503, 'later'],
      [200, 'ok'],
    ];
    const { heard, url } = await listener((body) =>
      body.type === 'confirmation' ? [200, 'c0nf1rm'] : (answers.shift() ?? [200, 'ok']),
    );
    await vk.callback.set({ url });
    vk.person().say('1');
    await settled(vk);
    const posted = heard.slice(1);
    expect(posted.map((one) => one.retry)).toEqual([undefined, '1', '2', '3']);
    expect(new Set(posted.map((one) => one.body.event_id)).size).toBe(1);
    expect(vk.callback.deliveries.map((one) => one.status)).toEqual([200, 500, 503, 200]);
  });
});
