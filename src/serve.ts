// Puts the web server together and gives the way to open its door. Only what a person at the host must see is printed.
import type { App } from './app/app.ts';
import type { Library } from './app/library.ts';
import type { Network } from './compose.ts';
import type { Config } from './config.ts';
import { settingFault } from './core/errors.ts';
import type { Log } from './log.ts';
import type { createMedia } from './media/media.ts';
import { adminPassword } from './password.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Store } from './store/store.ts';
import type { Texts } from './text/texts.ts';
import type { HealthReport } from './web/deps.ts';
import { createWeb } from './web/server.ts';

interface Parts {
  readonly app: App;
  readonly store: Store;
  readonly library: Library;
  readonly runtime: Runtime;
  readonly media: ReturnType<typeof createMedia>;
  readonly networks: readonly Network[];
  readonly health: (now: number) => HealthReport;
  readonly clock: () => number;
  readonly log: Log;
  readonly print: (line: string) => void;
  readonly ending: (end: () => Promise<unknown>) => void;
}

/** The web server, with the console's password and the health of every part; gives the way to open its door. */
export async function serve(config: Config, parts: Parts): Promise<() => Promise<string>> {
  const { store, library, clock, print, ending } = parts;
  const password = await adminPassword(store.settings, config.adminPassword);
  const web = await createWeb({
    host: config.host,
    port: config.port,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
    intake: parts.app.intake,
    records: store.records,
    alsoOn: async (contact) => (await store.customers.joinedWith(contact)).map(({ channel }) => channel),
    media: parts.media,
    runtime: parts.runtime,
    settings: store.settings,
    verifyPassword: password.verify,
    flows: { status: () => library.states() },
    label: (locale, _kind, id) => library.labelOf(locale, id),
    why: (locale, code) => whyIn(library.texts(), locale, code),
    health: parts.health,
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
    hooks: Object.fromEntries(parts.networks.flatMap(({ name, hook }) => (hook ? [[name, hook]] : []))),
    linkings: Object.fromEntries(
      parts.networks.flatMap(({ channels }) =>
        channels.flatMap(({ name, linking }) => (linking ? [[name, linking]] : [])),
      ),
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
        throw settingFault(
          'PORT',
          `${config.port} is in use; stop what listens there, or choose another`,
          cause,
        );
      if (code === 'EACCES')
        throw settingFault(
          'PORT',
          `${config.port} may not be used by this user; choose one above 1023`,
          cause,
        );
      if (code === 'ENOTFOUND' || code === 'EADDRNOTAVAIL')
        throw settingFault('HOST', 'is no address of this machine', cause);
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

/** Why a message did not arrive, in the words that desks use too; nothing for a code that has none. */
export function whyIn(texts: Texts, locale: string, code: string): string | undefined {
  const key = `desk:reason.${code}`;
  const spoken = texts.localeFor(locale);
  return texts.has(spoken, key) ? texts.t(spoken, key) : undefined;
}
