// MAX as main puts it together: the client, the bot's own id, the stream of updates and the channel over them.
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { settingFault } from '../../core/errors.ts';
import type { Composed, Parts } from '../index.ts';
import { createAccount } from './account.ts';
import { createMaxChannel } from './adapter.ts';
import { createMaxClient } from './client.ts';
import { createReceive } from './receive.ts';
import type { MaxConfig } from './settings.ts';

export async function composeMax(config: MaxConfig, parts: Parts): Promise<Composed> {
  const { store, runtime, media, clock, log, publicUrl } = parts;
  const ca = config.caFile === undefined ? undefined : await certificates(config.caFile);
  const client = createMaxClient({ ...config, ca });
  const memory = {
    get: (name: string) => store.settings.get(`max.${name}`),
    set: (name: string, value: string) => store.settings.set(`max.${name}`, value),
  };
  const account = createAccount(config.token, client, memory);
  const ownUrl = publicUrl === undefined ? undefined : `${publicUrl}/hooks/max`;
  const { mode, webhookSecret: secret } = config;
  const webhook = mode === 'webhook' && ownUrl && secret ? { url: ownUrl, secret } : undefined;
  const receive = createReceive({
    client,
    webhook,
    ownUrl,
    account,
    memory,
    lease: (name, signal) => runtime.lease(name, signal),
    clock,
    log,
  });
  return {
    channels: [createMaxChannel({ client, receive, account, media })],
    ...(webhook && { hook: receive.hook }),
    close: async () => client.close(),
  };
}

async function certificates(path: string): Promise<string> {
  try {
    const pem = await readFile(path, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM');
    createSecureContext({ ca: pem });
    return pem;
  } catch (cause) {
    throw settingFault('MAX_CA_FILE', `must be a readable file of certificates in PEM: ${path}`, cause);
  }
}
