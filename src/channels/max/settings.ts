// MAX's settings and what is wrong with them.
import { checkCalledAt, type Reading, type Setting } from '../settings.ts';

export interface MaxConfig {
  readonly token: string;
  readonly apiRoot?: string;
  readonly proxyUrl?: string;
  readonly mode: 'poll' | 'webhook';
  readonly webhookSecret?: string;
  /** A file of certificates in PEM. */
  readonly caFile?: string;
}

export const MAX_SETTINGS = {
  MAX_TOKEN: { about: "Turns MAX on: the bot's token from business.max.ru", default: '' },
  MAX_API_ROOT: { about: 'Address of the MAX Bot API', default: 'https://platform-api2.max.ru' },
  MAX_MODE: {
    about:
      '`webhook`, which needs `PUBLIC_URL` on port 443, or `poll`, which MAX means for trying things out',
    default: 'webhook',
  },
  MAX_WEBHOOK_SECRET: { about: 'With `webhook`: 16–256 of `A–Z a–z 0–9 _ -`', default: '' },
  MAX_CA_FILE: {
    about: 'Certificates (PEM) trusted besides the usual ones: the Russian state root that MAX is signed by',
    default: '',
  },
  MAX_PROXY_URL: { about: 'Proxy for all calls to MAX: `http://` or `https://`', default: '' },
} as const satisfies Record<string, Setting>;

export function readMax(reading: Reading): MaxConfig | undefined {
  const { value, url, fault } = reading;
  const token = value('MAX_TOKEN');
  const mode = value('MAX_MODE');
  const webhookSecret = value('MAX_WEBHOOK_SECRET');
  const caFile = value('MAX_CA_FILE');
  const apiRoot = url('MAX_API_ROOT', 'https', 'http');
  const proxyUrl = url('MAX_PROXY_URL', 'http', 'https');
  // It travels in a header.
  if (token && !/^[\x21-\x7e]{8,}$/.test(token)) {
    fault('MAX_TOKEN', 'must be the token alone, without spaces, as business.max.ru shows it');
  }
  if (mode !== 'poll' && mode !== 'webhook') fault('MAX_MODE', 'must be webhook or poll');
  if (token && mode === 'webhook') {
    if (!/^[\w-]{16,256}$/.test(webhookSecret)) {
      fault('MAX_WEBHOOK_SECRET', 'must be 16–256 of A–Z a–z 0–9 _ - when MAX_MODE is webhook');
    }
    checkCalledAt(reading, 'MAX', 'MAX_MODE is webhook');
    checkPort(reading);
  }
  if (!token) return undefined;
  return {
    token,
    mode: mode === 'poll' ? 'poll' : 'webhook',
    ...(apiRoot ? { apiRoot } : {}),
    ...(proxyUrl ? { proxyUrl } : {}),
    ...(webhookSecret ? { webhookSecret } : {}),
    ...(caFile ? { caFile } : {}),
  };
}

/** MAX posts to port 443 alone. */
function checkPort({ publicUrl, fault }: Reading): void {
  const { protocol, port } = publicUrl === undefined ? { protocol: '', port: '' } : new URL(publicUrl);
  if (protocol === 'https:' && port !== '') {
    fault('PUBLIC_URL', 'must have no other port than 443 when MAX_MODE is webhook: MAX calls no other');
  }
}
