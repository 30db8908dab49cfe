// Settings: all faults at once, each naming its setting; what is right is read as it is.
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ConfigError } from '../src/core/errors.ts';

const faultsOf = (values: Record<string, string>): string[] => {
  try {
    readConfig(values);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ setting }) => setting);
  }
};

describe('settings', () => {
  it('need nothing at all', () => {
    expect(readConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDir: './data',
      defaultLocale: 'ru',
      timeZone: 'Europe/Moscow',
      channels: { web: {} },
    });
  });

  it('report all faults together', () => {
    const wrong = {
      PORT: 'many',
      PUBLIC_URL: 'example.org',
      MONGODB_URI: 'postgres://x',
      REDIS_URL: 'localhost:6379',
      DEFAULT_LOCALE: 'russian',
      TIME_ZONE: 'Moscow',
      ADMIN_PASSWORD: 'short',
      LOG_LEVEL: 'loud',
      TELEGRAM_BOT_TOKEN: 'no-token',
      TELEGRAM_API_ROOT: 'ftp://x',
      TELEGRAM_PROXY_URL: 'proxy:1',
      TELEGRAM_OPERATOR_CHAT_ID: '@group',
      TELEGRAM_MODE: 'push',
    };
    expect(faultsOf(wrong).sort()).toEqual(Object.keys(wrong).sort());
  });

  it('want a secret and an address for the webhook', () => {
    const webhook = { TELEGRAM_BOT_TOKEN: '123456:AAAAAAAA', TELEGRAM_MODE: 'webhook' };
    const secret = { TELEGRAM_WEBHOOK_SECRET: 'x'.repeat(16) };
    expect(faultsOf({ ...webhook, ...secret, PUBLIC_URL: 'http://o.example' })).toEqual(['PUBLIC_URL']);
    expect(faultsOf({ ...webhook, ...secret, PUBLIC_URL: 'http://127.0.0.1:3000' })).toEqual([]);
    expect(faultsOf(webhook)).toEqual(['TELEGRAM_WEBHOOK_SECRET', 'PUBLIC_URL']);
    expect(
      faultsOf({ ...webhook, TELEGRAM_WEBHOOK_SECRET: 'x'.repeat(16), PUBLIC_URL: 'https://o.example' }),
    ).toEqual([]);
  });

  it('tell no value in the fault', () => {
    const secret = 'canary-5f2a';
    for (const name of ['MONGODB_URI', 'REDIS_URL', 'TELEGRAM_BOT_TOKEN', 'TELEGRAM_PROXY_URL']) {
      expect(() => readConfig({ [name]: secret })).toThrow(ConfigError);
      try {
        readConfig({ [name]: secret });
      } catch (error) {
        expect(String(error)).not.toContain(secret);
      }
    }
  });
});
