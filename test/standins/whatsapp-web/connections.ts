// The wire's server side: who is connected, as which device, what they are told and what they ask. Faults happen here;
// what a request does is in methods.ts.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { type FaultSource, REFUSALS } from './faults.ts';
import { type Done, METHODS, Refusal } from './methods.ts';
import type { Ask, Push, Snapshot, WireEvent } from './wire-format.ts';
import { toWireChat, type World } from './world.ts';

export interface RequestRecord {
  readonly id: number;
  /** By the wall's clock, whatever the world's own says. */
  readonly at: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The page was told, be it a refusal. */
  answered: boolean;
  /** What it was refused with. */
  error: string | undefined;
  fault: string | undefined;
  /** Whether it was done, although perhaps nobody was told. */
  effect: boolean;
}

interface Connection {
  readonly socket: WebSocket;
  /** The browser's end of the connection, by which its process can be found. */
  readonly port: number;
  device: string | undefined;
  /** Whether it had a device once: what it asked for before it heard of the loss is refused, but is no fault of it. */
  wasLinked: boolean;
  ref: string | undefined;
  /** Typed on the phone instead of the picture. */
  code: string | undefined;
  deaf: boolean;
  /** An event that the next one overtakes. */
  held: Push | undefined;
}

export interface Connections {
  readonly requests: readonly RequestRecord[];
  /** Makes a record, for what is asked over HTTP too. */
  record(method: string, params: Readonly<Record<string, unknown>>): RequestRecord;
  readonly linked: number;
  readonly refs: readonly string[];
  readonly ports: readonly number[];
  accept(socket: WebSocket, request: IncomingMessage): void;
  event(event: WireEvent, seq: number): void;
  push(push: Push): void;
  /** Links the device that shows the picture with that reference. */
  scan(ref: string): void;
  enterCode(code: string): void;
  rotate(): void;
  unlink(): void;
  silence(): void;
  drop(): void;
}

/** The newest messages a page begins with, beside the unread ones. */
const RECENT = 1;
const HOLD_MS = 200;
/** What the real page finds in its own database, where no network can refuse it. */
const OWN_DATABASE = new Set(['message']);
const OPEN_TO_ALL = new Set(['pairing-code', 'refresh']);

export function createConnections(parts: {
  readonly world: World;
  readonly faults: FaultSource;
  readonly note: (what: string) => void;
}): Connections {
  const { world, faults } = parts;
  const open = new Set<Connection>();
  const devices = new Set<string>();
  const requests: RequestRecord[] = [];

  const say = (to: Connection, push: Push): void => to.socket.send(JSON.stringify(push));

  function snapshot(): Snapshot {
    const chats = [...world.chats.values()].map((chat) => {
      const messages = [...chat.kept.values()].map(({ message }) => message);
      return toWireChat(chat, messages.slice(-Math.max(RECENT, chat.unread)));
    });
    const contacts = world.people.map(({ pn, lid, name, paired }) => ({ pn, lid, name, paired }));
    return { me: world.me, seq: world.log.length, chats, contacts, votes: world.votes };
  }

  function offerPicture(to: Connection): void {
    to.ref = `2@${randomBytes(24).toString('base64')}`;
    say(to, { push: 'ref', ref: to.ref });
  }

  function link(one: Connection): void {
    const device = randomBytes(16).toString('hex');
    devices.add(device);
    one.device = device;
    one.wasLinked = true;
    one.ref = undefined;
    one.code = undefined;
    say(one, { push: 'linked', device, snapshot: snapshot() });
    world.changed.fire();
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const query = new URL(request.url ?? '/', 'https://web.whatsapp.com').searchParams;
    const device = query.get('device') ?? undefined;
    const one: Connection = {
      socket,
      port: request.socket.remotePort ?? 0,
      device: device !== undefined && devices.has(device) ? device : undefined,
      wasLinked: device !== undefined && devices.has(device),
      ref: undefined,
      code: undefined,
      deaf: false,
      held: undefined,
    };
    open.add(one);
    socket.on('close', () => {
      open.delete(one);
      world.changed.fire();
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => take(one, JSON.parse(String(data)) as Ask));
    if (one.device === undefined) offerPicture(one);
    else welcome(one, one.device, query.get('since'));
    world.changed.fire();
  }

  function welcome(one: Connection, device: string, since: string | null): void {
    if (since === null) return say(one, { push: 'linked', device, snapshot: snapshot() });
    say(one, { push: 'resumed' });
    world.log.forEach((event, index) => {
      if (index >= Number(since)) say(one, { push: 'event', seq: index + 1, event });
    });
  }

  function tell(one: Connection, push: Push, isMessage: boolean): void {
    const draw = isMessage ? faults.drawInbound() : { duplicate: false, reorder: false };
    if (draw.reorder && one.held === undefined) {
      one.held = push;
      // When nothing comes to overtake it, it is only late.
      setTimeout(() => release(one), HOLD_MS).unref();
      return;
    }
    say(one, push);
    if (draw.duplicate) say(one, push);
    release(one);
  }

  function release(one: Connection): void {
    const { held } = one;
    one.held = undefined;
    if (held !== undefined && open.has(one)) say(one, held);
  }

  function record(method: string, params: Readonly<Record<string, unknown>>): RequestRecord {
    const made: RequestRecord = {
      id: requests.length + 1,
      at: Date.now(),
      method,
      params,
      answered: false,
      error: undefined,
      fault: undefined,
      effect: false,
    };
    requests.push(made);
    return made;
  }

  function take(one: Connection, ask: Ask): void {
    const made = record(ask.method, ask.params);
    const fault = OWN_DATABASE.has(ask.method) ? undefined : faults.pick(ask.method);
    if (fault !== undefined) made.fault = fault.do;
    const refused = REFUSALS[fault?.do ?? ''];
    try {
      if (fault?.do === 'drop-before') return one.socket.terminate();
      if (refused !== undefined) throw new Refusal(refused, 'refused');
      if (fault?.do === 'hang' && fault.effect !== true) return;
      const done = perform(one, ask, made);
      made.effect = true;
      if (fault?.do === 'effect-then-drop') one.socket.terminate();
      else if (fault?.do !== 'hang' && !one.deaf && !isUnconfirmed(ask)) {
        reply(one, made, { answer: ask.ask, result: done.result });
      }
      done.after?.();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      made.error = `${error.code} ${error.message}`;
      reply(one, made, { answer: ask.ask, error: error.code, text: error.message });
    } finally {
      world.changed.fire();
    }
  }

  const isUnconfirmed = (ask: Ask): boolean => ask.method === 'send' && world.acks === 'never';

  function reply(one: Connection, made: RequestRecord, answer: object): void {
    made.answered = true;
    one.socket.send(JSON.stringify(answer));
  }

  function perform(one: Connection, ask: Ask, made: RequestRecord): Done {
    if (one.device === undefined && !OPEN_TO_ALL.has(ask.method)) {
      if (!one.wasLinked) parts.note(`${ask.method}: no device is linked`);
      throw new Refusal(401, 'not-authorized');
    }
    switch (ask.method) {
      case 'pairing-code':
        return { result: giveCode(one, ask.params) };
      case 'refresh':
        if (one.device === undefined) offerPicture(one);
        return { result: null };
      case 'takeover':
        return { result: null, after: () => say(one, { push: 'state', state: 'CONNECTED' }) };
      case 'logout':
        devices.delete(one.device ?? '');
        one.device = undefined;
        return { result: null };
    }
    const method = METHODS[ask.method];
    if (method === undefined) {
      parts.note(`${ask.method}: no such method`);
      throw new Refusal(404, 'no such method');
    }
    const note = (what: string): void => parts.note(what);
    return method({ world, params: ask.params, request: made.id, note });
  }

  function giveCode(one: Connection, params: Readonly<Record<string, unknown>>): string {
    const phone = String(params.phone);
    if (!/^[1-9]\d{6,14}$/.test(phone)) {
      parts.note('pairing-code: not a number in international form');
      throw new Refusal(400, 'bad-request');
    }
    if (`${phone}@c.us` !== world.me.pn) throw new Refusal(404, 'not-acceptable');
    const letters = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';
    one.code = [...randomBytes(8)].map((byte) => letters[byte % letters.length]).join('');
    return one.code;
  }

  const unlinked = (): Connection[] => [...open].filter((one) => one.device === undefined);
  const linked = (): Connection[] => [...open].filter((one) => one.device !== undefined);

  return {
    requests,
    record,
    accept,
    get linked() {
      return linked().length;
    },
    get refs() {
      return unlinked().flatMap(({ ref }) => (ref === undefined ? [] : [ref]));
    },
    get ports() {
      return [...open].map(({ port }) => port);
    },
    event(event, seq) {
      for (const one of linked()) {
        if (!one.deaf) tell(one, { push: 'event', seq, event }, event.kind === 'message');
      }
    },
    push(push) {
      for (const one of linked()) if (!one.deaf) say(one, push);
    },
    scan(ref) {
      const one = unlinked().find((other) => other.ref === ref);
      if (one === undefined) throw new Error('the phone says that this picture is not valid any more');
      link(one);
    },
    enterCode(code) {
      const one = unlinked().find((other) => other.code === code);
      if (one === undefined) throw new Error('the phone says that this code is wrong');
      link(one);
    },
    rotate() {
      for (const one of unlinked()) offerPicture(one);
    },
    unlink() {
      devices.clear();
      for (const one of linked()) {
        one.device = undefined;
        say(one, { push: 'unlinked' });
      }
      world.changed.fire();
    },
    silence() {
      for (const one of linked()) one.deaf = true;
    },
    drop() {
      for (const one of open) one.socket.terminate();
    },
  };
}
