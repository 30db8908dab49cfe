// A person in the private chat with the bot: starting, blocking, writing, and seeing what the bot did. What hands
// do is in actor.ts; it never calls the bot.
import { type Actor, createActor, type Look, type Stage, waitForMessage } from './actor.ts';
import type { Seen } from './ledger.ts';
import { changeMember } from './members.ts';
import { type Chat, createChat, type Json, type User } from './world.ts';

/** A person in the private chat with the bot. */
export interface Person extends Actor {
  readonly id: number;
  /** Presses "Start", with a deep link's payload if there is one. */
  start(payload?: string): Seen;
  /** Taps a button of the keyboard under the text field. */
  tap(label: string): Seen;
  block(): void;
  unblock(): void;
  deactivate(): void;
  /** Newest visible message of the bot. */
  last(): Seen | undefined;
  messages(): readonly Seen[];
  /** The newest visible message of the bot that fits, now or as soon as there is one. */
  waitFor(look: Look, ms?: number): Promise<Seen>;
}

export interface PersonOptions {
  readonly id?: number;
  readonly first_name?: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly language_code?: string;
}

export function createPerson(stage: Stage, options: PersonOptions): Person {
  const { world, ledger } = stage;
  const id = options.id ?? world.nextId('person', 5_000_001);
  const user: User = { is_bot: false, first_name: `Person ${id}`, ...options, id };
  world.users.set(id, user);
  const { username } = user;
  const chat = createChat(world, { id, type: 'private', user, username });
  const actor = createActor(stage, () => chat, { user });

  const setState = (next: Chat['state']): void => {
    const status = (state: Chat['state']) => (state === 'blocked' ? 'kicked' : 'member');
    const before = status(chat.state);
    chat.state = next;
    if (before === status(next)) return;
    const member = { user: world.me, status: status(next), rights: {} } as const;
    chat.members.set(world.me.id, { user: world.me, status: before, rights: {} });
    changeMember(world, chat, world.me.id, member, { ...user });
    chat.members.delete(world.me.id);
  };

  const mustBeOpen = <T extends unknown[], R>(act: (...args: T) => R): ((...args: T) => R) => {
    return (...args) => {
      if (chat.state === 'deactivated') throw new Error('a deleted account does nothing');
      // Writing to a bot that was blocked is possible only after unblocking it.
      setState('open');
      return act(...args);
    };
  };

  return {
    ...actor,
    id,
    say: mustBeOpen(actor.say),
    sendPhoto: mustBeOpen(actor.sendPhoto),
    sendAlbum: mustBeOpen(actor.sendAlbum),
    sendVoice: mustBeOpen(actor.sendVoice),
    sendVideo: mustBeOpen(actor.sendVideo),
    sendAudio: mustBeOpen(actor.sendAudio),
    sendDocument: mustBeOpen(actor.sendDocument),
    sendSticker: mustBeOpen(actor.sendSticker),
    sendLocation: mustBeOpen(actor.sendLocation),
    sendContact: mustBeOpen(actor.sendContact),
    press(button, where) {
      if (chat.state !== 'open') throw new Error('there are no buttons to press: the bot is blocked');
      return actor.press(button, where);
    },
    start: mustBeOpen((payload?: string) => {
      if (payload !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(payload)) {
        throw new Error(`Telegram opens no link with the payload "${payload}"`);
      }
      return actor.say(payload === undefined ? '/start' : `/start ${payload}`);
    }),
    tap: mustBeOpen((label: string) => {
      const shown = ledger.seen(id).findLast((one) => one.keyboard !== undefined);
      if (!shown?.keyboard?.flat().includes(label)) throw new Error(`no key "${label}" under the text field`);
      const keys = (chat.messages.get(shown.message_id)?.replyKeyboard?.keyboard ?? []) as (
        | Json
        | string
      )[][];
      const key = keys.flat().find((one) => typeof one !== 'string' && one.text === label) as
        | Json
        | undefined;
      if (key?.request_contact === true) return actor.sendContact(`+7900${id}`);
      if (key?.request_location === true) return actor.sendLocation(55.75, 37.62);
      return actor.say(label);
    }),
    block: () => setState('blocked'),
    unblock: () => setState('open'),
    deactivate() {
      chat.state = 'deactivated';
    },
    last: () => ledger.lastByBot(id, undefined, () => true),
    messages: () => ledger.seen(id),
    waitFor: (look, ms = 5000) => waitForMessage(stage, id, undefined, look, ms),
  };
}
