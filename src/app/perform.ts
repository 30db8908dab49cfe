// Hands each effect to its port. What touches only the store is idempotent; what leaves the house throws DeliveryError.
// It decides nothing: what a failure means is the outbox's to say.

import type { Channel } from '../channels/channel.ts';
import { fit } from '../channels/fit.ts';
import { placeOf } from '../core/contact.ts';
import type { Effect, OutboxEntry } from '../core/effect.ts';
import { DeliveryError } from '../core/errors.ts';
import type { AttachmentKind, Author, Message, StoredMessage } from '../core/message.ts';
import type { Session } from '../core/session.ts';
import type { Link } from '../store/store.ts';
import { channelName } from '../text/channel-name.ts';
import type { Shell } from './shell.ts';

type Of<K extends Effect['kind']> = Extract<Effect, { readonly kind: K }>;

/** Writes what an effect keeps. The same entry again changes nothing. */
export async function performStore(shell: Shell, session: Session, entry: OutboxEntry): Promise<void> {
  const { records } = shell.store;
  const { effect } = entry;
  switch (effect.kind) {
    case 'keep':
      await records.keepMessage(effect.message);
      if (effect.message.ticket !== undefined)
        shell.runtime.publish('tickets', { kind: 'ticket', id: effect.message.ticket });
      return shell.runtime.publish(`contact:${session.id}`, { kind: 'message', seq: effect.message.seq });
    case 'reword':
      await records.rewordMessage(effect.message, effect.text, effect.at);
      return shell.runtime.publish(`contact:${session.id}`, { kind: 'message', id: effect.message });
    case 'link': {
      const { place, network, message, ticket } = effect;
      return await records.putLinks([{ place, network, message, ticket }]);
    }
    case 'fate':
      return await records.setFate(effect.message, effect.state, effect.reason);
    case 'record':
      await records.putResponse(effect.response);
      return shell.runtime.publish('responses', { kind: 'response', id: effect.response.id });
    case 'open':
      await records.openTicket(effect.ticket);
      return shell.runtime.publish('tickets', { kind: 'ticket', id: effect.ticket.id });
    case 'change':
      await records.changeTicket(effect.ticket, entry.id, { set: effect.set, history: effect.history });
      return shell.runtime.publish('tickets', { kind: 'ticket', id: effect.ticket });
    case 'profile': {
      const { person, locale, reachable, muted } = effect;
      const known = {
        ...(person ? { person } : {}),
        ...(locale === undefined ? {} : { locale }),
        ...(reachable === undefined ? {} : { reachable }),
        ...(muted === undefined ? {} : { muted }),
      };
      return await records.putContact({ id: session.id, address: session.address, ...known }, shell.clock());
    }
    case 'offer': {
      const { channel } = session.address;
      const { hash, until } = effect;
      return await shell.store.customers.offer({ hash, contact: session.id, channel, until });
    }
    default:
      throw new Error(`${effect.kind} is no effect on the store`);
  }
}

/** How a message of ours is kept. Only a ticket's, and all of a channel that shows our history. */
function storedOf(session: Session, entry: OutboxEntry, effect: Of<'say'>): StoredMessage {
  return {
    ...effect.message,
    id: entry.id,
    contact: session.id,
    seq: effect.seq,
    author: effect.author ?? { kind: 'bot' },
    at: entry.at,
    state: 'pending',
    ...(effect.ticket === undefined ? {} : { ticket: effect.ticket }),
    ...(effect.origin === undefined ? {} : { origin: effect.origin }),
  };
}

/** Is the message kept, and its fate with it. */
export const isKept = (shell: Shell, session: Session, effect: Of<'say'>): boolean =>
  effect.ticket !== undefined || channelOf(shell, session).abilities.history === 'ours';

/**
 * Keeps a message before it is sent, so that no one is told what we do not know of, and what waits its turn can be seen,
 * corrected and answered already.
 */
export async function keepSaid(shell: Shell, session: Session, entry: OutboxEntry): Promise<void> {
  const { effect } = entry;
  if (effect.kind !== 'say' || shell.said.has(entry.id) || !isKept(shell, session, effect)) return;
  await shell.store.records.keepMessage(storedOf(session, entry, effect));
  shell.said.add(entry.id);
  if (effect.ticket !== undefined) shell.runtime.publish('tickets', { kind: 'ticket', id: effect.ticket });
}

/** What the store must be told of a call that was made. The same again changes nothing. */
export type Keep = () => Promise<void>;

const NOTHING: Keep = async () => {};

/**
 * Makes the calls of one entry, and gives what is to be written down of them: to make them again over a store that
 * fails would be to show it twice. Throws DeliveryError; anything else thrown is the store's trouble or a bug.
 */
export async function performCall(shell: Shell, session: Session, entry: OutboxEntry): Promise<Keep> {
  const { effect } = entry;
  switch (effect.kind) {
    case 'say':
      return await performSay(shell, session, entry, effect);
    case 'redraw':
      await performRedraw(shell, session, effect);
      return NOTHING;
    case 'revise':
      return await performRevise(shell, session, entry, effect);
    case 'hold':
      for (const attachment of effect.attachments) if (attachment.ref) await shell.media.open(attachment);
      return NOTHING;
    case 'desk':
      return await performDesk(shell, entry, effect);
    default:
      throw new Error(`${effect.kind} is no call`);
  }
}

function channelOf(shell: Shell, session: Session): Channel {
  const channel = shell.channels.get(session.address.channel);
  if (!channel) throw new DeliveryError('later', 'channel_off', { retryAfter: 60_000 });
  return channel;
}

async function performSay(
  shell: Shell,
  session: Session,
  entry: OutboxEntry,
  effect: Of<'say'>,
): Promise<Keep> {
  const channel = channelOf(shell, session);
  const { records } = shell.store;
  const message =
    channel.abilities.history === 'ours' || channel.abilities.isPublic
      ? effect.message
      : signed(effect.message, effect.author);
  const parts = fit(message, channel.abilities, shell.fitWords(session.locale));
  const [quoted] =
    effect.message.replyTo === undefined
      ? []
      : await records.linksOf(placeOf(session.address), effect.message.replyTo);
  // Neither a refusal half-way nor a store that fails afterwards must show a part again.
  const sent = [...(shell.partsSent.get(entry.id) ?? [])];
  for (const [index, part] of parts.entries()) {
    if (index < sent.length) continue;
    const { message: network } = await channel.send(session.address, {
      key: parts.length === 1 ? entry.id : `${entry.id}/${index}`,
      message: part,
      ...(quoted !== undefined && index === 0 ? { replyTo: quoted } : {}),
    });
    sent.push(network);
    shell.partsSent.set(entry.id, [...sent]);
  }
  const links: readonly Link[] = sent.map((network) => ({
    place: placeOf(session.address),
    network,
    message: entry.id,
    ...(effect.ticket === undefined ? {} : { ticket: effect.ticket }),
  }));
  return async () => {
    if (effect.ticket !== undefined) await records.putLinks(links);
    if (isKept(shell, session, effect)) await records.setFate(entry.id, 'sent');
    if (effect.ticket !== undefined) shell.runtime.publish('tickets', { kind: 'ticket', id: effect.ticket });
  };
}

const WORDLESS: ReadonlySet<AttachmentKind> = new Set(['voice', 'audio', 'sticker', 'location', 'contact']);

/** In a chat that shows one sender only, an operator's words carry their name. */
function signed(message: Message, author: Author | undefined): Message {
  if (author?.kind !== 'operator') return message;
  // A name alone after a file that takes no words would look like words that were cut off.
  if (message.text === '' && message.attachments?.every((file) => WORDLESS.has(file.kind))) return message;
  return { ...message, text: message.text ? `${author.name}:\n${message.text}` : `${author.name}:` };
}

async function performRedraw(shell: Shell, session: Session, effect: Of<'redraw'>): Promise<void> {
  const channel = channelOf(shell, session);
  if (channel.abilities.history === 'ours') {
    await shell.store.records.redrawMessage(effect.message, effect.next);
    return shell.runtime.publish(`contact:${session.id}`, { kind: 'message', id: effect.message });
  }
  await channel.redraw?.(session.address, effect.message, effect.next);
}

/** The message with other words; where the channel cannot change one, it is said anew. */
async function performRevise(
  shell: Shell,
  session: Session,
  entry: OutboxEntry,
  effect: Of<'revise'>,
): Promise<Keep> {
  const channel = channelOf(shell, session);
  const { records } = shell.store;
  const message = await records.message(effect.message);
  const text = signed({ text: effect.text }, message?.author).text;
  if (channel.abilities.history === 'ours') {
    shell.runtime.publish(`contact:${session.id}`, { kind: 'message', id: effect.message });
    return NOTHING;
  }
  const links = await records.linksOf(placeOf(session.address), effect.message);
  const [network] = links;
  if (network !== undefined && links.length === 1 && channel.revise) {
    await channel.revise(session.address, network, text);
    return NOTHING;
  }
  const sent = await channel.send(session.address, {
    key: entry.id,
    message: { text: `✏️ ${text}` },
    ...(network === undefined ? {} : { replyTo: network }),
  });
  return () =>
    records.putLinks([{ place: placeOf(session.address), network: sent.message, message: effect.message }]);
}

async function performDesk(shell: Shell, entry: OutboxEntry, effect: Of<'desk'>): Promise<Keep> {
  const desk = shell.desks.find((one) => entry.lane === `desk:${one.id}`);
  if (!desk) return NOTHING;
  const { records } = shell.store;
  const ticket = await records.ticket(effect.ticket);
  if (!ticket) throw new Error(`ticket ${effect.ticket} is shown before it was opened`);
  const others = await shell.store.customers.joinedWith(ticket.contact);
  const { texts, deskLocale } = shell.rules();
  const alsoOn = [...new Set(others.map(({ channel }) => channelName(texts, deskLocale, channel)))];
  const known = alsoOn.length > 0 ? { ...ticket, alsoOn } : ticket;
  const shown = await desk.show(known, effect.show, entry.id);
  const place = (shown.places ?? ticket.places).find((one) => one.desk === desk.id && one.live);
  const { show } = effect;
  return async () => {
    if (shown.places) await records.setPlaces(ticket.id, shown.places);
    if (!place || show.what !== 'line' || !shown.links?.length) return;
    await records.putLinks(
      shown.links.map((network) => ({ place: place.key, network, message: show.message, ticket: ticket.id })),
    );
  };
}
