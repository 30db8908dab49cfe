// Finds the web addresses in a text. Only http and https are ever links; everything else stays words. Pure.
export interface Piece {
  readonly text: string;
  readonly url?: string;
}

export function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`{}|\\^]{1,2000}/giu)) {
    const shown = trimmed(match[0]);
    const url = safeUrl(shown);
    if (!url) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: shown, url });
    from = match.index + shown.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

export function safeUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A name before the host is how a link pretends to lead elsewhere.
  const plain = url.username === '' && url.password === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}

/** A sentence's own punctuation after an address is not part of it. */
function trimmed(text: string): string {
  let end = text.length;
  while (end > 0) {
    const last = text[end - 1] ?? '';
    const closes = last === ')' && !text.slice(0, end).includes('(');
    if (!closes && !'.,;:!?…»”'.includes(last)) break;
    end -= 1;
  }
  return text.slice(0, end);
}
