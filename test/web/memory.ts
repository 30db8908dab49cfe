// A small real world for the web part: a store in memory, a runtime, media, and a bot that keeps what is said and
// answers a survey, so that the pages are tested against something that behaves.
import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import type { Media } from '../../src/channels/channel.ts';
import { createWebChannel } from '../../src/channels/web/adapter.ts';
import { contactIdOf } from '../../src/core/contact.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import { addressOf, type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import type { Message, StoredMessage } from '../../src/core/message.ts';
import type { Response } from '../../src/core/response.ts';
import type { Ticket } from '../../src/core/ticket.ts';
import type { LiveUpdate } from '../../src/runtime/runtime.ts';
import type { Contact, Records } from '../../src/store/store.ts';
import type { ParkedEvent, WebDeps } from '../../src/web/deps.ts';

type AuditEntry = Parameters<Records['audit']>[0];

export interface World {
  readonly deps: WebDeps;
  /** Everything that was journalled, once each. */
  readonly events: InboundEvent[];
  readonly audit: AuditEntry[];
  readonly messages: StoredMessage[];
  readonly tickets: Map<string, Ticket>;
  readonly responses: Response[];
  readonly settings: Map<string, string>;
  /** What could not be handled; a replay takes it away. */
  readonly parked: ParkedEvent[];
  readonly log: unknown[];
  now: number;
  /** Says something to a contact, as the shell would. */
  say(contact: string, message: Message, extra?: Partial<StoredMessage>): StoredMessage;
  /** Keeps a message and tells nobody. */
  keep(contact: string, message: Message, extra?: Partial<StoredMessage>): StoredMessage;
  publish(topic: string, update: LiveUpdate): void;
  /** How the bot answers a customer's event; absent: it keeps quiet. */
  bot: ((event: InboundEvent, contact: string) => void) | undefined;
  /** The words a press leaves in the talk, undefined: none; absent: its label. */
  echo: ((event: InboundEvent) => string | undefined) | undefined;
  readonly contacts: Map<string, Contact>;
  /** Set to make the journal fail. */
  broken: boolean;
  /** Set to keep events back: they are taken, but nothing comes of them yet. */
  handle: boolean;
}

export const PASSWORD = 'correct horse';

export function createWorld(overrides: Partial<WebDeps> = {}): World {
  const listeners = new Map<string, Set<(update: LiveUpdate) => void>>();
  const files = new Map<string, { bytes: Uint8Array; mime: string }>();
  const taken = new Set<string>();
  const seqs = new Map<string, number>();

  const publish = (topic: string, update: LiveUpdate) => {
    for (const listener of listeners.get(topic) ?? []) listener(update);
  };
  const channel = createWebChannel({ publish });

  const media: Media = {
    async keep(file, wanted) {
      const bytes = file.bytes;
      const mime = (await fileTypeFromBuffer(bytes))?.mime ?? 'application/octet-stream';
      const id = createHash('sha256').update(bytes).digest('hex');
      files.set(id, { bytes, mime });
      const picture = wanted !== 'photo' || mime.startsWith('image/');
      return {
        kind: picture ? wanted : 'document',
        ref: `media:${id}`,
        mime,
        size: bytes.length,
        ...(file.name === undefined ? {} : { name: file.name }),
      };
    },
    async open(attachment) {
      const found = files.get(attachment.ref?.replace('media:', '') ?? '');
      if (!found) throw new DeliveryError('never', 'gone');
      return found;
    },
  };

  const settings: WebDeps['settings'] = {
    get: async (name) => world.settings.get(name),
    once: async (name, value) => {
      if (!world.settings.has(name)) world.settings.set(name, value);
      return world.settings.get(name) ?? value;
    },
    set: async (name, value) => {
      world.settings.set(name, value);
    },
  };

  const of = (contact: string) =>
    world.messages.filter((message) => message.contact === contact).sort((a, b) => a.seq - b.seq);
  const newestFirst = (a: Ticket, b: Ticket) => b.changedAt - a.changedAt || (a.id < b.id ? 1 : -1);
  const records: WebDeps['records'] = {
    responses: async ({ limit, before }) =>
      world.responses.filter((it) => before === undefined || it.at < before).slice(0, limit),
    ticket: async (id) => world.tickets.get(id),
    ticketByNumber: async (number) => [...world.tickets.values()].find((it) => it.number === number),
    tickets: async ({ state, assignee, limit, before }) =>
      [...world.tickets.values()]
        .sort(newestFirst)
        .filter((it) => state === undefined || (it.status === 'closed') === (state === 'closed'))
        .filter((it) => assignee === undefined || it.assignee?.id === assignee)
        .filter((it) => before === undefined || it.changedAt < before.changedAt)
        .slice(0, limit),
    contact: async (id) => world.contacts.get(id),
    message: async (id) => world.messages.find((it) => it.id === id),
    messagesSince: async (contact, seq, limit) =>
      of(contact)
        .filter((it) => it.seq > seq)
        .slice(0, limit),
    lastMessages: async (contact, limit) => of(contact).slice(-limit),
    ticketMessages: async (ticket) => world.messages.filter((it) => it.ticket === ticket),
    audit: async (entry) => {
      world.audit.push(entry);
    },
  };

  const keep: World['keep'] = (contact, message, extra = {}) => {
    const seq = (seqs.get(contact) ?? 0) + 1;
    seqs.set(contact, seq);
    const kept: StoredMessage = {
      ...message,
      id: `${contact}.${seq}`,
      contact,
      seq,
      at: world.now,
      author: { kind: 'bot' },
      ...extra,
    };
    world.messages.push(kept);
    return kept;
  };

  const world: World = {
    events: [],
    audit: [],
    messages: [],
    tickets: new Map(),
    responses: [],
    settings: new Map(),
    log: [],
    now: Date.now(),
    broken: false,
    handle: true,
    bot: undefined,
    echo: undefined,
    contacts: new Map(),
    publish,
    keep,
    parked: [],
    say(contact, message, extra = {}) {
      const kept = keep(contact, message, extra);
      publish(`contact:${contact}`, { kind: 'message', seq: kept.seq });
      if (kept.ticket) publish('tickets', { kind: 'ticket', id: kept.ticket });
      return kept;
    },
    deps: {
      host: '127.0.0.1',
      port: 0,
      records,
      media,
      settings,
      runtime: {
        subscribe(topic, handle) {
          const here = listeners.get(topic) ?? new Set();
          listeners.set(topic, here.add(handle));
          return () => void here.delete(handle);
        },
      },
      verifyPassword: async (text) => text === PASSWORD,
      flows: { status: () => [] },
      health: () => ({ ok: true, parts: [] }),
      parked: async () => world.parked,
      async replay(id) {
        const at = world.parked.findIndex((event) => event.id === id);
        if (at >= 0) world.parked.splice(at, 1);
        return at >= 0;
      },
      hooks: {},
      deskDefaultLocale: 'ru',
      clock: () => world.now,
      log: {
        error: (fields, message) => world.log.push({ fields, message }),
        warn: (fields, message) => world.log.push({ fields, message }),
        info: () => {},
      },
      async intake(events) {
        if (world.broken) throw new Error('the journal is away');
        for (const event of events) {
          const key = `${event.channel} ${event.account} ${event.id}`;
          if (taken.has(key)) continue;
          taken.add(key);
          world.events.push(event);
          if (world.handle) apply(event);
        }
      },
      ...overrides,
    },
  };

  const apply = (event: InboundEvent) => {
    if (event.kind === 'desk') return applyDesk(event);
    if (!isCustomerEvent(event)) return;
    const contact = contactIdOf(addressOf(event));
    const me = { author: { kind: 'customer' } as const };
    if (event.kind === 'message') {
      const { text, attachments = [], message } = event;
      keep(
        contact,
        { text, attachments },
        { ...me, ...(message === undefined ? {} : { origin: `in:${message}` }) },
      );
    }
    if (event.kind === 'press') {
      const labels = of(contact).flatMap((it) => it.choices ?? []);
      const label = labels.find((it) => it.id === event.button)?.label ?? event.button;
      const words = world.echo ? world.echo(event) : label;
      if (words !== undefined) keep(contact, { text: words }, { ...me, origin: `in:${event.id}` });
    }
    void channel.send(addressOf(event), { key: event.id, message: { text: '' } });
    world.bot?.(event, contact);
  };

  const applyDesk = (event: Extract<InboundEvent, { kind: 'desk' }>) => {
    const ticket = world.tickets.get(event.ticket ?? '');
    if (!ticket) return;
    const by = event.operator;
    const change = (set: Partial<Ticket>, history: Ticket['history']) =>
      world.tickets.set(ticket.id, {
        ...ticket,
        ...set,
        v: ticket.v + 1,
        changedAt: world.now,
        history: [...ticket.history, ...history],
      });
    if (event.act === 'claim')
      change({ assignee: by }, [{ at: world.now, by, what: 'assigned', to: by.name }]);
    if (event.act === 'close') {
      change({ status: 'closed', closedAt: world.now }, [
        { at: world.now, by, what: 'status', from: ticket.status, to: 'closed' },
      ]);
    }
    if (event.act === 'write' || event.act === 'note') {
      keep(
        ticket.contact,
        { text: event.text, attachments: event.attachments ?? [] },
        {
          author: { kind: 'operator', ...by },
          ticket: ticket.id,
          origin: `inbox::${event.id}`,
          ...(event.act === 'note' ? { note: true } : { state: 'sent' }),
        },
      );
    }
    publish('tickets', { kind: 'ticket', id: ticket.id });
    publish(`contact:${ticket.contact}`, { kind: 'message' });
  };
  return world;
}

/** Eleven steps, as an NPS question is asked. */
export function scaleChoices(step: number) {
  return Array.from({ length: 11 }, (_, n) => ({ id: `r1.${step}.${n}`, label: String(n) }));
}

export function ticketOf(set: Partial<Ticket> = {}): Ticket {
  return {
    id: 'tk1',
    v: 1,
    number: 'K7-48213',
    kind: 'complaint',
    status: 'acknowledged',
    contact: 'c1',
    channel: 'web',
    account: '',
    locale: 'ru',
    customer: 'Марина',
    category: ['delivery'],
    subject: 'Курьер опоздал на два часа и не позвонил',
    fields: [],
    evidence: [],
    reachable: true,
    history: [{ at: Date.now() - 3600_000, what: 'opened' }],
    places: [],
    openedAt: Date.now() - 3600_000,
    changedAt: Date.now() - 1800_000,
    ...set,
  };
}
