// The command line: talk in the terminal, check flows, write their schema. Each command opens only what it needs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { environment, readConfig } from './config.ts';
import { FlowError } from './core/errors.ts';

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

program.parseAsync().catch(async (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof FlowError) {
    const { formatFaults } = await import('./flow/report.ts');
    process.stderr.write(`${formatFaults(error.faults, {})}\n`);
  }
  process.exitCode = 1;
});
