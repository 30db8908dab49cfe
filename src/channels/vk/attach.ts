// Files as the strings VK attaches them by. An upload is seen by nobody until a message carries it, so it may be made
// twice; what is uploaded once is remembered by the file's own ref.
import { DeliveryError } from '../../core/errors.ts';
import type { Attachment } from '../../core/message.ts';
import type { FileBytes, Media } from '../channel.ts';
import type { UploadKind, UploadPlace, VkApi } from './api.ts';
import { VK_ABILITIES } from './wire.ts';

/** Gives the string to attach the file by. Throws DeliveryError. */
export type Attach = (file: Attachment, place: UploadPlace) => Promise<string>;

const KEPT = 500;
const TITLE = 100;
/** Endings of files that VK takes as no document. */
const BANNED = /\.(?:exe|com|bat|cmd|msi|scr|mp3)$/i;

export function createAttach(api: Pick<VkApi, 'upload'>, media: Pick<Media, 'open'>): Attach {
  const known = new Map<string, string>();

  async function upload(file: Attachment, place: UploadPlace): Promise<string> {
    const bytes = await media.open(file);
    if (bytes.bytes.byteLength > VK_ABILITIES.uploadLimit) throw new DeliveryError('never', 'too_big');
    const wanted = kindFor(file, bytes);
    // A comment plays no voice message.
    const as = wanted === 'audio_message' && 'wallOf' in place ? 'doc' : wanted;
    const name = nameOf(file, bytes, as);
    const put = (kind: UploadKind) => api.upload(kind, place, { bytes: bytes.bytes, name });
    if (as === 'doc') return await put('doc');
    try {
      return await put(as);
    } catch (error) {
      // What VK does not take as a picture or a voice message it still takes as a document.
      if (!(error instanceof DeliveryError && error.verdict === 'never')) throw error;
      return await put('doc');
    }
  }

  return async (file, place) => {
    // A document belongs to the dialogue it was uploaded for.
    const owner = 'peer' in place ? place.peer : 'wall';
    const key = `${file.kind} ${file.ref ?? ''} ${file.kind === 'photo' ? '' : owner}`;
    const before = file.ref === undefined ? undefined : known.get(key);
    if (before !== undefined) return before;
    const attachment = await upload(file, place);
    if (file.ref !== undefined) known.set(key, attachment);
    const [oldest] = known.keys();
    if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
    return attachment;
  };
}

/** A voice message travels alone and plays only as OGG. */
export function isVoice(file: Attachment): boolean {
  return file.kind === 'voice';
}

function kindFor(file: Attachment, { bytes, mime = file.mime }: FileBytes): UploadKind {
  if (file.kind === 'photo' && mime !== 'image/gif') return 'photo';
  const isOgg = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(4, bytes.byteLength)).equals(
    Buffer.from('OggS'),
  );
  return file.kind === 'voice' && isOgg ? 'audio_message' : 'doc';
}

const ENDINGS: Readonly<Record<UploadKind, string>> = { photo: 'jpg', doc: 'bin', audio_message: 'ogg' };

function nameOf(file: Attachment, { name }: FileBytes, kind: UploadKind): string {
  const given = (file.name ?? name ?? '').replace(/[\p{Cc}"\\/;]+/gu, '_').trim();
  const whole = given === '' ? `file.${ENDINGS[kind]}` : given;
  const ending = /\.\w{1,8}$/.exec(whole)?.[0] ?? '';
  const short = `${whole.slice(0, whole.length - ending.length).slice(0, TITLE - ending.length)}${ending}`;
  return BANNED.test(short) ? `${short}.bin` : short;
}
