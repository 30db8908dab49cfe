// A person with WhatsApp: writing, pressing, blocking, and seeing what our side sent. What their hands do becomes
// notifications as Meta words them.
import { type Json, type Seen, type Someone, type World, wamid } from './world.ts';

export interface PersonOptions {
  readonly phone?: string;
  readonly name?: string;
  /** Has a username: the number is not told. */
  readonly hidden?: boolean;
}

export type Look = RegExp | ((seen: Seen) => boolean);

export interface Person {
  readonly phone: string;
  readonly user: string;
  say(text: string, more?: { readonly replyTo?: string }): Seen;
  /** The newest message of ours that has this button, or the one given. */
  press(label: string, on?: string): Seen;
  sendPhoto(bytes: Uint8Array, caption?: string): Seen;
  sendVideo(bytes: Uint8Array, caption?: string): Seen;
  sendDocument(
    bytes: Uint8Array,
    about?: { readonly name?: string; readonly caption?: string; readonly mime?: string },
  ): Seen;
  sendVoice(bytes: Uint8Array): Seen;
  sendAudio(bytes: Uint8Array): Seen;
  sendSticker(bytes: Uint8Array): Seen;
  sendLocation(latitude: number, longitude: number, name?: string): Seen;
  sendContact(name: string, phone: string): Seen;
  /** What opens with a link `wa.me/<number>?text=/<payload>`, sent by the person. */
  start(payload?: string): Seen;
  react(on: string, emoji: string): void;
  /** Only numbers that are used with the WhatsApp Business app are told. */
  edit(message: string, text: string): void;
  /** Any other message, as Meta would word it. */
  send(type: string, content: Json): Seen;
  block(): void;
  unblock(): void;
  /** Takes up a username: from now on the number is not told. */
  hide(): void;
  /** As if they had last written so many milliseconds ago. */
  silentFor(ms: number): void;
  /** What lies in their chat, oldest first. */
  seen(): readonly Seen[];
  last(): Seen | undefined;
  /** The newest message of ours that fits, now or as soon as there is one. */
  waitFor(look: Look, ms?: number): Promise<Seen>;
}

export function createPerson(world: World, options: PersonOptions = {}): Person {
  const number = world.nextId('person');
  const phone = options.phone ?? `7999${String(1_000_000 + number)}`;
  const someone: Someone = {
    phone,
    user: `RU.${1_300_000_000_000 + number}`,
    name: options.name ?? `Person ${number}`,
    hidden: options.hidden ?? false,
    blocked: false,
    wroteAt: undefined,
    messages: [],
  };
  world.people.set(phone, someone);

  const contact = (): Json => ({
    profile: { name: someone.name, ...(someone.hidden && { username: `user${number}` }) },
    ...(someone.hidden ? {} : { wa_id: phone }),
    user_id: someone.user,
  });

  function tell(type: string, content: Json, more: Json = {}): string {
    const id = wamid(world, phone);
    const at = world.now();
    world.notify(
      'messages',
      {
        contacts: [contact()],
        messages: [
          {
            ...(someone.hidden ? {} : { from: phone }),
            from_user_id: someone.user,
            id,
            timestamp: String(Math.floor(at / 1_000)),
            type,
            ...more,
            ...content,
          },
        ],
      },
      phone,
    );
    return id;
  }

  /** Written into their own chat, told to us, and the day begins anew. */
  function write(type: string, content: Json, shown: Partial<Seen> = {}, more: Json = {}): Seen {
    if (someone.blocked) throw new Error('whoever writes has unblocked us first');
    const id = tell(type, content, more);
    someone.wroteAt = world.now();
    const seen: Seen = {
      text: '',
      buttons: [],
      files: [],
      ...shown,
      id,
      at: world.now(),
      byBot: false,
      type,
      body: content,
    };
    someone.messages.push(seen);
    world.changed.fire();
    return seen;
  }

  function file(type: string, bytes: Uint8Array, mime: string, more: Json = {}): Seen {
    const id = String(world.nextId('file'));
    world.files.set(id, { id, bytes, mime, ours: false });
    return write(
      type,
      { [type]: { id, mime_type: mime, sha256: 'x', ...more } },
      { files: [bytes], text: String(more.caption ?? '') },
    );
  }

  const ofBot = (): readonly Seen[] => someone.messages.filter((seen) => seen.byBot);
  const fits = (look: Look, seen: Seen): boolean =>
    look instanceof RegExp ? look.test(seen.text) : look(seen);

  return {
    phone,
    user: someone.user,
    say: (text, more = {}) =>
      write(
        'text',
        { text: { body: text } },
        { text },
        more.replyTo === undefined ? {} : { context: { from: world.number, id: more.replyTo } },
      ),
    press(label, on) {
      const shown = ofBot().findLast(
        (seen) => (on === undefined || seen.id === on) && seen.buttons.some((one) => one.label === label),
      );
      const button = shown?.buttons.find((one) => one.label === label);
      if (!shown || !button) throw new Error(`no button "${label}"`);
      const { type } = shown.body.interactive as Json;
      const kind = type === 'button' ? 'button_reply' : 'list_reply';
      const reply = { id: button.id, title: label.slice(0, 24) };
      return write(
        'interactive',
        { interactive: { type: kind, [kind]: reply } },
        { text: label },
        { context: { from: world.number, id: shown.id } },
      );
    },
    sendPhoto: (bytes, caption) =>
      file('image', bytes, 'image/jpeg', caption === undefined ? {} : { caption }),
    sendVideo: (bytes, caption) =>
      file('video', bytes, 'video/mp4', caption === undefined ? {} : { caption }),
    sendDocument: (bytes, { name, caption, mime } = {}) =>
      file('document', bytes, mime ?? 'application/pdf', {
        ...(name !== undefined && { filename: name }),
        ...(caption !== undefined && { caption }),
      }),
    sendVoice: (bytes) => file('audio', bytes, 'audio/ogg; codecs=opus', { voice: true }),
    sendAudio: (bytes) => file('audio', bytes, 'audio/mpeg', { voice: false }),
    sendSticker: (bytes) => file('sticker', bytes, 'image/webp', { animated: false }),
    sendLocation: (latitude, longitude, name) =>
      write('location', { location: { latitude, longitude, ...(name !== undefined && { name }) } }),
    sendContact: (name, number) =>
      write('contacts', {
        contacts: [
          { name: { formatted_name: name, first_name: name }, phones: [{ phone: number, type: 'CELL' }] },
        ],
      }),
    start(payload) {
      const text = payload === undefined ? '/start' : `/${payload}`;
      return write('text', { text: { body: text } }, { text });
    },
    react: (on, emoji) => void tell('reaction', { reaction: { message_id: on, emoji } }),
    edit: (message, text) =>
      void tell('edit', {
        edit: { original_message_id: message, message: { type: 'text', text: { body: text } } },
      }),
    send: (type, content) => write(type, content),
    block() {
      someone.blocked = true;
    },
    unblock() {
      someone.blocked = false;
    },
    hide() {
      someone.hidden = true;
    },
    silentFor(ms) {
      someone.wroteAt = world.now() - ms;
    },
    seen: () => [...someone.messages],
    last: () => ofBot().at(-1),
    waitFor: (look, ms = 5_000) =>
      world.changed.until(
        () => ofBot().findLast((seen) => fits(look, seen)),
        ms,
        `${String(look)} at ${someone.name}`,
      ),
  };
}
