// Hands out the bytes of an attachment. Only a few formats, told by their bytes, may be shown in the page;
// everything else is a download, and nothing handed out can run as a page of ours.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Media } from '../channels/channel.ts';
import { DeliveryError } from '../core/errors.ts';
import type { Attachment } from '../core/message.ts';
import { Refusal } from './refusal.ts';
import { cleanName } from './uploads.ts';

const SHOWN = new Map([
  ['image/png', 'image/png'],
  ['image/jpeg', 'image/jpeg'],
  ['image/webp', 'image/webp'],
  ['image/gif', 'image/gif'],
  ['audio/ogg', 'audio/ogg'],
  ['audio/ogg; codecs=opus', 'audio/ogg'],
  ['audio/opus', 'audio/ogg'],
  ['audio/mpeg', 'audio/mpeg'],
  ['video/mp4', 'video/mp4'],
]);

export async function giveFile(
  request: FastifyRequest,
  reply: FastifyReply,
  media: Media,
  attachment: Attachment | undefined,
): Promise<FastifyReply> {
  if (!attachment?.ref) throw new Refusal(404, 'no_file', 'there is no such file');
  const file = await media.open(attachment).catch((error: unknown) => {
    if (error instanceof DeliveryError && error.verdict === 'never') {
      throw new Refusal(404, 'gone', 'the file is no longer there');
    }
    throw error instanceof DeliveryError
      ? new Refusal(503, 'later', 'the file cannot be had now', 10)
      : error;
  });
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  // Loaded with the first file: it is large, and many a talk has none.
  const { fileTypeFromBuffer } = await import('file-type');
  const type = SHOWN.get((await fileTypeFromBuffer(bytes))?.mime ?? '');
  const name = cleanName(attachment.name ?? file.name);
  reply
    .header('content-type', type ?? 'application/octet-stream')
    .header('content-disposition', `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded(name)}`)
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
    .header('cross-origin-resource-policy', 'same-origin')
    .header('cache-control', 'private, max-age=86400, immutable')
    .header('accept-ranges', 'bytes');
  const range = rangeOf(request.headers.range, bytes.length);
  if (!range) return reply.send(bytes);
  return reply
    .code(206)
    .header('content-range', `bytes ${range.from}-${range.to}/${bytes.length}`)
    .send(bytes.subarray(range.from, range.to + 1));
}

/** One plain range, as players ask; anything else is answered with the whole file. */
function rangeOf(header: string | undefined, size: number): { from: number; to: number } | undefined {
  const found = /^bytes=(\d{1,10})-(\d{0,10})$/.exec(header ?? '');
  if (!found) return undefined;
  const from = Number(found[1]);
  const to = Math.min(found[2] ? Number(found[2]) : size - 1, size - 1);
  return from <= to ? { from, to } : undefined;
}

function encoded(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
}
