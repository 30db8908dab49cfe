// VK as it is seen from outside: the dialogues of one community, events posted to an address of ours. It shows nothing
// twice under one random_id, and tells us of our own messages as it does of everybody's.
import type { VkApi } from '../../src/channels/vk/api.ts';
import type { Seen, Watcher } from './telegram.ts';
import { carry, isIn, isStormy, type Life, type World } from './world.ts';

export const GROUP = 8001;
export const VK_SECRET = 'simulated_secret';

type Json = Readonly<Record<string, unknown>>;

interface Said extends Json {
  readonly id: number;
  readonly date: number;
  readonly peer_id: number;
  readonly from_id: number;
  text: string;
  readonly conversation_message_id: number;
  readonly random_id: number;
}

export interface VkSeen extends Seen {
  /** Buttons under the field: a press of one is a message. */
  readonly standing: boolean;
  readonly randomId: number;
}

export interface VkHook {
  readonly life: Life;
  readonly hook: (request: { readonly method: string; readonly rawBody: Uint8Array }) => Promise<{
    readonly status: number;
    readonly body?: string;
  }>;
}

interface Button {
  readonly action: { readonly type: string; readonly label?: string; readonly payload?: string };
}

export class Vk {
  readonly dialogues = new Map<number, Said[]>();
  readonly seen = new Map<number, VkSeen[]>();
  readonly watchers = new Map<number, Watcher>();
  /** Event ids the journal must hold: those that were answered with "ok". */
  readonly taken = new Set<string>();
  hooks: () => readonly VkHook[] = () => [];
  backlog = 0;
  readonly #world: World;
  readonly #sent = new Map<
    string,
    { readonly message_id: number; readonly conversation_message_id: number }
  >();
  #nextId = 1;
  #nextEvent = 1;

  constructor(world: World) {
    this.#world = world;
  }

  #dialogue(peer: number): Said[] {
    const known = this.dialogues.get(peer);
    if (known) return known;
    const made: Said[] = [];
    this.dialogues.set(peer, made);
    return made;
  }

  #say(peer: number, from: number, more: Json): Said {
    const dialogue = this.#dialogue(peer);
    const said = {
      id: this.#nextId++,
      date: Math.floor(Date.now() / 1000),
      peer_id: peer,
      from_id: from,
      text: '',
      conversation_message_id: dialogue.length + 1,
      random_id: 0,
      ...more,
    } as Said;
    dialogue.push(said);
    return said;
  }

  // What people do.

  write(peer: number, more: Json): void {
    const message = this.#say(peer, peer, more);
    const client_info = {
      button_actions: ['text', 'callback', 'open_link'],
      keyboard: true,
      inline_keyboard: true,
      lang_id: 3,
    };
    const id = `m:${peer}.${message.conversation_message_id}`;
    this.#tell('message_new', { message, client_info }, id);
  }

  press(peer: number, on: VkSeen, payload: string): void {
    const event_id = `p${this.#nextEvent++}`;
    const object = {
      user_id: peer,
      peer_id: peer,
      event_id,
      payload: JSON.parse(payload) as Json,
      conversation_message_id: on.id,
    };
    this.#tell('message_event', object, undefined);
  }

  #tell(type: string, object: Json, journalled: string | undefined): void {
    const { weather, scheduler, luck } = this.#world;
    const event_id = `e${this.#nextEvent++}`;
    const rawBody = Buffer.from(
      JSON.stringify({ type, group_id: GROUP, event_id, secret: VK_SECRET, object }),
    );
    const id = type === 'message_event' ? event_id : journalled;
    const again = isStormy(this.#world) && luck.chance(weather.twice);
    this.backlog += 1;
    let late = 0;
    if (isStormy(this.#world) && luck.chance(weather.late)) {
      this.#world.hit('update late');
      late = luck() * 5_000;
    }
    scheduler.after(late, 'vk event', () => this.#post(rawBody, id, again, 0), scheduler.world);
  }

  #post(rawBody: Buffer, id: string | undefined, again: boolean, tries: number): void {
    const { scheduler, luck, weather } = this.#world;
    const retry = (): void => {
      scheduler.after(
        Math.min(30_000, 1_000 * 2 ** tries),
        'vk again',
        () => this.#post(rawBody, id, again, tries + 1),
        scheduler.world,
      );
    };
    const hooks = this.hooks();
    if (hooks.length === 0) return retry();
    const { life, hook } = luck.pick(hooks);
    let settled = false;
    const once = (act: () => void): void => {
      if (settled) return;
      settled = true;
      act();
    };
    scheduler.after(20_000, 'vk unanswered', () => once(retry), scheduler.world);
    scheduler.after(
      2 + luck() * 30,
      'vk update',
      () => {
        void hook({ method: 'POST', rawBody }).then(({ body }) =>
          once(() => {
            if (body !== 'ok') return retry();
            if (id !== undefined) this.taken.add(id);
            if (again || (isStormy(this.#world) && luck.chance(weather.lostAnswer))) {
              this.#world.hit('update twice');
              return this.#post(rawBody, id, false, 1);
            }
            this.backlog -= 1;
          }),
        );
      },
      life,
    );
  }

  // What the program calls.

  api(life: Life): VkApi {
    return {
      call: <T>(method: string, params: Json): Promise<T> => this.#call<T>(life, method, params),
      upload: () => Promise.reject(new Error('nothing is uploaded here')),
      get: (url) =>
        carry(this.#world, life, {
          kind: 'network',
          label: 'vk file',
          latency: 50,
          effect: () => ({ status: 200, body: Buffer.from(`bytes of ${url}`) }),
        }),
      close: async () => {},
    };
  }

  #call<T>(life: Life, method: string, params: Json): Promise<T> {
    const perform = this.#methods[method];
    if (!perform) throw new Error(`the simulated VK has no ${method}`);
    const world = this.#world;
    const { weather, luck, scheduler, program } = world;
    const { fromRefusal, toDeliveryError } = program.src.vk.errors;
    const network = (code: string): Error =>
      toDeliveryError(method, Object.assign(new Error(code), { code }));
    const peer = method === 'messages.send' ? Number(params.peer_ids) : undefined;
    const heard: (() => void)[] = [];
    let fault: { error: () => Error; before: boolean } | undefined;
    if (isStormy(world)) {
      const draw = luck();
      if (isIn(weather.storms, scheduler.now) && luck.chance(0.1)) {
        world.hit('flood');
        fault = { before: true, error: () => fromRefusal(method, 6) };
      } else if (draw < weather.serverFault) {
        world.hit('server fault');
        fault = { before: true, error: () => fromRefusal(method, 10) };
      } else if (draw < weather.serverFault + weather.lostAnswer) {
        world.hit('answer lost');
        fault = { before: false, error: () => network('ETIMEDOUT') };
      } else if (draw < weather.serverFault + weather.lostAnswer + weather.refused) {
        world.hit('connection refused');
        fault = { before: true, error: () => network('ECONNREFUSED') };
      } else if (peer !== undefined && luck.chance(weather.forbidden)) {
        world.hit('forbidden');
        fault = { before: true, error: () => fromRefusal(method, 901) };
        scheduler.after(1_000, 'missed', () => this.watchers.get(peer)?.missed(), scheduler.world);
      }
    }
    const key = peer === undefined ? undefined : life.delivering.get(`vk:${peer}`);
    return carry(world, life, {
      kind: 'network',
      label: method,
      latency: fault && !fault.before ? 15_000 : 15 + luck() * 120,
      effect: () => perform(params, { key, life, heard }) as T,
      ...(fault ? { fault } : {}),
      heard: () => {
        for (const tell of heard) tell();
      },
    });
  }

  #send(params: Json, asked: Asked): Json {
    const peer = Number(params.peer_ids);
    const randomId = Number(params.random_id);
    const known = this.#sent.get(`${peer} ${randomId}`);
    if (known) {
      this.#world.hit('known random_id');
      return { peer_id: peer, ...known };
    }
    const text = String(params.message ?? '');
    const said = this.#say(peer, -GROUP, {
      text,
      random_id: randomId,
      payload: params.payload,
      out: 1,
      // As of what a person writes in the community's own inbox: only the mark tells them apart.
      admin_author_id: 77,
    });
    const ids = { message_id: said.id, conversation_message_id: said.conversation_message_id };
    this.#sent.set(`${peer} ${randomId}`, ids);
    const keyboard = keyboardIn(params.keyboard);
    const seen: VkSeen = {
      id: said.conversation_message_id,
      at: this.#world.scheduler.now,
      text,
      buttons: keyboard.buttons,
      standing: keyboard.standing,
      file: undefined,
      key: asked.key,
      by: asked.life,
      answered: false,
      randomId,
    };
    asked.heard.push(() => {
      seen.answered = true;
    });
    const all = this.seen.get(peer) ?? [];
    this.seen.set(peer, all);
    all.push(seen);
    this.#world.scheduler.witness(text);
    this.watchers.get(peer)?.shown(seen);
    // Its own news come back, as everybody's do.
    this.#tell('message_reply', said, undefined);
    return { peer_id: peer, ...ids };
  }

  #edit(params: Json): 1 {
    const peer = Number(params.peer_id);
    const seen = this.seen.get(peer)?.find((one) => one.id === Number(params.cmid));
    if (!seen) return 1;
    seen.text = String(params.message);
    seen.buttons = keyboardIn(params.keyboard).buttons;
    this.watchers.get(peer)?.changed(seen);
    return 1;
  }

  readonly #methods: Readonly<Record<string, (params: Json, asked: Asked) => unknown>> = {
    'messages.send': (params, asked) => [this.#send(params, asked)],
    'messages.edit': (params) => this.#edit(params),
    'messages.getById': ({ message_ids: id, peer_id: peer, cmids }) => {
      const all = peer === undefined ? [...this.dialogues.values()].flat() : this.#dialogue(Number(peer));
      const found = all.find((one) =>
        id === undefined ? one.conversation_message_id === Number(cmids) : one.id === Number(id),
      );
      return { items: found ? [found] : [] };
    },
    'messages.getByConversationMessageId': ({ peer_id: peer, conversation_message_ids: number }) => ({
      items: this.#dialogue(Number(peer)).filter((one) => one.conversation_message_id === Number(number)),
    }),
    'messages.getConversations': ({ offset, count }) => ({
      items: [...this.dialogues]
        .map(([id, all]) => ({ conversation: { peer: { id } }, last_message: all.at(-1)! }))
        .toSorted((one, other) => other.last_message.id - one.last_message.id)
        .slice(Number(offset), Number(offset) + Number(count)),
    }),
    'messages.getHistory': ({ peer_id: peer, offset, count }) => ({
      items: this.#dialogue(Number(peer))
        .toReversed()
        .slice(Number(offset), Number(offset) + Number(count)),
    }),
    'messages.sendMessageEventAnswer': () => 1,
    'messages.setActivity': () => 1,
    'users.get': ({ user_ids: ids }) =>
      String(ids)
        .split(',')
        .map((id) => ({ id: Number(id), first_name: 'P', last_name: `k${Number(id) - 200_000}z` })),
  };
}

interface Asked {
  readonly key: string | undefined;
  readonly life: Life;
  readonly heard: (() => void)[];
}

function keyboardIn(given: unknown): { readonly buttons: Seen['buttons']; readonly standing: boolean } {
  if (typeof given !== 'string') return { buttons: [], standing: false };
  const { inline = false, buttons = [] } = JSON.parse(given) as { inline?: boolean; buttons?: Button[][] };
  return {
    standing: !inline,
    buttons: buttons
      .flat()
      .flatMap(({ action: { label = '', payload } }) =>
        payload === undefined ? [] : { id: payload, label },
      ),
  };
}
