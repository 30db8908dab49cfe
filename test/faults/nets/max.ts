// MAX in a run: by webhook with an even seed, by long polling with an odd one.
import { startMax } from '../../standins/max/max.ts';
import { createMaxFace, type MaxFace } from '../face-max.ts';
import type { Net, NetOptions } from '../net.ts';
import { noted } from './noted.ts';

const TOKEN = 'f9LHodD0cOL-SECRETcanaryTokenOfTheBot';
const SECRET = 'SECRETcanaryWordOfTheWebhook';
const SHOWS = /^(?:send|edit)Message$/;

export async function startMaxNet({ seed, watch, secondMs, port }: NetOptions): Promise<Net> {
  const polls = seed % 2 === 1;
  // A post that was not taken comes again after minutes, and then after many: nobody in a run waits for so long.
  const max = await startMax({ token: TOKEN, seed, secondMs: polls ? secondMs : secondMs / 20 });
  max.listen(watch.look);
  const requests = noted(
    max.requests,
    (record, at) => ({
      id: record.id,
      at,
      method: record.method,
      params: record.params,
      get answered() {
        return record.answered;
      },
      get fault() {
        return record.fault;
      },
      get effect() {
        return record.effect === true;
      },
    }),
    max.listen,
  );
  const deliveries = noted(
    max.subscriptions.deliveries,
    ({ number, status }, at) => ({
      ...{ id: number, at, method: 'webhook', params: undefined, fault: undefined },
      ...{ answered: status === 200, effect: true },
    }),
    max.listen,
  );
  return {
    name: 'max',
    channel: 'max',
    env: {
      MAX_TOKEN: TOKEN,
      MAX_API_ROOT: max.url,
      ...(polls
        ? { MAX_MODE: 'poll' }
        : { MAX_MODE: 'webhook', MAX_WEBHOOK_SECRET: SECRET, PUBLIC_URL: `http://127.0.0.1:${port}` }),
    },
    secrets: [TOKEN, SECRET],
    face: (who) => createMaxFace(max, watch, who),
    requests,
    receptions: polls ? requests : deliveries,
    receives: polls ? 'getUpdates' : 'webhook',
    lane(face) {
      const mine = new Set(max.everything(face as MaxFace).map(({ id }) => id));
      const sent = new Set(max.everything(face as MaxFace).map(({ request }) => request));
      return requests.filter(({ id, method, params, effect }) => {
        const { message_id } = params as { message_id?: string };
        return (
          effect && SHOWS.test(method) && (sent.has(id) || (message_id !== undefined && mine.has(message_id)))
        );
      });
    },
    methods: [
      'sendMessage',
      'sendMessage',
      'sendMessage',
      'editMessage',
      'answerOnCallback',
      ...(polls ? ['getUpdates', 'getUpdates'] : []),
    ],
    listen: max.listen,
    faults: max.faults,
    get violations() {
      return max.violations;
    },
    get pending() {
      return max.pending;
    },
    stop: () => max.stop(),
  };
}
