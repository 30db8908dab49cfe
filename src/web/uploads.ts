// Takes one uploaded file out of a multipart request and keeps it. It trusts nothing the sender says of the file
// but a wish for its kind; the media store settles kind and type by the bytes.
import type { FastifyRequest } from 'fastify';
import type { Media } from '../channels/channel.ts';
import type { Attachment, AttachmentKind } from '../core/message.ts';
import { Refusal } from './refusal.ts';

export const UPLOAD_LIMIT = 20 * 1024 * 1024;

export async function takeUpload(request: FastifyRequest, media: Media): Promise<Attachment> {
  if (!request.isMultipart()) throw new Refusal(415, 'not_multipart', 'send the file as multipart/form-data');
  const part = await request.file({ limits: { fileSize: UPLOAD_LIMIT, files: 1, fields: 4 } });
  if (!part) throw new Refusal(400, 'no_file', 'the request holds no file');
  const bytes = await part.toBuffer();
  if (bytes.length === 0) throw new Refusal(400, 'empty_file', 'the file is empty');
  const name = cleanName(part.filename);
  return await media.keep({ bytes, name, mime: part.mimetype }, wantedKind(part.mimetype));
}

function wantedKind(mime: string): AttachmentKind {
  if (mime.startsWith('image/')) return 'photo';
  if (mime.startsWith('video/')) return 'video';
  if (mime.startsWith('audio/')) return 'audio';
  return 'document';
}

/** A name fit to be shown and saved under: no path, no control or direction-changing characters, not endless. */
export function cleanName(name: string | undefined): string {
  const last = (name ?? '').split(/[\\/]/).at(-1) ?? '';
  const clean = last
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .slice(0, 120);
  return clean === '' || /^\.+$/.test(clean) ? 'file' : clean;
}
