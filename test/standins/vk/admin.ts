// An employee who answers from the community's own inbox, past the bot: the bot hears of it as message_reply.

import { showFile, storeFile } from './files.ts';
import { type Seen, seenOf } from './seen.ts';
import { addMessage, type Profile, type World } from './world.ts';

export interface Admin {
  readonly id: number;
  readonly profile: Profile;
  reply(person: number, text: string, photos?: readonly Uint8Array[]): Seen;
}

export function createAdmin(world: World, about: { first_name?: string; last_name?: string } = {}): Admin {
  const id = world.nextId('admin', 900_001);
  const profile = {
    id,
    first_name: about.first_name ?? 'Ольга',
    last_name: about.last_name ?? 'Петрова',
    screen_name: `id${id}`,
  };
  world.admins.set(id, profile);
  return {
    id,
    profile,
    reply(person, text, photos = []) {
      const dialogue = world.dialogues.get(person);
      if (dialogue === undefined) throw new Error(`there is no dialogue with ${person}`);
      const owner = -world.group.id;
      const kept = addMessage(world, dialogue, {
        from: owner,
        admin: id,
        text,
        attachments: photos.map((bytes) => showFile(world, storeFile(world, 'photo', { bytes }), owner)),
        // The inbox numbers its own messages too: a random_id alone does not tell whose message it is.
        randomId: -world.nextId('inbox random id', 70_001),
      });
      return seenOf(dialogue, kept);
    },
  };
}
