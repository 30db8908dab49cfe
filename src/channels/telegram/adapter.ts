// Telegram's private chats as a channel: the port's calls made by the shared client. It keeps nothing durable and
// never decides what is said.

import type { Address } from '../../core/contact.ts';
import { DeliveryError } from '../../core/errors.ts';
import type { CustomerEvent } from '../../core/event.ts';
import type { Message } from '../../core/message.ts';
import { sound } from '../../networks/sound.ts';
import type { Log, RawApi, Update } from '../../networks/telegram/api.ts';
import type { TelegramClient } from '../../networks/telegram/client.ts';
import { fromRef } from '../../networks/telegram/file-ref.ts';
import { persistently } from '../../networks/telegram/persistently.ts';
import { post } from '../../networks/telegram/post.ts';
import { createProgress } from '../../networks/telegram/progress.ts';
import type { Receive } from '../../networks/telegram/receive.ts';
import { CAPTION_LIMIT } from '../../networks/telegram/steps.ts';
import { createUnderWay } from '../../networks/under-way.ts';
import { written } from '../../networks/written.ts';
import type { Channel, FileBytes, Media } from '../channel.ts';
import { shorten } from '../split.ts';
import { fromUpdate, TELEGRAM, toKeyboard, toPost } from './wire.ts';

/** The commands in the bot's menu. */
export interface MenuCommand {
  readonly command: string;
  readonly description: string;
}

export interface TelegramChannelDeps {
  readonly client: TelegramClient;
  readonly receive: Receive;
  readonly media: Pick<Media, 'open'>;
  /** As much as Telegram usually takes where absent. */
  readonly messagesPerSecond?: number;
  /** By language; `''` is shown to everyone whose language has none. */
  readonly commands?: Readonly<Record<string, readonly MenuCommand[]>>;
  /** Keeps, durably, an update that could not be understood. */
  readonly onBad: (updateId: number, raw: string, reason: string) => Promise<void>;
  readonly clock: () => number;
  readonly log: Log;
}

/** Telegram's own list of language tags; any other is refused there. */
type LanguageCode = NonNullable<NonNullable<Parameters<RawApi['setMyCommands']>[0]>['language_code']>;

/** Messages a second, of one bot in all. */
const USUAL = 30;

export function createTelegramChannel(deps: TelegramChannelDeps): Channel {
  const { client, receive, log } = deps;
  const perSecond = deps.messagesPerSecond ?? USUAL;
  const progress = createProgress();
  const underWay = createUnderWay();
  let stopped = false;

  async function understand(update: Update): Promise<CustomerEvent[]> {
    try {
      return fromUpdate(update, client.account, deps.clock()).map(sound);
    } catch {
      log.error(
        { update: update.update_id },
        'an update of Telegram could not be understood; it is put aside',
      );
      await deps.onBad(update.update_id, written(update), 'not_understood');
      return [];
    }
  }

  /** Other words and buttons for a message of ours: its text, or what stands under its file. */
  async function redraw(to: Address, message: string, next: Message): Promise<void> {
    const markup = toKeyboard(next);
    const target = {
      chat_id: Number(to.peer),
      message_id: Number(message),
      ...(markup && { reply_markup: markup }),
    };
    try {
      await client.call.editMessageText({
        ...target,
        text: shorten(next.text, TELEGRAM.textLimit),
        link_preview_options: { is_disabled: true },
      });
    } catch (error) {
      if (!(error instanceof DeliveryError && error.reason === 'not_editable')) throw error;
      await client.call.editMessageCaption({ ...target, caption: shorten(next.text, CAPTION_LIMIT) });
    }
  }

  async function setCommands(): Promise<void> {
    for (const [language, commands] of Object.entries(deps.commands ?? {})) {
      await client.call.setMyCommands({
        commands,
        ...(language !== '' && { language_code: language as LanguageCode }),
      });
    }
  }

  return {
    name: 'telegram',
    abilities: {
      ...TELEGRAM,
      rates: { ...TELEGRAM.rates, account: { count: perSecond, per: 1_000, burst: perSecond } },
    },

    async start(intake) {
      receive.join('channel', async (updates) => {
        const events: CustomerEvent[] = [];
        for (const update of updates) events.push(...(await understand(update)));
        if (events.length > 0) await intake(events);
      });
      stopped = false;
      // Not tracked: it may wait long for the network, and stopping does not wait for it.
      void persistently(setCommands, () => stopped).catch(() =>
        log.warn({}, 'the menu of commands could not be set'),
      );
    },

    async stop() {
      stopped = true;
      await receive.leave('channel');
      await underWay.ended();
    },

    health: (now) => receive.health(now),

    send: (to, out) =>
      underWay.track(
        progress.run(out.key, async (once) => {
          const { open } = deps.media;
          const sent = await post({ client, open }, toPost(to.peer, out), once);
          const last = sent.at(-1);
          if (last === undefined) throw new DeliveryError('never', 'empty');
          return { message: String(last.message_id) };
        }),
      ),

    redraw: (to, message, next) => underWay.track(redraw(to, message, next)),

    revise: (to, message, text) => underWay.track(redraw(to, message, { text })),

    async typing(to) {
      await client.call.sendChatAction({ chat_id: Number(to.peer), action: 'typing' }).catch(() => undefined);
    },

    async fetch(attachment): Promise<FileBytes> {
      const known = fromRef(attachment.ref);
      if (known?.account !== client.account) throw new DeliveryError('never', 'gone');
      if ((attachment.size ?? 0) > TELEGRAM.downloadLimit) throw new DeliveryError('never', 'too_big');
      const { bytes, name } = await client.download(known.fileId);
      return {
        bytes,
        name: attachment.name ?? name,
        ...(attachment.mime !== undefined && { mime: attachment.mime }),
      };
    },
  };
}
