// What a message of MAX's holds, in our words: text, files, place. Pure.
import type { Attachment as OurAttachment } from '../../core/message.ts';
import type { Attachment, Body, Message, User } from './api.ts';
import { type FileRef, toRef } from './file-ref.ts';

export interface Content {
  readonly text: string;
  readonly attachments: readonly OurAttachment[];
}

type Place = Omit<FileRef, 'index'>;

/** Empty text and no files for what we have no word for: then the person is asked again. */
export function contentOf(message: Message, mid: string, account: string): Content {
  const forwarded = message.link?.type === 'forward' ? message.link.message : undefined;
  const texts = [wordsOf(message.body), wordsOf(forwarded)].filter((text) => text !== '');
  const attachments = [
    ...attachmentsOf(message.body, { account, within: 'own', mid }),
    ...attachmentsOf(forwarded, { account, within: 'forwarded', mid }),
  ];
  const shared = texts.length > 0 || attachments.length > 0 ? undefined : sharedIn(message.body);
  return { text: shared ?? texts.join('\n\n'), attachments };
}

/** Each attachment under the ref it would have. */
export function refsOf(message: Message, mid: string, account: string): [string, Attachment][] {
  const within = (body: Body | null | undefined, where: FileRef['within']) =>
    // The words of a start are taken without a look at what came with them.
    (Array.isArray(body?.attachments) ? body.attachments : []).map((one, index): [string, Attachment] => [
      toRef({ account, within: where, index, mid }),
      one,
    ]);
  const forwarded = message.link?.type === 'forward' ? message.link.message : undefined;
  return [...within(message.body, 'own'), ...within(forwarded, 'forwarded')];
}

/** Throws TypeError where there is no text but something else in its place. */
export function wordsOf(body: Body | null | undefined): string {
  const words: unknown = body?.text ?? '';
  if (typeof words !== 'string') throw new TypeError('words that are no text');
  return words;
}

/** A link passed on without words. */
function sharedIn(body: Body | null | undefined): string | undefined {
  const share = body?.attachments?.find((one) => one.type === 'share');
  const parts = [share?.title, share?.payload?.url].filter((part) => typeof part === 'string' && part !== '');
  return parts.length > 0 ? parts.join('\n') : undefined;
}

const KINDS: Readonly<Record<string, OurAttachment['kind']>> = {
  image: 'photo',
  video: 'video',
  // People record these: a piece of music comes as a file.
  audio: 'voice',
  file: 'document',
  sticker: 'sticker',
};

function attachmentsOf(body: Body | null | undefined, place: Place): OurAttachment[] {
  const given = body?.attachments ?? [];
  if (!Array.isArray(given)) throw new TypeError('attachments that are no list');
  return (given as readonly Attachment[]).flatMap((one, index) => attachmentOf(one, { ...place, index }));
}

function attachmentOf(one: Attachment, ref: FileRef): OurAttachment[] {
  const kind = KINDS[one.type];
  if (kind !== undefined) {
    return [
      {
        kind,
        ref: toRef(ref),
        ...(typeof one.filename === 'string' && { name: one.filename }),
        ...(typeof one.size === 'number' && { size: one.size }),
      },
    ];
  }
  if (one.type === 'location' && typeof one.latitude === 'number' && typeof one.longitude === 'number')
    return [{ kind: 'location', location: { latitude: one.latitude, longitude: one.longitude } }];
  if (one.type === 'contact') return [{ kind: 'contact', contact: contactOf(one) }];
  return [];
}

function contactOf({ payload }: Attachment): { name: string; phone: string } {
  const card = (payload?.vcf_info ?? '').replace(/\r?\n[ \t]/g, '');
  const line = (name: string) =>
    new RegExp(`^${name}(?:;[^:\\r\\n]*)?:(.*)$`, 'im').exec(card)?.[1]?.trim() ?? '';
  const known = payload?.max_info;
  return {
    name: (known ? fullName(known) : '') || line('FN') || line('N').replace(/;+/g, ' ').trim(),
    phone: line('TEL'),
  };
}

export function fullName(user: User): string {
  const parts = [user.first_name, user.last_name].filter(Boolean).join(' ').trim();
  return parts || (user.name ?? '').trim();
}

/** Throws TypeError where there is no number: an id goes into keys. */
export function idOf(id: unknown): string {
  if ((typeof id === 'number' && Number.isSafeInteger(id)) || (typeof id === 'string' && /^-?\d+$/.test(id)))
    return String(id);
  throw new TypeError('an id that is no number');
}
