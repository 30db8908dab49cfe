// What the stand-ins' ledgers tell of copies: which message came twice into one chat or topic, and whether a kill or a
// lost answer fell between its sending and its being written down. Only then may there be a second one.
import type { RequestRecord } from '../standins/telegram/ledger.ts';
import type { TelegramStandIn } from '../standins/telegram/telegram.ts';
import type { Shown } from './face.ts';
import type { Call } from './net.ts';
import type { Life } from './program.ts';

export interface Copies {
  /** How often something was seen once more than said, with the reason known. */
  readonly excused: number;
  /** The same without a reason: these are faults. */
  readonly unexcused: readonly string[];
}

const SHOWS = /^(?:send(?!ChatAction)|edit|createForumTopic)/;
const FILES = /^send(?:Photo|MediaGroup|Document)$/;
/** A new life needs longer than this before it can call; what comes earlier is its predecessor's. */
const LEFTOVERS = 300;
/** What one of several programs sent as it was killed may be heard of this much later. */
const LAST_WORDS = 1_000;

export const lifeOf = (lives: readonly Life[], at: number): number =>
  lives.findLastIndex((life, index) => index === 0 || life.bornAt + LEFTOVERS <= at);

/** Telegram's calls that changed this chat or topic, in order. A lane of the outbox makes one after another. */
export function laneIn(tg: TelegramStandIn, chat: number, thread?: number): readonly RequestRecord[] {
  const mine = new Set(
    thread === undefined ? [] : tg.everything(chat, thread).map((message) => message.message_id),
  );
  return tg.requests.filter(({ method, params, effect, result }) => {
    if (!effect || params.chat_id !== chat || !SHOWS.test(method)) return false;
    if (thread === undefined) return true;
    const made = (result as { message_thread_id?: number } | undefined)?.message_thread_id;
    return params.message_thread_id === thread || made === thread || mine.has(Number(params.message_id));
  });
}

/** Whether the process may have died, or lost the answer, before it wrote down that this call was made. */
export function inWindow(lives: readonly Life[], lane: readonly Call[], call: Call): boolean {
  if (call.fault === 'effect-then-drop' || !call.answered) return true;
  if (areSeveral(lives)) return struckBetween(lives, lane, call);
  const life = lifeOf(lives, call.at);
  if (lives[life]?.end !== 'killed') return false;
  // What the lane did next in the same life shows that this one was written down, but for the files of a card.
  return lane
    .slice(lane.indexOf(call) + 1)
    .filter((next) => lifeOf(lives, next.at) === life)
    .every((next) => FILES.test(next.method));
}

/** Programs lived side by side, so that a call does not tell whose it was. */
const areSeveral = (lives: readonly Life[]): boolean =>
  lives.some((life, index) => (lives[index + 1]?.bornAt ?? Number.POSITIVE_INFINITY) < (life.diedAt ?? 0));

/** One of several programs was killed after this call and before the lane went on. */
function struckBetween(lives: readonly Life[], lane: readonly Call[], call: Call): boolean {
  const next = lane.slice(lane.indexOf(call) + 1).find(({ method }) => !FILES.test(method));
  return lives.some(
    ({ end, diedAt }) =>
      end === 'killed' &&
      diedAt !== undefined &&
      diedAt >= call.at - LAST_WORDS &&
      diedAt <= (next?.at ?? Number.POSITIVE_INFINITY),
  );
}

/** `more`: how often the same words may rightly be said again, as a notice of a second trouble is. */
export function copiesIn(
  lives: readonly Life[],
  where: string,
  shown: readonly Shown[],
  lane: readonly Call[],
  more: (text: string) => number = () => 0,
): Copies {
  const byKey = Map.groupBy(shown, ({ key }) => key);
  let excused = 0;
  const unexcused: string[] = [];
  for (const [key, copies] of byKey) {
    const written: (number | undefined)[] = [];
    for (const { request } of copies.slice(0, -1)) {
      const call = lane.find((one) => one.id === request);
      if (call && inWindow(lives, lane, call)) excused += 1;
      else written.push(request);
    }
    for (const request of written.slice(more(copies[0]?.text ?? '')))
      unexcused.push(`${where}: ${key.slice(0, 80)} came again although call ${request} was written down`);
  }
  return { excused, unexcused };
}
