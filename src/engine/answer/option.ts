// Finds the one option a message means: exact label, place, yes or no, beginning of a label, a typo.
// Never picks the likelier of two, and never takes an opposite for a typo.
import { type Expect, type Option, refused, took, type Understood } from './expect.ts';
import { bareDigits, fold, pictures } from './fold.ts';
import { mentions } from './mentions.ts';
import { contradicts, edits, forgiven } from './nearness.ts';
import { judged, THUMB_DOWN, THUMB_UP } from './score.ts';
import type { Words } from './words.ts';

type Choice = Pick<Extract<Expect, { kind: 'options' }>, 'options' | 'numbered'>;

interface Keyed extends Option {
  /** The labels folded, in their order. */
  readonly keys: readonly string[];
}

/** A shorter beginning fits too many words. */
const PREFIX_FROM = 4;
/** How much nearer the best label must be than the next option's. */
const MARGIN = 2;

export function option(text: string, { options, numbered }: Choice, words: Words): Understood {
  for (let at = 0; at < options.length; at++) {
    const one = options[at] as Option;
    for (let label = 0; label < one.labels.length; label++)
      if (one.labels[label] === text) return took(one.id);
  }
  if (numbered) {
    const place = bareDigits(text);
    if (place >= 0) return at(place, options, true);
  }
  const keyed = options.map((one) => ({ ...one, keys: one.labels.map(fold) }));
  return optionInWords(text, fold(text), keyed, numbered, words);
}

function optionInWords(
  text: string,
  key: string,
  options: readonly Keyed[],
  numbered: boolean,
  words: Words,
): Understood {
  const own = only(options, key === '' ? (one) => pictured(one, text) : (one) => one.keys.includes(key));
  if (own !== undefined) return own;
  const answer = yesOrNo(text, key, options, words);
  if (answer !== undefined) return answer;
  if (numbered) {
    const place = placed(text, key, options, words);
    if (place !== undefined) return place;
  }
  if (key.length >= PREFIX_FROM) {
    const begun = only(options, (one) => one.keys.some((own) => own.startsWith(key)));
    if (begun !== undefined) return begun;
  }
  return misspelt(key, options, words);
}

/** The option that fits, a doubt when several do, nothing when none does. */
function only(options: readonly Keyed[], fits: (one: Keyed) => boolean): Understood | undefined {
  const fitting = options.filter(fits);
  const [first] = fitting;
  if (first === undefined) return undefined;
  return fitting.length === 1 ? took(first.id) : refused('ambiguous', first.labels[0]);
}

/** A message of one picture means the label that shows it. */
function pictured(one: Option, text: string): boolean {
  const [picture, ...more] = new Set(pictures(text));
  if (picture === undefined || more.length > 0) return false;
  return one.labels.some((label) => pictures(label).includes(picture));
}

/** «да», «+», 👍 where exactly one option says yes and exactly one says no. */
function yesOrNo(text: string, key: string, options: readonly Keyed[], words: Words): Understood | undefined {
  const sign = key || text.trim();
  const seen = key === '' ? pictures(text) : [];
  const up = seen.includes(THUMB_UP);
  const down = seen.includes(THUMB_DOWN);
  const yes = words.yes.has(sign) || up;
  const no = words.no.has(sign) || down;
  if (!yes && !no) return undefined;
  const agreeing = options.filter((one) => says(one, words.yes, 'yes'));
  const refusing = options.filter((one) => says(one, words.no, 'no'));
  if (agreeing.length !== 1 || refusing.length !== 1) return up || down ? refused('ambiguous') : undefined;
  if (yes && no) return refused('ambiguous');
  const [meant] = yes ? agreeing : refusing;
  return meant === undefined ? undefined : took(meant.id);
}

const says = (one: Keyed, list: ReadonlySet<string>, id: string): boolean =>
  one.id === id || one.keys.some((key) => list.has(key) || list.has(key.split(' ', 1)[0] ?? ''));

/** «вариант 2», «второй», «№2»: a place, when nothing else is said. */
function placed(text: string, key: string, options: readonly Option[], words: Words): Understood | undefined {
  const ordinal = words.ordinals.get(key);
  if (ordinal !== undefined) return at(ordinal, options, true);
  const all = mentions(text, words);
  if (all.found.length === 0 || all.strange.length > 0 || all.unit || all.odd || all.negated)
    return undefined;
  const place = judged(all, { min: 1, max: options.length });
  return place.ok ? at(Number(place.value), options, place.sure) : place;
}

function at(place: number, options: readonly Option[], sure: boolean): Understood {
  const one = options[place - 1];
  return one === undefined ? refused('out_of_range') : took(one.id, sure);
}

function misspelt(key: string, options: readonly Keyed[], words: Words): Understood {
  let best = Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  let meant: Keyed | undefined;
  let near: string | undefined;
  for (const one of options) {
    let nearest = Number.POSITIVE_INFINITY;
    let shown: string | undefined;
    for (const [at, own] of one.keys.entries()) {
      const bound = forgiven(Math.min(key.length, own.length));
      if (bound === 0) continue;
      // Looked at beyond the bound, so that a close second is seen as a doubt.
      const apart = edits(key, own, bound + MARGIN);
      if (apart >= nearest || contradicts(key, own, words.not, words.notPrefixes)) continue;
      nearest = apart;
      shown = apart <= bound ? one.labels[at] : undefined;
    }
    if (nearest < best) {
      next = best;
      best = nearest;
      meant = shown === undefined ? undefined : one;
      near = shown;
    } else next = Math.min(next, nearest);
  }
  if (meant === undefined || near === undefined) return refused('not_understood');
  return next - best >= MARGIN ? took(meant.id, false) : refused('ambiguous', near);
}
