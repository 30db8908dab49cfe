// Draws one message. Everything a person wrote goes in as text; links are http and https only.
import type { FileView, MessageView } from '../../channels/web/wire.ts';
import { wordsOf } from '../whole.ts';
import type { Translate } from '../words.ts';
import { make } from './dom.ts';
import { pieces } from './links.ts';

export function textOf(text: string): HTMLElement {
  const body = make('div', { class: 'text', dir: 'auto' });
  for (const piece of pieces(text)) {
    if (piece.url === undefined) body.append(...wordNodes(piece.text));
    else {
      const link = make('a', { href: piece.url, target: '_blank', rel: 'noopener noreferrer nofollow' });
      link.append(piece.text);
      body.append(link);
    }
  }
  return body;
}

/** The text as nodes, its numbers and codes kept whole at a line's end. */
export function wordNodes(text: string): (string | HTMLElement)[] {
  return wordsOf(text).map((word) => (word.whole ? make('span', { class: 'whole' }, word.text) : word.text));
}

export function sizeOf(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte'] as const;
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: step === 2 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}

export function fileOf(file: FileView, t: Translate, locale: string, grew: () => void): HTMLElement {
  const kindName = t(`file.${file.kind}`);
  const name = file.name ?? kindName;
  if (file.kind === 'location' && file.location) {
    const { latitude, longitude } = file.location;
    return make('div', { class: 'file plain' }, `📍 ${kindName}: ${latitude}, ${longitude}`);
  }
  if (file.kind === 'contact' && file.contact) {
    return make(
      'div',
      { class: 'file plain', dir: 'auto' },
      `👤 ${file.contact.name} · ${file.contact.phone}`,
    );
  }
  if (file.url === undefined) return make('div', { class: 'file plain' }, name);
  if (file.kind === 'photo' || file.kind === 'sticker') {
    const image = make('img', { src: file.url, alt: name, loading: 'lazy', decoding: 'async' });
    const link = make('a', { class: `file ${file.kind}`, href: file.url, target: '_blank', rel: 'noopener' });
    link.append(image);
    image.addEventListener('load', grew);
    image.addEventListener('error', () => link.replaceWith(chip(file, name, locale)));
    return link;
  }
  if (file.kind === 'voice' || file.kind === 'audio') {
    const player = make('audio', {
      class: 'file',
      src: file.url,
      controls: true,
      preload: 'metadata',
      'aria-label': name,
    });
    player.addEventListener('error', () => player.replaceWith(chip(file, name, locale)));
    return player;
  }
  if (file.kind === 'video') {
    const player = make('video', {
      class: 'file',
      src: file.url,
      controls: true,
      preload: 'metadata',
      'aria-label': name,
    });
    player.addEventListener('loadedmetadata', grew);
    player.addEventListener('error', () => player.replaceWith(chip(file, name, locale)));
    return player;
  }
  return chip(file, name, locale);
}

function chip(file: FileView, name: string, locale: string): HTMLElement {
  const link = make('a', { class: 'file chip', href: file.url, download: file.name ?? '' });
  const title = make('span', { class: 'name', dir: 'auto' }, name);
  link.append(make('span', { class: 'sheet', 'aria-hidden': 'true' }), title);
  if (file.size !== undefined) link.append(make('small', {}, sizeOf(file.size, locale)));
  return link;
}

export interface Drawing {
  readonly t: Translate;
  readonly locale: string;
  /** The text of an earlier message, for a reply. */
  readonly quoted: (id: string) => string | undefined;
  /** Something took its size later than it was drawn. */
  readonly grew: () => void;
}

export function bubble(message: MessageView, drawing: Drawing): HTMLElement {
  const { t, locale } = drawing;
  const box = make('div', { class: 'bubble' });
  if (message.from === 'operator') {
    box.append(make('div', { class: 'author', dir: 'auto' }, message.name ?? t('bot')));
  } else {
    box.append(make('span', { class: 'unseen' }, `${message.from === 'me' ? t('you') : t('bot')}: `));
  }
  const quote = message.replyTo === undefined ? undefined : drawing.quoted(message.replyTo);
  if (quote !== undefined) box.append(make('blockquote', { dir: 'auto' }, quote));
  const files = message.files ?? [];
  if (files.length > 0) {
    const list = make('div', { class: files.length > 1 ? 'files many' : 'files' });
    list.append(...files.map((file) => fileOf(file, t, locale, drawing.grew)));
    box.append(list);
  }
  if (message.text !== '') box.append(textOf(message.text));
  const foot = make('div', { class: 'foot' });
  if (message.edited) foot.append(`${t('edited')} · `);
  foot.append(timeOf(message.at, locale));
  box.append(foot);
  return box;
}

export function timeOf(at: number, locale: string): HTMLElement {
  const date = new Date(at);
  return make(
    'time',
    { datetime: date.toISOString() },
    new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(date),
  );
}

export function dayName(at: number, now: number, t: Translate, locale: string): string {
  const day = (time: number) => new Date(time).toDateString();
  if (day(at) === day(now)) return t('today');
  if (day(at) === day(now - 24 * 3600_000)) return t('yesterday');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}
