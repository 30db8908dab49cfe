// What the stand-in's ledger tells of copies: which message came twice into one chat or topic, and whether a kill or a
// lost answer fell between its sending and its being written down. Only then may there be a second one.
import type { RequestRecord } from '../standins/telegram/ledger.ts';
import { shownIn } from './face-telegram.ts';
import type { RunResult } from './kill.ts';
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

export const lifeOf = (lives: readonly Life[], at: number): number =>
  lives.findLastIndex((life, index) => index === 0 || life.bornAt + LEFTOVERS <= at);

/** Calls that changed this chat or topic, in order. A lane of the outbox makes one after another. */
export function laneOf(run: RunResult, chat: number, thread?: number): readonly RequestRecord[] {
  const mine = new Set(
    thread === undefined ? [] : run.tg.everything(chat, thread).map((message) => message.message_id),
  );
  return run.tg.requests.filter(({ method, params, effect, result }) => {
    if (!effect || params.chat_id !== chat || !SHOWS.test(method)) return false;
    if (thread === undefined) return true;
    const made = (result as { message_thread_id?: number } | undefined)?.message_thread_id;
    return params.message_thread_id === thread || made === thread || mine.has(Number(params.message_id));
  });
}

/** Whether the process may have died, or lost the answer, before it wrote down that this call was made. */
export function inWindow(run: RunResult, lane: readonly RequestRecord[], call: RequestRecord): boolean {
  if (call.fault === 'effect-then-drop' || !call.answered) return true;
  const life = lifeOf(run.lives, call.at);
  if (run.lives[life]?.end !== 'killed') return false;
  // What the lane did next in the same life shows that this one was written down, but for the files of a card.
  return lane
    .slice(lane.indexOf(call) + 1)
    .filter((next) => lifeOf(run.lives, next.at) === life)
    .every((next) => FILES.test(next.method));
}

/** `more`: how often the same words may rightly be said again, as a notice of a second trouble is. */
export function copiesIn(
  run: RunResult,
  where: string,
  chat: number,
  thread?: number,
  more: (text: string) => number = () => 0,
): Copies {
  const lane = laneOf(run, chat, thread);
  const byKey = new Map<string, (number | undefined)[]>();
  const texts = new Map<string, string>();
  for (const { key, text, request } of shownIn(run.tg, chat, thread)) {
    byKey.set(key, [...(byKey.get(key) ?? []), request]);
    texts.set(key, text);
  }
  let excused = 0;
  const unexcused: string[] = [];
  for (const [key, requests] of byKey) {
    const written: (number | undefined)[] = [];
    for (const request of requests.slice(0, -1)) {
      const call = lane.find((one) => one.id === request);
      if (call && inWindow(run, lane, call)) excused += 1;
      else written.push(request);
    }
    for (const request of written.slice(more(texts.get(key) ?? '')))
      unexcused.push(`${where}: ${key.slice(0, 80)} came again although call ${request} was written down`);
  }
  return { excused, unexcused };
}
