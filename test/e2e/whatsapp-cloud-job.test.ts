// Every shipped flow by WhatsApp through the Business Cloud API: the real program with its webhook behind its own web
// server, against the stand-in of Meta. Then what an operator is told when the network lets their words not through.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWhatsAppCloudFace } from '../faults/face-whatsapp-cloud.ts';
import { ROOT } from '../faults/kill.ts';
import { createProgram, type Program } from '../faults/program.ts';
import { createWatch } from '../faults/watch.ts';
import {
  startWhatsAppCloud,
  TEST_APP_SECRET,
  TEST_PHONE_ID,
  TEST_TOKEN,
  TEST_VERIFY_TOKEN,
  type WhatsAppCloudStandIn,
} from '../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { signIn } from './console.ts';
import { everyFlow } from './every-flow.ts';

const PASSWORD = 'correct horse';
const PATIENCE = 15_000;
const SPEED = 20;

let wa: WhatsAppCloudStandIn;
let program: Program;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-wa-cloud-'));
  wa = await startWhatsAppCloud({
    secondMs: 1_000 / SPEED,
    limits: { pair: { burst: 45, every: 6_000 / SPEED } },
  });
  program = await createProgram({
    root: ROOT,
    logFile: join(dir, 'log'),
    speed: SPEED,
    env: {
      DATA_DIR: join(dir, 'data'),
      ADMIN_PASSWORD: PASSWORD,
      DEFAULT_LOCALE: 'ru',
      WHATSAPP_CLOUD_TOKEN: TEST_TOKEN,
      WHATSAPP_CLOUD_PHONE_ID: TEST_PHONE_ID,
      WHATSAPP_CLOUD_APP_SECRET: TEST_APP_SECRET,
      WHATSAPP_CLOUD_VERIFY_TOKEN: TEST_VERIFY_TOKEN,
      WHATSAPP_CLOUD_API_ROOT: wa.url,
    },
  });
  program.start();
  await program.untilReady();
  await wa.connect(`http://127.0.0.1:${program.port}/hooks/whatsapp`);
}, 60_000);
afterAll(async () => {
  await program?.stop();
  await wa?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('every flow by WhatsApp through the Business Cloud API', () => {
  everyFlow({
    place: () => ({
      url: `http://127.0.0.1:${program.port}`,
      password: PASSWORD,
      channel: 'whatsapp',
      face: (who) => createWhatsAppCloudFace(wa, createWatch(PATIENCE), who),
    }),
  });

  it('shows an operator that their words were not delivered, and why', { timeout: 60_000 }, async () => {
    const person = wa.person({ name: 'Нина' });
    person.start('operator');
    await person.waitFor(/\?/, PATIENCE);
    person.say('Где мой заказ?');
    const console = await signIn(`http://127.0.0.1:${program.port}`, PASSWORD, 'Анна');
    const idOf = async () =>
      (await console.tickets('whatsapp')).find(({ subject }) => subject === 'Где мой заказ?')?.id;
    await expect.poll(idOf, { timeout: PATIENCE }).toBeDefined();
    const id = (await idOf()) ?? '';
    await console.claim(id);
    await person.waitFor(/Анна/, PATIENCE);
    person.block();
    await console.reply(id, 'Заказ уже едет');
    const failed = async () =>
      (await console.ticket(id)).messages.some(
        ({ text, state, reason }) =>
          text === 'Заказ уже едет' &&
          state === 'failed' &&
          reason === 'мессенджер не смог доставить это клиенту',
      );
    await expect.poll(failed, { timeout: PATIENCE }).toBe(true);
    person.unblock();
    person.say('Я снова здесь');
    await console.reply(id, 'И мы здесь');
    await person.waitFor(/И мы здесь/, PATIENCE);
  });

  it('shows an operator a colleague who answers from the app on the same number', {
    timeout: 60_000,
  }, async () => {
    const person = wa.person({ name: 'Олег' });
    person.start('operator');
    await person.waitFor(/\?/, PATIENCE);
    person.say('Можно вернуть товар?');
    const console = await signIn(`http://127.0.0.1:${program.port}`, PASSWORD, 'Анна');
    const idOf = async () =>
      (await console.tickets('whatsapp')).find(({ subject }) => subject === 'Можно вернуть товар?')?.id;
    await expect.poll(idOf, { timeout: PATIENCE }).toBeDefined();
    const id = (await idOf()) ?? '';
    wa.sayFromApp(person, 'Да, в течение двух недель');
    const told = async () => (await console.ticket(id)).messages.map(({ text }) => text);
    await expect.poll(told, { timeout: PATIENCE }).toContain('Да, в течение двух недель');
    expect(person.seen().filter(({ byBot, text }) => byBot && text.includes('двух недель'))).toEqual([]);
  });

  it('makes no call that Meta would refuse, and leaves no notification behind', async () => {
    expect(wa.violations).toEqual([]);
    await expect.poll(() => wa.pending, { timeout: PATIENCE }).toBe(0);
  });
});
