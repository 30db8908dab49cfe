// Finds what must not break at a line's end: numbers and codes with a hyphen inside, such as a ticket's «C5-93384».
// Pure; the pages put each such word into an element that keeps it whole, so that copying gives the plain hyphen.
export interface Word {
  readonly text: string;
  readonly whole: boolean;
}

const CODE =
  /(?<![\p{L}\p{N}-])(?=[\p{Lu}\p{N}-]*\p{N})[\p{Lu}\p{N}]{1,10}(?:-[\p{Lu}\p{N}]{1,10}){1,2}(?![\p{L}\p{N}-])/gu;

export function wordsOf(text: string): readonly Word[] {
  const words: Word[] = [];
  let from = 0;
  for (const match of text.matchAll(CODE)) {
    if (match.index > from) words.push({ text: text.slice(from, match.index), whole: false });
    words.push({ text: match[0], whole: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) words.push({ text: text.slice(from), whole: false });
  return words;
}
