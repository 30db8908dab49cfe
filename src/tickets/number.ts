// Public ticket numbers: short, easy to read aloud in Russian and English, unique by construction, and no counter to a stranger.
// A counter is sent through a keyed permutation (a Feistel network over its bits, walked until it falls into range),
// so that neighbours look unrelated; the last digit checks the rest (ISO/IEC 7064 MOD 11,10).
import { createHmac } from 'node:crypto';

/** Letters that look and are typed alike in Cyrillic and Latin, none of them like a digit. */
const LETTERS = 'ACEHKMPTX';
const CYRILLIC = 'АСЕНКМРТХ';
const FIRST = LETTERS.length * 10;

/** How many numbers there are with this many digits after the dash, the check digit not counted. */
const room = (digits: number): number => FIRST * 10 ** digits;
const SHORTEST = 4;

/** The number of the `counter`-th ticket, from 0. */
export function ticketNumber(counter: number, key: string): string {
  if (!Number.isSafeInteger(counter) || counter < 0)
    throw new RangeError('the ticket counter is a whole number from 0');
  let digits = SHORTEST;
  let rest = counter;
  while (rest >= room(digits)) {
    rest -= room(digits);
    digits += 1;
  }
  const mixed = permute(rest, room(digits), `${key}:${digits}`);
  const head = Math.floor(mixed / 10 ** digits);
  const tail = String(mixed % 10 ** digits).padStart(digits, '0');
  const letter = LETTERS[Math.floor(head / 10)]!;
  const body = `${head % 10}${tail}`;
  return `${letter}${head % 10}-${tail}${checkDigit(LETTERS.indexOf(letter) + body)}`;
}

/** The number as we write it, from what a person typed or read out; undefined when it cannot be one. */
export function readTicketNumber(text: string): string | undefined {
  const plain = text
    .toUpperCase()
    .replace(/[АСЕНКМРТХ]/g, (letter) => LETTERS[CYRILLIC.indexOf(letter)]!)
    .replace(/[\s№#.\-–—_]/g, '');
  const match = /^([ACEHKMPTX])(\d)(\d{4,8})(\d)$/.exec(plain);
  if (!match) return undefined;
  const [, letter, first, tail, check] = match as unknown as [string, string, string, string, string];
  return checkDigit(`${LETTERS.indexOf(letter)}${first}${tail}`) === check
    ? `${letter}${first}-${tail}${check}`
    : undefined;
}

function permute(value: number, size: number, key: string): number {
  const half = Math.ceil(Math.log2(size) / 2);
  const mask = 2 ** half - 1;
  let mixed = value;
  do {
    let left = Math.floor(mixed / 2 ** half);
    let right = mixed & mask;
    for (let round = 0; round < 6; round += 1) {
      const f = createHmac('sha256', key).update(`${round}:${right}`).digest().readUInt32BE(0) & mask;
      [left, right] = [right, left ^ f];
    }
    mixed = left * 2 ** half + right;
  } while (mixed >= size);
  return mixed;
}

function checkDigit(digits: string): string {
  let product = 10;
  for (const digit of digits) {
    const sum = (product + Number(digit)) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return String((11 - product) % 10);
}
