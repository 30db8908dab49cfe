// Makes two spellings of the same words equal: case, ё, punctuation, emoji and exotic digits are levelled.
// Never changes which number is meant: ½ and ² are left alone, so that 9½ cannot become 91.

const KEYCAP = /(\d)\u{FE0F}?\u{20E3}/gu;
const EXOTIC = /[\u{FF10}-\u{FF19}\u{1F51F}]|\u{20E3}/u;
/** Joiners, direction marks, soft hyphens: they must not hide a minus from its digit. */
const INVISIBLE = /[\p{Cf}\p{Variation_Selector}]/gu;
const APOSTROPHE = /['’ʼ`´]/gu;
const NOT_WORD = /[^\p{L}\p{Nd}\p{M}]+/gu;

/** Full-width digits, keycaps and the keycap ten become ASCII digits. */
export function plainDigits(text: string): string {
  if (!EXOTIC.test(text)) return text;
  return text
    .replace(/[\u{FF10}-\u{FF19}]/gu, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(KEYCAP, '$1')
    .replaceAll('\u{1F51F}', ' 10 ');
}

/** Lower case, ё as е, composed letters, no apostrophes; punctuation stays for readers that need it. */
export function level(text: string): string {
  return plainDigits(text.normalize('NFC'))
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(INVISIBLE, '')
    .replace(APOSTROPHE, '');
}

/** Nearly every answer: letters, digits and marks that all the steps of `level` leave alone or only lower. */
const EVERYDAY = /^[A-Za-z0-9А-Яа-яЁё ,.!?;:()-]*$/;
const BETWEEN = /[ ,.!?;:()-]+/g;

/** Only words and digits, single spaces: the key under which words and labels are compared. */
export function fold(text: string): string {
  if (EVERYDAY.test(text)) return text.toLowerCase().replaceAll('ё', 'е').replace(BETWEEN, ' ').trim();
  return level(text).replace(NOT_WORD, ' ').trim();
}

/** The pictures of a text without skin tone and presentation marks. */
export function pictures(text: string): string[] {
  return text.match(/\p{Extended_Pictographic}/gu) ?? [];
}

/** Digits alone, no sign and no leading zero: the commonest answer, read without a regex. −1 when it is not. */
export function bareDigits(text: string): number {
  const length = text.length;
  if (length === 0 || length > 15) return -1;
  if (length > 1 && text.charCodeAt(0) === 48) return -1;
  let value = 0;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
