// The console's password: kept as an argon2id hash only. One given in the settings stands over the one that was made.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Settings } from './store/store.ts';

const derive = promisify(argon2);
/** OWASP's parameters for argon2id. */
const COST = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 } as const;
const NAME = 'admin.password';

export interface AdminPassword {
  verify(text: string): Promise<boolean>;
  /** Present when it was made just now: to be shown once and never again. */
  readonly made?: string;
}

export async function adminPassword(settings: Settings, given: string | undefined): Promise<AdminPassword> {
  if (given !== undefined) {
    const stands = await hash(given);
    return { verify: (text) => matches(text, stands) };
  }
  const stored = await settings.get(NAME);
  if (stored !== undefined) return { verify: (text) => matches(text, stored) };
  const made = randomBytes(12).toString('base64url');
  const mine = await hash(made);
  const stands = await settings.once(NAME, mine);
  const verify = (text: string): Promise<boolean> => matches(text, stands);
  return stands === mine ? { verify, made } : { verify };
}

async function hash(text: string, salt = randomBytes(16)): Promise<string> {
  const key = await derive('argon2id', { ...COST, message: text.normalize('NFC'), nonce: salt });
  return `${salt.toString('base64url')}.${Buffer.from(key).toString('base64url')}`;
}

async function matches(text: string, stands: string): Promise<boolean> {
  const [salt = '', key = ''] = stands.split('.');
  const [, mine = ''] = (await hash(text, Buffer.from(salt, 'base64url'))).split('.');
  const [a, b] = [Buffer.from(mine), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
