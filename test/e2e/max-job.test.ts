// Every shipped flow by MAX, posted to the real program's own web server and polled by it, against the stand-in. Then
// what an operator is told when the person has stopped the bot.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMaxFace } from '../faults/face-max.ts';
import { ROOT } from '../faults/kill.ts';
import { createProgram, freePort, type Program } from '../faults/program.ts';
import { createWatch } from '../faults/watch.ts';
import { type MaxStandIn, startMax, TEST_TOKEN } from '../standins/max/max.ts';
import { signIn } from './console.ts';
import { everyFlow } from './every-flow.ts';

const PASSWORD = 'correct horse';
const PATIENCE = 15_000;
const SPEED = 20;
const SECRET = 'a-secret-of-the-webhook-0001';

describe.each(['webhook', 'poll'] as const)('every flow by MAX (%s)', (mode) => {
  let max: MaxStandIn;
  let program: Program;
  let dir: string;
  const url = (): string => `http://127.0.0.1:${program.port}`;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'otklik-max-job-'));
    max = await startMax({ secondMs: 1_000 / SPEED });
    const port = String(await freePort());
    program = await createProgram({
      root: ROOT,
      logFile: join(dir, 'log'),
      speed: SPEED,
      env: {
        PORT: port,
        DATA_DIR: join(dir, 'data'),
        ADMIN_PASSWORD: PASSWORD,
        DEFAULT_LOCALE: 'ru',
        MAX_TOKEN: TEST_TOKEN,
        MAX_API_ROOT: max.url,
        ...(mode === 'webhook'
          ? { MAX_WEBHOOK_SECRET: SECRET, PUBLIC_URL: `http://127.0.0.1:${port}` }
          : { MAX_MODE: 'poll' }),
      },
    });
    program.start();
    await program.untilReady();
  }, 60_000);
  afterAll(async () => {
    await program?.stop();
    await max?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  everyFlow({
    place: () => ({
      url: url(),
      password: PASSWORD,
      channel: 'max',
      face(who) {
        const watch = createWatch(PATIENCE);
        max.listen(watch.look);
        return createMaxFace(max, watch, who);
      },
    }),
  });

  it('carries an operator’s words, and tells them when the person stops the bot and comes back', {
    timeout: 60_000,
  }, async () => {
    const person = max.person({ first_name: 'Нина' });
    person.start('operator');
    await person.waitFor(/\?/, PATIENCE);
    person.say('Где мой заказ?');
    const console = await signIn(url(), PASSWORD, 'Анна');
    const idOf = async () =>
      (await console.tickets('max')).find(({ subject }) => subject === 'Где мой заказ?')?.id;
    await expect.poll(idOf, { timeout: PATIENCE }).toBeDefined();
    const id = (await idOf()) ?? '';
    await console.claim(id);
    await person.waitFor(/Анна/, PATIENCE);
    await console.reply(id, 'Заказ уже едет');
    await person.waitFor(/Заказ уже едет/, PATIENCE);
    person.block();
    await expect.poll(async () => (await console.ticket(id)).reachable, { timeout: PATIENCE }).toBe(false);
    await console.reply(id, 'Будет завтра');
    const failed = async () =>
      (await console.ticket(id)).messages.some(
        ({ text, state, reason }) =>
          text === 'Будет завтра' && state === 'failed' && reason === 'клиент заблокировал бота',
      );
    await expect.poll(failed, { timeout: PATIENCE }).toBe(true);
    person.say('Я снова здесь');
    await expect.poll(async () => (await console.ticket(id)).reachable, { timeout: PATIENCE }).toBe(true);
    await console.reply(id, 'И мы здесь');
    await person.waitFor(/И мы здесь/, PATIENCE);
  });

  it('makes no call that MAX would refuse, leaves nothing untaken and no secret in the log', async () => {
    await expect.poll(() => max.pending, { timeout: PATIENCE }).toBeLessThanOrEqual(mode === 'poll' ? 1 : 0);
    expect(max.violations).toEqual([]);
    for (const secret of [TEST_TOKEN, SECRET]) expect(program.output).not.toContain(secret);
  });
});
