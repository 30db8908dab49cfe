// A group with topics where operators work, played by people: members, anonymous administrators, the linked
// channel, other bots. What they do becomes the updates Telegram would send.

import { type Actor, createActor, type Look, type Stage, waitForMessage } from './actor.ts';
import type { Seen, ThreadChoice } from './ledger.ts';
import { ADMIN_RIGHTS, changeMember, migrateChat } from './members.ts';
import type { Person } from './person.ts';
import { changeTopic, createTopic, deleteTopic, setTopicClosed } from './topics.ts';
import {
  ANONYMOUS_ADMIN,
  addMessage,
  type Chat,
  chatWire,
  createChat,
  LINKED_CHANNEL,
  type MemberStatus,
  type Topic,
  type User,
} from './world.ts';

export interface ForumOptions {
  readonly id?: number;
  readonly title?: string;
  /** The first one created the group. */
  readonly members?: readonly Person[];
  /** Differences from all rights an administrator has; `false`: the bot is a plain member. */
  readonly botRights?: Readonly<Record<string, boolean>> | false;
  /** `group`: a basic group without topics, as it is before topics are switched on. */
  readonly type?: 'forum' | 'group';
}

export interface ForumActor extends Actor {
  sayInGeneral(text: string): Seen;
  reply(messageId: number, text: string): Seen;
}

export interface SeenTopic {
  readonly id: number;
  readonly name: string;
  /** Custom emoji of the icon; absent for a plain coloured one. */
  readonly icon: string | undefined;
  readonly closed: boolean;
  readonly deleted: boolean;
  readonly byBot: boolean;
  readonly messages: readonly Seen[];
}

export interface Forum {
  /** The id now; it changes with `migrate`. */
  readonly id: number;
  readonly title: string;
  member(person: Person): ForumActor;
  asAnonymousAdmin(): ForumActor;
  asChannel(title?: string): ForumActor;
  asBot(name?: string): ForumActor;
  addMember(person: Person, status?: MemberStatus, rights?: Readonly<Record<string, boolean>>): void;
  removeMember(person: Person, how?: 'left' | 'kicked'): void;
  setBot(status: MemberStatus, rights?: Readonly<Record<string, boolean>>): void;
  createTopic(by: Person, name: string): SeenTopic;
  renameTopic(by: Person, thread: number, name: string): void;
  closeTopic(thread: number, by?: Person): void;
  reopenTopic(thread: number, by?: Person): void;
  deleteTopic(thread: number): void;
  /** Gives the group another id, as a change to a supergroup does. */
  migrate(newId?: number): number;
  topics(): readonly SeenTopic[];
  topic(thread: number): SeenTopic;
  messages(thread?: ThreadChoice): readonly Seen[];
  waitFor(look: Look, options?: { thread?: ThreadChoice; ms?: number }): Promise<Seen>;
}

export function createForum(stage: Stage, options: ForumOptions): Forum {
  const { world, ledger } = stage;
  const title = options.title ?? 'Operators';
  const basic = options.type === 'group';
  let chat: Chat = createChat(world, {
    id: options.id ?? world.nextId('forum', basic ? -400_001 : -1_001_000_000_001),
    type: basic ? 'group' : 'supergroup',
    title,
    isForum: !basic,
  });
  const { botRights } = options;
  chat.members.set(world.me.id, {
    user: world.me,
    status: botRights === false ? 'member' : 'administrator',
    rights: botRights === false ? {} : { ...ADMIN_RIGHTS, ...botRights },
  });
  for (const [index, person] of (options.members ?? []).entries()) {
    chat.members.set(person.id, {
      user: person.user,
      status: index === 0 ? 'creator' : 'member',
      rights: {},
    });
  }

  const creator = (): User =>
    [...chat.members.values()].find((member) => member.status === 'creator')?.user ?? ANONYMOUS_ADMIN;

  const live = (thread: number): Topic => {
    const topic = chat.topics.get(thread);
    if (topic === undefined || topic.deleted) throw new Error(`forum ${chat.id} has no topic ${thread}`);
    return topic;
  };

  const show = (topic: Topic): SeenTopic => ({
    id: topic.id,
    name: topic.name,
    icon: topic.icon_custom_emoji_id,
    closed: topic.closed,
    deleted: topic.deleted,
    byBot: topic.byBot,
    messages: ledger.seen(chat.id, topic.id),
  });

  const act = (who: Parameters<typeof createActor>[2]): ForumActor => {
    const actor = createActor(stage, () => chat, who);
    return {
      ...actor,
      sayInGeneral: (text) => actor.say(text),
      reply: (messageId, text) => actor.say(text, { reply_to: messageId }),
    };
  };

  const setMember = (
    user: User,
    status: MemberStatus,
    rights: Readonly<Record<string, boolean>>,
    by: User,
  ): void => {
    const given = status === 'administrator' ? { ...ADMIN_RIGHTS, ...rights } : rights;
    changeMember(world, chat, user.id, { user, status, rights: given }, { ...by });
  };

  const hand = (by: Person | undefined) => ({ from: by?.user ?? creator(), byBot: false });

  return {
    get id() {
      return chat.id;
    },
    title,
    member(person) {
      const status = chat.members.get(person.id)?.status;
      if (status === undefined || status === 'left' || status === 'kicked') {
        throw new Error(`${person.user.first_name} is not in the group`);
      }
      return act({ user: person.user });
    },
    asAnonymousAdmin: () => act({ user: ANONYMOUS_ADMIN, senderChat: chatWire(chat) }),
    asChannel: (name = 'News') =>
      act({
        user: LINKED_CHANNEL,
        senderChat: { id: -1_002_000_000_001, title: name, type: 'channel' },
        extra: { is_automatic_forward: true },
      }),
    asBot(name = 'OtherBot') {
      const known = [...world.users.values()].find((user) => user.is_bot && user.username === name);
      const bot = known ?? {
        id: world.nextId('bot', 9_000_001),
        is_bot: true,
        first_name: name,
        username: name,
      };
      world.users.set(bot.id, bot);
      return act({ user: bot });
    },
    addMember(person, status = 'member', rights = {}) {
      const was = chat.members.get(person.id)?.status;
      const inside = was !== undefined && was !== 'left' && was !== 'kicked';
      setMember(person.user, status, rights, creator());
      if (!inside) addMessage(world, chat, { from: creator(), content: { new_chat_members: [person.user] } });
    },
    removeMember(person, how = 'left') {
      const by = how === 'left' ? person.user : creator();
      setMember(person.user, how, {}, by);
      addMessage(world, chat, { from: by, content: { left_chat_member: person.user } });
    },
    setBot: (status, rights = {}) => setMember(world.me, status, rights, creator()),
    createTopic: (by, name) => show(createTopic(world, chat, hand(by), { name })),
    renameTopic: (by, thread, name) => void changeTopic(world, chat, live(thread), hand(by), { name }),
    closeTopic: (thread, by) => void setTopicClosed(world, chat, live(thread), hand(by), true),
    reopenTopic: (thread, by) => void setTopicClosed(world, chat, live(thread), hand(by), false),
    deleteTopic: (thread) => deleteTopic(world, chat, live(thread)),
    migrate(newId = world.nextId('migrated', -1_003_000_000_001)) {
      chat = migrateChat(world, chat, newId, creator());
      return newId;
    },
    topics: () => [...chat.topics.values()].map(show),
    topic: (thread) => {
      const topic = chat.topics.get(thread);
      if (topic === undefined) throw new Error(`forum ${chat.id} never had a topic ${thread}`);
      return show(topic);
    },
    messages: (thread) => ledger.seen(chat.id, thread),
    waitFor: (look, { thread, ms = 5000 } = {}) => waitForMessage(stage, chat.id, thread, look, ms),
  };
}
