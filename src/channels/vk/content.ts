// What a message or comment of VK holds, as our words and files. Pure. What has no file, such as a video or a post, is
// told by its name and link, so that an operator can look at it.
import type { Attachment } from '../../core/message.ts';
import type { VkAttachment, VkGeo, VkMessage } from './api.ts';
import { toRef } from './file-ref.ts';

export interface Content {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

type Piece = { readonly file: Attachment } | { readonly words: string } | undefined;
type Fields = Readonly<Record<string, unknown>>;

/** Messages quoted within quoted ones are followed this deep. */
const DEEPEST = 5;

export function contentOf(
  message: Pick<Partial<VkMessage>, 'text' | 'attachments' | 'fwd_messages' | 'geo'>,
  depth = 0,
): Content {
  const pieces = (message.attachments ?? []).map(pieceOf);
  const files = pieces.flatMap((piece) => (piece && 'file' in piece ? [piece.file] : []));
  const words = pieces.flatMap((piece) => (piece && 'words' in piece ? [piece.words] : []));
  const place = placeOf(message.geo);
  const quoted = depth < DEEPEST ? (message.fwd_messages ?? []).map((one) => contentOf(one, depth + 1)) : [];
  const text = [
    unescaped(message.text ?? ''),
    ...words,
    ...place.words,
    ...quoted.map((one) => one.text.replace(/^/gm, '> ')).filter((one) => one !== '> '),
  ];
  return {
    text: text.filter(Boolean).join('\n'),
    attachments: [...files, ...place.files, ...quoted.flatMap((one) => one.attachments)],
  };
}

/** VK writes the signs of HTML in what people said as entities. */
export function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function pieceOf(attachment: VkAttachment): Piece {
  const one = fields(attachment[attachment.type]);
  switch (attachment.type) {
    case 'photo':
      return file('photo', largest(one), {});
    case 'graffiti':
      return file('photo', string(one.url), {});
    case 'sticker':
      return file('sticker', lastUrl(one.images) ?? lastUrl(one.images_with_background), {});
    case 'audio_message':
      return file('voice', string(one.link_ogg) ?? string(one.link_mp3), {
        mime: one.link_ogg === undefined ? 'audio/mpeg' : 'audio/ogg',
      });
    case 'doc':
      return file('document', string(one.url), {
        name: nameOf(one),
        size: typeof one.size === 'number' ? one.size : undefined,
      });
    case 'video':
      return told(one, `https://vk.com/video${pair(one)}`);
    case 'wall':
      return told(
        { title: one.text },
        `https://vk.com/wall${pair({ owner_id: one.owner_id ?? one.to_id, id: one.id })}`,
      );
    case 'wall_reply':
      return told(
        { title: one.text },
        `https://vk.com/wall${pair({ owner_id: one.owner_id, id: one.post_id })}?reply=${String(one.id ?? '')}`,
      );
    case 'market':
      return told(one, `https://vk.com/market${pair(one)}`);
    case 'story':
      return told({}, `https://vk.com/story${pair(one)}`);
    case 'link':
      return told(one, string(one.url) ?? '');
    case 'audio':
      return { words: [string(one.artist), string(one.title)].filter(Boolean).join(' – ') };
    case 'poll':
      return { words: string(one.question) ?? '' };
    default:
      return { words: `[${attachment.type}]` };
  }
}

function file(
  kind: Attachment['kind'],
  url: string | undefined,
  about: { readonly name?: string | undefined; readonly mime?: string; readonly size?: number | undefined },
): Piece {
  if (url === undefined) return { words: `[${kind}]` };
  const { name, mime, size } = about;
  return {
    file: {
      kind,
      ref: toRef(url),
      ...(name === undefined ? {} : { name }),
      ...(mime === undefined ? {} : { mime }),
      ...(size === undefined ? {} : { size }),
    },
  };
}

const told = (one: Fields, link: string): Piece => ({
  words: [unescaped(string(one.title) ?? ''), link].filter(Boolean).join('\n'),
});

function largest(photo: Fields): string | undefined {
  const original = fields(photo.orig_photo);
  const sizes = Array.isArray(photo.sizes) ? photo.sizes.map(fields) : [];
  const area = (size: Fields) => Number(size.width ?? 0) * Number(size.height ?? 0);
  const [best] = sizes.toSorted((one, other) => area(other) - area(one));
  return string(original.url) ?? string(best?.url);
}

const lastUrl = (images: unknown): string | undefined =>
  Array.isArray(images) ? string(fields(images.at(-1)).url) : undefined;

/** The title as people gave it; its ending, where they left it out, tells what opens it. */
function nameOf(doc: Fields): string | undefined {
  const title = string(doc.title);
  const ending = string(doc.ext);
  if (title === undefined) return undefined;
  return ending === undefined || title.toLowerCase().endsWith(`.${ending.toLowerCase()}`)
    ? title
    : `${title}.${ending}`;
}

function placeOf(geo: VkGeo | undefined): { files: readonly Attachment[]; words: readonly string[] } {
  if (!geo) return { files: [], words: [] };
  const { coordinates: point, place } = geo;
  const words = place?.title === undefined ? [] : [place.title];
  if (typeof point?.latitude !== 'number' || typeof point.longitude !== 'number') return { files: [], words };
  const location = { latitude: point.latitude, longitude: point.longitude };
  return { files: [{ kind: 'location', location }], words };
}

const pair = (one: Fields): string => `${String(one.owner_id ?? '')}_${String(one.id ?? '')}`;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

const string = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
