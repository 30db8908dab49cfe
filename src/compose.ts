// Makes the networks whose settings turn them on, each from its own registry entry. It knows no network by name.

import type { Library } from './app/library.ts';
import {
  CHANNELS,
  type ChannelEntry,
  type Composed,
  type MenuCommand,
  type Parts,
} from './channels/index.ts';
import type { Config } from './config.ts';

/** A network as made, under its registry name. */
export interface Network extends Composed {
  readonly name: string;
}

/** The networks whose settings turn them on. */
export async function compose(
  config: Config,
  parts: Pick<Parts, 'store' | 'runtime' | 'media' | 'clock' | 'log'> & {
    readonly library: Library;
    readonly ending: (end: () => Promise<unknown>) => void;
  },
): Promise<readonly Network[]> {
  const { library, ending, ...rest } = parts;
  const made: Network[] = [];
  for (const [name, own] of Object.entries(config.channels)) {
    const { load } = CHANNELS[name as keyof typeof CHANNELS] as ChannelEntry;
    const one = await (await load())(own, {
      ...rest,
      publicUrl: config.publicUrl,
      dataDir: config.dataDir,
      deskLocale: config.defaultLocale,
      t: (locale, key, vars) => library.texts().t(locale, key, vars),
      commands: () => menuOf(library),
    });
    ending(async () => one.close?.());
    made.push({ ...one, name });
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
    ...(['operator', 'language', 'join', 'help', 'stop'] as const)
      .filter((name) => !commands.has(name))
      .map((name) => ({ command: name, description: texts.t(locale, `engine:command.${name}`) })),
  ];
  return {
    '': inLocale(texts.localeFor(undefined)),
    ...Object.fromEntries(texts.locales.map((locale) => [locale, inLocale(locale)])),
  };
}
