// Files and what a message shows of them: several sizes for a photo, one object for everything else. It keeps the
// bytes; who may fetch them is decided in chats.ts and server.ts.
import type { Call } from './call.ts';
import { bad } from './refusal.ts';
import type { Json, StoredFile, World } from './world.ts';

export type MediaKind =
  | 'photo'
  | 'voice'
  | 'audio'
  | 'video'
  | 'video_note'
  | 'animation'
  | 'document'
  | 'sticker';

interface KindFacts {
  readonly label: string;
  readonly prefix: string;
  readonly folder: string;
  readonly extension: string;
  readonly mime: string;
}

const KINDS: Readonly<Record<MediaKind, KindFacts>> = {
  photo: { label: 'Photo', prefix: 'AgACAgIAAx', folder: 'photos', extension: 'jpg', mime: 'image/jpeg' },
  voice: { label: 'VoiceNote', prefix: 'AwACAgIAAx', folder: 'voice', extension: 'oga', mime: 'audio/ogg' },
  audio: { label: 'Audio', prefix: 'CQACAgIAAx', folder: 'music', extension: 'mp3', mime: 'audio/mpeg' },
  video: { label: 'Video', prefix: 'BAACAgIAAx', folder: 'videos', extension: 'mp4', mime: 'video/mp4' },
  video_note: {
    label: 'VideoNote',
    prefix: 'DQACAgIAAx',
    folder: 'video_notes',
    extension: 'mp4',
    mime: 'video/mp4',
  },
  animation: {
    label: 'Animation',
    prefix: 'CgACAgIAAx',
    folder: 'animations',
    extension: 'mp4',
    mime: 'video/mp4',
  },
  document: {
    label: 'Document',
    prefix: 'BQACAgIAAx',
    folder: 'documents',
    extension: 'bin',
    mime: 'application/octet-stream',
  },
  sticker: {
    label: 'Sticker',
    prefix: 'CAACAgIAAx',
    folder: 'stickers',
    extension: 'webp',
    mime: 'image/webp',
  },
};

const MAX_PHOTO = 10 * 1024 * 1024;
const MAX_UPLOAD = 50 * 1024 * 1024;

export interface FileSource {
  readonly bytes?: Uint8Array;
  /** The size alone, for a file too big to be made. */
  readonly size?: number;
  readonly name?: string;
  readonly mime?: string;
}

export function storeFile(world: World, kind: MediaKind, source: FileSource): StoredFile {
  const facts = KINDS[kind];
  const count = world.nextId('file');
  const extension = /\.(\w{1,8})$/.exec(source.name ?? '')?.[1] ?? facts.extension;
  const bytes = source.bytes === undefined ? undefined : Buffer.from(source.bytes);
  const file: StoredFile = {
    id: `${facts.prefix}${String(count).padStart(8, '0')}AAQ`,
    unique: `AQAD${String(count).padStart(6, '0')}`,
    kind,
    path: `${facts.folder}/file_${count}.${extension}`,
    name: source.name ?? `file_${count}.${extension}`,
    mime: source.mime ?? facts.mime,
    size: bytes?.length ?? source.size ?? 0,
    bytes,
  };
  world.files.set(file.id, file);
  return file;
}

const PHOTO_SIZES = [
  [90, 67],
  [320, 240],
  [1280, 960],
] as const;

/** The field of a Message that shows this file. */
export function showMedia(world: World, kind: MediaKind, file: StoredFile, more: Json = {}): Json {
  const base = { file_id: file.id, file_unique_id: file.unique, file_size: file.size };
  const duration = more.duration ?? 1;
  if (kind === 'photo') {
    const sizes = PHOTO_SIZES.map(([width, height], index) => {
      const own = index === PHOTO_SIZES.length - 1 ? file : storeSmaller(world, file);
      return { file_id: own.id, file_unique_id: own.unique, file_size: own.size, width, height };
    });
    return { photo: sizes };
  }
  if (kind === 'voice') return { voice: { ...base, duration, mime_type: file.mime } };
  if (kind === 'audio') {
    return {
      audio: {
        ...base,
        duration,
        mime_type: file.mime,
        file_name: file.name,
        ...pick(more, ['title', 'performer']),
      },
    };
  }
  const size = { width: more.width ?? 640, height: more.height ?? 480 };
  if (kind === 'video')
    return { video: { ...base, ...size, duration, mime_type: file.mime, file_name: file.name } };
  if (kind === 'video_note') return { video_note: { ...base, duration, length: more.length ?? 240 } };
  const document = { ...base, mime_type: file.mime, file_name: file.name };
  if (kind === 'animation') return { animation: { ...document, ...size, duration }, document };
  if (kind === 'document') return { document };
  return {
    sticker: {
      ...base,
      type: 'regular',
      width: 512,
      height: 512,
      is_animated: false,
      is_video: false,
      ...(more.emoji !== undefined && { emoji: more.emoji }),
    },
  };
}

function pick(from: Json, fields: readonly string[]): Json {
  return Object.fromEntries(
    fields.flatMap((field) => (from[field] === undefined ? [] : [[field, from[field]]])),
  );
}

/** A thumbnail is a file of its own; its picture is the same, as nobody looks at it. */
function storeSmaller(world: World, file: StoredFile): StoredFile {
  return storeFile(world, 'photo', {
    ...(file.bytes === undefined ? { size: Math.ceil(file.size / 10) } : { bytes: file.bytes }),
    name: file.name,
    mime: file.mime,
  });
}

/** Reads what a call gave for a file: an upload, or the id of a file the server has. */
export function takeFile(call: Call, kind: MediaKind, given: string): StoredFile {
  if (given.startsWith('attach://')) {
    const upload = call.uploads.get(given.slice('attach://'.length));
    if (upload === undefined) throw bad(`can't find attached file "${given.slice(9)}"`, 'missing-parameter');
    if (upload.bytes.length === 0) throw bad('file must be non-empty');
    const size = upload.bytes.length;
    if (kind === 'photo' && size > MAX_PHOTO) {
      throw bad(`file of size ${size} bytes is too big for a photo; the maximum size is ${MAX_PHOTO} bytes`);
    }
    if (size > MAX_UPLOAD) throw bad('file is too big');
    return storeFile(call.world, kind, { bytes: upload.bytes, name: upload.fileName });
  }
  // The stand-in never goes out to the network.
  if (/^https?:/i.test(given)) throw bad('failed to get HTTP URL content');
  const file = call.world.files.get(given);
  if (file === undefined) {
    throw bad("wrong remote file identifier specified: can't unserialize it. Wrong last symbol");
  }
  if (file.kind !== kind) {
    throw bad(`can't use file of type ${KINDS[file.kind as MediaKind].label} as ${KINDS[kind].label}`);
  }
  return file;
}

export const MEDIA_KINDS = Object.keys(KINDS) as readonly MediaKind[];
