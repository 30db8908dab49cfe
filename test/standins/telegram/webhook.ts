// Delivers updates to a webhook the way Telegram's server does: one queue a chat, callbacks in a queue of their
// own a person, a failing update blocks its queue and is tried again at once, then after 2, 4, 8 … seconds.

import { bad, conflict, type Violation } from './refusal.ts';
import type { QueuedUpdate, Updates } from './updates.ts';
import type { Params } from './validate.ts';
import type { Json } from './world.ts';

export interface WebhookDelivery {
  readonly updateId: number;
  readonly at: number;
  /** HTTP status, or 0 when no answer came. */
  readonly status: number;
}

export interface Webhook {
  set(params: Params): void;
  remove(params: Params): void;
  info(): Json;
  readonly deliveries: readonly WebhookDelivery[];
  stop(): void;
}

interface Target {
  readonly url: string;
  readonly secret: string | undefined;
  readonly maxConnections: number;
}

const MAX_PAUSE_SECONDS = 60;
const MAX_RETRY_AFTER_SECONDS = 3600;

function checkUrl(text: string): void {
  if (!URL.canParse(text)) throw bad('bad webhook: invalid webhook URL specified');
  const url = new URL(text);
  const near = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  // Loopback is the one place where a test can listen; Telegram's own local server allows it as well.
  if (near) return;
  if (url.protocol !== 'https:') throw bad('bad webhook: An HTTPS URL must be provided for webhook');
  if (!['', '443', '80', '88', '8443'].includes(url.port)) {
    throw bad('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443');
  }
}

export function createWebhook(options: {
  updates: Updates;
  now: () => number;
  secondMs: number;
  requestTimeoutSeconds: number;
  note: (violation: Violation) => void;
}): Webhook {
  const { updates, now, secondMs, note } = options;
  let target: Target | undefined;
  let lastError: { date: number; message: string } | undefined;
  let flying = 0;
  const deliveries: WebhookDelivery[] = [];
  /** Queues with a delivery under way or a pause before the next try. */
  const busy = new Map<string, AbortController>();
  const failures = new Map<number, number>();

  function halt(): void {
    for (const controller of busy.values()) controller.abort();
    busy.clear();
    failures.clear();
  }

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });

  async function tryOnce(to: Target, update: QueuedUpdate, signal: AbortSignal): Promise<number | undefined> {
    let status = 0;
    let wait: number | undefined;
    try {
      const limit = AbortSignal.timeout(options.requestTimeoutSeconds * secondMs);
      const response = await fetch(to.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(to.secret !== undefined && { 'X-Telegram-Bot-Api-Secret-Token': to.secret }),
        },
        body: JSON.stringify(update.body),
        redirect: 'manual',
        signal: AbortSignal.any([signal, limit]),
      });
      status = response.status;
      const text = await response.text();
      if (response.ok) {
        if (/"method"\s*:/.test(text)) {
          note({
            kind: 'webhook-reply',
            method: 'webhook',
            detail: `a call in the answer: ${text.slice(0, 100)}`,
          });
        }
        return undefined;
      }
      const asked = Number(response.headers.get('retry-after'));
      if (asked > 0) wait = Math.min(asked, MAX_RETRY_AFTER_SECONDS);
      lastError = {
        date: now(),
        message: `Wrong response from the webhook: ${status} ${response.statusText}`,
      };
    } catch (error) {
      if (!signal.aborted)
        lastError = { date: now(), message: `Connection failed: ${(error as Error).name}` };
    } finally {
      if (!signal.aborted) deliveries.push({ updateId: update.id, at: now(), status });
    }
    const failed = (failures.get(update.id) ?? 0) + 1;
    failures.set(update.id, failed);
    return wait ?? (failed === 1 ? 0 : Math.min(2 ** (failed - 1), MAX_PAUSE_SECONDS));
  }

  async function serve(to: Target, update: QueuedUpdate, controller: AbortController): Promise<void> {
    flying += 1;
    const wait = await tryOnce(to, update, controller.signal);
    flying -= 1;
    if (controller.signal.aborted) return;
    if (wait === undefined) {
      updates.confirm(update.id);
      failures.delete(update.id);
    } else {
      pump();
      await pause(wait * secondMs, controller.signal);
      if (controller.signal.aborted) return;
    }
    busy.delete(update.queue);
    pump();
  }

  function pump(): void {
    if (target === undefined) return;
    for (const update of updates.pending()) {
      if (flying >= target.maxConnections) return;
      if (busy.has(update.queue)) continue;
      const controller = new AbortController();
      busy.set(update.queue, controller);
      void serve(target, update, controller);
    }
  }

  function remove(params: Params): void {
    halt();
    target = undefined;
    updates.webhookSet = false;
    updates.onPush = undefined;
    if (params.drop_pending_updates === true) updates.clear();
  }

  return {
    set(params) {
      const url = params.url as string;
      if (url === '') return remove(params);
      checkUrl(url);
      const secret = params.secret_token as string | undefined;
      if (secret !== undefined && secret.length > 256) throw bad('secret token is too long', 'too-long');
      if (secret !== undefined && !/^[A-Za-z0-9_-]+$/.test(secret)) {
        throw bad('secret token contains unallowed characters', 'bad-markup');
      }
      const maxConnections = Math.min(Math.max((params.max_connections as number | undefined) ?? 40, 1), 100);
      if (params.allowed_updates !== undefined) updates.allow(params.allowed_updates as string[]);
      remove(params);
      updates.interrupt(conflict('terminated by setWebhook request'));
      target = { url, secret, maxConnections };
      updates.webhookSet = true;
      updates.onPush = pump;
      pump();
    },
    remove,
    info: () => ({
      url: target?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: updates.pending().length,
      ...(target !== undefined && { max_connections: target.maxConnections }),
      ...(updates.allowed !== undefined &&
        updates.allowed.length > 0 && { allowed_updates: updates.allowed }),
      ...(lastError !== undefined && {
        last_error_date: Math.floor(lastError.date / 1000),
        last_error_message: lastError.message,
      }),
    }),
    deliveries,
    stop: halt,
  };
}
