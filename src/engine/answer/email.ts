// Reads one e-mail address out of a message. Checks its shape only: whether it receives is learnt by writing.
import { refused, took, type Understood } from './expect.ts';

/** The limits of RFC 5321: 64 before the sign, 254 in all. */
const LOCAL = 64;
const WHOLE = 254;
const WRAPPING = /^(?:mailto:)?[<("'«[]*|[>)"'»\].,;:!?]*$/gu;
const LOCAL_PART = /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN_LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?$/u;

export function email(text: string): Understood {
  const found = new Set<string>();
  for (const piece of text.split(/[\s,;]+/u)) {
    if (!piece.includes('@')) continue;
    const address = addressIn(piece);
    if (address === undefined) return refused('not_an_email');
    found.add(address);
  }
  const [address] = found;
  if (address === undefined) return refused('not_an_email');
  return found.size === 1 ? took(address) : refused('ambiguous');
}

function addressIn(piece: string): string | undefined {
  if (piece.length > WHOLE + 32) return undefined;
  const bare = piece.replace(WRAPPING, '');
  const [local, domain, ...more] = bare.split('@');
  if (local === undefined || domain === undefined || more.length > 0 || bare.length > WHOLE) return undefined;
  if (local.length > LOCAL || !LOCAL_PART.test(local)) return undefined;
  const labels = domain.toLowerCase().split('.');
  if (labels.length < 2 || labels.some((label) => label.length > 63 || !DOMAIN_LABEL.test(label)))
    return undefined;
  return /^(?:\p{L}{2,}|xn--.+)$/u.test(labels.at(-1) ?? '') ? `${local}@${labels.join('.')}` : undefined;
}
