// Which room may import which: the architecture as one table. A row is a room; what it may import stands behind it.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', 'src');

/** `ports`: the files channel.ts, desk.ts, runtime.ts and store.ts alone, as types. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  text: ['core'],
  flow: ['core', 'text'],
  tickets: ['core'],
  engine: ['core', 'text', 'flow', 'tickets'],
  networks: ['core'],
  media: ['core', 'ports'],
  runtime: ['core', 'ports'],
  channels: ['core', 'ports', 'networks'],
  desk: ['core', 'ports', 'networks'],
  store: ['core', 'ports'],
  app: ['core', 'ports', 'text', 'flow', 'tickets', 'engine', 'fit', 'log'],
  web: ['core', 'ports', 'text', 'channels/web'],
  backup: ['core', 'store'],
  doctor: ['core', 'store', 'backup', 'channels', 'flow', 'app', 'tickets', 'runtime'],
  log: [],
};
/** Files at the top wire everything: they may import any room, and no room imports them. */
const TOP = [
  'main.ts',
  'cli.ts',
  'compose.ts',
  'compose-telegram.ts',
  'config.ts',
  'health.ts',
  'password.ts',
  'serve.ts',
];
const PORTS = ['channels/channel.ts', 'desk/desk.ts', 'runtime/runtime.ts', 'store/store.ts'];
const FIT = ['channels/fit.ts', 'channels/rows.ts'];

/** A package that speaks to the outside appears only in the room that adapts it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  grammy: ['networks/telegram'],
  undici: ['networks/telegram'],
  'proxy-agent': ['networks', 'channels/vk'],
  mongoose: ['store', 'backup'],
  bson: ['store/embedded'],
  mingo: ['store/embedded'],
  'node:sqlite': ['store/embedded', 'backup'],
  ioredis: ['runtime'],
  bullmq: ['runtime'],
  'vk-io': ['channels/vk'],
  'whatsapp-web.js': ['channels/whatsapp'],
  fastify: ['web'],
  '@fastify/cookie': ['web'],
  '@fastify/multipart': ['web'],
  '@fastify/rate-limit': ['web'],
  '@fastify/static': ['web'],
  i18next: ['text'],
  yaml: ['text', 'flow'],
  '@marcbachmann/cel-js': ['flow'],
  zod: ['flow', 'channels/web', 'web'],
  'chrono-node': ['engine/answer'],
  'libphonenumber-js': ['engine/answer'],
  'fastest-levenshtein': ['engine/answer', 'flow'],
  'file-type': ['media', 'web'],
  pino: ['log.ts'],
  commander: ['cli.ts'],
  ulid: ['store', 'app', 'doctor'],
  'tar-stream': ['backup'],
};
/** Pages run in the browser, not in the house. */
const isPage = (file: string): boolean =>
  /^web\/(chat|console)\//.test(file) || file === 'web/vite.config.ts';

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = globSync('**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !isPage(file));

const imports: readonly Import[] = files.flatMap((file) => {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const found = source.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gm,
  );
  return [...found].map(([, type, named, lazy]) => ({
    file,
    target: named ?? lazy ?? '',
    typeOnly: type !== undefined,
  }));
});

const roomOf = (file: string): string =>
  file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');

function allowed(file: string, target: string): boolean {
  const from = roomOf(file);
  const may = ROOMS[from] ?? [];
  const to = roomOf(target);
  if (from === to || may.includes(to)) return from !== to || sameNetwork(file, target);
  if (may.includes('ports') && PORTS.includes(target)) return true;
  if (may.includes('fit') && FIT.includes(target)) return true;
  return may.some((room) => room.includes('/') && target.startsWith(`${room}/`));
}

/** Networks know nothing of each other. */
function sameNetwork(file: string, target: string): boolean {
  const [room, net] = file.split('/');
  const [, other] = target.split('/');
  const split = (room === 'channels' || room === 'networks' || room === 'desk') && file.split('/').length > 2;
  return !split || net === other || target.split('/').length === 2;
}

describe('rooms', () => {
  it('every room is in the table', () => {
    const rooms = new Set(files.filter((file) => !TOP.includes(file)).map(roomOf));
    expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([]);
  });

  it('a room imports only what the table allows', () => {
    const wrong = imports
      .filter(({ file, target }) => target.startsWith('.') && !TOP.includes(file))
      .map(({ file, target }) => ({ file, target: relative(ROOT, join(ROOT, dirname(file), target)) }))
      .filter(({ file, target }) => !target.startsWith('..') && !allowed(file, target));
    // The registry names every channel, once and lazily: that is its work.
    expect(wrong.filter(({ file }) => file !== 'channels/index.ts')).toEqual([]);
  });

  it('a package that speaks to the outside appears only where it is adapted', () => {
    const wrong = imports.flatMap(({ file, target }) => {
      const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!;
      const homes = PACKAGES[target] ?? PACKAGES[name];
      return homes && !homes.some((home) => file.startsWith(home)) ? [`${file} imports ${target}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  it('every package of the program has its home in the table', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, '..', 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(dependencies).filter((name) => !(name in PACKAGES))).toEqual([]);
    const used = new Set(
      imports.map(({ target }) =>
        target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!,
      ),
    );
    const lazily = (name: string): boolean =>
      files.some((file) => readFileSync(join(ROOT, file), 'utf8').includes(`'${name}`));
    expect(Object.keys(dependencies).filter((name) => !used.has(name) && !lazily(name))).toEqual([]);
  });

  it('no network is named outside its own folders and the wiring', () => {
    const wrong = files.filter((file) => {
      if (
        TOP.includes(file) ||
        file === 'channels/index.ts' ||
        /\/telegram\//.test(file) ||
        file.startsWith('desk/forum/')
      )
        return false;
      const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      return /telegram/i.test(code);
    });
    expect(wrong).toEqual([]);
  });

  it('nothing below the shell reads the clock or makes randomness', () => {
    const pure = ['core/', 'engine/', 'flow/', 'tickets/', 'text/'];
    const wrong = files
      .filter((file) => pure.some((room) => file.startsWith(room)))
      .filter((file) => {
        const code = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
        return /Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|setInterval\(|performance\.now\(|\bawait\b/.test(
          code,
        );
      });
    expect(wrong).toEqual([]);
  });
});
