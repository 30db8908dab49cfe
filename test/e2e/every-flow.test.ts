// Every shipped flow by the chat page and by Telegram, against one program that serves both. The clocks of the program
// and of the network run faster than the wall's, so that what one chat may be sent in a second costs no second here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTelegramFace } from '../faults/face-telegram.ts';
import { createWebFace } from '../faults/face-web.ts';
import { ROOT } from '../faults/kill.ts';
import { createProgram, type Program } from '../faults/program.ts';
import { createWatch } from '../faults/watch.ts';
import { startTelegram, TEST_TOKEN, type TelegramStandIn } from '../standins/telegram/telegram.ts';
import { everyFlow } from './every-flow.ts';

const PASSWORD = 'correct horse';
const PATIENCE = 15_000;
const SPEED = 20;

let tg: TelegramStandIn;
let program: Program;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-flows-'));
  tg = await startTelegram({ secondMs: 1_000 / SPEED });
  const forum = tg.forum({ title: 'Операторы' });
  program = await createProgram({
    root: ROOT,
    logFile: join(dir, 'log'),
    speed: SPEED,
    env: {
      DATA_DIR: join(dir, 'data'),
      ADMIN_PASSWORD: PASSWORD,
      DEFAULT_LOCALE: 'ru',
      TELEGRAM_BOT_TOKEN: TEST_TOKEN,
      TELEGRAM_API_ROOT: tg.url,
      TELEGRAM_OPERATOR_CHAT_ID: String(forum.id),
    },
  });
  program.start();
  await program.untilReady();
}, 60_000);
afterAll(async () => {
  await program?.stop();
  await tg?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('every flow by the chat page', () => {
  everyFlow({
    place: () => ({
      url: `http://127.0.0.1:${program.port}`,
      password: PASSWORD,
      channel: 'web',
      face: (who) =>
        createWebFace({
          port: program.port,
          who,
          watch: createWatch(PATIENCE),
          random: () => 0.5,
        }),
    }),
  });
});

describe('every flow by Telegram', () => {
  everyFlow({
    place: () => ({
      url: `http://127.0.0.1:${program.port}`,
      password: PASSWORD,
      channel: 'telegram',
      face(who) {
        const watch = createWatch(PATIENCE);
        tg.listen(watch.look);
        return createTelegramFace(tg, watch, who);
      },
    }),
  });
  it('makes no call that Telegram would refuse', () => expect(tg.violations).toEqual([]));
});
