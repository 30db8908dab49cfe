// A stand-in of WhatsApp Web on loopback: the page a browser opens, the network behind it, the people who write, the
// owner's phone, and a ledger of what everybody saw. The state of chats and linked devices lives here, so that a
// restarted browser finds it. It knows nothing of the program under test.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { createSignal } from '../telegram/signal.ts';
import { type BrowserProcesses, browserAt } from './browser.ts';
import { type Connections, createConnections, type RequestRecord } from './connections.ts';
import { createFaults, type Faults } from './faults.ts';
import { createGroup, createOwner, type Group } from './groups.ts';
import { createPerson, type Person, type PersonOptions } from './person.ts';
import { everythingOf, type Seen } from './seen.ts';
import { createServe, MEDIA_HOST, PAGE_HOST } from './serve.ts';
import type { PageConfig, WireAccount } from './wire-format.ts';
import { createWorld, findPerson, type PersonState, type World } from './world.ts';

export interface WhatsAppWebOptions {
  /** What the page's message keys call their text: builds since July 2026 say `$1`. */
  readonly keyField?: PageConfig['keyField'];
  /** Milliseconds; the world's clock. */
  readonly now?: () => number;
  readonly seed?: number;
  readonly me?: Partial<WireAccount>;
}

export interface WhatsAppWebStandIn {
  /** What the browser opens; `chromiumArgs` lead it here. */
  readonly url: string;
  readonly port: number;
  /** Arguments under which Chromium takes this server for WhatsApp and reaches nothing else. */
  readonly chromiumArgs: readonly string[];
  readonly me: WireAccount;
  person(about?: PersonOptions): Person;
  group(title: string, members: readonly Person[]): Group;
  /** The owner at the phone. */
  readonly owner: { say(to: Person, text: string): Seen; read(chat: Person): void };
  /** Every copy ever shown to them or said by them, oldest first, as it was when it came. */
  everything(person: Person): readonly Seen[];
  /** What the page asked the network, the media host included. */
  readonly requests: readonly RequestRecord[];
  /** Called after each request, answer or event. */
  listen(change: () => void): () => void;
  until<T>(look: () => T | undefined, ms: number, what: string): Promise<T>;
  readonly faults: Faults;
  /** What only a mistake of the caller can bring about; a test may demand that there is none. */
  readonly violations: readonly string[];
  /** Modules asked for that the page has not. */
  readonly missing: readonly string[];
  readonly pageErrors: readonly string[];
  /** Messages from people that lie unread. */
  readonly pending: number;
  /** References of the pictures shown now. */
  readonly refs: readonly string[];
  /** Browsers connected as linked devices. */
  readonly linked: number;
  /** The phone scans a picture: the text of it, or without one whatever is shown or will be shown first. */
  scanQr(picture?: string): Promise<void>;
  rotateQr(): void;
  /** The owner types the code on the phone. */
  enterCode(code: string): void;
  /** The owner removes all linked devices on the phone. */
  unlink(): void;
  /** Such as CONFLICT, TIMEOUT, UNPAIRED_IDLE. */
  setState(state: string): void;
  conflict(): void;
  acks(mode: World['acks']): void;
  dropConnections(): void;
  /** What is connected now stays connected and never hears anything again. */
  silence(): void;
  /** Pages loaded from now on have synced before anybody can listen. */
  syncEarly(on: boolean): void;
  /** Pages loaded from now on name the text of message keys so. */
  keyField(name: PageConfig['keyField']): void;
  resync(): void;
  reloadPage(): void;
  /** The page hangs for ever. */
  freezePage(): void;
  /** The page's process dies; the browser lives on. */
  crashPage(): void;
  killBrowser(): void;
  /** Processes of the browsers connected now. */
  browsers(): readonly BrowserProcesses[];
  /** The server cannot be reached until `up`; its world goes on. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const CERTIFICATE = readFileSync(join(import.meta.dirname, 'certificate.pem'), 'utf8');
const KEY = readFileSync(join(import.meta.dirname, 'key.pem'), 'utf8');
/** The first build reported with the newer message keys. */
const VERSION = '2.3000.1042401057';
const SCAN_WAIT = 30_000;

function chromiumArgs(port: number): string[] {
  const { publicKey } = new X509Certificate(CERTIFICATE);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const hosts = [PAGE_HOST, MEDIA_HOST].map((host) => `MAP ${host} 127.0.0.1:${port}`);
  return [
    `--host-resolver-rules=${[...hosts, 'MAP * ~NOTFOUND'].join(',')}`,
    `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`,
  ];
}

export async function startWhatsAppWeb(options: WhatsAppWebOptions = {}): Promise<WhatsAppWebStandIn> {
  const now = options.now ?? Date.now;
  const me: WireAccount = {
    pn: '15550000001@c.us',
    lid: '97000000000001@lid',
    name: 'Otklik',
    ...options.me,
  };
  const changed = createSignal();
  const faults = createFaults(options.seed ?? 1, now);
  const violations: string[] = [];
  const missing: string[] = [];
  const pageErrors: string[] = [];
  const page = { keyField: options.keyField ?? '_serialized', version: VERSION, syncEarly: false };
  const world = createWorld({ me, now, changed, emit: (event, seq) => connections.event(event, seq) });
  const connections: Connections = createConnections({
    world,
    faults,
    note: (what) => violations.push(what),
  });
  const serve = createServe({
    world,
    faults,
    config: () => page,
    record: connections.record,
    reported(what, text) {
      (what === 'missing' ? missing : pageErrors).push(text);
      changed.fire();
    },
  });
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // A mistake of the stand-in itself: nobody may take it for an answer of the network's.
      console.error('the stand-in failed', error);
      response.destroy();
    });
  });
  const wire = new WebSocketServer({ server, path: '/ws/chat' });
  wire.on('connection', connections.accept);
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const down = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      connections.drop();
      server.closeAllConnections();
    });

  const browsers = (): BrowserProcesses[] => {
    const found = connections.ports.map(browserAt).filter((one) => one !== undefined);
    return [...new Map(found.map((one) => [one.root, one])).values()];
  };
  const kill = (pids: readonly number[]): void => {
    if (pids.length === 0) throw new Error('no browser is connected');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
  };
  const stateOf = (person: Person): PersonState => {
    const state = findPerson(world, person.id);
    if (state === undefined) throw new Error(`${person.id} is nobody here`);
    return state;
  };
  const owner = createOwner(world);

  return {
    url: `https://${PAGE_HOST}/`,
    port,
    chromiumArgs: chromiumArgs(port),
    me,
    person: (about = {}) => createPerson(world, about),
    group: (title, members) => createGroup(world, title, members.map(stateOf)),
    owner: {
      say: (to, text) => owner.say(stateOf(to), text),
      read: (chat) => owner.read(stateOf(chat)),
    },
    everything: (person) => everythingOf(world, stateOf(person)),
    requests: connections.requests,
    listen: changed.listen,
    until: changed.until,
    faults,
    violations,
    missing,
    pageErrors,
    get pending() {
      const talks = [...world.chats.values()].filter(({ kind }) => kind === 'user');
      return talks.reduce((sum, { unread }) => sum + unread, 0);
    },
    get refs() {
      return connections.refs;
    },
    get linked() {
      return connections.linked;
    },
    async scanQr(picture) {
      const ref =
        picture?.split(',')[0] ??
        (await changed.until(() => connections.refs[0], SCAN_WAIT, 'a picture to scan'));
      if (picture !== undefined && picture.split(',').length !== 5) {
        throw new Error('the phone cannot read this picture');
      }
      connections.scan(ref);
    },
    rotateQr: connections.rotate,
    enterCode: connections.enterCode,
    unlink: connections.unlink,
    setState: (state) => connections.push({ push: 'state', state }),
    conflict: () => connections.push({ push: 'state', state: 'CONFLICT' }),
    acks(mode) {
      world.acks = mode;
    },
    dropConnections: connections.drop,
    silence: connections.silence,
    syncEarly(on) {
      page.syncEarly = on;
    },
    keyField(name) {
      page.keyField = name;
    },
    resync: () => connections.push({ push: 'resync' }),
    reloadPage: () => connections.push({ push: 'reload' }),
    freezePage: () => connections.push({ push: 'freeze' }),
    crashPage: () => kill(browsers().flatMap(({ renderers }) => renderers)),
    killBrowser: () => kill(browsers().map(({ root }) => root)),
    browsers,
    down,
    up: () => listen(port),
    async stop() {
      wire.close();
      if (server.listening) await down();
    },
  };
}
