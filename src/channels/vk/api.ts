// What of VK's API this program uses, as small shapes of our own: the library behind the calls can be changed without
// anybody else noticing. Everything is as VK gave it, unchecked.

/** The calls. Every failed one throws DeliveryError and nothing else. */
export interface VkApi {
  /** One method by its name at VK. */
  call<T>(method: string, params: Readonly<Record<string, string | number | undefined>>): Promise<T>;
  /** Puts a file where it can be attached from; gives the string to attach it by. Nobody sees it until then. */
  upload(kind: UploadKind, place: UploadPlace, file: UploadFile): Promise<string>;
  /** Fetches an address that VK gave: a wait for events, or a file. */
  get(url: string, options: GetOptions): Promise<{ readonly status: number; readonly body: Buffer }>;
  close(): Promise<void>;
}

export type UploadKind = 'photo' | 'doc' | 'audio_message';

/** A person's dialogue, or the wall of a community, which asks nobody's permission. */
export type UploadPlace = { readonly peer: number } | { readonly wallOf: number };

export interface UploadFile {
  readonly bytes: Uint8Array;
  readonly name: string;
}

export interface GetOptions {
  /** Milliseconds for the whole of it. */
  readonly timeout: number;
  /** Bytes beyond which it is given up. */
  readonly limit: number;
  readonly signal?: AbortSignal;
  /** Whether an address may be asked, the ones it leads on to too. Absent: any, and none is followed. */
  readonly allows?: (url: URL) => boolean;
}

export interface VkUpdate {
  readonly type: string;
  readonly object?: unknown;
  readonly group_id?: number;
  /** The same for the same happening, however it comes. */
  readonly event_id?: string;
  readonly secret?: string;
}

export interface VkMessage {
  /** Grows over all of the community's dialogues. */
  readonly id?: number;
  /** Seconds. */
  readonly date: number;
  readonly update_time?: number;
  readonly peer_id: number;
  readonly from_id: number;
  readonly out?: number;
  readonly text: string;
  /** Grows by one within the dialogue. */
  readonly conversation_message_id: number;
  readonly random_id?: number;
  readonly admin_author_id?: number;
  readonly attachments?: readonly VkAttachment[];
  readonly fwd_messages?: readonly Partial<VkMessage>[];
  readonly reply_message?: Partial<VkMessage>;
  readonly geo?: VkGeo;
  /** JSON of the pressed text button. */
  readonly payload?: string;
  readonly ref?: string;
  /** It was too big to be delivered whole. */
  readonly is_cropped?: boolean;
}

export interface VkGeo {
  readonly coordinates?: { readonly latitude: number; readonly longitude: number };
  readonly place?: { readonly title?: string; readonly city?: string };
}

/** The object of the attachment stands under the name of its type. */
export interface VkAttachment {
  readonly type: string;
  readonly [kind: string]: unknown;
}

/** What the person's app can show, told with each message they write. */
export interface VkClientInfo {
  readonly button_actions?: readonly string[];
  readonly keyboard?: boolean;
  readonly inline_keyboard?: boolean;
  readonly lang_id?: number;
}

export interface VkMessageEvent {
  readonly user_id: number;
  readonly peer_id: number;
  readonly event_id: string;
  readonly payload?: unknown;
  readonly conversation_message_id?: number;
}

export interface VkComment {
  readonly id: number;
  readonly from_id: number;
  /** Seconds. */
  readonly date: number;
  readonly text: string;
  readonly post_id?: number;
  readonly owner_id?: number;
  readonly post_owner_id?: number;
  /** The comments above it, the thread's first one first. */
  readonly parents_stack?: readonly number[];
  readonly reply_to_comment?: number;
  readonly attachments?: readonly VkAttachment[];
}

export interface Log {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
}
