// A person and their hands: what they do in the dialogue with the community and on its wall becomes the events VK would
// send. It never calls the bot.
import { type ClientKind, clientOf, type Locale } from './client.ts';
import { type FileSource, showFile, storeFile } from './files.ts';
import {
  type ButtonChoice,
  findButton,
  findMessage,
  pressSilently,
  type SilentPress,
  type Stage,
} from './press.ts';
import { firstSeenOf, type Seen, type SeenComment, seenComment, seenOf } from './seen.ts';
import { addComment, deleteComment, editComment } from './wall.ts';
import {
  type Attached,
  addMessage,
  type Dialogue,
  type DialogueState,
  isOut,
  type Json,
  type Kept,
  type Profile,
  reviseMessage,
} from './world.ts';

export interface PersonOptions {
  readonly id?: number;
  readonly first_name?: string;
  readonly last_name?: string;
  /** ru unless told; VK tells it as a number. */
  readonly locale?: Locale;
  readonly client?: ClientKind;
  /** What stands between them and the community before anything happens. */
  readonly state?: DialogueState;
}

export interface SayOptions {
  /** Message id of the one it answers. */
  readonly replyTo?: number;
}

export interface FileOptions extends SayOptions {
  readonly caption?: string;
  readonly name?: string;
}

export interface Person {
  readonly id: number;
  readonly profile: Profile;
  /** Opens the dialogue, by a link's `ref` if there is one, and presses "Start" where VK shows it. */
  start(ref?: string, source?: string): Seen;
  /** Opens the dialogue by a link: the next message carries the ref. */
  follow(ref: string, source?: string): void;
  say(text: string, options?: SayOptions): Seen;
  /** Presses the newest button with this label; a silent press gives what the bot answers to it. */
  press(button: ButtonChoice): SilentPress | undefined;
  sendPhoto(bytes: Uint8Array | FileSource, options?: FileOptions): Seen;
  /** Several pictures in one message. */
  sendPhotos(files: readonly Uint8Array[], options?: FileOptions): Seen;
  sendDocument(bytes: Uint8Array | FileSource, options?: FileOptions): Seen;
  sendVoice(bytes: Uint8Array | FileSource, options?: FileOptions): Seen;
  sendSticker(): Seen;
  /** VK tells of a video without its file. */
  sendVideo(title?: string): Seen;
  sendLocation(latitude: number, longitude: number): Seen;
  /** Anything else VK can attach: a wall post, a link, a gift. */
  share(attachment: Json, text?: string): Seen;
  edit(id: number, text: string): Seen;
  typing(): void;
  read(): void;
  block(): void;
  unblock(): void;
  become(state: DialogueState): void;
  useClient(client: ClientKind): void;
  comment(post: number, text: string, options?: { replyTo?: number; photo?: Uint8Array }): SeenComment;
  editComment(id: number, text: string): void;
  deleteComment(id: number): void;
  /** What is in the dialogue now. */
  seen(): readonly Seen[];
  /** Every message as it was when it came. */
  everything(): readonly Seen[];
  /** Newest message of the bot. */
  last(): Seen | undefined;
  /** The labels under the text field. */
  keyboard(): readonly string[];
  waitFor(look: string | RegExp | ((seen: Seen) => boolean), ms?: number): Promise<Seen>;
}

const toSource = (file: Uint8Array | FileSource, name?: string): FileSource => ({
  ...(file instanceof Uint8Array ? { bytes: file } : file),
  ...(name !== undefined && { name }),
});

export function createPerson(stage: Stage, options: PersonOptions): Person {
  const { world } = stage;
  const id = options.id ?? world.nextId('person', 100_001);
  const locale = options.locale ?? 'ru';
  const profile: Profile = {
    id,
    first_name: options.first_name ?? `Person${id}`,
    last_name: options.last_name ?? 'Ivanova',
    screen_name: `id${id}`,
  };
  const dialogue: Dialogue = {
    peer: id,
    person: profile,
    client: clientOf(options.client ?? 'modern', locale),
    state: options.state ?? 'never',
    messages: [],
    keyboardOf: undefined,
    inRead: 0,
    outRead: 0,
    activities: [],
  };
  world.dialogues.set(id, dialogue);
  let following: Json = {};

  const find = (wanted: number): Kept => findMessage(world, dialogue, wanted);

  const seen = (kept: Kept): Seen => seenOf(dialogue, kept);

  function write(
    text: string,
    more: { attachments?: readonly Attached[]; extra?: Json; replyTo?: number },
  ): Seen {
    if (dialogue.state === 'deleted') throw new Error('a deleted account does nothing');
    if (dialogue.state === 'blacklisted') throw new Error('the community lets this person write nothing');
    // Whoever writes may be written to.
    if (dialogue.state === 'never' || dialogue.state === 'denied') dialogue.state = 'open';
    const extra = { ...following, ...more.extra };
    following = {};
    const kept = addMessage(world, dialogue, {
      from: id,
      text,
      attachments: more.attachments ?? [],
      extra,
      replyTo: more.replyTo === undefined ? undefined : find(more.replyTo),
    });
    return seen(kept);
  }

  const attach = (
    kind: 'photo' | 'doc' | 'audio_message' | 'sticker',
    files: readonly (Uint8Array | FileSource)[],
    { caption = '', name, replyTo }: FileOptions = {},
  ): Seen =>
    write(caption, {
      attachments: files.map((file) => showFile(world, storeFile(world, kind, toSource(file, name)), id)),
      ...(replyTo !== undefined && { replyTo }),
    });

  const shareRaw = (wire: Json, text: string): Seen =>
    write(text, { attachments: [{ type: String(wire.type), file: undefined, wire }] });

  function findComment(wanted: number) {
    const comment = world.comments.get(wanted);
    if (comment?.from !== id || comment.deleted) throw new Error(`no comment ${wanted} of this person`);
    return comment;
  }

  return {
    id,
    profile,
    start(ref, source) {
      if (ref !== undefined) following = { ref, ...(source !== undefined && { ref_source: source }) };
      // VK shows the button only in a dialogue where nothing was said yet.
      const first = dialogue.messages.length === 0;
      return write(locale === 'ru' ? 'Начать' : 'Start', {
        extra: first ? { payload: '{"command":"start"}' } : {},
      });
    },
    follow(ref, source) {
      following = { ref, ...(source !== undefined && { ref_source: source }) };
    },
    say: (text, { replyTo } = {}) => write(text, replyTo === undefined ? {} : { replyTo }),
    press(choice) {
      if (dialogue.state !== 'open') throw new Error('nothing can be pressed in this dialogue');
      const { kept, button } = findButton(world, dialogue, choice);
      if (button.type === 'callback') return pressSilently(stage, kept, button);
      if (button.type !== 'text') throw new Error(`"${button.label}" leads to ${button.link ?? button.type}`);
      if (kept.keyboard?.oneTime === true && dialogue.keyboardOf === kept) dialogue.keyboardOf = undefined;
      write(button.label, { extra: button.payload === undefined ? {} : { payload: button.payload } });
      return undefined;
    },
    sendPhoto: (file, more) => attach('photo', [file], more),
    sendPhotos: (files, more) => attach('photo', files, more),
    sendDocument: (file, more) => attach('doc', [file], more),
    sendVoice: (file, more) => attach('audio_message', [file], more),
    sendSticker: () => attach('sticker', [{ bytes: Buffer.from('a sticker') }]),
    sendVideo: (title = 'Video') =>
      shareRaw(
        { type: 'video', video: { id: 456_239_017, owner_id: id, title, duration: 12, can_add: 0 } },
        '',
      ),
    sendLocation: (latitude, longitude) =>
      write('', {
        extra: { geo: { type: 'point', coordinates: { latitude, longitude }, place: { title: 'Москва' } } },
      }),
    share: (attachment, text = '') => shareRaw(attachment, text),
    edit(wanted, text) {
      const kept = find(wanted);
      if (kept.from !== id) throw new Error('people can edit their own messages only');
      reviseMessage(world, kept, { text, attachments: kept.attachments, keyboard: kept.keyboard }, undefined);
      return seen(kept);
    },
    typing: () =>
      world.emit('message_typing_state', { state: 'typing', from_id: id, to_id: -world.group.id }),
    read() {
      dialogue.outRead = dialogue.messages.length;
      const last = dialogue.messages.at(-1);
      world.emit('message_read', {
        from_id: id,
        peer_id: id,
        read_message_id: last?.id ?? 0,
        conversation_message_id: last?.cmid ?? 0,
      });
    },
    block() {
      dialogue.state = 'denied';
      world.emit('message_deny', { user_id: id });
    },
    unblock() {
      dialogue.state = 'open';
      world.emit('message_allow', { user_id: id, key: '' });
    },
    become(state) {
      dialogue.state = state;
    },
    useClient(client) {
      dialogue.client = clientOf(client, locale);
    },
    comment(post, text, { replyTo, photo } = {}) {
      if (world.posts.get(post)?.commentsClosed !== false)
        throw new Error(`nobody can comment on post ${post}`);
      const attachments =
        photo === undefined ? [] : [showFile(world, storeFile(world, 'photo', { bytes: photo }), id)];
      return seenComment(world, addComment(world, { post, from: id, text, replyTo, attachments }));
    },
    editComment: (wanted, text) => editComment(world, findComment(wanted), text),
    deleteComment: (wanted) => deleteComment(world, findComment(wanted), id),
    seen: () => dialogue.messages.map(seen),
    everything: () => dialogue.messages.map((kept) => firstSeenOf(dialogue, kept)),
    last: () => dialogue.messages.map(seen).findLast((one) => one.byBot),
    keyboard: () => dialogue.keyboardOf?.keyboard?.rows.flat().map((one) => one.label) ?? [],
    waitFor: (look, ms = 5000) =>
      world.changed.until(
        () =>
          dialogue.messages
            .filter(isOut)
            .map(seen)
            .findLast((one) => fits(look, one)),
        ms,
        `a message like ${String(look)} to ${profile.first_name}`,
      ),
  };
}

function fits(look: string | RegExp | ((seen: Seen) => boolean), one: Seen): boolean {
  if (typeof look === 'function') return look(one);
  return typeof look === 'string' ? one.text.includes(look) : look.test(one.text);
}
