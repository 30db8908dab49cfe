// A stand-in with a small caller beside it, closed after each test, for the tests of the stand-in itself.
import { onTestFinished } from 'vitest';
import { startVk, type VkOptions, type VkStandIn } from './vk.ts';
import type { Json } from './world.ts';

export interface Update {
  readonly type: string;
  readonly event_id: string;
  readonly group_id: number;
  readonly v: string;
  readonly object: Json & { readonly message?: Json };
}

export interface PollResult {
  readonly ts?: string | number;
  readonly updates?: readonly Update[];
  readonly failed?: number;
}

interface Session {
  readonly key: string;
  readonly server: string;
  readonly ts: string;
}

export interface Poller {
  key: string;
  ts: string;
  /** One request; takes over the number it is told. */
  next(wait?: number): Promise<PollResult>;
  /** Every event until none is left. */
  all(): Promise<readonly Update[]>;
  renew(): Promise<string>;
}

export class ApiFailure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export async function startBoth(options: VkOptions = {}) {
  const vk: VkStandIn = await startVk({ secondMs: 20, ...options });
  onTestFinished(() => vk.stop());

  /** As a form, with the token in the body; rejects with VK's code. */
  async function call<T = unknown>(method: string, params: object = {}, token = vk.token): Promise<T> {
    const form = new URLSearchParams({ access_token: token, v: '5.199' });
    for (const [name, value] of Object.entries(params)) {
      form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
    }
    const response = await fetch(`${vk.url}/${method}`, { method: 'POST', body: form });
    const body = (await response.json()) as {
      response?: T;
      error?: { error_code: number; error_msg: string };
    };
    if (body.error !== undefined) throw new ApiFailure(body.error.error_code, body.error.error_msg);
    return body.response as T;
  }

  const codeOf = (promise: Promise<unknown>): Promise<number> =>
    promise.then(
      () => 0,
      (error: unknown) => (error instanceof ApiFailure ? error.code : -1),
    );

  async function poll(): Promise<Poller> {
    const { key, server, ts } = await call<Session>('groups.getLongPollServer', { group_id: vk.groupId });
    const poller: Poller = {
      key,
      ts,
      async next(wait = 0) {
        const query = new URLSearchParams({
          act: 'a_check',
          key: poller.key,
          ts: poller.ts,
          wait: String(wait),
        });
        const result = (await (await fetch(`${server}?${query}`)).json()) as PollResult;
        if (result.ts !== undefined) poller.ts = String(result.ts);
        return result;
      },
      async all() {
        const found: Update[] = [];
        for (;;) {
          const { updates = [] } = await poller.next();
          if (updates.length === 0) return found;
          found.push(...updates);
        }
      },
      async renew() {
        const next = await call<Session>('groups.getLongPollServer', { group_id: vk.groupId });
        poller.key = next.key;
        return next.ts;
      },
    };
    return poller;
  }

  let randomId = 0;
  const send = (peer: number, message: string, more: object = {}): Promise<number> =>
    call<number>('messages.send', { peer_id: peer, message, random_id: ++randomId, ...more });

  return { vk, call, codeOf, poll, send };
}

export const button = (label: string, payload: unknown = { b: label }, type = 'callback'): Json => ({
  action: { type, label, payload: JSON.stringify(payload) },
});

export const inline = (...labels: string[]): Json => ({
  inline: true,
  buttons: labels.map((label) => [button(label)]),
});

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
