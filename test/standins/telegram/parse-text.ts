// Telegram's HTML formatting, read as strictly as the server reads it, and the check of explicit entities.
// Text in, plain text with entities out; it knows nothing of chats. MarkdownV2 is not read: it is refused.
import { bad } from './refusal.ts';

export interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
  custom_emoji_id?: string;
}

export interface Formatted {
  readonly text: string;
  readonly entities: readonly Entity[];
}

const TAGS: Readonly<Record<string, string>> = {
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  u: 'underline',
  ins: 'underline',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  span: 'spoiler',
  'tg-spoiler': 'spoiler',
  'tg-emoji': 'custom_emoji',
  a: 'text_link',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
};

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

const ENTITY_TYPES: ReadonlySet<string> = new Set([
  ...Object.values(TAGS),
  ...['mention', 'hashtag', 'cashtag', 'bot_command', 'url', 'email', 'phone_number'],
  ...['expandable_blockquote', 'text_mention', 'date_time'],
]);

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(lt|gt|amp|quot));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

interface OpenTag {
  readonly tag: string;
  readonly from: number;
  readonly attributes: string;
}

function attribute(attributes: string, name: string): string | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(attributes);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decode(value);
}

function makeEntity(open: OpenTag, text: string): Entity | undefined {
  const length = text.length - open.from;
  if (length === 0) return undefined;
  const entity: Entity = { type: TAGS[open.tag] ?? open.tag, offset: open.from, length };
  if (open.tag === 'a') {
    const url = attribute(open.attributes, 'href') ?? text.slice(open.from);
    if (!/^(https?|tg|mailto|tel):/i.test(url) && !/^[\w-]+(\.[\w-]+)+/.test(url)) return undefined;
    entity.url = url;
  }
  if (open.tag === 'blockquote' && /\bexpandable\b/i.test(open.attributes)) {
    entity.type = 'expandable_blockquote';
  }
  if (open.tag === 'tg-emoji') entity.custom_emoji_id = attribute(open.attributes, 'emoji-id') ?? '';
  if (open.tag === 'code') {
    const language = /^language-(.+)$/.exec(attribute(open.attributes, 'class') ?? '')?.[1];
    if (language !== undefined) entity.language = language;
  }
  return entity;
}

function parseHtml(source: string): Formatted {
  const cannot = (text: string) => bad(`can't parse entities: ${text}`, 'bad-markup');
  const byteOffset = (index: number) => Buffer.byteLength(source.slice(0, index));
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  let text = '';
  let at = 0;
  while (at < source.length) {
    const next = source.indexOf('<', at);
    text += decode(source.slice(at, next < 0 ? undefined : next));
    if (next < 0) break;
    const end = source.indexOf('>', next);
    if (source[next + 1] === '/') {
      const name = source
        .slice(next + 2, end < 0 ? undefined : end)
        .trim()
        .toLowerCase();
      const last = open.pop();
      if (last === undefined) throw cannot(`Unexpected end tag at byte offset ${byteOffset(next)}`);
      if (end < 0) throw cannot(`Unclosed end tag at byte offset ${byteOffset(next)}`);
      if (name !== '' && name !== last.tag) {
        throw cannot(
          `Unmatched end tag at byte offset ${byteOffset(next)}, expected "</${last.tag}>", found "</${name}>"`,
        );
      }
      const entity = makeEntity(last, text);
      if (entity !== undefined) entities.push(entity);
    } else {
      const name = /^[a-z0-9-]*/i.exec(source.slice(next + 1))?.[0].toLowerCase() ?? '';
      if (!Object.hasOwn(TAGS, name)) {
        throw cannot(`Unsupported start tag "${name}" at byte offset ${byteOffset(next)}`);
      }
      if (end < 0) throw cannot(`Unclosed start tag "${name}" at byte offset ${byteOffset(next)}`);
      const attributes = source.slice(next + 1 + name.length, end);
      if (name === 'span' && attribute(attributes, 'class') !== 'tg-spoiler') {
        throw cannot(`Tag "span" must have class "tg-spoiler" at byte offset ${byteOffset(next)}`);
      }
      open.push({ tag: name, from: text.length, attributes });
    }
    at = end + 1;
  }
  const left = open.at(-1);
  if (left !== undefined) throw cannot(`Can't find end tag corresponding to start tag "${left.tag}"`);
  return { text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

/** Blank edges are cut off by the server, and the entities move with them. */
function trim(formatted: Formatted): Formatted {
  const text = formatted.text.trimEnd();
  const cut = text.length - text.trimStart().length;
  const entities = formatted.entities
    .map((entity) => {
      const from = Math.max(entity.offset - cut, 0);
      const to = Math.min(entity.offset + entity.length - cut, text.length - cut);
      return { ...entity, offset: from, length: to - from };
    })
    .filter((entity) => entity.length > 0);
  return { text: text.slice(cut), entities };
}

export function parseText(
  source: string,
  parseMode: string | undefined,
  given: readonly Entity[] | undefined,
): Formatted {
  const mode = (parseMode ?? '').toLowerCase();
  if (mode === 'html') return trim(parseHtml(source));
  if (mode !== '' && mode !== 'none') {
    throw bad('unsupported parse_mode (this stand-in reads HTML and entities only)', 'bad-markup');
  }
  for (const entity of given ?? []) {
    const end = entity.offset + entity.length;
    if (!ENTITY_TYPES.has(entity.type)) {
      throw bad(`can't parse entities: unsupported type "${entity.type}" specified`, 'bad-markup');
    }
    if (entity.offset < 0 || entity.length <= 0 || end > source.length) {
      throw bad(
        `entity beginning at UTF-16 offset ${entity.offset} ends after the end of the text at UTF-16 offset ${source.length}`,
        'bad-markup',
      );
    }
    if (entity.type === 'text_link' && entity.url === undefined) {
      throw bad('can\'t parse entities: can\'t find field "url"', 'bad-markup');
    }
  }
  return trim({ text: source, entities: given ?? [] });
}

/** What the server finds by itself in a person's words: commands only, as nothing else is acted upon. */
export function findCommands(text: string): readonly Entity[] {
  return [...text.matchAll(/(?<=^|\s)\/[a-zA-Z0-9_]{1,64}(?:@\w+)?/g)].map((found) => ({
    type: 'bot_command',
    offset: found.index,
    length: found[0].length,
  }));
}
