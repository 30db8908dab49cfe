// The program as it lies in a folder, loaded once for all runs of a process: its own modules, and its two releases of the
// runs' flows compiled. Only types are taken from the source beside this one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import mongoose from 'mongoose';
import type { Rules } from '../../src/engine/draft.ts';
import type { Release } from '../../src/flow/flow.ts';
import type { Index } from './database.ts';
import { indexesOf } from './database.ts';

const FLOWS = fileURLToPath(new URL('./flows', import.meta.url));
const NAMES = ['menu', 'operator', 'rating', 'trouble'] as const;

export interface Compiled {
  readonly release: Release;
  readonly files: Readonly<Record<string, string>>;
}

export interface Program {
  readonly mongo: typeof mongoose.mongo;
  readonly indexes: ReadonlyMap<string, readonly Index[]>;
  /** The first release, and the one that takes its place. */
  readonly releases: readonly [Compiled, Compiled];
  readonly rules: Omit<Rules, 'current' | 'release' | 'locales'>;
  readonly src: Modules;
}

export type Modules = Awaited<ReturnType<typeof modulesIn>>;

/** `root`: the folder whose src/ is run. */
async function modulesIn(root: string) {
  const from = async <T>(file: string): Promise<T> =>
    (await import(pathToFileURL(join(root, 'src', file)).href)) as T;
  return {
    ...(await from<typeof import('../../src/app/app.ts')>('app/app.ts')),
    ...(await from<typeof import('../../src/runtime/local.ts')>('runtime/local.ts')),
    portsOver: (await from<typeof import('../../src/store/open.ts')>('store/open.ts')).portsOver,
    schemas: (await from<typeof import('../../src/store/schemas.ts')>('store/schemas.ts')).schemas,
    ...(await from<typeof import('../../src/flow/parse.ts')>('flow/parse.ts')),
    ...(await from<typeof import('../../src/text/load.ts')>('text/load.ts')),
    ...(await from<typeof import('../../src/text/texts.ts')>('text/texts.ts')),
    compileWords: (await from<typeof import('../../src/engine/answer/index.ts')>('engine/answer/index.ts'))
      .compileWords,
    ...(await from<typeof import('../../src/core/contact.ts')>('core/contact.ts')),
    ...(await from<typeof import('../../src/core/errors.ts')>('core/errors.ts')),
    telegram: {
      ...(await from<typeof import('../../src/networks/telegram/receive.ts')>(
        'networks/telegram/receive.ts',
      )),
      ...(await from<typeof import('../../src/networks/telegram/route.ts')>('networks/telegram/route.ts')),
      ...(await from<typeof import('../../src/networks/telegram/errors.ts')>('networks/telegram/errors.ts')),
      ...(await from<typeof import('../../src/channels/telegram/adapter.ts')>(
        'channels/telegram/adapter.ts',
      )),
      ...(await from<typeof import('../../src/desk/forum/adapter.ts')>('desk/forum/adapter.ts')),
    },
    vk: {
      ...(await from<typeof import('../../src/channels/vk/adapter.ts')>('channels/vk/adapter.ts')),
      ...(await from<typeof import('../../src/channels/vk/names.ts')>('channels/vk/names.ts')),
      ...(await from<typeof import('../../src/channels/vk/own-messages.ts')>('channels/vk/own-messages.ts')),
      ...(await from<typeof import('../../src/channels/vk/person-client.ts')>(
        'channels/vk/person-client.ts',
      )),
      ...(await from<typeof import('../../src/channels/vk/receive.ts')>('channels/vk/receive.ts')),
      ...(await from<typeof import('../../src/channels/vk/standing-keyboards.ts')>(
        'channels/vk/standing-keyboards.ts',
      )),
      ...(await from<typeof import('../../src/channels/vk/understand.ts')>('channels/vk/understand.ts')),
      errors: await from<typeof import('../../src/channels/vk/errors.ts')>('channels/vk/errors.ts'),
    },
  };
}

export async function loadProgram(root: string): Promise<Program> {
  const src = await modulesIn(root);
  const locales = src.readLocaleFiles(join(root, 'locales'));
  const read = src.readTexts(locales);
  const texts = src.createTexts(read.resources, {
    defaultLocale: 'en',
    onMissing: (locale, key) => {
      throw new Error(`a text is missing: ${locale} ${key}`);
    },
  });
  const words = src.compileWords(
    Object.fromEntries(Object.entries(read.resources).map(([locale, all]) => [locale, all.words ?? {}])),
  );
  const compile = (later: boolean): Compiled => {
    const files = Object.fromEntries(
      NAMES.map((name) => {
        const text = readFileSync(join(FLOWS, `${name}.yaml`), 'utf8');
        return [`flows/${name}.yaml`, later ? text.replace('# later: ', '') : text];
      }),
    );
    const compiled = src.compileRelease({ ...locales, ...files }, { defaultLocale: 'en' });
    const { release } = compiled;
    if (!release) throw new Error(`the runs' flows are broken: ${JSON.stringify(compiled.faults)}`);
    return { release, files };
  };
  return {
    mongo: mongoose.mongo,
    indexes: indexesOf(src.schemas),
    releases: [compile(false), compile(true)],
    rules: { texts, words, deskLocale: 'en', country: 'RU' },
    src,
  };
}
