// Alarms in this process's memory: one timer runs, for the earliest of them.
import type { Runtime } from './runtime.ts';

/** The wall clock may be set while we wait, so no wait is longer than this before it is read again. */
const LONGEST_WAIT = 60_000;

interface Alarm {
  readonly contact: string;
  readonly at: number;
}

export function createAlarms(now: () => number): Pick<Runtime, 'alarm' | 'onAlarm'> & { stop(): void } {
  /** What each contact waits for; heap entries that differ from it were overtaken by an earlier one. */
  const due = new Map<string, number>();
  const heap: Alarm[] = [];
  const handlers: ((contact: string) => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  const schedule = () => {
    const first = heap[0];
    if (!first || handlers.length === 0) return;
    if (timer && timerAt <= first.at) return;
    clearTimeout(timer);
    timerAt = first.at;
    timer = setTimeout(ring, Math.min(Math.max(first.at - now(), 0), LONGEST_WAIT));
  };
  function ring() {
    timer = undefined;
    timerAt = Number.POSITIVE_INFINITY;
    try {
      for (let first = heap[0]; first && first.at <= now(); first = heap[0]) {
        pop(heap);
        if (due.get(first.contact) !== first.at) continue;
        due.delete(first.contact);
        for (const handle of handlers) handle(first.contact);
      }
    } finally {
      schedule();
    }
  }
  return {
    alarm(contact, at) {
      const earlier = due.get(contact);
      if (earlier !== undefined && earlier <= at) return;
      due.set(contact, at);
      push(heap, { contact, at });
      schedule();
    },
    onAlarm(handle) {
      handlers.push(handle);
      schedule();
    },
    stop() {
      clearTimeout(timer);
      heap.length = 0;
      due.clear();
      handlers.length = 0;
    },
  };
}

/** A binary heap, the earliest on top: many contacts wait, one timer runs. */
function push(heap: Alarm[], alarm: Alarm): void {
  let index = heap.length;
  heap.push(alarm);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent]!;
    if (above.at <= alarm.at) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = alarm;
}

function pop(heap: Alarm[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    if (left >= heap.length) break;
    const child = right < heap.length && heap[right]!.at < heap[left]!.at ? right : left;
    const below = heap[child]!;
    if (below.at >= last.at) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}
