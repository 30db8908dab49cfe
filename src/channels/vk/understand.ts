// From VK's updates and histories to our events: each put into words by the wire, with names, languages and what an app
// can show learnt on the way, and remembered as heard.
import { DeliveryError } from '../../core/errors.ts';
import type { CustomerEvent } from '../../core/event.ts';
import { sound } from '../../networks/sound.ts';
import type { VkApi, VkMessage, VkUpdate } from './api.ts';
import { lastMessages, readBack } from './history.ts';
import type { Names } from './names.ts';
import type { OwnMessages } from './own-messages.ts';
import { clientFrom, type PersonClients } from './person-client.ts';
import type { StandingKeyboards } from './standing-keyboards.ts';
import { fromWall } from './wall-wire.ts';
import {
  clientInfoOf,
  editOf,
  fromMessage,
  fromUpdate,
  type Heard,
  isPerson,
  messageEventId,
  messageOf,
  type Reader,
} from './wire.ts';

export interface Understanding {
  /** `aside` is given what could not be understood. */
  ofUpdates(
    updates: readonly VkUpdate[],
    aside: (update: VkUpdate) => Promise<void>,
  ): Promise<{ readonly dialogues: readonly CustomerEvent[]; readonly wall: readonly CustomerEvent[] }>;
  /** What was said since then, dialogue by dialogue. */
  ofHistory(
    since: number,
    give: (events: readonly CustomerEvent[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Whether a person's last word, said between these moments, was never heard here. */
  missed(since: number, until: number): Promise<boolean>;
}

export interface UnderstandDeps {
  readonly api: Pick<VkApi, 'call'>;
  readonly group: number;
  readonly names: Names;
  readonly clients: PersonClients;
  readonly standing: StandingKeyboards;
  readonly own: OwnMessages;
  readonly clock: () => number;
}

const KEPT = 10_000;
/** Dialogues looked at for an unheard word. */
const LOOKED_AT = 100;

export function createUnderstanding(deps: UnderstandDeps): Understanding {
  const { api, group, names, clients, own } = deps;
  const heard = new Set<string>();

  const reader = (): Reader => ({ group, now: deps.clock(), isOurs: own.isOurs });

  async function read(update: VkUpdate): Promise<readonly Heard[]> {
    if (!update.type.startsWith('message_')) return checked(fromWall(update, group));
    const client = clientInfoOf(update);
    // Not knowing what their app shows makes a message plainer, never lost.
    if (client) await clients.learn(client.peer, clientFrom(client.info)).catch(() => undefined);
    return checked(fromUpdate(await whole(update), reader()));
  }

  /** VK cuts what is too big for an event. */
  async function whole(update: VkUpdate): Promise<VkUpdate> {
    if (update.type !== 'message_new' && update.type !== 'message_edit') return update;
    const message = messageOf(update);
    own.saw(message.id);
    if (message.is_cropped !== true) return update;
    const found = await wholeMessage(message);
    return found ? { ...update, object: { message: { ...message, ...found } } } : update;
  }

  async function wholeMessage(message: VkMessage): Promise<VkMessage | undefined> {
    const { peer_id, conversation_message_id } = message;
    const asked = api.call<{ readonly items: readonly VkMessage[] }>('messages.getByConversationMessageId', {
      peer_id,
      conversation_message_ids: conversation_message_id,
    });
    try {
      return (await asked).items[0];
    } catch (error) {
      // A part of the words is better than none.
      if (error instanceof DeliveryError && error.verdict === 'never') return undefined;
      throw error;
    }
  }

  /** With the names of those who wrote. */
  async function named(all: readonly Heard[]): Promise<readonly CustomerEvent[]> {
    const known = await names.of(all.map((one) => one.by));
    return await Promise.all(
      all.map(async ({ by, event }) => {
        const name = known.get(by);
        if (event.kind === 'outside')
          return name === undefined ? event : { ...event, by: { ...event.by, name } };
        const locale = (await clients.of(by).catch(() => undefined))?.locale;
        const person = {
          ...(name === undefined ? {} : { name }),
          ...(locale === undefined ? {} : { locale }),
        };
        return Object.keys(person).length === 0 ? event : { ...event, person };
      }),
    );
  }

  function remember(events: readonly CustomerEvent[]): void {
    for (const event of events) heard.add(event.id);
    for (const id of heard) {
      if (heard.size <= KEPT) break;
      heard.delete(id);
    }
  }

  /** A text button pressed takes its keyboard away. */
  function noteKeyboards(events: readonly CustomerEvent[]): void {
    for (const event of events) {
      if (event.kind !== 'press' || event.message !== undefined || heard.has(event.id)) continue;
      deps.standing.set(Number(event.peer), false);
    }
  }

  return {
    async ofUpdates(updates, aside) {
      const all: Heard[] = [];
      for (const update of updates) {
        try {
          all.push(...(await read(update)));
        } catch (error) {
          if (!isFault(error)) throw error;
          await aside(update);
        }
      }
      const events = await named(all);
      noteKeyboards(events);
      remember(events);
      return {
        dialogues: events.filter((event) => event.channel === 'vk'),
        wall: events.filter((event) => event.channel !== 'vk'),
      };
    },

    async ofHistory(since, give, signal) {
      const take = async (messages: readonly VkMessage[]) => {
        const all = messages.flatMap((message) => {
          own.saw(message.id);
          const changed = message.update_time === undefined ? undefined : editOf(message, reader());
          return [...fromMessage(message, reader()), ...(changed ? [changed] : [])];
        });
        const events = await named(all);
        await give(events);
        remember(events);
      };
      await readBack(api, since, take, signal);
    },

    async missed(since, until) {
      const last = await lastMessages(api, LOOKED_AT);
      return last.some((message) => {
        const at = message.date * 1_000;
        const isTheirs = isPerson(message.peer_id) && message.from_id === message.peer_id;
        // VK tells whole seconds.
        return isTheirs && at + 1_000 > since && at <= until && !heard.has(messageEventId(message));
      });
    },
  };
}

const checked = (all: readonly Heard[]): readonly Heard[] =>
  all.map(({ by, event }) => ({ by, event: sound(event) }));

/** An update in a shape nobody expected, as against a call or a store that failed. */
const isFault = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
