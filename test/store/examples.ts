// Examples of everything the store keeps, each with the fields a test does not care about filled in.
import { contactIdOf } from '../../src/core/contact.ts';
import type { CustomerEvent } from '../../src/core/event.ts';
import type { StoredMessage } from '../../src/core/message.ts';
import type { Response } from '../../src/core/response.ts';
import { newSession, type Session } from '../../src/core/session.ts';
import type { Ticket } from '../../src/core/ticket.ts';

export const T0 = Date.UTC(2026, 0, 5, 9);

export function event(id: string, peer = '7'): CustomerEvent {
  return { id, channel: 'web', account: '', at: T0, peer, kind: 'message', text: `text of ${id}` };
}

export function session(peer: string, changes: Partial<Session> = {}): Session {
  const address = { channel: 'web', account: '', peer };
  return { ...newSession(contactIdOf(address), address, 'ru'), ...changes };
}

export function response(changes: Partial<Response> = {}): Response {
  return {
    id: 'r1',
    contact: 'c1',
    channel: 'web',
    account: '',
    locale: 'ru',
    flow: 'nps',
    flowVersion: 'f00d',
    state: 'partial',
    metric: 'nps',
    reasons: [],
    touchpoint: 'delivery',
    answers: { score: 3, 'why.more': 'долго', files: [{ kind: 'photo', ref: 'media:1' }] },
    lastNode: 'why',
    startedAt: T0,
    at: T0 + 1_000,
    ...changes,
  };
}

export function ticket(id: string, changes: Partial<Ticket> = {}): Ticket {
  return {
    id,
    v: 0,
    number: `K-${id}`,
    kind: 'complaint',
    status: 'received',
    contact: 'c1',
    channel: 'web',
    account: '',
    locale: 'ru',
    customer: 'Анна',
    category: ['delivery', 'late'],
    subject: 'Не привезли',
    fields: [{ id: 'when', label: 'Когда', value: 'вчера' }],
    evidence: [{ kind: 'photo', ref: 'telegram:x', caption: 'вот' }],
    reachable: true,
    history: [{ at: T0, what: 'opened' }],
    places: [],
    openedAt: T0,
    changedAt: T0,
    ...changes,
  };
}

export function message(id: string, seq: number, changes: Partial<StoredMessage> = {}): StoredMessage {
  return {
    id,
    contact: 'c1',
    seq,
    author: { kind: 'customer', name: 'Анна' },
    at: T0 + seq,
    text: `слова ${id}`,
    ...changes,
  };
}
