// Wires every room once, starts, and stops on a signal. The only file that knows them all.
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from './app/app.ts';
import { type Library, openLibrary } from './app/library.ts';
import type { Channel } from './channels/channel.ts';
import { CHANNELS, type ChannelEntry, type Composed, type MenuCommand } from './channels/index.ts';
import { type Config, environment, readConfig } from './config.ts';
import { ConfigError, type Fault, FlowError } from './core/errors.ts';
import type { Desk } from './desk/desk.ts';
import type { Rules } from './engine/draft.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { createMedia } from './media/media.ts';
import { adminPassword } from './password.ts';
import { createLocalRuntime } from './runtime/local.ts';
import { startEmbedded } from './store/embedded/start.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import type { HealthReport } from './web/deps.ts';
import { createWeb } from './web/server.ts';

const LOCALES = fileURLToPath(new URL('../locales', import.meta.url));
const PING_EVERY = 5_000;
const COUNTRY = 'RU';

export interface Running {
  /** Where the web server listens; absent without one. */
  readonly url?: string;
  readonly library: Library;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log: Log;
  /** Says something to the host that must not stand in the log. */
  readonly print: (line: string) => void;
  /** False: neither pages nor networks, only what `channels` brings. */
  readonly networks?: boolean;
  /** More channels, such as a terminal. */
  readonly channels?: (parts: {
    readonly media: ReturnType<typeof createMedia>;
    readonly library: Library;
  }) => Promise<readonly Channel[]>;
  readonly clock?: () => number;
}

export async function start(config: Config, options: StartOptions): Promise<Running> {
  const { log, print, clock = Date.now, networks = true } = options;
  const endings: (() => Promise<unknown>)[] = [];
  const ending = <T>(end: () => Promise<T>): void => void endings.unshift(end);
  const stop = async (): Promise<void> => {
    for (const end of endings.splice(0))
      await end().catch((error: unknown) => log.error(errorFields(error), 'a part did not end well'));
  };
  try {
    makeFolder(config.dataDir);
    if (config.redisUrl !== undefined) await checkRedis(config.redisUrl);
    const store = await open(config, clock, ending);
    if (!existsSync(config.flowsDir))
      throw setting('FLOWS_DIR', `there is no folder ${config.flowsDir}`, undefined);
    const library = await openLibrary({
      folders: { flows: config.flowsDir, locales: LOCALES },
      releases: store.releases,
      settings: store.settings,
      defaultLocale: config.defaultLocale,
      clock,
      log,
    });
    tellFaults(
      log,
      library.states().flatMap((state) => state.faults),
    );
    const runtime = createLocalRuntime(clock);
    ending(() => runtime.stop());
    const channels = new Map<string, Channel>();
    const media = createMedia({
      dir: join(config.dataDir, 'media'),
      fetchers: (name) => channels.get(name),
      now: clock,
    });
    const composed = networks
      ? await compose(config, { store, library, runtime, media, clock, log, ending })
      : [];
    for (const { channel } of composed) channels.set(channel.name, channel);
    for (const channel of (await options.channels?.({ media, library })) ?? [])
      channels.set(channel.name, channel);
    const desks: readonly Desk[] = composed.flatMap(({ desk }) => desk ?? []);
    const app = await createApp({
      store,
      runtime,
      media,
      channels,
      desks,
      rules: rulesOf(library, config),
      ensureRelease: (hash) => library.ensure(hash),
      fitWords: (locale) => ({
        choose: library.texts().t(locale, 'channels:choose'),
        scale: (from, to) => library.texts().t(locale, 'channels:scale', { from, to }),
      }),
      timeZone: config.timeZone,
      clock,
      log,
    });
    ending(() => app.stop());
    const listen = networks
      ? await serve(config, {
          app,
          store,
          library,
          runtime,
          media,
          channels,
          desks,
          composed,
          clock,
          log,
          print,
          ending,
        })
      : undefined;
    await app.start();
    const url = await listen?.();
    for (const part of [...channels.values(), ...desks]) ending(() => part.stop());
    await Promise.all([...channels.values(), ...desks].map((part) => part.start(app.intake)));
    const unwatch = library.watch((faults) => {
      tellFaults(log, faults);
      runtime.publish('flows', { kind: 'flows' });
      if (faults.every((fault) => fault.severity !== 'error'))
        log.info({ release: library.current().hash }, 'flows are read anew');
    });
    ending(async () => unwatch());
    return { ...(url === undefined ? {} : { url }), library, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The folder of the store and of files, fit to be written to. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    const message = `names a folder that cannot be used${code}: ${folder}; give one that this program may write to`;
    throw Object.assign(new ConfigError([{ setting: 'DATA_DIR', message }]), { cause });
  }
}

async function open(
  config: Config,
  clock: () => number,
  ending: (end: () => Promise<unknown>) => void,
): Promise<Store> {
  let uri = config.mongodbUri;
  if (uri === undefined) {
    const embedded = await startEmbedded(config.dataDir);
    ending(() => embedded.stop());
    uri = embedded.uri;
  }
  // The embedded server holds one database; a real server's is named by its address, ours where it names none.
  const named = config.mongodbUri && /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(config.mongodbUri)?.[1];
  const store = await openStore({ uri, clock, ...(named ? { dbName: named } : {}) }).catch(
    (cause: unknown) => {
      if (config.mongodbUri === undefined || !isAway(cause)) throw cause;
      const message =
        'is set, but no MongoDB answers there; start it, mend the address, or leave MONGODB_URI empty';
      throw setting('MONGODB_URI', message, cause);
    },
  );
  ending(() => store.stop());
  return store;
}

/** The networks whose settings turn them on. */
async function compose(
  config: Config,
  parts: Pick<Parts, 'store' | 'library' | 'runtime' | 'media' | 'clock' | 'log' | 'ending'>,
): Promise<readonly Composed[]> {
  const { library, ending, ...rest } = parts;
  const made: Composed[] = [];
  for (const [name, own] of Object.entries(config.channels)) {
    const { load } = CHANNELS[name as keyof typeof CHANNELS] as ChannelEntry;
    const one = await (await load())(own, {
      ...rest,
      publicUrl: config.publicUrl,
      deskLocale: config.defaultLocale,
      t: (locale, key, vars) => library.texts().t(locale, key, vars),
      commands: () => menuOf(library),
    });
    ending(async () => one.close?.());
    made.push(one);
  }
  return made;
}

/** A messenger's menu: the flows' own commands, then those that work at any time. */
function menuOf(library: Library): Readonly<Record<string, readonly MenuCommand[]>> {
  const { flows, commands } = library.current();
  const texts = library.texts();
  const inLocale = (locale: string): readonly MenuCommand[] => [
    ...[...flows.values()].flatMap((flow) =>
      flow.title && flow.commands[0] ? [{ command: flow.commands[0], description: flow.title(locale) }] : [],
    ),
    ...(['operator', 'language', 'help', 'stop'] as const)
      .filter((name) => !commands.has(name))
      .map((name) => ({ command: name, description: texts.t(locale, `engine:command.${name}`) })),
  ];
  return {
    '': inLocale(texts.localeFor(undefined)),
    ...Object.fromEntries(texts.locales.map((locale) => [locale, inLocale(locale)])),
  };
}

function rulesOf(library: Library, config: Config): () => Rules {
  return () => {
    const current = library.current();
    return {
      current,
      release: library.release,
      texts: library.texts(),
      words: library.words(),
      locales: current.locales,
      deskLocale: config.defaultLocale,
      country: COUNTRY,
    };
  };
}

interface Parts {
  readonly app: Awaited<ReturnType<typeof createApp>>;
  readonly store: Store;
  readonly library: Library;
  readonly runtime: ReturnType<typeof createLocalRuntime>;
  readonly media: ReturnType<typeof createMedia>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly desks: readonly Desk[];
  readonly composed: readonly Composed[];
  readonly clock: () => number;
  readonly log: Log;
  readonly print: (line: string) => void;
  readonly ending: (end: () => Promise<unknown>) => void;
}

/** The web server, with the console's password and the health of every part; gives the way to open its door. */
async function serve(config: Config, parts: Parts): Promise<() => Promise<string>> {
  const { store, library, clock, print, ending } = parts;
  const password = await adminPassword(store.settings, config.adminPassword);
  const health = watchHealth(parts);
  ending(async () => health.stop());
  const web = await createWeb({
    host: config.host,
    port: config.port,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    intake: parts.app.intake,
    records: store.records,
    media: parts.media,
    runtime: parts.runtime,
    settings: store.settings,
    verifyPassword: password.verify,
    flows: { status: () => library.states() },
    label: (locale, _kind, id) => library.labelOf(locale, id),
    health: health.report,
    parked: async () =>
      (await store.journal.parked()).map(({ id, line, event, reason }) => ({
        id,
        line,
        at: event.at,
        kind: event.kind,
        reason,
      })),
    replay: async (id) => {
      const found = await store.journal.replay(id);
      if (found) await parts.app.sweep();
      return found;
    },
    hooks: Object.fromEntries(
      parts.composed.flatMap(({ channel, hook }) => (hook ? [[channel.name, hook]] : [])),
    ),
    deskDefaultLocale: config.defaultLocale,
    clock,
    log: parts.log,
  });
  ending(() => web.stop());
  return async () => {
    const url = await web.listen().catch((cause: unknown) => {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (code === 'EADDRINUSE')
        throw setting('PORT', `${config.port} is in use; stop what listens there, or choose another`, cause);
      if (code === 'EACCES')
        throw setting('PORT', `${config.port} may not be used by this user; choose one above 1023`, cause);
      if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
        throw setting('HOST', 'is no address of this machine', cause);
      throw cause;
    });
    if (password.made !== undefined) {
      print(
        `\n  The console's password, shown this once:  ${password.made}\n  (set ADMIN_PASSWORD to choose your own)\n`,
      );
    }
    print(`  Chat      ${config.publicUrl ?? url}/\n  Console   ${config.publicUrl ?? url}/console\n`);
    return url;
  };
}

/** Every enabled part: the store by asking it now and then, channels and desks by their own word. */
function watchHealth(parts: Parts): { readonly report: (now: number) => HealthReport; stop(): void } {
  let lost: string | undefined;
  const ping = (): void => {
    parts.store.ping().then(
      () => {
        lost = undefined;
      },
      () => {
        lost = 'the database cannot be reached';
      },
    );
  };
  const timer = setInterval(ping, PING_EVERY);
  return {
    report(now) {
      const all = [
        { name: 'store', ok: lost === undefined, ...(lost === undefined ? {} : { reason: lost }) },
        ...[...parts.channels.values()].map((channel) => ({ name: channel.name, ...channel.health(now) })),
        ...parts.desks.map((desk) => ({ name: `desk:${desk.id}`, ...desk.health(now) })),
      ];
      return { ok: all.every((part) => part.ok), parts: all };
    },
    stop: () => clearInterval(timer),
  };
}

/** A fault of one setting that shows only when it is used. */
const setting = (name: string, message: string, cause: unknown): ConfigError =>
  Object.assign(new ConfigError([{ setting: name, message }]), { cause });

/** The server was not there, as against not taking us. */
const isAway = (error: unknown): boolean =>
  error instanceof Error &&
  /Selection|Network|Timeout|ECONN|ENOTFOUND/.test(`${error.name} ${error.message}`);

async function checkRedis(url: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 3_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    const message =
      'is set, but no Redis answers there; start it, mend the address, or leave REDIS_URL empty';
    throw setting('REDIS_URL', message, cause);
  } finally {
    redis.disconnect();
  }
}

/** Errors one by one; warnings by their number, since the check tells them better. */
function tellFaults(log: Log, faults: readonly Fault[]): void {
  const errors = faults.filter((fault) => fault.severity === 'error');
  for (const { file, line, column, code, message, remedy } of errors) {
    log.error({ file, line, column, code, remedy }, `flow: ${message}`);
  }
  if (errors.length > 0) log.error('the last good version of the flows stays in use');
  const warnings = faults.length - errors.length;
  if (warnings > 0) log.warn({ warnings }, 'the flows have warnings: npm run otklik -- check tells them');
}

export async function main(): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  let running: Running | undefined;
  let log: Log | undefined;
  const end = (signal: string): void => {
    log?.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), 20_000).unref();
    void (running?.stop() ?? Promise.resolve()).then(() => process.exit(0));
  };
  try {
    const config = readConfig(environment());
    log = createLog(config.logLevel);
    running = await start(config, { log, print });
    process.once('SIGTERM', () => end('SIGTERM'));
    process.once('SIGINT', () => end('SIGINT'));
    log.info({ url: running.url, release: running.library.current().hash }, 'ready');
  } catch (error) {
    process.stderr.write(`Otklik cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof FlowError) {
      const { formatFaults } = await import('./flow/report.ts');
      process.stderr.write(`${formatFaults(error.faults, {})}\n`);
    } else if (!(error instanceof ConfigError)) log?.error(errorFields(error), 'start failed');
    process.exitCode = 1;
  }
}

if (import.meta.main) await main();
