// Wires every room once, starts, and stops on a signal. The only file that knows them all.
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp } from './app/app.ts';
import { followFlows } from './app/follow.ts';
import { type Library, openLibrary } from './app/library.ts';
import type { Channel } from './channels/channel.ts';
import { compose } from './compose.ts';
import { type Config, environment, readConfig } from './config.ts';
import { ConfigError, type Fault, FlowError, settingFault } from './core/errors.ts';
import type { Desk } from './desk/desk.ts';
import type { Rules } from './engine/draft.ts';
import { watchHealth } from './health.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { createMedia } from './media/media.ts';
import { createLocalRuntime } from './runtime/local.ts';
import type { Runtime } from './runtime/runtime.ts';
import { serve } from './serve.ts';
import { startEmbedded } from './store/embedded/start.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';

const LOCALES = fileURLToPath(new URL('../locales', import.meta.url));
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
    const store = await open(config, clock, ending);
    if (!existsSync(config.flowsDir))
      throw settingFault('FLOWS_DIR', `there is no folder ${config.flowsDir}`, undefined);
    const languages = readdirSync(LOCALES);
    if (!languages.includes(config.defaultLocale))
      throw settingFault('DEFAULT_LOCALE', `has no texts; choose one of ${languages.join(', ')}`, undefined);
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
    const runtime = await coordinate(config, clock, log);
    ending(() => runtime.stop());
    const channels = new Map<string, Channel>();
    const media = createMedia({
      dir: join(config.dataDir, 'media'),
      fetchers: (name) => channels.get(name),
      now: clock,
    });
    const made = networks
      ? await compose(config, { store, library, runtime, media, clock, log, ending })
      : [];
    for (const channel of made.flatMap((one) => one.channels)) channels.set(channel.name, channel);
    for (const channel of (await options.channels?.({ media, library })) ?? [])
      channels.set(channel.name, channel);
    const desks: readonly Desk[] = made.flatMap(({ desk }) => desk ?? []);
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
    const health = watchHealth({ store, runtime, channels, desks });
    ending(async () => health.stop());
    const listen = networks
      ? await serve(config, {
          app,
          store,
          library,
          runtime,
          media,
          networks: made,
          health: health.report,
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
    const unfollow = followFlows(library, runtime, log);
    ending(async () => unfollow());
    return { ...(url === undefined ? {} : { url }), library, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Level by level: where a folder cannot be made, Node's own recursion may never end. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** The folder of the store and of files, fit to be written to. */
function makeFolder(folder: string): void {
  try {
    makeFolders(resolve(folder));
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
      throw settingFault('MONGODB_URI', message, cause);
    },
  );
  ending(() => store.stop());
  return store;
}

/** One process needs no help; several share the work over Redis. */
async function coordinate(config: Config, clock: () => number, log: Log): Promise<Runtime> {
  if (config.redisUrl === undefined) return createLocalRuntime(clock);
  const { createRedisRuntime } = await import('./runtime/redis/redis.ts');
  return await createRedisRuntime({
    url: config.redisUrl,
    clock,
    onError: (error) => log.warn(errorFields(error), 'Redis does not answer; work waits for the next sweep'),
  });
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

/** The server was not there, as against not taking us. */
const isAway = (error: unknown): boolean =>
  error instanceof Error &&
  /Selection|Network|Timeout|ECONN|ENOTFOUND/.test(`${error.name} ${error.message}`);

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
