// Telegram's way in: the webhook, the stream shared out between the channel and the operators' group, the journal.
import { createTelegramChannel } from '../../../src/channels/telegram/adapter.ts';
import { createForumDesk } from '../../../src/desk/forum/adapter.ts';
import type { TelegramClient } from '../../../src/networks/telegram/client.ts';
import { createReceive } from '../../../src/networks/telegram/receive.ts';
import { createOperatorChat } from '../../../src/networks/telegram/route.ts';
import { FORUM_CHAT, SECRET_MARK } from '../marks.ts';
import type { Ends, Rig } from './rig.ts';
import { lease } from './rig.ts';

const SECRET = `${SECRET_MARK}-secret-of-telegram`;

export async function createTelegramRig(ends: Ends): Promise<Rig> {
  // The other side of each call: it takes whatever it is given.
  const call = new Proxy({}, { get: () => async () => ({ message_id: 1 }) });
  const client = { account: '123456', call, close: async () => undefined } as unknown as TelegramClient;
  const operatorChat = createOperatorChat({
    id: FORUM_CHAT,
    async onMoved(_from, to) {
      if (!/^-?\d{1,16}$/.test(to)) ends.fault(`the operators' group moved to ${to.slice(0, 40)}`);
    },
  });
  const onBad = async (update: number, raw: string, reason: string): Promise<void> =>
    ends.onAside(`telegram.bad.${update}`, JSON.stringify({ reason, raw }));
  const receive = createReceive({
    client,
    parts: ['channel', 'desk'],
    operatorChat,
    webhook: { url: 'https://otklik.example/hooks/telegram', secret: SECRET },
    lease,
    onBad,
    clock: Date.now,
    log: ends.log,
  });
  const media = { open: async () => ({ bytes: new Uint8Array() }) };
  const channel = createTelegramChannel({ client, receive, media, onBad, clock: Date.now, log: ends.log });
  const desk = createForumDesk({
    client,
    receive,
    operatorChat,
    records: { messages: async () => [], message: async () => undefined, links: async () => [] },
    media,
    t: (key) => key,
    onBad,
    clock: Date.now,
    log: ends.log,
  });
  await channel.start(ends.intake);
  await desk.start(ends.intake);
  return {
    async post(body) {
      const headers = { 'x-telegram-bot-api-secret-token': SECRET };
      return (await receive.hook({ headers, rawBody: body })).status;
    },
    good: (nth) =>
      Buffer.from(
        JSON.stringify({
          update_id: 800_000_000 + nth,
          message: {
            message_id: nth,
            date: 1_773_298_800,
            chat: { id: 42, type: 'private', first_name: 'Г' },
            from: { id: 42, is_bot: false, first_name: 'Г' },
            text: `good ${nth}`,
          },
        }),
      ),
    async end() {
      await channel.stop();
      await desk.stop();
    },
  };
}
