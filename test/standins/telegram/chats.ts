// The calls that ask about chats, members and files, or set up the bot itself, and the webhook's settings.
import { type Call, enterChat, findChat, type Handler, number, text } from './call.ts';
import { changeMember, memberWire } from './members.ts';
import { bad, tooMany } from './refusal.ts';
import type { Params } from './validate.ts';
import { type Chat, chatWire, hearsChat, type Member, messageWire } from './world.ts';

const MAX_DOWNLOAD = 20 * 1024 * 1024;

const getFile: Handler = ({ world, params }) => {
  const file = world.files.get(text(params, 'file_id') ?? '');
  if (file === undefined) throw bad('invalid file_id');
  if (file.size > MAX_DOWNLOAD) throw bad('file is too big');
  return { file_id: file.id, file_unique_id: file.unique, file_size: file.size, file_path: file.path };
};

const getChat: Handler = (call) => {
  const chat = findChat(call.world, call.params.chat_id);
  if (chat.type === 'private' && chat.state === 'never-started') throw bad('chat not found');
  const pinned = chat.messages.get([...chat.pinned].at(-1) ?? 0);
  return {
    ...chatWire(chat),
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
    ...(chat.type !== 'private' && { permissions: { can_send_messages: true, can_manage_topics: false } }),
    ...(pinned !== undefined && { pinned_message: messageWire(chat, pinned) }),
  };
};

const present = (member: Member): boolean => member.status !== 'left' && member.status !== 'kicked';

function enterGroup(call: Call): Chat {
  const chat = enterChat(call);
  if (!hearsChat(call.world, chat)) throw bad('chat not found');
  return chat;
}

const getChatMember: Handler = (call) => {
  const chat = enterGroup(call);
  const id = number(call.params, 'user_id') ?? 0;
  const member = chat.members.get(id);
  if (member !== undefined) return memberWire(member);
  const user = call.world.users.get(id);
  if (user === undefined) throw bad('PARTICIPANT_ID_INVALID');
  if (chat.type === 'private') {
    return { user, status: id === chat.id || id === call.world.me.id ? 'member' : 'left' };
  }
  return { user, status: 'left' };
};

const getChatAdministrators: Handler = (call) => {
  const chat = enterGroup(call);
  if (chat.type === 'private') throw bad('there are no administrators in the private chat');
  const all = [...chat.members.values()].filter(
    (member) => member.status === 'creator' || member.status === 'administrator',
  );
  const wanted = call.params.return_bots === true ? all : all.filter((member) => !member.user.is_bot);
  return wanted.map(memberWire);
};

const getChatMemberCount: Handler = (call) => {
  const chat = enterGroup(call);
  return chat.type === 'private' ? 2 : [...chat.members.values()].filter(present).length;
};

const leaveChat: Handler = (call) => {
  const chat = enterChat(call);
  if (chat.type === 'private') throw bad("chat member status can't be changed in private chats");
  const { me } = call.world;
  changeMember(call.world, chat, me.id, { user: me, status: 'left', rights: {} }, { ...me });
  return true;
};

function setText(field: 'description' | 'short_description', most: number): Handler {
  return ({ params, profile }) => {
    const given = text(params, field) ?? '';
    if ([...given].length > most) throw bad(`${field.replace('_', ' ')} is too long`, 'too-long');
    const store = field === 'description' ? profile.description : profile.shortDescription;
    store.set(text(params, 'language_code') ?? '', given);
    return true;
  };
}

function checkLanguage(params: Params): string {
  const code = text(params, 'language_code') ?? '';
  if (!/^([a-z]{2})?$/.test(code)) throw bad('BOT_COMMAND_LANGUAGE_INVALID');
  return code;
}

export const CHATS = {
  getMe: ({ world }) => ({
    ...world.me,
    can_join_groups: true,
    can_read_all_group_messages: true,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
  }),
  logOut: ({ profile }) => {
    profile.loggedOut = true;
    return true;
  },
  // The real server refuses this for ten minutes after a start, so nobody should count on it.
  close: () => {
    throw tooMany(600);
  },
  getUpdates: ({ updates, params, gone }) => updates.poll(params, gone),
  setWebhook: ({ webhook, params }) => {
    webhook.set(params);
    return true;
  },
  deleteWebhook: ({ webhook, params }) => {
    webhook.remove(params);
    return true;
  },
  getWebhookInfo: ({ webhook }) => webhook.info(),
  getFile,
  getChat,
  getChatMember,
  getChatAdministrators,
  getChatMemberCount,
  leaveChat,
  setMyCommands: ({ params, profile }) => {
    const language = checkLanguage(params);
    const scope = JSON.stringify(params.scope ?? { type: 'default' });
    profile.commands = profile.commands.filter((one) => one.scope !== scope || one.language !== language);
    profile.commands.push({ scope, language, commands: params.commands });
    return true;
  },
  setMyDescription: setText('description', 512),
  setMyShortDescription: setText('short_description', 120),
  setChatMenuButton: ({ params, profile }) => {
    profile.menuButton = params.menu_button;
    return true;
  },
} as const satisfies Record<string, Handler>;
