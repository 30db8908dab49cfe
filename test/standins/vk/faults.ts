// The plan of faults: which calls and polls go wrong and how, and how events are repeated, swapped or late on their
// way in. Every choice comes from the seed. It decides only; the server does what it says.
import { type Random, seededRandom } from '../telegram/random.ts';

export type FaultKind =
  /** VK's own error, by `code`. */
  | 'refuse'
  | '500'
  | 'drop-before'
  | 'effect-then-drop'
  | 'hang'
  | 'garbage'
  /** For method `poll` only. */
  | 'failed1'
  | 'failed2'
  | 'failed3';

export interface FaultWhen {
  /**
   * One method or several; absent: every method and upload, but neither `poll` nor `file`. `upload` is the sending of
   * a file's bytes, `file` their fetching, `poll` the long poll.
   */
  readonly method?: string | readonly string[];
  /** The person it is about. */
  readonly peer?: number;
  /** The n-th matching call, counted from 1; without it every one that matches. */
  readonly nth?: number;
  readonly chance?: number;
}

export interface FaultPlan {
  readonly when?: FaultWhen;
  readonly do: FaultKind;
  /** For refuse; 10 unless told. */
  readonly code?: number;
  /** How long a hanging call is held. */
  readonly ms?: number;
  /** For hang and garbage: whether the call takes effect although its answer is late or unreadable. */
  readonly effect?: boolean;
  /** At most so many times. */
  readonly times?: number;
}

export interface FaultRule extends FaultPlan {
  /** Calls that matched method and person. */
  readonly seen: number;
  /** How often the fault was done to a call. */
  readonly fired: number;
  remove(): void;
}

export interface InboundPlan {
  /** Chance that an event comes once more under the same event_id. */
  readonly duplicate?: number;
  /** Chance that an event is overtaken by the next one. */
  readonly reorder?: number;
  /** Chance that an event is held back for `delayMs`. */
  readonly delay?: number;
  readonly delayMs?: number;
}

export interface InboundCounts {
  duplicated: number;
  reordered: number;
  delayed: number;
}

export interface Faults {
  add(plan: FaultPlan): FaultRule;
  /** Every call is refused with error 6 until so many milliseconds have passed; VK never says how long to wait. */
  storm(ms: number, retryAfter?: number): FaultRule;
  inbound(plan: InboundPlan): void;
  readonly inboundFired: InboundCounts;
  readonly rules: readonly FaultRule[];
  clear(): void;
}

export interface FaultSource extends Faults {
  pick(method: string, peer?: number): FaultRule | undefined;
  drawInbound(): { duplicate: boolean; reorder: boolean; delayMs: number };
}

interface LiveRule {
  readonly plan: FaultPlan;
  readonly random: Random;
  readonly until: number | undefined;
  readonly view: FaultRule;
  seen: number;
  fired: number;
}

function matches(when: FaultWhen, method: string, peer: number | undefined): boolean {
  const methods = typeof when.method === 'string' ? [when.method] : when.method;
  if (methods === undefined ? method === 'poll' || method === 'file' : !methods.includes(method))
    return false;
  return when.peer === undefined || when.peer === peer;
}

function fires(rule: LiveRule): boolean {
  const { when = {}, times } = rule.plan;
  // The die is cast for every matching call, so that one rule's luck never depends on another rule.
  const lucky = when.chance === undefined || rule.random() < when.chance;
  if (times !== undefined && rule.fired >= times) return false;
  if (when.nth !== undefined && rule.seen !== when.nth) return false;
  return lucky;
}

export function createFaults(seed: number, now: () => number): FaultSource {
  let live: LiveRule[] = [];
  let made = 0;
  let inbound: InboundPlan = {};
  const inboundRandom = seededRandom(seed ^ 0x9e3779b9);
  const counts: InboundCounts = { duplicated: 0, reordered: 0, delayed: 0 };

  function add(plan: FaultPlan, until?: number): FaultRule {
    made += 1;
    const view: FaultRule = {
      ...plan,
      get seen() {
        return rule.seen;
      },
      get fired() {
        return rule.fired;
      },
      remove() {
        live = live.filter((other) => other !== rule);
      },
    };
    const rule: LiveRule = { plan, random: seededRandom(seed + made * 7919), until, view, seen: 0, fired: 0 };
    live.push(rule);
    return view;
  }

  return {
    add: (plan) => add(plan),
    storm: (ms) => add({ do: 'refuse', code: 6 }, now() + ms),
    inbound(plan) {
      inbound = plan;
    },
    inboundFired: counts,
    get rules() {
      return live.map((rule) => rule.view);
    },
    clear() {
      live = [];
      inbound = {};
    },
    pick(method, peer) {
      let chosen: LiveRule | undefined;
      for (const rule of live) {
        if (!matches(rule.plan.when ?? {}, method, peer)) continue;
        if (rule.until !== undefined && now() >= rule.until) continue;
        rule.seen += 1;
        const fired = fires(rule);
        if (fired && chosen === undefined) chosen = rule;
      }
      if (chosen !== undefined) chosen.fired += 1;
      return chosen?.view;
    },
    drawInbound() {
      const hit = (chance: number | undefined): boolean => inboundRandom() < (chance ?? 0);
      const draw = {
        duplicate: hit(inbound.duplicate),
        reorder: hit(inbound.reorder),
        delayMs: hit(inbound.delay) ? (inbound.delayMs ?? 0) : 0,
      };
      if (draw.duplicate) counts.duplicated += 1;
      if (draw.reorder) counts.reordered += 1;
      if (draw.delayMs > 0) counts.delayed += 1;
      return draw;
    },
  };
}
