// A group the account is a member of, and the owner's own phone.
import { type Seen, seenOf } from './seen.ts';
import type { WireMessage } from './wire-format.ts';
import {
  type Chat,
  chatWith,
  keep,
  meIn,
  newId,
  type PersonState,
  putChat,
  show,
  type World,
} from './world.ts';

export interface Group {
  readonly id: string;
  /** By one of its members. */
  say(member: string, text: string): Seen;
  seen(): readonly Seen[];
}

export interface Owner {
  /** Types to the person on the phone. */
  say(person: PersonState, text: string): Seen;
  /** Opens the chat on the phone, so that nothing in it is unread. */
  read(person: PersonState): void;
}

const seconds = (world: World): number => Math.floor(world.now() / 1000);

export function createGroup(world: World, title: string, members: readonly PersonState[]): Group {
  const id = `${120_363_000_000_000_000 + world.chats.size}@g.us`;
  const names = members.map((member) => member.pn);
  const chat: Chat = putChat(world, { id, kind: 'group', name: title, person: undefined, members: names });
  return {
    id,
    say(member, text) {
      if (!names.includes(member)) throw new Error(`${member} is no member`);
      const message: WireMessage = {
        key: { fromMe: false, remote: id, id: newId('AEAC'), participant: member },
        from: id,
        to: world.me.pn,
        author: member,
        type: 'chat',
        t: seconds(world),
        ack: 1,
        body: text,
      };
      return seenOf(world, keep(world, chat, message, { by: 'person', request: undefined }), message);
    },
    seen: () => [...chat.kept.values()].map((kept) => seenOf(world, kept, kept.message)),
  };
}

export function createOwner(world: World): Owner {
  return {
    say(person, text) {
      const chat = chatWith(world, person);
      const message: WireMessage = {
        key: { fromMe: true, remote: chat.id, id: newId('3A') },
        from: meIn(world, chat.id),
        to: chat.id,
        type: 'chat',
        t: seconds(world),
        ack: 1,
        body: text,
      };
      const kept = keep(world, chat, message, { by: 'phone', request: undefined });
      if (person.online && !person.blocked) show(kept, person);
      return seenOf(world, kept, message);
    },
    read(person) {
      const chat = chatWith(world, person);
      chat.unread = 0;
      world.emit({ kind: 'unread', chat: chat.id, unread: 0 });
    },
  };
}
