// What exists at the made-up MAX: people, their dialogues with the bot, messages and files. It answers nothing itself.
import type { Signal } from '../telegram/signal.ts';

export type Json = Record<string, unknown>;

export interface User {
  readonly user_id: number;
  readonly first_name: string;
  readonly last_name: string | null;
  readonly username: string | null;
  readonly is_bot: boolean;
  readonly last_activity_time: number;
}

export interface StoredFile {
  readonly token: string;
  readonly type: 'image' | 'video' | 'audio' | 'file';
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Sends that are still told it is being prepared. */
  pending: number;
}

export interface Kept {
  readonly mid: string;
  readonly chat: number;
  readonly at: number;
  readonly byBot: boolean;
  readonly seq: number;
  readonly replyTo: string | undefined;
  readonly forwarded: Json | undefined;
  readonly request: number | undefined;
  text: string | null;
  /** As MAX words them. */
  attachments: readonly Json[];
  readonly first: { readonly text: string | null; readonly attachments: readonly Json[] };
  edited: boolean;
}

export interface Dialogue {
  readonly chat: number;
  readonly user: User;
  readonly locale: string;
  state: 'new' | 'open' | 'stopped';
  readonly messages: Map<string, Kept>;
}

export interface Press {
  readonly id: string;
  readonly mid: string;
  readonly payload: string;
  answers: Json[];
}

export interface World {
  readonly bot: User;
  readonly dialogues: Map<number, Dialogue>;
  readonly files: Map<string, StoredFile>;
  readonly presses: Map<string, Press>;
  readonly changed: Signal;
  /** Where files can be fetched. */
  root: string;
  /** Milliseconds; never the same twice, as MAX's own moments tell events apart. */
  now(): number;
  next(what: string): number;
  message(mid: string): Kept | undefined;
  keep(dialogue: Dialogue, message: Omit<Kept, 'mid' | 'seq' | 'at' | 'chat' | 'first' | 'edited'>): Kept;
  store(type: StoredFile['type'], name: string, bytes: Uint8Array, token?: string): StoredFile;
  /** The message as MAX tells it. */
  wire(kept: Kept): Json;
  dialogueOf(user: number): Dialogue | undefined;
}

export function createWorld(bot: User, changed: Signal, clock: () => number, preparing: () => number): World {
  const counts = new Map<string, number>();
  let last = 0;
  const world: World = {
    bot,
    dialogues: new Map(),
    files: new Map(),
    presses: new Map(),
    changed,
    root: '',
    now() {
      last = Math.max(clock(), last + 1);
      return last;
    },
    next(what) {
      const count = (counts.get(what) ?? 0) + 1;
      counts.set(what, count);
      return count;
    },
    message(mid) {
      for (const dialogue of world.dialogues.values()) {
        const found = dialogue.messages.get(mid);
        if (found) return found;
      }
      return undefined;
    },
    keep(dialogue, message) {
      const seq = 115_000_000_000_000_000n + BigInt(world.next('seq'));
      const { text, attachments } = message;
      const kept: Kept = {
        ...message,
        chat: dialogue.chat,
        mid: `mid.${dialogue.chat.toString(16).padStart(16, '0')}${seq.toString(16).padStart(16, '0')}`,
        seq: Number(seq),
        at: world.now(),
        first: { text, attachments },
        edited: false,
      };
      dialogue.messages.set(kept.mid, kept);
      changed.fire();
      return kept;
    },
    store(type, name, bytes, token = `tok_${type}_${world.next('file')}`) {
      const file: StoredFile = { token, type, name, bytes, pending: preparing() };
      world.files.set(token, file);
      return file;
    },
    wire(kept) {
      const dialogue = world.dialogues.get(kept.chat);
      if (!dialogue) throw new Error('a message without its dialogue');
      const answered = kept.replyTo === undefined ? undefined : world.message(kept.replyTo);
      const linked = answered && {
        type: 'reply',
        message: {
          mid: answered.mid,
          seq: answered.seq,
          text: answered.text,
          attachments: answered.attachments,
        },
      };
      const passedOn = kept.forwarded && { type: 'forward', message: kept.forwarded };
      const link = linked ?? passedOn;
      return {
        sender: kept.byBot ? bot : dialogue.user,
        recipient: {
          chat_id: kept.chat,
          chat_type: 'dialog',
          user_id: kept.byBot ? dialogue.user.user_id : bot.user_id,
        },
        timestamp: kept.at,
        ...(link && { link }),
        body: { mid: kept.mid, seq: kept.seq, text: kept.text, attachments: kept.attachments },
      };
    },
    dialogueOf: (user) => [...world.dialogues.values()].find((one) => one.user.user_id === user),
  };
  return world;
}

export interface SeenButton {
  readonly label: string;
  readonly payload: string | undefined;
  readonly url: string | undefined;
}

export interface Seen {
  readonly id: string;
  readonly text: string;
  readonly rows: readonly (readonly SeenButton[])[];
  readonly buttons: readonly SeenButton[];
  readonly files: readonly Uint8Array[];
  readonly kinds: readonly string[];
  /** Of the files, by what MAX knows each. */
  readonly tokens: readonly string[];
  readonly byBot: boolean;
  readonly edited: boolean;
  readonly replyTo: string | undefined;
  /** The request that sent it. */
  readonly request: number | undefined;
}

export function seenOf(world: World, kept: Kept, state: Pick<Kept, 'text' | 'attachments'>): Seen {
  const payload = (one: Json): Json => (one.payload ?? {}) as Json;
  const keyboard = state.attachments.find((one) => one.type === 'inline_keyboard');
  const rows = ((keyboard ? payload(keyboard).buttons : []) as Json[][]).map((row) =>
    row.map((button) => ({
      label: String(button.text),
      payload: button.payload as string | undefined,
      url: button.url as string | undefined,
    })),
  );
  const shown = state.attachments.filter((one) => one.type !== 'inline_keyboard');
  return {
    id: kept.mid,
    text: state.text ?? '',
    rows,
    buttons: rows.flat(),
    files: shown.flatMap((one) => world.files.get(String(payload(one).token))?.bytes ?? []),
    kinds: shown.map((one) => String(one.type)),
    tokens: shown.flatMap((one) =>
      typeof payload(one).token === 'string' ? [String(payload(one).token)] : [],
    ),
    byBot: kept.byBot,
    edited: kept.edited,
    replyTo: kept.replyTo,
    request: kept.request,
  };
}
