// What the chat page and the server say to each other, both ways, pure. It never knows cookies, keys or the
// network: the visitor is told to it, and sealed files are opened by the function it is given.
import { z } from 'zod';
import type { CustomerEvent } from '../../core/event.ts';
import type { Attachment, StoredMessage } from '../../core/message.ts';

/** Characters of one message of a visitor: far beyond what anybody types, far below what harms. */
export const MESSAGE_LIMIT = 20_000;
export const FILES_LIMIT = 10;

const id = z.string().regex(/^[A-Za-z0-9_.~-]{1,280}$/);
const text = z.string().max(MESSAGE_LIMIT);
const common = { id, locale: z.string().max(35).optional(), name: z.string().max(200).optional() };

const posted = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('message'),
    text,
    files: z.array(z.string().max(4000)).max(FILES_LIMIT).optional(),
    replyTo: id.optional(),
  }),
  z.object({
    ...common,
    kind: z.literal('press'),
    button: z.string().regex(/^[\x21-\x7e]{1,32}$/),
    message: id.optional(),
  }),
  z.object({
    ...common,
    kind: z.literal('start'),
    payload: z
      .string()
      .regex(/^[A-Za-z0-9_.~-]{1,256}$/)
      .optional(),
  }),
  z.object({ ...common, kind: z.literal('edit'), message: id, text: text.min(1) }),
  z.object({ ...common, kind: z.literal('locale'), locale: z.string().regex(/^[A-Za-z-]{2,35}$/) }),
]);

export type PostedEvent = z.infer<typeof posted>;

export type Read =
  | { readonly ok: true; readonly event: CustomerEvent }
  | { readonly ok: false; readonly code: 'bad_request' | 'too_long' | 'empty' | 'foreign_file' };

/** `openFile` gives the attachment a sealed file stands for, if this visitor uploaded it. */
export function fromWire(
  body: unknown,
  visitor: string,
  now: number,
  openFile: (sealed: string) => Attachment | undefined,
): Read {
  const parsed = posted.safeParse(body);
  if (!parsed.success) {
    const long = parsed.error.issues.some((issue) => issue.code === 'too_big' && issue.path[0] === 'text');
    return { ok: false, code: long ? 'too_long' : 'bad_request' };
  }
  const it = parsed.data;
  const envelope = {
    // The visitor is part of the id, so that nobody can take another visitor's ids.
    id: `${visitor}.${it.id}`,
    channel: 'web',
    account: '',
    at: now,
    peer: visitor,
    person: {
      ...(it.name === undefined ? {} : { name: it.name }),
      ...(it.locale === undefined ? {} : { locale: it.locale }),
    },
  };
  switch (it.kind) {
    case 'message': {
      const attachments: Attachment[] = [];
      for (const sealed of it.files ?? []) {
        const attachment = openFile(sealed);
        if (!attachment) return { ok: false, code: 'foreign_file' };
        attachments.push(attachment);
      }
      if (it.text.trim() === '' && attachments.length === 0) return { ok: false, code: 'empty' };
      return {
        ok: true,
        event: {
          ...envelope,
          kind: 'message',
          text: it.text,
          message: it.id,
          ...(attachments.length === 0 ? {} : { attachments }),
          ...(it.replyTo === undefined ? {} : { replyTo: it.replyTo }),
        },
      };
    }
    case 'press':
      return {
        ok: true,
        event: {
          ...envelope,
          kind: 'press',
          button: it.button,
          ...(it.message === undefined ? {} : { message: it.message }),
        },
      };
    case 'start':
      return {
        ok: true,
        event: { ...envelope, kind: 'start', ...(it.payload === undefined ? {} : { payload: it.payload }) },
      };
    case 'edit':
      return { ok: true, event: { ...envelope, kind: 'edit', message: it.message, text: it.text } };
    case 'locale':
      return { ok: true, event: { ...envelope, kind: 'locale', locale: it.locale } };
  }
}

/** A file as a page sees it: never our ref, only its place in the message. */
export interface FileView {
  readonly kind: Attachment['kind'];
  readonly name?: string;
  readonly mime?: string;
  readonly caption?: string;
  readonly size?: number;
  /** Absent where there are no bytes. */
  readonly url?: string;
  readonly location?: { readonly latitude: number; readonly longitude: number };
  readonly contact?: { readonly name: string; readonly phone: string };
}

/** A message as the visitor's own page sees it. */
export interface MessageView {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly from: 'me' | 'bot' | 'operator';
  /** The operator's. */
  readonly name?: string;
  readonly text: string;
  readonly choices?: readonly { readonly id: string; readonly label: string; readonly url?: string }[];
  readonly layout?: 'scale' | 'list';
  readonly files?: readonly FileView[];
  readonly replyTo?: string;
  /** The page's own id of what it sent. */
  readonly origin?: string;
  readonly edited?: boolean;
}

/** Absent for what is no business of the visitor's. */
export function toWire(message: StoredMessage): MessageView | undefined {
  if (message.note || message.gathered) return undefined;
  const { author } = message;
  return {
    id: message.id,
    seq: message.seq,
    at: message.at,
    from: author.kind === 'customer' ? 'me' : author.kind,
    text: message.text,
    ...(author.kind === 'operator' ? { name: author.name } : {}),
    ...(message.choices === undefined ? {} : { choices: message.choices }),
    ...(message.layout === undefined ? {} : { layout: message.layout }),
    ...(message.attachments === undefined || message.attachments.length === 0
      ? {}
      : { files: message.attachments.map((file, n) => fileView(file, `/chat/media/${message.id}/${n}`)) }),
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
    ...(author.kind === 'customer' && message.origin !== undefined
      ? { origin: message.origin.replace(/^in:/, '') }
      : {}),
    ...(message.revisions === undefined || message.revisions.length === 0 ? {} : { edited: true }),
  };
}

export function fileView(file: Attachment, url: string): FileView {
  const { ref, ...shown } = file;
  return { ...shown, ...(ref === undefined ? {} : { url }) };
}
