// A real browser on the real pages: builds them once for their sources, starts Chromium, and watches every page for
// what must never happen: a dialog, a refused resource, an error, a request to another host.
import { createHash } from 'node:crypto';
import { accessSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
  type ViewportSize,
} from 'playwright-core';
import { build } from 'vite';

const BUILD_LASTS = 60_000;
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
  // One of the test files builds, the others wait for it; a builder that died leaves its mark, so waiting is bounded.
  const mark = `${target}.mark`;
  for (const until = Date.now() + BUILD_LASTS; !existsSync(target) && Date.now() < until; await pause(100)) {
    if (!claimed(mark)) continue;
    try {
      await buildInto(target);
    } finally {
      rmSync(mark, { recursive: true, force: true });
    }
  }
  if (!existsSync(target)) await buildInto(target);
  return target;
}

function claimed(mark: string): boolean {
  try {
    mkdirSync(mark);
    return true;
  } catch {
    return false;
  }
}

async function buildInto(target: string): Promise<void> {
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

interface Watch {
  /** Failures a test makes on purpose. */
  readonly allow?: RegExp | undefined;
}

/** A page of a fresh visitor. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions & Watch = {},
): Promise<Watched> {
  const { allow, ...context } = options;
  const page = await (await browser.newContext(context)).newPage();
  return {
    page,
    wrongs: await watch(
      page,
      () => origin,
      () => allow,
    ),
  };
}

export interface Stage {
  /** Makes the page a newcomer's: nothing is left of the visitor before but what the browser knows of our files. */
  newcomer(origin: string, options?: Watch & { readonly viewport?: ViewportSize }): Promise<Watched>;
  /** Leaves the page, so that nothing more is asked of the server. */
  clear(): Promise<void>;
}

/** One page for a whole test file, since a new browser context costs more than most tests do. */
export async function createStage(browser: Browser, options: BrowserContextOptions): Promise<Stage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  let home = '';
  let allow: RegExp | undefined;
  const wrongs = await watch(
    page,
    () => home,
    () => allow,
  );
  return {
    async newcomer(origin, { allow: allowed, viewport = options.viewport ?? undefined } = {}) {
      await page.goto('about:blank');
      await context.clearCookies();
      for (const of of new Set([home, origin])) {
        if (of !== '') await devtools.send('Storage.clearDataForOrigin', { origin: of, storageTypes: 'all' });
      }
      if (viewport) await page.setViewportSize(viewport);
      home = origin;
      allow = allowed;
      wrongs.length = 0;
      return { page, wrongs };
    },
    async clear() {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.goto('about:blank');
    },
  };
}

async function watch(page: Page, origin: () => string, allow: () => RegExp | undefined): Promise<string[]> {
  page.setDefaultTimeout(10_000);
  const wrongs: string[] = [];
  const wrong = (text: string) => {
    if (!allow()?.test(text)) wrongs.push(text);
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
    if (!url.startsWith(origin()) && !/^(blob|data|about):/.test(url)) wrong(`request: ${url}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return wrongs;
}
