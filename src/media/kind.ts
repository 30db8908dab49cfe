// What a file is, told by its bytes. Pure but for the sniffing. A sender's word on the type is never believed
// for anything a browser would draw or run.
import type { AttachmentKind } from '../core/message.ts';

/** Pictures that every network and browser shows as one; SVG is a document with scripts, so it is not among them. */
const PICTURES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** What networks take as a voice message. */
const VOICES: ReadonlySet<string> = new Set([
  'audio/ogg',
  'audio/opus',
  'audio/mpeg',
  'audio/mp4',
  'audio/x-m4a',
]);
const STICKERS: ReadonlySet<string> = new Set(['image/webp', 'video/webm', 'application/gzip']);

/** Claimed types that only say how harmless text or an unknown format is to be called. */
const HARMLESS = /^(text\/(plain|csv|markdown)|application\/(json|pdf|msword|vnd\.[\w.+-]{1,100}))$/;

const UNKNOWN = 'application/octet-stream';

export interface FileKind {
  readonly kind: AttachmentKind;
  readonly mime: string;
}

/** The kind it may be sent as, `wanted` where the bytes bear it out, and its type. */
export async function kindOf(
  bytes: Uint8Array,
  wanted: AttachmentKind,
  claimed: string | undefined,
): Promise<FileKind> {
  const mime = await typeOf(bytes, claimed);
  return { kind: settled(wanted, mime), mime };
}

export async function typeOf(bytes: Uint8Array, claimed?: string): Promise<string> {
  // Loaded with the first file: it is large, and many a talk has none.
  const { fileTypeFromBuffer } = await import('file-type');
  const found = (await fileTypeFromBuffer(bytes))?.mime.split(';')[0]?.trim();
  if (found !== undefined) return found;
  const bare = claimed?.split(';')[0]?.trim().toLowerCase() ?? '';
  return HARMLESS.test(bare) ? bare : UNKNOWN;
}

function settled(wanted: AttachmentKind, mime: string): AttachmentKind {
  switch (wanted) {
    case 'photo':
      return PICTURES.has(mime) ? 'photo' : 'document';
    case 'sticker':
      if (STICKERS.has(mime)) return 'sticker';
      return PICTURES.has(mime) ? 'photo' : 'document';
    case 'video':
      return mime.startsWith('video/') ? 'video' : 'document';
    case 'voice':
      if (VOICES.has(mime)) return 'voice';
      return mime.startsWith('audio/') ? 'audio' : 'document';
    case 'audio':
      return mime.startsWith('audio/') ? 'audio' : 'document';
    default:
      return 'document';
  }
}
