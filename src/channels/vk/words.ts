// Text as VK shows it literally. Pure. VK reads some words as a mention of a person, who is then told of it; nobody may be
// mentioned by what a customer or an operator quoted.

/** Seen by nobody; it keeps VK from reading what stands around it as one. */
const JOINER = '\u2060';

/** `[id1|Name]`, `@name` and `*id1 (Name)` are left as they read. */
export function literal(text: string): string {
  return text
    .replace(/\[(?=[^\][|\s]+\|)/g, `[${JOINER}`)
    .replace(/(?<![\p{L}\p{N}._/=-])@(?=\w)/gu, `@${JOINER}`)
    .replace(/\*(?=(?:id|club|public|event|app)\d+\s*\()/g, `*${JOINER}`);
}

/** Whether a text begins with these words, apart from what VK may change on the way: signs unseen, white space. */
export function beginsWith(text: string, words: string): boolean {
  const bare = (one: string) => one.replace(/[\s\u200b-\u200f\u2060\ufeff]+/g, '');
  return bare(text).startsWith(bare(words));
}
