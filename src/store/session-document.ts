// A session as it is stored: short names, nothing for what is absent or empty. Only this file knows the names.
// It must lose nothing: what comes back equals what went in.
import type { Effect, Lane, OutboxEntry } from '../core/effect.ts';
import type { Value } from '../core/expect.ts';
import type { Attachment } from '../core/message.ts';
import { dueAt, type Frame, type OpenTicket, type Run, type Session, type Timer } from '../core/session.ts';

export interface SessionDocument {
  readonly _id: string;
  readonly v: number;
  /** Address: channel, account, peer. */
  readonly c: string;
  readonly a?: string;
  readonly p: string;
  readonly l: string;
  /** Name. */
  readonly m?: string;
  readonly n?: number;
  readonly q?: number;
  /** 1: not reachable. */
  readonly u?: 1;
  /** 1: muted. */
  readonly s?: 1;
  readonly r?: RunDocument;
  /** The ticket they talk about, and the open ones: id, number. */
  readonly t?: TicketPair;
  readonly o?: readonly TicketPair[];
  /** Timers: name, due. */
  readonly d?: readonly (readonly [Timer['name'], number])[];
  readonly x?: readonly EntryDocument[];
  readonly j?: readonly string[];
  readonly y?: string;
  /** Joining: until, then the tries. */
  readonly f?: readonly string[];
  readonly g?: readonly number[];
  /** When it next wants attention; indexed. */
  readonly due?: number;
  /** Mark of the write that left it so: nothing of the session, never read back. */
  readonly w?: string;
}
type TicketPair = readonly [string, string];

interface RunDocument {
  readonly i: string;
  readonly h: string;
  readonly k: number;
  readonly f: readonly FrameDocument[];
  readonly b: number;
  readonly t?: readonly string[];
  readonly a?: readonly Attachment[];
}

interface FrameDocument {
  readonly f: string;
  readonly n: string;
  readonly a?: Readonly<Record<string, Value>>;
  readonly b?: string;
  readonly w?: number;
  readonly s?: number;
  readonly k?: Readonly<Record<string, Value>>;
  readonly c?: 1;
}

interface EntryDocument {
  /** The part after `<contact>.`, else the whole id behind a `!`. */
  readonly i: string;
  readonly l: Lane;
  readonly e: Effect;
  /** 1: sending. */
  readonly s?: 1;
  readonly t?: number;
  readonly a: number;
}

export function toDocument(session: Session, v: number): SessionDocument {
  const due = dueAt(session);
  const { id, v: _v, address, locale, name, n, seq, reachable, muted, ...others } = session;
  const { run, talk, open, lastPress, joining, offered, timers, outbox, applied, ...rest } = others;
  allKept(rest);
  return {
    _id: id,
    v,
    c: address.channel,
    ...(address.account !== '' && { a: address.account }),
    p: address.peer,
    l: locale,
    ...(name !== undefined && { m: name }),
    ...(n !== 0 && { n }),
    ...(seq !== 0 && { q: seq }),
    ...(!reachable && { u: 1 }),
    ...(muted && { s: 1 }),
    ...(run && { r: toRun(run) }),
    ...(talk && { t: toPair(talk) }),
    ...(open.length > 0 && { o: open.map(toPair) }),
    ...(lastPress !== undefined && { y: lastPress }),
    ...(joining && { g: [joining.until, ...joining.tries] }),
    ...(offered && { f: offered }),
    ...(timers.length > 0 && { d: timers.map((timer) => [timer.name, timer.due] as const) }),
    ...(outbox.length > 0 && { x: outbox.map((entry) => toEntry(id, entry)) }),
    ...(applied.length > 0 && { j: applied }),
    ...(due !== undefined && { due }),
  };
}

export function fromDocument(stored: SessionDocument): Session {
  return {
    id: stored._id,
    v: stored.v,
    address: { channel: stored.c, account: stored.a ?? '', peer: stored.p },
    locale: stored.l,
    ...(stored.m !== undefined && { name: stored.m }),
    n: stored.n ?? 0,
    seq: stored.q ?? 0,
    reachable: stored.u !== 1,
    muted: stored.s === 1,
    ...(stored.r && { run: fromRun(stored.r) }),
    ...(stored.t && { talk: fromPair(stored.t) }),
    open: (stored.o ?? []).map(fromPair),
    ...(stored.y !== undefined && { lastPress: stored.y }),
    ...(stored.f && { offered: stored.f }),
    ...(stored.g && { joining: { until: stored.g[0] ?? 0, tries: stored.g.slice(1) } }),
    timers: (stored.d ?? []).map(([name, due]) => ({ name, due })),
    outbox: (stored.x ?? []).map((entry) => fromEntry(stored._id, entry)),
    applied: stored.j ?? [],
  };
}

/** The compiler's proof that no field of core's is forgotten here: what is left over must be nothing. */
function allKept(_rest: Record<string, never>): void {}

const toPair = (ticket: OpenTicket): TicketPair => [ticket.id, ticket.number];
const fromPair = ([id, number]: TicketPair): OpenTicket => ({ id, number });

function toRun({ id, release, step, frames, startedAt, ticks, files, ...rest }: Run): RunDocument {
  allKept(rest);
  return {
    i: id,
    h: release,
    k: step,
    f: frames.map(toFrame),
    b: startedAt,
    ...(ticks && { t: ticks }),
    ...(files && { a: files }),
  };
}

function fromRun(stored: RunDocument): Run {
  return {
    id: stored.i,
    release: stored.h,
    step: stored.k,
    frames: stored.f.map(fromFrame),
    startedAt: stored.b,
    ...(stored.t && { ticks: stored.t }),
    ...(stored.a && { files: stored.a }),
  };
}

function toFrame({ flow, node, answers, back, again, since, kept, recorded, ...rest }: Frame): FrameDocument {
  allKept(rest);
  return {
    f: flow,
    n: node,
    ...(Object.keys(answers).length > 0 && { a: answers }),
    ...(back !== undefined && { b: back }),
    ...(again !== undefined && { w: again }),
    ...(since !== 0 && { s: since }),
    ...(kept && { k: kept }),
    ...(recorded && { c: 1 }),
  };
}

function fromFrame(stored: FrameDocument): Frame {
  return {
    flow: stored.f,
    node: stored.n,
    answers: stored.a ?? {},
    ...(stored.b !== undefined && { back: stored.b }),
    ...(stored.w !== undefined && { again: stored.w }),
    since: stored.s ?? 0,
    ...(stored.k && { kept: stored.k }),
    ...(stored.c === 1 && { recorded: true }),
  };
}

function toEntry(contact: string, entry: OutboxEntry): EntryDocument {
  const { id, lane, effect, state, tries, at, ...rest } = entry;
  allKept(rest);
  return {
    i: id.startsWith(`${contact}.`) ? id.slice(contact.length + 1) : `!${id}`,
    l: lane,
    e: effect,
    ...(state === 'sending' && { s: 1 }),
    ...(tries !== 0 && { t: tries }),
    a: at,
  };
}

function fromEntry(contact: string, stored: EntryDocument): OutboxEntry {
  return {
    id: stored.i.startsWith('!') ? stored.i.slice(1) : `${contact}.${stored.i}`,
    lane: stored.l,
    effect: stored.e,
    state: stored.s === 1 ? 'sending' : 'pending',
    tries: stored.t ?? 0,
    at: stored.a,
  };
}
