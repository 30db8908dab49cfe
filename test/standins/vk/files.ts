// Files: the addresses they are sent to and fetched from, and what they look like in a message. It keeps the bytes; it
// never looks into them further than VK does to refuse a wrong kind.
import type { CallBody } from '../telegram/body.ts';
import type { Handler } from './call.ts';
import { missing, Refusal, wrong } from './refusal.ts';
import type { Attached, Json, StoredFile, World } from './world.ts';

export interface FileSource {
  readonly bytes?: Uint8Array;
  /** The size alone, for a file too big to be made. */
  readonly size?: number;
  readonly name?: string;
}

const MAX_PHOTO = 50 * 1024 * 1024;
const MAX_TITLE = 128;
/** VK takes any document but these. */
const BANNED = /\.(exe|com|bat|msi|mp3)$/i;

const EXTENSION = { photo: 'jpg', doc: 'bin', audio_message: 'ogg', sticker: 'png' } as const;

export function storeFile(world: World, kind: StoredFile['kind'], source: FileSource): StoredFile {
  const id = world.nextId('file', 456239001);
  const bytes = source.bytes === undefined ? undefined : Buffer.from(source.bytes);
  const file = {
    id,
    kind,
    name: source.name ?? `${kind}${id}.${EXTENSION[kind]}`,
    size: bytes?.length ?? source.size ?? 0,
    bytes,
  };
  world.files.set(id, file);
  return file;
}

const keyOf = (file: StoredFile): string => (file.id * 2654435761).toString(16).slice(0, 12);

const addressOf = (world: World, file: StoredFile, form: string): string =>
  `${world.root()}/file/${file.id}/${form}?key=${keyOf(file)}`;

/** Smaller pictures have other bytes: who takes one of them has not got what the person sent. */
const SIZES = [
  ['s', 75, 56],
  ['m', 130, 97],
  ['x', 604, 453],
  ['w', 2560, 1920],
  ['y', 807, 605],
] as const;

export function showFile(world: World, file: StoredFile, owner: number): Attached {
  const date = Math.floor(world.now() / 1000);
  const base = { id: file.id, owner_id: owner, access_key: keyOf(file) };
  const extension = /\.(\w{1,8})$/.exec(file.name)?.[1] ?? 'bin';
  const shown: Record<StoredFile['kind'], () => Json> = {
    photo: () => ({
      ...base,
      album_id: -3,
      date,
      text: '',
      sizes: SIZES.map(([type, width, height]) => ({
        type,
        width,
        height,
        url: addressOf(world, file, type === 'w' ? 'whole' : `small-${type}`),
      })),
    }),
    doc: () => ({
      ...base,
      title: file.name,
      size: file.size,
      ext: extension,
      date,
      type: 8,
      url: addressOf(world, file, 'whole'),
      is_unsafe: 0,
    }),
    audio_message: () => ({
      ...base,
      duration: 3,
      waveform: [0, 4, 7, 2],
      link_ogg: addressOf(world, file, 'whole'),
      link_mp3: addressOf(world, file, 'small-mp3'),
    }),
    sticker: () => ({
      sticker_id: file.id,
      product_id: 1,
      images: [64, 128, 256].map((side) => ({
        width: side,
        height: side,
        url: addressOf(world, file, side === 256 ? 'whole' : `small-${side}`),
      })),
      is_allowed: true,
    }),
  };
  const attached: Attached = {
    type: file.kind,
    file,
    wire: { type: file.kind, [file.kind]: shown[file.kind]() },
  };
  world.attachable.set(`${file.kind}${owner}_${file.id}`, attached);
  return attached;
}

/** The bytes behind an address; small pictures are something else on purpose. */
export function fetchFile(world: World, path: string, query: URLSearchParams): Buffer | undefined {
  const found = /^\/file\/(\d+)\/([\w-]+)$/.exec(path);
  const file = world.files.get(Number(found?.[1]));
  if (file?.bytes === undefined || query.get('key') !== keyOf(file)) return undefined;
  return found?.[2] === 'whole' ? file.bytes : Buffer.from(`a smaller form of file ${file.id}`);
}

const isPicture = (bytes: Buffer): boolean =>
  [
    [0xff, 0xd8, 0xff],
    [0x89, 0x50, 0x4e, 0x47],
    [0x47, 0x49, 0x46, 0x38],
  ].some((magic) => magic.every((byte, index) => bytes[index] === byte));

interface Waiting {
  readonly kind: StoredFile['kind'];
  readonly source: FileSource;
  readonly peer: number;
}

export interface Uploads {
  /** Answers the sending of a file's bytes to an upload address. */
  take(path: string, query: URLSearchParams, body: CallBody): Json;
  readonly handlers: Readonly<Record<string, Handler>>;
}

export function createUploads(world: World, note: (violation: string) => void): Uploads {
  /** Taken, but not yet saved. */
  const waiting = new Map<string, Waiting>();

  const put = (entry: Waiting): string => {
    const id = `up${world.nextId('upload')}`;
    waiting.set(id, entry);
    return id;
  };

  const address = (kind: string, peer: unknown): string =>
    `${world.root()}/upload/${kind}?peer=${typeof peer === 'number' ? peer : 0}&hash=${world.nextId('address')}`;

  function takePhoto(body: CallBody, peer: number): Json {
    const upload = body.uploads.get('photo');
    if (upload === undefined) {
      note('upload: there is no file in the field "photo"');
      return { server: 0, photo: '[]', hash: '' };
    }
    if (upload.bytes.length > MAX_PHOTO || !isPicture(upload.bytes))
      return { server: 857_016, photo: '[]', hash: 'none' };
    const id = put({ kind: 'photo', source: { bytes: upload.bytes, name: upload.fileName }, peer });
    return { server: 857_016, photo: JSON.stringify([{ photo: id, sizes: [] }]), hash: `h-${id}` };
  }

  function takeDocument(body: CallBody, kind: 'doc' | 'audio_message', peer: number): Json {
    const upload = body.uploads.get('file');
    if (upload === undefined) {
      note('upload: there is no file in the field "file"');
      return { error: 'no_file', error_descr: 'no file' };
    }
    const sound = upload.bytes.subarray(0, 4).toString('latin1') === 'OggS';
    if (kind === 'audio_message' && !sound)
      return { error: 'unknown error', error_descr: 'wrong audio format' };
    if (kind === 'doc' && BANNED.test(upload.fileName))
      return { error: 'wrong_file_type', error_descr: 'this file type is not allowed' };
    return { file: put({ kind, source: { bytes: upload.bytes, name: upload.fileName }, peer }) };
  }

  const forPeer: Handler = ({ params }) => {
    const peer = params.peer_id as number | undefined;
    const state = peer === undefined || peer === 0 ? 'open' : world.dialogues.get(peer)?.state;
    if (state === undefined || state === 'never' || state === 'denied') throw new Refusal(901);
    return peer;
  };

  return {
    take(path, query, body) {
      const peer = Number(query.get('peer') ?? 0);
      if (path === '/upload/photo') return takePhoto(body, peer);
      return takeDocument(body, path === '/upload/audio_message' ? 'audio_message' : 'doc', peer);
    },
    handlers: {
      'photos.getMessagesUploadServer': (call) => ({
        album_id: -64,
        upload_url: address('photo', forPeer(call)),
        user_id: 0,
        group_id: world.group.id,
      }),
      'photos.saveMessagesPhoto'({ params }) {
        const { photo, server, hash } = params;
        if (server === undefined || hash === undefined) throw wrong('server and hash are needed');
        const list = JSON.parse(String(photo)) as { photo: string }[];
        const entry = waiting.get(list[0]?.photo ?? '');
        if (entry === undefined) throw missing('photos_list is invalid');
        if (hash !== `h-${list[0]?.photo}`) throw wrong('hash is not the one of this upload');
        // Saving once more makes another photo, as VK does.
        const shown = showFile(world, storeFile(world, 'photo', entry.source), -world.group.id);
        return [shown.wire.photo];
      },
      'docs.getMessagesUploadServer'(call) {
        const { type = 'doc' } = call.params;
        if (type !== 'doc' && type !== 'audio_message')
          throw wrong(`type "${String(type)}" is not offered here`);
        if (!call.params.peer_id) throw wrong('peer_id is required for community messages');
        return { upload_url: address(type, forPeer(call)) };
      },
      'docs.getWallUploadServer'({ params }) {
        const group = params.group_id as number | undefined;
        if (group !== undefined && group !== world.group.id) throw new Refusal(15);
        return { upload_url: address('doc', 0) };
      },
      'docs.save'({ params }) {
        const entry = waiting.get(String(params.file));
        if (entry === undefined) throw new Refusal(105);
        const title = params.title as string | undefined;
        if (title !== undefined && title.length > MAX_TITLE) throw wrong('title is too long');
        const source = { ...entry.source, ...(title !== undefined && { name: title }) };
        // A document belongs to the dialogue it was uploaded for: only the answer tells its owner.
        const owner = entry.peer === 0 ? -world.group.id : entry.peer;
        const kind = entry.kind === 'audio_message' ? 'audio_message' : 'doc';
        return showFile(world, storeFile(world, kind, source), owner).wire;
      },
    },
  };
}

const ATTACHMENT = /^(photo|doc|audio_message|video|audio|wall|market|poll)(-?\d+)_(\d+)(?:_(\w+))?$/;

/** Reads the `attachment` parameter; what VK does not have is the caller's mistake. */
export function readAttachments(world: World, value: string | undefined): readonly Attached[] {
  if (value === undefined) return [];
  const names = value.split(',').map((one) => one.trim());
  if (names.length > 10) throw wrong('more than 10 attachments');
  return names.map((name) => {
    const found = ATTACHMENT.exec(name);
    if (found === null) throw wrong(`attachment "${name}" cannot be read`);
    const [, type, owner, id, key] = found;
    // A voice message may be named as the document it also is.
    const attached =
      world.attachable.get(`${type}${owner}_${id}`) ??
      (type === 'doc' ? world.attachable.get(`audio_message${owner}_${id}`) : undefined);
    if (attached?.file === undefined) throw wrong(`attachment "${name}" does not exist`);
    if (key !== undefined && key !== keyOf(attached.file))
      throw wrong(`attachment "${name}" has a wrong access key`);
    return attached;
  });
}
