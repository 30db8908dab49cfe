// Posts notifications to our address the way Meta does: signed, each on its own, again and again with growing pauses
// until it is taken. A notification that is not taken holds up no other: Meta promises no order.
import { createHmac, randomUUID } from 'node:crypto';
import type { FaultSource } from './faults.ts';
import type { Json } from './world.ts';

/** A post to our address, as runs look at calls. */
export interface Delivery {
  readonly id: number;
  readonly at: number;
  readonly method: 'webhook';
  readonly params: string;
  /** The HTTP status; absent while it is under way, 0 when no answer came. */
  answered: number | undefined;
  readonly fault: undefined;
  /** It was taken. */
  effect: boolean;
}

export interface Webhook {
  /** Asks who is there, as when a person enters the address at Meta; then posts what waits. */
  connect(url: string, verifyToken?: string): Promise<void>;
  notify(field: string, value: Json, about: string): void;
  /** Everything said meanwhile goes in one post. */
  gather(act: () => void): void;
  /** Posts this body, signed or not, once. */
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<number>;
  sign(body: string): string;
  readonly deliveries: readonly Delivery[];
  readonly pending: number;
  stop(): void;
}

interface Item {
  readonly body: string;
  readonly about: string;
  tries: number;
  due: number;
  flying: boolean;
  again: boolean;
}

const LONGEST = 3_600;
/** An overtaken notification comes so much later; in milliseconds. */
const OVERTAKEN = 60;

export function createWebhook(options: {
  readonly metadata: Json;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly faults: FaultSource;
  readonly now: () => number;
  readonly secondMs: number;
  readonly fire: () => void;
}): Webhook {
  const { now, secondMs, faults } = options;
  const deliveries: Delivery[] = [];
  let items: Item[] = [];
  let target: string | undefined;
  let gathered: { readonly field: string; readonly value: Json }[] | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const sign = (body: string): string =>
    `sha256=${createHmac('sha256', options.appSecret).update(body).digest('hex')}`;

  function enqueue(
    changes: readonly { readonly field: string; readonly value: Json }[],
    about: string,
  ): void {
    const entry = changes.map(({ field, value }) => ({
      id: '102290129340398',
      changes: [{ field, value: { messaging_product: 'whatsapp', metadata: options.metadata, ...value } }],
    }));
    const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
    const { duplicate, reorder } = faults.draw();
    items.push({
      body,
      about,
      tries: 0,
      due: now() + (reorder ? OVERTAKEN : 0),
      flying: false,
      again: duplicate,
    });
    pump();
  }

  async function post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    if (target === undefined) throw new Error('no webhook is connected');
    let status = 0;
    const delivery: Delivery = {
      id: deliveries.length + 1,
      at: now(),
      method: 'webhook',
      params: body,
      answered: undefined,
      fault: undefined,
      effect: false,
    };
    deliveries.push(delivery);
    options.fire();
    try {
      const answer = await fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': sign(body), ...headers },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(20_000),
      });
      status = answer.status;
      await answer.text();
    } catch {
      status = 0;
    }
    delivery.answered = status;
    delivery.effect = status === 200;
    options.fire();
    return status;
  }

  async function deliver(item: Item): Promise<void> {
    item.flying = true;
    const status = await post(item.body);
    item.flying = false;
    if (status === 200) {
      if (item.again) item.again = false;
      else items = items.filter((one) => one !== item);
    } else {
      item.tries += 1;
      item.due = now() + (item.tries === 1 ? 0 : Math.min(2 ** (item.tries - 2), LONGEST) * secondMs);
    }
    options.fire();
    pump();
  }

  function pump(): void {
    if (stopped || target === undefined) return;
    const at = now();
    const busy = new Set(items.filter((item) => item.flying).map((item) => item.about));
    for (const item of items) {
      if (item.flying || item.due > at || busy.has(item.about)) continue;
      busy.add(item.about);
      void deliver(item);
    }
    const next = Math.min(...items.filter((item) => !item.flying && item.due > at).map((item) => item.due));
    clearTimeout(timer);
    if (Number.isFinite(next)) timer = setTimeout(pump, Math.max(1, next - at));
  }

  return {
    async connect(url, verifyToken = options.verifyToken) {
      const challenge = randomUUID();
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.verify_token': verifyToken,
        'hub.challenge': challenge,
      });
      const answer = await fetch(`${url}?${query}`);
      const said = await answer.text();
      if (answer.status !== 200 || said !== challenge) {
        throw new Error(`the address could not be verified: ${answer.status}`);
      }
      target = url;
      pump();
    },
    notify(field, value, about) {
      if (stopped) return;
      if (gathered) gathered.push({ field, value });
      else enqueue([{ field, value }], about);
    },
    gather(act) {
      gathered = [];
      act();
      const all = gathered;
      gathered = undefined;
      enqueue(all, 'gathered');
    },
    post,
    sign,
    deliveries,
    get pending() {
      return items.length;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
