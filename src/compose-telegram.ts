// Telegram's two faces over one bot: the channel where customers write and, with a group, the desk where operators answer.
import type { Composed, Parts } from './channels/index.ts';
import type { TelegramConfig } from './channels/telegram/settings.ts';

export async function composeTelegram(config: TelegramConfig, parts: Parts): Promise<Composed> {
  const { store, runtime, media, clock, log } = parts;
  const { createTelegramClient } = await import('./networks/telegram/client.ts');
  const { createReceive } = await import('./networks/telegram/receive.ts');
  const { createOperatorChat, movedTo } = await import('./networks/telegram/route.ts');
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
      ask: (chat) => movedTo(client, chat),
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
    ...(config.mode === 'webhook' && parts.publicUrl
      ? {
          webhook: {
            url: `${parts.publicUrl}/hooks/telegram`,
            ...(config.webhookSecret ? { secret: config.webhookSecret } : {}),
          },
        }
      : {}),
    lease: (name, signal) => runtime.lease(name, signal),
    onBad,
    clock,
    log,
  });
  const { createTelegramChannel } = await import('./channels/telegram/adapter.ts');
  const channel = createTelegramChannel({
    client,
    receive,
    media,
    messagesPerSecond: config.messagesPerSecond,
    commands: parts.commands(),
    onBad,
    clock,
    log,
  });
  const base = { channels: [channel], hook: receive.hook, close: () => client.close() };
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
    t: (key, vars) => parts.t(parts.deskLocale, key, vars),
    keepPlaces: (ticket, places) => store.records.setPlaces(ticket, places),
    onBad,
    clock,
    log,
  });
  return { ...base, desk };
}
