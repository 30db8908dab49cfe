// Telegram as it is seen from outside: private chats, one group with topics, one stream of updates. It keeps its own
// ledger of who saw what, and knows nothing of what the program believes.
import type { RawApi } from '../../src/networks/telegram/api.ts';
import type { TelegramClient } from '../../src/networks/telegram/client.ts';
import { carry, isIn, isStormy, type Life, never, type World } from './world.ts';

export const ACCOUNT = '7001';
export const FIRST_GROUP = -1001000;
export const SECOND_GROUP = -1002000;
const SECRET = 'simulated_webhook_secret';

export interface Seen {
  readonly id: number;
  readonly at: number;
  text: string;
  buttons: readonly { readonly id: string; readonly label: string }[];
  /** Which file, where it shows one. */
  readonly file: string | undefined;
  /** The outbox entry it came from; absent for what no entry asked for. */
  readonly key: string | undefined;
  readonly by: Life;
  /** Its sender heard that it arrived. */
  answered: boolean;
  edited?: number;
}

export interface Topic {
  readonly thread: number;
  name: string;
  /** The ticket's public number, as the title tells it. */
  readonly number: string;
  readonly by: Life;
  answered: boolean;
  readonly key: string | undefined;
  readonly seen: Seen[];
  deleted: boolean;
  readonly at: number;
}

/** Who watches what appears. */
export interface Watcher {
  shown(seen: Seen): void;
  changed(seen: Seen): void;
  /** Telegram refused to bring something for no reason of theirs. */
  missed(): void;
}

type Json = Readonly<Record<string, unknown>>;

interface Update {
  readonly update_id: number;
  readonly body: Json;
  readonly again: boolean;
}

class Refusal {
  readonly error_code: number;
  readonly description: string;
  readonly parameters: Json | undefined;
  constructor(code: number, description: string, parameters?: Json) {
    this.error_code = code;
    this.description = description;
    this.parameters = parameters;
  }
}

export class Telegram {
  readonly chats = new Map<number, Seen[]>();
  readonly topics = new Map<number, Topic>();
  readonly watchers = new Map<number, Watcher>();
  /** A topic was made, or something appeared in one. */
  onTopic: ((topic: Topic, seen: Seen | undefined) => void) | undefined;
  readonly members = new Set<number>();
  /** Ids of updates that were taken: confirmed by an offset, or answered with 200. */
  readonly taken = new Set<number>();
  /** Every update made, by its id. */
  readonly made = new Map<number, Json>();
  group = FIRST_GROUP;
  readonly former = new Set<number>();
  topicsDeleted = 0;
  readonly #world: World;
  #queue: Update[] = [];
  #ghosts: Update[] = [];
  #nextUpdate = 1;
  #nextMessage = 1;
  #poller: { life: Life; wake(): void; refuse(): void } | undefined;
  /** Where updates are posted to; absent: they are polled. */
  hooks: (() => readonly Hook[]) | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  messageId(): number {
    this.#nextMessage += 1;
    return this.#nextMessage;
  }

  get seconds(): number {
    return Math.floor(Date.now() / 1000);
  }

  /** Something happened that the program is to be told. */
  push(body: Json): void {
    const { weather, scheduler, luck } = this.#world;
    if (isStormy(this.#world) && luck.chance(weather.late)) {
      this.#world.hit('update late');
      scheduler.after(luck() * 5_000, 'late', () => this.#enter(body), scheduler.world);
    } else this.#enter(body);
  }

  #enter(body: Json): void {
    const id = this.#nextUpdate++;
    this.made.set(id, body);
    const again = isStormy(this.#world) && this.#world.luck.chance(this.#world.weather.twice);
    const update = { update_id: id, body, again };
    if (this.hooks) return this.#post(update, 0);
    this.#queue.push(update);
    this.#poller?.wake();
  }

  /** Waiting to be told. */
  get backlog(): number {
    return this.#queue.length + this.#posting;
  }
  #posting = 0;

  #post(update: Update, tries: number): void {
    const { scheduler, luck } = this.#world;
    if (tries === 0) this.#posting += 1;
    const retry = (): void => {
      const wait = Math.min(30_000, 500 * 2 ** tries);
      scheduler.after(wait, 'post again', () => this.#post(update, tries + 1), scheduler.world);
    };
    const hooks = this.hooks?.() ?? [];
    if (hooks.length === 0) return retry();
    const { life, hook } = luck.pick(hooks);
    const { update_id } = update;
    const rawBody = Buffer.from(JSON.stringify({ update_id, ...update.body }));
    const request = {
      method: 'POST' as const,
      query: {},
      headers: { 'x-telegram-bot-api-secret-token': SECRET },
      rawBody,
    };
    let settled = false;
    // Nobody answers: it is posted again.
    scheduler.after(
      20_000,
      'post unanswered',
      () => {
        if (settled) return;
        settled = true;
        retry();
      },
      scheduler.world,
    );
    scheduler.after(
      2 + luck() * 30,
      'update',
      () => {
        void hook(request).then(({ status }) => {
          if (settled) return;
          settled = true;
          if (status !== 200) {
            this.#world.hit('update posted again');
            return retry();
          }
          this.taken.add(update_id);
          const isLost = isStormy(this.#world) && luck.chance(this.#world.weather.lostAnswer);
          if (update.again || isLost) {
            this.#world.hit('update twice');
            return this.#post({ ...update, again: false }, 1);
          }
          this.#posting -= 1;
        });
      },
      life,
    );
  }

  // What the bot calls.

  client(life: Life): TelegramClient {
    const account = ACCOUNT;
    const call = new Proxy({} as RawApi, {
      get: (_, method: string) => (params: Json, signal?: AbortSignal) =>
        this.#call(life, method, params ?? {}, signal),
    });
    return {
      account,
      call,
      download: (fileId) =>
        this.#carry(life, 'getFile', () => ({
          bytes: Buffer.from(`bytes of ${fileId}`),
          name: `${fileId}.jpg`,
        })),
      close: async () => {},
    };
  }

  #call(life: Life, method: string, params: Json, signal: AbortSignal | undefined): Promise<unknown> {
    if (method === 'getUpdates') return this.#poll(life, params, signal);
    const perform = this.#methods[method];
    if (!perform) throw new Error(`the simulated Telegram has no ${method}`);
    const chat = Number(params.chat_id);
    const thread = params.message_thread_id as number | undefined;
    const place = thread === undefined ? String(chat) : this.topics.get(thread)?.number;
    const asked = { key: place === undefined ? undefined : life.delivering.get(place), life };
    return this.#carry(
      life,
      method,
      (heard) => perform(params, asked, heard),
      chat > 0 ? chat : undefined,
      place,
    );
  }

  #carry<T>(
    life: Life,
    method: string,
    perform: (heard: (() => void)[]) => T,
    person?: number,
    place?: string,
  ): Promise<T> {
    const world = this.#world;
    const { weather, luck, scheduler, program } = world;
    const { fromRefusal, fromTransport, TransportError, isAsGoodAsDone } = program.src.telegram;
    const told: (() => void)[] = [];
    const refuse = (refusal: Refusal): Error => fromRefusal(method, refusal as never);
    const effect = (): T => {
      try {
        return perform(told);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        if (isAsGoodAsDone(thrown as never)) return true as T;
        throw refuse(thrown);
      }
    };
    let fault: { error: () => Error; before: boolean } | undefined;
    if (isStormy(world)) {
      const draw = luck();
      if (isIn(weather.storms, scheduler.now) && luck.chance(0.1)) {
        world.hit('flood');
        const retry_after = 1 + luck.below(60);
        const flood = new Refusal(429, 'Too Many Requests: retry later', { retry_after });
        fault = { before: true, error: () => refuse(flood) };
      } else if (draw < weather.serverFault) {
        world.hit('server fault');
        fault = { before: true, error: () => refuse(new Refusal(502, 'Bad Gateway')) };
      } else if (draw < weather.serverFault + weather.lostAnswer) {
        world.hit('answer lost');
        fault = { before: false, error: () => fromTransport(new TransportError('timeout', true)) };
      } else if (draw < weather.serverFault + weather.lostAnswer + weather.refused) {
        world.hit('connection refused');
        fault = { before: true, error: () => fromTransport(new TransportError('ECONNREFUSED', false)) };
      } else if (person !== undefined && luck.chance(weather.forbidden)) {
        world.hit('forbidden');
        fault = {
          before: true,
          error: () => refuse(new Refusal(403, 'Forbidden: bot was blocked by the user')),
        };
        scheduler.after(1_000, 'missed', () => this.watchers.get(person)?.missed(), scheduler.world);
      }
    }
    if (fault && place !== undefined) world.refusals.push({ life, place, at: scheduler.now });
    const latency = fault && !fault.before ? 15_000 : 15 + luck() * 120;
    return carry(world, life, {
      kind: 'network',
      label: method,
      latency,
      effect,
      ...(fault ? { fault } : {}),
      heard: () => {
        for (const tell of told) tell();
      },
    });
  }

  #poll(life: Life, params: Json, signal: AbortSignal | undefined): Promise<readonly Json[]> {
    const { scheduler, luck, program } = this.#world;
    const offset = (params.offset as number | undefined) ?? 0;
    const holds = Number(params.timeout ?? 0) > 0;
    const give = (): readonly Json[] => {
      for (const update of this.#queue) {
        if (update.update_id >= offset) break;
        this.taken.add(update.update_id);
        if (update.again) {
          this.#world.hit('update twice');
          this.#ghosts.push({ ...update, again: false });
        }
      }
      this.#queue = this.#queue.filter(({ update_id }) => update_id >= offset);
      const ghosts = this.#ghosts.splice(0);
      return [...ghosts, ...this.#queue.slice(0, 100)].map(({ update_id, body }) => ({ update_id, ...body }));
    };
    const { fromRefusal } = program.src.telegram;
    const conflict = (): Error =>
      fromRefusal('getUpdates', {
        error_code: 409,
        description: 'Conflict: terminated by other getUpdates request',
      });
    return this.#carry(life, 'getUpdates', () => {
      const other = this.#poller;
      if (other && other.life !== life && !other.life.dead) {
        this.#world.hit('another poller');
        other.refuse();
      }
      this.#poller = undefined;
      return give();
    }).then((updates) => {
      if (updates.length > 0 || !holds || signal?.aborted) return updates;
      if (life.dead) return never();
      return new Promise((resolve, reject) => {
        const finish = (act: () => void, after: number): void => {
          if (this.#poller !== mine) return;
          this.#poller = undefined;
          limit.act = undefined;
          signal?.removeEventListener('abort', abort);
          scheduler.after(after, 'poll answer', act, life);
        };
        const mine = {
          life,
          wake: () => finish(() => resolve(give()), 5 + luck() * 40),
          refuse: () => finish(() => reject(conflict()), 5),
        };
        const abort = (): void => {
          if (this.#poller === mine) this.#poller = undefined;
          limit.act = undefined;
          reject(new Error('aborted'));
        };
        const limit = scheduler.after(30_000, 'poll ends', mine.wake, scheduler.world);
        signal?.addEventListener('abort', abort, { once: true });
        if (this.#poller && this.#poller.life !== life) this.#poller.refuse();
        this.#poller = mine;
        if (this.#queue.length > 0 || this.#ghosts.length > 0) mine.wake();
      });
    });
  }

  #topicAt(chat: number, thread: number): Topic {
    if (this.former.has(chat)) {
      throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: this.group,
      });
    }
    const topic = this.topics.get(thread);
    if (topic && !topic.deleted) {
      const { weather, luck } = this.#world;
      if (isStormy(this.#world) && luck.chance(weather.topicGone)) {
        this.#world.hit('topic deleted');
        this.topicsDeleted += 1;
        topic.deleted = true;
      }
    }
    if (!topic || topic.deleted) throw new Refusal(400, 'Bad Request: message thread not found');
    return topic;
  }

  #checkGroup(chat: number): void {
    if (this.former.has(chat)) this.#topicAt(chat, 0);
  }

  #show(params: Json, asked: Asked, heard: (() => void)[], file?: string): Json {
    const chat = Number(params.chat_id);
    const thread = params.message_thread_id as number | undefined;
    const markup = params.reply_markup as Markup | undefined;
    const seen: Seen = {
      id: this.messageId(),
      at: this.#world.scheduler.now,
      text: String(params.text ?? params.caption ?? ''),
      buttons: buttonsIn(markup),
      file,
      key: asked.key,
      by: asked.life,
      answered: false,
    };
    heard.push(() => {
      seen.answered = true;
    });
    if (chat > 0) {
      const all = this.chats.get(chat) ?? [];
      this.chats.set(chat, all);
      all.push(seen);
      this.watchers.get(chat)?.shown(seen);
    } else {
      this.#checkGroup(chat);
      if (thread !== undefined) {
        const topic = this.#topicAt(chat, thread);
        topic.seen.push(seen);
        this.onTopic?.(topic, seen);
      }
    }
    this.#world.scheduler.witness(seen.text);
    return {
      message_id: seen.id,
      date: this.seconds,
      chat: { id: chat },
      ...(thread === undefined ? {} : { message_thread_id: thread }),
    };
  }

  #find(chat: number, id: number): Seen | undefined {
    if (chat > 0) return this.chats.get(chat)?.find((one) => one.id === id);
    this.#checkGroup(chat);
    for (const topic of this.topics.values()) {
      const found = topic.seen.find((one) => one.id === id);
      if (found) return topic.deleted ? undefined : found;
    }
    return undefined;
  }

  #edit(params: Json): Json | true {
    const chat = Number(params.chat_id);
    const seen = this.#find(chat, Number(params.message_id));
    if (!seen) throw new Refusal(400, 'Bad Request: message to edit not found');
    if (seen.file !== undefined && params.text !== undefined)
      throw new Refusal(400, 'Bad Request: there is no text in the message to edit');
    seen.text = String(params.text ?? params.caption ?? '');
    seen.buttons = buttonsIn(params.reply_markup as Markup | undefined);
    seen.edited = this.#world.scheduler.now;
    this.watchers.get(chat)?.changed(seen);
    return { message_id: seen.id };
  }

  readonly #file = (params: Json, asked: Asked, heard: (() => void)[]): Json =>
    this.#show(params, asked, heard, fileIn(params));
  readonly #done = (): true => true;

  readonly #methods: Readonly<Record<string, Method>> = {
    sendMessage: (params, asked, heard) => this.#show(params, asked, heard),
    sendPhoto: this.#file,
    sendVideo: this.#file,
    sendVoice: this.#file,
    sendAudio: this.#file,
    sendDocument: this.#file,
    sendMediaGroup: (params, asked, heard) => {
      const media = params.media as readonly Json[];
      return media.map((one) => this.#show({ ...params, ...one }, asked, heard, fileIn(one)));
    },
    editMessageText: (params) => this.#edit(params),
    editMessageCaption: (params) => this.#edit(params),
    deleteMessage: this.#done,
    answerCallbackQuery: this.#done,
    sendChatAction: this.#done,
    setMyCommands: this.#done,
    deleteWebhook: this.#done,
    setWebhook: this.#done,
    getWebhookInfo: () => ({ url: WEBHOOK.url }),
    getMe: () => ({ id: Number(ACCOUNT), is_bot: true, first_name: 'Bot', username: 'sim_bot' }),
    getChat: (params) => {
      this.#checkGroup(Number(params.chat_id));
      return { id: this.group, type: 'supergroup', is_forum: true };
    },
    getChatMember: (params) => {
      this.#checkGroup(Number(params.chat_id));
      const user = Number(params.user_id);
      if (user === Number(ACCOUNT)) return { status: 'administrator', can_manage_topics: true };
      return { status: this.members.has(user) ? 'member' : 'left' };
    },
    createForumTopic: (params, { life }, heard) => {
      this.#checkGroup(Number(params.chat_id));
      const name = String(params.name);
      const number = /[A-Z]\d-\d+/.exec(name)?.[0] ?? name;
      const topic: Topic = {
        thread: this.messageId(),
        name,
        number,
        by: life,
        answered: false,
        key: life.delivering.get(number),
        seen: [],
        deleted: false,
        at: this.#world.scheduler.now,
      };
      heard.push(() => {
        topic.answered = true;
      });
      this.topics.set(topic.thread, topic);
      this.onTopic?.(topic, undefined);
      return { message_thread_id: topic.thread, name };
    },
    editForumTopic: (params) => {
      const topic = this.#topicAt(Number(params.chat_id), Number(params.message_thread_id));
      topic.name = String(params.name);
      return true;
    },
    reopenForumTopic: this.#done,
  };

  migrate(): void {
    this.#world.hit('group migrated');
    this.former.add(this.group);
    const from = this.group;
    this.group = SECOND_GROUP;
    this.push({
      message: {
        message_id: this.messageId(),
        date: this.seconds,
        chat: { id: from, type: 'group' },
        migrate_to_chat_id: this.group,
      },
    });
  }
}

export const WEBHOOK = { url: 'https://sim.example/hooks/telegram', secret: SECRET } as const;

export interface Hook {
  readonly life: Life;
  readonly hook: (request: {
    readonly method: 'POST';
    readonly query: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly rawBody: Uint8Array;
  }) => Promise<{ readonly status: number }>;
}

interface Asked {
  readonly key: string | undefined;
  readonly life: Life;
}
type Method = (params: Json, asked: Asked, heard: (() => void)[]) => unknown;

interface Markup {
  readonly inline_keyboard?: readonly (readonly {
    readonly text: string;
    readonly callback_data?: string;
  }[])[];
}

const buttonsIn = (markup: Markup | undefined): Seen['buttons'] =>
  (markup?.inline_keyboard ?? [])
    .flat()
    .flatMap(({ text, callback_data: id }) => (id === undefined ? [] : { id, label: text }));

/** By Telegram's id where it was sent by one, else by the name it was given. */
function fileIn(params: Json): string {
  for (const kind of ['photo', 'video', 'voice', 'audio', 'document', 'media']) {
    const file = params[kind] as string | { readonly filename?: string } | undefined;
    if (file !== undefined) return typeof file === 'string' ? file : (file.filename ?? 'bytes');
  }
  return 'bytes';
}
