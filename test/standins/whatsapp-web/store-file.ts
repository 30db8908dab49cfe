// A file a person sends: its bytes on the media host, and what the message says of it.
import { createHash, randomBytes } from 'node:crypto';
import type { World } from './world.ts';

export interface FileOptions {
  readonly name?: string;
  readonly mime?: string;
  readonly caption?: string;
  /** What the message claims, where that differs from the bytes. */
  readonly size?: number;
  /** The network has thrown the bytes away. */
  readonly gone?: boolean;
}

/** Gives the attributes of the message. */
export function storeFile(
  world: World,
  bytes: Uint8Array,
  usualMime: string,
  about: FileOptions,
): Readonly<Record<string, unknown>> {
  const hash = createHash('sha256').update(bytes).digest('base64');
  const directPath = `/v/${randomBytes(12).toString('hex')}`;
  const mime = about.mime ?? usualMime;
  world.media.set(directPath, { bytes, mime, hash, gone: about.gone ?? false });
  return {
    directPath,
    filehash: hash,
    encFilehash: hash,
    mediaKey: randomBytes(32).toString('base64'),
    mediaKeyTimestamp: Math.floor(world.now() / 1000),
    mimetype: mime,
    size: about.size ?? bytes.byteLength,
    ...(about.caption !== undefined && { caption: about.caption }),
    ...(about.name !== undefined && { filename: about.name }),
  };
}
