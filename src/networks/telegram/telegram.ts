// One bot token, made ready for whoever is given it: the client, its stream of updates, the operators' group. It makes
// neither the channel nor the desk: main does, so that this folder knows neither.
import type { Log } from './api.ts';
import { createTelegramClient, type TelegramClient, type TelegramSettings } from './client.ts';
import { createReceive, type Receive, type ReceiveOptions } from './receive.ts';
import { createOperatorChat, type OperatorChat } from './route.ts';

export interface TelegramOptions
  extends TelegramSettings,
    Pick<ReceiveOptions, 'webhook' | 'lease' | 'onBad' | 'clock' | 'pace'> {
  readonly log: Log;
  /** The operators' group; absent: no desk there. */
  readonly operators?:
    | {
        /** As the settings have it. */
        readonly chat: number;
        /** As it was kept when the group last moved; it wins. */
        readonly movedTo?: number | undefined;
        /** Keeps the new id and moves the tickets' places, before the new id is used. */
        readonly onMoved: (from: string, to: string) => Promise<void>;
      }
    | undefined;
}

export interface Telegram {
  readonly client: TelegramClient;
  readonly receive: Receive;
  readonly operatorChat: OperatorChat | undefined;
  /** After the channel and the desk were stopped. */
  close(): Promise<void>;
}

export function createTelegram(options: TelegramOptions): Telegram {
  const { operators } = options;
  const client = createTelegramClient(options);
  const operatorChat =
    operators &&
    createOperatorChat({
      id: operators.movedTo ?? operators.chat,
      former: [operators.chat],
      onMoved: operators.onMoved,
    });
  const receive = createReceive({
    client,
    parts: operatorChat === undefined ? ['channel'] : ['channel', 'desk'],
    operatorChat,
    webhook: options.webhook,
    lease: options.lease,
    onBad: options.onBad,
    clock: options.clock,
    log: options.log,
    ...(options.pace && { pace: options.pace }),
  });
  return { client, receive, operatorChat, close: () => client.close() };
}
