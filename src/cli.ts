// The command line: talk in the terminal, check flows, examine the set-up, back up and restore. Each command opens only
// what it needs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Place } from './backup/backup.ts';
import type { Examined } from './channels/examine.ts';
import type { ChannelEntry } from './channels/index.ts';
import { type Config, environment, readConfig } from './config.ts';
import { ConfigError, FlowError } from './core/errors.ts';
import type { Told } from './doctor/report.ts';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const program = new Command('otklik')
  .description('Hears customers, follows complaints, shows what to mend first.')
  .version('0.1.0');

program
  .command('check')
  .description('check all flows and their texts; tells every fault with its place and remedy')
  .argument('[folder]', 'folder of the flows; FLOWS_DIR where absent')
  .action(async (folder: string | undefined) => {
    const config = readConfig(environment());
    const { readSources } = await import('./app/library.ts');
    const { compileRelease } = await import('./flow/parse.ts');
    const { formatFaults } = await import('./flow/report.ts');
    const flows = folder ?? config.flowsDir;
    const sources = readSources({ flows, locales: at('locales') });
    const { release, faults } = compileRelease(sources, { defaultLocale: config.defaultLocale });
    if (faults.length > 0) process.stdout.write(`${formatFaults(faults, sources)}\n`);
    if (release) {
      const nodes = [...release.flows.values()].reduce((sum, flow) => sum + flow.nodes.size, 0);
      process.stdout.write(
        `${release.flows.size} flows with ${nodes} nodes are sound, in ${release.locales.join(' and ')}.\n`,
      );
    } else process.exitCode = 1;
  });

program
  .command('schema')
  .description('write the JSON Schema of flows, by which editors complete and check them')
  .argument('[file]', 'where to write it', at('flows/flow.schema.json'))
  .action(async (file: string) => {
    const { writeSchema } = await import('./flow/schema.ts');
    writeSchema(file);
    process.stdout.write(`written: ${file}\n`);
  });

program
  .command('talk')
  .description('talk with the bot in this terminal, with the flows as they are on disk')
  .argument('[flow]', 'the flow to begin with; the menu where absent')
  .option('--locale <language>', 'your language', 'ru')
  .option('--name <name>', 'your name')
  .option('--data <folder>', 'keep the data there; a temporary folder otherwise')
  .action(async (flow: string | undefined, options: { locale: string; name?: string; data?: string }) => {
    const { start } = await import('./main.ts');
    const { createLog } = await import('./log.ts');
    const { createTerminal } = await import('./channels/terminal/adapter.ts');
    const dir = options.data ?? mkdtempSync(join(tmpdir(), 'otklik-talk-'));
    let ended: Promise<void> = Promise.resolve();
    const running = await start(
      {
        ...readConfig({ ...environment(), MONGODB_URI: '', REDIS_URL: '' }),
        dataDir: dir,
      },
      {
        log: createLog('silent'),
        print: () => undefined,
        networks: false,
        channels: async ({ media, library }) => {
          const word = (key: string): string => library.texts().t(options.locale, `channels:terminal.${key}`);
          const terminal = createTerminal({
            input: process.stdin,
            output: process.stdout,
            person: {
              id: 'you',
              locale: options.locale,
              ...(options.name === undefined ? {} : { name: options.name }),
            },
            media,
            dir: join(dir, 'received'),
            now: Date.now,
            words: { cannotAttach: word('cannot_attach'), waiting: word('waiting') },
            open: flow ?? '',
          });
          ended = terminal.ended;
          return [terminal];
        },
      },
    );
    process.once('SIGINT', () => void running.stop().then(() => process.exit(0)));
    await ended;
    await running.stop();
    if (options.data === undefined) rmSync(dir, { recursive: true, force: true });
  });

program
  .command('doctor')
  .description('examine the set-up, the store and the networks; tells what is wrong and what to do')
  .option('--json', 'for machines: one object with all findings')
  .option('--locale <language>', 'the language of the findings; DEFAULT_LOCALE where absent')
  .action(async (options: { json?: true; locale?: string }) => {
    endOnSignals();
    const values = environment();
    const say = await sayer(options.locale ?? values.DEFAULT_LOCALE);
    const { doctor } = await import('./doctor/doctor.ts');
    const { line, told } = await import('./doctor/report.ts');
    const found: Told[] = [];
    const setup = { values, envFile: '.env', locales: at('locales'), now: Date.now };
    for await (const finding of doctor({ ...setup, ...(await examined(values)) })) {
      const one = told(finding, say);
      found.push(one);
      if (!options.json) process.stdout.write(`${line(one, say)}\n`);
    }
    const count = (level: string): number => found.filter((one) => one.level === level).length;
    const [errors, warnings] = [count('error'), count('warning')];
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ok: errors === 0, errors, warnings, findings: found }, undefined, 2)}\n`
        : `\n${say('cli:summary', { errors, warnings })}\n`,
    );
    if (errors > 0) process.exitCode = 1;
  });

program
  .command('backup')
  .description('everything the program keeps into one file, while it runs or not')
  .argument('<file>', 'where to write it, for example otklik.tar.gz')
  .action(async (file: string) => {
    const { backup } = await import('./backup/backup.ts');
    await copying('made', file, (place, told) => backup(place, file, { ...told, now: Date.now() }));
  });

program
  .command('restore')
  .description('what a backup holds back into an empty store')
  .argument('<file>', 'what `backup` wrote')
  .option('--force', 'put it in the place of what is in the store now')
  .action(async (file: string, options: { force?: true }) => {
    const { restore } = await import('./backup/restore.ts');
    await copying('restored', file, (place, told) =>
      restore(place, file, { ...told, force: options.force === true }),
    );
  });

/** Ended by its own hand, the process takes its copies with it. */
function endOnSignals(): void {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}

/** Sentences of this command line. */
async function sayer(locale: string | undefined) {
  const { loadTexts } = await import('./text/load.ts');
  const { createTexts } = await import('./text/texts.ts');
  const texts = createTexts(loadTexts(at('locales')).resources, { defaultLocale: 'ru' });
  return (key: string, vars?: Readonly<Record<string, string | number>>): string =>
    texts.t(texts.localeFor(locale), key, vars);
}

/** What doctor is to examine; with wrong settings, those alone. */
async function examined(values: ReturnType<typeof environment>) {
  try {
    const settings = readConfig(values);
    const { CHANNELS } = await import('./channels/index.ts');
    const networks = (Object.keys(settings.channels) as (keyof typeof CHANNELS)[]).flatMap((name) => {
      const { examine }: ChannelEntry = CHANNELS[name] as ChannelEntry;
      const own = settings.channels[name];
      if (!examine || !own) return [];
      return [{ name, examine: async (about: Examined) => (await examine())(own, about) }];
    });
    return { settings, networks };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { settings: { faults: error.faults }, networks: [] };
  }
}

/** A backup or a restore with its progress told, and in people's words what stopped it. */
async function copying(
  done: 'made' | 'restored',
  file: string,
  work: (
    place: Place,
    told: {
      readonly progress: (what: string, count: number) => void;
      readonly isRunning: () => Promise<boolean>;
    },
  ) => Promise<unknown>,
): Promise<void> {
  endOnSignals();
  const config: Config = readConfig(environment());
  const say = await sayer(config.defaultLocale);
  const { BackupFault } = await import('./backup/fault.ts');
  const { isRunningAt, nearUrl } = await import('./doctor/program.ts');
  const { dataDir, mongodbUri, host, port } = config;
  try {
    await work(
      { dataDir, mongodbUri },
      {
        progress: (what, count) =>
          void process.stderr.write(
            `${what === 'verify' ? say('cli:backup.verify') : say('cli:backup.collection', { what, count })}\n`,
          ),
        isRunning: () => isRunningAt(nearUrl(host, port)),
      },
    );
    process.stdout.write(`${say(`cli:backup.${done}`, { file })}\n`);
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    process.stderr.write(`${say(`cli:backup.${error.code}`, error.vars)}\n`);
    process.exitCode = 1;
  }
}

program.parseAsync().catch(async (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof FlowError) {
    const { formatFaults } = await import('./flow/report.ts');
    process.stderr.write(`${formatFaults(error.faults, {})}\n`);
  }
  process.exitCode = 1;
});
