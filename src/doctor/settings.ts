// The settings and what belongs to them on the host: faults, weak secrets, who may read what. No value is ever told.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Finding, finding } from '../channels/examine.ts';

type Values = Readonly<Record<string, string | undefined>>;

const SECRETS = 'secrets';
const PASSWORD_LENGTH = 12;
const SECRET_LENGTH = 16;
/** Different characters below which a secret is a row of the same ones. */
const VARIETY = 6;
/** Bytes. */
export const ROOM = { warning: 1024 ** 3, error: 100 * 1024 ** 2 } as const;

export function examineSecrets(values: Values): readonly Finding[] {
  const found: Finding[] = [];
  const password = values.ADMIN_PASSWORD?.trim() ?? '';
  if (password && isWeak(password, PASSWORD_LENGTH))
    found.push(finding(SECRETS, 'warning', 'secrets.password', { least: PASSWORD_LENGTH }));
  for (const [setting, given] of Object.entries(values)) {
    const value = given?.trim() ?? '';
    if (/_(SECRET|VERIFY_TOKEN)$/.test(setting) && value && isWeak(value, SECRET_LENGTH))
      found.push(finding(SECRETS, 'warning', 'secrets.weak', { setting, least: SECRET_LENGTH }));
  }
  return found.length > 0 ? found : [finding(SECRETS, 'ok', 'secrets.strong')];
}

const isWeak = (value: string, least: number): boolean =>
  value.length < least || new Set(value).size < VARIETY;

/** `.env` holds tokens: nobody but its owner should read it. */
export function examineEnvFile(file: string): readonly Finding[] {
  if (!existsSync(file)) return [];
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return [finding(SECRETS, 'ok', 'secrets.env_closed')];
  return [finding(SECRETS, 'warning', 'secrets.env_open', { file, mode: mode.toString(8) })];
}

export async function examineFolder(
  dataDir: string,
  room: { readonly warning: number; readonly error: number },
): Promise<readonly Finding[]> {
  const folder = resolve(dataDir);
  if (!existsSync(folder)) return [finding('data', 'ok', 'data.absent', { folder })];
  try {
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : '';
    return [finding('data', 'error', 'data.unusable', { folder, why })];
  }
  const found: Finding[] = [];
  const mode = statSync(folder).mode & 0o777;
  if ((mode & 0o077) !== 0)
    found.push(finding('data', 'warning', 'data.open', { folder, mode: mode.toString(8) }));
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const megabytes = Math.floor(free / 1024 ** 2);
  const level = free < room.error ? 'error' : free < room.warning ? 'warning' : 'ok';
  found.push(
    finding('data', level, level === 'ok' ? 'data.room' : 'data.little_room', { folder, megabytes }),
  );
  return found;
}
