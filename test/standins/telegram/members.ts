// Who belongs to a chat and with which rights, how that changes, and how a group goes on under another id.
import {
  addMessage,
  type Chat,
  chatWire,
  createChat,
  hearsChat,
  type Json,
  type Member,
  type User,
  type World,
} from './world.ts';

export function memberWire(member: Member): Json {
  const { user, status, rights } = member;
  if (status === 'administrator') {
    return { user, status, can_be_edited: false, is_anonymous: false, ...rights };
  }
  if (status === 'creator') return { user, status, is_anonymous: false };
  if (status === 'restricted') return { user, status, is_member: true, until_date: 0, ...rights };
  if (status === 'kicked') return { user, status, until_date: 0 };
  return { user, status };
}

export const ADMIN_RIGHTS: Readonly<Record<string, boolean>> = {
  can_manage_chat: true,
  can_delete_messages: true,
  can_manage_video_chats: true,
  can_restrict_members: true,
  can_promote_members: false,
  can_change_info: true,
  can_invite_users: true,
  can_post_stories: false,
  can_edit_stories: false,
  can_delete_stories: false,
  can_pin_messages: true,
  can_manage_topics: true,
};

/**
 * The group goes on under another id. A forum keeps its topics and messages; a basic group that becomes a
 * supergroup leaves its messages behind, as on the real server.
 */
export function migrateChat(world: World, old: Chat, newId: number, by: User): Chat {
  const fresh = createChat(world, {
    id: newId,
    type: 'supergroup',
    title: old.title,
    username: old.username,
    user: undefined,
    isForum: true,
  });
  const next: Chat = old.isForum
    ? { ...fresh, idSpace: old.idSpace, topics: old.topics, messages: old.messages, pinned: old.pinned }
    : fresh;
  world.chats.set(newId, next);
  for (const [id, member] of old.members) next.members.set(id, member);
  addMessage(world, old, { from: by, content: { migrate_to_chat_id: newId } });
  old.migratedTo = newId;
  addMessage(world, next, { from: by, content: { migrate_from_chat_id: old.id } });
  return next;
}

/** Tells the bot, and whoever else may hear it, that a membership changed. */
export function changeMember(world: World, chat: Chat, userId: number, next: Member, by: Json): void {
  const before = chat.members.get(userId);
  const mine = userId === world.me.id;
  const heardBefore = hearsChat(world, chat);
  const old = before ?? { user: next.user, status: 'left', rights: {} };
  const oldWire = memberWire(old);
  chat.members.set(userId, next);
  if (mine || heardBefore) {
    world.emit(
      mine ? 'my_chat_member' : 'chat_member',
      {
        chat: chatWire(chat),
        from: by,
        date: Math.floor(world.now() / 1000),
        old_chat_member: oldWire,
        new_chat_member: memberWire(next),
      },
      { queue: `chat:${chat.id}` },
    );
  }
  world.changed.fire();
}
