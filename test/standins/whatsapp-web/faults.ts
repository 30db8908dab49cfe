// Faults on the way between the page and the network. The dice, the plans and the storms are those of the Telegram
// stand-in; here is only what a plan means on this wire.
import {
  createFaults as createPlans,
  type FaultRule,
  type InboundCounts,
  type InboundPlan,
  type FaultWhen as PlanWhen,
} from '../telegram/faults.ts';

/** A refused send is final: the page marks it as failed (ack -1). What is dropped or hangs, the page sends again. */
export type FaultKind = 'refuse429' | '403' | '500' | 'hang' | 'effect-then-drop' | 'drop-before';

export interface FaultPlan {
  readonly when?: Omit<PlanWhen, 'chat'>;
  readonly do: FaultKind;
  readonly times?: number;
  /** For hang: whether it takes effect although no answer comes. */
  readonly effect?: boolean;
}

export interface Faults {
  add(plan: FaultPlan): FaultRule;
  /** `duplicate`: a message comes twice; `reorder`: it is overtaken by the next one. */
  inbound(plan: Pick<InboundPlan, 'duplicate' | 'reorder'>): void;
  readonly inboundFired: Readonly<InboundCounts>;
  /** Everything asked is refused until so many milliseconds have passed. */
  storm(ms: number, retryAfterSec: number): FaultRule;
  clear(): void;
}

export interface FaultSource extends Faults {
  pick(method: string): FaultRule | undefined;
  drawInbound(): { readonly duplicate: boolean; readonly reorder: boolean };
}

/** Refusals by their code; the other kinds concern the connection. */
export const REFUSALS: Readonly<Record<string, number>> = { refuse429: 429, '403': 403, '500': 500 };

export function createFaults(seed: number, now: () => number): FaultSource {
  const plans = createPlans(seed, now);
  return {
    add: (plan) => plans.add(plan),
    inbound: (plan) => plans.inbound(plan),
    inboundFired: plans.inboundFired,
    storm: (ms, retryAfterSec) => plans.storm(ms, retryAfterSec),
    clear: () => plans.clear(),
    pick: (method) => plans.pick(method, undefined),
    drawInbound: () => plans.drawInbound(),
  };
}
