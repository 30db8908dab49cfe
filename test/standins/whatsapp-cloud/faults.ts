// The plan of faults: which calls of the Graph API go wrong and how, and how notifications are repeated or overtaken on
// their way to us. Every choice comes from the seed. It decides only; the server does what it says.
import { type Random, seededRandom } from '../telegram/random.ts';

export type FaultKind =
  | 'refuse'
  | '500'
  | 'garbage'
  | 'hang'
  | 'drop-before'
  /** The message is shown, its answer is lost; what becomes of it is told as ever. */
  | 'effect-then-drop'
  /** The same, and nothing is told of it later either. */
  | 'effect-then-silence';

export interface FaultPlan {
  readonly when?: {
    /** `messages`, `media`, `media-url`, `media-file`, `phone`; absent: any but `phone`. */
    readonly method?: string | readonly string[];
    readonly peer?: string;
    readonly nth?: number;
    readonly chance?: number;
  };
  readonly do: FaultKind;
  /** With `refuse`: the error's code. */
  readonly code?: number;
  /** With `hang`: how long the answer is held; it comes then. */
  readonly ms?: number;
  readonly times?: number;
}

export interface FaultRule extends FaultPlan {
  readonly fired: number;
  remove(): void;
}

export interface Inbound {
  /** Chance that a notification that was taken comes once more. */
  readonly duplicate?: number;
  /** Chance that a notification is overtaken by what follows. */
  readonly reorder?: number;
}

export interface Faults {
  add(plan: FaultPlan): FaultRule;
  /** Every send is refused for the number's own limit until so many milliseconds have passed. */
  storm(ms: number, retryAfter?: number): FaultRule;
  inbound(plan: Inbound): void;
  readonly inboundFired: { duplicated: number; reordered: number };
  clear(): void;
}

export interface FaultSource extends Faults {
  pick(method: string, peer: string | undefined): FaultRule | undefined;
  draw(): { readonly duplicate: boolean; readonly reorder: boolean };
}

interface Live {
  readonly view: FaultRule;
  readonly random: Random;
  readonly until: number | undefined;
  seen: number;
  fired: number;
}

export function createFaults(seed: number, now: () => number): FaultSource {
  let live: Live[] = [];
  let made = 0;
  let inbound: Inbound = {};
  const random = seededRandom(seed ^ 0x51ed27);
  const inboundFired = { duplicated: 0, reordered: 0 };

  function add(plan: FaultPlan, until?: number): FaultRule {
    made += 1;
    const view: FaultRule = {
      ...plan,
      get fired() {
        return rule.fired;
      },
      remove() {
        live = live.filter((one) => one !== rule);
      },
    };
    const rule: Live = { view, random: seededRandom(seed + made * 7_919), until, seen: 0, fired: 0 };
    live.push(rule);
    return view;
  }

  function fires(rule: Live, method: string, peer: string | undefined): boolean {
    const { when = {}, times } = rule.view;
    const methods = typeof when.method === 'string' ? [when.method] : when.method;
    if (methods === undefined ? method === 'phone' : !methods.includes(method)) return false;
    if (when.peer !== undefined && when.peer !== peer) return false;
    if (rule.until !== undefined && now() >= rule.until) return false;
    rule.seen += 1;
    const lucky = when.chance === undefined || rule.random() < when.chance;
    if (times !== undefined && rule.fired >= times) return false;
    return lucky && (when.nth === undefined || rule.seen === when.nth);
  }

  return {
    add: (plan) => add(plan),
    storm: (ms) => add({ do: 'refuse', code: 130429, when: { method: 'messages' } }, now() + ms),
    inbound(plan) {
      inbound = plan;
    },
    inboundFired,
    clear() {
      live = [];
      inbound = {};
    },
    pick(method, peer) {
      const chosen = live.filter((rule) => fires(rule, method, peer))[0];
      if (chosen) chosen.fired += 1;
      return chosen?.view;
    },
    draw() {
      const duplicate = random() < (inbound.duplicate ?? 0);
      const reorder = random() < (inbound.reorder ?? 0);
      if (duplicate) inboundFired.duplicated += 1;
      if (reorder) inboundFired.reordered += 1;
      return { duplicate, reorder };
    },
  };
}
