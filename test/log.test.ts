// What must never stand in the log.
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLog, errorFields, redact } from '../src/log.ts';

it('takes tokens, credentials and telephone numbers out of sentences', () => {
  const text =
    'GET https://api.telegram.org/bot123456:AAbb-ccDD_ee/getMe via socks5://me:pw@host, call +7 912 345-67-89';
  expect(redact(text)).toBe(
    'GET https://api.telegram.org/[token]/getMe via socks5://[secret]@host, call [number]',
  );
});

it('tells an error by its name, code and a redacted sentence', () => {
  const cause = new Error('connect mongodb://root:hunter2@db failed');
  const error = Object.assign(new Error('bot123456:AAbb-ccDD_ee is refused', { cause }), { code: 'E1' });
  const fields = JSON.stringify(errorFields(error));
  expect(fields).toContain('"code":"E1"');
  for (const secret of ['hunter2', 'AAbb']) expect(fields).not.toContain(secret);
});

it('hides fields that hold text or secrets, wherever a caller puts them', () => {
  const out = new PassThrough();
  const log = createLog('info', out);
  log.info({ text: 'canary-1', token: 'canary-2', event: { text: 'canary-3', phone: 'canary-4' } }, 'x');
  expect(String(out.read())).not.toContain('canary');
});
