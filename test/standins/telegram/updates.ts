// The queue of updates and both ways out of it: getUpdates and the webhook share it, never at the same time.
// It gives ids, forgets what was confirmed or has expired, and holds the long poll.
import type { FaultSource } from './faults.ts';
import { bad, conflict, otherPoller, type Refusal } from './refusal.ts';
import type { Signal } from './signal.ts';
import type { Params } from './validate.ts';
import type { EmitScope, Json } from './world.ts';

export interface QueuedUpdate {
  readonly id: number;
  readonly body: Json;
  readonly queue: string;
  readonly expiresAt: number;
  /** It will come once more after it was confirmed. */
  readonly again: boolean;
  /** It is that second coming. */
  readonly ghost: boolean;
}

export interface Updates {
  push(kind: string, payload: Json, scope: EmitScope): void;
  poll(params: Params, gone: AbortSignal): Promise<readonly Json[]>;
  /** Everything waiting, expired ones left out. */
  pending(): readonly QueuedUpdate[];
  /** Takes an update off the queue once it was delivered. */
  confirm(id: number): void;
  clear(): void;
  allow(kinds: readonly string[] | undefined): void;
  readonly allowed: readonly string[] | undefined;
  /** Ends a waiting poll with the given refusal. */
  interrupt(reason: Refusal): void;
  webhookSet: boolean;
  onPush: (() => void) | undefined;
  /** Every update ever made, in order, as the bot was told it. */
  readonly made: readonly Json[];
  stop(): void;
}

const NOT_BY_DEFAULT: ReadonlySet<string> = new Set([
  'chat_member',
  'message_reaction',
  'message_reaction_count',
]);

const KINDS: ReadonlySet<string> = new Set(
  (
    'message edited_message channel_post edited_channel_post business_connection business_message ' +
    'edited_business_message deleted_business_messages guest_message message_reaction message_reaction_count ' +
    'inline_query chosen_inline_result callback_query shipping_query pre_checkout_query purchased_paid_media ' +
    'poll poll_answer my_chat_member chat_member chat_join_request chat_boost removed_chat_boost managed_bot'
  ).split(' '),
);

const MESSAGE_LIFE_MS = 24 * 3600 * 1000;
const CALLBACK_LIFE_MS = 150 * 1000;

export function createUpdates(options: {
  now: () => number;
  firstId: number;
  secondMs: number;
  faults: FaultSource;
  changed: Signal;
}): Updates {
  const { now, secondMs, faults, changed } = options;
  let nextId = options.firstId;
  let queue: QueuedUpdate[] = [];
  let allowed: readonly string[] | undefined;
  let overtaken: (() => void) | undefined;
  let waiting: { wake(): void; refuse(reason: Refusal): void } | undefined;
  const made: Json[] = [];
  const timers = new Set<NodeJS.Timeout>();

  const after = (ms: number, task: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      task();
    }, ms);
    timers.add(timer);
  };

  function enqueue(kind: string, payload: Json, scope: EmitScope, again: boolean): void {
    const id = nextId;
    nextId += 1;
    const life = kind === 'callback_query' ? CALLBACK_LIFE_MS : MESSAGE_LIFE_MS;
    const body = { update_id: id, [kind]: payload };
    made.push(body);
    queue.push({ id, body, queue: scope.queue, expiresAt: now() + life, again, ghost: false });
    const held = overtaken;
    overtaken = undefined;
    held?.();
    waiting?.wake();
    updates.onPush?.();
    changed.fire();
  }

  function dropWhere(gone: (update: QueuedUpdate) => boolean): void {
    queue = queue.flatMap((update) => {
      if (!gone(update)) return [update];
      return update.again ? [{ ...update, again: false, ghost: true }] : [];
    });
  }

  function pending(): readonly QueuedUpdate[] {
    queue = queue.filter((update) => update.expiresAt > now());
    return queue;
  }

  function take(offset: number, limit: number): readonly Json[] {
    const batch = pending()
      .filter((update) => update.ghost || update.id >= offset)
      .slice(0, limit);
    // A repeat is shown once more and never a third time.
    const ghosts = new Set(batch.filter((update) => update.ghost));
    queue = queue.filter((update) => !ghosts.has(update));
    return batch.map((update) => update.body);
  }

  async function poll(params: Params, gone: AbortSignal): Promise<readonly Json[]> {
    if (updates.webhookSet) {
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    }
    const limit = Math.min(Math.max((params.limit as number | undefined) ?? 100, 1), 100);
    const timeout = Math.min(Math.max((params.timeout as number | undefined) ?? 0, 0), 50);
    let offset = (params.offset as number | undefined) ?? 0;
    waiting?.refuse(otherPoller());
    if (params.allowed_updates !== undefined) updates.allow(params.allowed_updates as string[]);
    if (offset < 0)
      offset =
        pending()
          .filter((update) => !update.ghost)
          .at(offset)?.id ??
        pending()[0]?.id ??
        0;
    const from = offset;
    dropWhere((update) => !update.ghost && update.id < from);
    const ready = take(from, limit);
    if (ready.length > 0 || timeout === 0) return ready;
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        timers.delete(timer);
        gone.removeEventListener('abort', leave);
        if (waiting === self) waiting = undefined;
      };
      const answer = (): void => {
        finish();
        resolve(take(from, limit));
      };
      const leave = (): void => {
        finish();
        // Nobody listens any more: what is waiting stays for the next poll.
        resolve([]);
      };
      const timer = setTimeout(answer, timeout * secondMs);
      timers.add(timer);
      const self = {
        wake: answer,
        refuse(reason: Refusal) {
          finish();
          reject(reason);
        },
      };
      waiting = self;
      gone.addEventListener('abort', leave);
    });
  }

  const updates: Updates = {
    push(kind, payload, scope) {
      const passes =
        allowed === undefined || allowed.length === 0 ? !NOT_BY_DEFAULT.has(kind) : allowed.includes(kind);
      if (!passes) return;
      const { duplicate, reorder, delayMs } = faults.drawInbound();
      const go = (): void => enqueue(kind, payload, scope, duplicate);
      if (delayMs > 0) after(delayMs, go);
      else if (reorder && overtaken === undefined) {
        overtaken = go;
        // With nothing behind it, a held update still comes, as a network's delay is never for ever.
        after(5 * secondMs, () => {
          if (overtaken !== go) return;
          overtaken = undefined;
          go();
        });
      } else go();
    },
    poll,
    pending,
    confirm(id) {
      dropWhere((update) => update.id === id);
      changed.fire();
    },
    clear() {
      queue = [];
    },
    allow(kinds) {
      for (const kind of kinds ?? []) {
        if (!KINDS.has(kind)) throw bad(`unknown update kind "${kind}"`, 'wrong-type');
      }
      allowed = kinds;
    },
    get allowed() {
      return allowed;
    },
    interrupt(reason) {
      waiting?.refuse(reason);
    },
    webhookSet: false,
    onPush: undefined,
    made,
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
  return updates;
}
