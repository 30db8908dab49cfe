// Reads several options from one message: «1, 3», «доставка и цена», "1 and 3", one a line.
// All parts must be understood, or the question is asked again; half an answer is never kept silently.
import { type Expect, type Option, refused, took, type Understood } from './expect.ts';
import { bareDigits, fold, level } from './fold.ts';
import { option } from './option.ts';
import type { Words } from './words.ts';

type Many = Extract<Expect, { kind: 'many' }>;

/** More parts than any list has options; also the bound on the work. */
const PARTS = 64;
/** A label may itself hold separators («Цена, качество и сервис»): so many parts are tried as one. */
const JOINED = 4;

export function many(text: string, expect: Many, words: Words): Understood {
  const whole = option(text, expect, words);
  if (whole.ok && whole.sure) return took([String(whole.value)]);
  const key = fold(text);
  if (words.all.has(key)) return took(expect.options.map((one) => one.id));
  const parts = splitAt(text.split(/[,;\n&+/|•]/u), words);
  if (parts.length === 0) return refused('not_understood');
  if (parts.length > PARTS) return refused('too_long');
  if (parts.length === 1) return whole.ok ? took([String(whole.value)], whole.sure) : whole;

  const ids = new Set<string>();
  let sure = true;
  for (let from = 0; from < parts.length; ) {
    const label = joinedLabel(parts, from, expect.options, words);
    if (label !== undefined) {
      ids.add(label.id);
      from = label.next;
      continue;
    }
    const part = option((parts[from] as string).trim(), expect, words);
    if (!part.ok) return part;
    ids.add(String(part.value));
    sure &&= part.sure;
    from++;
  }
  return took([...ids], sure);
}

/** Parts at «и», "and", and at spaces between bare places: «1 3». */
function splitAt(pieces: readonly string[], words: Words): string[] {
  return pieces.flatMap((piece) => {
    const parts: string[] = [];
    let run: string[] = [];
    const close = () => {
      if (run.length > 0) parts.push(...(run.every(isPlace) ? run : [run.join(' ')]));
      run = [];
    };
    for (const word of piece.split(/\s+/u)) {
      if (words.and.has(fold(word))) close();
      else if (word !== '') run.push(word);
    }
    close();
    return parts.filter((part) => fold(part) !== '' || /\p{Extended_Pictographic}/u.test(part));
  });
}

const isPlace = (word: string): boolean => bareDigits(level(word).trim().replace(/[.)]$/u, '')) >= 0;

function joinedLabel(
  parts: readonly string[],
  from: number,
  options: readonly Option[],
  words: Words,
): { readonly id: string; readonly next: number } | undefined {
  for (let next = Math.min(parts.length, from + JOINED); next > from + 1; next--) {
    const wanted = bareLabel(parts.slice(from, next).join(' '), words);
    const one = options.find(({ labels }) => labels.some((label) => bareLabel(label, words) === wanted));
    if (one !== undefined) return { id: one.id, next };
  }
  return undefined;
}

/** Without the separators that a label may hold (a comma, «и») and that were cut out of the parts. */
const bareLabel = (label: string, words: Words): string =>
  fold(label)
    .split(' ')
    .filter((word) => !words.and.has(word))
    .join(' ');
