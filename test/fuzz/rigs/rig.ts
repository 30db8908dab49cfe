// What each network's rig is: the real way in from a post to the journal, with the two ends held: a journal that refuses
// what a real one would and judges every event, and a log that is searched for what must not stand in it.
import type { InboundEvent } from '../../../src/core/event.ts';
import { faultOf, mustFit } from '../contract.ts';
import { MARK, MARKED_PHONE, SECRET_MARK } from '../marks.ts';

export interface Rig {
  /** One delivery of the network's. Resolves with the answer's status. Must never reject. */
  post(body: Buffer): Promise<number>;
  /** A good update, as the network would post it. */
  good(nth: number): Buffer;
  end(): Promise<void>;
}

/** What came of the updates so far. */
export interface Kept {
  readonly events: number;
  readonly aside: number;
  readonly lines: number;
}

export interface Ends {
  readonly intake: (events: readonly InboundEvent[]) => Promise<void>;
  /** Something was put aside under this name. */
  readonly onAside: (name: string, value: string) => void;
  readonly settings: {
    get(name: string): Promise<string | undefined>;
    set(name: string, value: string): Promise<void>;
    once(name: string, value: string): Promise<string>;
  };
  readonly log: Record<'error' | 'warn' | 'info', (fields: object, text: string) => void>;
  readonly kept: () => Kept;
  /** Something of the rig's own was done to it that must not be. */
  readonly fault: (what: string) => void;
  /** What was found wrong since it was last asked. */
  readonly faults: () => readonly string[];
  /** Whether the good one of that number is in the journal. */
  readonly has: (text: string) => boolean;
}

/** What must never stand in a log. */
export const LEAKS = new RegExp(`${MARK}|${MARKED_PHONE.slice(1)}|${SECRET_MARK}`);
const LONGEST_LINE = 4_000;
const LONGEST_NAME = 1_024;
/** Small values remembered; a rig is no store. */
const REMEMBERED = 20_000;

/** `heard` and `told`: given everything that came so far, where somebody looks at it. */
export function createEnds(heard?: InboundEvent[], told?: string[]): Ends {
  let found: string[] = [];
  let events = 0;
  let aside = 0;
  let lines = 0;
  const texts = new Set<string>();
  const values = new Map<string, string>();
  const put = (name: unknown, value: unknown): void => {
    if (typeof name !== 'string' || name.length > LONGEST_NAME)
      throw new TypeError('a setting must be named');
    if (typeof value !== 'string') throw new TypeError('a setting must be text');
    mustFit({ id: '', name, value } as { id: string });
    if (values.size >= REMEMBERED) values.clear();
    values.set(name, value);
    if (/(?:^|\.)bad\./.test(name)) aside += 1;
  };
  const tell = (fields: object, text: string): void => {
    lines += 1;
    let line: string;
    try {
      line = `${text} ${JSON.stringify(fields)}`;
    } catch (error) {
      found.push(`a line that cannot be written: ${text}: ${String(error)}`);
      return;
    }
    told?.push(line);
    const leak = LEAKS.exec(line)?.[0];
    if (leak !== undefined) found.push(`the log holds "${leak}": ${line.slice(0, 300)}`);
    if (line.length > LONGEST_LINE) found.push(`a line of ${line.length} characters: ${line.slice(0, 200)}`);
  };
  return {
    async intake(given) {
      for (const event of given) mustFit(event);
      heard?.push(...given);
      for (const event of given) {
        events += 1;
        const fault = faultOf(event);
        if (fault !== undefined) found.push(`an event of another shape: ${fault}`);
        if ('text' in event && typeof event.text === 'string' && event.text.startsWith('good ')) {
          if (texts.size > REMEMBERED) texts.clear();
          texts.add(event.text);
        }
      }
    },
    onAside: put,
    settings: {
      get: async (name) => values.get(name),
      set: async (name, value) => put(name, value),
      async once(name, value) {
        if (!values.has(name)) put(name, value);
        return values.get(name) ?? value;
      },
    },
    log: { error: tell, warn: tell, info: tell },
    fault: (what) => void found.push(what),
    kept: () => ({ events, aside, lines }),
    faults() {
      const all = found;
      found = [];
      return all;
    },
    has: (text) => texts.delete(text),
  };
}

/** A lease that is given at once. */
export const lease = async (_name: string, signal: AbortSignal) => {
  signal.throwIfAborted();
  return { lost: new Promise<void>(() => undefined), release: async () => undefined };
};
