// Every shipped flow by VK, by long poll and by callback: the real program against the stand-in of VK. Then a colleague
// who answers from the community's own inbox, and a comment on the wall that becomes a ticket answered in public.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createVkFace } from '../faults/face-vk.ts';
import { ROOT } from '../faults/kill.ts';
import { createProgram, type Program } from '../faults/program.ts';
import { createWatch } from '../faults/watch.ts';
import { startVk, type VkStandIn } from '../standins/vk/vk.ts';
import { signIn } from './console.ts';
import { everyFlow } from './every-flow.ts';

const PASSWORD = 'correct horse';
const SECRET = 'secret-of-the-callback';
const PATIENCE = 15_000;
const SPEED = 20;

describe.each(['poll', 'callback'] as const)('VK by %s', (mode) => {
  let vk: VkStandIn;
  let program: Program;
  let dir: string;
  const url = () => `http://127.0.0.1:${program.port}`;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'otklik-vk-job-'));
    vk = await startVk({ secondMs: 1_000 / SPEED });
    program = await createProgram({
      root: ROOT,
      logFile: join(dir, 'log'),
      speed: SPEED,
      env: {
        DATA_DIR: join(dir, 'data'),
        ADMIN_PASSWORD: PASSWORD,
        DEFAULT_LOCALE: 'ru',
        VK_TOKEN: vk.token,
        VK_GROUP_ID: String(vk.groupId),
        VK_API_BASE_URL: vk.url,
        VK_MODE: mode,
        VK_WALL: 'all',
        ...(mode === 'callback' ? { VK_SECRET: SECRET } : {}),
      },
    });
    program.start();
    await program.untilReady();
    if (mode === 'callback') {
      const confirmed = () => vk.callback.set({ url: `${url()}/hooks/vk`, secret: SECRET });
      await vi.waitFor(async () => expect(await confirmed()).toBe(true), { timeout: PATIENCE });
    }
  }, 60_000);
  afterAll(async () => {
    await program?.stop();
    await vk?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  everyFlow({
    place: () => ({
      url: url(),
      password: PASSWORD,
      channel: 'vk',
      face(who) {
        const watch = createWatch(PATIENCE);
        vk.listen(watch.look);
        return createVkFace(vk, watch, who);
      },
    }),
  });

  const ticketOf = async (channel: string, subject: string) => {
    const console = await signIn(url(), PASSWORD, 'Анна');
    const idOf = async () => (await console.tickets(channel)).find((one) => one.subject === subject)?.id;
    await expect.poll(idOf, { timeout: PATIENCE }).toBeDefined();
    return { console, id: (await idOf()) ?? '' };
  };

  it('shows an operator a colleague who answers from the inbox of the community', {
    timeout: 60_000,
  }, async () => {
    const person = vk.person({ first_name: 'Олег' });
    person.start('operator');
    await person.waitFor(/\?/, PATIENCE);
    person.say('Можно вернуть товар?');
    const { console, id } = await ticketOf('vk', 'Можно вернуть товар?');
    const admin = vk.admin({ first_name: 'Ольга', last_name: 'Петрова' });
    admin.reply(person.id, 'Да, в течение двух недель');
    const told = async () => (await console.ticket(id)).messages.map(({ text }) => text);
    await expect.poll(told, { timeout: PATIENCE }).toContain('Да, в течение двух недель');
    person.say('Спасибо, зайду завтра');
    await expect.poll(told, { timeout: PATIENCE }).toContain('Спасибо, зайду завтра');
    expect(person.seen().filter(({ byBot, text }) => byBot && text.includes('двух недель'))).toEqual([]);
  });

  it('makes a comment on the wall a ticket, and answers it there', { timeout: 60_000 }, async () => {
    const person = vk.person({ first_name: 'Вера' });
    const post = vk.post('Мы открылись');
    const comment = person.comment(post.id, 'Лифт не работает вторую неделю');
    const { console, id } = await ticketOf('vk-wall', 'Лифт не работает вторую неделю');
    const ticket = await console.ticket(id);
    expect(ticket.fields.map(({ value }) => value)).toContain(
      `https://vk.com/wall-${vk.groupId}_${post.id}?reply=${comment.id}`,
    );
    const answers = () => vk.wall(post.id).filter((one) => one.byBot);
    await expect.poll(() => answers().length, { timeout: PATIENCE }).toBe(1);
    expect(answers()[0]?.text).toContain(ticket.number);
    await console.claim(id);
    const assignee = async () => (await console.ticket(id)).assignee?.name;
    await expect.poll(assignee, { timeout: PATIENCE }).toBe('Анна');
    await console.reply(id, 'Мастер придёт сегодня');
    await expect.poll(() => answers().at(-1)?.text, { timeout: PATIENCE }).toContain('Мастер придёт сегодня');
    expect(answers().every((one) => one.parents[0] === comment.id)).toBe(true);
  });

  it('makes no call that VK would refuse, and leaves no event behind', async () => {
    expect(vk.violations).toEqual([]);
    await expect.poll(() => vk.pending, { timeout: PATIENCE }).toBe(0);
  });
});
