// Bots Long Poll: events kept by their number, keys that expire, histories that are lost, and a server that goes deaf.
// It only hands out what it was given.
import type { Signal } from '../telegram/signal.ts';
import type { FaultRule } from './faults.ts';
import type { Json } from './world.ts';

export interface PollAnswer {
  readonly status: number;
  readonly body: Json;
}

export interface LongPoll {
  push(event: Json): void;
  /** What groups.getLongPollServer tells: a key of its own for each session. */
  open(root: string): { key: string; server: string; ts: string };
  answer(query: URLSearchParams, rule: FaultRule | undefined, gone: AbortSignal): Promise<PollAnswer>;
  /**
   * The next answer, also to a poll that waits, is `failed`. 1: the events so far are lost, the numbers go on.
   * 2: the keys so far are no good any more. 3: both, and the numbers begin anew, from `ts` if it is given.
   */
  fail(code: 1 | 2 | 3, ts?: number): void;
  /** Every key so far is no good any more; who polls learns it by `failed: 2`. */
  expireKeys(): void;
  /** Answers come, but without events, until a new session is opened. */
  deafen(): void;
  /** Events not yet passed over by any poll; none while nobody ever polled. */
  readonly pending: number;
  /** Most polls that ever waited at once. */
  readonly together: number;
}

export interface LongPollOptions {
  readonly changed: Signal;
  readonly now: () => number;
  readonly secondMs: number;
  readonly keySeconds: number;
  readonly firstTs: number;
  readonly note: (violation: string) => void;
}

const LONGEST_WAIT = 90;
const USUAL_WAIT = 25;

export function createLongPoll(options: LongPollOptions): LongPoll {
  const { changed, now, secondMs } = options;
  const keys = new Map<string, number>();
  /** `first` is the number before the oldest event kept: who asks for less has lost something. */
  let first = options.firstTs;
  let events: Json[] = [];
  let passed = first;
  let deaf = false;
  let opened = 0;
  let failing: { readonly code: 1 | 2 | 3; readonly ts: number | undefined } | undefined;
  let waiting = 0;
  let together = 0;
  const last = (): number => first + events.length;

  function lose(ts: number): void {
    first = ts;
    passed = ts;
    events = [];
  }

  function fail(code: 1 | 2 | 3, ts?: number): PollAnswer {
    if (code !== 1) keys.clear();
    if (code !== 2) lose(code === 1 ? last() : (ts ?? last() + 1000));
    return { status: 200, body: code === 1 ? { failed: 1, ts: last() } : { failed: code } };
  }

  function refused(key: string, ts: number): PollAnswer | undefined {
    const born = keys.get(key);
    if (born === undefined || now() - born > options.keySeconds * secondMs)
      return { status: 200, body: { failed: 2 } };
    if (ts < first || ts > last()) return { status: 200, body: { failed: 1, ts: last() } };
    return undefined;
  }

  const answerFrom = (ts: number): PollAnswer => ({
    status: 200,
    body: { ts: String(deaf ? ts : last()), updates: deaf ? [] : events.slice(ts - first) },
  });

  async function wait(ts: number, seconds: number, gone: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    const look = (): void => {
      if (gone.aborted || failing !== undefined || last() > ts || ts < first) over.resolve();
    };
    const unlisten = changed.listen(look);
    gone.addEventListener('abort', look);
    const timer = setTimeout(() => over.resolve(), seconds * secondMs);
    waiting += 1;
    together = Math.max(together, waiting);
    look();
    await over.promise;
    waiting -= 1;
    clearTimeout(timer);
    unlisten();
    gone.removeEventListener('abort', look);
  }

  return {
    push(event) {
      events.push(event);
      changed.fire();
    },
    open(root) {
      deaf = false;
      opened += 1;
      const key = `key${opened}x${(opened * 2654435761).toString(16)}`;
      keys.set(key, now());
      return { key, server: `${root}/poll`, ts: String(last()) };
    },
    async answer(query, rule, gone) {
      const told = (name: string): string => query.get(name) ?? '';
      const seconds = query.has('wait') ? Number(told('wait')) : USUAL_WAIT;
      const ts = Number(told('ts'));
      if (told('act') !== 'a_check' || told('key') === '' || !/^\d+$/.test(told('ts'))) {
        options.note(`long poll: act, key or ts is wrong in "${query}"`);
        return { status: 200, body: { failed: 2 } };
      }
      if (!(seconds >= 0 && seconds <= LONGEST_WAIT)) options.note(`long poll: wait=${told('wait')}`);
      if (rule?.do === 'failed1') return fail(1);
      if (rule?.do === 'failed2') return fail(2);
      if (rule?.do === 'failed3') return fail(3);
      let no = refused(told('key'), ts);
      if (no === undefined && failing === undefined && (deaf || last() === ts)) {
        await wait(deaf ? Number.MAX_SAFE_INTEGER : ts, Math.min(seconds, LONGEST_WAIT) || 0, gone);
        no = refused(told('key'), ts);
      }
      if (failing !== undefined) {
        const { code, ts: anew } = failing;
        failing = undefined;
        return fail(code, anew);
      }
      passed = Math.max(passed, ts);
      return no ?? answerFrom(ts);
    },
    fail(code, ts) {
      failing = { code, ts };
      changed.fire();
    },
    expireKeys: () => keys.clear(),
    deafen() {
      deaf = true;
    },
    get pending() {
      return opened === 0 ? 0 : last() - passed;
    },
    get together() {
      return together;
    },
  };
}
