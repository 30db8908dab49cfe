// Cuts text into parts of bounded length where a reader would pause: between paragraphs, lines, sentences,
// words; inside a word only when it is longer than a part, and then between graphemes. Pure.

/** From the widest pause to the narrowest; each match ends where the next part may begin. */
const PAUSES = [/\n[^\S\n]*\n\s*/g, /\n\s*/g, /[.!?…]["'»”’)\]]*\s+/g] as const;

/** Parts of at most `limit` UTF-16 units. Only white space at a border is left out. */
export function split(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const at = borderWithin(rest, limit);
    const part = rest.slice(0, at).trimEnd();
    if (part !== '') parts.push(part);
    rest = rest.slice(at).trimStart();
  }
  if (rest.trim() !== '') parts.push(rest);
  return parts;
}

/** The start of `text`, at most `limit` units with the … that stands for what was cut, ended at a word where it can. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const room = Math.max(limit - 1, 1);
  const space = text.slice(0, room + 1).search(/\s\S*$/);
  const at = space >= room / 2 ? space : graphemeBorder(text, room);
  return `${text.slice(0, at).trimEnd()}…`;
}

function borderWithin(text: string, limit: number): number {
  const window = text.slice(0, limit + 1);
  for (const pause of PAUSES) {
    const at = lastEnd(window, pause, limit);
    if (at >= limit / 2) return graphemeBorder(text, at);
  }
  // A word that ends exactly at the limit is whole, so the space may be the one just beyond it.
  const space = window.search(/\s\S*$/);
  if (space > 0) return graphemeBorder(text, space);
  return graphemeBorder(text, limit);
}

function lastEnd(window: string, pause: RegExp, limit: number): number {
  let end = 0;
  for (const match of window.matchAll(pause)) {
    // The pause may reach past the limit; what matters is that the words before it do not.
    if (match.index + match[0].trimEnd().length <= limit)
      end = Math.min(match.index + match[0].length, limit);
  }
  return end;
}

/** The last border between graphemes at or before `at`; between code points when one grapheme is longer than that. */
function graphemeBorder(text: string, at: number): number {
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.slice(0, at + 2));
  const index = segments.containing(at)?.index ?? at;
  if (index > 0) return index;
  const code = text.charCodeAt(at - 1);
  const high = code >= 0xd800 && code <= 0xdbff;
  return high && at > 1 ? at - 1 : at;
}
