// Our message as the calls the Cloud API has for it: text, file, buttons, list, template. Pure; the words are never
// parsed as markup by us, and nothing is cut away that is not said elsewhere.
import type { Attachment, AttachmentKind, Choice, Message } from '../../../core/message.ts';
import type { Abilities, Outgoing } from '../../channel.ts';
import { shorten, split } from '../../split.ts';
import type { Template } from './settings.ts';

const MB = 1024 * 1024;
const TEXT = 4_096;
const CAPTION = 1_024;
/** Words above buttons or a list. */
const ABOVE = 1_024;
const BUTTONS = 3;
const BUTTON = 20;
const ROWS = 10;
const ROW = 24;
/** Stands under a row's title, so that a longer label can be read whole. */
const ROW_MORE = 72;
const PARAMETER = 1_024;
const CAPTIONED: readonly AttachmentKind[] = ['photo', 'video', 'document'];

export const WHATSAPP_CLOUD: Abilities = {
  textLimit: TEXT,
  captionLimit: CAPTION,
  buttons: { perRow: 1, rows: ROWS, label: ROW_MORE, most: ROWS, scalePerRow: 1, links: false },
  media: ['photo', 'video', 'voice', 'audio', 'document', 'sticker', 'location', 'contact'],
  together: 1,
  uploadLimit: 100 * MB,
  downloadLimit: 20 * MB,
  edits: false,
  marksChoice: false,
  history: 'network',
  sendsOnce: false,
  rates: {
    account: { count: 80, per: 1_000, burst: 80 },
    // One in six seconds; up to 45 at once are lent from the time that follows.
    peer: { count: 1, per: 6_000, burst: 45 },
  },
};

/** One call. */
export type Step =
  | { readonly as: 'body'; readonly body: object }
  | { readonly as: 'file'; readonly file: Attachment; readonly caption?: string };

export interface ListWords {
  /** On the button that opens the list. */
  readonly open: string;
}

/** The calls a message takes, in order; the choices stand under the last. */
export function stepsOf({ message }: Outgoing, words: ListWords): readonly Step[] {
  const { text, attachments = [], choices = [] } = message;
  const [only] = attachments;
  const captioned =
    attachments.length === 1 &&
    only !== undefined &&
    CAPTIONED.includes(only.kind) &&
    choices.length === 0 &&
    text.length <= CAPTION;
  if (captioned && only) return [{ as: 'file', file: only, ...(text && { caption: text }) }];
  const files = attachments.flatMap(stepsOfFile);
  if (choices.length === 0) return [...files, ...split(text, TEXT).map(textStep)];
  // What is too long to stand above buttons goes before them.
  const above = split(text, ABOVE).at(-1) ?? '';
  const before = text.slice(0, text.lastIndexOf(above)).trimEnd();
  return [
    ...files,
    ...split(before, TEXT).map(textStep),
    { as: 'body', body: { type: 'interactive', interactive: interactive(above || '👇', choices, words) } },
  ];
}

function stepsOfFile(file: Attachment): Step[] {
  if (file.location) return [{ as: 'body', body: { type: 'location', location: file.location } }];
  if (file.contact) {
    const name = file.contact.name || file.contact.phone;
    const contacts = [
      { name: { formatted_name: name, first_name: name }, phones: [{ phone: file.contact.phone }] },
    ];
    return [{ as: 'body', body: { type: 'contacts', contacts } }];
  }
  const { caption = '' } = file;
  if (caption && CAPTIONED.includes(file.kind) && caption.length <= CAPTION) {
    return [{ as: 'file', file, caption }];
  }
  return [{ as: 'file', file }, ...split(caption, TEXT).map(textStep)];
}

const textStep = (body: string): Step => ({
  as: 'body',
  body: { type: 'text', text: { body, preview_url: false } },
});

function interactive(text: string, choices: readonly Choice[], words: ListWords): object {
  const body = { text };
  if (choices.length <= BUTTONS && choices.every(({ label }) => label.length <= BUTTON) && differ(choices)) {
    const buttons = choices.map(({ id, label }) => ({ type: 'reply', reply: { id, title: label } }));
    return { type: 'button', body, action: { buttons } };
  }
  const titles = choices.map(({ label }) => shorten(label, ROW));
  const rows = choices.map(({ id, label }, index) => {
    const short = titles[index] ?? label;
    const alike = titles.indexOf(short) !== titles.lastIndexOf(short);
    const title = alike ? shorten(`${index + 1}) ${label}`, ROW) : short;
    return { id, title, ...(label.length > ROW && { description: shorten(label, ROW_MORE) }) };
  });
  return { type: 'list', body, action: { button: shorten(words.open, BUTTON), sections: [{ rows }] } };
}

const differ = (choices: readonly Choice[]): boolean =>
  new Set(choices.map(({ label }) => label)).size === choices.length;

/** The field of the call that names the person: a number, or Meta's id where the number is hidden. */
export const recipientOf = (peer: string): object =>
  /^\d+$/.test(peer) ? { to: peer } : { recipient: peer };

/** Absent: a template cannot say this. */
export function templateOf(message: Message, template: Template): object | undefined {
  if (message.attachments?.length || message.text.trim() === '') return undefined;
  const labels = (message.choices ?? []).map(({ label }) => label);
  const whole = labels.length > 0 ? `${message.text} (${labels.join(' / ')})` : message.text;
  // A parameter may hold neither lines nor tabs.
  const text = shorten(whole.replace(/\s+/g, ' ').trim(), PARAMETER);
  return {
    type: 'template',
    template: {
      name: template.name,
      language: { code: template.language },
      components: [{ type: 'body', parameters: [{ type: 'text', text }] }],
    },
  };
}

/** What the API calls a file of ours, the type it is told, and how large it may be. */
export interface Shape {
  readonly type: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  readonly mime: string;
  readonly limit: number;
}

const IMAGES = ['image/jpeg', 'image/png'];
const VIDEOS = ['video/mp4', 'video/3gpp'];
const AUDIOS = ['audio/aac', 'audio/mp4', 'audio/mpeg', 'audio/amr', 'audio/ogg', 'audio/opus'];
const DOCUMENTS = [
  ...IMAGES,
  ...VIDEOS,
  ...AUDIOS,
  'image/webp',
  'text/plain',
  'application/pdf',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
];
const SAME_AS: Readonly<Record<string, string>> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/mp3': 'audio/mpeg',
  'audio/vnd.dlna.adts': 'audio/aac',
};
const AS_DOCUMENT = 100 * MB;

/** A file that the API would not show as what it is goes as a document: it is kept whole. */
export function shapeOf(kind: AttachmentKind, given: string | undefined, size: number): Shape {
  const bare = given?.split(';')[0]?.trim().toLowerCase() ?? '';
  const mime = SAME_AS[bare] ?? bare;
  if (kind === 'photo' && IMAGES.includes(mime) && size <= 5 * MB)
    return { type: 'image', mime, limit: 5 * MB };
  if (kind === 'video' && VIDEOS.includes(mime) && size <= 16 * MB) {
    return { type: 'video', mime, limit: 16 * MB };
  }
  if ((kind === 'audio' || kind === 'voice') && AUDIOS.includes(mime) && size <= 16 * MB) {
    return { type: 'audio', mime, limit: 16 * MB };
  }
  if (kind === 'sticker' && mime === 'image/webp' && size <= 100 * 1024) {
    return { type: 'sticker', mime, limit: 100 * 1024 };
  }
  // The API takes no type beyond its list; its name still tells the person's phone what the file is.
  return { type: 'document', mime: DOCUMENTS.includes(mime) ? mime : 'text/plain', limit: AS_DOCUMENT };
}

export function fileBody(
  { type, mime }: Shape,
  kind: AttachmentKind,
  id: string,
  name: string,
  caption: string | undefined,
): object {
  const shown = type === 'image' || type === 'video' || type === 'document';
  return {
    type,
    [type]: {
      id,
      ...(type === 'document' && { filename: name }),
      // Else it is shown as a song.
      ...(kind === 'voice' && mime === 'audio/ogg' && { voice: true }),
      ...(shown && caption && { caption }),
    },
  };
}
