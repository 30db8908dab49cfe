// A Telegram group with topics as the operators' desk: one topic a ticket. It shows, and turns what operators do into
// events; what these lead to is decided elsewhere. Words of people it cannot name go nowhere.
import { DeliveryError } from '../../core/errors.ts';
import type { DeskEvent } from '../../core/event.ts';
import type { TicketPlace } from '../../core/ticket.ts';
import { sound } from '../../networks/sound.ts';
import type { Log, Update } from '../../networks/telegram/api.ts';
import type { TelegramClient } from '../../networks/telegram/client.ts';
import { MigratedError } from '../../networks/telegram/errors.ts';
import { persistently } from '../../networks/telegram/persistently.ts';
import type { PostDeps } from '../../networks/telegram/post.ts';
import { createProgress } from '../../networks/telegram/progress.ts';
import type { Receive } from '../../networks/telegram/receive.ts';
import type { OperatorChat } from '../../networks/telegram/route.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import { written } from '../../networks/written.ts';
import type { Desk, DeskRecords } from '../desk.ts';
import { pieces, type Say } from './card.ts';
import { type Fitness, fitnessOf } from './fitness.ts';
import { createMembers } from './members.ts';
import { placeKey, readPlace } from './place.ts';
import { showTicket } from './show.ts';
import { FORUM, fromUpdate, type Read } from './wire.ts';

export interface ForumDeskDeps {
  readonly client: TelegramClient;
  readonly receive: Receive;
  readonly operatorChat: OperatorChat;
  readonly records: DeskRecords;
  readonly media: { readonly open: PostDeps['open'] };
  /** A text in the desk's language, by its whole key, e.g. `desk:card.status`. */
  readonly t: Say;
  /** Keeps a ticket's places at once, before the rest of a show is done. */
  readonly keepPlaces?: (ticket: string, places: readonly TicketPlace[]) => Promise<void>;
  /** Keeps, durably, an update that could not be understood. */
  readonly onBad: (updateId: number, raw: string, reason: string) => Promise<void>;
  readonly clock: () => number;
  readonly log: Log;
}

/** Telegram's limit of one group, whatever the bot does there. */
const RATE = { count: 20, per: 60_000, burst: 20 } as const;
const HOUR = 60 * 60_000;
/** Until the group is put right. */
const UNFIT_PAUSE = 60_000;
const REMEMBERED = 1_000;
const TEXT_LIMIT = 4_096;
const COMMANDS = ['claim', 'take', 'note', 'close', 'resend', 'help'] as const;

export function createForumDesk(deps: ForumDeskDeps): Desk {
  const { client, receive, operatorChat, clock, log, t } = deps;
  const members = createMembers(client);
  const progress = createProgress();
  const titles = new Map<string, string>();
  const toldAt = new Map<string, number>();
  const notedGroups = new Set<string>();
  const underWay = createUnderWay();
  let fitness: (Fitness & { readonly at: number }) | undefined;
  let checking = false;
  let stopped = false;

  /** Calls again under the group's new id when it has become a supergroup. */
  async function following<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof MigratedError)) throw error;
      await operatorChat.move(error.to);
      return act();
    }
  }

  /** Looks at the group anew; what cannot be learnt now is learnt at the next look. */
  function check(): void {
    if (stopped || checking) return;
    checking = true;
    void underWay.track(
      following(() => fitnessOf(client, operatorChat.current()))
        .catch((error: unknown): Fitness | undefined => {
          const isOut = error instanceof DeliveryError && error.verdict === 'blocked';
          return isOut ? { unfit: 'not_member' } : undefined;
        })
        .then((found) => {
          checking = false;
          if (found === undefined) return;
          fitness = { ...found, at: clock() };
          if (found.unfit !== undefined) log.error({ unfit: found.unfit }, 'the group cannot be a desk');
        }),
    );
  }

  async function setCommands(): Promise<void> {
    await client.call.setMyCommands({
      commands: COMMANDS.map((command) => ({ command, description: t(`desk:command.${command}`) })),
      scope: { type: 'chat', chat_id: operatorChat.current() },
    });
  }

  /** One note makes its whole album notes: a part without the sign must not go to the customer. */
  function keepNotesTogether(events: readonly DeskEvent[]): DeskEvent[] {
    for (const event of events) {
      if (event.act === 'note' && event.group !== undefined) notedGroups.add(event.group);
    }
    const [oldest] = notedGroups;
    if (notedGroups.size > REMEMBERED && oldest !== undefined) notedGroups.delete(oldest);
    return events.map((event) => {
      if (event.act !== 'write' || event.group === undefined || !notedGroups.has(event.group)) return event;
      const { replyTo: _, ...rest } = event;
      return { ...rest, act: 'note' };
    });
  }

  /** Says why nothing went out, once an hour to the same person. */
  function tellNameless({ who, thread, message }: NonNullable<Read['nameless']>): void {
    const now = clock();
    const last = toldAt.get(who);
    if (last !== undefined && now - last < HOUR) return;
    toldAt.set(who, now);
    const [oldest] = toldAt.keys();
    if (toldAt.size > REMEMBERED && oldest !== undefined) toldAt.delete(oldest);
    answer(t('desk:notice.anonymous'), message, thread);
  }

  /** Best effort: it is a courtesy, and the person can ask again. */
  function answer(text: string, message: number, thread: number | undefined): void {
    const sending = client.call
      .sendMessage({
        chat_id: operatorChat.current(),
        ...(thread !== undefined && { message_thread_id: thread }),
        text,
        reply_parameters: { message_id: message, allow_sending_without_reply: true },
        link_preview_options: { is_disabled: true },
      })
      .catch(() => log.warn({}, 'a courtesy answer in the group was not delivered'));
    void underWay.track(sending);
  }

  async function understand(update: Update): Promise<Read> {
    try {
      const { account } = client;
      const read = fromUpdate(update, { account, chat: operatorChat.current(), botName: fitness?.botName });
      return { ...read, events: read.events.map(sound) };
    } catch {
      log.error(
        { update: update.update_id },
        'an update of the group could not be understood; it is put aside',
      );
      await deps.onBad(update.update_id, written(update), 'not_understood');
      return { events: [] };
    }
  }

  async function take(updates: readonly Update[]): Promise<Read[]> {
    const reads: Read[] = [];
    for (const update of updates) {
      const read = await understand(update);
      if (read.movedTo !== undefined) await operatorChat.move(read.movedTo);
      reads.push(read);
    }
    return reads;
  }

  /** What the group refuses is tried again once it is put right: no word of a customer may be lost by it. */
  function asPatient(error: unknown): unknown {
    if (!(error instanceof DeliveryError)) return error;
    const isUnfit = error.verdict === 'blocked' || error.reason === 'no_rights';
    if (!isUnfit && error.reason !== 'gone_thread' && error.reason !== 'closed_thread') return error;
    check();
    return new DeliveryError('later', error.reason, { retryAfter: UNFIT_PAUSE, cause: error });
  }

  return {
    id: FORUM,
    rate: RATE,
    rateKey: () => `telegram:${operatorChat.current()}`,

    async start(intake) {
      stopped = false;
      receive.join('desk', async (updates) => {
        for (const update of updates) {
          const left = update.message?.left_chat_member;
          if (left) members.forget(left.id);
        }
        const reads = await take(updates);
        const events = keepNotesTogether(reads.flatMap((read) => read.events));
        if (events.length > 0) await intake(events);
        for (const { nameless, help, botChanged } of reads) {
          if (nameless) tellNameless(nameless);
          if (help) answer(t('desk:notice.help'), help.message, help.thread);
          if (botChanged) check();
        }
      });
      check();
      void persistently(setCommands, () => stopped).catch(() =>
        log.warn({}, 'the commands of the group could not be set'),
      );
    },

    async stop() {
      stopped = true;
      await receive.leave('desk');
      await underWay.ended();
    },

    health(now) {
      const stream = receive.health(now);
      if (!stream.ok) return stream;
      const isWell = fitness !== undefined && fitness.unfit === undefined;
      if (!isWell && now - (fitness?.at ?? 0) > UNFIT_PAUSE) check();
      if (fitness === undefined) return { ok: false, reason: t('desk:health.unchecked') };
      if (fitness.unfit !== undefined) return { ok: false, reason: t(`desk:health.${fitness.unfit}`) };
      return { ok: true };
    },

    async authorise(event) {
      const user = /^tg:(\d+)$/.exec(event.operator.id)?.[1];
      const place = readPlace(event.place);
      if (event.channel !== FORUM || user === undefined) return false;
      if (place === undefined || !(await operatorChat.knows(place.chat))) return false;
      return following(() => members.isMember(operatorChat.current(), Number(user), clock()));
    },

    placeNow(key) {
      const place = readPlace(key);
      return place !== undefined && operatorChat.has(place.chat)
        ? placeKey(operatorChat.current(), place.thread)
        : key;
    },

    stray(event) {
      const place = readPlace(event.place);
      if (place !== undefined && event.message !== undefined) {
        answer(t('desk:notice.no_ticket'), Number(event.message), place.thread);
      }
    },

    announce: (text) =>
      underWay.track(
        following(async () => {
          await client.call.sendMessage({
            chat_id: operatorChat.current(),
            text: pieces(text, TEXT_LIMIT)[0] ?? text,
            link_preview_options: { is_disabled: true },
          });
        }).catch((error: unknown) => {
          throw asPatient(error);
        }),
      ),

    show: (ticket, show, key) =>
      underWay.track(
        progress
          .run(key, (once) =>
            following(() =>
              showTicket(
                {
                  client,
                  open: deps.media.open,
                  t,
                  titles,
                  records: deps.records,
                  keepPlaces: deps.keepPlaces,
                  chat: operatorChat.current,
                  has: operatorChat.has,
                },
                ticket,
                show,
                once,
              ),
            ),
          )
          .catch((error: unknown) => {
            throw asPatient(error);
          }),
      ),
  };
}
