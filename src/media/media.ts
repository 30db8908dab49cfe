// Our own copies of files: kept once by content, settled in kind by their bytes, fetched from a network once.
// It knows the channel port only; which network a ref belongs to is told by the ref's first word.
import type { Channel, FileBytes, Media } from '../channels/channel.ts';
import { DeliveryError } from '../core/errors.ts';
import type { Attachment } from '../core/message.ts';
import { createFiles, isFileId } from './files.ts';
import { kindOf, typeOf } from './kind.ts';

/** Bytes: what every network we know lets a bot download. */
export const MEDIA_LIMIT = 20 * 1024 * 1024;
const OURS = 'media';

export function createMedia(deps: {
  /** Made when first needed. */
  readonly dir: string;
  /** The running channel of that name. */
  readonly fetchers: (channel: string) => Channel | undefined;
  readonly now: () => number;
}): Media {
  const files = createFiles(deps.dir, deps.now);
  /** Fetches under way, so that two readers of one file ask the network once. */
  const underWay = new Map<string, Promise<FileBytes>>();

  async function fetchAndKeep(attachment: Attachment, ref: string): Promise<FileBytes> {
    const channel = deps.fetchers(ref.slice(0, ref.indexOf(':')));
    if (!channel?.fetch) throw new DeliveryError('never', 'gone');
    const file = await channel.fetch(attachment);
    checkSize(file.bytes);
    const mime = await typeOf(file.bytes, file.mime ?? attachment.mime);
    const name = safeName(file.name);
    const about = { mime, ...(name !== undefined && { name }) };
    await files.setAlias(ref, { id: await files.write(file.bytes), ...about });
    return { bytes: file.bytes, ...about };
  }

  async function openForeign(attachment: Attachment, ref: string): Promise<FileBytes> {
    const alias = await files.alias(ref);
    const bytes = alias && (await files.read(alias.id));
    if (!alias || !bytes) return await fetchAndKeep(attachment, ref);
    const { id: _, ...about } = alias;
    return { bytes, ...about };
  }

  async function openOurs(id: string, attachment: Attachment): Promise<FileBytes> {
    const bytes = isFileId(id) ? await files.read(id) : undefined;
    if (!bytes) throw new DeliveryError('never', 'gone');
    return { bytes, mime: await typeOf(bytes, attachment.mime) };
  }

  return {
    async keep(file, wanted) {
      checkSize(file.bytes);
      const { kind, mime } = await kindOf(file.bytes, wanted, file.mime);
      const id = await onDisk(files.write(file.bytes));
      const name = safeName(file.name);
      return {
        kind,
        ref: `${OURS}:${id}`,
        mime,
        size: file.bytes.length,
        ...(name !== undefined && { name }),
      };
    },

    async open(attachment) {
      const { ref } = attachment;
      if (ref === undefined) throw new DeliveryError('never', 'no_file');
      if (ref.startsWith(`${OURS}:`)) {
        return named(await onDisk(openOurs(ref.slice(OURS.length + 1), attachment)), attachment);
      }
      let work = underWay.get(ref);
      if (!work) {
        work = onDisk(openForeign(attachment, ref)).finally(() => underWay.delete(ref));
        underWay.set(ref, work);
      }
      return named(await work, attachment);
    },
  };
}

/** The name travels in the attachment; the file's own is the next best. */
function named(file: FileBytes, attachment: Attachment): FileBytes {
  const name = safeName(attachment.name) ?? file.name;
  return { ...file, ...(name !== undefined && { name }) };
}

/** A name fit to be shown and saved: no folders, no signs that are not seen or that turn the reading direction. */
export function safeName(name: string | undefined): string | undefined {
  const clean = name
    ?.toWellFormed()
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim()
    .replace(/^\.+/, '');
  if (!clean) return undefined;
  const letters = [...clean];
  // The ending tells people what it is, so a long name is cut before it.
  return letters.length <= 120 ? clean : [...letters.slice(0, 100), '…', ...letters.slice(-19)].join('');
}

function checkSize(bytes: Uint8Array): void {
  if (bytes.length > MEDIA_LIMIT) throw new DeliveryError('never', 'too_big');
}

/** A full or unreadable disk is mended by people: until then the send waits. */
async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof DeliveryError) throw error;
    throw new DeliveryError('later', 'storage', { cause: error });
  }
}
