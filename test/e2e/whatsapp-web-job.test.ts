// Every shipped flow by WhatsApp with a linked phone: the real program, the real library and browser, the page that
// stands in for WhatsApp Web. Then the program is killed without warning: its browser goes with it, and what was said
// meanwhile is answered by the next one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { holdersOf } from '../channels/whatsapp-web-set.ts';
import { createWhatsAppWebFace, type WhatsAppWebFace } from '../faults/face-whatsapp-web.ts';
import { ROOT } from '../faults/kill.ts';
import { createProgram, type Program } from '../faults/program.ts';
import { createWatch } from '../faults/watch.ts';
import { CHROMIUM_ARGS, chromiumPath } from '../standins/whatsapp-web/chromium.ts';
import { startWhatsAppWeb, type WhatsAppWebStandIn } from '../standins/whatsapp-web/whatsapp-web.ts';
import { everyFlow } from './every-flow.ts';

const PASSWORD = 'correct horse';
const PATIENCE = 40_000;
/** An account says one message in three seconds; so many times faster is its clock here. */
const SPEED = 5;
const soon = { timeout: 60_000, interval: 100 };

let wa: WhatsAppWebStandIn;
let program: Program;
let dir: string;
let votes = 0;

async function untilReady(): Promise<void> {
  await vi.waitFor(async () => {
    const answer = await fetch(`http://127.0.0.1:${program.port}/readyz`);
    const { parts } = (await answer.json()) as { parts: readonly { name: string; ok: boolean }[] };
    expect(parts).toContainEqual({ name: 'whatsapp', ok: true });
  }, soon);
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-whatsapp-job-'));
  const origin = Date.now();
  wa = await startWhatsAppWeb({
    keyField: '$1',
    now: () => Math.floor(origin + (Date.now() - origin) * SPEED),
  });
  program = await createProgram({
    root: ROOT,
    logFile: join(dir, 'log'),
    speed: SPEED,
    env: {
      FAULTS_ORIGIN: String(origin),
      DATA_DIR: join(dir, 'data'),
      ADMIN_PASSWORD: PASSWORD,
      DEFAULT_LOCALE: 'ru',
      WHATSAPP_ENABLED: 'true',
      WHATSAPP_CHROMIUM_PATH: chromiumPath(),
      WHATSAPP_CHROMIUM_ARGS: [...CHROMIUM_ARGS, ...wa.chromiumArgs].map((one) => `"${one}"`).join(' '),
    },
  });
  program.start();
  await program.untilReady();
  await wa.scanQr();
  await untilReady();
}, 120_000);

afterAll(async () => {
  await program?.stop();
  expect(holdersOf(join(dir, 'data'))).toEqual([]);
  await wa?.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
}, 60_000);

/** Votes where the choices came as a poll, whose options begin with their numbers; types where they did not. */
function voting(face: WhatsAppWebFace): WhatsAppWebFace {
  return {
    ...face,
    async press(label, on) {
      const poll = face.person.seen().find(({ id }) => id === on.id);
      const option = poll?.buttons.find((one) => one.label.replace(/^\d+\. /, '') === label);
      if (!poll || !option) return await face.press(label, on);
      face.person.vote(poll.id, [option.label]);
      votes++;
    },
  };
}

describe('every flow by WhatsApp', () => {
  everyFlow({
    timeout: 180_000,
    place: () => ({
      url: `http://127.0.0.1:${program.port}`,
      password: PASSWORD,
      channel: 'whatsapp',
      face: (who) => {
        const watch = createWatch(PATIENCE);
        wa.listen(watch.look);
        return voting(createWhatsAppWebFace(wa, watch, who));
      },
    }),
  });

  it('a killed program leaves no browser behind, and the next one answers what was said meanwhile', async () => {
    const person = wa.person({ name: 'Клара' });
    person.start('nps');
    await person.waitFor((seen) => seen.byBot, PATIENCE);
    const data = join(dir, 'data');
    expect(holdersOf(data).length).toBeGreaterThan(1);
    const killed = performance.now();
    program.kill();
    person.say('9');
    await vi.waitFor(() => expect(holdersOf(data)).toEqual([]), soon);
    const gone = performance.now();
    const before = person.seen().filter((seen) => seen.byBot).length;
    program.start();
    await program.untilReady();
    await person.waitFor(() => person.seen().filter((seen) => seen.byBot).length > before, 60_000);
    const answered = performance.now();
    const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);
    console.log(`from the kill to no browser: ${seconds(killed, gone)} s`);
    console.log(`from the next start to the answer: ${seconds(gone, answered)} s`);
  }, 180_000);

  it('took votes, asked nothing of the page that it has not, and nothing that the network forbids', () => {
    expect(votes).toBeGreaterThan(5);
    expect(wa.missing).toEqual([]);
    expect(wa.pageErrors).toEqual([]);
    expect(wa.violations).toEqual([]);
  });
});
