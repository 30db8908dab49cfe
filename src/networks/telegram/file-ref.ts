// The ref of a file that Telegram holds: which bot may fetch it, how it was sent, and Telegram's id of it. A file can
// be sent again by its id only by the same bot and only as what it was.
export const FILE_TYPES = [
  'photo',
  'video',
  'video_note',
  'animation',
  'voice',
  'audio',
  'document',
  'sticker',
] as const;
export type FileType = (typeof FILE_TYPES)[number];

export interface FileRef {
  readonly account: string;
  readonly type: FileType;
  readonly fileId: string;
}

const REF = /^telegram:(\d+)\.([a-z_]+)\.([\w-]+)$/;

export function toRef(file: FileRef): string {
  return `telegram:${file.account}.${file.type}.${file.fileId}`;
}

export function fromRef(ref: string | undefined): FileRef | undefined {
  const found = ref === undefined ? null : REF.exec(ref);
  if (found === null) return undefined;
  const [, account = '', named = '', fileId = ''] = found;
  const type = FILE_TYPES.find((known) => known === named);
  return type && { account, type, fileId };
}
