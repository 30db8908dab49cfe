// Telegram in a run: the people in private chats, and the forum group where the operators of every run work.
import type { Forum } from '../../standins/telegram/forum.ts';
import { startTelegram, type TelegramStandIn } from '../../standins/telegram/telegram.ts';
import { createTelegramFace, type TelegramFace } from '../face-telegram.ts';
import { laneIn } from '../ledger.ts';
import type { Net, NetOptions } from '../net.ts';

export interface TelegramNet extends Net {
  readonly tg: TelegramStandIn;
  readonly forum: Forum;
}

const TOKEN = '765432:SECRETcanaryTokenAAAAAAAAAAAAAAAAAAAA';

export async function startTelegramNet({ seed, watch, secondMs }: NetOptions): Promise<TelegramNet> {
  const tg = await startTelegram({ token: TOKEN, seed, secondMs });
  const forum = tg.forum({ title: 'Operators' });
  tg.listen(watch.look);
  return {
    name: 'telegram',
    channel: 'telegram',
    tg,
    forum,
    env: {
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: tg.url,
      TELEGRAM_OPERATOR_CHAT_ID: String(forum.id),
    },
    secrets: [TOKEN.split(':')[1] ?? TOKEN],
    face: (who) => createTelegramFace(tg, watch, who),
    requests: tg.requests,
    receptions: tg.polls,
    receives: 'getUpdates',
    lane: (face) => laneIn(tg, (face as TelegramFace).chat),
    methods: [
      'sendMessage',
      'sendMessage',
      'sendMessage',
      'editMessageText',
      'createForumTopic',
      'sendPhoto',
      'sendMediaGroup',
      'editForumTopic',
      'answerCallbackQuery',
      'getUpdates',
    ],
    listen: tg.listen,
    faults: tg.faults,
    get violations() {
      return tg.violations;
    },
    get pending() {
      return tg.pending;
    },
    stop: () => tg.stop(),
  };
}
