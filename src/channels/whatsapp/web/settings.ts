// Settings of WhatsApp by a linked phone: a browser of ours that holds WhatsApp Web.
import type { Reading, Setting } from '../../settings.ts';

export interface WhatsAppWebConfig {
  /** Absent: looked for on the PATH. */
  readonly chromiumPath?: string;
  readonly chromiumArgs: readonly string[];
  /** Of the browser and what drives it, together; in MiB. */
  readonly memory: number;
  readonly proxyUrl?: string;
}

export const WHATSAPP_WEB_SETTINGS = {
  WHATSAPP_ENABLED: {
    about: 'Turns WhatsApp by a linked phone on: `true` or `false`; read the risk below first',
    default: 'false',
  },
  WHATSAPP_CHROMIUM_PATH: {
    about: 'The Chromium or Chrome that holds WhatsApp Web; looked for on the PATH when absent',
    default: '',
  },
  WHATSAPP_CHROMIUM_ARGS: {
    about: 'More arguments for it, parted by spaces; `"…"` keeps one with spaces together',
    default: '',
  },
  WHATSAPP_MEMORY_MB: {
    about: 'Memory the browser may take, in MiB; beyond it the browser is started anew',
    default: '1500',
  },
  WHATSAPP_PROXY_URL: {
    about: 'Proxy for WhatsApp Web: `http://`, `https://` or `socks5://`; a password only with `http(s)`',
    default: '',
  },
} as const satisfies Record<string, Setting>;

/** Below this WhatsApp Web does not even start. */
const LEAST_MEMORY = 300;

export function readWhatsAppWeb({ value, url, fault }: Reading): WhatsAppWebConfig | undefined {
  const enabled = value('WHATSAPP_ENABLED').toLowerCase();
  const chromiumPath = value('WHATSAPP_CHROMIUM_PATH');
  const memory = Number(value('WHATSAPP_MEMORY_MB'));
  const proxyUrl = url('WHATSAPP_PROXY_URL', 'http', 'https', 'socks5');
  const chromiumArgs = wordsOf(value('WHATSAPP_CHROMIUM_ARGS'));
  if (enabled !== 'true' && enabled !== 'false') fault('WHATSAPP_ENABLED', 'must be true or false');
  if (!/^\d+$/.test(value('WHATSAPP_MEMORY_MB')) || memory < LEAST_MEMORY)
    fault('WHATSAPP_MEMORY_MB', `must be a whole number of MiB, ${LEAST_MEMORY} or more`);
  if (chromiumArgs === undefined)
    fault('WHATSAPP_CHROMIUM_ARGS', 'has a " that is not closed, or an argument that does not begin with --');
  if (proxyUrl?.startsWith('socks5:') && new URL(proxyUrl).username !== '')
    fault('WHATSAPP_PROXY_URL', 'cannot carry a password with socks5://: browsers take none there');
  if (enabled !== 'true') return undefined;
  return {
    memory,
    chromiumArgs: chromiumArgs ?? [],
    ...(chromiumPath ? { chromiumPath } : {}),
    ...(proxyUrl ? { proxyUrl } : {}),
  };
}

/** Arguments parted by spaces, quotes taken off; undefined where they cannot be told apart. */
function wordsOf(line: string): readonly string[] | undefined {
  const found = [...line.matchAll(/(?:"[^"]*"|[^\s"])+/g)].map(([word]) => word.replaceAll('"', ''));
  const closed = (line.match(/"/g)?.length ?? 0) % 2 === 0;
  return closed && found.every((word) => word.startsWith('--')) ? found : undefined;
}
