// WhatsApp by a linked phone, made from its settings.
import { accessSync, constants } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Intake } from '../../channel.ts';
import type { Composed, Parts } from '../../index.ts';
import { createWhatsAppWebChannel } from './adapter.ts';
import { createDeliver, PACE, type Pace } from './deliver.ts';
import { createIdentities } from './identities.ts';
import type { ChildSettings } from './protocol.ts';
import { createReceive } from './receive.ts';
import type { WhatsAppWebConfig } from './settings.ts';
import { createSupervisor } from './supervisor.ts';
import { type SupervisorTimes, TIMES } from './times.ts';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MiB = 1_048_576;

/** `times` and `pace`: those of the field, unless somebody must see in seconds what takes a day. */
export async function composeWhatsAppWeb(
  config: WhatsAppWebConfig,
  parts: Pick<Parts, 'dataDir' | 'store' | 'runtime' | 'media' | 'clock' | 'log'>,
  times: SupervisorTimes = TIMES,
  pace: Pace = PACE,
): Promise<Composed> {
  const { store, clock, log, media } = parts;
  const { settings } = store;
  const identities = createIdentities(settings);
  let intake: Intake = async () => {
    throw new Error('not begun');
  };
  const supervisor = createSupervisor({
    child: () => childSettings(config, parts.dataDir),
    memory: config.memory * MiB,
    times,
    settings,
    alone: (signal) => parts.runtime.lease('whatsapp', signal),
    hear(said) {
      if (said.on !== 'ack') return receive.hear(said);
      const receipt = deliver.acked(said.id);
      if (receipt) void intake([receipt]).catch(() => log.warn({}, 'a late word of WhatsApp was not kept'));
    },
    onReady: (account, name) => receive.onReady(account, name),
    onBeat: () => void receive.sweep().catch(() => undefined),
    clock,
    log,
  });
  const deliver = createDeliver({
    ask: (ask, give, within) => supervisor.ask(ask, give, within),
    state: () => supervisor.state(),
    identities,
    records: store.records,
    settings,
    media,
    pace,
    clock,
  });
  const receive = createReceive({
    settings,
    identities,
    ask: (ask, give, within) => supervisor.ask(ask, give, within),
    sent: (peer) => deliver.idle(peer),
    clock,
    log,
  });
  const channel = createWhatsAppWebChannel({
    ...{ supervisor, receive, deliver, identities },
    onIntake(given) {
      intake = given;
    },
  });
  return { channels: [channel] };
}

function childSettings(config: WhatsAppWebConfig, dataDir: string): ChildSettings | undefined {
  const chromiumPath = config.chromiumPath ?? foundBrowser();
  if (chromiumPath === undefined || !canRun(chromiumPath)) return undefined;
  // The superuser's browser has no sandbox and does not start with one.
  const noSandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return {
    dir: join(resolve(dataDir), 'whatsapp'),
    chromiumPath,
    chromiumArgs: ['--disable-dev-shm-usage', ...noSandbox, ...config.chromiumArgs],
    ...(config.proxyUrl === undefined ? {} : { proxyUrl: config.proxyUrl }),
  };
}

function foundBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => BROWSERS.map((name) => join(folder, name))).find(canRun);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
