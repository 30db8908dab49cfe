// How VK shows a text that mentions somebody, and who is told of it. Nothing else in a message's text is markup.

const PATTERN = /\[(id|club|public)(\d+)\|([^\]]+)\]|[@*](id|club|public)(\d+)(?: \(([^)]+)\))?/g;

export interface ShownText {
  readonly text: string;
  /** People as positive numbers, communities as negative ones. */
  readonly mentions: readonly number[];
}

export function showText(raw: string): ShownText {
  const mentions: number[] = [];
  const text = raw.replace(PATTERN, (whole, inner, innerId, innerName, outer, outerId, outerName) => {
    const id = Number(innerId ?? outerId);
    mentions.push((inner ?? outer) === 'id' ? id : -id);
    return String(innerName ?? outerName ?? whole);
  });
  return { text, mentions };
}
