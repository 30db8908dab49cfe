// A person who writes to the account, and what their hands can do. It never calls the bot.
import { castVote } from './cast-vote.ts';
import { everythingOf, type Seen, seenBy, seenOf } from './seen.ts';
import { type FileOptions, storeFile } from './store-file.ts';
import type { WireKey, WireMessage } from './wire-format.ts';
import {
  type Chat,
  change,
  chatWith,
  deliver,
  type Kept,
  keep,
  meIn,
  newId,
  type PersonState,
  putChat,
  show,
  type World,
  widOf,
} from './world.ts';

export interface PersonOptions {
  /** Digits only. */
  readonly phone?: string;
  readonly name?: string;
  /** Their messages come from `…@lid` instead of the number. */
  readonly addressing?: 'pn' | 'lid';
  /** Whether the page knows the number of their lid without asking; true by default. */
  readonly paired?: boolean;
}

export type Look = string | RegExp | ((seen: Seen) => boolean);

export interface Person {
  /** `…@c.us`. */
  readonly id: string;
  readonly lid: string;
  readonly phone: string;
  /** The id their messages come from. */
  readonly chat: string;
  say(text: string, options?: { readonly quote?: string }): Seen;
  /** Opens a link to the account and sends the words prepared by it: a command, since such links carry nothing else. */
  start(payload?: string): Seen;
  /** Votes for one option of the newest poll that offers it. */
  press(label: string): void;
  /** Votes; an empty list takes the vote back. */
  vote(poll: string, labels: readonly string[]): void;
  sendPhoto(bytes: Uint8Array, options?: FileOptions): Seen;
  sendVideo(bytes: Uint8Array, options?: FileOptions): Seen;
  sendVoice(bytes: Uint8Array, options?: FileOptions): Seen;
  sendSticker(bytes: Uint8Array, options?: FileOptions): Seen;
  sendDocument(bytes: Uint8Array, options?: FileOptions): Seen;
  sendLocation(latitude: number, longitude: number): Seen;
  sendContact(name: string, phone: string): Seen;
  /** A message the device cannot read yet; `arrive` sends it readable. `whenAsked`: as soon as the page asks. */
  sayLate(text: string, options?: { readonly whenAsked?: boolean }): { readonly id: string; arrive(): void };
  /** Anything else, such as `e2e_notification`. */
  notify(type: string, attributes?: Readonly<Record<string, unknown>>): string;
  postStatus(text: string): string;
  react(message: string, emoji: string): void;
  edit(message: string, text: string): void;
  revoke(message: string): void;
  /** Reads all that was shown. */
  read(): void;
  offline(): void;
  online(): void;
  block(): void;
  unblock(): void;
  seen(): readonly Seen[];
  last(): Seen | undefined;
  /** The newest message by the bot that fits, now or as soon as there is one. */
  waitFor(look: Look, ms?: number): Promise<Seen>;
}

const fits = (look: Look, seen: Seen): boolean =>
  typeof look === 'function'
    ? look(seen)
    : typeof look === 'string'
      ? seen.text.includes(look)
      : look.test(seen.text);

export function createPerson(world: World, options: PersonOptions): Person & { readonly state: PersonState } {
  const count = world.people.length;
  const phone = options.phone ?? String(15_551_110_001 + count);
  const state: PersonState = {
    pn: `${phone}@c.us`,
    lid: `${98_000_000_000_001 + count}@lid`,
    name: options.name ?? `Person ${count + 1}`,
    addressing: options.addressing ?? 'pn',
    paired: options.paired ?? true,
    online: true,
    blocked: false,
    shown: [],
  };
  world.people.push(state);
  const { pn, lid, name, paired } = state;
  world.emit({ kind: 'contact', contact: { pn, lid, name, paired } });

  const seconds = (): number => Math.floor(world.now() / 1000);
  const chat = (): Chat => chatWith(world, state);

  function message(type: string, attributes: Readonly<Record<string, unknown>>): WireMessage {
    const remote = widOf(state);
    return {
      ...attributes,
      key: { fromMe: false, remote, id: newId('AEAC') },
      from: remote,
      to: meIn(world, remote),
      type,
      t: seconds(),
      ack: 1,
      notifyName: name,
    };
  }

  function put(type: string, attributes: Readonly<Record<string, unknown>>): Seen {
    const made = message(type, attributes);
    return seenOf(world, keep(world, chat(), made, { by: 'person', request: undefined }), made);
  }

  const file =
    (type: string, mime: string) =>
    (bytes: Uint8Array, about: FileOptions = {}): Seen =>
      put(type, storeFile(world, bytes, mime, about));

  function keptOf(id: string): Kept {
    const kept = chat().kept.get(id);
    if (kept === undefined) throw new Error(`no message ${id} in this chat`);
    return kept;
  }

  function own(id: string): Kept {
    const kept = keptOf(id);
    if (kept.by !== 'person') throw new Error('nobody can change the message of another');
    return kept;
  }

  function vote(poll: string, labels: readonly string[]): void {
    const voter = widOf(state);
    const key: WireKey = { fromMe: false, remote: voter, id: newId('AEAC') };
    castVote(world, { key, poll: keptOf(poll).message, voter, labels });
  }

  const ours = (): Seen[] => seenBy(world, state).filter((seen) => seen.byBot);

  return {
    state,
    id: pn,
    lid,
    phone,
    get chat() {
      return widOf(state);
    },
    say: (text, { quote } = {}) =>
      put('chat', {
        body: text,
        ...(quote !== undefined && {
          quotedStanzaID: quote,
          quotedMsg: { type: 'chat', body: keptOf(quote).message.body },
        }),
      }),
    start(payload) {
      return this.say(payload === undefined ? 'Hello' : `/${payload}`);
    },
    press(label) {
      const poll = ours().findLast((seen) => seen.buttons.some((button) => button.label === label));
      if (poll === undefined) throw new Error(`no poll offers "${label}"`);
      vote(poll.id, [label]);
    },
    vote,
    sendPhoto: file('image', 'image/jpeg'),
    sendVideo: file('video', 'video/mp4'),
    sendVoice: file('ptt', 'audio/ogg; codecs=opus'),
    sendSticker: file('sticker', 'image/webp'),
    sendDocument: file('document', 'application/octet-stream'),
    sendLocation: (lat, lng) => put('location', { lat, lng }),
    sendContact: (who, number) =>
      put('vcard', {
        body: `BEGIN:VCARD\nVERSION:3.0\nFN:${who}\nTEL;waid=${number}:+${number}\nEND:VCARD`,
        vcardFormattedName: who,
      }),
    sayLate(text, { whenAsked = false } = {}) {
      const { id } = put('ciphertext', {});
      const arrive = (): void => {
        world.resends.delete(id);
        change(world, keptOf(id), { body: text, type: 'chat' });
      };
      if (whenAsked) world.resends.set(id, arrive);
      return { id, arrive };
    },
    notify(type, attributes = {}) {
      const made = message(type, attributes);
      keep(world, chat(), made, { by: 'network', request: undefined });
      return made.key.id;
    },
    postStatus(text) {
      const remote = 'status@broadcast';
      const status = putChat(world, {
        id: remote,
        kind: 'status',
        name: 'Status',
        person: undefined,
        members: undefined,
      });
      const about = message('chat', { body: text });
      const author = widOf(state);
      const key = { ...about.key, remote, participant: author };
      keep(
        world,
        status,
        { ...about, key, from: remote, author, broadcast: true },
        {
          by: 'person',
          request: undefined,
        },
      );
      return key.id;
    },
    react(id, emoji) {
      const kept = keptOf(id);
      kept.reactions.set(pn, emoji);
      const from = widOf(state);
      const key: WireKey = { fromMe: false, remote: from, id: newId('AEAC') };
      const reaction = { key, to: kept.message.key, from, text: emoji, tMs: world.now() };
      world.emit({ kind: 'reaction', reaction });
    },
    edit(id, text) {
      const kept = own(id);
      kept.edited = true;
      const what = kept.message.type === 'chat' ? { body: text } : { caption: text };
      change(world, kept, { ...what, latestEditSenderTimestampMs: world.now() });
    },
    revoke(id) {
      change(world, own(id), { type: 'revoked', body: undefined });
    },
    read() {
      for (const { kept } of state.shown) {
        if (kept.message.key.fromMe && kept.message.ack < 3) change(world, kept, { ack: 3 });
      }
    },
    offline() {
      state.online = false;
    },
    online() {
      state.online = true;
      for (const kept of chat().kept.values()) {
        if (kept.by === 'bot') deliver(world, kept, state);
        if (kept.by === 'phone') show(kept, state);
      }
    },
    block() {
      state.blocked = true;
    },
    unblock() {
      state.blocked = false;
    },
    seen: () => seenBy(world, state),
    last: () => ours().at(-1),
    waitFor: (look, ms = 5000) =>
      world.changed.until(
        () => everythingOf(world, state).findLast((seen) => seen.byBot && fits(look, seen)),
        ms,
        `a message to ${name}: ${String(look)}`,
      ),
  };
}
