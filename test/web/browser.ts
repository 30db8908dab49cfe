// A real browser on the real pages: builds them once for their sources, starts Chromium, and watches every page for
// what must never happen: a dialog, a refused resource, an error, a request to another host.
import { createHash } from 'node:crypto';
import { accessSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of the built pages; built anew only when a source of theirs changed. */
export async function builtPages(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of ['src/web', 'src/channels/web', 'locales']) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).sort(
      (a, b) => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1),
    )) {
      if (file.isFile()) hash.update(file.name).update(readFileSync(join(file.parentPath, file.name)));
    }
  }
  const target = join(tmpdir(), `otklik-pages-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(target)) return target;
  const own = `${target}.${process.pid}`;
  await build({
    configFile: join(ROOT, 'src/web/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: own },
  });
  try {
    renameSync(own, target);
  } catch (error) {
    // Another test file was faster.
    if (!existsSync(target)) throw error;
    rmSync(own, { recursive: true });
  }
  return target;
}

function chromiumPath(): string {
  const places = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)));
  for (const path of [process.env.CHROMIUM_PATH ?? '', ...places, '/usr/bin/chromium']) {
    try {
      accessSync(path);
      return path;
    } catch {}
  }
  throw new Error('no Chromium was found: run `npm run test:setup`, or set CHROMIUM_PATH');
}

export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Watched {
  readonly page: Page;
  /** What must never happen, in the order it did. */
  readonly wrongs: string[];
}

/** A page of a fresh visitor. `allow` names failures a test makes on purpose. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions & { readonly allow?: RegExp } = {},
): Promise<Watched> {
  const { allow, ...context } = options;
  const page = await (await browser.newContext(context)).newPage();
  page.setDefaultTimeout(10_000);
  const wrongs: string[] = [];
  const wrong = (text: string) => {
    if (!allow?.test(text)) wrongs.push(text);
  };
  page.on('dialog', (dialog) => {
    wrong(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => wrong(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) wrong(`request: ${url}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return { page, wrongs };
}
