// The library's client, each happening told in plain words. It is one life: whatever ends it, a new process begins anew.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import library, { type Client, type Message } from 'whatsapp-web.js';
import { newPicture, ownIds, tellSynced } from './page.ts';
import type { ChildSettings, RawMessage, Said } from './protocol.ts';
import { jidOf, rawOf, voteOf } from './raw.ts';
import { keysByName } from './shim.ts';

/** Calls to the page that take longer have died with it; a large upload takes half of this. */
const PAGE_CALL = 90_000;
const NUDGE_EVERY = 1_000;
/** Without a sign of life from the page for so long, it is asked. */
const PATIENCE = 5_000;
/** WhatsApp renews its picture three times a minute, until it gives up. */
const PICTURE_LASTS = 90_000;
const PHONE_LOOKUP = 3_000;

export interface Page {
  readonly client: Client;
  /** Our own ids, once ready. */
  own(): readonly string[];
  /** Opens it; rejects when that fails, and then it is closed already. */
  open(): Promise<void>;
  /** To be called before a send, one at a time; gives what to call with the id it got, which gives the id it has. */
  sending(): (told: string | undefined) => string | undefined;
  onAck(listen: (id: string, ack: number) => void): () => void;
  /** Closes the browser; with `forget`, the linked account is let go of here too. */
  close(forget?: boolean): Promise<void>;
}

export function createPage(settings: ChildSettings, say: (said: Said) => void): Page {
  const auth = new library.LocalAuth({ dataPath: settings.dir });
  // The library deletes the profile under the running browser; here that waits until the browser is gone.
  auth.logout = async () => undefined;
  const client = new library.Client({
    authStrategy: auth,
    webVersionCache: { type: 'none' },
    evalOnNewDoc: keysByName,
    puppeteer: {
      executablePath: settings.chromiumPath,
      args: [...settings.chromiumArgs, ...proxyArgs(settings.proxyUrl)],
      pipe: true,
      headless: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      protocolTimeout: PAGE_CALL,
    },
    ...passwordOf(settings.proxyUrl),
  });
  let closing: Promise<void> | undefined;
  let own: readonly string[] = [];
  let ready = false;
  let linking = false;
  let lastSign = performance.now();
  let nudge: NodeJS.Timeout | undefined;
  /** The send under way, and what showed up as ours since; nobody is told of that before the send has its id. */
  let underWay: { readonly over: Promise<void>; readonly shown: string[] } | undefined;
  const made = new Set<string>();
  const ackListeners = new Set<(id: string, ack: number) => void>();
  const phones = new Map<string, string>();
  /** One after another for each chat, since looking up a number takes time. */
  const lines = new Map<string, Promise<void>>();

  function close(forget = false): Promise<void> {
    closing ??= (async () => {
      clearInterval(nudge);
      await client.destroy().catch(() => undefined);
      client.pupBrowser?.process()?.kill('SIGKILL');
      if (forget) await rm(join(settings.dir, 'session'), { recursive: true, force: true, maxRetries: 5 });
    })();
    return closing;
  }

  function broken(why: string): void {
    if (!closing) say({ on: 'broken', why });
  }

  /** A handler that throws would silence the ones after it, and its error would land in the page. */
  function on(event: string, handle: (...given: never[]) => void | Promise<void>): void {
    client.on(event, (...given: unknown[]) => {
      void (async () => handle(...(given as never[])))().catch(() => {
        process.stderr.write(`a happening could not be told: ${event}\n`);
      });
    });
  }

  async function phoneOf(chat: string): Promise<string | undefined> {
    if (!chat.endsWith('@lid')) return undefined;
    const known = phones.get(chat);
    if (known !== undefined) return known;
    const late = new Promise<undefined>((resolve) => setTimeout(resolve, PHONE_LOOKUP, undefined).unref());
    const asked = client.getContactLidAndPhone([chat]).catch(() => undefined);
    const phone = jidOf((await Promise.race([asked, late]))?.[0]?.pn);
    if (phone !== undefined) phones.set(chat, phone);
    return phone;
  }

  function inLine(chat: string, work: () => Promise<void>): Promise<void> {
    const next = (lines.get(chat) ?? Promise.resolve()).then(work);
    lines.set(chat, next);
    void next.finally(() => lines.get(chat) === next && lines.delete(chat)).catch(() => undefined);
    return next;
  }

  async function tell(what: 'message' | 'own' | 'edit' | 'sealed' | 'lost', given: Message): Promise<void> {
    const message = rawOf(given.rawData, own);
    if (!message) return;
    if (message.fromMe) underWay?.shown.push(message.id);
    await inLine(message.chat, async () => {
      if (message.fromMe) {
        await underWay?.over;
        if (made.has(message.id)) return;
      }
      say({ on: what, message: await withPhone(message) });
    });
  }

  async function withPhone(message: RawMessage): Promise<RawMessage> {
    const phone = await phoneOf(message.chat);
    return phone === undefined ? message : { ...message, phone };
  }

  on('qr', (qr: string) => {
    lastSign = performance.now();
    linking = true;
    say({ on: 'qr', qr });
  });
  on('code', (code: string) => say({ on: 'code', code }));
  on('authenticated', () => {
    lastSign = performance.now();
    linking = false;
    say({ on: 'authenticated' });
  });
  on('ready', async () => {
    ready = true;
    const info: Client['info'] | undefined = client.info;
    const told = await client.pupPage?.evaluate(ownIds).catch(() => undefined);
    own = told?.length ? told : [jidOf(info?.wid)].filter((one) => one !== undefined);
    const version = await client.getWWebVersion().catch(() => 'unknown');
    say({ on: 'ready', account: own[0] ?? '', name: info?.pushname ?? '', version });
  });
  on('change_state', (state: string) => say({ on: 'state', state }));
  on('auth_failure', () => broken('auth_failure'));
  on('disconnected', (why: string) => {
    if (!closing) say({ on: 'gone', why: String(why) });
  });
  on('message', (message: Message) => tell('message', message));
  on('message_create', (message: Message) => (message.fromMe ? tell('own', message) : undefined));
  on('message_ciphertext', (message: Message) => (message.fromMe ? undefined : tell('sealed', message)));
  on('message_ciphertext_failed', (message: Message) => (message.fromMe ? undefined : tell('lost', message)));
  on('message_edit', (message: Message, next: unknown, before: unknown) => {
    // A sealed message that is opened changes its words too.
    if (message.fromMe || typeof before !== 'string' || before === '' || next === before) return undefined;
    return tell('edit', message);
  });
  on('message_ack', (message: Message, ack: number) => {
    const { id } = message.id;
    if (!message.fromMe || typeof id !== 'string') return;
    for (const listen of ackListeners) listen(id, ack);
    if (ack >= 1) say({ on: 'ack', id, ack });
  });
  on('vote_update', async (given: { readonly parentMsgKey?: { readonly id?: unknown } }) => {
    const vote = voteOf(given, given.parentMsgKey?.id);
    if (!vote || own.includes(vote.chat)) return;
    await inLine(vote.chat, async () => {
      const phone = await phoneOf(vote.chat);
      say({ on: 'vote', vote: phone === undefined ? vote : { ...vote, phone } });
    });
  });

  // The browser and its first page are there from this moment, and may die from it on.
  let watched = false;
  auth.afterBrowserInitialized = async () => {
    if (watched) return;
    watched = true;
    client.pupBrowser?.on('disconnected', () => broken('browser_gone'));
    client.pupPage?.on('error', () => broken('page_crashed'));
  };

  async function open(): Promise<void> {
    try {
      await client.initialize();
    } catch (error) {
      broken(error === 'auth timeout' ? 'no_whatsapp_page' : 'not_opened');
      await close();
      throw error;
    }
    lastSign = performance.now();
    // Linked already, and synced before the library listened: then it would wait for ever.
    nudge = setInterval(() => {
      if (ready) return clearInterval(nudge);
      if (performance.now() - lastSign < (linking ? PICTURE_LASTS : PATIENCE)) return;
      lastSign = performance.now();
      void client.pupPage?.evaluate(linking ? newPicture : tellSynced).catch(() => undefined);
    }, NUDGE_EVERY);
    if (closing) clearInterval(nudge);
  }

  return {
    client,
    own: () => own,
    open,
    sending() {
      let done: () => void = () => undefined;
      const over = new Promise<void>((resolve) => {
        done = resolve;
      });
      const mine = { over, shown: [] as string[] };
      underWay = mine;
      return (told) => {
        const [only, ...more] = mine.shown;
        const id = told ?? (more.length === 0 ? only : undefined);
        if (id !== undefined) made.add(id);
        if (underWay === mine) underWay = undefined;
        done();
        return id;
      };
    },
    onAck(listen) {
      ackListeners.add(listen);
      return () => ackListeners.delete(listen);
    },
    close,
  };
}

function proxyArgs(proxyUrl: string | undefined): string[] {
  if (proxyUrl === undefined) return [];
  const { protocol, host } = new URL(proxyUrl);
  return [`--proxy-server=${protocol}//${host}`];
}

function passwordOf(proxyUrl: string | undefined): {
  proxyAuthentication?: { username: string; password: string };
} {
  if (proxyUrl === undefined) return {};
  const { username, password } = new URL(proxyUrl);
  if (username === '') return {};
  return {
    proxyAuthentication: {
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
  };
}
