// The real library on a real Chromium, led to the stand-in: the smallest bot there can be, for the stand-in's own tests.
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wweb, { type Message } from 'whatsapp-web.js';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.ts';
import type { WhatsAppWebStandIn } from './whatsapp-web.ts';

export const ONE_ANSWER = { allowMultipleAnswers: false, messageSecret: undefined };

export const withBody =
  (body: string) =>
  (message: Message): boolean =>
    message.body === body;

/** A folder for the browser's profile; `dropProfile` takes it away again. */
export const newProfile = (): string => mkdtempSync(join(tmpdir(), 'otklik-wa-'));

export const dropProfile = (profile: string): void =>
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });

export interface Heard {
  readonly event: string;
  readonly args: readonly unknown[];
}

export interface Bot {
  readonly client: wweb.Client;
  readonly heard: readonly Heard[];
  /** The first event by that name, heard already or later, that fits. */
  until(
    event: string,
    fits?: (...args: readonly never[]) => boolean,
    ms?: number,
  ): Promise<readonly unknown[]>;
  /** Forgets what was heard. */
  forget(): void;
  stop(): Promise<void>;
}

const EVENTS = [
  'qr',
  'code',
  'authenticated',
  'ready',
  'message',
  'message_create',
  'message_ciphertext',
  'message_edit',
  'message_revoke_everyone',
  'message_reaction',
  'message_ack',
  'vote_update',
  'change_state',
  'disconnected',
];

/** Gives message keys back the name the library reads, whichever the page uses. It runs in the page. */
function mendKeys(): void {
  type Model = (message: { id: unknown }) => { id: Record<string, unknown> };
  const page = window as unknown as { require(name: string): { prototype: object } };
  let tools: { getMessageModel?: Model } | undefined;
  let model: Model | undefined;
  Object.defineProperty(window, 'WWebJS', {
    get: () => tools,
    set(made: object) {
      tools = made;
      const { prototype } = page.require('WAWebMsgKey');
      if (!('_serialized' in prototype)) {
        Object.defineProperty(prototype, '_serialized', {
          get(this: { toString(): string }) {
            return this.toString();
          },
        });
      }
      Object.defineProperty(made, 'getMessageModel', {
        get: () => model,
        set(original: Model) {
          model = (message) => {
            const plain = original(message);
            plain.id = { ...plain.id, _serialized: String(message.id) };
            return plain;
          };
        },
      });
    },
  });
}

export interface BotOptions {
  readonly profile: string;
  readonly mend?: boolean;
  readonly phone?: string;
  readonly protocolTimeout?: number;
}

export function createBot(standIn: WhatsAppWebStandIn, options: BotOptions): Bot {
  const client = new wweb.Client({
    authStrategy: new wweb.LocalAuth({ dataPath: options.profile }),
    webVersionCache: { type: 'none' },
    authTimeoutMs: 10_000,
    ...(options.mend !== false && { evalOnNewDoc: mendKeys }),
    ...(options.phone !== undefined && {
      pairWithPhoneNumber: { phoneNumber: options.phone, showNotification: true, intervalMs: 180_000 },
    }),
    puppeteer: {
      executablePath: chromiumPath(),
      pipe: true,
      args: [...CHROMIUM_ARGS, ...standIn.chromiumArgs],
      protocolTimeout: options.protocolTimeout ?? 20_000,
    },
  });
  const heard: Heard[] = [];
  const news = new EventEmitter();
  for (const event of EVENTS) {
    client.on(event, (...args: unknown[]) => {
      heard.push({ event, args });
      news.emit('heard');
    });
  }
  return {
    client,
    heard,
    forget: () => void heard.splice(0),
    until(event, fits = () => true, ms = 8000) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = heard.find((one) => one.event === event && fits(...(one.args as never[])));
          if (found === undefined) return;
          news.off('heard', look);
          clearTimeout(late);
          resolve(found.args);
        };
        const late = setTimeout(() => {
          news.off('heard', look);
          const events = heard.map((one) => one.event).join(', ');
          reject(new Error(`waited ${ms} ms in vain for "${event}"; heard: ${events}`));
        }, ms);
        news.on('heard', look);
        look();
      });
    },
    async stop() {
      await client.destroy();
    },
  };
}
