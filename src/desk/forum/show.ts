// Shows at the desk what the engine decided, in the ticket's topic, making the topic anew where it is gone. Trying
// again after a refusal goes on where it stopped, so that nothing is shown twice.
import type { DeskShow } from '../../core/effect.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { Ticket, TicketPlace } from '../../core/ticket.ts';
import type { Once } from '../../networks/telegram/progress.ts';
import type { DeskRecords, Shown } from '../desk.ts';
import { lineText } from './card.ts';
import { ownPlaces, withOwn } from './place.ts';
import { furnish, makeTopic, retitle, rewriteCard, type TopicDeps, write, writeWhatCan } from './topic.ts';

export interface ShowDeps extends TopicDeps {
  readonly records: DeskRecords;
  /** Keeps the ticket's places at once: a topic made must not be forgotten by a crash before `show` ends. */
  readonly keepPlaces?: ((ticket: string, places: readonly TicketPlace[]) => Promise<void>) | undefined;
  /** The group's id now, and whether an id was ever its. */
  readonly chat: () => number;
  readonly has: (chat: number) => boolean;
}

/** How often a topic may vanish under one show. */
const GENERATIONS = 3;

export async function showTicket(deps: ShowDeps, ticket: Ticket, show: DeskShow, once: Once): Promise<Shown> {
  let own = ownPlaces(ticket, deps.chat(), deps.has);
  const before = JSON.stringify(ticket.places);
  const save = async (places: TicketPlace[]): Promise<void> => {
    own = places;
    await deps.keepPlaces?.(ticket.id, withOwn(ticket, own));
  };

  /** The live place with its card, made where there is none; `fresh` when the card is what this show wrote. */
  const ready = async (): Promise<{ place: TicketPlace; fresh: boolean }> => {
    let index = own.findIndex((place) => place.live);
    if (index < 0) {
      index = own.length;
      const made = await once(`${index}.topic`, () => makeTopic(deps, ticket, deps.chat()));
      await save([...own, made]);
    }
    const place = own[index];
    if (place === undefined) throw new DeliveryError('never', 'no_place');
    if (place.card !== undefined) return { place, fresh: false };
    const begunLate = index > 0 || show.what !== 'open';
    const told = begunLate ? await toldBefore(deps, ticket, show) : undefined;
    const within: Once = (step, act) => once(`${index}.${step}`, act);
    const furnished = await furnish(deps, ticket, place, told, within);
    await save(own.map((one, at) => (at === index ? furnished : one)));
    return { place: furnished, fresh: true };
  };

  for (let generation = 0; ; generation++) {
    try {
      const { place, fresh } = await ready();
      const within: Once = (step, act) => once(`${place.key}.${step}`, act);
      const shownAlready = fresh && (show.what === 'open' || show.what === 'card');
      const { links, card }: Done = shownAlready ? {} : await showIn(deps, ticket, place, show, within);
      if (card !== undefined) {
        await save(own.map((one) => (one.key === place.key ? { ...one, card } : one)));
      }
      const places = withOwn(ticket, own);
      return {
        ...(JSON.stringify(places) !== before && { places }),
        ...(links !== undefined && { links }),
      };
    } catch (error) {
      const gone = error instanceof DeliveryError && error.reason === 'gone_thread';
      if (!gone || generation >= GENERATIONS) throw error;
      await save(own.map((place) => ({ ...place, live: false })));
    }
  }
}

/** What was said before what is shown now. */
async function toldBefore(deps: ShowDeps, ticket: Ticket, show: DeskShow) {
  const messages = await deps.records.messages(ticket.id);
  const now = show.what === 'line' ? show.message : undefined;
  const index = messages.findIndex((message) => message.id === now);
  return index < 0 ? messages : messages.slice(0, index);
}

interface Done {
  readonly links?: readonly string[];
  /** A card's message in the place of the old one. */
  readonly card?: string;
}

async function showIn(
  deps: ShowDeps,
  ticket: Ticket,
  place: TicketPlace,
  show: DeskShow,
  once: Once,
): Promise<Done> {
  switch (show.what) {
    case 'open':
    case 'card':
      return showCard(deps, ticket, place, once);
    case 'line':
      return showLine(deps, place, show.message, once);
    case 'notice':
      await write(deps, place, { text: show.text, replyTo: numeric(show.replyTo) }, once, 'notice');
      return {};
    case 'reworded': {
      const { before, after } = show;
      const [twin] = await deps.records.links(place.key, show.message);
      const text = deps.t('desk:line.reworded', { before, after });
      await write(deps, place, { text: `✏️ ${text}`, replyTo: numeric(twin) }, once, 'reworded');
      return {};
    }
  }
}

async function showCard(deps: ShowDeps, ticket: Ticket, place: TicketPlace, once: Once): Promise<Done> {
  await retitle(deps, ticket, place);
  if (await rewriteCard(deps, ticket, place)) return {};
  const { card } = await furnish(deps, { ...ticket, evidence: [] }, place, undefined, once);
  return card === undefined ? {} : { card };
}

async function showLine(deps: ShowDeps, place: TicketPlace, id: string, once: Once): Promise<Done> {
  const message = await deps.records.message(id);
  if (message === undefined) return {};
  // Written here by hand, or shown before.
  if ((await deps.records.links(place.key, id)).length > 0) return {};
  const [twin] = message.replyTo === undefined ? [] : await deps.records.links(place.key, message.replyTo);
  const sent = await writeWhatCan(
    deps,
    place,
    { text: lineText(message), attachments: message.attachments ?? [], replyTo: numeric(twin) },
    once,
    'line',
  );
  return { links: sent.map((one) => String(one.message_id)) };
}

/** Absent for an id that is no Telegram message's, such as another desk's. */
function numeric(id: string | undefined): number | undefined {
  return id !== undefined && /^\d+$/.test(id) ? Number(id) : undefined;
}
