// The stand-in's plan of faults and its limits of speed: each fires, is counted, and leaves the ledger true.
import { type ApiClientOptions, HttpError } from 'grammy';
import { describe, expect, test } from 'vitest';
import { refusal, startBoth } from './both.ts';
import type { TelegramOptions } from './telegram.ts';

describe('faults', () => {
  async function startTalk(options: TelegramOptions = {}, client: ApiClientOptions = {}) {
    const started = await startBoth(options, client);
    const anna = started.tg.person();
    anna.start();
    return { ...started, anna };
  }

  test('each kind fires where it should, is counted, and leaves the ledger true', async () => {
    const { tg, api, anna } = await startTalk();
    const when = { method: 'sendMessage', nth: 1 };
    const texts = () => anna.messages().flatMap((one) => (one.byBot ? [one.text] : []));
    const lost = (call: Promise<unknown>) => expect(call).rejects.toBeInstanceOf(HttpError);
    const once = async (
      text: string,
      plan: Parameters<typeof tg.faults.add>[0],
      check: () => Promise<unknown>,
    ) => {
      const rule = tg.faults.add({ when, ...plan });
      await check();
      expect([text, rule.fired]).toEqual([text, 1]);
      expect(tg.requests.at(-1)?.fault).toBe(plan.do);
      rule.remove();
    };
    const write = (text: string) => api.sendMessage(anna.id, text);

    await once('429', { do: 'refuse429', retryAfter: 7 }, async () => {
      const { code, text, error } = await refusal(write('429'));
      expect([code, text]).toEqual([429, 'Too Many Requests: retry after 7']);
      expect(error.parameters.retry_after).toBe(7);
    });
    await once('500', { do: '500' }, async () => expect((await refusal(write('500'))).code).toBe(500));
    await once('403', { do: '403' }, async () =>
      expect((await refusal(write('403'))).text).toBe('Forbidden: bot was blocked by the user'),
    );
    await once('409', { do: '409' }, async () => expect((await refusal(write('409'))).code).toBe(409));
    await once('before', { do: 'drop-before' }, () => lost(write('before')));
    expect(texts()).toEqual([]);

    await once('after', { do: 'effect-then-drop' }, () => lost(write('after')));
    await once('garbage', { do: 'garbage' }, () => lost(write('garbage')));
    await once('hang', { do: 'hang', ms: 30 }, () => write('hang'));
    await once('unheard', { do: 'hang', ms: 5, effect: false }, () => lost(write('unheard')));
    expect(texts()).toEqual(['after', 'garbage', 'hang']);
    const after = tg.requests.find((request) => request.params.text === 'after');
    expect(after).toMatchObject({ effect: true, answered: false, fault: 'effect-then-drop', status: 0 });
    expect(anna.messages().find((one) => one.text === 'after')?.request).toBe(after?.id);
    expect(tg.violations).toEqual([]);
  });

  test('a call that hangs longer than the client waits has taken effect all the same', async () => {
    const { tg, api, anna } = await startTalk({}, { timeoutSeconds: 0.05 });
    const rule = tg.faults.add({ when: { method: 'sendMessage' }, do: 'hang', ms: 60_000, times: 1 });
    await expect(api.sendMessage(anna.id, 'x')).rejects.toBeInstanceOf(HttpError);
    expect([rule.fired, anna.last()?.text]).toEqual([1, 'x']);
  });

  test('a chance comes from the seed, a chat can be meant alone, and a rule that never fired says so', async () => {
    const run = async (seed: number) => {
      const { tg, api, anna } = await startTalk({ seed });
      const other = tg.person();
      other.start();
      const rule = tg.faults.add({ when: { chat: anna.id, chance: 0.3 }, do: '500' });
      const never = tg.faults.add({ when: { method: 'sendPhoto' }, do: '500' });
      const results: boolean[] = [];
      for (let index = 0; index < 30; index += 1) {
        await api.sendMessage(other.id, 'x');
        results.push(
          await api.sendMessage(anna.id, 'x').then(
            () => true,
            () => false,
          ),
        );
      }
      expect([never.fired, rule.seen]).toEqual([0, 30]);
      expect(rule.fired).toBe(results.filter((fine) => !fine).length);
      return results;
    };
    const one = await run(3);
    expect(await run(3)).toEqual(one);
    expect(one).toContain(false);
    expect(one).toContain(true);
    expect(await run(4)).not.toEqual(one);
  });

  test('a storm refuses everything for a while, but polls', async () => {
    let now = 1_790_000_000_000;
    const { tg, api, anna } = await startTalk({ now: () => now });
    const storm = tg.faults.storm(30_000, 12);
    expect((await refusal(api.sendMessage(anna.id, 'x'))).error.parameters.retry_after).toBe(12);
    expect((await refusal(api.getMe())).code).toBe(429);
    expect(await api.getUpdates()).toHaveLength(1);
    now += 30_000;
    await api.sendMessage(anna.id, 'x');
    expect(storm.fired).toBe(2);
  });

  test('a poll whose answer was lost has confirmed what it confirmed', async () => {
    const { tg, api, anna } = await startTalk();
    anna.say('второе');
    tg.faults.add({ when: { method: 'getUpdates', nth: 1 }, do: 'effect-then-drop' });
    await expect(api.getUpdates({ offset: 700_000_002 })).rejects.toBeInstanceOf(HttpError);
    expect((await api.getUpdates()).map((one) => one.message?.text)).toEqual(['второе']);
  });

  test('limits of speed, when asked for', async () => {
    let now = 1_790_000_000_000;
    const { tg, api, anna } = await startTalk({ now: () => now, limits: { burst: 2, perGroupPerMinute: 3 } });
    await api.sendMessage(anna.id, '1');
    await api.sendMessage(anna.id, '2');
    expect((await refusal(api.sendMessage(anna.id, '3'))).error.parameters.retry_after).toBe(1);
    await api.sendChatAction(anna.id, 'typing');
    now += 1000;
    await api.sendMessage(anna.id, '3');
    const forum = tg.forum();
    for (const text of ['1', '2', '3']) {
      now += 1000;
      await api.sendMessage(forum.id, text);
    }
    now += 1000;
    expect((await refusal(api.sendMessage(forum.id, '4'))).code).toBe(429);
  });

  test('an unreachable server keeps its world', async () => {
    const { tg, api, anna } = await startTalk();
    await tg.down();
    anna.say('пока вас не было');
    await expect(api.getUpdates()).rejects.toBeInstanceOf(HttpError);
    await tg.up();
    expect((await api.getUpdates()).map((one) => one.message?.text)).toEqual(['/start', 'пока вас не было']);
  });
});
