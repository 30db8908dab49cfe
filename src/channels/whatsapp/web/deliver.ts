// What goes out: only to who wrote first, at a human pace, and counted as sent only on the server's own word. What may
// have arrived is never handed over twice while its fate can still be found out.
import type { Address } from '../../../core/contact.ts';
import { contactIdOf } from '../../../core/contact.ts';
import { DeliveryError } from '../../../core/errors.ts';
import type { CustomerEvent } from '../../../core/event.ts';
import type { Message } from '../../../core/message.ts';
import type { Records, Settings } from '../../../store/store.ts';
import type { LinkState, Media, Outgoing, Sent } from '../../channel.ts';
import { chatOf, type Identities, type Poll } from './identities.ts';
import type { Ask, Asked, Content } from './protocol.ts';
import { toContent } from './wire.ts';

export interface DeliverDeps {
  readonly ask: <A extends Ask>(ask: A, give: Asked[A]['give'], within: number) => Promise<Asked[A]['take']>;
  readonly state: () => LinkState;
  readonly identities: Identities;
  readonly records: Pick<Records, 'contact'>;
  readonly settings: Pick<Settings, 'get' | 'set'>;
  readonly media: Pick<Media, 'open'>;
  readonly pace: Pace;
  readonly clock: () => number;
}

export interface Pace {
  /** Milliseconds; so much at most is waited before a send, by chance. */
  readonly jitter: number;
  /** Messages of the account in a day. */
  readonly daily: number;
  /** Milliseconds for the server's word. */
  readonly acked: number;
  /** Milliseconds before the next try when the server refused one, which tells no cause; after these it is final. */
  readonly refused: readonly number[];
}

export const PACE: Pace = {
  jitter: 1_200,
  daily: 1_500,
  acked: 30_000,
  refused: [5_000, 30_000, 120_000, 600_000],
};

export interface Deliver {
  send(to: Address, out: Outgoing): Promise<Sent>;
  /** The server's word came late; gives the event that tells of it. */
  acked(id: string): CustomerEvent | undefined;
  /** Resolves once no send to the person is under way. */
  idle(peer: string): Promise<unknown>;
}

/** Sends of unknown fate, and refused ones, that are remembered. */
const REMEMBERED = 1_000;
/** Beyond the wait for the server's word: a large upload, and the page's own slowness. */
const HANDING = 90_000;
const DAY = 86_400_000;
const COUNT = 'whatsapp.day';

export function createDeliver(deps: DeliverDeps): Deliver {
  const { ask, identities, settings, pace, clock } = deps;
  /** By our key: what the page called it, and whom it was for. */
  const doubts = new Map<string, { readonly id: string; readonly to: Address }>();
  /** By our key: how often the server refused it. */
  const refusals = new Map<string, number>();
  const underWay = new Map<string, Promise<unknown>>();
  let counting: Promise<void> = Promise.resolve();

  async function send(to: Address, out: Outgoing): Promise<Sent> {
    checkState();
    const chat = await chatFor(to);
    const [attachment] = out.message.attachments ?? [];
    const file = attachment?.ref === undefined ? undefined : await deps.media.open(attachment);
    const content = toContent(out.message, file);
    const earlier = doubts.get(out.key)?.id;
    if (earlier === undefined) await count();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * pace.jitter));
    const poll = pollIn(out.message, content);
    // Whoever votes must be understood even if nobody lived to hear what the page called this poll.
    if (poll) await identities.planPoll(to.peer, chat, poll);
    const { id, arrived } = await ask(
      'send',
      {
        ...{ chat, content, within: pace.acked },
        ...(out.replyTo === undefined ? {} : { quote: out.replyTo }),
        ...(earlier === undefined ? {} : { earlier }),
      },
      pace.acked + HANDING,
    ).catch((error: unknown) => asRefusal(out.key, error));
    if (id !== undefined && poll) await identities.addPoll(to.peer, { id, chat }, poll);
    if (id !== undefined && arrived) {
      doubts.delete(out.key);
      refusals.delete(out.key);
      return { message: id };
    }
    if (id !== undefined) remember(doubts, out.key, { id, to });
    throw new DeliveryError('unknown', 'network');
  }

  function asRefusal(key: string, error: unknown): never {
    // The process was not there to be asked.
    if (!(error instanceof DeliveryError))
      throw new DeliveryError('later', 'network', { retryAfter: 3_000, wide: true, cause: error });
    if (error.verdict !== 'later' || error.reason !== 'refused') throw error;
    doubts.delete(key);
    const before = refusals.get(key) ?? 0;
    const retryAfter = pace.refused[before];
    if (retryAfter === undefined) {
      refusals.delete(key);
      throw new DeliveryError('never', 'refused', { cause: error });
    }
    remember(refusals, key, before + 1);
    throw new DeliveryError('later', 'refused', { retryAfter, cause: error });
  }

  function checkState(): void {
    const { is } = deps.state();
    if (is === 'ready') return;
    if (is === 'off') throw new DeliveryError('later', 'channel_off', { retryAfter: 60_000, wide: true });
    const retryAfter = is === 'linking' || is === 'logged_out' || is === 'broken' ? 30_000 : 3_000;
    throw new DeliveryError('later', 'network', { retryAfter, wide: true });
  }

  /** Where they wrote from last. Nobody is written to first: that is what accounts are closed for. */
  async function chatFor(to: Address): Promise<string> {
    const known = await identities.get(to.peer);
    if (known?.wrote) return known.chat;
    // They may have written while WhatsApp was reached in the other way.
    if (!known && (await deps.records.contact(contactIdOf(to)))) return chatOf(to.peer);
    throw new DeliveryError('never', 'not_started');
  }

  function count(): Promise<void> {
    const next = counting.then(async () => {
      const now = clock();
      const today = Math.floor(now / DAY);
      const [day, sent] = ((await settings.get(COUNT)) ?? '').split(':').map(Number);
      const before = day === today ? (sent ?? 0) : 0;
      if (before >= pace.daily)
        throw new DeliveryError('later', 'flood', { retryAfter: (today + 1) * DAY - now, wide: true });
      await settings.set(COUNT, `${today}:${before + 1}`);
    });
    counting = next.catch(() => undefined);
    return next;
  }

  return {
    send(to, out) {
      const work = send(to, out);
      const all = Promise.allSettled([underWay.get(to.peer), work]);
      underWay.set(to.peer, all);
      void all.then(() => underWay.get(to.peer) === all && underWay.delete(to.peer));
      return work;
    },
    acked(id) {
      const found = [...doubts].find(([, one]) => one.id === id);
      if (!found) return undefined;
      const [key, { to }] = found;
      // It stays known: should the send be tried again, it is found rather than repeated.
      return { ...to, id: `r:${id}`, at: clock(), kind: 'receipt', key, state: 'sent' };
    },
    idle: async (peer) => await underWay.get(peer),
  };
}

function remember<T>(among: Map<string, T>, key: string, value: T): void {
  among.set(key, value);
  const [oldest] = among.keys();
  if (among.size > REMEMBERED && oldest !== undefined) among.delete(oldest);
}

function pollIn(message: Message, content: Content): Poll | undefined {
  if (content.as !== 'poll') return undefined;
  const choices = (message.choices ?? []).filter((choice) => choice.url === undefined);
  return { choices: choices.map(({ id }) => id), labels: content.options };
}
