// Telegram's two faces over one bot: the channel where customers write and, with a group, the desk where operators answer.

import type { Library } from './app/library.ts';
import type { Channel, Media } from './channels/channel.ts';
import { CHANNELS } from './channels/index.ts';
import type { TelegramConfig } from './config.ts';
import type { Desk } from './desk/desk.ts';
import type { Log } from './log.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Store } from './store/store.ts';
import type { Hook } from './web/deps.ts';

export interface Telegram {
  readonly channel: Channel;
  readonly desk?: Desk;
  readonly hook: Hook;
  close(): Promise<void>;
}

export async function composeTelegram(deps: {
  readonly config: TelegramConfig;
  readonly publicUrl: string | undefined;
  readonly deskLocale: string;
  readonly store: Store;
  readonly runtime: Runtime;
  readonly media: Media;
  readonly library: Library;
  readonly clock: () => number;
  readonly log: Log;
}): Promise<Telegram> {
  const { config, store, runtime, media, library, clock, log } = deps;
  const { createTelegramClient } = await import('./networks/telegram/client.ts');
  const { createReceive } = await import('./networks/telegram/receive.ts');
  const { createOperatorChat } = await import('./networks/telegram/route.ts');
  const client = createTelegramClient(config);
  const onBad = async (update: number, raw: string, reason: string): Promise<void> => {
    await store.settings.set(`telegram.bad.${update}`, JSON.stringify({ reason, raw, at: clock() }));
  };
  const operatorChat =
    config.operatorChatId === undefined ? undefined : await operatorsChat(config.operatorChatId);

  /** The group's id as it is now: it changes once, when the group becomes a supergroup. */
  async function operatorsChat(configured: string) {
    const moved = await store.settings.get(`telegram.chat.${configured}`);
    return createOperatorChat({
      id: Number(moved ?? configured),
      former: moved === undefined ? [] : [Number(configured)],
      async onMoved(from, to) {
        // In this order: should we end in between, the group's next answer tells of the move again.
        await store.records.movePlaces('forum', from, to);
        await store.settings.set(`telegram.chat.${configured}`, to);
      },
    });
  }

  const receive = createReceive({
    client,
    parts: operatorChat ? ['channel', 'desk'] : ['channel'],
    operatorChat,
    ...(config.mode === 'webhook' && deps.publicUrl
      ? {
          webhook: {
            url: `${deps.publicUrl}/hooks/telegram`,
            ...(config.webhookSecret ? { secret: config.webhookSecret } : {}),
          },
        }
      : {}),
    lease: (name, signal) => runtime.lease(name, signal),
    onBad,
    clock,
    log,
  });
  const createChannel = await CHANNELS.telegram.load();
  const channel = createChannel({ client, receive, media, commands: commandsOf(library), onBad, clock, log });
  const base = { channel, hook: receive.hook, close: () => client.close() };
  if (!operatorChat) return base;
  const { createForumDesk } = await import('./desk/forum/adapter.ts');
  const desk = createForumDesk({
    client,
    receive,
    operatorChat,
    records: {
      messages: (ticket) => store.records.ticketMessages(ticket),
      message: (id) => store.records.message(id),
      links: (place, message) => store.records.linksOf(place, message),
    },
    media,
    t: (key, vars) => library.texts().t(deps.deskLocale, key, vars),
    keepPlaces: (ticket, places) => store.records.setPlaces(ticket, places),
    onBad,
    clock,
    log,
  });
  return { ...base, desk };
}

/** The bot's menu: the flows' own commands, then those that work at any time. */
function commandsOf(library: Library) {
  const { flows } = library.current();
  const texts = library.texts();
  const always = ['operator', 'language', 'help', 'stop'] as const;
  const inLocale = (locale: string) => [
    ...[...flows.values()].flatMap((flow) =>
      flow.title && flow.commands[0] ? [{ command: flow.commands[0], description: flow.title(locale) }] : [],
    ),
    ...always
      .filter((name) => !flows.has(name))
      .map((name) => ({ command: name, description: texts.t(locale, `engine:command.${name}`) })),
  ];
  const [first = 'en'] = texts.locales;
  return {
    '': inLocale(first),
    ...Object.fromEntries(texts.locales.map((locale) => [locale, inLocale(locale)])),
  };
}
