// A share of the hostile updates through the whole program: the web server's own door, the journal, the engine, the
// outbox, and the networks' stand-ins at the other end. Meanwhile good people are answered, in the end nothing waits, and
// what could not be applied is shown in the console.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '../../src/channels/channel.ts';
import { WHATSAPP } from '../../src/channels/whatsapp/web/wire.ts';
import type { Config } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Running, start } from '../../src/main.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { freePort } from '../e2e/program.ts';
import { startMax } from '../standins/max/max.ts';
import { startTelegram } from '../standins/telegram/telegram.ts';
import { startVk } from '../standins/vk/vk.ts';
import {
  startWhatsAppCloud,
  TEST_APP_SECRET,
  TEST_PHONE_ID,
  TEST_TOKEN,
  TEST_VERIFY_TOKEN,
} from '../standins/whatsapp-cloud/whatsapp-cloud.ts';
import { type Base, corpusOf, NETWORKS, type Network } from './corpus.ts';
import { FORUM_CHAT, MARKED_PHONE, SECRET_MARK, VK_GROUP } from './marks.ts';
import { applied } from './mutate.ts';
import { createEnds, type Ends, LEAKS, type Rig } from './rigs/rig.ts';
import { createWhatsAppWebRig } from './rigs/whatsapp-web.ts';
import { strays } from './strays.ts';
import { caseOf, type Found } from './updates.ts';

const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = `${SECRET_MARK}-password`;
const SECRET = `${SECRET_MARK}-secret-0001`;
/** People on whose behalf hostile updates come; more of them, so that nobody's answers pile up. */
const PEOPLE = 60;
const SIDE_BY_SIDE = 8;
const TRIES = 8;
const FINAL: ReadonlySet<number> = new Set([200, 400, 401, 403, 404, 413]);
/** Within it a good person is answered, and the journal is empty in the end. */
const PATIENCE = 60_000;
/** So many hostile ones for a good person. */
const EVERY = 250;

export interface WholeRan {
  readonly count: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Milliseconds until the network had its answer. */
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly parked: Readonly<Record<string, number>>;
  readonly aside: number;
  readonly good: number;
  readonly found: readonly Found[];
}

/** A network with people on it, and the way to post to us as it does. */
interface Side {
  post(body: Buffer): Promise<number>;
  /** The body as if it came of that one of our people. */
  asOf(body: Buffer, nth: number): Buffer;
  /** Somebody new says a word; resolves when they were answered. */
  good(): Promise<unknown>;
  stop(): Promise<void>;
}

export async function runWhole(options: {
  readonly count: number;
  readonly seed: number;
  /** Only this one. */
  readonly network?: Network;
}): Promise<WholeRan> {
  const { count, seed } = options;
  const own = strays();
  const dir = mkdtempSync(join(tmpdir(), 'otklik-fuzz-'));
  const embedded = await startEmbedded(dir);
  const store = await openStore({ uri: embedded.uri });
  const found: Found[] = [];
  const note = (network: string, what: string, nth?: number, shown = ''): void => {
    if (found.length >= 20 || found.some((one) => one.what === what)) return;
    const only = nth === undefined ? '' : `, then --network ${network} --seed ${seed} --only ${nth}`;
    found.push({
      network,
      what,
      command: `node test/fuzz/run.ts --updates 0 --flows 0 --whole ${count} --seed ${seed}${only}`,
      shown,
    });
  };
  const log = watchedLog((what) => note('the log', what));
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let good = 0;

  async function one(network: Network, side: Side, bases: readonly Base[], nth: number): Promise<void> {
    const { base, changes } = caseOf(network, seed, nth, bases);
    const body = side.asOf(applied(base.update, changes), nth);
    let status = 0;
    for (let tries = 0; tries < TRIES && !FINAL.has(status); tries++) {
      const began = performance.now();
      status = await side.post(body).catch(() => -1);
      times.push(performance.now() - began);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    const shown = JSON.stringify(changes).slice(0, 400);
    if (!FINAL.has(status)) note(network, `still ${status} after ${TRIES} posts`, nth, shown);
    for (const what of own.taken()) note(network, what, nth, shown);
  }

  async function storm(sides: Readonly<Partial<Record<Network, Side>>>, share: number): Promise<void> {
    const chosen = Object.entries(sides) as [Network, Side][];
    const all = chosen.filter(([network]) => options.network === undefined || network === options.network);
    if (all.length === 0) return;
    const bases = new Map(all.map(([network]) => [network, corpusOf(network)]));
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let nth = next++; nth < share; nth = next++) {
        const [network, side] = all[nth % all.length] as [Network, Side];
        await one(network, side, bases.get(network) ?? [], nth);
        if (nth % EVERY === EVERY - 1) await greet(all);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
    await greet(all);
    const until = Date.now() + PATIENCE;
    while ((await store.journal.pending(undefined, 1)).length > 0) {
      if (Date.now() > until) {
        const waiting = await store.journal.pending(undefined, 100);
        note(
          'the journal',
          `${waiting.length} rows wait without end: ${[...new Set(waiting.map(({ event }) => event.kind))]}`,
        );
        return;
      }
      await pause(100);
    }
  }

  async function greet(all: readonly [Network, Side][]): Promise<void> {
    for (const [network, side] of all)
      await side.good().then(
        () => {
          good += 1;
        },
        (error: unknown) => note(network, `a good person is not answered: ${String(error).slice(0, 200)}`),
      );
  }

  const linked =
    options.network === undefined
      ? Math.floor(count / NETWORKS.length)
      : options.network === 'whatsapp-web'
        ? count
        : 0;
  const world = await openNetworks(dir, embedded.uri, log);
  await storm(world.sides, count - linked);
  const shown = await world.parked();
  await world.stop();
  const phone = await openPhone(dir, embedded.uri, log, store);
  await storm({ 'whatsapp-web': phone.side }, linked);
  await phone.stop();
  const parked = await store.journal.parked();
  if (shown > parked.length) note('the console', 'it shows more parked events than there are');
  const reasons: Record<string, number> = {};
  for (const { reason } of parked) reasons[reason] = (reasons[reason] ?? 0) + 1;
  for (const what of own.taken()) note('the program', what);
  own.stop();
  await store.stop();
  await embedded.stop();
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  times.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)] ?? 0);
  return {
    count,
    statuses,
    p50: at(0.5),
    p99: at(0.99),
    most: Math.round(times.at(-1) ?? 0),
    parked: reasons,
    aside: log.aside(),
    good,
    found,
  };
}

/** The program's own log, each line searched as it is written. */
function watchedLog(leaked: (what: string) => void) {
  let aside = 0;
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const line = chunk.toString('utf8');
      if (line.includes('put aside')) aside += 1;
      const leak = LEAKS.exec(line)?.[0];
      if (leak !== undefined) leaked(`the log holds "${leak}": ${line.slice(0, 400)}`);
      done();
    },
  });
  return { log: createLog('info', destination), aside: () => aside };
}

type Watched = ReturnType<typeof watchedLog>;

const configOf = (dir: string, port: number, mongodbUri: string, channels: Config['channels']): Config => ({
  port,
  host: '127.0.0.1',
  publicUrl: `http://127.0.0.1:${port}`,
  dataDir: dir,
  flowsDir: join(ROOT, 'flows'),
  mongodbUri,
  defaultLocale: 'ru',
  timeZone: 'Europe/Moscow',
  adminPassword: PASSWORD,
  logLevel: 'info',
  channels,
});

async function openNetworks(dir: string, uri: string, { log }: Watched) {
  const telegram = await startTelegram({ token: `123456:${SECRET_MARK}-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa` });
  const vk = await startVk({ secondMs: 20, groupId: VK_GROUP });
  const max = await startMax({ secondMs: 20 });
  const cloud = await startWhatsAppCloud({ secondMs: 20 });
  const tgPeople = Array.from({ length: PEOPLE }, () => telegram.person());
  const vkPeople = Array.from({ length: PEOPLE }, () => vk.person());
  const maxPeople = Array.from({ length: PEOPLE }, () => max.person());
  const cloudPeople = Array.from({ length: PEOPLE }, () => cloud.person());
  telegram.forum({ id: FORUM_CHAT, members: tgPeople.slice(0, 2) });
  const port = await freePort();
  const config = configOf(dir, port, uri, {
    telegram: {
      token: telegram.token,
      apiRoot: telegram.url,
      mode: 'webhook',
      webhookSecret: SECRET,
      operatorChatId: String(FORUM_CHAT),
    },
    vk: {
      token: vk.token,
      group: VK_GROUP,
      apiBaseUrl: vk.url,
      mode: 'callback',
      secret: SECRET,
      wall: true,
    },
    max: { token: max.token, apiRoot: max.url, mode: 'webhook', webhookSecret: SECRET },
    whatsapp: {
      cloud: {
        token: TEST_TOKEN,
        phoneId: TEST_PHONE_ID,
        appSecret: TEST_APP_SECRET,
        verifyToken: TEST_VERIFY_TOKEN,
        apiRoot: cloud.url,
      },
    },
  });
  const running: Running = await start(config, { log, print: () => undefined });
  const url = `http://127.0.0.1:${port}`;
  const hooks = `${url}/hooks`;
  for (let tries = 0; !(await vk.callback.set({ url: `${hooks}/vk`, secret: SECRET })); tries++) {
    if (tries > 100) throw new Error('VK did not confirm the address');
    await pause(100);
  }
  await cloud.connect(`${hooks}/whatsapp`);
  const post = async (name: string, body: Buffer, headers: Record<string, string> = {}): Promise<number> => {
    const answer = await fetch(`${hooks}/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: new Uint8Array(body),
    });
    await answer.text();
    return answer.status;
  };
  const otherId = (from: string, people: readonly { readonly id: number }[]) => (body: Buffer, nth: number) =>
    renamed(body, from, String(people[nth % people.length]?.id));
  const sides: Partial<Record<Network, Side>> = {
    telegram: {
      post: (body) => post('telegram', body, { 'x-telegram-bot-api-secret-token': SECRET }),
      // Each has a number of its own, as a stream's updates have.
      asOf: (body, nth) =>
        renamed(otherId('5000001', tgPeople)(body, nth), '"update_id":7', `"update_id":${nth}7`),
      async good() {
        const person = telegram.person();
        person.say('привет');
        await person.waitFor(/./, PATIENCE);
      },
      stop: () => telegram.stop(),
    },
    vk: {
      post: (body) => post('vk', body),
      asOf: (body, nth) => {
        const own = renamed(otherId('100001', vkPeople)(body, nth), '"event_id":"', `"event_id":"${nth}`);
        return renamed(own, '{', `{"secret":"${SECRET}",`, true);
      },
      async good() {
        const person = vk.person();
        person.say('привет');
        await person.waitFor(/./, PATIENCE);
      },
      stop: () => vk.stop(),
    },
    max: {
      post: (body) => post('max', body, { 'x-max-bot-api-secret': SECRET }),
      asOf: (body, nth) => renamed(otherId('7000001', maxPeople)(body, nth), '"mid":"', `"mid":"mid${nth}`),
      async good() {
        const person = max.person();
        person.say('привет');
        await person.waitFor(/./, PATIENCE);
      },
      stop: () => max.stop(),
    },
    'whatsapp-cloud': {
      post: (body) => {
        const signature = createHmac('sha256', TEST_APP_SECRET).update(body).digest('hex');
        return post('whatsapp', body, { 'x-hub-signature-256': `sha256=${signature}` });
      },
      asOf: (body, nth) => {
        const person = cloudPeople[nth % PEOPLE];
        const own = renamed(body, MARKED_PHONE.slice(1), person?.phone ?? '');
        return renamed(renamed(own, 'RU.1300000000001', person?.user ?? ''), 'wamid.', `wamid.${nth}`);
      },
      async good() {
        const person = cloud.person();
        person.say('привет');
        await person.waitFor(/./, PATIENCE);
      },
      stop: () => cloud.stop(),
    },
  };
  return {
    sides,
    async parked(): Promise<number> {
      const headers = { origin: url, 'x-otklik': '1', 'content-type': 'application/json' };
      const body = JSON.stringify({ password: PASSWORD, name: 'Анна' });
      const entered = await fetch(`${url}/console/api/login`, { method: 'POST', headers, body });
      await entered.text();
      const cookie = /^[^;]+/.exec(entered.headers.get('set-cookie') ?? '')?.[0] ?? '';
      const answer = await fetch(`${url}/console/api/parked`, { headers: { cookie } });
      return ((await answer.json()) as { parked: unknown[] }).parked.length;
    },
    async stop() {
      await running.stop();
      for (const side of Object.values(sides)) await side.stop();
    },
  };
}

/** As bytes, since what stands there may be no text. */
function renamed(body: Buffer, from: string, to: string, once = false): Buffer {
  const text = body.toString('latin1');
  return Buffer.from(once ? text.replace(from, () => to) : text.replaceAll(from, () => to), 'latin1');
}

/** The program with the linked phone alone; its process with the browser is played by what it would say. */
async function openPhone(dir: string, uri: string, { log }: Watched, store: Store) {
  const answered = new Set<string>();
  let rig: Rig | undefined;
  const channel: Channel = {
    name: 'whatsapp',
    abilities: { ...WHATSAPP, rates: {} },
    async start(intake) {
      const ends: Ends = { ...createEnds(), intake, settings: store.settings, log };
      rig = await createWhatsAppWebRig(ends);
    },
    stop: async () => await rig?.end(),
    health: () => ({ ok: true }),
    async send(to) {
      answered.add(to.peer);
      return { message: `m${answered.size}-${Date.now()}` };
    },
  };
  const config = configOf(dir, await freePort(), uri, {});
  const running = await start(config, { log, print: () => undefined, channels: async () => [channel] });
  let people = 0;
  const side: Side = {
    async post(body) {
      if (rig === undefined) throw new Error('the phone is not there');
      return await rig.post(body);
    },
    asOf: (body, nth) =>
      renamed(
        renamed(body, MARKED_PHONE.slice(1), `7999100${String(nth % PEOPLE).padStart(4, '0')}`),
        '"id":"AEAC',
        `"id":"AEAC${nth}`,
      ),
    async good() {
      const phone = `7999200${String(people++).padStart(4, '0')}`;
      const said = rig?.good(people).toString('utf8').replaceAll('79000000042', phone) ?? '';
      await side.post(Buffer.from(said));
      const until = Date.now() + PATIENCE;
      while (!answered.has(phone)) {
        if (Date.now() > until) throw new Error('waited in vain');
        await pause(20);
      }
    },
    stop: async () => undefined,
  };
  return { side, stop: () => running.stop() };
}
