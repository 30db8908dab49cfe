// Where Chromium is, and the arguments every test starts it with besides those that lead it to the stand-in.
import { accessSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export function chromiumPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  for (const path of [process.env.CHROMIUM_PATH ?? '', ...places, '/usr/bin/chromium']) {
    try {
      accessSync(path);
      return path;
    } catch {}
  }
  throw new Error('no Chromium was found: run `npm run test:setup`, or set CHROMIUM_PATH');
}

/** A sandbox cannot be had in most containers, a graphics card neither. */
export const CHROMIUM_ARGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
];

/** As one line, the way a setting takes them: those with spaces in quotes. */
export const argsLine = (args: readonly string[]): string =>
  args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ');
