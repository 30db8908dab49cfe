// The form of a code that joins two chats: letters that look and are typed alike in Cyrillic and Latin, and digits that
// look like none of them. Read however it was typed; made where randomness is, not here.

const LETTERS = 'ACEHKMPTX';
const CYRILLIC = 'АСЕНКМРТХ';
export const CODE_SIGNS = `${LETTERS}23456789`;
export const CODE_LENGTH = 8;

/** Letters and digits both, so that neither a word nor a telephone number is one. */
const WHOLE = new RegExp(`^(?=.*[A-Z])(?=.*[2-9])[${CODE_SIGNS}]{${CODE_LENGTH}}$`);
/** With room for dashes and spaces, far below a message. */
const MOST = 24;

/** The code as it is kept, from what a person typed; undefined when it cannot be one. */
export function readJoinCode(words: string): string | undefined {
  if (words.length < CODE_LENGTH || words.length > MOST) return undefined;
  const plain = words
    .toUpperCase()
    .replace(/[АСЕНКМРТХ]/g, (letter) => LETTERS[CYRILLIC.indexOf(letter)]!)
    .replace(/[\s.\-–—_«»"'`]/g, '');
  return WHOLE.test(plain) ? plain : undefined;
}

/** In two groups, as it is read aloud. */
export const shownJoinCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`;
