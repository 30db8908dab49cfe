// What the page can ask of the network, and what the network refuses. Each handler changes the world and gives the
// answer; how the answer travels, or is lost, is decided elsewhere.
import type { WireKey, WireMessage, WirePollOption } from './wire-format.ts';
import {
  type Chat,
  change,
  chatWith,
  deliver,
  findChat,
  findKept,
  findPerson,
  type Kept,
  keep,
  putChat,
  toWireChat,
  type World,
} from './world.ts';

export interface Call {
  readonly world: World;
  readonly params: Readonly<Record<string, unknown>>;
  readonly request: number;
  /** A mistake only the caller can make. */
  note(what: string): void;
}

export interface Done {
  readonly result: unknown;
  /** What follows once the answer is on its way. */
  readonly after?: () => void;
}

export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

const TEXT_LIMIT = 65_536;
const QUESTION_LIMIT = 255;
const OPTION_LIMIT = 100;
/** Messages loaded at once from the history. */
const PAGE = 20;

function faultOf(world: World, message: WireMessage): string | undefined {
  if (message.dynamicReplyButtons !== undefined) return 'buttons do not arrive';
  if (message.type === 'list') return 'lists do not arrive';
  if (message.type === 'poll_creation') return faultOfPoll(message);
  if (message.type === 'chat') {
    const body = String(message.body ?? '');
    if (body.trim() === '') return 'a text without text';
    if (body.length > TEXT_LIMIT) return `a text of ${body.length} characters`;
    return undefined;
  }
  if (typeof message.directPath !== 'string') {
    return message.type === 'location' || message.type === 'vcard'
      ? undefined
      : `unknown type ${message.type}`;
  }
  const media = world.media.get(message.directPath);
  if (media === undefined || media.hash !== message.filehash) return 'a file that was not uploaded';
  return undefined;
}

function faultOfPoll(message: WireMessage): string | undefined {
  const options = (message.pollOptions ?? []) as readonly WirePollOption[];
  const names = options.map((option) => option.name);
  const question = String(message.pollName ?? '');
  if (question === '' || question.length > QUESTION_LIMIT)
    return `a question of ${question.length} characters`;
  if (names.length < 2 || names.length > 12) return `a poll with ${names.length} options`;
  if (names.some((name) => name === '' || name.length > OPTION_LIMIT)) return 'an option empty or too long';
  if (new Set(names).size !== names.length) return 'an option twice';
  return undefined;
}

function chatFor(call: Call, wid: string): Chat {
  const known = findChat(call.world, wid);
  if (known !== undefined) return known;
  if (wid === call.world.me.pn || wid === call.world.me.lid) return ownChat(call.world);
  const person = findPerson(call.world, wid);
  if (person === undefined) throw new Refusal(404, 'item-not-found');
  return chatWith(call.world, person);
}

/** What the owner notes for themselves. */
function ownChat(world: World): Chat {
  const { pn, name } = world.me;
  return putChat(world, { id: pn, kind: 'user', name, person: undefined, members: undefined });
}

function send(call: Call): Done {
  const { world } = call;
  const message = call.params.message as WireMessage;
  const chat = chatFor(call, message.key.remote);
  const known = chat.kept.get(message.key.id);
  // The page sends again what it was not told of; the network knows it by its id.
  const kept = known ?? take(call, chat, message);
  return {
    result: { t: kept.message.t },
    after: () => {
      if (chat.person !== undefined) deliver(world, kept, chat.person);
    },
  };
}

function take(call: Call, chat: Chat, message: WireMessage): Kept {
  const { world } = call;
  const fault = faultOf(world, message);
  if (fault !== undefined) {
    call.note(`send: ${fault}`);
    throw new Refusal(400, 'bad-request');
  }
  const t = Math.floor(world.now() / 1_000);
  const kept = keep(world, chat, { ...message, t, ack: 1 }, { by: 'bot', request: call.request });
  // What the network does not confirm it may have delivered all the same.
  if (world.acks === 'never' && chat.person?.online === true && !chat.person.blocked) {
    chat.person.shown.push({ kept, first: kept.message });
  }
  return kept;
}

function ours(call: Call): Kept {
  const found = findKept(call.world, call.params.key as WireKey);
  if (found === undefined) throw new Refusal(404, 'item-not-found');
  if (!found.kept.message.key.fromMe) {
    call.note('it changes the message of somebody else');
    throw new Refusal(403, 'forbidden');
  }
  return found.kept;
}

function edit(call: Call): Done {
  const kept = ours(call);
  const text = String(call.params.text);
  const set = typeof kept.message.caption === 'string' ? { caption: text } : { body: text };
  kept.edited = true;
  change(call.world, kept, { ...set, latestEditSenderTimestampMs: call.world.now() });
  return { result: null };
}

function react(call: Call): Done {
  const found = findKept(call.world, call.params.key as WireKey);
  if (found === undefined) throw new Refusal(404, 'item-not-found');
  found.kept.reactions.set(call.world.me.pn, String(call.params.text));
  call.world.changed.fire();
  return { result: null };
}

/** Up to the newest message the page knows; what it was not told of stays unread. */
function seen(call: Call): Done {
  const chat = chatFor(call, String(call.params.chat));
  const kept = [...chat.kept.values()];
  const place = kept.findIndex(({ message }) => message.key.id === call.params.upTo);
  const { unread } = chat;
  chat.unread = Math.min(unread, kept.slice(place + 1).filter(({ by }) => by === 'person').length);
  if (chat.unread !== unread) call.world.emit({ kind: 'unread', chat: chat.id, unread: chat.unread });
  return { result: null };
}

function earlier(call: Call): Done {
  const chat = chatFor(call, String(call.params.chat));
  const kept = [...chat.kept.values()];
  const place = kept.findIndex(({ message }) => message.key.id === call.params.before);
  const end = place < 0 ? kept.length : place;
  return { result: kept.slice(Math.max(0, end - PAGE), end).map(({ message }) => message) };
}

export const METHODS: Readonly<Record<string, (call: Call) => Done>> = {
  send,
  edit,
  react,
  seen,
  earlier,
  revoke(call) {
    const kept = ours(call);
    change(call.world, kept, { type: 'revoked', body: undefined });
    return { result: null };
  },
  message(call) {
    const key = call.params.key as WireKey;
    const found = call.world.chats.get(key.remote)?.kept.get(key.id)?.message;
    return { result: found?.key.fromMe === key.fromMe ? found : null };
  },
  chat: (call) => ({ result: toWireChat(chatFor(call, String(call.params.wid))) }),
  exists(call) {
    const wid = String(call.params.wid);
    const { me } = call.world;
    if (wid === me.pn || wid === me.lid) return { result: { ...me, paired: true } };
    const person = findPerson(call.world, wid);
    if (person === undefined) return { result: null };
    const { pn, lid, name } = person;
    return { result: { pn, lid, name, paired: true } };
  },
  mark(call) {
    const chat = chatFor(call, String(call.params.chat));
    chat.unread = call.params.unread === true ? Math.max(1, chat.unread) : 0;
    return { result: null };
  },
  chatstate(call) {
    chatFor(call, String(call.params.chat));
    return { result: null };
  },
  presence: () => ({ result: null }),
  resend(call) {
    const keys = call.params.keys as readonly WireKey[];
    return {
      result: null,
      after: () => {
        for (const { id } of keys) call.world.resends.get(id)?.();
      },
    };
  },
};
