// Hard days of the real program: floods from one person, bodies that are too large or no JSON, a network that is away,
// a folder that cannot be used, two programs on one folder, a broken flow, and being asked to stop in the middle of it.
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startTelegram, type TelegramStandIn } from '../standins/telegram/telegram.ts';
import { openKept } from './kept.ts';
import { ROOT } from './kill.ts';
import { createProgram, freePort, type Program } from './program.ts';

const TOKEN = '765433:SECRETcanaryTokenBBBBBBBBBBBBBBBBBBBB';
const SECRET = 'canary_secret_of_the_hook';
/** No faster: the program gives up a stop after twenty seconds of its own, which a busy machine may need. */
const SPEED = 10;
const FIVE_MB = 'x'.repeat(5 * 1024 * 1024);

function place(): { folder: string; dataDir: string; flowsDir: string } {
  const folder = mkdtempSync(join(tmpdir(), 'otklik-storm-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const flowsDir = join(folder, 'flows');
  cpSync(join(import.meta.dirname, 'flows'), flowsDir, { recursive: true });
  return { folder, dataDir: join(folder, 'data'), flowsDir };
}

async function program(at: ReturnType<typeof place>, env: Record<string, string> = {}): Promise<Program> {
  const made = await createProgram({
    root: ROOT,
    logFile: join(at.folder, 'log'),
    speed: SPEED,
    env: {
      DATA_DIR: at.dataDir,
      FLOWS_DIR: at.flowsDir,
      DEFAULT_LOCALE: 'en',
      ADMIN_PASSWORD: 'storm-password',
      ...env,
    },
  });
  onTestFinished(() => made.kill());
  return made;
}

async function standIn(): Promise<TelegramStandIn> {
  const tg = await startTelegram({ token: TOKEN, secondMs: 1_000 / SPEED });
  onTestFinished(() => tg.stop());
  return tg;
}

const onTelegram = (tg: TelegramStandIn, chat: number): Record<string, string> => ({
  TELEGRAM_BOT_TOKEN: TOKEN,
  TELEGRAM_API_ROOT: tg.url,
  TELEGRAM_OPERATOR_CHAT_ID: String(chat),
});

it('takes ten messages at once by webhook, each once and in order, and refuses what is no update', {
  timeout: 40_000,
}, async () => {
  const at = place();
  const tg = await standIn();
  const forum = tg.forum();
  const port = await freePort();
  const otklik = await program(at, {
    ...onTelegram(tg, forum.id),
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    TELEGRAM_MODE: 'webhook',
    TELEGRAM_WEBHOOK_SECRET: SECRET,
  });
  otklik.start();
  await otklik.untilReady();
  const post = async (body: string, secret: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret };
    const answer = await fetch(`http://127.0.0.1:${port}/hooks/telegram`, { method: 'POST', headers, body });
    await answer.text();
    return answer.status;
  };
  expect(await post(JSON.stringify({ update_id: 1, message: { text: FIVE_MB } }), SECRET)).toBe(413);
  expect(await post('{"update_id": 5, ', SECRET)).toBe(400);
  expect(await post('[1, 2]', SECRET)).toBe(400);
  expect(await post('', SECRET)).toBe(400);
  expect(await post('{"update_id": 5}', 'wrong')).toBe(401);

  const person = tg.person({ first_name: 'Ten', language_code: 'en' });
  person.start('operator');
  await person.waitFor('O1', 15_000);
  person.say('help');
  person.say('me please');
  await person.waitFor('O2', 15_000);
  const lines = Array.from({ length: 10 }, (_, n) => `line ${n} of ten`);
  for (const line of lines) person.say(line);
  await forum.waitFor('line 9 of ten', { ms: 20_000 });
  const seen = forum.messages().flatMap(({ text }) => /line \d of ten/.exec(text ?? '')?.[0] ?? []);
  expect(seen).toEqual(lines);
  expect(await otklik.stop()).toMatchObject({ code: 0 });
  expect(otklik.output).not.toMatch(/line \d of ten|canary/);
});

it('waits for Telegram, refuses a twin, keeps web floods, and stops in the middle without doubling', {
  timeout: 60_000,
}, async () => {
  const at = place();
  const tg = await standIn();
  const forum = tg.forum();
  await tg.down();
  const otklik = await program(at, onTelegram(tg, forum.id));
  otklik.start();
  await otklik.untilReady();
  const root = `http://127.0.0.1:${otklik.port}`;
  const ready = await fetch(`${root}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.text()).toMatch(/Telegram/);

  const twin = await program(at);
  twin.start();
  expect(await twin.ended()).toBe(1);
  expect(twin.output).toMatch(/in use by another running process[\s\S]*DATA_DIR/);

  const page = await fetch(root);
  await page.text();
  const cookie = /otklik_visitor=[^;]+/.exec(page.headers.get('set-cookie') ?? '')?.[0] ?? '';
  const post = async (event: object): Promise<number> => {
    const answer = await fetch(`${root}/chat/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(event),
    });
    await answer.text();
    return answer.status;
  };
  expect(await post({ id: 'e1', kind: 'start', payload: 'rating' })).toBe(202);
  expect(await post({ id: 'e2', kind: 'message', text: FIVE_MB })).toBe(413);
  expect(await post({ id: 'e3', kind: 'message', text: 'y'.repeat(20_001) })).toBe(413);
  const ids = Array.from({ length: 10 }, (_, n) => `many${n}`);
  const taken = await Promise.all(ids.map((id) => post({ id, kind: 'message', text: `${id} from the web` })));
  expect(taken).toEqual(ids.map(() => 202));
  const own = async (): Promise<string[]> => {
    const answer = await fetch(`${root}/chat/messages`, { headers: { cookie } });
    const { messages } = (await answer.json()) as { messages: { from: string; origin?: string }[] };
    return messages.flatMap(({ from, origin }) => (from === 'me' ? [origin ?? ''] : [])).filter(Boolean);
  };
  await expect.poll(async () => (await own()).sort(), { timeout: 10_000 }).toEqual([...ids].sort());

  await tg.up();
  const people = Array.from({ length: 12 }, (_, n) =>
    tg.person({ first_name: `P${n}`, language_code: 'en' }),
  );
  for (const person of people) person.start('rating');
  await people[0]?.waitFor('R1', 20_000);
  const { code, ms } = await otklik.stop();
  expect(code, otklik.output.slice(-2_000)).toBe(0);
  process.stdout.write(`stopped in ${Math.round(ms)} ms\n`);
  expect(ms).toBeLessThan(5_000);
  otklik.start();
  await otklik.untilReady();
  for (const person of people) await person.waitFor('R1', 20_000);
  await otklik.stop();
  for (const person of people)
    expect(person.messages().filter(({ text }) => text?.startsWith('R1'))).toHaveLength(1);
  const kept = await openKept(at.dataDir);
  await kept.close();
  expect(kept.journal).toEqual({ applied: 12 + 1 + 10 });
  // Something may still wait for its turn to be said; nothing may be begun and not ended.
  const begun = kept.sessions.flatMap(({ outbox }) =>
    outbox.filter(({ lane, state }) => lane === 'store' || state === 'sending'),
  );
  expect(begun).toEqual([]);
});

it('says what is wrong and what to do when it cannot start', { timeout: 40_000 }, async () => {
  const noFolder = place();
  writeFileSync(noFolder.dataDir, 'a file where a folder should be');
  const badStore = place();
  mkdirSync(join(badStore.dataDir, 'store'), { recursive: true });
  writeFileSync(join(badStore.dataDir, 'store', 'otklik.sqlite'), 'this is no database'.repeat(500));
  const badFlow = place();
  appendFileSync(join(badFlow.flowsDir, 'rating.yaml'), '  loose: { rate: nonsense }\n');
  const ends = await Promise.all(
    [noFolder, badStore, badFlow].map(async (at) => {
      const otklik = await program(at);
      otklik.start();
      return { code: await otklik.ended(), said: otklik.output };
    }),
  );
  expect(ends.map(({ code }) => code)).toEqual([1, 1, 1]);
  const [folder, store, flow] = ends.map(({ said }) => said);
  expect(folder).toMatch(/Otklik cannot start:[\s\S]*DATA_DIR/);
  expect(store).toMatch(/Otklik cannot start:[\s\S]*otklik\.sqlite/);
  expect(flow).toMatch(/rating\.yaml/);
  expect(flow).toMatch(/loose/);
});

it('goes on with the last good flows when it is started with broken ones', { timeout: 40_000 }, async () => {
  const at = place();
  const tg = await standIn();
  const forum = tg.forum();
  const otklik = await program(at, onTelegram(tg, forum.id));
  otklik.start();
  await otklik.untilReady();
  const person = tg.person({ first_name: 'Early', language_code: 'en' });
  person.start('rating');
  await person.waitFor('R1', 15_000);
  await otklik.stop();
  appendFileSync(join(at.flowsDir, 'rating.yaml'), '  loose: { rate: nonsense }\n');
  otklik.start();
  await otklik.untilReady();
  expect(otklik.output).toMatch(/rating\.yaml/);
  person.say('3');
  await person.waitFor('R2', 15_000);
  const late = tg.person({ first_name: 'Late', language_code: 'en' });
  late.start('rating');
  await late.waitFor('R1', 15_000);
  expect(await otklik.stop()).toMatchObject({ code: 0 });
});
