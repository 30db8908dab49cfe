// Ten thousand people at once, posted to the webhook within ten seconds as a network does after a silence: whether all
// is kept, how much memory it takes, and how long somebody new waits while the answers go out.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Outage, Row, Scene } from './scene.ts';

const SECRET = 'burst-SECRETcanary-webhook';
const PEOPLE = 10_000;
const WITHIN = 10_000;
const POSTS_AT_ONCE = 40;
/** Answers go out no faster than the network allows: ten thousand at 30 a second are nearly six minutes. */
const DRAIN = 900_000;
const MB = 1_048_576;

export const BURST: Outage = {
  name: 'burst',
  about: '10,000 people write within 10 s by webhook',
  relays: 1,
  env: (port) => ({
    TELEGRAM_MODE: 'webhook',
    TELEGRAM_WEBHOOK_SECRET: SECRET,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  }),
  async play(scene) {
    const { desk, fleet, load } = scene;
    const count = Math.ceil(PEOPLE * scene.scale);
    const people = Array.from({ length: count }, () => {
      const { id } = desk.tg.person({ first_name: 'Burst', language_code: 'en' });
      const chat = desk.tg.chats.get(id);
      if (chat) chat.state = 'open';
      return id;
    });
    const from = desk.requests.length;
    const began = Date.now();
    const { refused, took } = await post(
      fleet.members.map(({ program }) => program.port),
      people,
      WITHIN * scale(scene),
    );
    scene.row({ what: `${count} kept`, got: took, goal: 15_000 });
    scene.row({ what: 'posts refused at first', got: refused, unit: '' });
    const answers = await drain(scene, people, from);
    const ended = Date.now();
    scene.row({ what: 'all answered', got: ended - began });
    const twice = [...answers.values()].filter((times) => times > 1).length;
    const never = people.filter((id) => !answers.has(id)).length;
    scene.row({ what: 'answered never, twice', got: `${never}, ${twice}` });
    for (const channel of ['telegram', 'web'] as const) {
      const waits = load.steps
        .filter((step) => step.channel === channel && step.what === 'begin rating')
        .filter((step) => step.began > began && step.began < ended)
        .map((step) => (step.met ?? ended) - step.began);
      scene.row({ what: `p95 of ${waits.length} new by ${channel}`, got: p95(waits), goal: 5_000 });
    }
    scene.row({ what: 'longest wait at the desk', got: longest(scene, began, ended) });
    for (const { program } of fleet.members) scene.row(peak(program.pid));
  },
};

const scale = ({ scale: part }: Scene): number => Math.max(part, 0.05);

async function post(ports: readonly number[], people: readonly number[], within: number) {
  const pools = ports.map((port) => new Pool(`http://127.0.0.1:${port}`, { connections: POSTS_AT_ONCE }));
  const began = Date.now();
  let refused = 0;
  let last = began;
  const one = async (id: number, index: number): Promise<void> => {
    const user = { id, is_bot: false, first_name: 'Burst', language_code: 'en' };
    const body = JSON.stringify({
      update_id: 300_000_000 + index,
      message: {
        message_id: 1_000_000 + index,
        from: user,
        chat: { id, type: 'private', first_name: 'Burst' },
        date: Math.floor(Date.now() / 1_000),
        text: '/start rating',
        entities: [{ type: 'bot_command', offset: 0, length: 6 }],
      },
    });
    for (;;) {
      const pool = pools[index % pools.length] as Pool;
      const status = await pool
        .request({
          path: '/hooks/telegram',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': SECRET },
          body,
        })
        .then(async (answer) => {
          await answer.body.dump();
          return answer.statusCode;
        })
        .catch(() => 0);
      if (status === 200) break;
      refused += 1;
      await pause(1_000);
    }
    last = Date.now();
  };
  const posts: Promise<void>[] = [];
  for (const [index, id] of people.entries()) {
    posts.push(one(id, index));
    const due = began + (within * (index + 1)) / people.length;
    if (due - Date.now() > 5) await pause(due - Date.now());
  }
  await Promise.all(posts);
  await Promise.all(pools.map((pool) => pool.close()));
  return { refused, took: last - began };
}

/** How often each of them was sent something, once all were or it takes too long. */
async function drain({ desk }: Scene, people: readonly number[], from: number): Promise<Map<number, number>> {
  const theirs = new Set(people);
  const answers = new Map<number, number>();
  let at = from;
  for (
    const until = Date.now() + DRAIN;
    Date.now() < until && answers.size < people.length;
    await pause(250)
  ) {
    for (; at < desk.requests.length; at += 1) {
      const { method, params, effect } = desk.requests[at]!;
      const { chat_id: chat } = params as { chat_id?: number };
      if (effect && method === 'sendMessage' && chat !== undefined && theirs.has(chat))
        answers.set(chat, (answers.get(chat) ?? 0) + 1);
    }
  }
  return answers;
}

function p95(waits: readonly number[]): number | undefined {
  const sorted = [...waits].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))];
}

function longest({ load }: Scene, began: number, ended: number): number {
  const waits = load.steps.filter((step) => step.channel === 'desk' && step.began > began);
  return Math.max(0, ...waits.map((step) => (step.met ?? ended) - step.began));
}

/** The most memory it ever had. */
function peak(pid: number | undefined): Row {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
  return { what: 'peak RSS (goal 512 MB)', got: Math.round((kb * 1024) / MB), unit: ' MB' };
}
