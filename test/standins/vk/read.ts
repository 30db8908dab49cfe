// What the bot can ask for: dialogues and their messages, people, the community and its settings.
import { type Call, checkGroup, FIRST_CHAT, findDialogue, type Handler, number, text } from './call.ts';
import { EVENT_KINDS } from './methods.ts';
import { Refusal, wrong } from './refusal.ts';
import type { Dialogue, Json, Kept, Profile } from './world.ts';
import { isOut, messageWire } from './world.ts';

/** What is not named in `fields` is not told. */
function profileWire(call: Call, { screen_name, ...profile }: Profile): Json {
  const fields = (call.params.fields as string[] | undefined) ?? [];
  return {
    ...profile,
    can_access_closed: true,
    is_closed: false,
    ...(fields.includes('screen_name') && { screen_name }),
  };
}

const groupWire = ({ world }: Call): Json => ({
  ...world.group,
  is_closed: 0,
  type: 'page',
  photo_50: `${world.root()}/nothing.png`,
});

const extendedBy = (call: Call, people: readonly Profile[]): Json =>
  call.params.extended === true
    ? { profiles: people.map((one) => profileWire(call, one)), groups: [groupWire(call)] }
    : {};

const lastOf = (dialogue: Dialogue): Kept | undefined => dialogue.messages.at(-1);

function conversationWire(dialogue: Dialogue): Json {
  const last = lastOf(dialogue);
  const idAt = (cmid: number): number => dialogue.messages[cmid - 1]?.id ?? 0;
  const unread = dialogue.messages.filter((one) => !isOut(one) && one.cmid > dialogue.inRead).length;
  const reasons = { never: 901, denied: 901, blacklisted: 900, private: 902, deleted: 18, open: 0 } as const;
  const reason = reasons[dialogue.state];
  return {
    peer: { id: dialogue.peer, type: 'user', local_id: dialogue.peer },
    last_message_id: last?.id ?? 0,
    last_conversation_message_id: last?.cmid ?? 0,
    in_read: idAt(dialogue.inRead),
    out_read: idAt(dialogue.outRead),
    in_read_cmid: dialogue.inRead,
    out_read_cmid: dialogue.outRead,
    version: 10_000_000 + (last?.id ?? 0),
    sort_id: { major_id: 0, minor_id: last?.id ?? 0 },
    is_marked_unread: false,
    important: false,
    unanswered: last !== undefined && !isOut(last),
    ...(unread > 0 && { unread_count: unread }),
    can_write: reason === 0 ? { allowed: true } : { allowed: false, reason },
    ...(dialogue.keyboardOf?.keyboard !== undefined && {
      current_keyboard: dialogue.keyboardOf.keyboard.wire,
    }),
  };
}

const FILTERS: Readonly<Record<string, (dialogue: Dialogue) => boolean>> = {
  all: () => true,
  unread: (dialogue) => conversationWire(dialogue).unread_count !== undefined,
  unanswered: (dialogue) => conversationWire(dialogue).unanswered === true,
  important: () => false,
  archive: () => false,
};

const getConversations: Handler = (call) => {
  checkGroup(call);
  const filter = FILTERS[text(call, 'filter') ?? 'all'];
  if (filter === undefined) throw wrong('filter is not known');
  const start = number(call, 'start_message_id') ?? Infinity;
  const offset = number(call, 'offset') ?? 0;
  const all = [...call.world.dialogues.values()]
    .filter((dialogue) => lastOf(dialogue) !== undefined && filter(dialogue))
    .sort((a, b) => (lastOf(b)?.id ?? 0) - (lastOf(a)?.id ?? 0));
  const page = all
    .filter((dialogue) => (lastOf(dialogue)?.id ?? 0) <= start)
    .slice(offset, offset + (number(call, 'count') ?? 20));
  return {
    count: all.length,
    items: page.map((dialogue) => {
      const last = lastOf(dialogue);
      return {
        conversation: conversationWire(dialogue),
        ...(last !== undefined && { last_message: messageWire(last) }),
      };
    }),
    ...extendedBy(
      call,
      page.map((dialogue) => dialogue.person),
    ),
  };
};

const getHistory: Handler = (call) => {
  checkGroup(call);
  const peer = number(call, 'peer_id') ?? number(call, 'user_id') ?? 0;
  // Of somebody who never wrote there is nothing to tell, and nothing to refuse.
  if (peer > 0 && peer < FIRST_CHAT && !call.world.dialogues.has(peer)) return { count: 0, items: [] };
  const dialogue = findDialogue(call, peer);
  const chronological = number(call, 'rev') === 1;
  const start = number(call, 'start_message_id');
  if (chronological && start !== undefined) throw wrong('rev cannot be used with start_message_id');
  const list = chronological ? dialogue.messages : [...dialogue.messages].reverse();
  const from = start === undefined || start <= 0 ? 0 : list.findIndex((one) => one.id <= start);
  const at = (from === -1 ? list.length : from) + (number(call, 'offset') ?? 0);
  const count = number(call, 'count') ?? 20;
  const items = list.slice(Math.max(0, at), Math.max(0, at + count));
  return {
    count: list.length,
    items: items.map(messageWire),
    ...(call.params.extended === true && { conversations: [conversationWire(dialogue)] }),
    ...extendedBy(call, [dialogue.person]),
  };
};

function answerWith(call: Call, found: readonly (Kept | undefined)[]): Json {
  const items = found.filter((one) => one !== undefined);
  const people = new Set(items.map((one) => call.world.dialogues.get(one.peer)?.person));
  return {
    count: items.length,
    items: items.map(messageWire),
    ...extendedBy(
      call,
      [...people].filter((one) => one !== undefined),
    ),
  };
}

const byCmids = (call: Call, name: string): readonly (Kept | undefined)[] => {
  const dialogue = findDialogue(call, number(call, 'peer_id') ?? 0);
  return (call.params[name] as number[]).map((cmid) => dialogue.messages[cmid - 1]);
};

const getById: Handler = (call) => {
  checkGroup(call);
  const ids = call.params.message_ids as number[] | undefined;
  if ((ids === undefined) === (call.params.cmids === undefined)) throw wrong('either message_ids or cmids');
  if (ids === undefined) return answerWith(call, byCmids(call, 'cmids'));
  return answerWith(
    call,
    ids.map((id) => call.world.messages.get(id)),
  );
};

const getUsers: Handler = (call) => {
  const { world } = call;
  const people = [...[...world.dialogues.values()].map((one) => one.person), ...world.admins.values()];
  const wanted = (call.params.user_ids as string[] | undefined) ?? [];
  return wanted.flatMap((name) => {
    const found = people.find((one) => String(one.id) === name || one.screen_name === name);
    return found === undefined ? [] : [profileWire(call, found)];
  });
};

/** The community named by number or by short name must be the token's own. */
const getGroups: Handler = (call) => {
  const { id, screen_name } = call.world.group;
  const named = [text(call, 'group_id'), text(call, 'group_ids')].find((one) => one !== undefined);
  const own = [String(id), screen_name];
  return { groups: named === undefined || own.includes(named) ? [groupWire(call)] : [], profiles: [] };
};

const setLongPollSettings: Handler = (call) => {
  checkGroup(call);
  const { longPoll } = call.settings;
  if (call.params.enabled !== undefined) longPoll.enabled = call.params.enabled === true;
  longPoll.version = text(call, 'api_version') ?? longPoll.version;
  for (const kind of EVENT_KINDS) {
    const on = call.params[kind];
    if (on === true) longPoll.events.add(kind);
    else if (on === false) longPoll.events.delete(kind);
  }
  return 1;
};

export const READS: Readonly<Record<string, Handler>> = {
  'messages.getConversations': getConversations,
  'messages.getHistory': getHistory,
  'messages.getById': getById,
  'messages.getByConversationMessageId'(call) {
    checkGroup(call);
    return answerWith(call, byCmids(call, 'conversation_message_ids'));
  },
  'users.get': getUsers,
  'groups.getById': getGroups,
  'groups.getLongPollServer'(call) {
    checkGroup(call);
    if (!call.settings.longPoll.enabled)
      throw new Refusal(
        100,
        'One of the parameters specified was missing or invalid: longpoll for this group is not enabled',
      );
    return call.longPoll.open(call.world.root());
  },
  'groups.getLongPollSettings'(call) {
    checkGroup(call);
    const { enabled, version, events } = call.settings.longPoll;
    return {
      is_enabled: enabled,
      api_version: version,
      events: Object.fromEntries(EVENT_KINDS.map((kind) => [kind, events.has(kind) ? 1 : 0])),
    };
  },
  'groups.setLongPollSettings': setLongPollSettings,
  'groups.getCallbackConfirmationCode'(call) {
    checkGroup(call);
    return { code: call.settings.confirmation };
  },
};
