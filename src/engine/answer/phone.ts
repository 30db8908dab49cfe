// Reads one telephone number as E.164. The library is loaded at the first number, because a start does not
// need its tables (some 80 ms and 18 MB).
import { createRequire } from 'node:module';
import type { CountryCode } from 'libphonenumber-js/min';
import { type Expect, refused, took, type Understood } from './expect.ts';
import { plainDigits } from './fold.ts';

type PhoneExpect = Extract<Expect, { kind: 'phone' }>;
type Library = typeof import('libphonenumber-js/min');

const LONGEST = 200;
/** A trunk or access prefix («8», "00") that E.164 does not keep. */
const PREFIX = 4;
/** No single number has more digits, an access prefix included. */
const TWO = 18;
const load = createRequire(import.meta.url);

export function phone(text: string, expect: PhoneExpect): Understood {
  if (text.length > LONGEST) return refused('not_a_phone');
  const plain = plainDigits(text);
  const digits = plain.replace(/\D+/gu, '').length;
  if (digits < 5) return refused('not_a_phone');
  const { getCountryCallingCode, isSupportedCountry, parsePhoneNumberFromString } = load(
    'libphonenumber-js/min',
  ) as Library;
  const wanted = expect.defaultCountry.toUpperCase();
  const country = isSupportedCountry(wanted) ? (wanted as CountryCode) : undefined;
  const typed = parsePhoneNumberFromString(plain, country && { defaultCountry: country });
  const valid = typed?.isValid() === true;
  // «375291234567»: people copy an international number without its plus.
  const number = valid ? typed : parsePhoneNumberFromString(`+${plain.replace(/^\D+/u, '')}`);
  if (number === undefined || !number.isValid()) return refused(digits > TWO ? 'ambiguous' : 'not_a_phone');
  if (digits > number.number.length - 1 + PREFIX + (number.ext?.length ?? 0)) return refused('ambiguous');
  const own = country !== undefined && number.countryCallingCode === getCountryCallingCode(country);
  return took(number.number, number.ext === undefined && (valid || own));
}
