// The calls that a text with its files takes at Telegram: a file with its caption, an album, a message. Pure.
import type { Attachment } from '../../core/message.ts';
import type { InlineKeyboardMarkup } from './api.ts';
import { fromRef } from './file-ref.ts';

export const TEXT_LIMIT = 4_096;
export const CAPTION_LIMIT = 1_024;
const MOST_TOGETHER = 10;

/** One call. */
export type Step =
  | { readonly as: 'text'; readonly text: string; readonly markup: boolean }
  | {
      readonly as: 'file';
      readonly file: Attachment;
      readonly caption?: string;
      readonly markup: boolean;
    }
  | { readonly as: 'album'; readonly files: readonly Attachment[]; readonly caption?: string };

const CAPTIONED: ReadonlySet<Attachment['kind']> = new Set(['photo', 'video', 'voice', 'audio', 'document']);
const ALBUMS: readonly (readonly Attachment['kind'][])[] = [['photo', 'video'], ['document'], ['audio']];

/** The calls a post takes, in order; the buttons stand under the last. */
export function stepsOf(post: {
  readonly texts: readonly string[];
  readonly attachments: readonly Attachment[];
  readonly markup?: InlineKeyboardMarkup | undefined;
}): readonly Step[] {
  const groups = together(post.attachments);
  const [text] = post.texts;
  const [only] = groups;
  const captioned =
    groups.length === 1 &&
    only !== undefined &&
    post.texts.length === 1 &&
    text !== undefined &&
    text.length <= CAPTION_LIMIT &&
    only.every((file) => CAPTIONED.has(file.kind) && fromRef(file.ref)?.type !== 'video_note') &&
    (only.length === 1 || post.markup === undefined);
  const caption = captioned ? { caption: text } : {};
  const files = groups.map((group): Step => {
    const [file] = group;
    return file !== undefined && group.length === 1
      ? { as: 'file', file, markup: false, ...caption }
      : { as: 'album', files: group, ...caption };
  });
  const texts = captioned ? [] : post.texts.map((one): Step => ({ as: 'text', text: one, markup: false }));
  const steps = [...files, ...texts];
  const last = steps.at(-1);
  if (post.markup === undefined) return steps;
  if (last === undefined || last.as === 'album') return [...steps, { as: 'text', text: '👇', markup: true }];
  return [...steps.slice(0, -1), { ...last, markup: true }];
}

function together(files: readonly Attachment[]): Attachment[][] {
  const groups: Attachment[][] = [];
  for (const file of files) {
    const last = groups.at(-1);
    const first = last?.[0];
    const joins =
      first !== undefined &&
      last !== undefined &&
      last.length < MOST_TOGETHER &&
      [first, file].every((one) => !isOdd(one)) &&
      ALBUMS.some((kinds) => kinds.includes(file.kind) && kinds.includes(first.kind));
    if (joins) last.push(file);
    else groups.push([file]);
  }
  return groups;
}

/** Round videos and animations travel alone. */
function isOdd(file: Attachment): boolean {
  const type = fromRef(file.ref)?.type;
  return type === 'video_note' || type === 'animation';
}
