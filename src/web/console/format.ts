// Numbers and times as the console shows them, written the reader's own way.
import type { ResponseRow } from '../console-views.ts';
import { regional } from '../words.ts';

/** `justNow`: the words for less than a minute. */
export function ageOf(from: number, now: number, locale: string, justNow: string): string {
  const minutes = Math.max(0, Math.floor((now - from) / 60_000));
  if (minutes === 0) return justNow;
  const [value, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / 1440), 'day'];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: String(unit),
    unitDisplay: 'short',
  }).format(Number(value));
}

export function momentOf(at: number, locale: string, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(regional(locale, navigator.languages), {
    ...(sameDay ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

export type Group = 'good' | 'middle' | 'bad';

/** Where a score falls on its own scale. */
export function groupOf({ metric, score }: Pick<ResponseRow, 'metric' | 'score'>): Group | undefined {
  if (score === undefined) return undefined;
  const [bad, middle] = { nps: [6, 8], csat: [2, 3], ces: [3, 4], faces: [1, 2], thumbs: [0, 0] }[metric] as [
    number,
    number,
  ];
  return score <= bad ? 'bad' : score <= middle ? 'middle' : 'good';
}

export function sizeOf(bytes: number, locale: string): string {
  const [unit, size] =
    bytes < 1e3 ? ['byte', 1] : bytes < 1e6 ? ['kilobyte', 1e3] : (['megabyte', 1e6] as const);
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: String(unit),
    unitDisplay: 'short',
    maximumFractionDigits: unit === 'megabyte' ? 1 : 0,
  }).format(bytes / Number(size));
}
