// The words of the MAX Bot API that this folder uses, as far as it uses them. What comes from the network is never
// trusted to be of this shape: wire.ts looks before it takes.

/** A number on the wire; one too large for a JavaScript number is kept as its digits. */
export type Id = number | string;

export interface User {
  readonly user_id: Id;
  readonly first_name?: string | null;
  readonly last_name?: string | null;
  /** As older versions had it. */
  readonly name?: string | null;
  readonly username?: string | null;
  readonly is_bot?: boolean;
}

export interface Attachment {
  readonly type: string;
  readonly payload?: {
    readonly url?: string | null;
    readonly token?: string | null;
    readonly code?: string | null;
    readonly vcf_info?: string | null;
    readonly max_info?: User | null;
  } | null;
  readonly filename?: string | null;
  readonly size?: number | null;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly title?: string | null;
}

export interface Body {
  readonly mid?: string;
  readonly text?: string | null;
  readonly attachments?: readonly Attachment[] | null;
}

export interface Message {
  readonly sender?: User | null;
  readonly recipient?: {
    readonly chat_id?: Id | null;
    readonly chat_type?: string | null;
    readonly user_id?: Id | null;
  };
  readonly timestamp?: number;
  readonly link?: { readonly type?: string; readonly message?: Body | null } | null;
  /** Null where a message is nothing but a forwarded one. */
  readonly body?: Body | null;
}

export interface Update {
  readonly update_type: string;
  readonly timestamp: number;
  readonly message?: Message | null;
  readonly callback?: {
    readonly timestamp?: number;
    readonly callback_id?: string;
    readonly payload?: string | null;
    readonly user?: User;
  };
  readonly chat_id?: Id;
  readonly user?: User;
  readonly payload?: string | null;
  readonly user_locale?: string | null;
}

/** Asked for by name: a kind not named here never comes. */
export const UPDATE_TYPES = [
  'message_created',
  'message_edited',
  'message_callback',
  'bot_started',
  'bot_stopped',
  'dialog_removed',
] as const;

export type Button =
  | { readonly type: 'callback'; readonly text: string; readonly payload: string }
  | { readonly type: 'link'; readonly text: string; readonly url: string };

/** What a message of ours carries besides words. */
export type AttachmentRequest =
  | {
      readonly type: 'inline_keyboard';
      readonly payload: { readonly buttons: readonly (readonly Button[])[] };
    }
  | { readonly type: 'image' | 'video' | 'audio' | 'file'; readonly payload: { readonly token: string } }
  | { readonly type: 'sticker'; readonly payload: { readonly code: string } }
  | { readonly type: 'location'; readonly latitude: number; readonly longitude: number }
  | {
      readonly type: 'contact';
      readonly payload: { readonly name: string; readonly vcf_phone?: string; readonly vcf_info?: string };
    };

/** No `format`: text is never parsed as markup. */
export interface NewMessage {
  readonly text: string | null;
  /** Null in an edit: what is attached stays. */
  readonly attachments: readonly AttachmentRequest[] | null;
  readonly link?: { readonly type: 'reply'; readonly mid: string };
}

/** A logger as pino is one; fields hold ids and codes, never words of a person. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
