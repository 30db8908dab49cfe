// Makes the networks whose settings turn them on, each from its own registry entry. It knows no network by name.

import type { Library } from './app/library.ts';
import type { Channel } from './channels/channel.ts';
import {
  CHANNELS,
  type ChannelEntry,
  type Composed,
  type MenuCommand,
  type Parts,
} from './channels/index.ts';
import type { Config } from './config.ts';
import type { Desk } from './desk/desk.ts';
import type { Runtime } from './runtime/runtime.ts';

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
    const held = createHeld(rest.runtime);
    const one = await (await load())(own, {
      ...rest,
      runtime: held.runtime,
      publicUrl: config.publicUrl,
      dataDir: config.dataDir,
      deskLocale: config.defaultLocale,
      t: (locale, key, vars) => library.texts().t(locale, key, vars),
      commands: () => menuOf(library),
    });
    ending(async () => one.close?.());
    made.push({
      ...one,
      name,
      channels: one.channels.map(held.channel),
      ...(one.desk && { desk: held.desk(one.desk) }),
    });
  }
  return made;
}

/**
 * What is received by one process alone is well in the others that wait for their turn: they would take over. Whether
 * the one that has it works, it tells itself.
 */
function createHeld(runtime: Runtime) {
  const waiting = new Set<string>();
  const well = <T extends Pick<Channel, 'health'>>(part: T): T => {
    if (!runtime.shared) return part;
    const health: T['health'] = (now) =>
      waiting.size > 0 ? { ok: true, elsewhere: true } : part.health(now);
    return Object.assign(Object.create(part) as T, { health });
  };
  return {
    runtime: {
      ...runtime,
      async lease(name: string, signal: AbortSignal) {
        waiting.add(name);
        try {
          return await runtime.lease(name, signal);
        } finally {
          waiting.delete(name);
        }
      },
    } satisfies Runtime,
    channel: (channel: Channel): Channel => well(channel),
    desk: (desk: Desk): Desk => well(desk),
  };
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
